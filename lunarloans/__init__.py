"""The roof: settings, addresses and the queue of the portal for lunar sample loans."""

from lunarloans.celery import app as celery_app

__all__ = ["celery_app"]
