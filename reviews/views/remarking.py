"""The office and the chair take part in the discussion of a case."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from accounts.kept import kept_text, login_required_keeping_text
from reviews.actions import ReasonNeeded, ReviewsClosed, add_remark
from reviews.forms import RemarkForm
from reviews.models import cases_visible_to
from reviews.permissions import may_read_case
from rounds.models import Round


@require_http_methods(["GET", "POST"])
@login_required_keeping_text
def case_remark(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """Say something to those who discuss the case."""
    round = get_object_or_404(Round.objects.run_here(), slug=slug)
    if not may_read_case(request.user, round):
        raise PermissionDenied
    application = get_object_or_404(cases_visible_to(request.user).of_round(round).with_case(), reference=reference)
    typed = request.POST if request.method == "POST" else kept_text(request)
    form = RemarkForm(typed)
    if typed is not None and form.is_valid():
        try:
            add_remark(application, by=request.user, text=form.cleaned_data["text"])
        except (ReviewsClosed, ReasonNeeded) as problem:
            messages.error(request, str(problem))
    elif typed is not None:
        messages.error(request, _("Write a few words first."))
    return redirect("desk:case", slug=slug, reference=reference)
