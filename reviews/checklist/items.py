"""The formal check as a list that follows from the rules: what the machine can say of each item, and what is left to the officer.

Every item names its article of the Measures. The machine answers met, not met, or that it cannot say, always with a reason in words;
the officer's mark stands above it. What goes to the applicant never speaks of mass that is set aside in secret: the public figure counts.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applications.actions import Problem, is_endorsed, loss_problems, request_problem
from applications.models import Request, Scan, Version
from applications.questions import BOTH, RESEARCH, YES, Words, parse_day, parts_of, split_line_name, whole_number
from rounds.models import Kind as RoundKind
from rounds.models import Round

HAN, LATIN = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[A-Za-z\u00c0-\u024f]")
_COMMON = "a an and are as at be by can for from has have in is it its of on or that the their these this to we which will with"
COMMON = frozenset(_COMMON.split())


class Says(Enum):
    """What the machine can say of an item."""

    MET = "met"
    NOT_MET = "not_met"
    UNSURE = "unsure"


class Verdict(NamedTuple):
    """The machine's word and why."""

    says: Says
    why: str


def met(why: str) -> Verdict:
    return Verdict(Says.MET, why)


def not_met(why: str) -> Verdict:
    return Verdict(Says.NOT_MET, why)


def unsure(why: str) -> Verdict:
    return Verdict(Says.UNSURE, why)


@dataclass(frozen=True)
class Case:
    """What the items look at: the version handed in last, read with its requests, files and endorsements."""

    version: Version
    round: Round
    problems: Sequence[Problem] = ()  # what the form itself would still refuse (applications.actions.missing_parts)
    requests: Sequence[Request] = ()
    offered: frozenset[int] = frozenset()

    def said(self, name: str) -> str:
        return self.version.answer(name).strip()

    def wrong(self, *names: str) -> list[str]:
        """What the form would still refuse about these questions, those about each sample included."""
        return [problem.text for problem in self.problems if is_about(problem.name, names)]

    def lacks(self, *names: str) -> Verdict | None:
        wrong = self.wrong(*names)
        return not_met(" ".join(wrong)) if wrong else None


def is_about(name: str, questions: Iterable[str]) -> bool:
    split = split_line_name(name)
    return name in questions or (split is not None and f"line:{split[1]}" in questions)


@dataclass(frozen=True)
class Item:
    """One item of the check. `questions` are the answers that it is about; line:… is what is said about each sample."""

    key: str
    title: Words
    article: Words
    questions: tuple[str, ...]
    judge: Callable[[Case], Verdict]
    kinds: frozenset[RoundKind] = BOTH
    is_asked: Callable[[Round], bool] = lambda round: True


# --- What the machine looks at --------------------------------------------------------------------------------------------


def _legal_entity(case: Case) -> Verdict:
    institution = case.version.institution
    if institution is None:
        return not_met(_("No institution is named."))
    institution = institution.survivor
    if institution.is_gone and not institution.is_verified:
        return not_met(_("ROR calls %(name)s closed or withdrawn.") % {"name": institution.name})
    if institution.is_verified:
        return met(_("%(name)s is verified in the register.") % {"name": institution.name})
    return unsure(_("%(name)s is not verified in the register yet: look it up.") % {"name": institution.name})


def _audience(case: Case) -> Verdict:
    institution = case.version.institution
    if institution is None or not case.round.admits(institution.survivor):
        return not_met(_("This round is not for institutions of that country or region."))
    return met(_("The round is for institutions of that country or region."))


def _safe_use(case: Case) -> Verdict:
    return case.lacks("safe_use_name", "safe_use_position", "safe_use_email") or met(
        _("%(name)s, %(position)s") % {"name": case.said("safe_use_name"), "position": case.said("safe_use_position")}
    )


def _team(case: Case) -> Verdict:
    names = [line.strip() for line in case.said("other_users").splitlines() if line.strip()]
    if not names:
        return unsure(_("Nobody is named besides the applicant and the person in charge of safe use: does the plan speak of others?"))
    count = ngettext(
        "%(count)d more person is named: does the plan speak of others?",
        "%(count)d more people are named: does the plan speak of others?",
        len(names),
    )
    return unsure(count % {"count": len(names)})


def _ability(case: Case) -> Verdict:
    return case.lacks("principal_position", "principal_experience", "plan") or unsure(
        _("Position, experience and plan are described: is the institution able to do this work?")
    )


def _purpose(case: Case) -> Verdict:
    kind = case.round.kind
    wrong = [line.sample.number for line in case.requests if line.sample.purpose != kind or line.sample.pk not in case.offered]
    if wrong:
        return not_met(_("Not offered for this purpose: %(numbers)s.") % {"numbers": ", ".join(wrong)})
    return met(_("Every sample asked for is kept for this purpose and offered in this round."))


