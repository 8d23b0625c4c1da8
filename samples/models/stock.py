"""Holds and movements: whose mass it is and where it went."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from samples.models.catalogue import Sample
from samples.models.choices import OPEN_STATES, Account, HoldState
from workflow.models import AppendOnlyModel


class HoldQuerySet(models.QuerySet["Hold"]):
    def of(self, references: Collection[str]) -> HoldQuerySet:
        """Holds of these applications in the order in which every action takes them, so that two actions cannot block each other."""
        return self.filter(reference__in=references).order_by("sample_id", "pk")

    def open(self) -> HoldQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def seen(self) -> HoldQuerySet:
        """Those that everybody may know: announced and visible, or handed out."""
        return self.filter(state__in=(HoldState.HELD, HoldState.HANDED_OUT), is_seen=True)

    def of_samples(self, samples: Collection[Sample]) -> HoldQuerySet:
        return self.filter(sample__in=samples).order_by("-pk")

    def unseen(self) -> HoldQuerySet:
        return self.filter(state=HoldState.HELD, is_seen=False)


class Hold(models.Model):
    """Mass of one sample kept for one application, known here by its reference alone, as on a letter."""

    sample = models.ForeignKey(Sample, verbose_name=_("sample"), on_delete=models.PROTECT, related_name="holds")
    reference = models.CharField(_("reference"), max_length=40, db_index=True)
    mass_ug = models.BigIntegerField(_("mass"))
    is_whole = models.BooleanField(_("whole piece"))
    state = models.CharField(_("state"), max_length=12, choices=HoldState.choices, default=HoldState.EARMARKED)
    is_seen = models.BooleanField(_("seen by the public"), default=False)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = HoldQuerySet.as_manager()

    sample_id: int

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = (
            models.UniqueConstraint(fields=("sample", "reference"), condition=~Q(state="released"), name="hold_one_per_sample_and_reference"),
            models.UniqueConstraint(fields=("sample",), condition=Q(is_whole=True) & ~Q(state="released"), name="hold_whole_piece_by_one_borrower"),
            models.CheckConstraint(condition=Q(mass_ug__gt=0), name="hold_mass_above_zero"),
            models.CheckConstraint(condition=Q(state__in=HoldState.values), name="hold_state_known"),
            models.CheckConstraint(condition=Q(is_seen=False) | ~Q(state="earmarked"), name="hold_earmark_is_never_seen"),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.sample_id} {self.mass_ug}"


class MovementQuerySet(models.QuerySet["Movement"]):
    def of(self, sample: Sample) -> MovementQuerySet:
        return self.filter(sample=sample)

    def of_samples(self, samples: Collection[int]) -> MovementQuerySet:
        return self.filter(sample__in=samples)

    def visible_to(self, user: User | AnonymousUser) -> MovementQuerySet:
        """Officers and approvers read the whole ledger; a curator reads it without what would betray an unannounced decision."""
        if not isinstance(user, User):
            return self.none()
        if user.has_role(Role.OFFICER, Role.APPROVER):
            return self
        if user.has_role(Role.CURATOR):
            released = Q(from_account=Account.HELD, to_account=Account.VAULT)  # perhaps before the announcement was visible
            return self.exclude(Q(from_account=Account.EARMARKED) | Q(to_account=Account.EARMARKED) | released)
        return self.none()

    def for_list(self) -> MovementQuerySet:
        """Newest first, with who did it."""
        return self.select_related("by").order_by("-pk")

    def listed_ug(self) -> dict[int, int]:
        """Per sample the mass that catalogue files have put in: what the next file is compared with, whatever curators corrected since."""
        signed = models.Case(models.When(from_account=Account.OUTSIDE, then=F("mass_ug")), default=-F("mass_ug"))
        rows = self.filter(reference=CATALOGUE).values_list("sample_id").annotate(listed_ug=Sum(signed)).order_by("sample_id")
        return {sample: int(mass) for sample, mass in rows}

    def stock_at(self, moments: Sequence[datetime]) -> dict[int, list[tuple[int, int]]]:
        """Per sample and moment what the public saw as left, and all that was taken in until then; one statement.

        What was announced and is not visible yet counts as left, as on every public page.
        """
        unseen = Q(hold__state=HoldState.HELD, hold__is_seen=False)
        comes = Q(to_account__in=SEEN_AS_LEFT) | Q(unseen, to_account=Account.HELD)
        goes = Q(from_account__in=SEEN_AS_LEFT) | Q(unseen, from_account=Account.HELD)
        sums: dict[str, Any] = {}
        for index, moment in enumerate(moments):
            so_far = Q(at__lte=moment)
            for name, inward, outward in (("left", comes, goes), ("total", Q(from_account=Account.OUTSIDE), Q(to_account=Account.OUTSIDE))):
                plus, minus = Sum("mass_ug", filter=so_far & inward, default=0), Sum("mass_ug", filter=so_far & outward, default=0)
                sums |= {f"{name}_{index}": plus - minus}
        names = list(sums)
        rows = self.order_by().values("sample_id").annotate(**sums).values_list("sample_id", *names)
        return {sample: [(int(left), int(total)) for left, total in zip(figures[::2], figures[1::2], strict=True)] for sample, *figures in rows}


SEEN_AS_LEFT = (Account.VAULT, Account.EARMARKED)
CATALOGUE = "catalogue"  # the reference of movements made by a catalogue file


class Movement(AppendOnlyModel):
    """Mass that went from one account of a sample to another. Written once: the balance of an account is the sum of its movements."""

    sample = models.ForeignKey(Sample, verbose_name=_("sample"), on_delete=models.PROTECT, related_name="movements")
    from_account = models.CharField(_("from"), max_length=12, choices=Account.choices)
    to_account = models.CharField(_("to"), max_length=12, choices=Account.choices)
    mass_ug = models.BigIntegerField(_("mass"))
    reference = models.CharField(_("reference"), max_length=40, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    hold = models.ForeignKey(Hold, null=True, on_delete=models.PROTECT, related_name="movements")
    key = models.UUIDField(null=True, unique=True)  # of the form that asked for it: sent twice, posted once
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), auto_now_add=True)

    objects: ClassVar[MovementQuerySet] = MovementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        ordering = ("pk",)
        indexes = (models.Index(fields=("sample", "-id"), name="movement_newest_of_sample"),)
        constraints = (
            models.CheckConstraint(condition=Q(mass_ug__gt=0), name="movement_mass_above_zero"),
            models.CheckConstraint(condition=~Q(from_account=F("to_account")), name="movement_between_two_accounts"),
            models.CheckConstraint(condition=Q(from_account__in=Account.values, to_account__in=Account.values), name="movement_accounts_known"),
        )

    def __str__(self) -> str:
        return f"{self.sample_id}: {self.from_account} -> {self.to_account} {self.mass_ug}"
