"""Following an application: questions of the office, what differs between versions, all answers as a PDF, starting from an earlier one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.kept import kept_text, login_required_keeping_text
from applications import permissions
from applications.actions import AnsweredAlready, Copied, OtherKind, RoundNotOpen, answer_enquiry, copy_application
from applications.differences import differences_between
from applications.follow_forms import AnswerForm, CopyForm
from applications.models import Application, Enquiry, Purpose, Version
from applications.post import NotPrintedNow, print_draft
from applications.questions import line_questions, parts_of
from applications.views.reading import own_application, sent, state_of
from rounds.models import Kind, Round
from workflow.transitions import NotPossibleNow


def _read(request: UserRequest, reference: str) -> Application:
    """An application whose answers this reader may read."""
    application = own_application(request, reference)
    if not permissions.may_read(request.user, application):
        raise PermissionDenied
    return application


@require_http_methods(["GET", "POST"])
@login_required_keeping_text
def answer(request: UserRequest, reference: str, pk: int) -> HttpResponse:
    """One question of the office with its answer, or the place to write it."""
    application = _read(request, reference)
    enquiry = get_object_or_404(Enquiry.objects.of(application).for_list(), pk=pk)
    may_answer = permissions.may_edit(request.user, application)
    if request.method == "POST" and not may_answer:
        raise PermissionDenied
    kept = kept_text(request) if request.method == "GET" and may_answer else None
    form, problem = AnswerForm(sent(request), initial={"answer": kept.get("answer", "")} if kept else None), ""
    if request.method == "POST" and form.is_valid():
        try:
            answer_enquiry(enquiry, by=request.user, text=form.cleaned_data["answer"])
        except (AnsweredAlready, NotPossibleNow) as refusal:
            problem = str(refusal)
            enquiry.refresh_from_db()
        else:
            messages.success(request, _("Your answer was sent to the office."))
            return redirect("applications:answer", reference=reference, pk=pk)
    is_closed = application.is_over
    context = state_of(application) | {"enquiry": enquiry, "form": form, "problem": problem, "may_answer": may_answer and not is_closed}
    return render(request, "applications/answer.html", context, status=409 if problem else 422 if form.errors else 200)


@require_safe
@login_required
def changes(request: UserRequest, reference: str) -> HttpResponse:
    """What differs between two versions; without a choice the newest one against the one before."""
    application = _read(request, reference)
    versions: dict[str, Version] = {str(version.number): version for version in application.versions.with_answers()}
    numbers = list(versions)
    newer = request.GET.get("to", numbers[-1])
    older = request.GET.get("from", numbers[max(0, numbers.index(newer) - 1)] if newer in versions else "")
    if older not in versions or newer not in versions:
        raise Http404(_("There is no such version."))
    context = state_of(application) | {
        "versions": list(versions.values()),
        "old": versions[older],
        "new": versions[newer],
        "differences": differences_between(versions[older], versions[newer], application.round.kind),
    }
    return render(request, "applications/changes.html", context)


@require_safe
@login_required
@never_cache
def answers_pdf(request: UserRequest, reference: str) -> HttpResponse:
    """All answers of the version being written, marked as not submitted. What was submitted stands in the receipt letter."""
    application = _read(request, reference)
    if application.draft is None:
        return redirect("applications:receipt", reference=reference)
    now = timezone.now()
    try:
        pdf = print_draft(application.draft, by=request.user, at=now)
    except NotPrintedNow as problem:
        messages.warning(request, str(problem))
        return redirect("applications:check", reference=reference)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{reference}-draft-{now:%Y%m%d-%H%M}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "POST"])
@login_required
def copy(request: UserRequest, reference: str) -> HttpResponse:
    """Start an application to an open round from this one."""
    application = own_application(request, reference)
    if not permissions.may_edit(request.user, application):
        raise PermissionDenied
    rounds = list(Round.objects.open().of_kind(application.round.kind).for_list())
    form = CopyForm(sent(request), rounds=rounds, initial={"round": rounds[0].slug if len(rounds) == 1 else ""})
    if request.method == "POST" and form.is_valid():
        try:
            copied = copy_application(application, form.chosen, by=request.user)
        except (RoundNotOpen, OtherKind) as problem:
            form.add_error("round", str(problem))
        else:
            _say_what_is_left_out(request, copied)
            return redirect("applications:application", reference=copied.application.reference)
    context = state_of(application) | {"form": form, "rounds": rounds, "chosen": form["round"].value()}
    return render(request, "applications/copy.html", context, status=422 if form.errors else 200)


def _say_what_is_left_out(request: UserRequest, copied: Copied) -> None:
    messages.success(request, _("This new draft was started with your earlier answers. Read each part again; the declarations have to be made anew."))
    if copied.samples_left_out:
        words = {"numbers": ", ".join(copied.samples_left_out)}
        messages.warning(request, _("Not offered in this round, and left out: %(numbers)s.") % words)
    if copied.files_left_out:
        words = {"names": ", ".join(copied.files_left_out)}
        messages.warning(request, _("Uploaded by somebody else, and left out: %(names)s.") % words)
    if copied.institution_left_out:
        words = {"name": copied.institution_left_out}
        messages.warning(request, _("%(name)s cannot be chosen in this round. Choose the institution anew.") % words)


@require_safe
def questions(request: HttpRequest, kind: str) -> HttpResponse:
    """Everything that an application is asked, for reading and printing before one begins."""
    if kind not in Kind.values:
        raise Http404(_("There is no such form."))
    parts = [(part, line_questions(kind, part.name)) for part in parts_of(kind).values()]
    return render(request, "applications/questions.html", {"kind": Kind(kind), "parts": parts, "purposes": Purpose.choices})
