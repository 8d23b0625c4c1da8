"""What rules would have found in earlier rounds of this portal: a dry run, before one of them is in force.

Only closed rounds, and of them only the applications that the reader may handle: a conflicted person sees no row, no count and no gap.
Stock is taken as it was known to the public when the round closed, by the ledger.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from accounts.models import User
from applications.models import Application, Request
from applications.weighing import NOT_ASKING, facts_of_request
from reviews.models import cases_visible_to
from rounds.models import Round
from rounds.rules import OF_SUMS, Finding, Limit, LineFacts, RuleKind, SumFacts, findings_of_line, findings_of_sums
from samples.models import Movement

MOST_ROUNDS = 5
MOST_ROWS = 100


@dataclass(frozen=True)
class Tried:
    """One thing that a rule would have found: a request, or what a person or an institution asked for altogether."""

    application: Application
    finding: Finding
    request: Request | None = None
    others: int = 0  # further applications behind a sum


@dataclass(frozen=True)
class Past:
    """One earlier round, as far as the reader may know it: its lines with their facts."""

    round: Round
    lines: Sequence[tuple[Request, LineFacts]]

    def try_rule(self, limit: Limit) -> list[Tried]:
        """What the rule would have found, in order of reference."""
        if limit.kind in OF_SUMS:
            return self._try_sums(limit)
        return [Tried(request.version.application, found, request) for request, facts in self.lines for found in findings_of_line([limit], facts)]

    def _try_sums(self, limit: Limit) -> list[Tried]:
        sums: dict[int, dict[int, int]] = defaultdict(dict)
        by_pk = {}
        for request, facts in self.lines:
            application = request.version.application
            by_pk[application.pk] = application
            if not request.is_fallback:
                asker = sums[_asker(limit.kind, application)]
                asker[application.pk] = asker.get(application.pk, 0) + facts.mass_ug
        found = []
        for masses in sums.values():
            mass_ug = sum(masses.values())
            facts_of_sum = SumFacts(mass_ug, 0) if limit.kind == RuleKind.PERSON_MASS else SumFacts(0, mass_ug)
            found += [Tried(by_pk[min(masses)], finding, others=len(masses) - 1) for finding in findings_of_sums([limit], facts_of_sum)]
        return sorted(found, key=lambda tried: tried.application.reference)


def _asker(kind: RuleKind, application: Application) -> int:
    """The person, or the institution that stands for all that were merged into it."""
    if kind == RuleKind.PERSON_MASS:
        return application.owner_id
    institution = application.institution
    assert institution is not None
    return institution.merged_into_id or institution.pk


def past_rounds(reader: User, *, but: Round) -> list[Past]:
    """The newest closed rounds with the lines that this reader may know; three statements, however many lines there are."""
    rounds = list(Round.objects.closed().exclude(pk=but.pk).for_list()[:MOST_ROUNDS])
    moments = [round.closes_at for round in rounds if round.closes_at]
    cases = cases_visible_to(reader).of_rounds(rounds).exclude(status__in=NOT_ASKING)
    requests = list(Request.objects.asked_in(cases).for_trial()) if rounds else []
    stock = Movement.objects.of_samples({request.sample_id for request in requests}).stock_at(moments) if requests else {}
    lines: dict[int, list[tuple[Request, LineFacts]]] = defaultdict(list)
    places = {round.pk: place for place, round in enumerate(rounds)}
    for request in requests:
        lines[request.version.application.round_id].append((request, _facts(request, stock, places[request.version.application.round_id])))
    return [Past(round, lines[round.pk]) for round in rounds]


def _facts(request: Request, stock: Mapping[int, Sequence[tuple[int, int]]], place: int) -> LineFacts:
    """By what was left when the round closed. Where the register begins later, by all that was ever taken in."""
    now = facts_of_request(request, request.version.answers)
    left_ug, total_ug = stock.get(request.sample_id, ())[place] if request.sample_id in stock else (0, 0)
    if not total_ug:
        left_ug = total_ug = now.total_ug
    return replace(now, left_ug=left_ug, lendable_ug=left_ug, total_ug=total_ug)
