"""Letters with their readers, and the history of what became of them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from letters.codes import grouped
from letters.workflow import MOVES, Status
from workflow.models import Staged, StatusChange, YearCounter

PATIENCE = timedelta(seconds=15)  # the bell rings at once; the sweep looks after whoever did not hear it
AGAIN = ":again:"  # in the key of a letter that was written again, before the number of the one that it replaces
RING_AGAIN = timedelta(seconds=30)  # while a queue is long, nobody rings for the same thing every few seconds


def soon() -> datetime:
    return timezone.now() + PATIENCE


class LetterCounter(YearCounter):
    """Letter numbers of a year (LSL-2026-00001)."""


class Printing(models.TextChoices):
    QUEUED = "queued", _("Waiting to be printed")
    RUNNING = "running", _("Being printed")
    PRINTED = "printed", _("Printed")
    FAILED = "failed", _("Could not be printed")


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible(self) -> Self:
        """Letters whose existence may be known: released, and the moment of their announcement has come."""
        return self.exclude(status=Status.HELD).filter(visible_at__lte=timezone.now())

    def visible_to(self, user: User) -> Self:
        """The letters written to this reader."""
        return self.visible().filter(Exists(LetterReader.objects.filter(letter=OuterRef("pk"), user=user)))

    def for_list(self) -> Self:
        """All that one row of the list of letters shows; newest first."""
        return self.only(
            "number", "reference", "title_en", "title_zh", "kind_en", "kind_zh", "dated_on", "status", "printing", "visible_at"
        ).order_by("-visible_at", "-pk")

    def before(self, visible_at: datetime, pk: int) -> Self:
        """What follows the row (visible_at, pk) in `for_list`."""
        return self.filter(Q(visible_at__lt=visible_at) | Q(visible_at=visible_at, pk__lt=pk))

    def of_reference(self, reference: str) -> Self:
        return self.filter(reference=reference).order_by("pk")

    def of_purposes(self, purposes: Collection[str]) -> Self:
        """The letters written for these purposes, first and again, in the order in which they were written."""
        again = Q()
        for purpose in purposes:
            again |= Q(key__startswith=f"{purpose}{AGAIN}")
        return self.filter(Q(key__in=purposes) | again).order_by("pk")

    def for_office(self) -> Self:
        """What one row of the office's list shows, by number."""
        return self.only("number", "reference", "kind_en", "kind_zh", "status", "printing", "problem", "visible_at", "version").order_by("-number")

    def filter_printed(self) -> Self:
        return self.filter(printing=Printing.PRINTED)

    def held(self) -> Self:
        return self.filter(status=Status.HELD)

    def with_successor(self) -> Self:
        """With the letter that took this one's place, if any."""
        return self.select_related("successor")

    def for_reading(self) -> Self:
        """With who wrote it, what it replaced and what replaced it."""
        return self.select_related("successor", "supersedes", "written_by")

    def to_print(self) -> Self:
        """Letters that a worker may claim now: waiting, or claimed by one that has not come back."""
        return self.filter(Q(printing=Printing.QUEUED) | Q(printing=Printing.RUNNING, lease_until__lt=timezone.now()))

    def unheard(self) -> Self:
        """Letters for which the bell must be rung again; the longest waiting first."""
        return self.to_print().filter(next_at__lte=timezone.now()).order_by("next_at", "pk")

    def in_trouble(self) -> Self:
        """Letters that no worker will print without a hand."""
        return self.filter(printing=Printing.FAILED).order_by("pk")

    def progress(self, keys: Collection[str]) -> dict[str, int]:
        """How many of these letters are queued, running, printed, failed; and the total."""
        counts: dict[str, Any] = {state.value: Count("pk", filter=Q(printing=state)) for state in Printing}
        return self.filter(key__in=keys).aggregate(total=Count("pk"), **counts)


