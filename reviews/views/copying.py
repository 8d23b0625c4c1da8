"""The applications that an expert judges, to be taken along."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from applications.post import NotPrintedNow
from applications.views.files import pdf_answer, refuse_embedding
from reviews.permissions import may_judge
from reviews.post import print_copy
from reviews.reading import copy_for
from rounds.models import Round


@require_safe
@login_required
def reading_copy(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """A few applications as one PDF, for the expert who judges them and has declared no conflict."""
    round = get_object_or_404(Round.objects.run_here(), slug=slug)
    if not may_judge(request.user):
        raise PermissionDenied
    copy = copy_for(request.user, round, number)
    if copy is None:
        raise Http404(_("There is nothing of this round that you can read."))
    refuse_embedding(request)
    try:
        content = print_copy(copy, by=request.user)
    except NotPrintedNow as problem:
        messages.error(request, str(problem))
        return redirect("reviews:queue")
    return pdf_answer(content, f"applications-{slug}-{number}.pdf")
