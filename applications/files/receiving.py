"""Takes in what a browser sends: onto the disk, never more of a file than could be attached, and a full disk is no crash."""

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from applications.files.limits import LARGEST_FILE


class ReceivedFile(TemporaryUploadedFile):
    """A file as it was sent. `size` is what was sent, even if only the beginning was kept; `is_lost` when it could not be written."""

    is_lost = False


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Django's own handler for temporary files, with an end."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        self.file: Any = None
        self.is_lost = False
        try:
            self.file = ReceivedFile(self.file_name or "", self.content_type or "", 0, self.charset, self.content_type_extra)
        except OSError:
            self.is_lost = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.is_lost or start > LARGEST_FILE:
            return
        try:
            self.file.write(raw_data)
        except OSError:
            self.is_lost = True

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if self.file is None:
            lost: Any = UploadedFile(name=self.file_name, size=file_size)
            lost.is_lost = True
            return lost  # type: ignore[no-any-return]
        self.file.size = file_size
        self.file.is_lost = self.is_lost
        try:
            self.file.seek(0)
        except OSError:
            self.file.is_lost = True
        received: UploadedFile[Any] = self.file
        return received