def _period(case: Case) -> Verdict:
    if wrong := case.lacks("loan_months", "opens_on", "closes_on"):
        return wrong
    months = whole_number(case.said("loan_months")) or 0
    opens, closes = parse_day(case.said("opens_on")), parse_day(case.said("closes_on"))
    if opens and closes and not 0 <= (closes - opens).days <= 31 * months:
        return not_met(
            _("The exhibition from %(opens)s to %(closes)s does not fit into the months of the loan.") % {"opens": opens, "closes": closes}
        )
    words = {"months": months, "most": case.round.loan_months}
    return met(
        ngettext("%(months)d month; this round lends for at most %(most)d.", "%(months)d months; this round lends for at most %(most)d.", months)
        % words
    )


def _consumption(case: Case) -> Verdict:
    used_up = [line for line in case.requests if line.said("destructive") == YES]
    samples = {line.sample.number: line.sample for line in case.requests}
    wrong = [
        *case.wrong("line:technique", "line:destructive", "line:loss", "line:loss_reason"),
        *loss_problems(case.version.answers, samples).values(),
    ]
    if wrong:
        return not_met(" ".join(dict.fromkeys(wrong)))
    if not used_up:
        return met(_("Nothing is used up or destroyed."))
    numbers = ", ".join(line.sample.number for line in used_up)
    return unsure(_("A loss is argued for at %(numbers)s: are the tests as few as possible, and the reasons good?") % {"numbers": numbers})


def _whole(case: Case) -> Verdict:
    pieces = [line for line in case.requests if not line.sample.is_divisible]
    cut = [line.sample.number for line in pieces if line.mass_ug != line.sample.present_ug]
    if cut:
        return not_met(_("Lent whole, and asked for in part: %(numbers)s.") % {"numbers": ", ".join(cut)})
    return met(_("Every clast and section is asked for whole.") if pieces else _("No clast and no section is asked for."))


def _mass(case: Case) -> Verdict:
    problems = (request_problem(line.sample, line.mass_ug, case.offered) for line in case.requests if line.sample.is_divisible)
    wrong = [problem for problem in problems if problem]
    if not case.requests:
        return not_met(_("No sample is asked for."))
    return not_met(" ".join(wrong)) if wrong else met(_("Every mass is within what is left."))


def _third_party(case: Case) -> Verdict:
    if wrong := case.lacks("third_party", "third_party_details"):
        return wrong
    if case.said("third_party") == YES:
        return unsure(_("Other laboratories are named: can they be accepted?"))
    return met(_("No test at another laboratory."))


def _storage(case: Case) -> Verdict:
    wrong = case.lacks("storage", "security", "guarding", "transport", "display_case", "atmosphere")
    return wrong or unsure(_("Storage, security and transport are described: are they suitable?"))


def _records(case: Case) -> Verdict:
    if wrong := case.lacks("records"):
        return wrong
    if any(line.said("destructive") == YES for line in case.requests):
        return unsure(_("Samples are used up: does the record say how this is filmed?"))
    return met(_("Described; nothing that would have to be filmed."))


def _clearance(case: Case) -> Verdict:
    if wrong := case.lacks("clearance", "clearance_details"):
        return wrong
    if case.said("clearance") == "none":
        return met(_("The applicant says that none is needed."))
    return unsure(_("Granted, applied for or needed: does what is written suffice?"))


def _endorsement(case: Case) -> Verdict:
    if not is_endorsed(case.version):
        return not_met(_("Nobody has endorsed what was handed in."))
    if any(endorsement.stands and endorsement.is_known for endorsement in case.version.endorsements.all()):
        return met(_("Endorsed by somebody who may sign, as the register says."))
    return unsure(_("Endorsed by somebody whom the register does not know as signatory."))


def _files(case: Case) -> Verdict:
    uploads = [attachment.upload for attachment in case.version.attachments.all()]
    if any(upload.is_infected for upload in uploads):
        return not_met(_("A virus was found in an attached file."))
    if any(upload.scan == Scan.WAITING for upload in uploads):
        return unsure(_("A file still waits for the virus check."))
    if any(upload.scan == Scan.NONE for upload in uploads):
        return unsure(_("The files can be opened, and were not checked for viruses."))
    if not uploads:
        return met(_("The applicant attaches nothing."))
    return met(
        ngettext("%(count)d file, can be opened, no virus found.", "%(count)d files, can be opened, no virus found.", len(uploads))
        % {"count": len(uploads)}
    )


