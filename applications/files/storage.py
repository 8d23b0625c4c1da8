"""A folder of files that are written once: complete and on the disk, or not there at all; readable by the portal alone."""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage

FOLDER = "attachments"
MODE = 0o640


class WriteOnceStorage(FileSystemStorage):
    """Under MEDIA_ROOT, which no web server serves. A name that exists is refused, never replaced and never changed into another one."""

    @property
    def base_url(self) -> str | None:  # type: ignore[override]
        """No address leads to a file."""
        return None

    @property
    def base_location(self) -> str:
        return str(Path(self._location or settings.MEDIA_ROOT) / FOLDER)  # type: ignore[attr-defined]

    @property
    def location(self) -> str:
        return str(Path(self.base_location).absolute())

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(suffix=".part", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fchmod(file.fileno(), MODE)
                os.fsync(file.fileno())
            os.link(part, target)  # fails when the name exists: two writers never mix
        finally:
            Path(part).unlink(missing_ok=True)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return name
