"""The office's pages of a hearing: it is set, applications are invited, and on the day it is noted who was heard and who left the room."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest
from applications.files.faults import FileDamaged
from applications.views.files import clean_copy
from reviews.actions import (
    ApartNeeded,
    HearingImpossible,
    TooLate,
    invite_to_hearing,
    miss_hearing,
    note_departure,
    note_heard,
    order_slots,
    revise_hearing,
    set_hearing,
)
from reviews.hearing_forms import HearingForm, InviteForm, MissedForm, OrderForm
from reviews.models import Deck, Hearing, Leaver, Slot, hearing_visible_to, hearings_visible_to, leavers, meeting_of, to_invite
from reviews.permissions import may_read_hearing, may_read_minutes, may_set_hearing
from reviews.views.office import page_of, whole_number
from rounds.models import Round
from workflow.transitions import NotPossibleNow

REFUSALS = (NotPossibleNow, ApartNeeded, HearingImpossible, TooLate)


def _round(request: UserRequest, slug: str) -> Round:
    round = get_object_or_404(Round.objects.run_here().select_related("mission"), slug=slug)
    if not may_read_hearing(request.user, round):
        raise PermissionDenied
    return round


def _hearing(request: UserRequest, slug: str, pk: int, *, edits: bool = False) -> Hearing:
    """A hearing this person may see; one with an application that the person is shut out of does not exist."""
    round = _round(request, slug)
    if edits and not may_set_hearing(request.user):
        raise PermissionDenied
    hearing = hearing_visible_to(request.user, round, pk)
    if hearing is None:
        raise Http404(_("There is no such hearing."))
    hearing.round = round
    return hearing


def _slot(request: UserRequest, slug: str, pk: int, reference: str, *, edits: bool = True) -> Slot:
    hearing = _hearing(request, slug, pk, edits=edits)
    slot = next((slot for slot in hearing.slots.all() if slot.application.reference == reference), None)
    if slot is None:
        raise Http404(_("There is no such application in this hearing."))
    slot.application.round = hearing.round
    return slot


@require_http_methods(["GET", "POST"])
@login_required
def hearing(request: UserRequest, slug: str) -> HttpResponse:
    """The hearings of a round, and a new one."""
    round = _round(request, slug)
    may_set = may_set_hearing(request.user)
    if request.method == "POST" and not may_set:
        raise PermissionDenied
    form = HearingForm(request.POST or None) if may_set else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            new = set_hearing(round, by=request.user, said=form.said())
        except REFUSALS as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The hearing is set. Nobody is invited yet."))
            return redirect("reviews:hearing_day", slug=slug, pk=new.pk)
    hearings = hearings_visible_to(request.user, round)
    has_minutes = may_read_minutes(request.user, round) and meeting_of(round) is not None
    context = page_of(round, hearings=hearings, form=form, may_set=may_set, has_minutes=has_minutes)
    return render(request, "reviews/hearing.html", context, status=422 if form is not None and form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def hearing_day(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """One hearing: its applications in order, and everything the officer does with it."""
    row = _hearing(request, slug, pk, edits=request.method == "POST")
    slots = list(row.slots.all())
    asked: dict[str, Form] = {}
    if may_set_hearing(request.user):
        asked = _forms(request, row, slots)
    name = next((name for name in asked if name in request.POST), "")
    form, problem = asked.get(name), ""
    if form is not None and form.is_valid():
        try:
            messages.success(request, DONE[name](row, form, request))
            return redirect("reviews:hearing_day", slug=slug, pk=pk)
        except REFUSALS as refusal:
            problem = str(refusal)
    away = leavers(row.round, [slot.application for slot in slots])
    rows: list[dict[str, Any]] = [{"slot": slot, "leavers": away[slot.application_id]} for slot in slots]
    context = page_of(row.round, hearing=row, rows=rows, forms=asked, problem=problem, pressed=form, may_set=bool(asked))
    return render(request, "reviews/hearing_day.html", context, status=409 if problem else 422 if form is not None and form.errors else 200)


def _forms(request: UserRequest, hearing: Hearing, slots: list[Slot]) -> dict[str, Any]:
    choices = to_invite(request.user, hearing.round, hearing)

    def sent(name: str) -> Any:
        return request.POST if name in request.POST else None

    return {
        "invite": InviteForm(sent("invite"), choices=choices),
        "order": OrderForm(sent("order"), slots=slots),
        "revise": HearingForm(sent("revise"), hearing=hearing),
    }


def _invite(hearing: Hearing, form: Any, request: UserRequest) -> str:
    slots = invite_to_hearing(hearing, form.chosen, by=request.user)
    text = ngettext(
        "%(count)d application is invited; its letter is on its way.",
        "%(count)d applications are invited; their letters are on their way.",
        len(slots),
    )
    return text % {"count": len(slots)}


def _order(hearing: Hearing, form: Any, request: UserRequest) -> str:
    return _told(order_slots(hearing, form.order(), by=request.user))


def _revise(hearing: Hearing, form: Any, request: UserRequest) -> str:
    return _told(revise_hearing(hearing, by=request.user, said=form.said()))


def _told(count: int) -> str:
    text = ngettext(
        "Changed. %(count)d new letter takes the place of the one before.", "Changed. %(count)d new letters take the place of those before.", count
    )
    return text % {"count": count}


DONE: dict[str, Callable[[Hearing, Any, UserRequest], str]] = {"invite": _invite, "order": _order, "revise": _revise}


@require_POST
@login_required
def heard(request: UserRequest, slug: str, pk: int, reference: str) -> HttpResponse:
    slot = _slot(request, slug, pk, reference)
    try:
        note_heard(slot, by=request.user)
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Noted: %(reference)s was heard.") % {"reference": reference})
    return redirect("reviews:hearing_day", slug=slug, pk=pk)


@require_POST
@login_required
def departure(request: UserRequest, slug: str, pk: int, reference: str) -> HttpResponse:
    """Note that a conflicted member has left the room."""
    slot = _slot(request, slug, pk, reference)
    away: list[Leaver] = leavers(slot.hearing.round, [slot.application])[slot.application_id]
    chosen = next((leaver.user for leaver in away if leaver.user.pk == whole_number(request.POST.get("left", ""))), None)
    if chosen is None:
        raise Http404(_("There is no such member."))
    try:
        note_departure(slot.application, chosen, by=request.user)
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Noted: %(name)s has left the room.") % {"name": chosen})
    return redirect("reviews:hearing_day", slug=slug, pk=pk)


@require_http_methods(["GET", "POST"])
@login_required
def missed(request: UserRequest, slug: str, pk: int, reference: str) -> HttpResponse:
    """The officer confirms that nobody took part: a page of its own, because it withdraws the application."""
    slot = _slot(request, slug, pk, reference)
    form = MissedForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            miss_hearing(slot, by=request.user, note=form.cleaned_data["note"])
        except NotPossibleNow as problem:
            form.add_error(None, str(problem))
        else:
            text = _("Noted: %(reference)s did not take part and counts as withdrawn. The letter is on its way.")
            messages.success(request, text % {"reference": reference})
            return redirect("reviews:hearing_day", slug=slug, pk=pk)
    context = page_of(slot.hearing.round, slot=slot, application=slot.application, form=form)
    return render(request, "reviews/hearing_missed.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def office_slides(request: UserRequest, slug: str, pk: int, reference: str) -> HttpResponse:
    """The clean copy of the slides for whoever reads the page of the hearing."""
    slot = _slot(request, slug, pk, reference, edits=False)
    deck = get_object_or_404(Deck.objects.select_related("upload"), slot=slot, upload=slot.slides_id)
    try:
        return clean_copy(request, deck.upload, deck.name)
    except FileDamaged as problem:
        messages.error(request, str(problem))
        return redirect("reviews:hearing_day", slug=slug, pk=pk)
