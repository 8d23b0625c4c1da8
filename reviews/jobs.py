"""What the clock does for the committee: it carries out confirmed announcements."""

from celery import shared_task

from reviews.actions import run_announcements


@shared_task(name="reviews.jobs.announce", soft_time_limit=1800, time_limit=1900)
def announce() -> int:
    """Every 15 s: announcements whose recall window has passed."""
    return run_announcements()
