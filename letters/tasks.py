"""Doorways to the slow work. A message is only a bell: the row is the truth, and the sweep rings again for whoever did not hear it."""

import logging
from collections.abc import Iterable

from celery import Task, shared_task

from letters import post
from letters.models import Letter

log = logging.getLogger(__name__)


@shared_task(name="letters.tasks.print_letter")
def print_letter(letter_pk: int) -> None:
    if post.print_letter(letter_pk):
        for mail_pk in post.mails_due([letter_pk]):
            ring_mail(mail_pk)


@shared_task(name="letters.tasks.send_mail")
def send_mail(mail_pk: int) -> None:
    post.send_mail(mail_pk)


def _ring(task: "Task[[int], None]", pk: int) -> bool:
    """Whether the bell could be rung. A dead broker may never break the request that rings."""
    try:
        task.delay(pk)
    except Exception as problem:  # noqa: BLE001 - every transport fails in its own way
        log.warning("The queue cannot be reached, the sweep will do it: %s %s: %s", task.name, pk, problem)
        return False
    return True


def ring_printer(letter_pk: int) -> bool:
    return _ring(print_letter, letter_pk)


def ring_mail(mail_pk: int) -> bool:
    return _ring(send_mail, mail_pk)


def ring_postman(letters: Iterable[Letter]) -> None:
    """Ring for the mails of letters that were released."""
    for mail_pk in post.mails_due([letter.pk for letter in letters]):
        if not ring_mail(mail_pk):
            return
