"""What the clock does for result lists: those whose instant has come are published."""

from celery import shared_task

from results.actions import run_publications


@shared_task(name="results.jobs.publish")
def publish() -> int:
    """Every five seconds: lists whose instant has come."""
    return run_publications()
