"""What the picker shows of each sample: what is left, how much others ask for, the share that is asked for, what is realistic."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.forms import BoundField
from django.utils.translation import gettext as _

from applications.forms import AnswersForm
from applications.models import Demand
from applications.questions import line_name
from applications.typical import Typical, place, typical_of
from applications.weighing import Weighed
from rounds.rules import Finding
from samples.masses import NotAMass, parse_mg
from samples.models import Sample

MANY = 7  # half steps: more than three times


def spell_demand(demand: Demand | None, sample: Sample) -> str:
    """How much is asked for, in words; nothing outside the round's time. Zero, one and two institutions sound alike."""
    if demand is None:
        return ""
    steps = demand.half_steps.get(sample.number)
    if steps is None:
        return _("few requests so far")
    if steps >= MANY:
        return _("requests for more than 3 times what is left")
    words = {0: _("requests for less than half of what is left"), 1: _("requests for about half of what is left")}
    words[2] = _("requests for about as much as is left")
    return words.get(steps) or _("requests for about %(times)s times what is left") % {"times": f"{steps / 2:g}"}


@dataclass(frozen=True)
class Share:
    """The part of what is left that is asked for: in words, and as the width of a bar of 100."""

    words: str
    width: int
    is_too_much: bool


def share_of(mass_ug: int, left_ug: int) -> Share:
    """Cut, never rounded up: only all of it is 100 %."""
    if mass_ug > left_ug:
        return Share(_("more than what is left"), 100, is_too_much=True)
    percent = mass_ug * 100 // left_ug
    words = _("%(percent)s %% of what is left") % {"percent": percent} if percent else _("less than 1 %% of what is left") % ()
    return Share(words, max(percent, 1), is_too_much=False)


@dataclass(frozen=True)
class Sketch:
    """The published masses of this kind on a scale, and a mark for what is asked for. `mark` is None while no mass is understood."""

    typical: Typical
    mark: float | None
    is_above: bool


@dataclass(frozen=True)
class Line:
    """One sample that is asked for, with its fields."""

    number: str
    sample: Sample | None
    place: BoundField
    masses: Sequence[BoundField]
    demand: str
    share: Share | None
    sketch: Sketch | None
    findings: Sequence[Finding] = ()  # what the rules of the round find about what is saved


def lines_of_form(form: AnswersForm, demand: Demand | None, weighed: Weighed | None = None) -> list[Line]:
    """The chosen samples in the order of the form."""
    assert form.asked is not None
    samples = form.asked.by_number
    found = weighed.by_number if weighed else {}
    return [_line(form, number, samples.get(number), demand, found.get(number, ())) for number in form.lines]


def _line(form: AnswersForm, number: str, sample: Sample | None, demand: Demand | None, findings: Sequence[Finding]) -> Line:
    names = [line_name(number, name) for name in ("mass", "least")]
    masses = [form[name] for name in names if name in form.fields]
    mass_ug = _mass_ug(form, sample, names[0]) if sample else None
    share = share_of(mass_ug, sample.left_ug) if sample and sample.is_divisible and mass_ug and sample.left_ug else None
    sketch = None
    if sample:
        typical = typical_of(sample)
        sketch = Sketch(typical, place(mass_ug) if mass_ug else None, is_above=bool(mass_ug and sample.is_divisible and mass_ug > typical.highest_ug))
    said = spell_demand(demand, sample) if sample else ""
    return Line(number, sample, form[line_name(number, "place")], masses, said, share, sketch, findings)


def told(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Findings for the script of the page, in the reader's words."""
    return [{"label": each.label, "tone": each.tone, "sentence": each.sentence, "mark": each.mark} for each in findings]


def told_by_line(weighed: Weighed) -> dict[str, list[dict[str, str]]]:
    """By the number of the sample; what concerns all of them under no number."""
    return {number: told(findings) for number, findings in weighed.by_number.items()} | {"": told(weighed.together)}


def _mass_ug(form: AnswersForm, sample: Sample, name: str) -> int | None:
    """What is asked for, as far as it is understood."""
    if not sample.is_divisible:
        return sample.present_ug
    try:
        return parse_mg(str(form[name].value() or ""))
    except NotAMass:
        return None


@dataclass(frozen=True)
class Found:
    """One sample that the round offers."""

    sample: Sample
    demand: str
    is_chosen: bool


def spell_found(samples: Sequence[Sample], chosen: Mapping[str, object], demand: Demand | None) -> Iterator[Found]:
    for sample in samples:
        yield Found(sample, spell_demand(demand, sample), sample.number in chosen)
