"""The institution of an application: one of the register, or a new one that the office looks at later."""

from collections.abc import Sequence
from typing import Any

from accounts.http import UserRequest
from applications.actions import InstitutionKnown, RoundClosed, Saved, StaleTab, choose_institution, enter_institution
from applications.forms import InstitutionForm, NewInstitutionForm, SearchForm
from applications.models import Application, Version, choosable_institution, choosable_institutions
from institutions.actions import InstitutionRefused
from institutions.models import Country, Institution
from workflow.transitions import NotPossibleNow

FOUND = 20  # institutions that a search shows
REFUSALS = (RoundClosed, StaleTab, NotPossibleNow, InstitutionRefused)


def take_institution(request: UserRequest, application: Application, saved: Saved) -> dict[str, Any] | None:
    """Choose or enter the institution that the form names; what the page has to say when that is refused, else None."""
    typed = request.POST
    version = saved.version
    version.application = application
    if "enter" in typed:
        return _enter(request, application, version)
    form = InstitutionForm(typed, institutions=_listed(request, version, _found(request, typed.get("q", ""))))
    if not typed.get("institution") or (version.institution_id and typed["institution"] == str(version.institution_id)):
        return None
    if not form.is_valid():
        return {"institution_problem": str(form.errors.get("institution", form.errors).as_text()).lstrip("* ")}
    try:
        choose_institution(version, by=request.user, seen_revision=form.cleaned_data["seen_revision"], institution=form.chosen)
    except REFUSALS as problem:
        return {"institution_problem": str(problem)}
    return None


def _enter(request: UserRequest, application: Application, version: Version) -> dict[str, Any] | None:
    form = NewInstitutionForm(request.POST, countries=Country.objects.all().in_order())
    if not form.is_valid():
        return {"new_form": form, "opens_new": True}
    try:
        enter_institution(version, by=request.user, seen_revision=form.cleaned_data["seen_revision"], **form.words())
    except InstitutionKnown as problem:
        form.add_error("name_en", str(problem))
        return institution_page(request, application, version, also=[problem.institution]) | {"new_form": form, "opens_new": True}
    except InstitutionRefused as problem:
        form.add_error("country", str(problem))
        return {"new_form": form, "opens_new": True}
    except REFUSALS as problem:
        return {"new_form": form, "opens_new": True, "institution_problem": str(problem)}
    return None


def _found(request: UserRequest, words: str) -> list[Institution]:
    """What a search finds, one more than is shown."""
    return list(choosable_institutions(request.user).search(words)[: FOUND + 1]) if words else []


def _listed(request: UserRequest, version: Version, found: Sequence[Institution], also: Sequence[Institution] = ()) -> list[Institution]:
    """The institution chosen before, one's own, what a search found, and the one that the form names."""
    chosen = [version.institution.survivor] if version.institution else []
    named = choosable_institution(request.user, request.POST.get("institution", ""))
    own = choosable_institutions(request.user).of(request.user)
    return list({row.pk: row for row in (*chosen, *also, *own, *found[:FOUND], *([named] if named else []))}.values())


def institution_page(request: UserRequest, application: Application, version: Version, also: Sequence[Institution] = ()) -> dict[str, Any]:
    """What the part about the institution shows beside its questions."""
    search = SearchForm({"q": request.POST.get("q", request.GET.get("q", ""))})
    words = search.text()
    found = _found(request, words)
    first = {"institution": version.institution.survivor.pk if version.institution else "", "seen_revision": version.revision}
    return {
        "institution_form": InstitutionForm(institutions=_listed(request, version, found, also), initial=first),
        "new_form": NewInstitutionForm(countries=Country.objects.all().in_order(), initial={"name_en": words, "seen_revision": version.revision}),
        "search": search,
        "words": words,
        "found": found[:FOUND],
        "has_more": len(found) > FOUND,
        "opens_new": bool(words) and not found,
        "audience": application.round.get_audience_display(),
    }
