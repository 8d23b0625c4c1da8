"""Loan agreements: the list, one with its line of time, and what the office records of it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.keyset import page_after
from accounts.stepup import proved_recently
from loans.actions import (
    ExtensionImpossible,
    NotOverdue,
    SignatureImpossible,
    extend_agreement,
    lapse_agreement,
    sign_agreement,
)
from loans.forms import ExtendForm, LapseForm, SignForm
from loans.models import Agreement
from loans.permissions import may_keep_agreement, may_keep_days
from loans.timeline import letters_of, timeline
from workflow.transitions import NotPossibleNow


@require_safe
@login_required
def agreements(request: UserRequest) -> HttpResponse:
    """The reader's own, and in the office those of every case that this person may see."""
    page = page_after(Agreement.objects.visible_to(request.user).for_list(), request.GET.get("after", ""))
    context = {
        "agreements": page.rows,
        "next_url": f"?after={page.next_after}" if page.next_after else "",
        "may_keep_days": may_keep_days(request.user),
    }
    return render(request, "loans/list.html", context)


def _visible(request: UserRequest, reference: str) -> Agreement:
    agreement: Agreement = get_object_or_404(Agreement.objects.visible_to(request.user).for_page(), reference=reference)
    return agreement


def _kept(request: UserRequest, reference: str) -> Agreement:
    """One that this person may record something of."""
    agreement = _visible(request, reference)
    if not may_keep_agreement(request.user, agreement):
        raise PermissionDenied
    return agreement


@require_safe
@login_required
def agreement(request: UserRequest, reference: str) -> HttpResponse:
    """How it stands, until when, how to sign, and what has happened."""
    found = _visible(request, reference)
    letters = letters_of(found)
    may_keep = may_keep_agreement(request.user, found)
    context = {
        "agreement": found,
        "application": found.application,
        "awards": [award for award in found.decision.awards.all() if award.is_granted],
        "certificate": next((letter for letter in reversed(letters) if letter.purpose == found.certificate_key), None),
        "steps": timeline(found, letters, reader=request.user),
        "may_keep": may_keep,
        "is_own": found.application.owner_id == request.user.pk,
        "by_table": found.day_by_table() if may_keep and found.is_open else None,
    }
    return render(request, "loans/agreement.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def sign(request: UserRequest, reference: str) -> HttpResponse:
    """Record the signature; the certificate is written with it."""
    found = _kept(request, reference)
    form = SignForm(request.POST if request.method == "POST" else None, agreement=found)
    if form.is_bound and form.is_valid():
        try:
            certificate = sign_agreement(found, by=request.user, **form.cleaned_data)
        except (SignatureImpossible, NotPossibleNow) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The signature is recorded, and certificate %(number)s is written.") % {"number": certificate.number})
            return redirect("loans:agreement", reference=reference)
    return _form_page(request, "loans/sign.html", found, form)


@require_http_methods(["GET", "POST"])
@login_required
def extend(request: UserRequest, reference: str) -> HttpResponse:
    """More time to sign, with the reason. A day may be proposed in the address (from the table of working days)."""
    found = _kept(request, reference)
    form = ExtendForm(request.POST if request.method == "POST" else None, initial={"due_on": request.GET.get("due", "")[:10]})
    if form.is_bound and form.is_valid():
        try:
            extend_agreement(found, by=request.user, **form.cleaned_data)
        except (ExtensionImpossible, NotPossibleNow) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("There is more time to sign. The applicant hears of it by mail."))
            return redirect("loans:agreement", reference=reference)
    return _form_page(request, "loans/extend.html", found, form)


@require_http_methods(["GET", "POST"])
@login_required
@proved_recently
def lapse(request: UserRequest, reference: str) -> HttpResponse:
    """Confirm that it was not signed in time: what follows stands on the page before the button."""
    found = _kept(request, reference)
    form = LapseForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            lapse_agreement(found, by=request.user, note=form.cleaned_data["note"])
        except (NotOverdue, NotPossibleNow) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The approval has lapsed, and the mass is back in the vault. The applicant gets a letter."))
            return redirect("loans:agreement", reference=reference)
    return _form_page(request, "loans/lapse.html", found, form)


def _form_page(request: UserRequest, template: str, agreement: Agreement, form: Any) -> HttpResponse:
    awards = [award for award in agreement.decision.awards.all() if award.is_granted]
    context = {"agreement": agreement, "application": agreement.application, "awards": awards, "form": form}
    return render(request, template, context, status=422 if form.errors else 200)
