"""The queue: a doorbell for work whose truth is a row in the database (design: letters)."""

import os
import time
from contextlib import suppress
from typing import Any

from celery import Celery, Task
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lunarloans.settings")

SILENCE = 180  # seconds a worker may say nothing between two tasks; the clock gives it one every 15
GRACE = 60  # seconds that a task may run over its own limit


class WatchedTask(Task):  # type: ignore[type-arg]
    """A task that writes down until when its worker may be silent: a solo worker enforces no time limit, script/watch does."""

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        limit = self.time_limit or self.app.conf.task_time_limit or SILENCE
        promise_a_sign(limit + GRACE)

    def after_return(self, status: str, retval: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        promise_a_sign(SILENCE)


def promise_a_sign(seconds: float) -> None:
    with suppress(OSError):  # a full disk may not stop the work
        (settings.VAR_DIR / "worker-alive-until").write_text(f"{os.getpid()} {time.time() + seconds:.0f}\n")


app = Celery("lunarloans", task_cls=WatchedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="jobs")
