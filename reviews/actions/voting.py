"""The count of the meeting is entered."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from applications.models import Application, Request
from reviews import workflow as steps
from reviews.actions.situations import VoteImpossible
from reviews.models import Decision, Meeting, Sitting, Vote, sitting_on
from workflow.transitions import NotPossibleNow


class VoteCount(NamedTuple):
    """What the meeting counted on one requested sample; `mass_ug` where it voted to lend less than was asked for."""

    present: int
    recused: int
    yes: int
    no: int
    mass_ug: int | None = None


def _refuse_contradiction(request: Request, count: VoteCount) -> None:
    if min(count[:4]) < 0:
        raise VoteImpossible(request, _("A number of votes cannot be negative."))
    if count.recused > count.present:
        raise VoteImpossible(request, _("More members are recused than present."))
    if count.yes + count.no > count.present - count.recused:
        raise VoteImpossible(request, _("There are more votes than members who may vote."))
    if count.mass_ug is None:
        return
    if not request.sample.is_divisible:
        raise VoteImpossible(request, _("%(number)s is lent whole, so there is no vote on less of it.") % {"number": request.sample.number})
    if not 0 < count.mass_ug < request.mass_ug:
        raise VoteImpossible(request, _("A reduced mass is more than 0 mg and less than what was asked for."))


def _refuse_more_than_sat(request: Request, count: VoteCount, sitting: Sitting) -> None:
    """The numbers may be lower than the attendance (somebody was out of the room), never higher."""
    if sitting.is_overweighted:
        raise VoteImpossible(request, _("More than a third of those who are counted are invited experts. Let members come in, or vote later."))
    if count.present > sitting.present:
        text = ngettext(
            "Only %(count)d person who is counted in this vote is noted as present.",
            "Only %(count)d people who are counted in this vote are noted as present.",
            sitting.present,
        )
        raise VoteImpossible(request, text % {"count": sitting.present})
    if count.recused > len(sitting.recused):
        text = ngettext("Only %(count)d of those present is recused here.", "Only %(count)d of those present are recused here.", len(sitting.recused))
        raise VoteImpossible(request, text % {"count": len(sitting.recused)})
    if count.present - count.recused > sitting.entitled:
        text = ngettext("Only %(count)d of those present may vote here.", "Only %(count)d of those present may vote here.", sitting.entitled)
        raise VoteImpossible(request, text % {"count": sitting.entitled})


@transaction.atomic
def enter_vote(
    request: Request, *, by: User, present: int, recused: int, yes: int, no: int, mass_ug: int | None = None, meeting: Meeting | None = None
) -> Vote:
    """Enter or correct the count of the meeting, as long as no decision is recorded on the application.

    With a meeting the numbers must fit those who are noted as present in it; the office's page always names one.
    """
    count = VoteCount(present, recused, yes, no, mass_ug)
    _refuse_contradiction(request, count)
    application = request.version.application
    # Changes nothing but waits at the row for a decision that is being recorded; what follows sees it.
    if not Application.objects.decidable().filter(pk=application.pk, current=request.version_id).update(version=F("version")):
        raise NotPossibleNow
    if Decision.objects.filter(application=application, status=steps.D.RECORDED).exists():
        raise NotPossibleNow(_("The decision is recorded, and the votes stand with it. Retract the decision to correct them."))
    if meeting is not None:
        if meeting.round_id != application.round_id:
            raise NotPossibleNow
        _refuse_more_than_sat(request, count, sitting_on(application, meeting))
    figures = {**count._asdict(), "meeting": meeting, "entered_by": by, "entered_at": timezone.now()}
    vote, _created = Vote.objects.update_or_create(request=request, defaults=figures)
    return vote


@transaction.atomic
def enter_votes(counts: Mapping[Request, VoteCount], *, by: User, meeting: Meeting | None = None) -> None:
    """Enter what the meeting counted on several samples: all or none."""
    for request, count in counts.items():
        enter_vote(request, by=by, meeting=meeting, **count._asdict())
