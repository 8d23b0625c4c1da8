"""Attached files for those who judge: the copy without metadata, through the case or the review, and only what the virus check lets out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from applications.files.faults import FileDamaged
from applications.models import Attachment
from applications.views.files import copy_for_others
from reviews.models import Review, cases_visible_to
from reviews.permissions import may_read_case, may_review
from rounds.models import Round


def files_of_review(pk: int) -> str:
    """The address below which the files of a review's case are opened by their numbers."""
    return reverse("reviews:attachment", args=[pk, 0]).removesuffix("0/")


def files_of_case(slug: str, reference: str) -> str:
    return reverse("reviews:case_attachment", args=[slug, reference, 0]).removesuffix("0/")


@require_safe
@login_required
def review_attachment(request: UserRequest, pk: int, file: int) -> HttpResponse:
    """For the expert who judges the case and has declared no conflict."""
    review = get_object_or_404(Review.objects.visible_to(request.user).with_case(), pk=pk)
    if not may_review(request.user, review):
        raise PermissionDenied
    if review.awaits_declaration:
        raise Http404(_("Say first whether you have a conflict."))
    row = get_object_or_404(Attachment.objects.handed_in(review.application), pk=file)
    try:
        return copy_for_others(request, row)
    except FileDamaged as problem:
        messages.error(request, str(problem))
        return redirect("reviews:review", pk=pk)


@require_safe
@login_required
def case_attachment(request: UserRequest, slug: str, reference: str, file: int) -> HttpResponse:
    """For officers, approvers and the chair; a case with a tie does not exist."""
    round = get_object_or_404(Round.objects.run_here(), slug=slug)
    if not may_read_case(request.user, round):
        raise PermissionDenied
    application = get_object_or_404(cases_visible_to(request.user).of_round(round).with_case(), reference=reference)
    row = get_object_or_404(Attachment.objects.handed_in(application), pk=file)
    try:
        return copy_for_others(request, row)
    except FileDamaged as problem:
        messages.error(request, str(problem))
        return redirect("desk:case", slug=slug, reference=reference)
