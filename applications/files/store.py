"""Where attached files lie: under random names, each with the digest it had when it was checked. What is read must still have it."""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.utils import timezone

from applications.files.faults import FileDamaged, NotStored

log = logging.getLogger(__name__)


def store() -> Storage:
    return storages["attachments"]


def put(file: IO[bytes], *, ending: str = "pdf") -> tuple[str, str]:
    """Store the whole file under a new name; name and SHA-256. Raises NotStored, and then nothing is left behind."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    name = secrets.token_hex(16)  # 128 random bits: it cannot be guessed, and opens nothing by itself
    name = f"{name[:2]}/{name}.{ending}"
    try:
        store().save(name, File(file))
    except OSError as problem:
        log.error("An attached file could not be stored: %s", problem)
        raise NotStored from problem
    return name, digest


def read(name: str, digest: str) -> bytes:
    """A stored file, proven to be the one that was checked. Raises FileDamaged, and the log says which file it was."""
    try:
        with store().open(name) as file:
            content: bytes = file.read()
    except (OSError, ValueError) as problem:
        log.error("attachment_unreadable: %s: %s", name, problem)
        raise FileDamaged from problem
    if hashlib.sha256(content).hexdigest() != digest:
        log.error("attachment_changed: %s is not the file that was checked; it was not given out", name)
        raise FileDamaged
    return content


def drop(*names: str) -> None:
    """Remove files that nothing names. What cannot be removed now the clean-up finds later."""
    for name in filter(None, names):
        try:
            store().delete(name)
        except OSError as problem:
            log.warning("An attached file could not be removed: %s: %s", name, problem)


def names_before(moment: datetime) -> Iterator[str]:
    """Every stored file, half-written ones too, that was last written before a moment."""
    if not store().exists(""):
        return
    folders, _files = store().listdir("")
    for folder in sorted(folders):
        for file in store().listdir(folder)[1]:
            name = f"{folder}/{file}"
            try:
                written = store().get_modified_time(name)
            except FileNotFoundError:
                continue
            if timezone.is_naive(written):
                written = timezone.make_aware(written)
            if written < moment:
                yield name
