"""The press: a typesetter process that is kept between letters and has a limit of time for each, whatever hangs in it.

A worker of one process (the embedded default) enforces no limits of its own, so the limit stands here: a typesetter that does not answer
is killed and the next letter gets a new one. It ends by itself when its worker is gone.
"""

import atexit
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings

STYLESHEET = Path(settings.BASE_DIR) / "templates" / "letters" / "letter.css"
SECONDS_TO_START = 30.0  # reads the fonts; on a busy machine that takes a few seconds
SECONDS_PER_LETTER = 45.0  # a receipt repeats the whole application: 60 pages of it take 15 seconds on a quiet machine
LETTERS_PER_TYPESETTER = 500  # then a new one, so that nothing can grow for ever
LARGEST_LETTER = 2_000_000  # characters of markup
LARGEST_FILE = 20_000_000  # bytes
PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE")  # no secrets


class CannotBePrinted(Exception):
    """The letter as it is will never print; the text names the cause."""


class PressStopped(Exception):
    """The typesetter hung, ran out of memory or died; another attempt may do."""


class Press:
    """One typesetter at a time, for one caller at a time. `patience` is for a caller who waits: less time than a letter may take."""

    def __init__(self, patience: float | None = None) -> None:
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._folder = ""
        self._printed = 0
        self._lock = Lock()

    def print(self, html: str) -> bytes:
        """The PDF of a document."""
        if len(html) > LARGEST_LETTER:
            raise CannotBePrinted(f"The letter is too long: {len(html)} characters, at most {LARGEST_LETTER}.")
        with self._lock:
            process = self._running()
            try:
                return self._ask(process, {"html": html})
            except PressStopped:
                self._end()
                raise

    def close(self) -> None:
        with self._lock:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process and (self._owner != os.getpid() or self._process.poll() is not None or self._printed >= LETTERS_PER_TYPESETTER):
            self._end()
        if not self._process:
            self._owner, self._printed = os.getpid(), 0
            self._folder = tempfile.mkdtemp(prefix="typesetter-")  # it writes its fonts there, and leaves them when it is killed
            self._process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
                [sys.executable, "-m", "letters.typesetter", str(STYLESHEET)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=settings.BASE_DIR,
                env={name: value for name, value in os.environ.items() if name in PASSED_ON} | {"TMPDIR": self._folder},
            )
            try:
                self._listen(self._process, self._patience or SECONDS_TO_START)
            except PressStopped:
                self._end()
                raise
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], request: Mapping[str, str]) -> bytes:
        assert process.stdin
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
        except OSError as problem:
            raise PressStopped("The typesetter is gone.") from problem
        head, pdf = self._listen(process, self._patience or SECONDS_PER_LETTER)
        self._printed += 1
        if "problem" in head:
            raise CannotBePrinted(head["problem"])
        return pdf

    def _listen(self, process: subprocess.Popen[bytes], seconds: float) -> tuple[dict[str, Any], bytes]:
        """One answer, or PressStopped when it has not come in time."""
        assert process.stdout
        end, heard = time.monotonic() + seconds, b""
        head: dict[str, Any] | None = None
        while True:
            if head is None and b"\n" in heard:
                line, heard = heard.split(b"\n", 1)
                head = json.loads(line)
                if head.get("size", 0) > LARGEST_FILE:
                    raise CannotBePrinted(f"The printed letter is too large: {head['size']} bytes, at most {LARGEST_FILE}.")
            if head is not None and len(heard) >= head.get("size", 0):
                return head, heard
            left = end - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                raise PressStopped(f"The typesetter did not answer within {seconds:.0f} seconds.")
            part = os.read(process.stdout.fileno(), 1 << 20)
            if not part:
                raise PressStopped(f"The typesetter ended with code {process.wait()}.")
            heard += part

    def _end(self) -> None:
        process, self._process = self._process, None
        if process and self._owner == os.getpid():
            process.kill()
            process.communicate()
            shutil.rmtree(self._folder, ignore_errors=True)


PRESS = Press()
atexit.register(PRESS.close)
