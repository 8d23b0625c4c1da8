"""The doorway for account mails: a page never waits for a mail server."""

import logging
from smtplib import SMTPException

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts import post

log = logging.getLogger(__name__)


@shared_task(autoretry_for=(OSError, SMTPException), retry_backoff=10, max_retries=6)
def send_account_mail(subject: str, body: str, email: str) -> None:
    post.send(subject, body, email)


def send_after_commit(subject: str, body: str, email: str) -> None:
    """Hand the mail to the worker once the rows it speaks of are there. A queue or mail server that is down stays invisible."""

    def hand_over() -> None:
        try:
            send_account_mail.delay(subject, body, email)
        except (OperationalError, OSError):
            log.exception("the queue is down; the mail goes out directly")
            try:
                post.send(subject, body, email)
            except (OSError, SMTPException):
                log.exception("and the mail server is down as well")

    transaction.on_commit(hand_over)
