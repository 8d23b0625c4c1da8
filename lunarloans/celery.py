"""The queue: a doorbell for work whose truth is a row in the database (design: letters)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lunarloans.settings")

app = Celery("lunarloans")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="jobs")
