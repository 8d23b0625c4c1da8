"""Starting an application and writing its parts. Whatever is typed is saved; whatever a refusal says, what was typed is shown again."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest
from accounts.kept import kept_text, login_required_keeping_text
from accounts.orcid import orcid_of
from applications import permissions
from applications.actions import (
    RoundClosed,
    RoundNotOpen,
    Saved,
    TooMuchText,
    base_of,
    restore_answers,
    save_answers,
    start_application,
    start_version,
    too_late_or_moved,
)
from applications.earlier import names_in, states_of
from applications.forms import AnswersForm, RestoreForm, StartForm
from applications.guide import sections_of
from applications.models import Application, Version
from applications.picker import told_by_line
from applications.questions import Part, parts_of
from applications.team_guide import team_panel
from applications.views.files import attachments_section
from applications.views.institution import institution_page, take_institution
from applications.views.reading import own_application, sent, state_of
from applications.views.samples import change_lines, lines_to_show, samples_page, with_lost_lines
from applications.weighing import weigh_for_team
from institutions.models import Institution
from rounds.models import Round
from workflow.transitions import NotPossibleNow

REFUSALS = (RoundClosed, NotPossibleNow, TooMuchText)
EARLIER = 10  # applications of the person that a new one may start from


@require_http_methods(["GET", "POST"])
@login_required
def new(request: UserRequest) -> HttpResponse:
    """Choose an open round; one's only institution is filled in."""
    rounds = list(Round.objects.open().for_list())
    named = request.GET.get("round", "")
    form = StartForm(sent(request), rounds=rounds, initial={"round": named or (rounds[0].slug if len(rounds) == 1 else "")})
    if request.method == "POST" and form.is_valid():
        untouched = Application.objects.owned_by(request.user).untouched_drafts(form.chosen).first()
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
    context["earlier"] = list(Application.objects.to_copy(request.user, {round.kind for round in rounds})[:EARLIER])
    return render(request, "applications/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required_keeping_text
def edit(request: UserRequest, reference: str, section: str) -> HttpResponse:
    """One part of the form. A POST with `start` makes a new version of what was handed in, to be written in."""
    application = own_application(request, reference)
    part = parts_of(application.round.kind).get(section)
    if part is None:
        raise Http404(_("There is no such part."))
    if not permissions.may_edit(request.user, application):
        raise PermissionDenied
    if "start" in request.POST:
        return _start_version(request, application)
    if request.method == "POST":
        return _save(request, application, part, request.POST)
    if application.draft is None or not application.is_editable():
        if application.draft is not None:
            messages.warning(request, str(too_late_or_moved(application)))
        return redirect("applications:application", reference=reference)
    kept = kept_text(request)
    if kept is not None:
        return _save(request, application, part, kept)
    return _page(request, application, part)


def _start_version(request: UserRequest, application: Application) -> HttpResponse:
    try:
        start_version(application, by=request.user)
    except (RoundClosed, NotPossibleNow) as problem:
        messages.error(request, str(problem))
    return redirect("applications:application", reference=application.reference)


def _draft(application: Application) -> Version:
    """The version to write in; its absence is said as the reason why nothing can be saved."""
    if application.draft is None:
        raise too_late_or_moved(application)
    application.draft.application = application
    return application.draft


def _base(application: Application) -> Version:
    """What the form starts with: the draft, or what was handed in when a late page is answered."""
    version = application.shown_version if application.draft is None else application.draft
    assert version is not None
    version.application = application
    return version


def _form(application: Application, part: Part, typed: Mapping[str, str] | None = None) -> AnswersForm:
    version = _base(application)
    numbers, asked = lines_to_show(application.round, part, version, typed)
    return AnswersForm(part, version, typed=typed, numbers=numbers, asked=asked)


def _save(request: UserRequest, application: Application, part: Part, typed: Mapping[str, str]) -> HttpResponse:
    """Save what was typed, and answer as it was asked: a few words for the script of the page, or the next page."""
    form = _form(application, part, typed)
    by_script = request.headers.get("X-Autosave") == "yes"
    try:
        saved = save_answers(_draft(application), by=request.user, answers=form.texts(), bases=form.bases())
    except REFUSALS as problem:
        if by_script:
            return JsonResponse({"refusal": str(problem)}, status=409)
        return _page(request, application, part, typed=typed, refusal=problem)
    saved = with_lost_lines(form, saved)
    if by_script:
        return JsonResponse(_in_short(form, saved) | _rules_in_short(request, application, part, saved))
    changed = change_lines(request, application, form, saved, typed) if part.name == "samples" else None
    if saved.conflicts:
        return _page(request, own_application(request, application.reference), part, typed=typed, conflicts=saved.conflicts)
    if part.name == "institution":
        refused = take_institution(request, application, saved)
        if refused is not None:
            fresh = own_application(request, application.reference)
            return _page(request, fresh, part, extra=refused)
    return changed or _onward(request, application, part, form, typed)


def _in_short(form: AnswersForm, saved: Saved) -> dict[str, Any]:
    """For the script of the page: when it was saved, what is wrong with single answers, and what somebody else has written."""
    return {
        "at": saved.at.isoformat(),
        "bases": {name: base_of(text) for name, text in form.texts().items() if name not in saved.conflicts},
        "conflicts": {
            name: {"text": text, "base": base_of(text), "shown": form.by_name[name].spell(text), "by": str(saved.version.saved_by or "")}
            for name, text in saved.conflicts.items()
        },
        "wrong": form.wrong(),
    }


def _rules_in_short(request: UserRequest, application: Application, part: Part, saved: Saved) -> dict[str, Any]:
    """What the rules of the round find about what is saved now, where the page shows it."""
    if part.name != "samples":
        return {}
    saved.version.application = application
    return {"findings": told_by_line(weigh_for_team(saved.version, request.user))}


def _onward(request: UserRequest, application: Application, part: Part, form: AnswersForm, typed: Mapping[str, str]) -> HttpResponse:
    """Where the reader wants to go: a search goes on, what is wrong is shown, then the next part, the list or the check."""
    here = reverse("applications:edit", args=[application.reference, part.name])
    if "search" in typed:
        return redirect(f"{here}?q={typed.get('q', '')[:200]}")
    if form.errors:
        messages.warning(request, _("Saved as you typed it. Something has to be mended before you submit; it is marked below."))
        return redirect(f"{here}?back={typed.get('back', '')[:10]}")
    messages.success(request, _("Saved. Nothing is submitted yet."))
    if typed.get("back") == "check":
        return redirect("applications:check", reference=application.reference)
    names = list(parts_of(application.round.kind))
    place = names.index(part.name) + 1
    if "next" in typed and place < len(names):
        return redirect("applications:edit", reference=application.reference, section=names[place])
    return redirect("applications:application", reference=application.reference)


def _page(
    request: UserRequest,
    application: Application,
    part: Part,
    *,
    typed: Mapping[str, str] | None = None,
    refusal: Exception | None = None,
    conflicts: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """A part of the form: 409 when it could not be saved or somebody else has written, with both texts on the page."""
    form = _form(application, part, typed)
    version = _base(application)
    context = state_of(application) | {
        "part": part,
        "form": form,
        "version": version,
        "refusal": refusal,
        "conflicts": [(form[name], form.by_name[name].spell(text), text) for name, text in (conflicts or {}).items()],
        "back": (typed or request.GET).get("back", ""),
        "deadline_at": application.deadline(),
        "sections": sections_of(version),
        "returned": application.correct_by,
        "owner": application.owner,
        "orcid": orcid_of(application.owner) if part.name == "people" else "",
    }
    if part.name in ("people", "institution"):
        context |= team_panel(request.user, application)
    if part.name == "institution":
        context |= institution_page(request, application, version)
    if part.name == "samples":
        context |= samples_page(request, application, form, typed)
    elif part.name == "attachments":
        context |= attachments_section(request, application)
    context |= extra or {}
    is_refused = refusal or conflicts
    return render(request, f"applications/edit_{_template(part)}.html", context, status=409 if is_refused else 422 if extra else 200)


def _template(part: Part) -> str:
    return part.name if part.name in ("institution", "people", "attachments", "samples", "methods") else "part"


# --- Earlier states -------------------------------------------------------------------------------------------------------


def _part_to_edit(request: UserRequest, application: Application, section: str) -> Part:
    part = parts_of(application.round.kind).get(section)
    if part is None or application.draft is None:
        raise Http404(_("There is no such part."))
    if not permissions.may_edit(request.user, application):
        raise PermissionDenied
    return part


@require_safe
@login_required
def earlier(request: UserRequest, reference: str, section: str) -> HttpResponse:
    """What a part of the draft said before, who wrote it and when, and texts that were kept aside; each can be put back."""
    application = own_application(request, reference)
    part = _part_to_edit(request, application, section)
    context = state_of(application) | {"part": part, "states": states_of(_draft(application), part)}
    return render(request, "applications/earlier.html", context)


@require_POST
@login_required
def restore(request: UserRequest, reference: str, section: str) -> HttpResponse:
    """Put one earlier state of a part back. What stands now stays among the earlier states."""
    application = own_application(request, reference)
    part = _part_to_edit(request, application, section)
    version = _draft(application)
    form = RestoreForm(request.POST)
    saving = get_object_or_404(version.savings.all(), pk=form.cleaned_data["saving"] if form.is_valid() else 0)
    names = names_in(part, application.round.kind, saving.answers if saving.is_aside else {**saving.answers, **version.all_answers()})
    try:
        restore_answers(version, by=request.user, saving=saving, names=names)
    except REFUSALS as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The earlier text is back. What stood here before is kept among the earlier texts."))
    return redirect("applications:edit", reference=reference, section=section)
