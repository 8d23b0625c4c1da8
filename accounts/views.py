"""People, their roles, and what one says about oneself."""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, permissions
from accounts.forms import InvitationForm, PeopleSearchForm, ProfileForm, RoleForm
from accounts.http import UserRequest
from accounts.keyset import page_after
from accounts.models import Role, User
from accounts.orcid import orcid_account, orcid_of
from accounts.session import note_presence, seconds_left, seconds_open
from accounts.stepup import proved_recently

PEOPLE_A_PAGE = 50
REFUSALS = (actions.OwnAccount, actions.TooManyInvitations, actions.PasswordIsSet, actions.NoSecondFactor, actions.AccountErased)


def _ask(request: UserRequest) -> None:
    if not permissions.may_manage_people(request.user):
        raise PermissionDenied


def _get(pk: int) -> User:
    return get_object_or_404(User.objects.for_session(), pk=pk)


@login_required
@require_safe
def people(request: UserRequest) -> HttpResponse:
    _ask(request)
    form = PeopleSearchForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {"q": "", "role": ""}
    found = User.objects.for_list().search(asked["q"]).holding(asked["role"])
    page = page_after(found, request.GET.get("after", ""), size=PEOPLE_A_PAGE)
    next_url = f"?{urlencode({**asked, 'after': page.next_after})}" if page.next_after else ""
    context = {
        "form": form,
        "people": page.rows,
        "next_url": next_url,
        "is_search": any(asked.values()),
        "awaiting_erasure": list(User.objects.awaiting_erasure()),
    }
    return render(request, "accounts/people.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@proved_recently
def invite(request: UserRequest) -> HttpResponse:
    _ask(request)
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        try:
            person = actions.invite_person(**form.cleaned_data, by=request.user)
        except (actions.AlreadyHasAccount, actions.TooManyInvitations) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The invitation to %(email)s is on its way.") % {"email": person.email})
            return redirect("accounts:person", person.pk)
    return render(request, "accounts/invite.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def person(request: UserRequest, pk: int) -> HttpResponse:
    _ask(request)
    shown = _get(pk)
    context = {
        "person": shown,
        "orcid": orcid_of(shown),
        "changes": shown.changes(),
        "awaits_erasure": shown.awaits_erasure(),
        "may_change": permissions.may_change_roles(request.user, shown),
        "held": [role for role in Role if role.value in shown.roles_on_paper],
        "not_held": [role for role in Role if role.value not in shown.roles_on_paper],
    }
    return render(request, "accounts/person.html", context)


@login_required
@require_POST
@proved_recently
def give_role(request: UserRequest, pk: int) -> HttpResponse:
    return _change_role(request, pk, actions.give_role, _("%(name)s is %(role)s from now on."))


@login_required
@require_POST
@proved_recently
def end_role(request: UserRequest, pk: int) -> HttpResponse:
    return _change_role(request, pk, actions.end_role, _("%(name)s is no longer %(role)s."))


def _change_role(request: UserRequest, pk: int, change: Callable[..., None], said: str) -> HttpResponse:
    _ask(request)
    shown, form = _get(pk), RoleForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    role = form.cleaned_data["role"]
    try:
        change(shown, role, by=request.user)
    except (actions.OwnAccount, actions.AccountClosed) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, said % {"name": shown, "role": role.label})
    return redirect("accounts:person", pk)


@login_required
@require_POST
@proved_recently
def deactivate(request: UserRequest, pk: int) -> HttpResponse:
    return _change_account(request, pk, actions.deactivate_person, _("The account is closed, and every session of it is over."))


@login_required
@require_POST
@proved_recently
def reactivate(request: UserRequest, pk: int) -> HttpResponse:
    return _change_account(request, pk, actions.reactivate_person, _("The account is open again, with the roles it had."))


@login_required
@require_POST
@proved_recently
def invite_again(request: UserRequest, pk: int) -> HttpResponse:
    return _change_account(request, pk, actions.send_invitation, _("The invitation is on its way again."))


@login_required
@require_POST
@proved_recently
def remove_second_factor(request: UserRequest, pk: int) -> HttpResponse:
    return _change_account(request, pk, actions.remove_second_factor, _("The second factor is removed, every session is over, and a mail says so."))


def _change_account(request: UserRequest, pk: int, change: Callable[..., None], said: str) -> HttpResponse:
    _ask(request)
    try:
        change(_get(pk), by=request.user)
    except REFUSALS as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, said)
    return redirect("accounts:person", pk)


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: UserRequest) -> HttpResponse:
    names = ("full_name", "native_name", "language", "time_zone")
    form = ProfileForm(request.POST or None, initial={name: getattr(request.user, name) for name in names})
    if form.is_valid():
        actions.revise_profile(request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    context = {"form": form, "orcid": orcid_account(request.user), "has_password": request.user.has_usable_password()}
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def stay(request: HttpRequest) -> HttpResponse:
    """How many seconds the session lasts (GET), and "I am still here" (POST), for static/js/stay.js. A stranger has none. The token
    lets forms that were open while somebody signed in anew be sent after all."""
    if not request.user.is_authenticated:
        return JsonResponse({"seconds": 0})
    signed_in = cast(UserRequest, request)
    if request.method == "POST":
        note_presence(signed_in, at_once=True)
    return JsonResponse({"seconds": seconds_left(signed_in), "longest": seconds_open(signed_in), "token": get_token(request)})
