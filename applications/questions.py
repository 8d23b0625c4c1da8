"""What an application is asked, as data: one row is the field of the form, the line of the check page, of the letter and of the difference.

The annex forms of the Measures are not public; the questions are our reading of its articles and of what became known of the first
international round. Answers are kept as they were typed, right or wrong (`Version.answers`); `Question.problem` judges one of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rounds.models import Kind as RoundKind
from rounds.models import Round
from samples.masses import NotAMass, parse_mg

LONGEST_LINE = 300  # characters
LONGEST_TEXT = 20_000  # characters; about ten printed pages
LONGEST_KEPT = 100_000  # characters of one answer that are kept even though they are too many

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words: TypeAlias = "str | _StrPromise"


class Kind(Enum):
    """How an answer is typed and what it may be."""

    LINE = "line"
    TEXT = "text"
    EMAIL = "email"
    MONTHS = "months"  # a whole number from 1 to the round's longest loan
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
    TICK = "tick"
    MASS = "mass"  # milligrams with at most one decimal
    COLUMN = "column"  # kept in a column or table of its own; listed so that every part of the form stands here


YES, NO = "yes", "no"
RESEARCH, WELFARE = RoundKind.RESEARCH, RoundKind.PUBLIC_WELFARE
BOTH = frozenset({RESEARCH, WELFARE})


@dataclass(frozen=True)
class Question:
    """One question. `name` is the key of its answer for ever; `condition` names another question and the answer that makes this one needed."""

    name: str
    section: str
    label: Words
    missing: Words  # what is said while the answer is missing and needed
    hint: Words = ""
    kind: Kind = Kind.TEXT
    longest: int = LONGEST_TEXT
    choices: tuple[tuple[str, Words], ...] = ()
    is_needed: bool = True
    condition: tuple[str, tuple[str, ...]] | None = None
    rounds: frozenset[RoundKind] = BOTH
    article: Words = ""
    rows: int = 6

    def is_asked(self, answers: Mapping[str, str]) -> bool:
        """Whether the other answers make this question matter."""
        return self.condition is None or answers.get(self.condition[0], "") in self.condition[1]

    def problem(self, text: str, round: Round) -> str | None:
        """What is wrong with an answer, as a sentence for the person who typed it; None for a good answer and for no answer."""
        return _JUDGES[self.kind](self, text, round) if text.strip() else None

    def spell(self, text: str) -> str:
        """The answer as people read it: the label of a choice instead of its key."""
        if self.kind is Kind.TICK:
            return gettext("Yes") if text == YES else ""
        return str(dict(self.all_choices).get(text, text))

    @property
    def all_choices(self) -> tuple[tuple[str, Words], ...]:
        return YES_OR_NO if self.kind is Kind.YES_NO else self.choices


YES_OR_NO: tuple[tuple[str, Words], ...] = ((YES, _("Yes")), (NO, _("No")))


def _too_long(text: str, longest: int) -> str | None:
    if len(text) <= longest:
        return None
    over = len(text) - longest
    return ngettext(
        "This is %(over)s character too long: at most %(longest)s are possible. Everything you typed is kept.",
        "This is %(over)s characters too long: at most %(longest)s are possible. Everything you typed is kept.",
        over,
    ) % {"over": over, "longest": longest}


def _line(question: Question, text: str, round: Round) -> str | None:
    return _too_long(text, question.longest)


def _email(question: Question, text: str, round: Round) -> str | None:
    try:
        validate_email(text.strip())
    except ValidationError:
        return gettext("Enter one e-mail address, for example name@institute.edu.")
    return None


def _months(question: Question, text: str, round: Round) -> str | None:
    number = whole_number(text)
    if number is None or number < 1:
        return gettext("Enter a whole number of months, for example 6.")
    if number > round.loan_months:
        return ngettext(
            "A loan of this round lasts at most %(months)s month.", "A loan of this round lasts at most %(months)s months.", round.loan_months
        ) % {"months": round.loan_months}
    return None


def _date(question: Question, text: str, round: Round) -> str | None:
    return None if parse_day(text) else gettext("Enter a date as year, month and day, for example 2027-03-01.")


def _choice(question: Question, text: str, round: Round) -> str | None:
    return None if text in dict(question.all_choices) else gettext("Choose one of the answers.")


def _mass(question: Question, text: str, round: Round) -> str | None:
    try:
        parse_mg(text)
    except NotAMass as problem:
        return str(problem)
    return None


_JUDGES: dict[Kind, Callable[[Question, str, Round], str | None]] = {
    Kind.LINE: _line,
    Kind.TEXT: _line,
    Kind.EMAIL: _email,
    Kind.MONTHS: _months,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.YES_NO: _choice,
    Kind.TICK: lambda question, text, round: None if text == YES else gettext("Tick the box, or leave it empty."),
    Kind.MASS: _mass,
    Kind.COLUMN: _line,
}


def whole_number(text: str) -> int | None:
    """A whole number as people type it, full-width digits included; None for anything else."""
    text = text.strip()
    return int(text) if re.fullmatch(r"\d{1,6}", text) else None


def parse_day(text: str) -> date | None:
    """A day as year, month, day with any of the usual separators, Chinese ones included; None for anything else."""
    found = re.fullmatch(r"\s*(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?\s*", text)
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


# --- The parts of the form ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A section of the form with its questions for one kind of round."""

    name: str
    title: Words
    questions: tuple[Question, ...] = field(default=())


