"""Conflicts between a person and an application: what is declared or set by the office. Ties are found, not stored (ties.py)."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Application
from workflow.models import AppendOnlyModel


class Standing(models.TextChoices):
    """How a person stands towards an application. Without a row nothing was declared yet."""

    CONFLICT = "conflict", _("Conflict")
    NONE = "none", _("No conflict")
    EXPLAINED = "explained", _("Not a conflict, because …")  # about a tie that was found; counts once the office has confirmed the reason
    PINNED = "pinned", _("Conflict, set by the office")


SHUTTING_OUT = (Standing.CONFLICT, Standing.PINNED)
NO_CONFLICT = (Standing.NONE, Standing.EXPLAINED)


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def shutting_out(self) -> Self:
        """Those that shut the person out, whatever else is found."""
        return self.filter(standing__in=SHUTTING_OUT)

    def lifting(self) -> Self:
        """Explanations that the office has confirmed: they lift a tie that was found through mail domain, ROR or an earlier application."""
        return self.filter(standing=Standing.EXPLAINED, confirmed_at__isnull=False)

    def against(self) -> Self:
        """Where the person has said that there is no conflict. What was found may shut out all the same."""
        return self.filter(standing__in=NO_CONFLICT)

    def about(self, tie: str) -> Self:
        """Explanations of this tie: one that is found later was never explained."""
        return self.filter(about__contains=f",{tie},")

    def for_office(self) -> Self:
        return self.select_related("user", "application__institution", "application__owner", "application__current").order_by("declared_at", "pk")

    def awaiting_confirmation(self) -> Self:
        return self.filter(standing=Standing.EXPLAINED, confirmed_at__isnull=True)


class Conflict(models.Model):
    """The last word on a person and an application; every word before it stands in `Declaration`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflicts")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="conflicts")
    standing = models.CharField(_("standing"), max_length=20, choices=Standing.choices, default=Standing.CONFLICT)
    note = models.TextField(_("reason"), blank=True)
    about = models.CharField(max_length=100, blank=True, default="")  # the ties that an explanation is about: ",domain,together,"
    declared_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("declared"), default=timezone.now)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")  # who pinned it
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    objects: ClassVar = ConflictQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "application"), name="a_conflict_is_declared_once"),
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="conflict_standing_known"),
            models.CheckConstraint(condition=~Q(standing=Standing.EXPLAINED) | ~Q(note=""), name="an_explanation_has_words"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(standing=Standing.EXPLAINED, confirmed_by__isnull=False),
                name="only_an_explanation_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("user")), name="nobody_confirms_an_own_explanation"
            ),
        )

    @property
    def is_pinned(self) -> bool:
        return self.standing == Standing.PINNED

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def explained(self) -> frozenset[str]:
        """The ties that the explanation is about."""
        return frozenset(self.about.strip(",").split(",")) - {""}

    def lifts(self, ties: Collection[str]) -> bool:
        """Whether the person is free although these ties were found: each is explained, and the office has confirmed it."""
        return self.standing == Standing.EXPLAINED and self.is_confirmed and self.explained.issuperset(ties)


class Declaration(AppendOnlyModel):
    """One word about a person and an application, as it was said: by the person, or by the office (`by`)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="declarations")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="declarations")
    standing = models.CharField(_("standing"), max_length=20, choices=Standing.choices)
    is_confirmation = models.BooleanField(default=False)
    note = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ("pk",)
