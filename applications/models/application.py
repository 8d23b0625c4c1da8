"""An application: who asks, in which round, how it stands, and what of it each person may know."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications import workflow
from applications.models.team import HandOver, Member, Part
from applications.models.version import Receipt, Saving, Version
from applications.workflow import MOVES, Status
from institutions.models import Institution
from rounds.models import Extension, Round
from workflow.models import Staged, StatusChange, YearCounter


class ReferenceCounter(YearCounter):
    """LSA-<year>-<5 digits>."""


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: User) -> Self:
        """The applicant's own, and those in whose team the person is. The office and the experts open a case through reviews, where
        conflicts are known."""
        return self.filter(Q(owner=user) | Q(pk__in=Member.objects.taking_part().filter(user=user).values("application_id")))

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def of_round(self, round: Round) -> Self:
        return self.filter(round=round)

    def of_rounds(self, rounds: Collection[Round]) -> Self:
        return self.filter(round__in=rounds)

    def of_references(self, references: Collection[str]) -> Self:
        return self.filter(reference__in=references)

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

    def shown_in_review(self) -> Self:
        """What experts still judge, as far as anybody outside the office may know: a decision that is not visible yet changes nothing."""
        unseen = Q(visible_at__isnull=True) | Q(visible_at__gt=timezone.now())
        return self.filter(Q(status__in=workflow.JUDGED) | unseen & Q(status__in=workflow.DECIDED, quiet_status__in=workflow.JUDGED))

    def reviewed(self) -> Self:
        """What has passed the formal check, decided or not."""
        return self.filter(status__in=(*workflow.DECIDABLE, Status.APPROVED, Status.DECLINED))

    def decidable(self) -> Self:
        return self.filter(status__in=workflow.DECIDABLE)

    def overdue(self, now: datetime) -> Self:
        """Drafts of closed rounds, and returned applications whose date has passed."""
        return self.filter(Q(status=Status.DRAFT, round__closes_at__lte=now) | Q(status=Status.RETURNED, correct_by__lte=now))

    def to_copy(self, user: User, kinds: Collection[str]) -> Self:
        """The person's own applications in which something is written, of the kinds that can be started now; the newest first."""
        written = Version.objects.filter(application=OuterRef("pk"), revision__gt=0)
        rows = self.filter(Exists(written), owner=user, round__kind__in=kinds)
        return rows.with_drafts().select_related("round", "current").order_by("-reference")

    def to_remind(self, now: datetime, within: timedelta) -> Self:
        """Whatever is written and not handed in, with a deadline that is near or new: with the moment since which it is written (`begun_at`)."""
        near = (now - within, now + within)
        rewritten = Version.objects.drafts().filter(application=OuterRef("pk"), revision__gt=0)
        returned = ApplicationChange.objects.filter(record=OuterRef("pk"), move=workflow.RETURN.name).order_by("-sequence").values("at")[:1]
        begun = Saving.objects.filter(version__application=OuterRef("pk"), version__submitted_at__isnull=True).order_by("pk").values("began_at")[:1]
        extended = Extension.objects.filter(round=OuterRef("round_id"), at__gte=now - within)
        by_round = Q(round__closes_at__range=near) | Exists(extended)
        drafts = Q(by_round, status__in=(Status.DRAFT, Status.NOT_SUBMITTED), correct_by__isnull=True)
        corrections = Q(status__in=(Status.RETURNED, Status.NOT_SUBMITTED), correct_by__range=near)
        replacements = Q(by_round, Exists(rewritten), status=Status.SUBMITTED)
        since = Case(
            When(correct_by__isnull=False, then=Subquery(returned)),
            When(status=Status.SUBMITTED, then=Coalesce(Subquery(begun), F("submitted_at"))),
            default=F("started_at"),
        )
        rows = self.filter(drafts | corrections | replacements).annotate(begun_at=since)
        return rows.select_related("round").prefetch_related("reminders", "round__extensions").order_by("pk")

    def for_list(self) -> Self:
        """One row of a list: without the long texts, which make up nearly all of what would be read."""
        rows = self.select_related("round", "institution", "institution__country", "current", "owner").order_by("-reference")
        return rows.defer(*(f"current__{name}" for name in ("research_question", "plan", "answers", "marks")))

    def with_part_of(self, user: User) -> Self:
        """With what the person may do in each as a member of its team (`own_part`); empty for the applicant."""
        place = Member.objects.taking_part().filter(application=OuterRef("pk"), user=user)
        return self.annotate(own_part=Coalesce(Subquery(place.values("part")[:1]), Value("")))

    def behind(self, reference: str) -> Self:
        """What follows a reference in `for_list`; from the beginning when none is named."""
        return self.filter(reference__lt=reference) if reference else self

    def with_drafts(self) -> Self:
        """With the version that is being written, if any (`draft`)."""
        return self.prefetch_related(Prefetch("versions", queryset=Version.objects.drafts(), to_attr="drafts"))

    def for_applicant(self) -> Self:
        """All that the applicant's own pages show, in a fixed number of queries."""
        drafts = Version.objects.drafts().with_answers()
        return self.select_related("round", "owner").prefetch_related(
            Prefetch("current", queryset=Version.objects.with_answers()),
            Prefetch("versions", queryset=drafts, to_attr="drafts"),
            Prefetch("receipts", queryset=Receipt.objects.select_related("version").order_by("-at")),
            Prefetch("members", queryset=Member.objects.for_list()),
            Prefetch("hand_overs", queryset=HandOver.objects.open().for_page()),
            "history",
        )

    def untouched_drafts(self, round: Round) -> Self:
        """Drafts of a round in which nothing was written yet: a second start goes on with one of them."""
        return self.filter(round=round, status=Status.DRAFT, versions__revision=0, versions__number=1)

    def with_case(self) -> Self:
        """All that a page about one application shows, in a fixed number of queries."""
        return self.select_related(
            "round", "round__mission", "institution", "institution__country", "current__institution__country", "owner"
        ).prefetch_related(
            "current__requests__sample", "current__attachments__upload", "current__endorsements__by", "current__endorsements__institution"
        )

    def with_drawn_pages(self) -> Self:
        """And the pages of its files as pictures with their text."""
        return self.prefetch_related("current__attachments__upload__drawn_pages")


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
    current = models.ForeignKey(Version, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("started"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    correct_by = models.DateTimeField(_("correct by"), null=True, blank=True)
    # What the applicant sees until the announcement shows: the status before it. See shown_status.
    quiet_status = models.CharField(max_length=20, choices=Status.choices, blank=True, default="")
    visible_at = models.DateTimeField(_("decision visible"), null=True, blank=True)
    signed_on = models.DateField(_("Loan Agreement signed"), null=True, blank=True)

    objects: ClassVar = ApplicationQuerySet.as_manager()
    drafts: list[Version]  # by with_drafts() and for_applicant()
    own_part: str  # by with_part_of()
    begun_at: datetime  # by to_remind()
    owner_id: int

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
            models.CheckConstraint(condition=Q(signed_on__isnull=True) | Q(status=Status.APPROVED), name="application_signed_is_approved"),
        )
        indexes = (
            models.Index(fields=("round", "status", "-reference"), name="application_office_list"),
            models.Index(fields=("owner", "-reference"), name="application_owner_list"),
            models.Index(fields=("round", "-reference"), name="application_round_list"),
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
    def is_invited(self) -> bool:
        """Invited to the hearing, as far as the applicant may know."""
        return self.shown_status == Status.INVITED

    @property
    def is_askable(self) -> bool:
        """Whether the office may still ask: it is handed in and not decided."""
        return self.status in workflow.ASKABLE

    @property
    def is_over(self) -> bool:
        """As far as the applicant knows: nothing more will be done with it."""
        return self.shown_status in workflow.CLOSED

    @property
    def is_withdrawable(self) -> bool:
        """As far as the applicant knows: a decision that is not visible yet changes nothing."""
        return workflow.WITHDRAW.starts_from(self.shown_status) and not self.is_signed

    @property
    def is_signed(self) -> bool:
        """The Loan Agreement is signed: what was approved neither lapses nor is withdrawn any more."""
        return self.signed_on is not None

    @property
    def is_open_ended(self) -> bool:
        """Whether a date stands that the applicant has to keep or may still use."""
        return self.status in workflow.EDITABLE

    @property
    def own_part_label(self) -> str:
        """What the reader may do as a member of the team; read with with_part_of()."""
        return str(Part(self.own_part).label) if self.own_part else ""

    @property
    def is_handed_on(self) -> bool:
        """Whether it can pass to another applicant, as far as the present one knows."""
        return workflow.HAND_OVER.starts_from(self.shown_status)

    @property
    def takes_members(self) -> bool:
        """Whether anybody can still be invited, as far as the applicant knows."""
        return self.shown_status not in workflow.CLOSED

    def member(self, user: User) -> Member | None:
        """The person's place in the team; read with for_applicant()."""
        return next((member for member in self.members.all() if member.takes_part and member.user_id == user.pk), None)

    def is_of(self, user: User, *parts: Part) -> bool:
        """Whether the person is the applicant, or takes part in one of these ways."""
        if self.owner_id == user.pk:
            return True
        member = self.member(user)
        return member is not None and member.part in parts

    @property
    def draft(self) -> Version | None:
        """The version that is being written, if any; read with with_drafts() or for_applicant()."""
        return self.drafts[0] if self.drafts else None

    @property
    def shown_version(self) -> Version | None:
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
            unseen = [row for row in rows if row.is_decision][-1:]
            rows = [row for row in rows if row not in unseen]
        return rows


class ApplicationChange(StatusChange):
    """The history of an application."""

    record = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="history")

    class Meta(StatusChange.Meta):
        constraints = (models.UniqueConstraint(fields=("record", "sequence"), name="application_history_without_gap"),)

    @property
    def is_decision(self) -> bool:
        """Whether this step decided the application; a hand-over afterwards did not."""
        return self.to_status in workflow.DECIDED and self.from_status != self.to_status

    @property
    def label(self) -> str:
        return next((str(step.label) for step in MOVES if step.name == self.move), self.move)
