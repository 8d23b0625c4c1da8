"""The formal check: what was handed in, and accept, return or refuse."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications import workflow as steps
from applications.actions import CorrectionDateNeeded, RoundStillOpen, refuse_application
from applications.answers import answers_of
from applications.differences import changes_of
from applications.models import Application
from reviews.actions import ChecklistOpen, WordsMissing, accept_checked, mark_items, mark_rest, return_checked
from reviews.check_forms import MarkForms
from reviews.checklist import checklist_of
from reviews.forms import RefuseForm, ReturnForm
from reviews.models import OF_COUNTRY, cases_visible_to, lines_after
from reviews.views.asking import contact_of
from reviews.views.attachments import files_of_case
from reviews.views.office import case_for, list_of, page_of, refuse_stale, round_for
from workflow.transitions import NotPossibleNow

MARKING = ("mark", "rest", "accept", "return")  # buttons of the form in which the marks stand
STEPS = (*MARKING, "refuse")


@require_safe
@login_required
def check(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    rows = cases_visible_to(request.user).of_round(round).for_check()
    page = lines_after(rows, request.GET.get("after", ""), *OF_COUNTRY, "submitted_at", "status")
    return render(request, "reviews/check.html", list_of(request, round, page, "reviews:check"))


@require_http_methods(["GET", "POST"])
@login_required
def check_one(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """The checklist beside the application. Every button keeps the marks first, and then does what it says."""
    application = case_for(request, slug, reference)
    seen, step, problem = application.version, request.POST.get("step", ""), ""
    differences = changes_of(application)
    checklist = checklist_of(application, changes=differences["differences"])
    marks = MarkForms(request.POST if step in MARKING else None, checklist)
    returning = ReturnForm(request.POST if step == "return" else None, initial={"correct_by": application.round.corrections_close_at})
    refusing = RefuseForm(request.POST if step == "refuse" else None)
    form = {"return": returning, "refuse": refusing}.get(step)
    if step in STEPS and not marks.wrong and (form is None or form.is_valid()):
        try:
            refuse_stale(request, application)
            return _take(request, application, marks, {} if form is None else form.cleaned_data)
        except CorrectionDateNeeded as refusal:
            returning.add_error("correct_by", str(refusal))
        except WordsMissing as refusal:
            returning.add_error("note", str(refusal))
        except (ChecklistOpen, RoundStillOpen, NotPossibleNow) as refusal:
            problem = str(refusal)
            checklist = checklist_of(application, changes=differences["differences"])  # the marks were kept
    context = page_of(application.round, application=application, seen=seen, problem=problem, returning=returning, refusing=refusing)
    context |= {"checklist": checklist, "marks": marks, "answers": answers_of(application.current, application.round.kind)}
    context |= {
        "is_acceptable": application.can(steps.ACCEPT),
        "is_refusable": application.can(steps.REFUSE),
        "files_at": files_of_case(slug, reference),
    }
    is_wrong = bool(marks.wrong) or (form is not None and bool(form.errors))
    status = 422 if is_wrong else 409 if problem else 200
    return render(request, "reviews/check_one.html", context | contact_of(application) | differences, status=status)


def _take(request: UserRequest, application: Application, marks: MarkForms, words: dict[str, Any]) -> HttpResponse:
    """Do what was pressed, and go where the work goes on."""
    step, slug, reference = request.POST["step"], application.round.slug, application.reference
    if step in MARKING:
        mark_items(application, marks.marks(), by=request.user)
    if step in ("mark", "rest"):
        if step == "rest":
            mark_rest(application, by=request.user)
        messages.success(request, _("The marks are saved."))
        return redirect("reviews:check_one", slug=slug, reference=reference)
    if step == "accept":
        accept_checked(application, by=request.user)
    elif step == "return":
        return_checked(application, by=request.user, **words)
    else:
        refuse_application(application, by=request.user, **words)
    messages.success(request, _("%(reference)s: done.") % {"reference": reference})
    return redirect("reviews:check", slug=slug)
