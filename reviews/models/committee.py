"""Who sits in the committee of a round, what each knows about, and which applications each would like to judge."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Application
from rounds.models import Round


class SeatQuerySet(models.QuerySet["Seat"]):
    def of_round(self, round: Round) -> Self:
        return self.filter(round=round)

    def taken(self) -> Self:
        """Seats of people who still sit in the committee."""
        return self.filter(ended_at__isnull=True)

    def for_list(self) -> Self:
        return self.select_related("user").order_by("user__full_name", "user__email")

    def chaired_by(self, user: User) -> Self:
        return self.taken().filter(user=user, is_chair=True)

    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def regular(self) -> Self:
        """Seats of members, who may be given any application; who is invited is given particular ones by hand."""
        return self.filter(is_invited=False)

    def with_round(self) -> Self:
        """What a member's own pages show of a seat; the newest round first."""
        return self.select_related("round").order_by("-round__closes_at", "-pk")

    def take_turns(self) -> None:
        """Whoever gives a person something to judge, and whoever declares that the person must not, waits here for the other one."""
        self.taken().update(ended_at=None)


class Seat(models.Model):
    """A person's place in the committee of one round. Invited experts (foreign or others) judge and vote only on what was given to them,
    and are at most a third of the committee (charter of the expert committee, 2021)."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="seats")
    is_chair = models.BooleanField(_("chair"), default=False)
    is_invited = models.BooleanField(_("invited for particular applications"), default=False)
    most_reviews = models.PositiveSmallIntegerField(
        _("most reviews"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1000)], help_text=_("Empty: no limit.")
    )
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("added"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    user_id: int
    objects: ClassVar = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat in the committee")
        constraints = (
            models.UniqueConstraint(fields=("round", "user"), name="one_seat_per_person_and_round"),
            models.UniqueConstraint(fields=("round",), condition=Q(is_chair=True, ended_at__isnull=True), name="one_chair_per_round"),
            models.CheckConstraint(condition=Q(is_chair=False) | Q(is_invited=False), name="the_chair_is_a_member"),
        )

    @property
    def is_open_to_wishes(self) -> bool:
        """Whether the round has closed and its reviews are not due yet: earlier or later a wish comes to nothing."""
        now, due = timezone.now(), self.round.reviews_due_at
        return not self.round.is_public_record and self.round.is_closed(now) and (due is None or due > now)


class ExpertiseQuerySet(models.QuerySet["Expertise"]):
    def said_by(self, user: User) -> "Expertise | None":
        return self.filter(user=user).first()


class Expertise(models.Model):
    """What an expert says to know: fields and techniques out of the portal's lists, and words of their own."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="expertise")
    fields: "models.JSONField[list[str], list[str]]" = models.JSONField(_("fields"), default=list, blank=True)
    techniques: "models.JSONField[list[str], list[str]]" = models.JSONField(_("techniques"), default=list, blank=True)
    words = models.TextField(_("in your own words"), blank=True)
    changed_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("changed"), default=timezone.now)

    objects: ClassVar = ExpertiseQuerySet.as_manager()


class Wish(models.IntegerChoices):
    """How much an expert would like to judge an application."""

    EAGER = 2, _("I would like to")
    WILLING = 1, _("I can")
    RELUCTANT = -1, _("Rather not")


class Bid(models.Model):
    """An expert's wish about one application of a round."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bids")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="bids")
    wish = models.SmallIntegerField(_("wish"), choices=Wish.choices)
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "application"), name="one_bid_per_expert_and_application"),
            models.CheckConstraint(condition=Q(wish__in=Wish.values), name="wish_known"),
        )


class PlanQuerySet(models.QuerySet["Plan"]):
    def of(self, round: Round, user: User) -> Self:
        """A dry run is shown to whoever made it: it names only applications that this person may see."""
        return self.filter(round=round, made_by=user).order_by("-pk")


class Plan(models.Model):
    """A dry run of the assignment: who would get what, and why. Nothing is assigned before it is applied, once."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="plans")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("made"), default=timezone.now)
    settings: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    # What is new: [application, expert, match in thousandths, reasons by code]; what stays is read from the reviews.
    pairs: "models.JSONField[list[list[Any]], list[list[Any]]]" = models.JSONField(default=list)
    # By application: how many experts are lacking; of the committee how many are shut out, were asked before, have reached their limit.
    unfilled: "models.JSONField[dict[str, list[int]], dict[str, list[int]]]" = models.JSONField(default=dict)
    seen_digest = models.CharField(max_length=64)  # of what it was computed from: an older plan is not applied
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)

    objects: ClassVar = PlanQuerySet.as_manager()
