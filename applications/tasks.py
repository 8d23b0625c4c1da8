"""Doorways to the slow work of applications. A message is only a bell: the row is the truth, and the sweep does what nobody heard."""

import logging

from celery import Task, shared_task

from applications.files import drawing, scanning
from applications.files.limits import SECONDS_A_FILE

log = logging.getLogger(__name__)


@shared_task(name="applications.tasks.scan_file")
def scan_file(upload_pk: int) -> None:
    scanning.scan_upload(upload_pk)


@shared_task(name="applications.tasks.draw_file", soft_time_limit=SECONDS_A_FILE + 30, time_limit=SECONDS_A_FILE + 40)
def draw_file(upload_pk: int) -> None:
    drawing.draw_upload(upload_pk)


def _ring(task: "Task[[int], None]", pk: int) -> bool:
    """Whether the bell could be rung. A dead broker may never break the request that rings."""
    try:
        task.delay(pk)
    except Exception as problem:  # noqa: BLE001 - every transport fails in its own way
        log.warning("The queue cannot be reached, the sweep will do it: %s of file %s: %s", task.name, pk, problem)
        return False
    return True


def ring_scanner(upload_pk: int) -> bool:
    return _ring(scan_file, upload_pk)


def ring_drawer(upload_pk: int) -> bool:
    return _ring(draw_file, upload_pk)
