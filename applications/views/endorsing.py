"""The signatory's one page, and the applicant's wish for the endorsement."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest
from applications import permissions
from applications.actions import (
    AnswersChanged,
    NoInstitution,
    NoSignatory,
    RoundClosed,
    TooManyMails,
    ask_for_endorsement,
    endorse_application,
    missing_parts,
    too_late_or_moved,
)
from applications.answers import answers_of
from applications.models import Application
from applications.team_forms import EndorseForm
from applications.team_guide import EndorsementState
from applications.views.reading import own_application, sent, state_of
from workflow.transitions import NotPossibleNow


@require_http_methods(["GET", "POST"])
@login_required
def endorse(request: UserRequest, reference: str) -> HttpResponse:
    """Exactly what is to be endorsed, and one button."""
    application = own_application(request, reference)
    if not permissions.may_endorse(request.user, application):
        raise PermissionDenied
    form = EndorseForm(sent(request))
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            endorsement = endorse_application(application, by=request.user, seen_digest=words["digest"], position=words["position"])
        except (AnswersChanged, NoInstitution, RoundClosed, NotPossibleNow) as problem:
            return _page(request, own_application(request, reference), form, problem)
        messages.success(request, _("You have endorsed the application for %(institution)s.") % {"institution": endorsement.institution.name})
        return redirect("applications:endorse", reference=reference)
    return _page(request, application, form)


def _page(request: UserRequest, application: Application, form: EndorseForm, problem: Exception | None = None) -> HttpResponse:
    """The form always carries the digest of the answers on this very page: what a reader did not see is not endorsed."""
    state = EndorsementState(application)
    version = state.version
    own = [row for row in state.standing if row.by_id == request.user.pk]
    typed = form.data.get("position", "")[:300] or (state.void.position if state.void and state.void.by_id == request.user.pk else "")
    if not form.errors:
        form = EndorseForm(initial={"digest": state.digest, "position": typed})
    context = state_of(application) | {
        "version": version,
        "answers": answers_of(version, application.round.kind),
        "institution": version.institution if version else None,
        "state": state,
        "digest": state.digest,
        "own": own[0] if own else None,
        "form": form,
        "problem": problem,
        "reason": too_late_or_moved(application) if not application.is_editable() else None,
        "missing": [row for row in missing_parts(version) if row.name != "endorsement"] if version and state.can_change else [],
        "deadline_at": application.deadline(),
    }
    return render(request, "applications/endorse.html", context, status=409 if problem else 422 if form.errors else 200)


@require_POST
@login_required
def ask_endorsement(request: UserRequest, reference: str) -> HttpResponse:
    """A mail to everybody who signs for the institution."""
    application = own_application(request, reference)
    if not permissions.may_edit(request.user, application):
        raise PermissionDenied
    try:
        asked = ask_for_endorsement(application, by=request.user)
    except (NoSignatory, NoInstitution, TooManyMails, RoundClosed, NotPossibleNow) as problem:
        messages.error(request, str(problem))
    else:
        text = ngettext("%(count)d signatory is asked by mail.", "%(count)d signatories are asked by mail.", asked)
        messages.success(request, text % {"count": asked})
    return redirect("applications:team", reference=reference)
