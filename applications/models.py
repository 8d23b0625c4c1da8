"""What is asked for, by whom and why: an application, its versions, the samples each version asks for, and the receipts."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications import workflow
from applications.workflow import MOVES, Status
from institutions.models import Institution, InstitutionQuerySet, tied_institution_ids
from rounds.models import Round
from samples.models import Sample
from samples.models.catalogue import SampleQuerySet
from workflow.models import AppendOnlyModel, Staged, StatusChange, YearCounter, canonical, digest_of


class ReferenceCounter(YearCounter):
    """LSA-<year>-<5 digits>."""


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: User) -> Self:
        """The applicant's own. The office and the experts open a case through reviews, where conflicts are known."""
        return self.filter(owner=user)

    def without_ties(self, user: User) -> Self:
        """All but those of the person and of the institutions the person belongs to (merged ones included)."""
        return self.exclude(owner=user).exclude(institution_id__in=tied_institution_ids(user))

    def of_round(self, round: Round) -> Self:
        return self.filter(round=round)

    def handed_in(self) -> Self:
        """Everything the office may know of: a draft belongs to its writer alone."""
        return self.filter(current__isnull=False)

    def awaiting_check(self) -> Self:
        return self.filter(status=Status.SUBMITTED)

    def for_check(self) -> Self:
        """What the formal check still has to do with: submitted, or given back for changes."""
        return self.filter(status__in=(Status.SUBMITTED, Status.RETURNED))

    def under_review(self) -> Self:
        return self.filter(status__in=workflow.JUDGED)

    def reviewed(self) -> Self:
        """What has passed the formal check, decided or not."""
        return self.filter(status__in=(*workflow.DECIDABLE, Status.APPROVED, Status.DECLINED))

    def decidable(self) -> Self:
        return self.filter(status__in=workflow.DECIDABLE)

    def overdue(self, now: datetime) -> Self:
        """Drafts of closed rounds, and returned applications whose date has passed."""
        return self.filter(Q(status=Status.DRAFT, round__closes_at__lte=now) | Q(status=Status.RETURNED, correct_by__lte=now))

    def for_list(self) -> Self:
        return self.select_related("round", "institution", "institution__country", "current", "owner").order_by("-reference")

    def behind(self, reference: str) -> Self:
        """What follows a reference in `for_list`; from the beginning when none is named."""
        return self.filter(reference__lt=reference) if reference else self

    def with_drafts(self) -> Self:
        """With the version that is being written, if any (`draft`)."""
        return self.prefetch_related(Prefetch("versions", queryset=Version.objects.drafts(), to_attr="drafts"))

    def for_applicant(self) -> Self:
        """All that the applicant's own pages show, in a fixed number of queries."""
        drafts = Version.objects.drafts().with_answers()
        return self.select_related("round", "owner", "current__institution__country", "current__institution__merged_into").prefetch_related(
            "current__requests__sample",
            Prefetch("versions", queryset=drafts, to_attr="drafts"),
            Prefetch("receipts", queryset=Receipt.objects.select_related("version").order_by("-at")),
            "history",
        )

    def untouched_drafts(self, round: Round) -> Self:
        """Drafts of a round in which nothing was written yet: a second start goes on with one of them."""
        return self.filter(round=round, status=Status.DRAFT, versions__revision=0, versions__number=1)

    def with_case(self) -> Self:
        """All that a page about one application shows, in a fixed number of queries."""
        return self.select_related("round", "round__mission", "institution", "institution__country", "current", "owner").prefetch_related(
            "current__requests__sample"
        )


