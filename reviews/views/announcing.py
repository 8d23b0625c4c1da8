"""The announcement: what would leave, the typed confirmation, the recall window, and how far it has come."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from accounts.stepup import proved_to_send
from letters.models import Letter
from letters.words import as_text, cleaned
from reviews.actions import (
    CountChanged,
    NothingToAnnounce,
    announce_decisions,
    continue_announcement,
    decisions_to_announce,
    recall_announcement,
    stop_announcement,
)
from reviews.forms import AnnounceForm
from reviews.models import Announcement
from reviews.permissions import may_announce, may_stop
from reviews.views.office import page_of, round_for, whole_number
from reviews.words import decided
from rounds.models import Round
from workflow.transitions import NotPossibleNow

HALTS: dict[str, tuple[Callable[..., None], str | Promise]] = {  # buttons of an announcement that is under way
    "recall": (recall_announcement, gettext_lazy("The announcement is recalled. Nothing has moved.")),
    "stop": (stop_announcement, gettext_lazy("The announcement is stopped. Nothing becomes visible before it goes on.")),
    "go_on": (continue_announcement, gettext_lazy("The announcement goes on.")),
}


@require_http_methods(["GET", "POST"])
@login_required
@proved_to_send("announce")
def announce(request: UserRequest, slug: str) -> HttpResponse:
    """The approver's page. Only what this person may see is listed and counted."""
    round = round_for(request, slug, Role.APPROVER)
    is_allowed = may_announce(request.user, round)
    form = AnnounceForm(request.POST if "announce" in request.POST else None)
    if "announce" in request.POST:
        if not is_allowed:
            raise PermissionDenied
        if form.is_valid():
            try:
                announce_decisions(round, by=request.user, count=form.cleaned_data["count"])
            except (CountChanged, NothingToAnnounce, NotPossibleNow) as problem:
                form.add_error("count", str(problem))
            else:
                messages.success(request, _("The announcement is confirmed. It can be recalled until it begins."))
                return redirect("reviews:announce", slug=slug)
    pressed = next((name for name in HALTS if name in request.POST), "")
    if pressed:
        return _halt(request, round, pressed)
    announcements = list(Announcement.objects.of(round, request.user).with_items())
    newest_begun = next((announcement for announcement in announcements if announcement.has_begun), None)
    context = page_of(
        round,
        decisions=decisions_to_announce(round, by=request.user),
        announcements=announcements,
        newest_begun=newest_begun and newest_begun.pk,
        prints=Letter.objects.progress(newest_begun.letter_keys()) if newest_begun else {},
        is_allowed=is_allowed,
        form=form,
    )
    return render(request, "reviews/announce.html", context, status=422 if form.errors else 200)


def _halt(request: UserRequest, round: Round, pressed: str) -> HttpResponse:
    announcement = get_object_or_404(Announcement.objects.of(round, request.user), pk=whole_number(request.POST[pressed]))
    if not may_stop(request.user, announcement):
        raise PermissionDenied
    act, done = HALTS[pressed]
    try:
        act(announcement, by=request.user)
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, str(done))
    return redirect("reviews:announce", slug=round.slug)


@require_safe
@login_required
@never_cache
def announce_letter(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """The words of one letter as they would be frozen, for proof-reading; nothing is written."""
    round = round_for(request, slug, Role.APPROVER)
    decision = next((each for each in decisions_to_announce(round, by=request.user) if each.application.reference == reference), None)
    if decision is None:
        raise Http404(_("No decision of this application waits for an announcement."))
    words = cleaned(decided(decision))
    context = page_of(round, decision=decision, application=decision.application, text_en=as_text(words, "en"), text_zh=as_text(words, "zh"))
    return render(request, "reviews/announce_letter.html", context)