def _language(case: Case) -> Verdict:
    text = " ".join(case.said(name) for name in ("title", "research_question", "plan"))
    chinese, latin = len(HAN.findall(text)), len(LATIN.findall(text))
    words = [word.casefold() for word in re.findall(r"[A-Za-z]+", text)]
    is_english = len(words) >= 5 and sum(word in COMMON for word in words) >= len(words) / 12
    letters = sum(sign.isalpha() for sign in text)
    if letters < 20 or chinese + latin < 0.9 * letters:
        return unsure(_("The text is very short, or not in Latin or Chinese characters."))
    if chinese >= 20 or is_english:
        return met(
            _("Written in Chinese and English.")
            if chinese >= 20 and is_english
            else _("Written in Chinese.")
            if chinese >= 20
            else _("Written in English.")
        )
    return unsure(_("Is it written in English or Chinese?"))


def _declarations(case: Case) -> Verdict:
    names = [question.name for question in parts_of(case.round.kind)["declarations"].questions]
    return case.lacks(*names) or met(_("All are given."))


def _complete(case: Case) -> Verdict:
    """Whatever no other item speaks of."""
    known = {name for item in ITEMS if item.key != "complete" for name in item.questions} | {"endorsement"}
    wrong = [problem.text for problem in case.problems if not is_about(problem.name, known)]
    return not_met(" ".join(wrong)) if wrong else met(_("Every question that the form asks is answered."))


ITEMS: tuple[Item, ...] = (
    Item(
        "legal_entity", gettext_lazy("The borrower is a legal entity"), gettext_lazy("Art. 9"), ("institution", "legal_representative"), _legal_entity
    ),
    Item("audience", gettext_lazy("The institution may apply in this round"), gettext_lazy("the round"), ("institution",), _audience),
    Item(
        "safe_use",
        gettext_lazy("A person in charge of safe use is named"),
        gettext_lazy("Art. 9"),
        ("safe_use_name", "safe_use_position", "safe_use_email"),
        _safe_use,
    ),
    Item("team", gettext_lazy("Everybody who handles the samples is named"), gettext_lazy("Agreement (Annex 3)"), ("other_users",), _team),
    Item(
        "ability",
        gettext_lazy("The institution is able to do the research"),
        gettext_lazy("Art. 14"),
        ("principal_position", "principal_experience", "plan"),
        _ability,
        frozenset({RESEARCH}),
    ),
    Item("purpose", gettext_lazy("The samples are kept for this purpose"), gettext_lazy("Art. 10, 13"), ("lines", "line:place"), _purpose),
    Item("whole", gettext_lazy("Clasts and sections are asked for whole"), gettext_lazy("the round"), ("lines", "line:place", "line:mass"), _whole),
    Item("mass", gettext_lazy("The masses are within what is left"), gettext_lazy("the round"), ("lines", "line:mass", "line:least"), _mass),
    Item(
        "consumption",
        gettext_lazy("What is used up is as little as possible and argued for"),
        gettext_lazy("Art. 13, 18"),
        ("line:technique", "line:destructive", "line:loss", "line:loss_reason"),
        _consumption,
        frozenset({RESEARCH}),
    ),
    Item(
        "third_party",
        gettext_lazy("Tests at other laboratories are stated"),
        gettext_lazy("Art. 23"),
        ("third_party", "third_party_details"),
        _third_party,
        frozenset({RESEARCH}),
    ),
    Item(
        "storage",
        gettext_lazy("Storage and security are suitable"),
        gettext_lazy("Art. 14"),
        ("storage", "security", "guarding", "transport", "display_case", "atmosphere"),
        _storage,
    ),
    Item(
        "records",
        gettext_lazy("The use is recorded, destructive tests are filmed"),
        gettext_lazy("Art. 21"),
        ("records",),
        _records,
        frozenset({RESEARCH}),
    ),
    Item(
        "period",
        gettext_lazy("The loan fits into the months of this round"),
        gettext_lazy("Art. 17, 19"),
        ("loan_months", "opens_on", "closes_on"),
        _period,
    ),
    Item(
        "clearance",
        gettext_lazy("The clearance of the applicant's country is settled"),
        gettext_lazy("the round"),
        ("clearance", "clearance_details"),
        _clearance,
    ),
    Item(
        "endorsement",
        gettext_lazy("The institution endorses the application"),
        gettext_lazy("Art. 9"),
        ("endorsement",),
        _endorsement,
        is_asked=lambda round: round.needs_endorsement,
    ),
    Item("files", gettext_lazy("The attached files can be read and were checked"), gettext_lazy("the round"), ("nothing_attached", "files"), _files),
    Item(
        "language",
        gettext_lazy("The text can be read, in English or Chinese"),
        gettext_lazy("the round"),
        ("title", "research_question", "plan"),
        _language,
    ),
    Item(
        "declarations",
        gettext_lazy("The declarations are given"),
        gettext_lazy("Art. 9, 21, 23, 25, 27, 28"),
        ("declared_true", "declared_use", "declared_return", "declared_results"),
        _declarations,
    ),
    Item("complete", gettext_lazy("Every question is answered"), gettext_lazy("Art. 15"), (), _complete),
)
