"""Records that move (`Staged`), what they remember (`StatusChange`) and numbers that run in order (`YearCounter`). Abstract only."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from workflow.transitions import Move, NotPossibleNow


class AppendOnly(Exception):
    """A row of a ledger or history was about to be changed or deleted."""


def canonical(moment: datetime) -> str:
    """A moment as the digests spell it: UTC with microseconds, the same on every database."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def digest_of(content: dict[str, str | int | None]) -> str:
    """SHA-256 in hex of sorted, compact JSON. Only strings, integers and null: no float may enter a digest."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class AppendOnlyModel(models.Model):
    """A row that is written once. The database refuses too (workflow.operations.append_only)."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly(f"{self._meta.label} {self.pk} is written once")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly(f"{self._meta.label} {self.pk} is never deleted")


class StatusChange(AppendOnlyModel):
    """One step in the life of a record. Concrete in each app with `record = ForeignKey(<the record>, related_name="history")`.

    The rows of one record form a chain: each digest covers the previous row's digest and its own content, and the last one
    equals the record's `history_head`. `by` is empty where the clock acted.
    """

    sequence = models.PositiveIntegerField(_("sequence"))
    move = models.CharField(_("move"), max_length=40)
    from_status = models.CharField(_("from"), max_length=20, blank=True)
    to_status = models.CharField(_("to"), max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    note = models.TextField(_("note"), blank=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    record: Any
    record_id: int

    class Meta:
        abstract = True
        ordering = ("record_id", "sequence")

    def content(self) -> dict[str, str | int | None]:
        """What the digest covers."""
        return {
            "record": f"{self._meta.label}:{self.record_id}",
            "sequence": self.sequence,
            "move": self.move,
            "from": self.from_status,
            "to": self.to_status,
            "by": self.by_id,
            "at": canonical(self.at),
            "note": self.note,
            "previous": self.previous,
        }

    def expected_digest(self) -> str:
        return digest_of(self.content())


class Staged(models.Model):
    """A record with a status that only `advance` writes.

    A concrete record declares `status` with its choices, `moves` (its table) and `change_model` (its StatusChange).
    """

    version = models.PositiveIntegerField(default=0, editable=False)
    history_head = models.CharField(max_length=64, default="", blank=True, editable=False)

    moves: ClassVar[tuple[Move, ...]]
    status: Any  # a CharField with choices, on the concrete record
    history: Any

    class Meta:
        abstract = True

    def can(self, step: Move) -> bool:
        """Whether this step leads on from the status as this copy of the record saw it."""
        return step.starts_from(self.status)

    def advance(self, step: Move, *, by: User | None, note: str = "", at: datetime | None = None, **columns: Any) -> Self:
        """Take the step: one conditional update and one history row in one transaction.

        `columns` are written by the same statement (`correct_by`, `visible_at`). Raises NotPossibleNow when the record is not in
        a source status, or when somebody moved it since this copy was read; then nothing was written.
        """
        if not self.can(step):
            raise NotPossibleNow
        at = at or timezone.now()
        to_status = step.target(self.status)
        change_model = type(self).history.rel.related_model
        change = change_model(
            record=self,
            sequence=self.version + 1,
            move=step.name,
            from_status=self.status,
            to_status=to_status,
            by=by,
            at=at,
            note=note,
            previous=self.history_head,
        )
        change.digest = change.expected_digest()
        with transaction.atomic():
            seen = type(self)._base_manager.filter(pk=self.pk, status=self.status, version=self.version, history_head=self.history_head)
            if not seen.update(status=to_status, version=self.version + 1, history_head=change.digest, **columns):
                raise NotPossibleNow
            change.save(force_insert=True)
        self.status, self.version, self.history_head = to_status, self.version + 1, change.digest
        for name, value in columns.items():
            setattr(self, name, value)
        return self


class YearCounter(models.Model):
    """Numbers that run in order within a year and are never used twice, concrete in each app that hands out references."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    @classmethod
    def next_reference(cls, prefix: str) -> str:
        """The next reference (`LSA-2026-00012`), by Beijing's year. Call it inside a transaction: the update locks the year's row,
        so two callers wait for each other, and a number of a rolled-back transaction goes to the next caller."""
        year = timezone.localtime(timezone.now()).year
        counter = cls._base_manager.filter(year=year)
        if not counter.update(last=models.F("last") + 1):
            cls._base_manager.get_or_create(year=year)
            counter.update(last=models.F("last") + 1)
        return f"{prefix}-{year}-{counter.get().last:05d}"
