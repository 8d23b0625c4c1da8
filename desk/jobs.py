"""What the clock does across all apps."""

from celery import shared_task
from django.utils import timezone

from desk.actions import fold_finished_days


@shared_task(name="desk.jobs.fold_history")
def fold_history() -> int:
    """Every ten minutes: once a day has ended in Beijing its history is folded into a root."""
    return fold_finished_days(now=timezone.now())
