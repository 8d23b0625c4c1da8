"""Applications are given to experts and taken back: one by one, exchanged, or as a dry run has shown."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from applications.models import Application
from reviews import workflow as steps
from reviews.actions.declaring import open_declared
from reviews.actions.situations import Conflicted, LoadReached, NotAnExpert, NotInCommittee, PlanOutdated
from reviews.actions.telling import tell_assigned
from reviews.models import Plan, Review, Seat, Wording, cases_visible_to, conflicted_pairs, read_pool, wordings_of, work_out
from rounds.models import Round
from workflow.transitions import NotPossibleNow

AT_ONCE = 1000  # rows written by one statement

Pairs = Sequence[tuple[Application, User]]


@transaction.atomic
def assign_experts(application: Application, experts: Sequence[User], *, by: User) -> list[Review]:
    """Give the application to experts; one that was removed or handed back is not asked again. All or none.

    Whoever judges sits in the committee: an expert without a seat gets one.
    """
    if not application.is_in_review:
        raise NotPossibleNow
    return _give(application.round, [(application, expert) for expert in experts], by=by)


@transaction.atomic
def remove_review(review: Review, *, by: User, note: str = "") -> None:
    """Take an application back from an expert before the review is filed."""
    review.advance(steps.REMOVE, by=by, note=note)


@transaction.atomic
def reassign_review(review: Review, expert: User, *, by: User, note: str = "") -> Review:
    """Take an application back from one expert and give it to another, in one step: both or nothing."""
    remove_review(review, by=by, note=note)
    (given,) = assign_experts(review.application, [expert], by=by)
    return given


def _give(round: Round, pairs: Pairs, *, by: User) -> list[Review]:
    """The one place where reviews begin, whoever asks: role, seat, tie and conflict, earlier review, limit."""
    experts = list({expert.pk: expert for _application, expert in pairs}.values())
    active = set(User.objects.with_role(Role.EXPERT).filter(pk__in=[expert.pk for expert in experts]).values_list("pk", flat=True))
    for expert in experts:
        if expert.pk not in active:
            raise NotAnExpert(expert)
    limits = _seat(round, experts, by=by)
    applications = Application.objects.filter(pk__in={application.pk for application, _expert in pairs})
    shut = conflicted_pairs(experts, applications)
    for application, expert in pairs:
        if (expert.pk, application.pk) in shut:
            raise Conflicted(expert)
    keys = [(application.pk, expert.pk) for application, expert in pairs]
    there = {(review.application_id, review.expert_id): review for review in Review.objects.filter(application__in=applications, expert__in=experts)}
    for application, expert in pairs:
        before = there.get((application.pk, expert.pk))
        if before and before.status not in steps.LIVE:
            raise NotPossibleNow(_("%(name)s was asked for this application before, and is not asked again.") % {"name": expert})
    new = [(application, expert) for application, expert in pairs if (application.pk, expert.pk) not in there]
    _keep_limits(round, new, limits, by=by)
    try:
        with transaction.atomic():
            made = Review.objects.bulk_create([Review(application=application, expert=expert) for application, expert in new], batch_size=AT_ONCE)
    except IntegrityError as problem:  # somebody else was faster
        raise NotPossibleNow from problem
    tell_assigned(round, {expert.pk: expert for _application, expert in new}.values())
    open_declared(made)
    there |= {(review.application_id, review.expert_id): review for review in made}
    return [there[key] for key in keys]


def _seat(round: Round, experts: Sequence[User], *, by: User) -> dict[int, int | None]:
    """Everybody's limit; who has no seat gets one. From here on nobody can declare a conflict unseen until this is done."""
    known = set(Seat.objects.of_round(round).filter(user__in=experts).values_list("user_id", flat=True))
    missing = [Seat(round=round, user=expert, added_by=by) for expert in experts if expert.pk not in known]
    Seat.objects.bulk_create(missing, ignore_conflicts=True)
    seats = Seat.objects.of_round(round).filter(user__in=experts)
    seats.take_turns()
    limits = dict(seats.taken().values_list("user_id", "most_reviews"))
    for expert in experts:
        if expert.pk not in limits:
            raise NotInCommittee(expert)
    return limits


def _keep_limits(round: Round, new: Pairs, limits: dict[int, int | None], *, by: User) -> None:
    """Only cases that `by` may see are counted: a refusal must not betray others."""
    asked = Counter(expert.pk for _application, expert in new)
    limited = {expert: most for expert, most in limits.items() if most is not None and asked[expert]}
    if not limited:
        return
    rows = Review.objects.live().filter(application__in=cases_visible_to(by).of_round(round).order_by().values("pk"), expert__in=limited)
    have = dict(rows.order_by().values_list("expert_id").annotate(Count("pk")))
    for expert in {expert.pk: expert for _application, expert in new}.values():
        if expert.pk in limited and have.get(expert.pk, 0) + asked[expert.pk] > limited[expert.pk]:
            raise LoadReached(expert, limited[expert.pk])


# --- A dry run, and what becomes of it ------------------------------------------------------------------------------------


def plan_assignment(round: Round, *, by: User, settings: dict[str, int]) -> Plan:
    """Compute who would get what, over the cases that `by` may see. Nothing is assigned."""
    worked = work_out(read_pool(round, by, wanted=settings["reviews"]), settings)
    return keep_plan(round, worked.pairs, worked.unfilled, worked.digest, worked.wordings, by=by, settings=settings)


@transaction.atomic
def keep_plan(
    round: Round,
    pairs: list[list[object]],
    unfilled: dict[str, list[int]],
    digest: str,
    wordings: Iterable[Wording],
    *,
    by: User,
    settings: dict[str, int],
) -> Plan:
    """Keep a dry run in the place of the one before that was not applied."""
    keep_wordings(wordings)
    Plan.objects.of(round, by).filter(applied_at=None).delete()
    return Plan.objects.create(round=round, made_by=by, settings=settings, pairs=pairs, unfilled=unfilled, seen_digest=digest)


def keep_wordings(wordings: Iterable[Wording]) -> None:
    """Keep the words that were read for the first time, so that the next dry run need not read them."""
    Wording.objects.bulk_create(
        wordings,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=("version",),
        update_fields=("method", "numbers"),
    )


def read_words(most: int = 500) -> int:
    """By clock: keep the words of applications in review whose words are not kept yet; how many were read."""
    known = Wording.objects.usable().values("version_id")
    waiting = Application.objects.under_review().exclude(current__in=known).order_by("pk").values_list("current_id", flat=True)
    new = wordings_of(list(waiting[:most]))
    keep_wordings(new)
    return len(new)


@transaction.atomic
def apply_plan(plan: Plan, *, by: User) -> list[Review]:
    """Assign exactly what the dry run showed, all or none, and once. Raises PlanOutdated when anything it was computed from has changed."""
    if not Plan.objects.filter(pk=plan.pk, made_by=by, applied_at=None).update(applied_at=timezone.now()):
        raise PlanOutdated(_("This dry run was applied already. Nothing was assigned twice."))
    if not plan.pairs:
        raise PlanOutdated(_("This dry run assigns nothing."))
    Seat.objects.of_round(plan.round).take_turns()
    if read_pool(plan.round, by, wanted=plan.settings["reviews"]).digest != plan.seen_digest:
        raise PlanOutdated
    applications = Application.objects.in_bulk([pair[0] for pair in plan.pairs])
    experts = User.objects.in_bulk({pair[1] for pair in plan.pairs})
    return _give(plan.round, [(applications[pair[0]], experts[pair[1]]) for pair in plan.pairs], by=by)
