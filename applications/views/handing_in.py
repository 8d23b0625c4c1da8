"""Handing an application in, and taking it back."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest
from applications import permissions
from applications.actions import Incomplete, KeyUsed, RoundClosed, StaleTab, submit_application, too_late_or_moved, withdraw_application
from applications.answers import answers_of
from applications.forms import SubmitForm, WithdrawForm
from applications.guide import changes_between, sections_of, submission
from applications.models import Application
from applications.views.reading import own_application, sent, state_of
from applications.weighing import weigh_for_team
from workflow.transitions import NotPossibleNow


@require_safe
@login_required
def check(request: UserRequest, reference: str) -> HttpResponse:
    """All answers of the version being written, what is missing, and the one button that submits."""
    application = own_application(request, reference)
    if not permissions.may_read(request.user, application):
        raise PermissionDenied
    return _answers(request, application)


def _answers(request: UserRequest, application: Application, problem: Exception | None = None) -> HttpResponse:
    draft = application.draft
    if draft is None:
        if problem is not None:
            messages.warning(request, str(problem))
        return redirect("applications:application", reference=application.reference)
    if application.current:
        application.current.application = application
    is_editable = application.is_editable()
    context = state_of(application) | {
        "version": draft,
        "answers": answers_of(draft, application.round.kind),
        "missing": [problem for section in sections_of(draft) for problem in section.problems],
        "submission": submission(application),
        "problem": problem,
        "reason": None if is_editable else too_late_or_moved(application),
        "weighed": weigh_for_team(draft, request.user),
        "changes": changes_between(application.current, draft) if application.current else None,
        "deadline_at": application.deadline(),
        "form": SubmitForm(initial={"key": uuid4(), "seen_revision": draft.revision}),
        "may_submit": permissions.may_submit(request.user, application),
    }
    return render(request, "applications/check.html", context, status=409 if problem else 200)


@require_POST
@login_required
def submit(request: UserRequest, reference: str) -> HttpResponse:
    """Hand the version in. The same form sent again leads to the same receipt."""
    application = own_application(request, reference)
    if not permissions.may_submit(request.user, application):
        raise PermissionDenied
    form = SubmitForm(request.POST)
    if not form.is_valid():
        return _answers(request, application, KeyUsed())
    try:
        receipt = submit_application(application, by=request.user, **form.cleaned_data)
    except (RoundClosed, Incomplete, StaleTab, NotPossibleNow, KeyUsed) as problem:
        return _answers(request, own_application(request, reference), problem)
    return redirect(f"{reverse('applications:receipt', args=[reference])}?version={receipt.version.number}")


@require_http_methods(["GET", "POST"])
@login_required
def withdraw(request: UserRequest, reference: str) -> HttpResponse:
    """What a withdrawal means, and its button."""
    application = own_application(request, reference)
    if not permissions.may_withdraw(request.user, application):
        raise PermissionDenied
    form = WithdrawForm(sent(request))
    problem: Exception | None = None
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_application(application, by=request.user, note=form.cleaned_data["note"])
            return redirect("applications:application", reference=reference)
        except NotPossibleNow as refusal:
            problem = refusal
    context = state_of(application) | {"form": form, "problem": problem, "is_withdrawable": application.is_withdrawable}
    return render(request, "applications/withdraw.html", context, status=409 if problem else 422 if form.errors else 200)
