"""What the clock does for accounts."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="accounts.jobs.clear_sessions")
def clear_sessions() -> None:
    """Delete sessions that are over, and with them what was typed too late and never fetched."""
    call_command("clearsessions")
