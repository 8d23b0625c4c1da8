"""Handing an application over to another member of the team: proposed, agreed to, and then done by one move of the table."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import team_words
from applications import workflow as steps
from applications.models import Application, HandOver, Member, Part
from letters.actions import write_mail
from letters.words import Pair
from workflow.transitions import NotPossibleNow

ATTEMPTS = 5  # of a hand-over that meets a submission or a step of the office


class HandOverOpen(Exception):
    """Another hand-over waits for answers. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("A hand-over waits for an answer already. Take it back first."))


class NotInTeam(Exception):
    """The person does not take part, or signs for the institution. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("Only a member of the team who has accepted and does not sign for the institution can become the applicant."))


class SignatoryNeeded(Exception):
    """The signatory has to consent, and there is none. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(
            _("In this round the institution’s signatory has to consent, and nobody who signs takes part yet. Invite the signatory first.")
        )


@transaction.atomic
def propose_hand_over(application: Application, *, by: User, to: User) -> HandOver:
    """Ask a member of the team, and the signatory where the round asks for the endorsement. Nothing moves yet.

    Raises NotInTeam, SignatoryNeeded, HandOverOpen or NotPossibleNow.
    """
    if not application.is_handed_on:
        raise NotPossibleNow(_("The application cannot be handed over any more. Its page says how it stands."))
    if not _may_follow(application, to):
        raise NotInTeam
    signatories = list(Member.objects.signing().filter(application=application).select_related("user"))
    if application.round.needs_endorsement and not signatories:
        raise SignatoryNeeded
    try:
        with transaction.atomic():
            hand_over: HandOver = HandOver.objects.create(application=application, to=to, asked_by=by)
    except IntegrityError:
        raise HandOverOpen from None
    asked = [to, *(member.user for member in signatories if application.round.needs_endorsement and member.user)]
    _tell(f"hand-over:{hand_over.pk}", asked, application, team_words.hand_over_asked(hand_over, application))
    return hand_over


@transaction.atomic
def agree_to_hand_over(hand_over: HandOver, *, by: User) -> bool:
    """The new applicant's yes; whether the application was handed over with it."""
    if not HandOver.objects.open().filter(pk=hand_over.pk).update(accepted_at=timezone.now()):
        raise NotPossibleNow
    return _complete(hand_over, by=by)


@transaction.atomic
def consent_to_hand_over(hand_over: HandOver, *, by: User) -> bool:
    """The signatory's yes; whether the application was handed over with it."""
    if not HandOver.objects.open().filter(pk=hand_over.pk).update(consented_at=timezone.now(), consented_by=by):
        raise NotPossibleNow
    return _complete(hand_over, by=by)


@transaction.atomic
def end_hand_over(hand_over: HandOver, *, by: User) -> None:
    """A no of somebody who was asked, or the applicant takes it back."""
    if not HandOver.objects.open().filter(pk=hand_over.pk).update(answered_at=timezone.now(), answered_by=by, is_agreed=False):
        raise NotPossibleNow
    application = hand_over.application
    if by.pk != application.owner_id:
        _tell(f"hand-over-ended:{hand_over.pk}", [application.owner], application, team_words.hand_over_ended(hand_over, application))


def _may_follow(application: Application, to: User) -> bool:
    return Member.objects.taking_part().filter(application=application, user=to, user__is_active=True).exclude(part=Part.SIGN).exists()


def _complete(hand_over: HandOver, *, by: User) -> bool:
    """Move the application once everybody has said yes. The row of the hand-over is locked by the update before this."""
    hand_over = HandOver.objects.select_related("to", "asked_by").get(pk=hand_over.pk)
    application = Application.objects.select_related("round", "owner").get(pk=hand_over.application_id)
    if hand_over.accepted_at is None or (application.round.needs_endorsement and hand_over.consented_at is None):
        return False
    old, new, now = hand_over.asked_by, hand_over.to, timezone.now()
    if application.owner_id != old.pk or not _may_follow(application, new):
        raise NotPossibleNow
    _move(application, old, new, by=by)
    Member.objects.taking_part().filter(application=application, user=new).update(ended_at=now)
    part = Part.EDIT if application.is_editable(now) else Part.READ
    _keep_in_team(application, old, part, invited_by=new)
    HandOver.objects.filter(pk=hand_over.pk).update(answered_at=now, answered_by=by, is_agreed=True)
    _tell(f"handed-over:{hand_over.pk}", [old, new], application, team_words.handed_over(hand_over, application))
    return True


def _move(application: Application, old: User, new: User, *, by: User) -> None:
    """The move of the table, again when the application was submitted or taken up in this very moment.

    A decision that the applicant does not see yet neither allows nor forbids it, or the answer would tell.
    """
    for attempt in range(ATTEMPTS):
        if not application.is_handed_on:
            raise NotPossibleNow(_("The application cannot be handed over any more. Its page says how it stands."))
        step = steps.HAND_OVER if application.can(steps.HAND_OVER) else steps.HAND_OVER_UNSEEN
        try:
            application.advance(step, by=by, note=f"{old} → {new}", owner=new)
        except NotPossibleNow:
            if attempt == ATTEMPTS - 1:
                raise
            application.refresh_from_db()
        else:
            return


def _keep_in_team(application: Application, person: User, part: Part, *, invited_by: User) -> None:
    """The former applicant stays in the team, under whatever row names the address already."""
    now = timezone.now()
    row = {"user": person, "part": part, "accepted_at": now, "invited_by": invited_by}
    if not Member.objects.asked().filter(application=application, email=person.email).update(**row):
        Member.objects.create(application=application, email=person.email, **row)


def _tell(key: str, people: list[User], application: Application, words: tuple[Pair, Pair]) -> None:
    subject, text = words
    for person in people:
        if person.is_active:
            language = person.language
            write_mail(
                key=f"{key}:{person.pk}",
                to=person,
                reference=application.reference,
                subject=subject.in_language(language),
                text=text.in_language(language),
            )
