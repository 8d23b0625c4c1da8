"""The pages of attached files as pictures, for those who may open the files themselves."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from applications.files.faults import FileDamaged
from applications.files.store import read
from applications.models import Application, Attachment
from applications.views.files import SANDBOX
from reviews.models import Review, cases_visible_to
from reviews.permissions import may_read_case, may_review
from rounds.models import Round

FRAMES = ("iframe", "frame", "object", "embed", "script", "style", "worker")


def pages_of_review(pk: int) -> str:
    """The address below which the pages of a review's files are opened by the number of the file and of the page."""
    return reverse("reviews:page", args=[pk, 0, 0]).removesuffix("0/0/")


def pages_of_case(slug: str, reference: str) -> str:
    return reverse("reviews:case_page", args=[slug, reference, 0, 0]).removesuffix("0/0/")


@require_safe
@login_required
def review_page(request: UserRequest, pk: int, upload: int, number: int) -> HttpResponse:
    """For the expert who judges the case and has declared no conflict."""
    review = get_object_or_404(Review.objects.visible_to(request.user).select_related("application"), pk=pk)
    if not may_review(request.user, review):
        raise PermissionDenied
    if review.awaits_declaration:
        raise Http404(_("Say first whether you have a conflict."))
    return _picture(request, review.application, upload, number)


@require_safe
@login_required
def case_page(request: UserRequest, slug: str, reference: str, upload: int, number: int) -> HttpResponse:
    """For officers, approvers and the chair; a case with a tie does not exist."""
    round = get_object_or_404(Round.objects.run_here(), slug=slug)
    if not may_read_case(request.user, round):
        raise PermissionDenied
    application = get_object_or_404(cases_visible_to(request.user).of_round(round), reference=reference)
    return _picture(request, application, upload, number)


def _picture(request: HttpRequest, application: Application, upload: int, number: int) -> HttpResponse:
    """A page of a file that was handed in, as a picture on a page of this portal and nowhere else."""
    if request.headers.get("Sec-Fetch-Site", "") in ("cross-site", "same-site") or request.headers.get("Sec-Fetch-Dest", "") in FRAMES:
        raise PermissionDenied
    row = get_object_or_404(Attachment.objects.handed_in(application), upload=upload)
    if not row.upload.is_shown_to_others:
        raise Http404(_("This file is not given out."))
    page = get_object_or_404(row.upload.drawn_pages.all(), number=number)
    try:
        content = read(page.stored, page.digest)
    except FileDamaged as problem:
        raise Http404(str(problem)) from problem
    answer = HttpResponse(content, content_type="image/webp")
    answer["Content-Disposition"] = f'inline; filename="page-{page.number}.webp"'
    answer["Content-Security-Policy"] = SANDBOX
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer
