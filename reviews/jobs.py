"""What the clock does for the committee: announcements, reminders of hearings and of reviews, and the words of new applications."""

from celery import shared_task

from reviews.actions import read_words, remind_of_hearings, remind_reviewers, run_announcements


@shared_task(name="reviews.jobs.announce", soft_time_limit=1800, time_limit=1900)
def announce() -> int:
    """Every 15 s: announcements whose recall window has passed."""
    return run_announcements()


@shared_task(name="reviews.jobs.remind_hearings")
def remind_hearings() -> int:
    """Every ten minutes: who is invited and has not answered or handed in slides hears so two days before the date."""
    return remind_of_hearings()


@shared_task(name="reviews.jobs.remind_reviewers")
def remind_late_reviewers() -> int:
    """Every ten minutes: a week and a day before the reviews are due, and once after, whoever has not filed is reminded."""
    return remind_reviewers()


@shared_task(name="reviews.jobs.read_words")
def read_new_words() -> int:
    """Every minute: the words of applications in review are kept for the matching of experts, so that a dry run need not read them."""
    return read_words()
