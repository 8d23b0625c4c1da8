"""The applicant's page of the own hearing: the own time alone, the answer to the invitation, and what is handed in."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from applications.files.faults import FileDamaged, FileRefused, NotStored
from applications.files.limits import LARGEST_FILE, MB, MOST_PAGES
from applications.files.store import read
from applications.models import Application
from applications.permissions import may_edit
from applications.views.files import pdf_answer, refuse_embedding
from applications.workflow import Status
from reviews.actions import TooLate, cancel_hearing, confirm_hearing, give_video_address, hand_in_slides
from reviews.hearing_forms import CancelForm, ConfirmForm, VideoForm
from reviews.models import Deck, Slot
from workflow.transitions import NotPossibleNow


def _own_slot(request: UserRequest, reference: str) -> Slot:
    """The place of an application that this person may write in. For all others, and without an invitation, there is no such page."""
    application = Application.objects.visible_to(request.user).for_applicant().filter(reference=reference).first()
    slot = Slot.objects.of_application(application).first() if application and may_edit(request.user, application) else None
    if slot is None:
        raise Http404(_("There is no such hearing."))
    return slot


@require_http_methods(["GET", "POST"])
@login_required
def own_hearing(request: UserRequest, reference: str) -> HttpResponse:
    slot = _own_slot(request, reference)
    pressed = next((name for name in CALLS if name in request.POST), "")
    forms: dict[str, Any] = {
        "confirm": ConfirmForm(request.POST if pressed == "confirm" else None, slot=slot),
        "cancel": CancelForm(request.POST if pressed == "cancel" else None),
        "video": VideoForm(request.POST if pressed == "video" else None, initial={"address": slot.video_address}),
    }
    form, problem = forms.get(pressed), ""
    if pressed and (form is None or form.is_valid()):
        try:
            messages.success(request, CALLS[pressed](slot, form, request))
            return redirect("reviews:own_hearing", reference=reference)
        except (NotPossibleNow, TooLate, FileRefused, NotStored) as refusal:
            problem = str(refusal)
    return render(request, "reviews/own_hearing.html", _page(slot, forms, problem), status=_status(problem, form))


def _status(problem: str, form: Any) -> int:
    return 409 if problem else 422 if form is not None and form.errors else 200


def _page(slot: Slot, forms: dict[str, Any], problem: str) -> dict[str, Any]:
    is_on = slot.application.shown_status == Status.INVITED
    return {
        "slot": slot,
        "hearing": slot.hearing,
        "application": slot.application,
        "forms": forms,
        "problem": problem,
        "is_on": is_on,
        "decks": list(slot.decks.select_related("by", "upload").order_by("-pk")),
        "may_confirm": is_on and slot.is_expected and slot.hearing.takes_answers,
        "may_cancel": is_on and slot.is_expected and not slot.hearing.has_begun,
        "may_hand_in": is_on and slot.is_expected and slot.hearing.takes_slides,
        "limits": {"size": LARGEST_FILE // MB, "pages": MOST_PAGES},
    }


def _confirm(slot: Slot, form: Any, request: UserRequest) -> str:
    confirm_hearing(slot, by=request.user, **form.answer())
    return _("Thank you: you take part in the hearing.")


def _cancel(slot: Slot, form: Any, request: UserRequest) -> str:
    cancel_hearing(slot, by=request.user, note=form.cleaned_data["note"])
    return _("Noted: you will not take part. The office confirms it by letter.")


def _slides(slot: Slot, form: Any, request: UserRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        raise NotPossibleNow(_("Choose a file first."))
    deck = hand_in_slides(slot, by=request.user, data=file, name=file.name or "")
    return _("Handed in: %(name)s.") % {"name": deck.name}


def _video(slot: Slot, form: Any, request: UserRequest) -> str:
    give_video_address(slot, by=request.user, address=form.cleaned_data["address"])
    return _("The address of the video is saved.") if form.cleaned_data["address"] else _("The address of the video is taken back.")


CALLS: dict[str, Callable[[Slot, Any, UserRequest], str]] = {"confirm": _confirm, "cancel": _cancel, "slides": _slides, "video": _video}


@require_safe
@login_required
def own_slides(request: UserRequest, reference: str, pk: int) -> HttpResponse:
    """Slides as the team handed them in, earlier ones too."""
    slot = _own_slot(request, reference)
    deck = get_object_or_404(Deck.objects.select_related("upload"), slot=slot, pk=pk)
    if deck.upload.is_infected:
        raise Http404(_("The virus check found something in this file. It is given to nobody."))
    refuse_embedding(request)
    try:
        return pdf_answer(read(deck.upload.stored, deck.upload.digest), deck.name)
    except FileDamaged as problem:
        messages.error(request, str(problem))
        return redirect("reviews:own_hearing", reference=reference)
