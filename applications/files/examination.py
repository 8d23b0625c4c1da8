"""Lets a process of its own examine a PDF, with limits of memory and time: what it makes of a hostile file stays there."""

import json
import logging
import signal
import subprocess
from dataclasses import dataclass
from typing import IO

from applications.files.child import run_child
from applications.files.faults import SENTENCES, FileRefused, NotStored
from applications.files.limits import SECONDS

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Examined:
    """What a good file is like. `removed`: pairs of what the copy for reviewers leaves out and the words that stood there."""

    pages: int
    removed: list[list[str]]


def examine(file: IO[bytes], copy: IO[bytes]) -> Examined:
    """Judge a PDF (a real file, read from its beginning) and write the copy for reviewers. Raises FileRefused or NotStored."""
    try:
        process = run_child("applications.files.examiner", source=file, into=copy, seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise FileRefused("complex") from None
    try:
        found = json.loads(process.stdout)
    except ValueError:
        _note(process)
        raise FileRefused("expands" if b"MemoryError" in process.stderr or b"bad_alloc" in process.stderr else "complex") from None
    fault = found.get("fault", "")
    if fault == "not stored":
        log.error("No room to examine an attached file: %s", found["detail"])
        raise NotStored
    if fault:
        raise FileRefused(fault if fault in SENTENCES else "damaged", str(found.get("detail", "")))
    return Examined(pages=int(found["pages"]), removed=found["removed"])


def _note(process: "subprocess.CompletedProcess[bytes]") -> None:
    """A process that was stopped at its limit is no fault of ours; one that fell over may be."""
    if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM):
        log.warning("The examination of an attached file was stopped by signal %s", -process.returncode)
    else:
        log.error("The examination of an attached file ended with %s: %s", process.returncode, process.stderr[-2000:].decode(errors="replace"))
