"""The formal check: what was handed in, and accept, return or refuse."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.keyset import page_after
from accounts.models import Role, User
from applications import workflow as steps
from applications.actions import CorrectionDateNeeded, RoundStillOpen, accept_application, refuse_application, return_application
from applications.answers import answers_of
from applications.differences import changes_of
from applications.models import Application
from reviews.forms import RefuseForm, ReturnForm
from reviews.models import cases_visible_to
from reviews.views.asking import contact_of
from reviews.views.attachments import files_of_case
from reviews.views.office import case_for, page_of, refuse_stale, round_for
from workflow.transitions import NotPossibleNow


@require_safe
@login_required
def check(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    rows = cases_visible_to(request.user).of_round(round).for_check().for_list()
    page = page_after(rows, request.GET.get("after", ""))
    return render(
        request, "reviews/check.html", page_of(round, applications=page.rows, next_url=f"?after={page.next_after}" if page.next_after else "")
    )


@require_http_methods(["GET", "POST"])
@login_required
def check_one(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    application = case_for(request, slug, reference)
    seen, problem = application.version, ""
    step = request.POST.get("step", "")
    returning = ReturnForm(request.POST if step == "return" else None, initial={"correct_by": application.round.corrections_close_at})
    refusing = RefuseForm(request.POST if step == "refuse" else None)
    form = {"return": returning, "refuse": refusing}.get(step)
    if step == "accept" or (form is not None and form.is_valid()):
        try:
            refuse_stale(request, application)
            _take(application, step, {} if form is None else form.cleaned_data, by=request.user)
        except CorrectionDateNeeded as refusal:
            returning.add_error("correct_by", str(refusal))
        except (RoundStillOpen, NotPossibleNow) as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("%(reference)s: done.") % {"reference": reference})
            return redirect("reviews:check", slug=slug)
    context = page_of(application.round, application=application, seen=seen, problem=problem, returning=returning, refusing=refusing)
    context |= {"answers": answers_of(application.current, application.round.kind), "files_at": files_of_case(slug, reference)}
    context |= {"is_acceptable": application.can(steps.ACCEPT), "is_refusable": application.can(steps.REFUSE)}
    context |= contact_of(application) | changes_of(application)
    return render(request, "reviews/check_one.html", context, status=422 if form is not None and form.errors else 409 if problem else 200)


def _take(application: Application, step: str, words: dict[str, Any], *, by: User) -> None:
    if step == "accept":
        accept_application(application, by=by)
    elif step == "return":
        return_application(application, by=by, **words)
    else:
        refuse_application(application, by=by, **words)
