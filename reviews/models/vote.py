"""The committee's vote on one requested sample."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Request

# The same sentence stands on the page while the numbers are typed (static/js/votes.js), so its gaps are in braces.
CARRIED = _("{yes} of {eligible} entitled to vote: {yes} × {denominator} ≥ {numerator} × {eligible}, so it is carried.")
NOT_CARRIED = _("{yes} of {eligible} entitled to vote: {yes} × {denominator} < {numerator} × {eligible}, so it is not carried.")
NOBODY_VOTES = _("Nobody of those present may vote, so nothing is carried.")


class Vote(models.Model):
    """The committee's vote on one requested sample, as counted in the meeting. Abstaining counts as present, recused does not."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="vote")
    present = models.PositiveSmallIntegerField(_("present"))
    recused = models.PositiveSmallIntegerField(_("recused"), default=0)
    yes = models.PositiveSmallIntegerField(_("yes"))
    no = models.PositiveSmallIntegerField(_("no"), default=0)
    # What the committee voted to lend where that is less than was asked for; empty means the mass asked for.
    mass_ug = models.BigIntegerField(_("reduced mass in micrograms"), null=True, blank=True)
    meeting = models.ForeignKey("reviews.Meeting", null=True, blank=True, on_delete=models.PROTECT, related_name="votes")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("entered"), default=timezone.now)

    numerator: int  # by vote_on: the share it is measured by, frozen with a decision, else the round's
    denominator: int

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(recused__lte=F("present")), name="vote_recused_are_present"),
            models.CheckConstraint(condition=Q(present__gte=F("yes") + F("no") + F("recused")), name="vote_counts_only_those_present"),
            models.CheckConstraint(condition=Q(mass_ug__isnull=True) | Q(mass_ug__gt=0), name="vote_reduces_to_some_mass"),
        )

    @property
    def eligible(self) -> int:
        return self.present - self.recused

    def figures(self) -> dict[str, int | None]:
        return {"present": self.present, "recused": self.recused, "yes": self.yes, "no": self.no, "mass_ug": self.mass_ug}

    def reaches(self, numerator: int, denominator: int) -> bool:
        """At least this share of those present and not recused, in whole numbers; where nobody may vote nothing is carried."""
        return self.eligible > 0 and self.yes * denominator >= numerator * self.eligible

    @property
    def is_carried(self) -> bool:
        """By the share that vote_on gave it."""
        return self.reaches(self.numerator, self.denominator)

    @property
    def arithmetic(self) -> str:
        """The rule with its numbers, in words."""
        sentence = (CARRIED if self.is_carried else NOT_CARRIED) if self.eligible > 0 else NOBODY_VOTES
        return str(sentence).format(yes=self.yes, eligible=self.eligible, numerator=self.numerator, denominator=self.denominator)

    @property
    def abstained(self) -> int:
        return self.eligible - self.yes - self.no
