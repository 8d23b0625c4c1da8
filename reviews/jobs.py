"""What the clock does for the committee: it carries out confirmed announcements, and reminds of hearings."""

from celery import shared_task

from reviews.actions import remind_of_hearings, run_announcements


@shared_task(name="reviews.jobs.announce", soft_time_limit=1800, time_limit=1900)
def announce() -> int:
    """Every 15 s: announcements whose recall window has passed."""
    return run_announcements()


@shared_task(name="reviews.jobs.remind_hearings")
def remind_hearings() -> int:
    """Every ten minutes: who is invited and has not answered or handed in slides hears so two days before the date."""
    return remind_of_hearings()
