"""Who else takes part in an application: the team, the signatory's endorsement, and handing the application over."""

import secrets
from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models.version import Version
from institutions.models import Institution
from workflow.models import AppendOnlyModel

INVITATION_LIVES = timedelta(days=30)
MAILS_A_DAY = 20  # of one kind that a person may have sent
RENEWALS_A_DAY = 3
MOST_WAITING = 30  # invitations of one application


def new_code() -> str:
    """128 random bits: the link of an invitation."""
    return secrets.token_urlsafe(16)


class Part(models.TextChoices):
    """What a member of the team may do."""

    READ = "read", _("May read")
    EDIT = "edit", _("May write and submit")
    SIGN = "sign", _("Signs for the institution")


class MemberQuerySet(models.QuerySet["Member"]):
    def taking_part(self) -> Self:
        """Those who have accepted and have not left."""
        return self.filter(accepted_at__isnull=False, ended_at__isnull=True)

    def waiting(self) -> Self:
        """Invitations that are neither answered nor withdrawn nor too old."""
        return self.filter(accepted_at__isnull=True, ended_at__isnull=True, invited_at__gt=timezone.now() - INVITATION_LIVES)

    def asked(self) -> Self:
        """Those who take part, and invitations that nobody has answered or withdrawn, however old."""
        return self.filter(ended_at__isnull=True)

    def signing(self) -> Self:
        return self.taking_part().filter(part=Part.SIGN, user__is_active=True)

    def for_list(self) -> Self:
        return self.select_related("user", "invited_by").order_by("pk")

    def with_application(self) -> Self:
        """All that the page of an invitation shows."""
        return self.select_related("application__round", "application__owner", "application__current", "invited_by", "user")


class Member(models.Model):
    """A person invited to an application by mail. `user` is set on acceptance; an ended row (declined, left, removed) stays."""

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="members")
    email = models.EmailField(_("e-mail address"), max_length=254)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(_("part"), max_length=10, choices=Part.choices)
    code = models.CharField(max_length=40, unique=True, default=new_code)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("invited"), default=timezone.now)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    has_declined = models.BooleanField(_("declined"), default=False)

    user_id: int | None
    application_id: int
    objects: ClassVar = MemberQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("application", "email"), condition=Q(ended_at__isnull=True), name="one_invitation_per_address"),
            models.UniqueConstraint(
                fields=("application", "user"), condition=Q(ended_at__isnull=True, user__isnull=False), name="a_person_takes_part_once"
            ),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="part_is_known"),
            models.CheckConstraint(condition=Q(accepted_at__isnull=True) | Q(user__isnull=False), name="a_member_is_a_person"),
        )

    def __str__(self) -> str:
        return self.email

    @property
    def takes_part(self) -> bool:
        return self.accepted_at is not None and self.ended_at is None

    @property
    def is_waiting(self) -> bool:
        return self.accepted_at is None and self.ended_at is None and timezone.now() - self.invited_at < INVITATION_LIVES

    @property
    def is_expired(self) -> bool:
        return self.accepted_at is None and self.ended_at is None and not self.is_waiting

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def is_signatory(self) -> bool:
        return self.part == Part.SIGN

    @property
    def ends_at(self) -> datetime:
        """Until when the invitation can be answered."""
        return self.invited_at + INVITATION_LIVES

    @property
    def masked_email(self) -> str:
        """The address as it may be shown to whoever holds the link: k…@example.org."""
        name, _at, host = self.email.rpartition("@")
        return f"{name[:1]}…@{host}"


class TeamMailQuerySet(models.QuerySet["TeamMail"]):
    def of_application(self, application: "models.Model") -> Self:
        return self.filter(member__application=application).order_by("pk")


class TeamMail(AppendOnlyModel):
    """A mail that somebody had sent to a member: an invitation, or the wish for the endorsement. The running number within a day is
    unique and limited, so that nobody makes the portal send more, however many windows press the button at once."""

    class What(models.TextChoices):
        INVITATION = "invitation", _("Invitation")
        ENDORSEMENT = "endorsement", _("Wish for the endorsement")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="mails")
    what = models.CharField(max_length=20, choices=What.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on: "models.DateField[date, date]" = models.DateField(_("day in Beijing"))
    number = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64, blank=True)  # of the answers that are to be endorsed
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(default=timezone.now)

    objects: ClassVar = TeamMailQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("by", "what", "on", "number"), name="mails_to_a_team_are_numbered"),
            models.UniqueConstraint(fields=("member", "on", "digest"), condition=~Q(digest=""), name="asked_once_a_day_for_the_same_answers"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=MAILS_A_DAY), name="mails_to_a_team_are_few"),
        )

    def __str__(self) -> str:
        return f"{self.what}: {self.member_id}"


class Endorsement(AppendOnlyModel):
    """The institution's yes to exactly these answers: it holds while the version's content still has this digest."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="endorsements")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(_("digest"), max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    position = models.CharField(_("position"), max_length=300)  # of the signatory, as stated
    is_known = models.BooleanField(_("may sign, as the register says"))  # the membership with "may sign" at this moment
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ("at",)
        constraints = (models.UniqueConstraint(fields=("version", "digest", "by"), name="endorsed_once_as_it_stands"),)

    version_id: int
    by_id: int

    def __str__(self) -> str:
        return f"{self.version_id}: {self.by_id}"

    @property
    def stands(self) -> bool:
        """Whether the version still says what was endorsed; read with the version."""
        return self.digest == (self.version.digest or self.version.expected_digest())


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def open(self) -> Self:
        return self.filter(answered_at__isnull=True)

    def for_page(self) -> Self:
        return self.select_related("to", "asked_by", "consented_by")


class HandOver(models.Model):
    """The applicant passes an application on to a member of the team. It happens when the member has agreed and, where the round asks
    for the institution's endorsement, the signatory has consented; a no, or the applicant's second thought, ends it."""

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="hand_overs")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("to"), on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(_("agreed"), null=True, blank=True)  # by the new applicant
    consented_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    consented_at = models.DateTimeField(_("consented"), null=True, blank=True)  # by the signatory
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)  # the end of it: done, refused or taken back
    is_agreed = models.BooleanField(default=False)

    to_id: int
    objects: ClassVar = HandOverQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("application",), condition=Q(answered_at__isnull=True), name="one_hand_over_at_a_time"),
            models.CheckConstraint(
                condition=Q(is_agreed=False) | Q(accepted_at__isnull=False, answered_at__isnull=False), name="a_hand_over_needs_the_new_applicant"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id}: {self.asked_by_id} to {self.to_id}"
