"""Promotion from the reserve of a round: what is free, who waits, what is proposed; made by another person."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from accounts.stepup import proved_recently
from loans.actions import PromotionImpossible, RulesBrokenSince, SamePerson, drop_promotion, make_promotion, propose_promotion
from loans.forms import DropForm, PromotionForm
from loans.models import Promotion, Reserved, lapsed_in, reserve_beside_approval, reserve_of
from loans.permissions import may_drop_promotion, may_make_promotion, may_propose_promotion
from reviews.actions import NOT_RECORDED, RulesBroken
from reviews.views.office import page_of, round_for
from rounds.models import Round
from workflow.transitions import NotPossibleNow


@require_safe
@login_required
def promotions(request: UserRequest, slug: str) -> HttpResponse:
    """What this person may see of the round's reserve."""
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    rows = list(Promotion.objects.visible_to(request.user).of_round(round).for_list())
    waiting = [row for row in rows if row.is_proposed]
    context = page_of(
        round,
        reserve=reserve_of(request.user, round),
        beside=reserve_beside_approval(request.user, round),
        lapsed=lapsed_in(request.user, round),
        waiting=[{"promotion": row, "may_make": may_make_promotion(request.user, row), "form": DropForm(prefix=f"drop{row.pk}")} for row in waiting],
        earlier=[row for row in rows if not row.is_proposed],
    )
    return render(request, "loans/promotions.html", context)


def _reserved(request: UserRequest, round: Round, reference: str) -> Reserved:
    """An application in reserve that this person may see."""
    found = next(iter(reserve_of(request.user, round, reference)), None)
    if found is None:
        raise Http404
    if not may_propose_promotion(request.user, found.application):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "POST"])
@login_required
def propose(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """The officer proposes what of the free mass an application in reserve gets."""
    round = round_for(request, slug, Role.OFFICER)
    reserved = _reserved(request, round, reference)
    form = PromotionForm(request.POST if request.method == "POST" else None, waiting=reserved.waiting)
    if form.is_bound and form.is_valid():
        try:
            propose_promotion(reserved.application, by=request.user, masses_ug=form.masses_ug(), **form.words())
        except RulesBroken as refusal:
            form.refuse(refusal.sample, str(refusal))
        except (PromotionImpossible, NotPossibleNow) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The promotion is proposed. Nothing is set aside before another person makes it."))
            return redirect("loans:promotions", slug=slug)
    context = page_of(round, reserved=reserved, application=reserved.application, form=form)
    return render(request, "loans/propose.html", context, status=422 if form.errors else 200)


def _promotion(request: UserRequest, slug: str, pk: int) -> Promotion:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    found: Promotion = get_object_or_404(Promotion.objects.visible_to(request.user).of_round(round).for_list(), pk=pk)
    return found


@require_POST
@login_required
@proved_recently
def make(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """The approver makes it: a new decision is recorded and waits for its announcement."""
    promotion = _promotion(request, slug, pk)
    if not may_make_promotion(request.user, promotion):
        raise PermissionDenied
    try:
        make_promotion(promotion, by=request.user)
    except (PromotionImpossible, RulesBrokenSince, SamePerson, *NOT_RECORDED) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The promotion is made: the decision is recorded, and the mass is set aside. It waits for its announcement."))
    return redirect("loans:promotions", slug=slug)


@require_POST
@login_required
def drop(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """An officer takes a proposal back, or the approver refuses it."""
    promotion = _promotion(request, slug, pk)
    if not may_drop_promotion(request.user, promotion):
        raise PermissionDenied
    form = DropForm(request.POST, prefix=f"drop{pk}")
    try:
        if form.is_valid():
            drop_promotion(promotion, by=request.user, note=form.cleaned_data["note"])
            messages.success(request, _("The proposal is dropped. Nothing has moved."))
        else:
            messages.error(request, _("Write why the proposal is dropped."))
    except NotPossibleNow as refusal:
        messages.error(request, str(refusal))
    return redirect("loans:promotions", slug=slug)