FIELDS: tuple[tuple[str, Words], ...] = (
    ("petrology", _("Petrology and mineralogy")),
    ("geochemistry", _("Geochemistry and isotopes")),
    ("chronology", _("Chronology")),
    ("volatiles", _("Volatiles, water and organics")),
    ("space_weathering", _("Space weathering and solar wind")),
    ("physical", _("Physical, magnetic and thermal properties")),
    ("spectroscopy", _("Spectroscopy and remote sensing")),
    ("impacts", _("Impacts and regolith")),
    ("resources", _("Use of lunar resources, engineering")),
    ("other", _("Another field")),
)

CLEARANCES: tuple[tuple[str, Words], ...] = (
    ("none", _("No clearance is needed in my country")),
    ("granted", _("It has been granted")),
    ("applied", _("It has been applied for")),
    ("needed", _("It is needed and not yet applied for")),
)

QUESTIONS: tuple[Question, ...] = (
    # People (Art. 9; Annex 3: only the people named in the application may use the samples)
    Question(
        "principal_position",
        "people",
        _("Your position"),
        _("Say what your position is."),
        _("For example: professor of geochemistry, head of the isotope laboratory."),
        Kind.LINE,
        LONGEST_LINE,
    ),
    Question(
        "principal_experience",
        "people",
        _("Your experience with such samples"),
        _("Describe your experience with precious or extraterrestrial samples."),
        _("Earlier work with lunar samples, meteorites or other precious material, with one or two results."),
    ),
    Question(
        "safe_use_name",
        "people",
        _("Person in charge of safe use"),
        _("Name the person in charge of safe use."),
        _("Answers for the samples day by day. May be yourself."),
        Kind.LINE,
        LONGEST_LINE,
        article=_("Art. 9"),
    ),
    Question(
        "safe_use_position",
        "people",
        _("Position of this person"),
        _("Give the position of the person in charge of safe use."),
        "",
        Kind.LINE,
        LONGEST_LINE,
    ),
    Question(
        "safe_use_email",
        "people",
        _("E-mail address of this person"),
        _("Give the e-mail address of the person in charge of safe use."),
        _("The office writes here in an emergency."),
        Kind.EMAIL,
        254,
    ),
    Question(
        "other_users",
        "people",
        _("Everybody else who will handle the samples"),
        "",
        _("One person on each line: name, institution, task. Only people who are named here may use the samples."),
        is_needed=False,
        rows=4,
    ),
    # Institution and endorsement (Art. 9: the borrower is a legal entity)
    Question("institution", "institution", _("Institution"), _("Choose the institution that will sign for the loan."), kind=Kind.COLUMN),
    Question(
        "legal_representative",
        "institution",
        _("Legal representative"),
        _("Name the legal representative of the institution."),
        _("The person who may bind the institution, for example its president or director: name and office."),
        Kind.LINE,
        LONGEST_LINE,
    ),
    Question(
        "institution_address",
        "institution",
        _("Postal address of the institution"),
        _("Give the postal address of the institution."),
        "",
        Kind.TEXT,
        1_000,
        rows=3,
    ),
    # Research
    Question(
        "title",
        "research",
        _("Title"),
        _("Give the application a title."),
        _("At most 300 characters, in English or Chinese."),
        Kind.LINE,
        LONGEST_LINE,
        rounds=frozenset({RESEARCH}),
    ),
    Question("field", "research", _("Field"), _("Choose the field."), "", Kind.CHOICE, choices=FIELDS, rounds=frozenset({RESEARCH})),
    Question(
        "research_question",
        "research",
        _("Research question"),
        _("Write the research question."),
        _("What do you want to find out, and why does it need these samples?"),
        rounds=frozenset({RESEARCH}),
        rows=8,
    ),
    Question(
        "significance",
        "research",
        _("What the answer would change"),
        _("Say what the answer would change."),
        _("For other studies, for our picture of the Moon. The committee asks for this."),
        rounds=frozenset({RESEARCH}),
    ),
    Question(
        "plan",
        "research",
        _("Plan"),
        _("Write the plan."),
        _("The steps in their order, the instruments, who does what, and what comes back."),
        rounds=frozenset({RESEARCH}),
        rows=12,
    ),
    # The exhibition, for a public-welfare round (Art. 13, 19)
    Question(
        "title",
        "research",
        _("Title of the exhibition"),
        _("Give the exhibition a title."),
        _("At most 300 characters, in English or Chinese."),
        Kind.LINE,
        LONGEST_LINE,
        rounds=frozenset({WELFARE}),
    ),
    Question(
        "research_question",
        "research",
        _("What the exhibition shows"),
        _("Describe what the exhibition shows."),
        _("The idea, the place of the lunar sample in it, and whom it is for."),
        rounds=frozenset({WELFARE}),
        rows=8,
    ),
    Question(
        "venue",
        "research",
        _("Venue"),
        _("Give the venue."),
        _("Name and address of the place where the sample is shown."),
        Kind.TEXT,
        1_000,
        rounds=frozenset({WELFARE}),
        rows=3,
    ),
    Question("opens_on", "research", _("First day"), _("Give the first day of the exhibition."), "", Kind.DATE, 30, rounds=frozenset({WELFARE})),
    Question("closes_on", "research", _("Last day"), _("Give the last day of the exhibition."), "", Kind.DATE, 30, rounds=frozenset({WELFARE})),
    Question(
        "plan",
        "research",
        _("Outreach plan"),
        _("Describe the outreach plan."),
        _("Talks, school classes, publications, expected number of visitors."),
        rounds=frozenset({WELFARE}),
        rows=8,
    ),
    # Samples: the lines of the picker
    Question("lines", "samples", _("Samples asked for"), _("Ask for at least one sample."), kind=Kind.COLUMN),
    # Methods and consumption (Art. 13, 18, 23); the technique of each line stands with the lines
    Question(
        "third_party",
        "methods",
        _("Will tests be made at another laboratory?"),
        _("Say whether tests will be made at another laboratory."),
        _("Samples may be passed on only to laboratories that are named here and accepted."),
        Kind.YES_NO,
        rounds=frozenset({RESEARCH}),
        article=_("Art. 23"),
    ),
    Question(
        "third_party_details",
        "methods",
        _("The other laboratories"),
        _("Name the other laboratories."),
        _("Name, address, which test, which sample, and who carries it there."),
        condition=("third_party", (YES,)),
        rounds=frozenset({RESEARCH}),
        article=_("Art. 23"),
        rows=4,
    ),
    Question(
        "display_case",
        "methods",
        _("Display case"),
        _("Describe the display case."),
        _("Maker and build, locks, sensors, light."),
        rounds=frozenset({WELFARE}),
        rows=4,
    ),
    Question(
        "atmosphere",
        "methods",
        _("Atmosphere in the case"),
        _("Describe the atmosphere in the case."),
        _("For example dry nitrogen, and how it is kept and watched."),
        rounds=frozenset({WELFARE}),
        rows=3,
    ),
    # Storage and security (Art. 14, 21, 31)
    Question(
        "storage",
        "storage",
        _("Storage"),
        _("Describe how the samples are stored."),
        _("Room, cabinet or glove box, atmosphere, cleanliness. How contamination is avoided."),
        article=_("Art. 14"),
    ),
    Question(
        "security",
        "storage",
        _("Security"),
        _("Describe how the samples are kept safe."),
        _("Access, safe, alarm, who holds keys, what happens in an emergency."),
        article=_("Art. 14"),
    ),
    Question(
        "guarding",
        "storage",
        _("Guarding"),
        _("Describe how the exhibition is guarded."),
        _("Guards, cameras, alarm, day and night."),
        rounds=frozenset({WELFARE}),
        rows=4,
    ),
    Question(
        "transport",
        "storage",
        _("Transport"),
        _("Describe the transport."),
        _("Who fetches the samples in Beijing and brings them back, and how they travel."),
        rows=4,
    ),
    Question(
        "records",
        "storage",
        _("Record of use"),
        _("Say how the use is recorded."),
        _("Who writes the record of use, and how destructive tests are filmed."),
        rounds=frozenset({RESEARCH}),
        article=_("Art. 21"),
        rows=4,
    ),
    # Schedule and results (Art. 17, 19, 27, 28)
    Question(
        "loan_months",
        "schedule",
        _("Months of the loan"),
        _("Say for how many months you need the samples."),
        "",
        Kind.MONTHS,
        10,
        article=_("Art. 17, 19"),
    ),
    Question(
        "schedule", "schedule", _("Schedule"), _("Write the schedule."), _("What happens in which month, from the collection to the return."), rows=6
    ),
    Question(
        "expected_results",
        "schedule",
        _("Expected results"),
        _("Say which results you expect."),
        _("Papers, data, talks, and where the data will be kept."),
        rows=4,
        rounds=frozenset({RESEARCH}),
    ),
    Question(
        "earlier_results",
        "schedule",
        _("Results with earlier lunar samples"),
        "",
        _("Papers and data from earlier loans, with sample numbers. Leave empty if this is your first."),
        is_needed=False,
        rows=4,
    ),
    # Funding and clearance
    Question(
        "funding",
        "funding",
        _("Funding"),
        _("Say who pays for the work."),
        _("Funding body, number of the grant, and whether it is granted."),
        rows=4,
    ),
    Question(
        "clearance",
        "funding",
        _("Clearance of your own country"),
        _("Say how the clearance of your country stands."),
        _("Some countries or funding bodies must agree before their researchers borrow these samples."),
        Kind.CHOICE,
        choices=CLEARANCES,
    ),
    Question(
        "clearance_details",
        "funding",
        _("About the clearance"),
        _("Say who gives the clearance and by when."),
        _("Which authority, file number, date. Attach the document if there is one."),
        condition=("clearance", ("granted", "applied", "needed")),
        rows=3,
    ),
    # Attachments
    Question(
        "nothing_attached",
        "attachments",
        _("I attach nothing"),
        _("Attach a file, or tick that you attach nothing."),
        "",
        Kind.TICK,
    ),
    # Declarations (Art. 9, 21 to 23, 25, 27, 28)
    Question(
        "declared_true",
        "declarations",
        _("All answers are true and complete."),
        _("Confirm that all answers are true and complete."),
        kind=Kind.TICK,
    ),
    Question(
        "declared_use",
        "declarations",
        _("The samples will be used only as approved, only by the people named, and not be passed on to others."),
        _("Confirm that the samples will be used only as approved."),
        kind=Kind.TICK,
        article=_("Art. 9, 23"),
    ),
    Question(
        "declared_return",
        "declarations",
        _("The use will be recorded, destructive tests filmed, and the samples and all that is left of them returned in time."),
        _("Confirm that the use is recorded and the samples are returned in time."),
        kind=Kind.TICK,
        article=_("Art. 21, 25"),
    ),
    Question(
        "declared_results",
        "declarations",
        _("Publications will name the sample numbers and “Lunar Sample Provided by CNSA”, and be registered within three months."),
        _("Confirm that publications name the samples and are registered."),
        kind=Kind.TICK,
        article=_("Art. 27, 28"),
    ),
)

