"""The fact sheet of a case, as a fragment of the expert's page and as a page of its own."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from desk.facts import facts_for_expert
from reviews.models import Review
from reviews.permissions import may_review


@require_safe
@login_required
def facts(request: UserRequest, pk: int) -> HttpResponse:
    """For the expert who judges the case and has declared no conflict."""
    review = get_object_or_404(Review.objects.visible_to(request.user).with_case(), pk=pk)
    if not may_review(request.user, review):
        raise PermissionDenied
    if review.awaits_declaration:
        raise Http404(_("Say first whether you have a conflict."))
    context = {
        "review": review,
        "application": review.application,
        "back": reverse("reviews:review", args=[pk]),
        "facts": facts_for_expert(review, reader=request.user),
    }
    return render(request, "desk/facts.html", context)
