"""Attaching files to a draft and taking them off again. A file is checked and stored first; the deadline judges when it is written down."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import IO, TypeVar

from django.core.files import File
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Exists
from django.utils import timezone

from accounts.models import User
from applications import workflow as steps
from applications.actions.situations import too_late_or_moved
from applications.files.examination import examine
from applications.files.faults import FileRefused, NotStored
from applications.files.limits import LARGEST_FILE, LARGEST_TOTAL, MB, MOST_FILES, UPLOADS_A_DAY
from applications.files.names import cleaned_name, is_pdf_name
from applications.files.scanning import first_state
from applications.files.store import drop, names_before, put
from applications.models import Application, Attachment, DrawnPage, Scan, Upload, Version
from applications.tasks import ring_scanner
from workflow.transitions import NotPossibleNow

ATTEMPTS = 20  # of a change that meets others
ORPHANS_LIVE = timedelta(hours=24)
MARK = "attachments"  # of the files among the marks of a version
T = TypeVar("T")


def attach_file(version: Version, *, by: User, data: File[bytes] | IO[bytes], name: str, purpose: str) -> Attachment:
    """Check a file, store it with its copy for reviewers, and name it in the draft.

    Checking takes seconds and happens outside the transaction; whether it still counts is judged in the transaction, by the clock.
    Raises FileRefused, NotStored, RoundClosed or NotPossibleNow; then nothing is kept.
    """
    _refuse_late(version)
    upload = checked_upload(data, by=by, name=name, refuse=lambda size, digest: _refuse_too_many(version, size, digest))
    try:
        return _attach(version, upload, by=by, name=name, purpose=purpose)
    except Exception:
        drop(upload.stored, upload.cleaned)
        raise


def checked_upload(data: File[bytes] | IO[bytes], *, by: User, name: str, refuse: Callable[[int, str], None] | None = None) -> Upload:
    """Examine a file and store it with its clean copy; the row is not written yet. `refuse` is asked with size and digest before the slow
    part. Whoever calls writes the row (`keep_upload`), or drops both files when that fails. Raises FileRefused or NotStored."""
    if not is_pdf_name(name):
        raise FileRefused("extension")
    if Upload.objects.of_last_day(by).count() >= UPLOADS_A_DAY:
        raise FileRefused("quota")
    try:
        with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as copy:
            size = _spool(data, file)
            if refuse is not None:
                refuse(size, _digest(file))
            examined = examine(file, copy)
            stored, digest = put(file)
            try:
                cleaned, cleaned_digest = put(copy)
            except NotStored:
                drop(stored)
                raise
    except OSError as problem:  # no room for what was sent
        raise NotStored from problem
    return Upload(
        stored=stored,
        digest=digest,
        size=size,
        pages=examined.pages,
        cleaned=cleaned,
        cleaned_digest=cleaned_digest,
        removed=examined.removed,
        scan=first_state(),
        by=by,
    )


def keep_upload(upload: Upload) -> None:
    """Write the row of a checked file, inside the caller's transaction, and ring the virus scanner."""
    upload.save(force_insert=True)
    if upload.scan == Scan.WAITING:
        transaction.on_commit(lambda: ring_scanner(upload.pk))


@transaction.atomic
def _attach(version: Version, upload: Upload, *, by: User, name: str, purpose: str) -> Attachment:
    def write(draft: Version) -> Attachment:
        _refuse_too_many(draft, upload.size, upload.digest)
        if upload._state.adding:
            keep_upload(upload)
        rows = list(draft.attachments.all())
        attachment = Attachment(
            version=draft,
            upload=upload,
            purpose=purpose,
            name=cleaned_name(name, taken=(row.name for row in rows)),
            position=max((row.position for row in rows), default=-1) + 1,
        )
        attachment.save(force_insert=True)
        return attachment

    return _change(version, write, by=by, unsaid=("nothing_attached",))


def attach_again(version: Version, *, by: User, attachment: Attachment) -> Attachment:
    """Name a file of another application, or of an earlier version, in this draft as well. Raises as attach_file does."""
    if attachment.upload.is_infected:
        raise FileRefused("virus", attachment.upload.finding)
    try:
        return _attach(version, attachment.upload, by=by, name=attachment.name, purpose=attachment.purpose)
    except IntegrityError:  # it was cleared away in this very moment
        raise NotPossibleNow from None


