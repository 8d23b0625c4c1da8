"""What the clock does to applications."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from applications import tasks
from applications.actions import clear_orphans, expire_applications, remind_drafts
from applications.files import drawing, scanning

# A submission judged in time may still be on its way through the database when the clock strikes; marking waits until it has arrived
# or failed (waiting for a lock ends after 10 s, a request after 30 s). Too late is too late all the same: the deadline judges, not the mark.
IN_FLIGHT = timedelta(minutes=1)
AT_ONCE = 20  # rings for drawing in one sweep; letters shall not wait behind a round's worth of files


@shared_task(name="applications.jobs.expire")
def expire() -> int:
    """Every minute: drafts of closed rounds and corrections that did not come are no longer submitted in time."""
    return expire_applications(now=timezone.now() - IN_FLIGHT)


@shared_task(name="applications.jobs.remind")
def remind() -> int:
    """Every ten minutes: who has written and not submitted hears so a week, two days and six hours before the deadline, and after it."""
    return remind_drafts()


@shared_task(name="applications.jobs.scan_files")
def scan_files() -> int:
    """Every minute: ask the virus scanner about attached files whose bell nobody heard, or that came while it was away."""
    return scanning.scan_waiting()


@shared_task(name="applications.jobs.draw_files")
def draw_files() -> None:
    """Every 15 s: ring for files that were handed in and whose pages are not drawn yet, or whose worker is gone."""
    drawing.give_up_hopeless()
    for pk in drawing.unheard(AT_ONCE):
        if not tasks.ring_drawer(pk):
            return
        drawing.note_rung(pk)


@shared_task(name="applications.jobs.clear_files")
def clear_files() -> int:
    """Every hour: files that nothing has named for a day are removed."""
    return clear_orphans()
