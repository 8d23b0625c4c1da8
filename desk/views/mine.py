"""What the portal keeps about the person who is signed in: to read, to take along, and to have erased."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions import ask_for_erasure
from accounts.http import UserRequest
from desk.actions import reasons_to_keep
from desk.forms import ErasureRequestForm
from desk.mine import SECTIONS, everything_of


@require_http_methods(["GET", "POST"])
@login_required
def my_data(request: UserRequest) -> HttpResponse:
    """What is kept, for how long, and the request to erase it (POST)."""
    form = ErasureRequestForm(request.POST or None)
    if form.is_valid():
        ask_for_erasure(request.user)
        messages.success(request, _("Your request is noted. An administrator decides on it within 30 days and writes to you."))
        return redirect("desk:my_data")
    context = {
        "form": form,
        "sections": [title for _name, title, _read in SECTIONS],
        "is_asked": request.user.awaits_erasure(),
        "reasons": reasons_to_keep(request.user),
    }
    return render(request, "desk/my_data.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def download(request: UserRequest) -> HttpResponse:
    """One JSON file."""
    response = JsonResponse(everything_of(request.user), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="lunar-sample-loans-my-data-{timezone.localdate():%Y-%m-%d}.json"'
    return response