@transaction.atomic
def detach_file(attachment: Attachment, *, by: User) -> None:
    """Take a file off the draft. It is cleared away after a day, unless another version names it."""

    def write(draft: Version) -> None:
        draft.attachments.filter(pk=attachment.pk).delete()

    _change(attachment.version, write, by=by)


def _refuse_late(version: Version) -> None:
    fresh = Version.objects.select_related("application__round").get(pk=version.pk)
    if fresh.submitted_at is not None or not fresh.application.is_editable():
        raise too_late_or_moved(fresh.application)


def _spool(data: File[bytes] | IO[bytes], file: IO[bytes]) -> int:
    """What was sent, in a file of our own: what is checked is what is stored, whatever happens to the other one."""
    size, said = 0, getattr(data, "size", 0) or 0
    if getattr(data, "is_lost", False):
        raise NotStored
    if said > LARGEST_FILE:
        raise FileRefused("size", f"{said / MB:.1f}")
    data.seek(0)
    while part := data.read(1 << 20):
        size += len(part)
        if size > LARGEST_FILE:
            raise FileRefused("size", f"{size / MB:.1f}")
        file.write(part)
    if not size:
        raise FileRefused("empty")
    file.flush()
    return size


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _refuse_too_many(version: Version, size: int, digest: str) -> None:
    rows = list(version.attachments.select_related("upload"))
    if same := next((row for row in rows if row.upload.digest == digest), None):
        raise FileRefused("twice", same.name)
    if len(rows) >= MOST_FILES:
        raise FileRefused("count")
    total = size + sum(row.upload.size for row in rows)
    if total > LARGEST_TOTAL:
        raise FileRefused("total", f"{total / MB:.1f}")


def _change(version: Version, write: Callable[[Version], T], *, by: User, unsaid: Iterable[str] = ()) -> T:
    """Change what a draft names, under the rule of every saving: only a draft of an editable application, and the revision moves on, so
    that a page which shows the files of before is found stale. The conditional update also makes the second of two wait for the first.
    `unsaid`: answers that are no longer true."""
    for _attempt in range(ATTEMPTS):
        now = timezone.now()
        stored = Version.objects.get(pk=version.pk)
        fresh = Application.objects.select_related("round").get(pk=stored.application_id)
        if stored.submitted_at is not None or not fresh.is_editable(now):
            raise too_late_or_moved(fresh)
        revision = stored.revision + 1
        gone = [name for name in unsaid if name in stored.answers]
        editable = Application.objects.filter(pk=fresh.pk, status__in=steps.EDITABLE)
        unchanged = Version.objects.drafts().filter(Exists(editable), pk=stored.pk, revision=stored.revision)
        if unchanged.update(
            revision=revision,
            saved_at=now,
            saved_by=by,
            answers={name: text for name, text in stored.answers.items() if name not in gone},
            marks=stored.marks | dict.fromkeys([MARK, *gone], revision),
        ):
            return write(stored)
    raise NotPossibleNow


# --- Clearing away --------------------------------------------------------------------------------------------------------


def clear_orphans(*, now: datetime | None = None) -> int:
    """Remove files that no version has named for a day, and files that no row knows; how many. An upload takes seconds, so nothing that
    is on its way is touched."""
    before, cleared = (now or timezone.now()) - ORPHANS_LIVE, 0
    for upload in Upload.objects.orphans(before)[:1000]:
        drawn = list(upload.drawn_pages.values_list("stored", flat=True))
        try:
            with transaction.atomic():
                gone, _rows = Upload.objects.orphans(before).filter(pk=upload.pk).delete()
        except DatabaseError:  # attached again in this very moment
            continue
        if gone:
            drop(upload.stored, upload.cleaned, *drawn)
            cleared += 1
    names = list(names_before(before))
    known = set(Upload.objects.filter(stored__in=names).values_list("stored", flat=True))
    known |= set(Upload.objects.filter(cleaned__in=names).values_list("cleaned", flat=True))
    known |= set(DrawnPage.objects.filter(stored__in=names).values_list("stored", flat=True))
    unknown = [name for name in names if name not in known]
    drop(*unknown)
    return cleared + len(unknown)
