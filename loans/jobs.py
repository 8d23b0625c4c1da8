"""What the clock does after the notice: agreements for what has become visible, and mails about the time to sign."""

from celery import shared_task

from loans.actions import end_agreements, make_agreements, remind_of_signing


@shared_task(name="loans.jobs.make_agreements")
def make_new_agreements() -> int:
    """Every minute: an agreement for each approved decision that is visible; what was withdrawn is ended."""
    return make_agreements() + end_agreements()


@shared_task(name="loans.jobs.remind_signing")
def remind_signing() -> int:
    """Every ten minutes: half time, two working days before, on the last day, and once after it; each once."""
    return remind_of_signing()
