"""Starting an application and writing its parts. Whatever a refusal says, what was typed is shown again."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from applications import permissions
from applications.actions import (
    InstitutionKnown,
    RoundClosed,
    RoundNotOpen,
    StaleTab,
    enter_institution,
    revise_application,
    revise_requests,
    start_application,
    start_version,
    too_late_or_moved,
)
from applications.forms import InstitutionForm, NewInstitutionForm, ResearchForm, SamplesForm, SearchForm, StartForm, words_of
from applications.guide import SECTIONS
from applications.models import Application, Version, choosable_institutions, offered_samples
from applications.views.reading import own_application, sent, state_of
from institutions.actions import InstitutionRefused
from institutions.models import Country, Institution
from rounds.models import Round
from workflow.transitions import NotPossibleNow

FOUND = 20  # institutions that a search shows
REFUSALS = (RoundClosed, StaleTab, NotPossibleNow)


@require_http_methods(["GET", "POST"])
@login_required
def new(request: UserRequest) -> HttpResponse:
    """Choose an open round; one's only institution is filled in."""
    rounds = list(Round.objects.open().for_list())
    named = request.GET.get("round", "")
    form = StartForm(sent(request), rounds=rounds, initial={"round": named or (rounds[0].slug if len(rounds) == 1 else "")})
    if request.method == "POST" and form.is_valid():
        untouched = Application.objects.visible_to(request.user).untouched_drafts(form.chosen).first()
        if untouched:
            return redirect("applications:application", reference=untouched.reference)
        own = list(Institution.objects.of(request.user)[:2])
        try:
            application = start_application(form.chosen, by=request.user, institution=own[0] if len(own) == 1 else None)
        except RoundNotOpen as problem:
            form.add_error("round", str(problem))
        else:
            return redirect("applications:application", reference=application.reference)
    context = {"form": form, "rounds": rounds, "not_open": bool(named) and named not in form.rounds, "chosen": form["round"].value()}
    return render(request, "applications/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: UserRequest, reference: str, section: str) -> HttpResponse:
    """One part of the form. A POST with `start` makes a new version of what was handed in, to be written in."""
    application = own_application(request, reference)
    if section not in SECTIONS:
        raise Http404(_("There is no such part."))
    if not permissions.may_edit(request.user, application):
        raise PermissionDenied
    if "start" in request.POST:
        return _start_version(request, application, section)
    if request.method == "GET" and (application.draft is None or not application.is_editable()):
        if application.draft is not None:
            messages.warning(request, str(too_late_or_moved(application)))
        return redirect("applications:application", reference=reference)
    if section == "institution":
        return _institution(request, application)
    return _research(request, application) if section == "research" else _samples(request, application)


def _start_version(request: UserRequest, application: Application, section: str) -> HttpResponse:
    try:
        start_version(application, by=request.user)
    except (RoundClosed, NotPossibleNow) as problem:
        messages.error(request, str(problem))
    return redirect("applications:application", reference=application.reference)


def _draft(application: Application) -> Version:
    """The version to write in; its absence is said as the reason why nothing can be saved."""
    if application.draft is None:
        raise too_late_or_moved(application)
    return application.draft


def _base(application: Application) -> Version:
    """What the form starts with: the draft, or what was handed in when a late page is answered."""
    version = application.shown_version if application.draft is None else application.draft
    assert version is not None
    return version


def _saved(request: UserRequest, application: Application) -> HttpResponse:
    """Back to where the reader came from: the answers to be checked, or the list of parts."""
    messages.success(request, _("Saved. Nothing is submitted yet."))
    page = "check" if request.POST.get("back") == "check" else "application"
    return redirect(f"applications:{page}", reference=application.reference)


def _page(request: UserRequest, application: Application, section: str, context: dict[str, Any], refusal: Exception | None) -> HttpResponse:
    """The form again: 409 when it came too late or from an older tab, 422 when the words are not right."""
    stored = refusal.stored if isinstance(refusal, StaleTab) else None
    is_wrong = any(form.errors for name, form in context.items() if name in ("form", "new_form"))
    context |= state_of(application) | {
        "section_title": SECTIONS[section],
        "back": request.POST.get("back", request.GET.get("back", "")),
        "refusal": refusal,
        "stored": stored,
        "deadline_at": application.deadline(),
    }
    status = 409 if refusal else 422 if is_wrong else 200
    return render(request, f"applications/edit_{section}.html", context, status=status)


def _with_revision(request: UserRequest, name: str, refusal: Exception) -> Any:
    """What was typed, now knowing the stored state that the page shows beside it: saving again is meant."""
    typed = request.POST.copy()
    if isinstance(refusal, StaleTab):
        typed[name] = str(refusal.stored.revision)
    return typed


def _research(request: UserRequest, application: Application) -> HttpResponse:
    form = ResearchForm(sent(request), initial=words_of(_base(application)))
    refusal: Exception | None = None
    if request.method == "POST" and form.is_valid():
        try:
            revise_application(_draft(application), by=request.user, seen_revision=form.cleaned_data["seen_revision"], **form.words())
            return _saved(request, application)
        except REFUSALS as problem:
            refusal = problem
            form = ResearchForm(_with_revision(request, "seen_revision", problem))
    return _page(request, application, "research", {"form": form}, refusal)


def _samples(request: UserRequest, application: Application) -> HttpResponse:
    base = _base(application)
    offered = list(offered_samples(application.round))
    asked = list(base.requests.all())
    form = SamplesForm(sent(request), offered=offered, requests=asked, initial={"seen_revision": base.revision})
    refusal: Exception | None = None
    if request.method == "POST" and form.is_valid():
        try:
            revise_requests(_draft(application), by=request.user, seen_revision=form.cleaned_data["seen_revision"], lines=form.lines())
            return _saved(request, application)
        except REFUSALS as problem:
            refusal = problem
            form = SamplesForm(_with_revision(request, "seen_revision", problem), offered=offered, requests=asked)
    return _page(request, application, "samples", {"form": form, "asked": asked}, refusal)


def _institution(request: UserRequest, application: Application) -> HttpResponse:
    """Choose one that is known, or enter a new one."""
    is_new = "enter" in request.POST
    page = _institution_page(request, application, sent(request), is_new=is_new)
    form, new_form = page["form"], page["new_form"]
    refusal: Exception | None = None
    if request.method == "POST" and (new_form if is_new else form).is_valid():
        try:
            if is_new:
                enter_institution(_draft(application), by=request.user, seen_revision=new_form.cleaned_data["seen_revision"], **new_form.words())
            else:
                seen_revision = form.cleaned_data["seen_revision"]
                revise_application(_draft(application), by=request.user, seen_revision=seen_revision, institution=form.chosen)
            return _saved(request, application)
        except InstitutionKnown as problem:
            page = _institution_page(request, application, request.POST, is_new=True, also=[problem.institution])
            page["new_form"].add_error("name_en", str(problem))
        except InstitutionRefused as problem:
            new_form.add_error("country", str(problem))
        except REFUSALS as problem:
            refusal = problem
            typed = _with_revision(request, "new-seen_revision" if is_new else "seen_revision", problem)
            page = _institution_page(request, application, typed, is_new=is_new)
    return _page(request, application, "institution", page, refusal)


def _institution_page(
    request: UserRequest, application: Application, typed: QueryDict | None, *, is_new: bool, also: Sequence[Institution] = ()
) -> dict[str, Any]:
    """Both forms. The list to choose from holds the institution chosen before, one's own, and what a search found."""
    base = _base(application)
    search = SearchForm({"q": request.POST.get("q", request.GET.get("q", ""))})
    words = search.text()
    may_choose = choosable_institutions(request.user)
    found = list(may_choose.search(words)[: FOUND + 1]) if words else []
    chosen = [base.institution.survivor] if base.institution else []
    listed = {institution.pk: institution for institution in (*chosen, *also, *may_choose.of(request.user), *found[:FOUND])}
    revision = {"seen_revision": base.revision}
    first = {"institution": chosen[0].pk if chosen else ""} | revision
    return {
        "form": InstitutionForm(None if is_new else typed, institutions=list(listed.values()), initial=first),
        "new_form": NewInstitutionForm(typed if is_new else None, countries=Country.objects.all().in_order(), initial={"name_en": words} | revision),
        "search": search,
        "words": words,
        "found": found[:FOUND],
        "has_more": len(found) > FOUND,
        "opens_new": is_new or (bool(words) and not found),
        "audience": application.round.get_audience_display(),
    }
