"""The announcement: what would leave, the typed confirmation, the recall window, and how far it has come."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from accounts.models import Role
from letters.models import Letter
from reviews.actions import CountChanged, NothingToAnnounce, announce_decisions, decisions_to_announce, recall_announcement
from reviews.forms import AnnounceForm
from reviews.models import Announcement
from reviews.permissions import may_announce, may_recall
from reviews.views.office import page_of, round_for, whole_number
from rounds.models import Round
from workflow.transitions import NotPossibleNow


@require_http_methods(["GET", "POST"])
@login_required
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
    if "recall" in request.POST:
        return _recall(request, round)
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


def _recall(request: UserRequest, round: Round) -> HttpResponse:
    announcement = get_object_or_404(Announcement.objects.of(round, request.user), pk=whole_number(request.POST["recall"]))
    if not may_recall(request.user, announcement):
        raise PermissionDenied
    try:
        recall_announcement(announcement, by=request.user)
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The announcement is recalled. Nothing has moved."))
    return redirect("reviews:announce", slug=round.slug)
