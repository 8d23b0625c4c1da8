"""What the office and the applicant say to each other about one case: questions, answers, and mails that did not arrive."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest
from accounts.kept import kept_text, login_required_keeping_text
from applications.actions import AnswerDatePassed, NotAskedNow, ask_applicant, read_answer
from applications.models import Application, Enquiry
from letters.actions import resend_mail
from letters.models import Mail
from reviews.forms import AskForm
from reviews.views.office import case_for, page_of
from workflow.transitions import NotPossibleNow


def contact_of(application: Application) -> dict[str, Any]:
    """What every page about one case shows of this. Whoever calls has asked whether the reader may see the case."""
    return {
        "enquiries": list(Enquiry.objects.of(application).for_list()),
        "undelivered": list(Mail.objects.undelivered().of_references([application.reference])),
        "is_askable": application.is_askable,
    }


@require_http_methods(["GET", "POST"])
@login_required_keeping_text
def ask(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """All questions about a case with their answers, and the place for another one."""
    application = case_for(request, slug, reference)
    kept = kept_text(request) if request.method == "GET" else None
    form, problem = AskForm(request.POST if request.method == "POST" else None, initial=kept.dict() if kept else None), ""
    if request.method == "POST" and form.is_valid():
        try:
            ask_applicant(application, by=request.user, **form.cleaned_data)
        except AnswerDatePassed as refusal:
            form.add_error("answer_by", str(refusal))
        except NotAskedNow as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("The question was sent to the applicant."))
            return redirect("reviews:ask", slug=slug, reference=reference)
    context = page_of(application.round, application=application, form=form, problem=problem) | contact_of(application)
    return render(request, "reviews/ask.html", context, status=409 if problem else 422 if form.errors else 200)


@require_POST
@login_required
def read(request: UserRequest, slug: str, reference: str, pk: int) -> HttpResponse:
    """Note that the office has read an answer: it leaves the list of what is to be read."""
    application = case_for(request, slug, reference)
    read_answer(get_object_or_404(Enquiry.objects.of(application), pk=pk), by=request.user)
    return redirect("reviews:ask", slug=slug, reference=reference)


@require_POST
@login_required
def resend(request: UserRequest, slug: str, reference: str, pk: int) -> HttpResponse:
    """Send a mail again that did not arrive, to the address that the person has now."""
    application = case_for(request, slug, reference)
    mail = get_object_or_404(Mail.objects.undelivered().of_references([application.reference]), pk=pk)
    try:
        resend_mail(mail, by=request.user)
    except NotPossibleNow as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The mail is sent again."))
    return redirect("reviews:ask", slug=slug, reference=reference)
