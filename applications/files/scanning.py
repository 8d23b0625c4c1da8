"""The slow work behind an attached file: asking the virus scanner. The row is the truth; asking twice changes nothing."""

import logging
import time

from django.conf import settings
from django.utils import timezone

from applications.files.clamd import ScannerAway, scan
from applications.files.faults import FileDamaged
from applications.files.store import read
from applications.models import Scan, Upload

log = logging.getLogger(__name__)

SECONDS = 25.0  # for each of the two files; a task has a minute
SWEEP_SECONDS = 30.0
AT_ONCE = 100  # files that one sweep looks at


def first_state() -> Scan:
    """How a new file begins: waiting for the scanner, or unchecked where there is none (system check applications.W001 says so)."""
    return Scan.WAITING if settings.CLAMD_SOCKET else Scan.NONE


def scan_upload(pk: int) -> bool:
    """Ask the scanner about a file and its copy; whether the scanner was there. Until it was, nobody but the team gets the file."""
    upload = Upload.objects.to_scan().filter(pk=pk).first()
    if upload is None or not settings.CLAMD_SOCKET:
        return True
    virus = ""
    try:
        for name, digest in ((upload.stored, upload.digest), (upload.cleaned, upload.cleaned_digest)):
            if name and not virus:
                virus = scan(settings.CLAMD_SOCKET, read(name, digest), seconds=SECONDS).virus
    except ScannerAway as problem:
        log.warning("The virus scanner did not answer about file %s; it goes on waiting: %s", pk, problem)
        return False
    except FileDamaged:
        return True  # the log has it; others never get a file that is not the one that was checked
    state = Scan.INFECTED if virus else Scan.CLEAN
    if Upload.objects.to_scan().filter(pk=pk).update(scan=state, finding=virus, scanned_at=timezone.now()) and virus:
        log.error("virus_found: %s in attached file %s of user %s", virus, pk, upload.by_id)
    return True


def scan_waiting() -> int:
    """Ask about the files that wait, for a while and only while the scanner answers; how many were asked about."""
    if not settings.CLAMD_SOCKET:
        # Nobody will ever check them now; without a scanner files are shown to others, and each page says that they are unchecked.
        return Upload.objects.filter(scan=Scan.WAITING).update(scan=Scan.NONE)
    end, asked = time.monotonic() + SWEEP_SECONDS, 0
    for pk in Upload.objects.to_scan().values_list("pk", flat=True)[:AT_ONCE]:
        if time.monotonic() > end or not scan_upload(pk):
            break
        asked += 1
    return asked