class Letter(Staged):
    """Words frozen when the letter was written; the PDF is only their print. Knows nobody but its readers and a reference."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    key = models.CharField(
        _("key"), max_length=100, unique=True, help_text=_("What the letter is for; a second letter for the same is never written.")
    )
    kind = models.CharField(_("kind"), max_length=20)
    reference = models.CharField(_("our reference"), max_length=40, db_index=True)
    kind_en = models.CharField(_("kind in English"), max_length=100)
    kind_zh = models.CharField(_("kind in Chinese"), max_length=100)
    title_en = models.CharField(_("title in English"), max_length=300)
    title_zh = models.CharField(_("title in Chinese"), max_length=300)
    institution_en = models.CharField(_("institution in English"), max_length=300, blank=True)
    institution_zh = models.CharField(_("institution in Chinese"), max_length=300, blank=True)
    dated_on = models.DateField(_("date"))
    html = models.TextField(_("words as printed"))
    text_en = models.TextField(_("words in English"))
    text_zh = models.TextField(_("words in Chinese"))
    check_code = models.CharField(_("check code"), max_length=26, unique=True)

    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.HELD)
    visible_at = models.DateTimeField(_("visible from"), null=True, blank=True)
    supersedes = models.OneToOneField("self", verbose_name=_("supersedes"), null=True, blank=True, on_delete=models.PROTECT, related_name="successor")
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("written by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    printing = models.CharField(_("print"), max_length=10, choices=Printing.choices, default=Printing.QUEUED)
    next_at = models.DateTimeField(default=soon)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.TextField(_("problem"), blank=True)
    file = models.CharField(max_length=100, blank=True)
    digest = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    printed_at = models.DateTimeField(_("printed"), null=True, blank=True)

    objects = LetterQuerySet.as_manager()
    moves = MOVES

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = (
            models.Index(fields=("-visible_at", "-id"), name="letters_newest_first"),
            models.Index(fields=("next_at",), condition=Q(printing__in=("queued", "running")), name="letters_to_print"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(status__in=Status.values), name="letter_status_is_known"),
            models.CheckConstraint(condition=Q(printing__in=Printing.values), name="letter_printing_is_known"),
            models.CheckConstraint(condition=Q(status__in=("held", "revoked")) | Q(visible_at__isnull=False), name="released_letter_has_its_moment"),
            models.CheckConstraint(condition=~Q(status="held") | Q(visible_at__isnull=True), name="held_letter_has_no_moment"),
            models.CheckConstraint(
                condition=Q(printing="printed", printed_at__isnull=False) & ~Q(file="") & ~Q(digest="") | ~Q(printing="printed") & Q(digest=""),
                name="printed_letter_has_its_file",
            ),
            models.CheckConstraint(condition=~Q(printing="running") | Q(lease_until__isnull=False) & ~Q(file=""), name="running_letter_has_a_lease"),
            models.CheckConstraint(condition=~Q(printing="failed") | ~Q(problem=""), name="failed_letter_names_its_problem"),
            models.UniqueConstraint(fields=("file",), condition=~Q(file=""), name="one_file_per_letter"),
            models.UniqueConstraint(fields=("digest",), condition=~Q(digest=""), name="one_letter_per_digest"),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def purpose(self) -> str:
        """What the letter is for: its key, or that of the first one when it was written again."""
        return self.key.partition(AGAIN)[0]

    def key_again(self) -> str:
        """The key of the letter that takes this one's place."""
        return f"{self.purpose}{AGAIN}{self.number}"

    @property
    def is_printed(self) -> bool:
        return self.printing == Printing.PRINTED

    @property
    def is_valid(self) -> bool:
        return self.status == Status.VALID

    @property
    def is_superseded(self) -> bool:
        return self.status == Status.SUPERSEDED

    @property
    def is_revoked(self) -> bool:
        return self.status == Status.REVOKED

    @property
    def is_in_trouble(self) -> bool:
        return self.printing == Printing.FAILED

    @property
    def status_tone(self) -> str:
        """The tone of the status label."""
        return {Status.VALID: "good", Status.SUPERSEDED: "warn", Status.REVOKED: "bad"}.get(Status(self.status), "")

    @property
    def visible_successor(self) -> "Letter | None":
        """The letter that took this one's place, once it may be known."""
        successor = getattr(self, "successor", None)
        return successor if successor and successor.is_visible else None

    @property
    def is_visible(self) -> bool:
        return self.status != Status.HELD and self.visible_at is not None and self.visible_at <= timezone.now()

    @property
    def grouped_code(self) -> str:
        return grouped(self.check_code)

    @property
    def file_name(self) -> str:
        """The name under which a reader saves the letter."""
        return f"{self.number}.pdf"


class LetterChange(StatusChange):
    """One step in the life of a letter."""

    record = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="letter_history_has_no_forks"),)

    @property
    def status_label(self) -> str:
        return str(Status(self.to_status).label)


class LetterReader(models.Model):
    """A person to whom the letter was written."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("letter", "user"), name="letter_reader_once"),)

    def __str__(self) -> str:
        return f"{self.letter_id}: {self.user_id}"
