"""The administrator's preview of the next version, its publication, and the instant that may be set for it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest
from accounts.stepup import proved_recently
from accounts.templatetags.portal import beijing
from results import permissions
from results.actions import (
    AlreadySet,
    DecisionsWait,
    NotPublishable,
    TooEarly,
    problem_text,
    publish_results,
    recall_publication,
    schedule_publication,
)
from results.forms import PublishForm
from results.lines import compare, has_waiting_decisions, proposal_for
from results.models import Publication, ResultList
from rounds.models import Round
from workflow.transitions import NotPossibleNow

REFUSALS = (AlreadySet, NotPublishable, TooEarly, NotPossibleNow)


def _get(request: UserRequest, slug: str) -> Round:
    round = get_object_or_404(Round.objects.visible_to(request.user).run_here().for_list(), slug=slug)
    if not permissions.may_publish(request.user, round):
        raise PermissionDenied
    return round


@require_http_methods(["GET", "POST"])
@login_required
def office(request: UserRequest, slug: str) -> HttpResponse:
    """What the next version would say beside the last one, and the buttons that publish it now or at an instant."""
    round = _get(request, slug)
    if request.method == "POST":
        return _publish(request, round)
    last = ResultList.objects.latest_of(round)
    return render(request, "results/office.html", _preview(round, last, PublishForm(is_correction=last is not None)))


@proved_recently
def _publish(request: UserRequest, round: Round) -> HttpResponse:
    last = ResultList.objects.latest_of(round)
    form = PublishForm(request.POST, is_correction=last is not None)
    if form.is_valid():
        try:
            said, address = _carry_out(round, form, request)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect(address, slug=round.slug)
    return render(request, "results/office.html", _preview(round, last, form), status=422)


def _carry_out(round: Round, form: PublishForm, request: UserRequest) -> tuple[str, str]:
    """Published or set, with the words that say so and the page that shows it."""
    asked = form.cleaned_data
    words = {"seen_digest": asked["digest"], "note_en": asked["note_en"], "note_zh": asked["note_zh"]}
    if form.is_for_later:
        publication = schedule_publication(round, by=request.user, publishes_at=asked["publishes_at"], **words)
        return _("The list will be published on %(moment)s.") % {"moment": beijing(publication.publishes_at, "start")}, "results:office"
    published = publish_results(round, by=request.user, **words)
    return _("Version %(number)d of the list is published.") % {"number": published.number}, "results:round"


@require_POST
@login_required
def recall(request: UserRequest, slug: str) -> HttpResponse:
    """Nothing has been published, and nothing will be."""
    round = _get(request, slug)
    publication = get_object_or_404(Publication.objects.of(round).waiting())
    try:
        recall_publication(publication, by=request.user)
    except NotPossibleNow as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Recalled. Nothing was published."))
    return redirect("results:office", slug=slug)


def _preview(round: Round, last: ResultList | None, form: PublishForm) -> dict[str, Any]:
    proposal = proposal_for(round)
    compared = compare(proposal.lines, last)
    publication = Publication.objects.of(round).first()
    waits = publication is not None and publication.is_set
    refused = publication if publication and publication.is_refused and (last is None or last.published_at < publication.publishes_at) else None
    return {
        "round": round,
        "last": last,
        "next_number": last.number + 1 if last else 1,
        "compared": compared,
        "announced_on": proposal.announced_on,
        "digest": proposal.digest,
        "total_ug": sum(line.mass_ug or 0 for line in proposal.lines),
        "row_count": len(proposal.lines),
        "is_unchanged": last is not None and last.digest == proposal.digest,
        "problem": str(DecisionsWait()) if has_waiting_decisions(round) else "",
        "publication": publication if waits else None,
        "will_differ": waits and publication is not None and publication.digest != proposal.digest,
        "refused": refused,
        "refusal": problem_text(refused) if refused else "",
        "form": form,
    }
