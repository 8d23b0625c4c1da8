"""A dry run as its page shows it: what would change for each application and why, and for each expert."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from applications.models import Application
from reviews.expertise import FIELDS, TECHNIQUES
from reviews.models.committee import Plan, Wish
from reviews.models.pool import NO_LIMIT, committee_of
from reviews.models.progress import loads_in
from reviews.models.reads import cases_visible_to
from reviews.models.review import Review

PER_PAGE = 25
LABELS: dict[str, str | Promise] = {subject.code: subject.label for subject in (*FIELDS, *TECHNIQUES)}


@dataclass(frozen=True)
class Proposal:
    """One expert for one application, and why."""

    expert: User
    match: int  # of a hundred
    reasons: dict[str, Any]

    @property
    def subjects(self) -> list[str]:
        """The techniques and fields that both have."""
        return [str(LABELS[code]) for code in (*self.reasons["techniques"], *self.reasons["fields"]) if code in LABELS]

    @property
    def words(self) -> list[str]:
        return list(self.reasons["words"])

    @property
    def wish(self) -> str:
        return str(Wish(self.reasons["wish"]).label) if self.reasons["wish"] else ""

    @property
    def place(self) -> str:
        place, could = self.reasons["place"]
        return _("match %(place)s of %(could)s who could be asked") % {"place": place, "could": could}

    @property
    def load(self) -> str:
        before, after = self.reasons["load"]
        return _("load %(before)s → %(after)s") % {"before": before, "after": after}

    @property
    def remarks(self) -> list[str]:
        """Where the rule about different countries and institutions made itself felt."""
        found = []
        if self.reasons["stood_back"]:
            text = ngettext(
                "%(count)s better match stood back: somebody of the same country judges it.",
                "%(count)s better matches stood back: somebody of the same country judges it.",
                self.reasons["stood_back"],
            )
            found.append(text % {"count": self.reasons["stood_back"]})
        if self.reasons["twins"]:
            found.append(_("From the same country as another expert of this application: no better choice was left."))
        return found


@dataclass
class PlanLine:
    """One application in a dry run."""

    application: Application
    present: list[User] = field(default_factory=list)  # who judges it already
    proposals: list[Proposal] = field(default_factory=list)
    lacking: int = 0
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LoadLine:
    """One expert in a dry run: reviews before and after."""

    expert: User
    before: int
    after: int
    most: int | None

    @property
    def added(self) -> int:
        return self.after - self.before


@dataclass
class PlanPage:
    """One page of a dry run: only applications that its maker may see now are in it, and counted."""

    plan: Plan
    lines: list[PlanLine]
    loads: list[LoadLine]
    reviews: int
    applications: int
    empty_places: int
    number: int
    is_last: bool

    @property
    def next_page(self) -> int:
        return 0 if self.is_last else self.number + 1


def plan_page(plan: Plan, by: User, number: int) -> PlanPage:
    seen = set(cases_visible_to(by).of_round(plan.round).order_by().values_list("pk", flat=True))
    pairs = [pair for pair in plan.pairs if pair[0] in seen]
    unfilled = {int(key): numbers for key, numbers in plan.unfilled.items() if int(key) in seen}
    keys = sorted(unfilled) + sorted({pair[0] for pair in pairs} - set(unfilled))
    shown = keys[(number - 1) * PER_PAGE : number * PER_PAGE]
    rows = Application.objects.select_related("round", "current", "institution__country").in_bulk(shown)
    lines = {key: PlanLine(rows[key]) for key in shown if key in rows}
    for review in Review.objects.live().filter(application__in=shown).select_related("expert").order_by("pk"):
        lines[review.application_id].present.append(review.expert)
    proposed = {(pair[0], pair[1]) for pair in pairs if pair[0] in lines}
    people = User.objects.in_bulk({expert for _application, expert in proposed})
    for application, expert, match, reasons in pairs:
        if application in lines:
            lines[application].present = [person for person in lines[application].present if person.pk != expert]
            lines[application].proposals.append(Proposal(people[expert], match // 10, reasons))
    for key, numbers in unfilled.items():
        if key in lines:
            lines[key].lacking, lines[key].why = numbers[0], list(_why(*numbers[1:]))
    return PlanPage(
        plan,
        list(lines.values()),
        _loads(plan, by, pairs),
        reviews=len(pairs),
        applications=len({pair[0] for pair in pairs}),
        empty_places=sum(numbers[0] for numbers in unfilled.values()),
        number=number,
        is_last=number * PER_PAGE >= len(keys),
    )


def _why(shut: int, asked: int, full: int) -> list[str]:
    """Why nobody else of the committee could be asked."""
    found = []
    if shut:
        found.append(ngettext("%(count)s member has a tie or a conflict", "%(count)s members have a tie or a conflict", shut) % {"count": shut})
    if asked:
        found.append(ngettext("%(count)s member was asked already", "%(count)s members were asked already", asked) % {"count": asked})
    if full:
        found.append(ngettext("%(count)s member has reached the limit", "%(count)s members have reached their limit", full) % {"count": full})
    return found


def _loads(plan: Plan, by: User, pairs: list[list[Any]]) -> list[LoadLine]:
    """Everybody in the committee, who gets most first. What was applied is in the present load already."""
    added: dict[int, int] = defaultdict(int)
    for pair in pairs:
        added[pair[1]] += 1
    members = committee_of(plan.round)
    loads = loads_in(plan.round, by, [person.pk for person, _limit in members])
    lines = []
    for person, limit in members:
        now = loads.get(person.pk, 0)
        before = now - added[person.pk] if plan.applied_at else now
        lines.append(LoadLine(person, max(before, 0), max(before, 0) + added[person.pk], None if limit == NO_LIMIT else limit))
    return sorted(lines, key=lambda line: (-line.added, str(line.expert), line.expert.pk))
