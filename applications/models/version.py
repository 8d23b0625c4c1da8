"""The words of an application: its versions, what each asks for, every saved state of a draft, and the receipts of those handed in."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models.files import Attachment
from applications.questions import COLUMNS, line_name
from institutions.models import Institution
from samples.models import Sample
from workflow.models import AppendOnlyModel, canonical, digest_of


class VersionQuerySet(models.QuerySet["Version"]):
    def drafts(self) -> Self:
        """Versions that are being written: at most one per application."""
        return self.filter(submitted_at__isnull=True)

    def handed_in(self) -> Self:
        return self.filter(submitted_at__isnull=False)

    def with_answers(self) -> Self:
        return self.select_related("institution__country", "institution__merged_into").prefetch_related(
            "requests__sample", Prefetch("attachments", queryset=Attachment.objects.for_list()), "endorsements__by"
        )


class Version(models.Model):
    """The words of an application. Written once when handed in; at most one draft version stands beside the handed-in ones.

    `answers` holds every other answer as it was typed, right or wrong, by the names of `applications.questions`. `marks` says for each
    answer in which revision it was saved last: two people who write different answers at the same time do not disturb each other.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    institution = models.ForeignKey(Institution, verbose_name=_("institution"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.TextField(_("title"), blank=True)
    research_question = models.TextField(_("research question"), blank=True)
    plan = models.TextField(_("plan"), blank=True)
    answers: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(_("answers"), default=dict, blank=True)
    marks: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)  # counts edits: an older tab is told apart by it
    saved_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("saved"), default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("saved by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    digest = models.CharField(_("digest"), max_length=64, blank=True)

    objects: ClassVar = VersionQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("application", "number"), name="version_numbered_once"),
            models.UniqueConstraint(fields=("application",), condition=Q(submitted_at__isnull=True), name="one_draft_version"),
            models.CheckConstraint(condition=Q(submitted_at__isnull=True) | ~Q(digest=""), name="submitted_version_has_its_digest"),
        )

    def __str__(self) -> str:
        return f"{self.application_id}/{self.number}"

    @property
    def asked_ug(self) -> int:
        """The mass of all samples asked for; a fall-back sample would take the place of another one and is not added."""
        return sum(line.mass_ug for line in self.requests.all() if not line.is_fallback)

    def answer(self, name: str) -> str:
        """One answer as it was typed; empty when there is none."""
        return getattr(self, name) if name in COLUMNS else self.answers.get(name, "")

    def all_answers(self) -> dict[str, str]:
        """Every answer by its name, those in columns included."""
        return self.answers | {name: getattr(self, name) for name in COLUMNS}

    def content(self) -> dict[str, str | int | None]:
        """What the digest of the receipt covers: every answer, the institution's own key, the mass of each request, each file's digest."""
        content: dict[str, str | int | None] = {
            "reference": self.application.reference,
            "version": self.number,
            "institution": self.institution_id,
        }
        content.update({name: getattr(self, name) for name in COLUMNS})
        content.update({f"answer {name}": text for name, text in self.answers.items() if text})
        for request in self.requests.all():
            content[f"sample {request.sample.number}"] = request.mass_ug
        for attachment in self.attachments.all():
            content[f"file {attachment.position}"] = f"{attachment.purpose} {attachment.upload.digest}"
        return content

    def expected_digest(self) -> str:
        return digest_of(self.content())


class RequestQuerySet(models.QuerySet["Request"]):
    def asked_in(self, applications: models.QuerySet[Any]) -> Self:
        """The lines of what was handed in last, with their applications."""
        current = models.F("version__application__current")
        return self.filter(version__application__in=applications, version=current).select_related("version__application").order_by("version_id")

    def for_samples(self, samples: Collection[Sample]) -> Self:
        return self.filter(sample__in=samples)

    def for_trial(self) -> Self:
        """With all that rules are evaluated by, without the long texts; in order of reference."""
        texts = (f"version__{name}" for name in ("title", "research_question", "plan", "marks"))
        rows = self.select_related("sample", "version__application__institution__merged_into", "version__application__owner")
        return rows.defer(*texts).order_by("version__application__reference", "position", "pk")

    def largest_of_each_sample(self, most: int) -> Self:
        """At most so many lines of each sample, the largest first, each with how many there are (`beside`) and their mass together
        (`beside_ug`): one statement, however many ask for the same sample."""
        sample = models.F("sample")
        return (
            self.annotate(
                place=Window(RowNumber(), partition_by=sample, order_by=("-mass_ug", "version_id")),
                beside=Window(models.Count("pk"), partition_by=sample),
                beside_ug=Window(models.Sum("mass_ug"), partition_by=sample),
            )
            .filter(place__lte=most)
            .order_by("sample_id", "place")
        )


class Request(models.Model):
    """One sample line of a version: powder by mass, a clast or a section whole (then the mass is that of the piece).

    `fallback` 0 means wanted; 1, 2, … is the order in which the sample would be taken instead of a wanted one.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="requests")
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="requests")
    position = models.PositiveSmallIntegerField(default=0)
    mass_ug = models.BigIntegerField(_("mass in micrograms"))
    least_ug = models.BigIntegerField(_("smallest useful mass in micrograms"), null=True, blank=True)
    fallback = models.PositiveSmallIntegerField(_("order as a fall-back"), default=0)

    objects: ClassVar = RequestQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("version", "sample"), name="a_version_asks_once_for_a_sample"),
            models.CheckConstraint(condition=Q(mass_ug__gt=0), name="request_asks_for_something"),
            models.CheckConstraint(
                condition=Q(least_ug__isnull=True) | Q(least_ug__gt=0, least_ug__lte=models.F("mass_ug")), name="least_mass_is_at_most_the_best"
            ),
        )

    def __str__(self) -> str:
        return self.sample.number

    beside: int  # by largest_of_each_sample
    beside_ug: int

    @property
    def is_fallback(self) -> bool:
        return self.fallback > 0

    def said(self, name: str) -> str:
        """What the version says about this sample: technique, destructive, loss, loss_reason."""
        return self.version.answers.get(line_name(self.sample.number, name), "")


class SavingQuerySet(models.QuerySet["Saving"]):
    def for_list(self) -> Self:
        return self.select_related("by").order_by("-revision", "-pk")


class Saving(models.Model):
    """One saved state of a draft: what was typed since the one before. Quick savings of one person grow together into one.

    `is_aside` marks a text that was not stored because somebody else had saved another one meanwhile: it is kept here, so that no
    word is lost.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="savings")
    revision = models.PositiveIntegerField(_("revision"))
    answers: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(_("answers"), default=dict)
    is_aside = models.BooleanField(_("kept aside"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField(_("began"), default=timezone.now)
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects: ClassVar = SavingQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("version", "-revision"), name="savings_of_a_version"),)

    def __str__(self) -> str:
        return f"{self.version_id}:{self.revision}"


class Receipt(AppendOnlyModel):
    """Proof that a version was handed in: number, moment and digest. The key makes a repeated submission harmless."""

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="receipts")
    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="receipt")
    number = models.CharField(_("receipt number"), max_length=30, unique=True)
    key = models.UUIDField(unique=True)
    at = models.DateTimeField(_("received"))
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return self.number

    @property
    def canonical_at(self) -> str:
        return canonical(self.at)