class Application(Staged):
    """One application. `current` is the version that was handed in last; a draft version may stand beside it."""

    moves = MOVES

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="applications")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("applicant"), on_delete=models.PROTECT, related_name="applications")
    # The institution of the version handed in last: conflicts are judged by it. A draft version names its own.
    institution = models.ForeignKey(
        Institution, verbose_name=_("institution"), null=True, blank=True, on_delete=models.PROTECT, related_name="applications"
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.DRAFT)
    current = models.ForeignKey("Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("started"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    correct_by = models.DateTimeField(_("correct by"), null=True, blank=True)
    # What the applicant sees until the announcement shows: the status before it. See shown_status.
    quiet_status = models.CharField(max_length=20, choices=Status.choices, blank=True, default="")
    visible_at = models.DateTimeField(_("decision visible"), null=True, blank=True)

    objects: ClassVar = ApplicationQuerySet.as_manager()
    drafts: "list[Version]"  # by with_drafts() and for_applicant()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = (
            models.CheckConstraint(condition=Q(status__in=Status.values), name="application_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=workflow.NEVER_SUBMITTED) | Q(current__isnull=False, submitted_at__isnull=False, institution__isnull=False),
                name="application_complete_once_submitted",
            ),
            models.CheckConstraint(condition=~Q(status=Status.RETURNED) | Q(correct_by__isnull=False), name="application_returned_with_a_date"),
        )
        indexes = (
            models.Index(fields=("round", "status", "-reference"), name="application_office_list"),
            models.Index(fields=("owner", "-reference"), name="application_owner_list"),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def is_decision_visible(self) -> bool:
        return self.visible_at is not None and self.visible_at <= timezone.now()

    @property
    def shown_status(self) -> Status:
        """What the applicant and the public may know: an announced decision only once the announcement is visible."""
        if self.quiet_status and self.status in workflow.DECIDED and not self.is_decision_visible:
            return Status(self.quiet_status)
        return Status(self.status)

    @property
    def is_in_review(self) -> bool:
        return self.status in workflow.JUDGED

    @property
    def is_shown_in_review(self) -> bool:
        """Whether experts still judge it, as far as anybody outside the office may know."""
        return self.shown_status in workflow.JUDGED

    @property
    def tone(self) -> str:
        """The colour beside the status that the applicant sees."""
        return workflow.TONES.get(self.shown_status, "")

    @property
    def office_tone(self) -> str:
        """The colour beside the status that the office sees."""
        return workflow.TONES.get(self.status, "")

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def shown_tone(self) -> str:
        """The colour of the shown status."""
        return workflow.TONES.get(self.shown_status, "")

    @property
    def is_withdrawable(self) -> bool:
        """As far as the applicant knows: a decision that is not visible yet changes nothing."""
        return workflow.WITHDRAW.starts_from(self.shown_status)

    @property
    def is_open_ended(self) -> bool:
        """Whether a date stands that the applicant has to keep or may still use."""
        return self.status in workflow.EDITABLE

    @property
    def draft(self) -> "Version | None":
        """The version that is being written, if any; read with with_drafts() or for_applicant()."""
        return self.drafts[0] if self.drafts else None

    @property
    def shown_version(self) -> "Version | None":
        """The version handed in last, or the first one while nothing was handed in."""
        return self.current or self.draft

    def deadline(self) -> datetime:
        """Until when it may be edited and handed in (exclusive): a returned application has a date of its own."""
        if self.status in (Status.RETURNED, Status.NOT_SUBMITTED) and self.correct_by:
            return self.correct_by
        assert self.round.closes_at is not None
        return self.round.closes_at

    def is_editable(self, at: datetime | None = None) -> bool:
        return self.status in workflow.EDITABLE and (at or timezone.now()) < self.deadline()

    def visible_history(self) -> list["ApplicationChange"]:
        """What happened, as the applicant may know it: without a decision that is not visible yet."""
        rows = [row for row in self.history.all() if row.move not in workflow.OFFICE_ONLY]
        if self.quiet_status and not self.is_decision_visible:  # also after a withdrawal: the applicant never learns what it would have been
            unseen = [row for row in rows if row.to_status in workflow.DECIDED][-1:]
            rows = [row for row in rows if row not in unseen]
        return rows


class ApplicationChange(StatusChange):
    """The history of an application."""

    record = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="application_history_without_gap"),)

    @property
    def label(self) -> str:
        return next((str(step.label) for step in MOVES if step.name == self.move), self.move)


class VersionQuerySet(models.QuerySet["Version"]):
    def drafts(self) -> Self:
        """Versions that are being written: at most one per application."""
        return self.filter(submitted_at__isnull=True)

    def handed_in(self) -> Self:
        return self.filter(submitted_at__isnull=False)

    def with_answers(self) -> Self:
        return self.select_related("institution__country", "institution__merged_into").prefetch_related("requests__sample")


class Version(models.Model):
    """The words of an application. Written once when handed in; at most one draft version stands beside the handed-in ones."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    institution = models.ForeignKey(Institution, verbose_name=_("institution"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=300, blank=True)
    research_question = models.TextField(_("research question"), blank=True)
    plan = models.TextField(_("plan"), blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)  # counts edits: an older tab is told apart by it
    saved_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("saved"), default=timezone.now)
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
        """The mass of all samples asked for."""
        return sum(line.mass_ug for line in self.requests.all())

    def content(self) -> dict[str, str | int | None]:
        """What the digest of the receipt covers: every answer, the institution's own key, and the mass of each request."""
        content: dict[str, str | int | None] = {
            "reference": self.application.reference,
            "version": self.number,
            "institution": self.institution_id,
            "title": self.title,
            "research_question": self.research_question,
            "plan": self.plan,
        }
        for request in self.requests.all():
            content[f"sample {request.sample.number}"] = request.mass_ug
        return content

    def expected_digest(self) -> str:
        return digest_of(self.content())


class Request(models.Model):
    """One sample line of a version: powder by mass, a clast or a section whole (then the mass is that of the piece)."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="requests")
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="requests")
    position = models.PositiveSmallIntegerField(default=0)
    mass_ug = models.BigIntegerField(_("mass in micrograms"))

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("version", "sample"), name="a_version_asks_once_for_a_sample"),
            models.CheckConstraint(condition=Q(mass_ug__gt=0), name="request_asks_for_something"),
        )

    def __str__(self) -> str:
        return self.sample.number


class Receipt(AppendOnlyModel):
    """Proof that a version was handed in: number, moment and digest. The key makes a repeated submission harmless."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="receipts")
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


def draft_version(application: Application) -> Version | None:
    """The version that is being written, if any."""
    draft: Version | None = Version.objects.drafts().with_answers().filter(application=application).first()
    if draft is not None:
        draft.application = application
    return draft


def choosable_institutions(user: User) -> InstitutionQuerySet:
    """What an applicant may choose from. Names that other applicants entered stay out until the office has verified them: one of them
    would tell who else applies."""
    known = Q(is_verified=True) | Q(created_by=None) | Q(created_by=user) | Q(pk__in=Institution.objects.of(user).values("pk"))
    return Institution.objects.alive().filter(known).select_related("country").order_by("name_en", "pk")


def offered_samples(round: Round) -> SampleQuerySet:
    """What an application to this round may ask for, in order of number."""
    return Sample.objects.filter(offers__round=round).for_list()
