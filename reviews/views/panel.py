"""The panel: who stands where and how sure that is, how strict each expert is, and what is asked for beside what is left."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
import tablib
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications.models import ApplicationQuerySet
from reviews.actions import shortlist_application, unlist_application
from reviews.models import (
    Given,
    Scores,
    names_of,
    panel_cases,
    ranking_of,
    scores_of,
    shortlisted_in,
    titles_of,
    wanted_samples,
)
from reviews.panel_forms import Choice, Order, PanelForm, Part
from reviews.permissions import may_see_panel
from reviews.ranking import TooManyExperts
from reviews.standing import Board, Standing, disputed, drawn, fragile, strictness_of
from reviews.views.office import page_of
from rounds.models import Criterion, Round
from workflow.spreadsheets import neutral
from workflow.transitions import NotPossibleNow

PAGE = 50


class Look(NamedTuple):
    """What every page of the panel begins with."""

    round: Round
    form: PanelForm
    chosen: Choice
    cases: ApplicationQuerySet
    scores: Scores
    given: Given


def _round(request: UserRequest, slug: str) -> Round:
    """The round, for the office's officers and for its chair."""
    if not request.user.has_role(Role.OFFICER, Role.EXPERT):
        raise PermissionDenied
    round = get_object_or_404(Round.objects.run_here(), slug=slug)
    if not may_see_panel(request.user, round):
        raise PermissionDenied
    return round


def _look(request: UserRequest, slug: str) -> Look:
    round = _round(request, slug)
    criteria: list[Criterion] = list(round.criteria.all())
    form = PanelForm(request.GET, criteria=criteria)
    chosen = form.chosen()
    cases = panel_cases(request.user, round)
    scores = scores_of(request.user, round, cases, criteria)
    return Look(round, form, chosen, cases, scores, ranking_of(scores, chosen.weights))


def board_of(look: Look, shortlisted: set[int]) -> Board:
    """The order of the ranked applications that the reader chose."""
    ranking, chosen = look.given.ranking, look.chosen
    at = np.searchsorted(look.scores.cases, ranking.applications)
    marks = disputed(ranking), fragile(ranking, chosen.places)
    column = {
        Order.RANK: ranking.expected_rank,
        Order.MEAN: -ranking.mean,
        Order.ADJUSTED: -ranking.adjusted,
        Order.SPREAD: -(ranking.highest - ranking.lowest),
        Order.LEFT_OUT: -(ranking.left_out_high - ranking.left_out_low),
        Order.COUNT: ranking.count,
        Order.ASKED: -look.scores.asked_ug[at],
        Order.REFERENCE: at,
    }[Order(chosen.order)]
    order = np.lexsort((look.scores.lot[at], np.round(column, 9)))
    part = {Part.ALL: np.ones(order.size, dtype=bool), Part.DISPUTED: marks[0], Part.FRAGILE: marks[1]}.get(Part(chosen.part))
    if part is None:
        part = np.isin(ranking.applications, sorted(shortlisted))
    return Board(order[part[order]], *marks)


def places_of(given: Given) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Each application's place by the expected rank; equal ones share the better place."""
    rounded = np.round(given.ranking.expected_rank, 6)
    return np.searchsorted(np.sort(rounded), rounded, side="left").astype(np.int64) + 1


def standings(look: Look, board: Board, at: list[int]) -> list[Standing]:
    places, ranking = places_of(look.given), look.given.ranking
    return [
        drawn(
            ranking,
            one,
            int(places[one]),
            look.given.of(int(ranking.applications[one])),
            look.chosen.places,
            is_disputed=bool(board.is_disputed[one]),
            is_fragile=bool(board.is_fragile[one]),
        )
        for one in at
    ]


def _too_many(request: UserRequest, round: Round) -> HttpResponse:
    return render(request, "reviews/panel_none.html", page_of(round, query=""))


