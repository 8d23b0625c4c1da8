"""The only writer of a mass. A posting is one conditional update of the sample's row and one movement, in one transaction.

The condition stands in the statement itself: two postings for the last milligram meet at the row, and the second finds too little.
Nothing is read first and nothing is locked by hand. Whoever posts to several samples goes in the order of their keys.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from samples.masses import spell_mg
from samples.models import Account, Hold, Movement, Sample


class NotEnoughLeft(Exception):
    """The account holds less than was to be moved. The text counts what is set aside: it may be shown in the office only."""

    def __init__(self, free_ug: int, sample: Sample | None = None) -> None:
        self.free_ug, self.sample = free_ug, sample
        super().__init__(_("Only %(mass)s mg left.") % {"mass": spell_mg(free_ug)})


def post(
    sample: Sample,
    from_account: Account,
    to_account: Account,
    mass_ug: int,
    *,
    reference: str,
    reason: str,
    by: User | None,
    hold: Hold | None = None,
    key: UUID | None = None,
    provided: Q | None = None,
) -> Movement:
    """Move mass between two accounts of a sample, or refuse and write nothing (NotEnoughLeft).

    `provided` is a further condition on the sample's row, judged in the same statement. The sample in hand keeps the figures it was
    read with: read it again to show it.
    """
    if mass_ug <= 0:
        raise ValueError("a movement has a mass")
    condition, changes = provided or Q(), {}
    if from_account is not Account.OUTSIDE:
        condition &= Q(**{f"{from_account}_ug__gte": mass_ug})
        changes[f"{from_account}_ug"] = F(f"{from_account}_ug") - mass_ug
    if to_account is not Account.OUTSIDE:
        changes[f"{to_account}_ug"] = F(f"{to_account}_ug") + mass_ug
    with transaction.atomic():
        if not Sample.objects.filter(condition, pk=sample.pk).update(**changes):
            raise NotEnoughLeft(balance_ug(sample, from_account), sample)
        return Movement.objects.create(
            sample=sample,
            from_account=from_account,
            to_account=to_account,
            mass_ug=mass_ug,
            reference=reference,
            reason=reason,
            hold=hold,
            key=key,
            by=by,
        )


def hide(sample: Sample, mass_ug: int) -> None:
    """Count a part of what is held as left on public pages, until its announcement becomes visible. No mass moves."""
    Sample.objects.filter(pk=sample.pk).update(unseen_ug=F("unseen_ug") + mass_ug)


def show(sample: Sample, mass_ug: int) -> None:
    """Undo `hide`: the announcement has become visible, or the hold is about to be released."""
    Sample.objects.filter(pk=sample.pk).update(unseen_ug=F("unseen_ug") - mass_ug)


def balance_ug(sample: Sample, account: Account) -> int:
    """What the account holds at this moment."""
    if account is Account.OUTSIDE:
        return 0
    balance: int = Sample.objects.values_list(f"{account}_ug", flat=True).get(pk=sample.pk)
    return balance
