"""The hearings as an expert reads them: the beginning of the day and the own cases in order, without times (reviews/models/programme.py)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications.files.faults import FileDamaged
from applications.views.files import clean_copy
from reviews.models import Deck, Review, programmes_for
from reviews.permissions import may_review


@require_safe
@login_required
def hearings(request: UserRequest) -> HttpResponse:
    if not request.user.has_role(Role.EXPERT):
        raise PermissionDenied
    return render(request, "reviews/hearings.html", {"programmes": programmes_for(request.user)})


@require_safe
@login_required
def slides(request: UserRequest, pk: int) -> HttpResponse:
    """The clean copy of the slides, for an expert who has filed the own review: nothing that comes later may steer it."""
    review = get_object_or_404(Review.objects.visible_to(request.user).filed().select_related("application"), pk=pk)
    if not may_review(request.user, review):
        raise PermissionDenied
    deck = get_object_or_404(Deck.objects.standing().select_related("upload"), slot__application=review.application)
    try:
        return clean_copy(request, deck.upload, deck.name)
    except FileDamaged as problem:
        messages.error(request, str(problem))
        return redirect("reviews:hearings")
