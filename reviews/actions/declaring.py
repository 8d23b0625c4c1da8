"""How people stand towards applications: declared by themselves, confirmed or set by the office."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications.models import Application
from reviews import workflow as steps
from reviews.actions.situations import NotImpartial, PinnedByOffice, TieFound, WordsNeeded
from reviews.models import HARD, Conflict, Declaration, Review, Seat, Standing, Tie, facts_of, ties_between
from reviews.permissions import is_conflicted
from rounds.models import Round
from workflow.transitions import NotPossibleNow


class Declared(NamedTuple):
    """What a person says about one application."""

    standing: Standing
    note: str = ""


@transaction.atomic
def declare_no_conflict(review: Review, *, by: User) -> None:
    """The application opens."""
    _say(by, review.application, Declared(Standing.NONE), ties=())
    review.advance(steps.DECLARE, by=by)


@transaction.atomic
def declare_conflict(review: Review, *, by: User, note: str) -> None:
    """The expert steps back; the application disappears from the expert's pages at once."""
    review.advance(steps.HAND_BACK, by=by, note=note)
    _say(by, review.application, Declared(Standing.CONFLICT, note), ties=())


@transaction.atomic
def declare_standings(round: Round, declarations: Mapping[Application, Declared], *, by: User) -> list[Application]:
    """Keep what the person says about several applications of a round: all or none; those about which something new was said.

    A conflict hands a live review back at once, a filed one stays in the record. "No conflict" opens one that waits for this word.
    A tie that was found is answered by a conflict or an explanation, which counts once the office has confirmed it.
    """
    keys = [application.pk for application in declarations]
    ties = ties_between([by], facts_of(Application.objects.filter(pk__in=keys)))
    earlier = {conflict.application_id: conflict for conflict in Conflict.objects.of(by).filter(application__in=keys)}
    changed = []
    for application, declared in declarations.items():
        found = ties.get((by.pk, application.pk), frozenset())
        _refuse(application, declared, round=round, ties=found)
        if _is_new(earlier.get(application.pk), declared, found):
            _say(by, application, declared, ties=found)
            _follow(by, application, declared, is_free=not found)
            changed.append(application)
    return changed


def _refuse(application: Application, declared: Declared, *, round: Round, ties: Collection[Tie]) -> None:
    if application.round_id != round.pk or not application.is_shown_in_review or HARD & set(ties):
        raise NotPossibleNow
    if declared.standing == Standing.PINNED:
        raise PinnedByOffice(application)
    if declared.standing == Standing.NONE and ties:
        raise TieFound(application)
    if declared.standing == Standing.EXPLAINED and not declared.note.strip():
        raise WordsNeeded(application)


def _is_new(earlier: Conflict | None, declared: Declared, ties: Collection[Tie]) -> bool:
    """The same words again change nothing, or a second press would lose the office's confirmation."""
    if earlier is None or (earlier.standing, earlier.note) != (declared.standing, declared.note):
        return True
    return declared.standing == Standing.EXPLAINED and earlier.explained != set(ties)


def _say(by: User, application: Application, declared: Declared, *, ties: Collection[Tie]) -> None:
    """The last word, and the word itself. What the office has set stays."""
    Seat.objects.filter(round=application.round_id, user=by).take_turns()
    about = f",{','.join(sorted(ties))}," if ties and declared.standing == Standing.EXPLAINED else ""
    words = {"standing": declared.standing, "note": declared.note, "about": about, "declared_at": timezone.now()}
    words |= {"set_by": None, "confirmed_by": None, "confirmed_at": None}
    if not Conflict.objects.of(by).filter(application=application).exclude(standing=Standing.PINNED).update(**words):
        try:
            with transaction.atomic():
                Conflict(user=by, application=application, **words).save(force_insert=True)
        except IntegrityError:
            raise PinnedByOffice(application) from None
    Declaration(user=by, application=application, standing=declared.standing, note=declared.note, by=by).save(force_insert=True)


def _follow(person: User, application: Application, declared: Declared, *, is_free: bool) -> None:
    """What the word means for a review that is not filed yet."""
    review = Review.objects.of(application).unfiled().filter(expert=person).first()
    if review is None:
        return
    if declared.standing == Standing.CONFLICT:
        review.advance(steps.HAND_BACK, by=person, note=declared.note)
    elif is_free and review.awaits_declaration:
        review.advance(steps.DECLARE, by=person)


def open_declared(reviews: Sequence[Review]) -> None:
    """Open what waits for a declaration that was given before, on the round's page: one statement for all, and a step for each."""
    waiting = {(review.expert_id, review.application_id): review for review in reviews if review.awaits_declaration}
    people, applications = {person for person, _application in waiting}, {application for _person, application in waiting}
    for said in Conflict.objects.against().filter(user__in=people, application__in=applications).select_related("user"):
        review = waiting.get((said.user_id, said.application_id))
        if review is not None:
            review.advance(steps.DECLARE, by=said.user)


# --- The office -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def confirm_explanation(conflict: Conflict, *, by: User) -> None:
    """The officer agrees that the ties which were found are no conflict: from now on they do not shut the person out."""
    application = conflict.application
    _refuse_partial(conflict.user, application, by=by)
    ties = ties_between([conflict.user], facts_of(Application.objects.filter(pk=application.pk))).get((conflict.user_id, application.pk), frozenset())
    if not conflict.explained.issuperset(ties) or HARD & ties:
        raise NotPossibleNow(_("Another tie was found since this explanation was written. The person has to answer that one as well."))
    read = Conflict.objects.awaiting_confirmation().filter(pk=conflict.pk, declared_at=conflict.declared_at)  # just the words that were read
    if not read.update(confirmed_by=by, confirmed_at=timezone.now()):
        raise NotPossibleNow
    Declaration(user=conflict.user, application=application, standing=Standing.EXPLAINED, note=conflict.note, is_confirmation=True, by=by).save(
        force_insert=True
    )
    _follow(conflict.user, application, Declared(Standing.EXPLAINED, conflict.note), is_free=True)


@transaction.atomic
def pin_conflict(person: User, application: Application, *, by: User, note: str) -> Conflict:
    """The office sets a conflict that the person cannot lift; a review that is not filed is taken back at once."""
    _refuse_partial(person, application, by=by)
    if not note.strip():
        raise WordsNeeded(application)
    Seat.objects.filter(round=application.round_id, user=person).take_turns()
    words = {"standing": Standing.PINNED, "note": note, "about": "", "declared_at": timezone.now(), "set_by": by}
    words |= {"confirmed_by": None, "confirmed_at": None}
    conflict, _created = Conflict.objects.update_or_create(user=person, application=application, defaults=words)
    Declaration(user=person, application=application, standing=Standing.PINNED, note=note, by=by).save(force_insert=True)
    review = Review.objects.of(application).unfiled().filter(expert=person).first()
    if review is not None:
        review.advance(steps.REMOVE, by=by, note=note)
    return conflict


@transaction.atomic
def unpin_conflict(conflict: Conflict, *, by: User, note: str) -> None:
    """The office takes back what it had set, with the reason; the person is asked anew."""
    _refuse_partial(conflict.user, conflict.application, by=by)
    if not note.strip():
        raise WordsNeeded(conflict.application)
    if not Conflict.objects.filter(pk=conflict.pk, standing=Standing.PINNED).delete()[0]:
        raise NotPossibleNow
    Declaration(user=conflict.user, application=conflict.application, standing=Standing.NONE, note=note, by=by).save(force_insert=True)


def _refuse_partial(person: User, application: Application, *, by: User) -> None:
    if person.pk == by.pk or is_conflicted(by, application):
        raise NotImpartial
