"""Doorways to the slow work of applications. A message is only a bell: the row is the truth, and the sweep does what nobody heard."""

import logging

from celery import shared_task

from applications.files import scanning

log = logging.getLogger(__name__)


@shared_task(name="applications.tasks.scan_file")
def scan_file(upload_pk: int) -> None:
    scanning.scan_upload(upload_pk)


def ring_scanner(upload_pk: int) -> bool:
    """Whether the bell could be rung. A dead broker may never break the request that rings."""
    try:
        scan_file.delay(upload_pk)
    except Exception as problem:  # noqa: BLE001 - every transport fails in its own way
        log.warning("The queue cannot be reached, the sweep will do it: file %s: %s", upload_pk, problem)
        return False
    return True
