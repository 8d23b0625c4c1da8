"""The count of the meeting is entered."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications.models import Application, Request
from reviews import workflow as steps
from reviews.actions.situations import VoteImpossible
from reviews.models import Decision, Vote
from workflow.transitions import NotPossibleNow


class VoteCount(NamedTuple):
    """What the meeting counted on one requested sample."""

    present: int
    recused: int
    yes: int
    no: int


@transaction.atomic
def enter_vote(request: Request, *, by: User, present: int, recused: int, yes: int, no: int) -> Vote:
    """Enter or correct the count of the meeting, as long as no decision is recorded on the application."""
    if min(present, recused, yes, no) < 0:
        raise VoteImpossible(request, _("A number of votes cannot be negative."))
    if recused > present:
        raise VoteImpossible(request, _("More members are recused than present."))
    if yes + no > present - recused:
        raise VoteImpossible(request, _("There are more votes than members who may vote."))
    application = request.version.application
    # Changes nothing but waits at the row for a decision that is being recorded; what follows sees it.
    if not Application.objects.decidable().filter(pk=application.pk, current=request.version_id).update(version=F("version")):
        raise NotPossibleNow
    if Decision.objects.filter(application=application, status=steps.D.RECORDED).exists():
        raise NotPossibleNow(_("The decision is recorded, and the votes stand with it. Retract the decision to correct them."))
    figures = {"present": present, "recused": recused, "yes": yes, "no": no, "entered_by": by, "entered_at": timezone.now()}
    vote, _created = Vote.objects.update_or_create(request=request, defaults=figures)
    return vote


@transaction.atomic
def enter_votes(counts: Mapping[Request, VoteCount], *, by: User) -> None:
    """Enter what the meeting counted on several samples: all or none."""
    for request, count in counts.items():
        enter_vote(request, by=by, **count._asdict())
