"""A proposal of awards as its page shows it: application by application, and sample by sample."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.templatetags.portal import in_language
from applications.models import Application, Request
from reviews.awarding import Line, Problem
from reviews.models.proposal import AwardChange, AwardPlan, used_by_sample
from reviews.models.reads import cases_visible_to
from reviews.proposal_words import passed_over, why_not, would_help
from reviews.workflow import GRANTED, Outcome
from rounds.models import Rule

PER_PAGE = 25


class ProposalPart(models.TextChoices):
    """Which applications are listed."""

    ALL = "all", _("All applications")
    NOTHING = "nothing", _("Some sample gets nothing")
    DIFFERENT = "different", _("Different from strictly by rank")
    PASSED = "passed", _("Better rank passed over")
    CHANGED = "changed", _("Changed by an officer")


@dataclass(frozen=True)
class ProposedLine:
    """What one request would get, what stood in the way, and what an officer made of it."""

    request: Request
    line: Line
    mass_ug: int
    by_rank_ug: int
    why: str = ""
    helps: Sequence[str] = ()
    passed: int = 0
    change: AwardChange | None = None

    @property
    def final_ug(self) -> int:
        return self.change.mass_ug if self.change else self.mass_ug

    @property
    def outcome(self) -> Outcome:
        """As it would be recorded."""
        if self.change:
            return Outcome(self.change.outcome)
        if not self.mass_ug:
            return Outcome.DECLINED
        return Outcome.APPROVED if self.mass_ug == self.request.mass_ug else Outcome.REDUCED

    @property
    def label(self) -> str:
        """The outcome; what gets nothing is not decided by the proposal."""
        return str(self.outcome.label if self.change or self.mass_ug else _("Nothing"))

    @property
    def tone(self) -> str:
        if self.outcome in GRANTED:
            return "good"
        return "now" if self.outcome == Outcome.RESERVE else "warn"

    @property
    def is_reduced(self) -> bool:
        return self.outcome == Outcome.REDUCED

    @property
    def is_unvoted(self) -> bool:
        return not hasattr(self.request, "vote")

    @property
    def is_different(self) -> bool:
        return self.mass_ug != self.by_rank_ug

    @property
    def is_range(self) -> bool:
        return self.line.least_ug < self.line.best_ug


@dataclass(frozen=True)
class ProposedCase:
    application: Application
    place: int
    lines: list[ProposedLine]


@dataclass(frozen=True)
class SampleUse:
    """What the proposal, with its changes, takes of a sample."""

    number: str
    is_whole: bool
    free_ug: int
    kept_ug: int
    asked_ug: int
    proposed_ug: int
    by_rank_ug: int

    @property
    def left_ug(self) -> int:
        return self.free_ug - self.proposed_ug

    @property
    def over_ug(self) -> int:
        """By how much changes overdraw it: recording would be refused."""
        return max(-self.left_ug, 0)


@dataclass(frozen=True)
class Sums:
    applications: int
    lines: int
    mass_ug: int


@dataclass(frozen=True)
class ProposalPage:
    plan: AwardPlan
    cases: list[ProposedCase]
    samples: list[SampleUse]
    proposed: Sums
    by_rank: Sums
    value_percent: str  # what strictly by rank is worth of the proposal
    listed: int
    number: int
    next_page: int | None
    unvoted: int = field(default=0)

    @property
    def overdrawn(self) -> list[SampleUse]:
        return [sample for sample in self.samples if sample.over_ug]


def proposal_page(plan: AwardPlan, user: User, part: ProposalPart, number: int, *, most: int | None = PER_PAGE) -> ProposalPage:
    """One page of the list, in the order of the places, and the sums over all of it. `most` None: everything."""
    problem, changes = plan.asked, plan.changes()
    groups: dict[str, list[int]] = {}
    for at in sorted(range(len(problem.lines)), key=lambda at: (problem.lines[at].place, at)):
        groups.setdefault(problem.lines[at].application, []).append(at)
    listed = [(name, lines) for name, lines in groups.items() if _belongs(plan, problem, lines, part, set(changes))]
    begin = (number - 1) * most if most else 0
    shown = listed[begin : begin + most] if most else listed
    applications = _applications(plan, user, [name for name, _lines in shown])
    requests = _requests([plan.requests[at] for _name, lines in shown for at in lines])
    rules = {rule.code: in_language(rule, "words") for rule in Rule.objects.of(plan.round)}
    masses = [changes[pk].mass_ug if pk in changes else mass for pk, mass in zip(plan.requests, plan.masses, strict=True)]
    cases = [
        ProposedCase(
            applications[name],
            problem.lines[lines[0]].place,
            [_line(plan, problem, at, requests[plan.requests[at]], rules, changes.get(plan.requests[at])) for at in lines],
        )
        for name, lines in shown
        if name in applications
    ]
    next_page = number + 1 if most and begin + most < len(listed) else None
    value = plan.by_rank_objective * 1000 // plan.objective if plan.objective else 1000
    return ProposalPage(
        plan=plan,
        cases=cases,
        samples=_samples(plan, problem, masses),
        proposed=_sums(problem, masses),
        by_rank=_sums(problem, plan.by_rank),
        value_percent=f"{value // 10}.{value % 10}",
        listed=len(listed),
        number=number,
        next_page=next_page,
        unvoted=Request.objects.filter(pk__in=plan.requests, vote=None).count(),
    )


def _belongs(plan: AwardPlan, problem: Problem, lines: list[int], part: ProposalPart, changed: set[int]) -> bool:
    if part == ProposalPart.NOTHING:
        return any(not plan.masses[at] and not problem.lines[at].order for at in lines)
    if part == ProposalPart.DIFFERENT:
        return any(plan.masses[at] != plan.by_rank[at] for at in lines)
    if part == ProposalPart.PASSED:
        return any((reason := plan.reason(at)) is not None and passed_over(problem, at, reason) for at in lines)
    return part == ProposalPart.ALL or any(plan.requests[at] in changed for at in lines)


def _applications(plan: AwardPlan, user: User, names: list[str]) -> dict[str, Application]:
    rows = cases_visible_to(user).of_round(plan.round).filter(reference__in=names).for_list()
    return {row.reference: row for row in rows}


def _requests(keys: list[int]) -> dict[int, Request]:
    return Request.objects.select_related("sample", "vote").in_bulk(keys)


def _line(plan: AwardPlan, problem: Problem, at: int, request: Request, rules: dict[str, str], change: AwardChange | None) -> ProposedLine:
    line, reason = problem.lines[at], plan.reason(at)
    if reason is None:
        return ProposedLine(request, line, plan.masses[at], plan.by_rank[at], change=change)
    return ProposedLine(
        request,
        line,
        0,
        plan.by_rank[at],
        why=why_not(problem, at, reason, rules),
        helps=would_help(line, reason),
        passed=passed_over(problem, at, reason),
        change=change,
    )


def _samples(plan: AwardPlan, problem: Problem, masses: Sequence[int]) -> list[SampleUse]:
    proposed, by_rank = used_by_sample(plan, masses), used_by_sample(plan, plan.by_rank)
    asked = used_by_sample(plan, [0 if line.order else line.best_ug for line in problem.lines])
    return [
        SampleUse(number, stock.is_whole, stock.free_ug, stock.kept_ug, asked[number], proposed[number], by_rank[number])
        for number, stock in sorted(problem.stock.items())
    ]


def _sums(problem: Problem, masses: Sequence[int]) -> Sums:
    served = {line.application for line, mass in zip(problem.lines, masses, strict=True) if mass}
    return Sums(len(served), sum(mass > 0 for mass in masses), sum(masses))


def proposed_line(plan: AwardPlan, user: User, key: int) -> tuple[ProposedLine, Application] | None:
    """One line of a proposal with its application; None when the proposal has no such request or the case is hidden from this person."""
    if key not in plan.requests:
        return None
    at = plan.requests.index(key)
    application = _applications(plan, user, [plan.asked.lines[at].application]).get(plan.asked.lines[at].application)
    if application is None:
        return None
    rules = {rule.code: in_language(rule, "words") for rule in Rule.objects.of(plan.round)}
    return _line(plan, plan.asked, at, _requests([key])[key], rules, plan.changes().get(key)), application