COLUMNS = ("title", "research_question", "plan")  # answers that stand in a column of their own, for lists and searches

TITLES: dict[str, Words] = {
    "people": _("People"),
    "institution": _("Institution and endorsement"),
    "research": _("Research"),
    "samples": _("Samples"),
    "methods": _("Methods and consumption"),
    "storage": _("Storage and security"),
    "schedule": _("Schedule and results"),
    "funding": _("Funding and clearance"),
    "attachments": _("Attachments"),
    "declarations": _("Declarations"),
}
WELFARE_TITLES: dict[str, Words] = {"research": _("Exhibition"), "methods": _("Display")}


def parts_of(kind: str) -> dict[str, Part]:
    """The parts of the form for a kind of round, in their order."""
    return _PARTS[RoundKind(kind)]


def _parts(kind: RoundKind) -> dict[str, Part]:
    titles = TITLES | (WELFARE_TITLES if kind == WELFARE else {})
    return {
        name: Part(name, title, questions=tuple(question for question in QUESTIONS if question.section == name and kind in question.rounds))
        for name, title in titles.items()
    }


_PARTS = {kind: _parts(kind) for kind in RoundKind}


# --- The lines of the picker ----------------------------------------------------------------------------------------------

WANTED = "wanted"
FALLBACKS = ("1", "2", "3", "4", "5")  # the order in which fall-back samples would be taken instead

