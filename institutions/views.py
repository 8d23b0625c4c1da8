"""The register of institutions, their members, and the names of countries and regions."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest
from accounts.keyset import page_after
from institutions import actions, permissions
from institutions.forms import CountryForm, InstitutionEditForm, InstitutionForm, MemberForm, MergeForm, RegisterSearchForm, TypeaheadForm, words_of
from institutions.models import Country, Institution, Membership, Merge

INSTITUTIONS_A_PAGE = 50
MOST_OFFERED = 20


def _ask(request: UserRequest) -> None:
    if not permissions.may_keep_register(request.user):
        raise PermissionDenied


def _get(pk: int) -> Institution:
    return get_object_or_404(Institution.objects.select_related("country", "merged_into", "verified_by"), pk=pk)


@login_required
@require_safe
def register(request: UserRequest) -> HttpResponse:
    _ask(request)
    form = RegisterSearchForm(request.GET)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {"q": "", "show": ""}
    found = Institution.objects.for_list().matching(asked["q"]).of_standing(asked["show"])
    page = page_after(found, request.GET.get("after", ""), size=INSTITUTIONS_A_PAGE)
    query = {name: value for name, value in asked.items() if value} | {"after": page.next_after}
    context = {
        "form": form,
        "institutions": page.rows,
        "next_url": f"?{urlencode(query)}" if page.next_after else "",
        "is_search": any(asked.values()),
        "may_name_countries": permissions.may_name_countries(request.user),
    }
    return render(request, "institutions/list.html", context)


@login_required
@require_safe
@never_cache
def search(request: UserRequest) -> JsonResponse:
    """What the person may choose, while typing (static/js/typeahead.js). Without the script the page searches by itself."""
    text = TypeaheadForm(request.GET).text()
    try:
        if text:
            actions.count_question(request.user)
    except actions.TooFast as problem:
        return JsonResponse({"said": str(problem), "results": []}, status=429, headers={"Retry-After": "60"})
    found = Institution.objects.choosable_by(request.user).select_related("country").search(text, most=MOST_OFFERED) if text else ()
    results = [
        {
            "id": one.pk,
            "name": one.name,
            "other": one.other_name,
            "place": " · ".join(filter(None, (one.get_kind_display(), str(one.country or "")))),
            "caution": one.caution,
        }
        for one in found
    ]
    said = ngettext("%(count)s institution. Choose it with the arrow keys.", "%(count)s institutions. Choose with the arrow keys.", len(results))
    none = _("The register has no institution of that name.")
    return JsonResponse({"said": said % {"count": len(results)} if results else none, "results": results})


@login_required
@require_http_methods(["GET", "POST"])
def new(request: UserRequest) -> HttpResponse:
    _ask(request)
    form = InstitutionForm(request.POST or None)
    if form.is_valid():
        try:
            institution = actions.create_institution(**form.cleaned_data, by=request.user)
        except actions.InstitutionRefused as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("%(name)s is in the register.") % {"name": institution})
            return redirect("institutions:institution", institution.pk)
    return render(request, "institutions/new.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def institution(request: UserRequest, pk: int) -> HttpResponse:
    _ask(request)
    return _show(request, _get(pk), MemberForm())


def _show(request: UserRequest, shown: Institution, form: MemberForm) -> HttpResponse:
    context = {
        "institution": shown,
        "aliases": shown.aliases.all(),
        "parents": Institution.objects.parents_of(shown).for_list() if shown.ror_id else (),
        "domains": shown.mail_domains.order_by("domain") if shown.ror_id else (),
        "alike": Institution.objects.alike(shown) if shown.awaits_check else (),
        "merges": Merge.objects.about(shown),
        "memberships": Membership.objects.of_family(shown).for_list(),
        "form": form,
    }
    return render(request, "institutions/institution.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    _ask(request)
    shown = _get(pk)
    form = InstitutionEditForm(request.POST or None, initial=words_of(shown))
    if form.is_valid():
        try:
            actions.revise_institution(shown, **form.cleaned_data)
        except actions.InstitutionRefused as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("institutions:institution", pk)
    return render(request, "institutions/edit.html", {"institution": shown, "form": form}, status=422 if form.errors else 200)


@login_required
@require_POST
def verify(request: UserRequest, pk: int) -> HttpResponse:
    _ask(request)
    shown = _get(pk)
    actions.verify_institution(shown, by=request.user)
    messages.success(request, _("%(name)s is verified.") % {"name": shown})
    return redirect("institutions:institution", pk)


@login_required
@require_safe
def merge(request: UserRequest, pk: int) -> HttpResponse:
    """Choose the one that stays, then see what the merge means; `confirm_merge` does it."""
    _ask(request)
    shown = _get(pk)
    form = MergeForm(request.GET if {"into", "pk"} & request.GET.keys() else None, institution=shown)
    into = form.cleaned_data["into"] if form.is_valid() else None
    words = TypeaheadForm({"q": request.GET.get("into", "")}).text()
    others = Institution.objects.for_list().exclude(pk=shown.pk)
    context = {
        "institution": shown,
        "form": form,
        "into": into,
        "offered": [] if into else others.search(words, most=MOST_OFFERED) if words else Institution.objects.alike(shown),
        "memberships": Membership.objects.of_family(shown).open().for_list(),
        "merged_ones": shown.merged_ones.all(),
    }
    return render(request, "institutions/merge.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def confirm_merge(request: UserRequest, pk: int, into: int) -> HttpResponse:
    _ask(request)
    shown, stays = _get(pk), _get(into)
    try:
        actions.merge_institutions(shown, stays, by=request.user)
    except actions.NotMergeable as problem:
        messages.error(request, str(problem))
        return redirect("institutions:institution", pk)
    messages.success(request, _("%(name)s is now part of %(into)s. This can be taken back.") % {"name": shown, "into": stays})
    return redirect("institutions:institution", into)


@login_required
@require_POST
def split(request: UserRequest, pk: int) -> HttpResponse:
    _ask(request)
    shown = _get(pk)
    try:
        actions.split_institution(shown, by=request.user)
    except actions.NotMergeable as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("%(name)s stands for itself again.") % {"name": shown})
    return redirect("institutions:institution", pk)


@login_required
@require_POST
def add_member(request: UserRequest, pk: int) -> HttpResponse:
    _ask(request)
    shown, form = _get(pk), MemberForm(request.POST)
    if form.is_valid():
        try:
            actions.add_membership(form.cleaned_data["email"], shown, may_sign=form.cleaned_data["may_sign"], by=request.user)
        except actions.AlreadyMember as problem:
            form.add_error("email", str(problem))
        else:
            messages.success(request, _("%(name)s belongs to the institution from today on.") % {"name": form.cleaned_data["email"]})
            return redirect("institutions:institution", pk)
    return _show(request, shown, form)


@login_required
@require_POST
def end_member(request: UserRequest, pk: int) -> HttpResponse:
    _ask(request)
    membership = get_object_or_404(Membership.objects.for_list(), pk=pk)
    try:
        actions.end_membership(membership, by=request.user)
    except actions.NoLongerMember as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("%(name)s belongs to the institution no longer.") % {"name": membership.user})
    return redirect("institutions:institution", membership.institution_id)


@login_required
@require_safe
def countries(request: UserRequest) -> HttpResponse:
    if not permissions.may_name_countries(request.user):
        raise PermissionDenied
    return render(request, "institutions/countries.html", {"countries": Country.objects.in_order()})


@login_required
@require_http_methods(["GET", "POST"])
def country(request: UserRequest, code: str) -> HttpResponse:
    if not permissions.may_name_countries(request.user):
        raise PermissionDenied
    shown = get_object_or_404(Country, pk=code)
    initial = {name: getattr(shown, name) for name in ("name_en", "name_zh", "position")}
    form = CountryForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            actions.revise_country(shown, **form.cleaned_data)
        except actions.CountryNameTaken as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("institutions:countries")
    context = {"country": shown, "form": form, "aliases": shown.aliases.all()}
    return render(request, "institutions/country.html", context, status=422 if form.errors else 200)
