"""The administrator decides on a request to erase an account."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import NothingAsked, refuse_erasure
from accounts.http import UserRequest
from accounts.models import User
from accounts.permissions import may_change_roles
from accounts.stepup import proved_recently
from desk.actions import StillNeeded, erase_person, reasons_to_keep
from desk.forms import ErasureRefusalForm


def _get(request: UserRequest, pk: int) -> User:
    person = get_object_or_404(User.objects.for_session(), pk=pk)
    if not may_change_roles(request.user, person):
        raise PermissionDenied
    return person


@require_http_methods(["GET", "POST"])
@login_required
@proved_recently
def erase(request: UserRequest, pk: int) -> HttpResponse:
    """What stands against it, and the button."""
    person = _get(request, pk)
    if request.method == "POST":
        try:
            erase_person(person, by=request.user)
        except (StillNeeded, NothingAsked) as problem:
            messages.error(request, str(problem))
            return redirect("desk:erase", pk)
        messages.success(request, _("The account is erased. Its history stays."))
        return redirect("accounts:person", pk)
    context = {"person": person, "reasons": reasons_to_keep(person), "is_asked": person.awaits_erasure(), "form": ErasureRefusalForm()}
    return render(request, "desk/erase.html", context)


@require_POST
@login_required
@proved_recently
def refuse(request: UserRequest, pk: int) -> HttpResponse:
    person, form = _get(request, pk), ErasureRefusalForm(request.POST)
    if not form.is_valid():
        context = {"person": person, "reasons": reasons_to_keep(person), "is_asked": person.awaits_erasure(), "form": form}
        return render(request, "desk/erase.html", context, status=422)
    try:
        refuse_erasure(person, by=request.user, reason=form.cleaned_data["reason"])
    except NothingAsked as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Refused; the reason is on its way by mail."))
    return redirect("accounts:person", pk)