LINE_QUESTIONS: tuple[Question, ...] = (
    Question(
        "place",
        "samples",
        _("Asked for as"),
        "",
        kind=Kind.CHOICE,
        choices=((WANTED, _("wanted")), *((rank, format_lazy(_("fall-back {rank}"), rank=rank)) for rank in FALLBACKS)),
        is_needed=False,
    ),
    Question("mass", "samples", _("Best amount"), _("say how many milligrams you need"), kind=Kind.MASS, longest=60),
    Question("least", "samples", _("Smallest useful amount"), "", kind=Kind.MASS, longest=60, is_needed=False),
    Question(
        "technique",
        "methods",
        _("Technique"),
        _("say with which technique it is studied"),
        _("For example SIMS, EPMA, TEM, laser fluorination, Raman."),
        kind=Kind.LINE,
        longest=LONGEST_LINE,
        rounds=frozenset({RESEARCH}),
    ),
    Question(
        "destructive",
        "methods",
        _("Is it destroyed or used up, even in part?"),
        _("say whether it is destroyed or used up"),
        kind=Kind.YES_NO,
        rounds=frozenset({RESEARCH}),
    ),
    Question(
        "loss",
        "methods",
        _("Estimated loss"),
        _("estimate the loss"),
        kind=Kind.MASS,
        longest=60,
        condition=("destructive", (YES,)),
        rounds=frozenset({RESEARCH}),
    ),
    Question(
        "loss_reason",
        "methods",
        _("Why it cannot be done without this loss"),
        _("say why it cannot be done without this loss"),
        kind=Kind.TEXT,
        longest=5_000,
        condition=("destructive", (YES,)),
        rounds=frozenset({RESEARCH}),
        article=_("Art. 18"),
        rows=3,
    ),
)
LINE_NAMES = frozenset(question.name for question in LINE_QUESTIONS)


def line_name(number: str, name: str) -> str:
    """The key of an answer about one sample: line-CE5C0600-mass."""
    return f"line-{number}-{name}"


def split_line_name(key: str) -> tuple[str, str] | None:
    """Sample number and question of a line's key; None for any other key."""
    found = re.fullmatch(r"line-([A-Z0-9][A-Z0-9-]{2,39})-([a-z_]+)", key)
    return (found[1], found[2]) if found and found[2] in LINE_NAMES else None


def line_questions(kind: str, section: str) -> tuple[Question, ...]:
    """What is asked about each sample in one section."""
    return tuple(question for question in LINE_QUESTIONS if question.section == section and RoundKind(kind) in question.rounds)


def asked_lines(answers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Numbers and places of the samples asked for: wanted ones by number, then fall-backs in their order."""
    found = [(split[0], text) for key, text in answers.items() if (split := split_line_name(key)) and split[1] == "place" and text]
    yield from sorted(found, key=lambda line: (line[1] != WANTED, line[1] if line[1] != WANTED else "", line[0]))
