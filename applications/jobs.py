"""What the clock does to applications."""

from celery import shared_task

from applications.actions import expire_applications


@shared_task(name="applications.jobs.expire")
def expire() -> int:
    """Every minute: drafts of closed rounds and corrections that did not come are no longer submitted in time."""
    return expire_applications()
