"""What happens to stock: taken in, corrected, earmarked, held, shown, released.

An action that touches several holds changes all hold rows first and then the samples, both in order of the sample, so that two of
them wait for each other and never in a circle.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from samples import ledger
from samples.ledger import NotEnoughLeft
from samples.masses import spell_mg
from samples.models import Account, Hold, HoldState, Movement, Sample


class NotDivisible(Exception):
    """A clast or a polished section was to be lent in part."""

    def __init__(self, sample: Sample, whole_ug: int) -> None:
        super().__init__(_("%(number)s is lent whole or not at all: %(mass)s mg.") % {"number": sample.number, "mass": spell_mg(whole_ug)})


class MassUnknown(Exception):
    """A sample whose mass nobody has published or weighed cannot be promised."""

    def __init__(self, sample: Sample) -> None:
        super().__init__(_("The mass of %(number)s is not known, so it is not offered.") % {"number": sample.number})


class AlreadyHeld(Exception):
    """The application holds mass of this sample already."""

    def __init__(self, sample: Sample, reference: str) -> None:
        super().__init__(_("%(reference)s already has mass of %(number)s set aside.") % {"reference": reference, "number": sample.number})


class NotCorrectable(Exception):
    """A correction would take mass that is promised, lent or not there. Curators read it, so it names no figure."""

    def __init__(self) -> None:
        super().__init__(_("The stock on record does not allow this correction now. Ask the Lunar Sample Management Office."))


@transaction.atomic
def take_in(sample: Sample, mass_ug: int, *, reason: str, by: User | None, reference: str = "", key: UUID | None = None) -> Movement:
    """Take mass into the vault; from then on the sample's mass is known. A form sent twice (same key) is posted once."""
    return _change_stock(sample, mass_ug, reason=reason, by=by, reference=reference, key=key)


@transaction.atomic
def correct_stock(sample: Sample, difference_ug: int, *, reason: str, by: User | None, reference: str = "", key: UUID | None = None) -> Movement:
    """Set the vault right by a difference, always with a reason. Less than what is promised or lent cannot be left (NotCorrectable)."""
    if not difference_ug or not reason.strip():
        raise ValueError("a correction has a difference and a reason")
    return _change_stock(sample, difference_ug, reason=reason, by=by, reference=reference, key=key)


def _change_stock(sample: Sample, difference_ug: int, *, reason: str, by: User | None, reference: str, key: UUID | None) -> Movement:
    if key and (earlier := Movement.objects.filter(key=key).first()):
        return earlier
    accounts = (Account.OUTSIDE, Account.VAULT) if difference_ug > 0 else (Account.VAULT, Account.OUTSIDE)
    # A piece that is promised or away is weighed again when it is back: it may not be in two places.
    in_hand = None if sample.is_divisible else Q(earmarked_ug=0, held_ug=0, on_loan_ug=0)
    try:
        with transaction.atomic():
            movement = ledger.post(sample, *accounts, abs(difference_ug), reference=reference, reason=reason, by=by, key=key, provided=in_hand)
    except NotEnoughLeft:
        raise NotCorrectable from None
    except IntegrityError:
        if key and (earlier := Movement.objects.filter(key=key).first()):
            return earlier
        raise
    if difference_ug > 0:
        Sample.objects.filter(pk=sample.pk, is_mass_known=False).update(is_mass_known=True)
    return movement


@transaction.atomic
def earmark(sample: Sample, reference: str, mass_ug: int, *, by: User | None) -> Hold:
    """Set mass of one sample aside for an application; see earmark_samples."""
    return earmark_samples(reference, {sample: mass_ug}, by=by)[0]


@transaction.atomic
def earmark_samples(reference: str, masses_ug: Mapping[Sample, int], *, by: User | None) -> list[Hold]:
    """Set mass aside for an application whose decision is recorded and not announced: all of it or none. Only the office can see it.

    A whole piece is taken whole (NotDivisible). Refuses with what is left (NotEnoughLeft) and never overdraws, however many ask at once.
    """
    wanted = sorted(masses_ug.items(), key=lambda item: item[0].pk)
    holds = [_make_hold(sample, reference, mass_ug) for sample, mass_ug in wanted]
    for hold in holds:
        whole = Q(vault_ug=hold.mass_ug) if hold.is_whole else None
        ledger.post(hold.sample, Account.VAULT, Account.EARMARKED, hold.mass_ug, reference=reference, reason="", by=by, hold=hold, provided=whole)
    return holds


def _make_hold(sample: Sample, reference: str, mass_ug: int) -> Hold:
    """The row that the constraints judge: one open hold per sample and application, one borrower of a whole piece."""
    now = Sample.objects.get(pk=sample.pk)
    if not now.is_mass_known:
        raise MassUnknown(sample)
    if not now.is_divisible and now.present_ug != mass_ug:
        raise NotDivisible(sample, now.present_ug)
    try:
        with transaction.atomic():
            return Hold.objects.create(sample=sample, reference=reference, mass_ug=mass_ug, is_whole=not now.is_divisible)
    except IntegrityError:
        if Hold.objects.open().of([reference]).filter(sample=sample).exists():
            raise AlreadyHeld(sample, reference) from None
        raise NotEnoughLeft(ledger.balance_ug(sample, Account.VAULT)) from None


@transaction.atomic
def hold_earmarked(reference: str, *, by: User | None) -> list[Hold]:
    """The application is announced: what was set aside is held. The public sees it only after `show_holds`."""
    holds = []
    for hold in Hold.objects.of([reference]).filter(state=HoldState.EARMARKED).select_related("sample"):
        if Hold.objects.filter(pk=hold.pk, state=HoldState.EARMARKED).update(state=HoldState.HELD, is_seen=False):
            hold.state, hold.is_seen = HoldState.HELD, False
            holds.append(hold)
    for hold in holds:
        ledger.post(hold.sample, Account.EARMARKED, Account.HELD, hold.mass_ug, reference=reference, reason="", by=by, hold=hold)
        ledger.hide(hold.sample, hold.mass_ug)
    return holds


@transaction.atomic
def show_holds(references: Collection[str]) -> int:
    """The announcement of these applications has become visible: the public sees their holds from now on. Counts them."""
    unseen = list(Hold.objects.of(references).unseen().select_related("sample"))
    shown = [hold for hold in unseen if Hold.objects.unseen().filter(pk=hold.pk).update(is_seen=True)]
    for hold in shown:
        ledger.show(hold.sample, hold.mass_ug)
    return len(shown)


@transaction.atomic
def release_holds(reference: str, *, reason: str, by: User | None) -> int:
    """Put everything that is set aside or held for an application back into the vault. Counts it; a second call finds nothing."""
    released: list[Hold] = []
    while holds := list(Hold.objects.of([reference]).open().select_related("sample")):
        # A row that moved on since it was read (announced, shown, released by somebody else) is looked at again.
        released += [hold for hold in holds if _release(hold)]
    for hold in released:
        if hold.state == HoldState.HELD and not hold.is_seen:
            ledger.show(hold.sample, hold.mass_ug)
        ledger.post(hold.sample, Account(hold.state), Account.VAULT, hold.mass_ug, reference=reference, reason=reason, by=by, hold=hold)
    return len(released)


def _release(hold: Hold) -> bool:
    as_read = Hold.objects.filter(pk=hold.pk, state=hold.state, is_seen=hold.is_seen)
    return bool(as_read.update(state=HoldState.RELEASED))
