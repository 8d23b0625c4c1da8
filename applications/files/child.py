"""Starts what opens a stranger's file in a process of its own, without secrets: the file is its standard input, a second file is what it
writes into, and its verdict is one line of JSON on standard output.
"""

import os
import subprocess
import sys
from typing import IO

from django.conf import settings

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR")  # no secrets


def run_child(module: str, *, source: IO[bytes], into: IO[bytes], seconds: int) -> "subprocess.CompletedProcess[bytes]":
    """Let a module of ours read a real file from its beginning. Raises subprocess.TimeoutExpired; what it said is still to be judged."""
    source.flush()
    source.seek(0)
    return subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [sys.executable, "-m", module, str(into.fileno())],
        stdin=source.fileno(),
        capture_output=True,
        pass_fds=(into.fileno(),),
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if name in PASSED_ON},
        timeout=seconds,
        check=False,
    )