@require_safe
@login_required
def panel(request: UserRequest, slug: str) -> HttpResponse:
    """The table; alone when htmx asks for it because a slider moved."""
    try:
        look = _look(request, slug)
    except TooManyExperts:
        return _too_many(request, _round(request, slug))
    shortlisted = shortlisted_in(look.cases)
    board = board_of(look, shortlisted)
    begin = (look.chosen.page - 1) * PAGE
    rows = standings(look, board, [int(one) for one in board.order[begin : begin + PAGE]])
    cases = titles_of(look.cases, [row.application for row in rows])
    asked = dict(zip(look.scores.cases.tolist(), look.scores.asked_ug.tolist(), strict=True))
    query = look.form.query()
    is_line_drawn = look.chosen.order == Order.RANK and look.chosen.part == Part.ALL and look.chosen.places > 0
    context = page_of(
        look.round,
        rows=[
            {"case": cases[row.application], "row": row, "asked_ug": asked[row.application], "is_listed": row.application in shortlisted}
            for row in rows
            if row.application in cases
        ],
        line_after=look.chosen.places - begin if is_line_drawn else 0,
        form=look.form,
        sliders=look.form.sliders(),
        ranking=look.given.ranking,
        ranked=look.given.ranking.applications.size,
        unranked=look.scores.cases.size - look.given.ranking.applications.size,
        places=look.chosen.places,
        query=urlencode(query),
        next_url=f"?{urlencode({**query, 'page': look.chosen.page + 1})}" if begin + PAGE < board.order.size else "",
        first_url=f"?{urlencode(query)}" if look.chosen.page > 1 else "",
    )
    is_fragment = request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
    response = render(request, "reviews/panel_table.html" if is_fragment else "reviews/panel.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@login_required
def panel_experts(request: UserRequest, slug: str) -> HttpResponse:
    """How strict each expert is beside the others, as far as that can be known."""
    try:
        look = _look(request, slug)
    except TooManyExperts:
        return _too_many(request, _round(request, slug))
    lines = strictness_of(look.given.ranking)
    begin = (look.chosen.page - 1) * PAGE
    shown = lines[begin : begin + PAGE]
    names = names_of([line.expert for line in shown])
    query = look.form.query()
    context = page_of(
        look.round,
        rows=[(names[line.expert], line) for line in shown],
        ranking=look.given.ranking,
        query=urlencode(query),
        next_url=f"?{urlencode({**query, 'page': look.chosen.page + 1})}" if begin + PAGE < len(lines) else "",
        first_url=f"?{urlencode(query)}" if look.chosen.page > 1 else "",
    )
    return render(request, "reviews/panel_experts.html", context)


@require_safe
@login_required
def panel_demand(request: UserRequest, slug: str) -> HttpResponse:
    """What the applications that are not decided ask of each sample, beside what is left of it."""
    round = _round(request, slug)
    pairs = wanted_samples(scores_of(request.user, round, panel_cases(request.user, round), list(round.criteria.all())))
    rows = []
    for sample, wanted in pairs:
        asked, left = (wanted.mass_ug, sample.left_ug) if sample.is_divisible else (wanted.applications, int(sample.left_ug > 0))
        most = max(asked, left, 1)
        rows.append(
            {
                "sample": sample,
                "wanted": wanted,
                "asked_width": width(asked * 100 / most),
                "left_width": width(left * 100 / most),
                "is_short": asked > left,
                "times": f"{asked / left:.1f}" if left else "",
            }
        )
    return render(request, "reviews/panel_demand.html", page_of(round, rows=rows, query=""))


def width(value: float) -> str:
    """A width in the drawing; never invisible when it is not nothing."""
    return f"{max(value, 0.5):.1f}" if value else "0"


@require_safe
@login_required
def panel_csv(request: UserRequest, slug: str) -> HttpResponse:
    """The whole table as it stands, for a spreadsheet, in the reader's language."""
    try:
        look = _look(request, slug)
    except TooManyExperts:
        return _too_many(request, _round(request, slug))
    shortlisted = shortlisted_in(look.cases)
    board = board_of(look, shortlisted)
    asked = dict(zip(look.scores.cases.tolist(), look.scores.asked_ug.tolist(), strict=True))
    rows = standings(look, board, [int(one) for one in board.order])
    cases = titles_of(look.cases, [row.application for row in rows])
    table = tablib.Dataset(
        headers=[
            *(_("Place"), _("Application"), _("Title"), _("Institution"), _("Reviews"), _("Scores"), _("Mean"), _("Median"), _("Adjusted mean")),
            *(_("Expected rank"), _("Rank from (90 %)"), _("Rank to (90 %)"), _("Chance within the line in %"), _("Places without one expert")),
            *(_("Experts disagree"), _("Fragile rank"), _("Asked for in mg"), _("Shortlist")),
        ]
    )
    yes = {True: _("yes"), False: ""}
    for row in rows:
        case = cases.get(row.application)
        if case is None or case.current is None:
            continue
        cells = [
            *(
                row.place,
                case.reference,
                case.current.title,
                case.institution.name if case.institution else "",
                row.count,
                row.scores,
                row.mean,
                row.median,
            ),
            *(row.adjusted, row.expected, row.low, row.high, row.above, row.left_out, yes[row.is_disputed], yes[row.is_fragile]),
            *(f"{asked[row.application] / 1000:.1f}", yes[row.application in shortlisted]),
        ]
        table.append([neutral(cell) if isinstance(cell, str) else cell for cell in cells])
    response = HttpResponse(f"\ufeff{table.export('csv')}".encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="panel-{look.round.slug}.csv"'
    return response


@require_POST
@login_required
def shortlist(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """Put on the shortlist or take off; back to the table as it was."""
    round = _round(request, slug)
    application = get_object_or_404(panel_cases(request.user, round), reference=reference)
    try:
        call = unlist_application if request.POST.get("take") == "off" else shortlist_application
        call(application, by=request.user)
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    criteria = list(round.criteria.all())
    form = PanelForm(request.GET, criteria=criteria)
    form.chosen()
    query = urlencode({**form.query(), **({"page": form.page} if form.page > 1 else {})})
    return redirect(f"{reverse('reviews:panel', args=[slug])}{'?' + query if query else ''}#{reference}")
