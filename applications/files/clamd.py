"""A thin client of the virus scanner clamd: one question (INSTREAM) over its socket, with an end to all patience."""

import socket
import struct
import time
from typing import NamedTuple
from urllib.parse import urlsplit

CHUNK = 1 << 16
TO_CONNECT = 5.0  # seconds
TO_ANSWER = 60.0  # seconds for a whole file; a doorway behind the page waits, never the page
LONGEST_ANSWER = 4096


class ScannerAway(Exception):
    """The scanner cannot be reached, is too slow or says nothing that can be understood. The file goes on waiting."""


class Found(NamedTuple):
    """What the scanner said. `virus` is empty for a clean file."""

    virus: str


def scan(address: str, content: bytes, *, seconds: float = TO_ANSWER) -> Found:
    """Ask the scanner at unix:///run/clamav/clamd.ctl or tcp://host:3310 about a file. Raises ScannerAway."""
    end = time.monotonic() + seconds
    try:
        with _connected(address) as line:
            line.settimeout(_left(end))
            line.sendall(b"zINSTREAM\0")
            for begin in range(0, len(content), CHUNK):
                part = content[begin : begin + CHUNK]
                line.settimeout(_left(end))
                line.sendall(struct.pack("!I", len(part)) + part)
            line.sendall(struct.pack("!I", 0))
            answer = b""
            while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
                line.settimeout(_left(end))
                part = line.recv(LONGEST_ANSWER)
                if not part:
                    break
                answer += part
    except (OSError, ValueError) as problem:
        raise ScannerAway(f"{type(problem).__name__}: {problem}") from problem
    return _understood(answer.split(b"\0")[0].decode("utf-8", "replace").strip())


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), timeout=TO_CONNECT)
    if parts.scheme != "unix":
        raise ValueError(f"CLAMD_SOCKET is neither unix:// nor tcp://: {address}")
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(TO_CONNECT)
        line.connect(parts.path)
    except OSError:
        line.close()
        raise
    return line


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


def _understood(answer: str) -> Found:
    """`stream: OK` or `stream: Some.Name FOUND`; anything else (an error, a limit, another program) is no answer."""
    _what, colon, words = answer.partition(": ")
    if colon and words == "OK":
        return Found("")
    if colon and words.endswith(" FOUND"):
        return Found("".join(letter for letter in words.removesuffix(" FOUND") if letter.isprintable())[:200] or "?")
    raise ScannerAway(f"not understood: {answer[:200]!r}")
