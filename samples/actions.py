"""What happens to stock: taken in, corrected, earmarked, held, shown, released.

An action that touches several holds changes all hold rows first and then the samples, both in order of the sample, so that two of
them wait for each other and never in a circle.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from samples import ledger
from samples.catalogue import BadCatalogue, Row, at
from samples.ledger import NotEnoughLeft
from samples.masses import spell_mg
from samples.models import CATALOGUE, Account, Hold, HoldState, Mission, Movement, Sample
from samples.numbers import parent_numbers


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
        raise NotEnoughLeft(ledger.balance_ug(sample, Account.VAULT), sample) from None


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


@dataclass
class Loaded:
    """What a catalogue file has changed."""

    added: int = 0
    weighed: int = 0
    corrected: int = 0
    revised: int = 0
    unchanged: int = 0


@transaction.atomic
def load_catalogue(rows: Sequence[Row], *, file_name: str, by: User | None, is_demonstration_stock: bool = False) -> Loaded:
    """Bring the catalogue to what a file states: all of it or, with BadCatalogue, nothing. The same file again changes nothing.

    A mass is compared with what catalogue files have put in before, so that a curator's corrections stay; a changed mass is a
    correction with the file named as its reason. What a sample is (mission, method, form) is never changed by a file.
    """
    # The missions' rows are this catalogue's lock: a second load waits here and then sees what the first has written.
    Mission.objects.order_by("pk").update(slug=F("slug"))
    missions = {mission.code: mission for mission in Mission.objects.all()}
    known = Sample.objects.select_related("mission").in_bulk([row.number for row in rows], field_name="number")
    listed_ug = Movement.objects.listed_ug()
    loaded, problems = Loaded(), []
    for row in rows:
        sample = known.get(row.number)
        if sample is None:
            sample = Sample.objects.create(number=row.number, mission=missions[row.mission], method=row.method, form=row.form, source=row.source)
            _take_in_listed(sample, row, file_name=file_name, by=by, is_demonstration_stock=is_demonstration_stock)
            loaded.added += 1
            continue
        if wrong := _contradictions(sample, row, listed_ug.get(sample.pk)):
            problems += wrong
            continue
        try:
            _follow(sample, row, listed_ug.get(sample.pk), loaded, file_name=file_name, by=by, is_demonstration_stock=is_demonstration_stock)
        except NotCorrectable as refusal:
            problems.append(at(row.line, "mass_mg", str(refusal)))
    if problems:
        raise BadCatalogue(problems)
    _link_parents()
    return loaded


def _contradictions(sample: Sample, row: Row, listed_ug: int | None) -> list[str]:
    """Where the file says something of a known sample that a file may not change."""
    wrong = []
    for column, stated, known in (
        ("mission", row.mission, sample.mission.code),
        ("method", row.method.value, sample.method),
        ("type", row.form.value, sample.form),
    ):
        if stated != known:
            sentence = _("The catalogue says %(known)s of %(number)s, the file %(stated)s.")
            wrong.append(at(row.line, column, sentence % {"known": known, "number": sample.number, "stated": stated}))
    if row.mass_ug is None and listed_ug:
        sentence = _("The catalogue holds %(mass)s mg of %(number)s; an empty mass cannot take that back.")
        wrong.append(at(row.line, "mass_mg", sentence % {"mass": spell_mg(listed_ug), "number": sample.number}))
    if row.mass_ug is not None and listed_ug is None and sample.is_mass_known:
        sentence = _("A curator has taken %(number)s in already. Correct its stock on its own page.")
        wrong.append(at(row.line, "mass_mg", sentence % {"number": sample.number}))
    return wrong


def _follow(
    sample: Sample, row: Row, listed_ug: int | None, loaded: Loaded, *, file_name: str, by: User | None, is_demonstration_stock: bool
) -> None:
    """Change what a known sample's row states anew."""
    if row.mass_ug is not None and listed_ug is None:
        _take_in_listed(sample, row, file_name=file_name, by=by, is_demonstration_stock=is_demonstration_stock)
        loaded.weighed += 1
    elif row.mass_ug is not None and listed_ug is not None and row.mass_ug != listed_ug:
        reason = _("Catalogue file %(file)s: %(new)s mg instead of %(old)s mg") % {
            "file": file_name,
            "new": spell_mg(row.mass_ug),
            "old": spell_mg(listed_ug),
        }
        correct_stock(sample, row.mass_ug - listed_ug, reason=reason, by=by, reference=CATALOGUE)
        loaded.corrected += 1
    elif row.source == sample.source:
        loaded.unchanged += 1
    if row.source != sample.source:
        Sample.objects.filter(pk=sample.pk).update(source=row.source)
        loaded.revised += 1


def _take_in_listed(sample: Sample, row: Row, *, file_name: str, by: User | None, is_demonstration_stock: bool) -> None:
    if row.mass_ug is None:
        return
    take_in(sample, row.mass_ug, reason=_("Catalogue file %(file)s") % {"file": file_name}, by=by, reference=CATALOGUE)
    if is_demonstration_stock:
        Sample.objects.filter(pk=sample.pk).update(is_synthetic_stock=True)


def _link_parents() -> None:
    """Point every sample at the nearest of its possible parents that the catalogue holds."""
    samples = list(Sample.objects.only("pk", "number", "parent_id"))
    pk_of = {sample.number: sample.pk for sample in samples}
    moved = []
    for sample in samples:
        parent_id = next((pk_of[number] for number in parent_numbers(sample.number) if number in pk_of), None)
        if parent_id and parent_id != sample.parent_id:
            sample.parent_id = parent_id
            moved.append(sample)
    Sample.objects.bulk_update(moved, ["parent"])
