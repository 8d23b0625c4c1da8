"""Clock-driven work of the letters."""

from celery import shared_task

from letters import post, tasks

AT_ONCE = 200  # rings of one sweep; the next one follows within seconds


@shared_task(name="letters.jobs.sweep")
def sweep() -> None:
    """Ring again for letters and mails that wait too long: the message was lost, or the worker died with them, or their moment has come."""
    post.give_up_hopeless()
    for pk in post.letters_unheard(AT_ONCE):
        if not tasks.ring_printer(pk):
            return
        post.note_letter_rung(pk)
    for pk in post.mails_unheard(AT_ONCE):
        if not tasks.ring_mail(pk):
            return
        post.note_mail_rung(pk)
