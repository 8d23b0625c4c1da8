"""Conflicts of interest: everybody's own page for a round, and the office's view of what was said."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from accounts.keyset import page_after
from accounts.models import Role
from reviews.actions import NotDeclared, NotImpartial, confirm_explanation, declare_standings, pin_conflict, unpin_conflict
from reviews.conflict_forms import PinForm, ReasonForm, StandingForm, declarations_of
from reviews.models import OfficeView, declarable, lines_of
from reviews.permissions import may_declare
from reviews.views.office import page_of, round_for, whole_number
from rounds.models import Round
from workflow.transitions import NotPossibleNow

LINES = 100  # on one page


@require_http_methods(["GET", "POST"])
@login_required
def conflicts(request: UserRequest, slug: str) -> HttpResponse:
    """One line per application in review. What is filled in is saved; the rest stays as it was."""
    round = get_object_or_404(Round.objects.run_here().visible_to(request.user), slug=slug)
    if not may_declare(request.user, round):
        raise PermissionDenied
    page = page_after(declarable(request.user, round), request.GET.get("after", ""), size=LINES)
    lines = lines_of(request.user, page.rows)
    forms = [StandingForm(request.POST if request.method == "POST" and not line.is_pinned else None, line=line) for line in lines]
    problem = ""
    if request.method == "POST":
        try:
            changed = declare_standings(round, declarations_of(forms), by=request.user)
        except (NotDeclared, NotPossibleNow) as refusal:
            problem = str(refusal)
        else:
            if _tell(request, len(changed), forms):
                return redirect(request.get_full_path())
    open_count = sum(not line.standing for line in lines)
    context = {"round": round, "lines": list(zip(lines, forms, strict=True)), "problem": problem, "open_count": open_count}
    context["wrong"] = [form for form in forms if form.errors]
    context["next_url"] = f"?after={page.next_after}" if page.next_after else ""
    return render(request, "reviews/conflicts.html", context, status=409 if problem else 422 if context["wrong"] else 200)


def _tell(request: UserRequest, count: int, forms: Sequence[StandingForm]) -> bool:
    """Say what was saved; whether nothing is left to be mended."""
    is_good = not any(form.errors for form in forms)
    if count:
        messages.success(request, ngettext("%(count)d declaration is saved.", "%(count)d declarations are saved.", count) % {"count": count})
    elif is_good:
        messages.info(request, _("Nothing new was said."))
    return is_good


@require_http_methods(["GET", "POST"])
@login_required
def office_conflicts(request: UserRequest, slug: str) -> HttpResponse:
    """Who said what in numbers, the explanations that wait for the office, and what the office has set. Only of cases this officer may see."""
    round = round_for(request, slug, Role.OFFICER)
    view = OfficeView(round, request.user)
    pin = PinForm(request.POST if "pin" in request.POST else None, people=view.people)
    problem = ""
    if request.method == "POST":
        try:
            if _answer(request, view, pin):
                return redirect("reviews:office_conflicts", slug=slug)
        except (NotDeclared, NotImpartial, NotPossibleNow) as refusal:
            problem = str(refusal)
    context = page_of(round, rows=view.rows(), explanations=view.explanations(), pinned=view.pinned(), pin=pin, problem=problem, reason=ReasonForm())
    return render(request, "reviews/office_conflicts.html", context, status=409 if problem else 422 if pin.errors else 200)


def _answer(request: UserRequest, view: OfficeView, pin: PinForm) -> bool:
    """Do what was pressed; whether something was done."""
    if pin.is_bound:
        return _pin(request, view, pin)
    reason = ReasonForm(request.POST)
    note = reason.cleaned_data["note"] if reason.is_valid() else ""
    if "confirm" in request.POST:
        confirm_explanation(get_object_or_404(view.words(), pk=whole_number(request.POST["confirm"])), by=request.user)
        messages.success(request, _("The explanation is confirmed: the ties that were found do not shut this person out any more."))
    elif "answer" in request.POST:
        conflict = get_object_or_404(view.words(), pk=whole_number(request.POST["answer"]))
        pin_conflict(conflict.user, conflict.application, by=request.user, note=note)
        messages.success(request, _("The conflict is set."))
    elif "unpin" in request.POST:
        unpin_conflict(get_object_or_404(view.words(), pk=whole_number(request.POST["unpin"])), by=request.user, note=note)
        messages.success(request, _("The conflict is taken back. The person is asked anew."))
    return True


def _pin(request: UserRequest, view: OfficeView, form: PinForm) -> bool:
    if not form.is_valid():
        return False
    application = view.case(form.cleaned_data["reference"])
    if application is None:
        form.refuse_reference()
        return False
    pin_conflict(form.person_chosen, application, by=request.user, note=form.cleaned_data["note"])
    messages.success(request, _("The conflict is set."))
    return True
