"""Recording a decision: one award per sample, mass set aside at once, and a refusal leaves nothing behind."""

from collections.abc import Callable

import pytest

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application, Request
from applications.tests.make import make_in_review, make_submitted
from applications.workflow import Status
from letters.models import Letter
from reviews.actions import (
    AlreadyPlanned,
    AwardDraft,
    AwardImpossible,
    DecisionDraft,
    NotCarried,
    SetRefused,
    announce_decisions,
    record_decision,
    record_decisions,
    retract_decision,
)
from reviews.models import Award, Decision
from reviews.tests.make import announce, carry, decide, make_cases, seen_again
from reviews.workflow import DecisionStatus, Outcome
from rounds.models import Round
from rounds.tests.make import make_round
from samples.actions import earmark
from samples.ledger import NotEnoughLeft
from samples.models import Hold, Movement, Sample
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db
Drafts = dict[Request, AwardDraft]


@pytest.fixture
def officer() -> User:
    return make_user("officer@example.org", Role.OFFICER)


@pytest.fixture
def powder() -> Sample:
    return make_sample("CE5C0600", mass_ug=100_000)


@pytest.fixture
def clast() -> Sample:
    return make_sample("CE5C0000YJYX129", mass_ug=197_300)


@pytest.fixture
def case(powder: Sample, clast: Sample) -> Application:
    """Asks for 60 mg of powder and a whole clast; nothing was voted on yet."""
    return make_in_review(make_round(powder, clast), lines=[(powder, 60_000), (clast, 197_300)])


def outcomes(application: Application, *drafts: AwardDraft) -> Drafts:
    assert application.current is not None
    lines = application.current.requests.select_related("sample", "version__application").order_by("position")
    return dict(zip(lines, drafts, strict=True))


def traces(application: Application) -> tuple[object, ...]:
    """Everything that a decision would write."""
    row = Application.objects.get(pk=application.pk)
    return (
        row.version,
        row.history_head,
        row.status,
        Decision.objects.count(),
        Award.objects.count(),
        sorted(Hold.objects.values_list("sample", "reference", "state", "mass_ug")),
        Movement.objects.count(),
        Letter.objects.count(),
        list(Sample.objects.order_by("pk").values_list("vault_ug", "earmarked_ug", "held_ug", "unseen_ug")),
    )


GRANT, NO, WAIT = AwardDraft(Outcome.APPROVED), AwardDraft(Outcome.DECLINED), AwardDraft(Outcome.RESERVE)


def test_the_decision_sets_the_mass_aside_and_moves_nothing_that_others_see(case: Application, officer: User, powder: Sample, clast: Sample) -> None:
    carry(case, officer=officer)
    decision = record_decision(case, awards=outcomes(case, AwardDraft(Outcome.REDUCED, 12_400), GRANT), by=officer, conditions_en="Non-destructive.")
    assert decision.status == DecisionStatus.RECORDED
    assert [(award.outcome, award.mass_ug) for award in decision.awards.all()] == [("reduced", 12_400), ("approved", 197_300)]
    powder.refresh_from_db()
    clast.refresh_from_db()
    assert (powder.vault_ug, powder.earmarked_ug, powder.left_ug) == (87_600, 12_400, 100_000)
    assert (clast.vault_ug, clast.earmarked_ug, clast.left_ug) == (0, 197_300, 197_300)
    row = Application.objects.get(pk=case.pk)
    assert row.status == Status.IN_REVIEW
    assert "record" not in [change.move for change in row.visible_history()]
    assert Letter.objects.filter(kind="decision").count() == 0


def _not_voted(case: Application, officer: User) -> Drafts:
    return outcomes(case, GRANT, NO)


def _one_vote_short(case: Application, officer: User) -> Drafts:
    carry(case, officer=officer, yes=5, present=9)
    return outcomes(case, GRANT, GRANT)


def _less_of_a_whole_piece(case: Application, officer: User) -> Drafts:
    carry(case, officer=officer)
    return outcomes(case, GRANT, AwardDraft(Outcome.REDUCED, 100_000))


def _nothing_of_it(case: Application, officer: User) -> Drafts:
    carry(case, officer=officer)
    return outcomes(case, AwardDraft(Outcome.REDUCED, 0), GRANT)


def _as_much_as_asked(case: Application, officer: User) -> Drafts:
    carry(case, officer=officer)
    return outcomes(case, AwardDraft(Outcome.REDUCED, 60_000), GRANT)


def _more_than_asked(case: Application, officer: User) -> Drafts:
    carry(case, officer=officer)
    return outcomes(case, AwardDraft(Outcome.REDUCED, 60_100), GRANT)


def _below_zero(case: Application, officer: User) -> Drafts:
    carry(case, officer=officer)
    return outcomes(case, AwardDraft(Outcome.REDUCED, -100), GRANT)


def _one_line_missing(case: Application, officer: User) -> Drafts:
    carry(case, officer=officer)
    return dict(list(outcomes(case, GRANT, GRANT).items())[:1])


def _no_line_at_all(case: Application, officer: User) -> Drafts:
    return {}


def _a_line_of_another_application(case: Application, officer: User) -> Drafts:
    other = make_submitted(make_round(Sample.objects.get(number="CE5C0600")))
    assert other.current is not None
    strange = other.current.requests.select_related("sample", "version__application").get()
    return {**dict(list(outcomes(case, GRANT, GRANT).items())[:1]), strange: GRANT}


def _too_little_left(case: Application, officer: User) -> Drafts:
    carry(case, officer=officer)
    earmark(Sample.objects.get(number="CE5C0600"), "LSA-2026-90001", 87_600, by=None)
    return outcomes(case, GRANT, GRANT)


def _the_piece_is_promised(case: Application, officer: User) -> Drafts:
    carry(case, officer=officer)
    earmark(Sample.objects.get(number="CE5C0000YJYX129"), "LSA-2026-90001", 197_300, by=None)
    return outcomes(case, GRANT, GRANT)


@pytest.mark.breaks_invariants  # somebody else's earmark stands for a decision that the test does not make
@pytest.mark.parametrize(
    ("arrange", "refusal", "says"),
    [
        (_not_voted, NotCarried, "CE5C0600 cannot be awarded"),
        (_one_vote_short, NotCarried, "does not reach the share"),
        (_less_of_a_whole_piece, AwardImpossible, "CE5C0000YJYX129 is lent whole"),
        (_nothing_of_it, AwardImpossible, "more than 0 mg and less than"),
        (_as_much_as_asked, AwardImpossible, "more than 0 mg and less than"),
        (_more_than_asked, AwardImpossible, "more than 0 mg and less than"),
        (_below_zero, AwardImpossible, "more than 0 mg and less than"),
        (_one_line_missing, AwardImpossible, "needs an outcome"),
        (_no_line_at_all, AwardImpossible, "needs an outcome"),
        (_a_line_of_another_application, AwardImpossible, "needs an outcome"),
        (_too_little_left, NotEnoughLeft, r"Only 12\.4 mg left"),
        (_the_piece_is_promised, NotEnoughLeft, r"Only 0\.0 mg left"),
    ],
    ids=lambda value: getattr(value, "__name__", "").strip("_").replace("_", " ") or None,
)
def test_a_refused_decision_leaves_nothing(
    case: Application, officer: User, arrange: Callable[[Application, User], Drafts], refusal: type[Exception], says: str
) -> None:
    awards = arrange(case, officer)
    case.refresh_from_db()
    before = traces(case)
    with pytest.raises(refusal, match=says):
        record_decision(case, awards=awards, by=officer)
    assert traces(case) == before


def test_declining_or_keeping_in_reserve_needs_no_vote_and_sets_nothing_aside(case: Application, officer: User) -> None:
    decision = record_decision(case, awards=outcomes(case, NO, WAIT), by=officer)
    assert decision.outcome == Outcome.RESERVE
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("drafts", "expected"),
    [
        ((GRANT, GRANT), Outcome.APPROVED),
        ((GRANT, NO), Outcome.APPROVED),
        ((AwardDraft(Outcome.REDUCED, 100), WAIT), Outcome.APPROVED),
        ((WAIT, NO), Outcome.RESERVE),
        ((NO, NO), Outcome.DECLINED),
    ],
)
def test_the_application_is_approved_if_one_sample_is_and_in_reserve_if_one_is(
    case: Application, officer: User, drafts: tuple[AwardDraft, ...], expected: Outcome
) -> None:
    carry(case, officer=officer)
    assert record_decision(case, awards=outcomes(case, *drafts), by=officer).outcome == expected


def test_a_second_decision_is_refused_while_one_is_recorded(case: Application, officer: User) -> None:
    decide(case, officer=officer)
    case.refresh_from_db()
    before = traces(case)
    with pytest.raises(NotPossibleNow, match="already recorded"):
        record_decision(case, awards=outcomes(case, NO, NO), by=officer)
    assert traces(case) == before


def test_a_page_that_was_opened_before_the_decision_cannot_record_another(case: Application, officer: User) -> None:
    stale = Application.objects.with_case().get(pk=case.pk)
    decide(case, officer=officer)
    with pytest.raises(NotPossibleNow):
        record_decision(stale, awards=outcomes(stale, NO, NO), by=officer)
    assert Decision.objects.count() == 1


def test_a_retracted_decision_stays_in_the_record_and_frees_the_mass(case: Application, officer: User, powder: Sample) -> None:
    decision = decide(case, officer=officer)
    retract_decision(decision, by=officer, note="Counted wrongly.")
    powder.refresh_from_db()
    assert (powder.vault_ug, powder.earmarked_ug) == (100_000, 0)
    assert Decision.objects.get().status == DecisionStatus.RETRACTED
    assert decision.history.get().note == "Counted wrongly."
    case.refresh_from_db()
    again = record_decision(case, awards=outcomes(case, NO, NO), by=officer)
    assert again.number == 2


def test_a_decision_is_not_retracted_twice(case: Application, officer: User) -> None:
    decision = decide(case, officer=officer)
    stale = Decision.objects.select_related("application").get(pk=decision.pk)
    retract_decision(decision, by=officer, note="Counted wrongly.")
    movements = Movement.objects.count()
    with pytest.raises(NotPossibleNow):
        retract_decision(stale, by=officer, note="Counted wrongly.")
    assert Movement.objects.count() == movements


def test_a_decision_in_a_confirmed_announcement_cannot_be_retracted(officer: User, powder: Sample) -> None:
    round = make_round(powder, recall_minutes=30)
    case = make_in_review(round, lines=[(powder, 10_000)])
    decision = decide(case, officer=officer)
    announce_decisions(round, by=make_user(None, Role.APPROVER), count=1)
    with pytest.raises(AlreadyPlanned, match="recall it first"):
        retract_decision(decision, by=officer, note="Counted wrongly.")
    assert Hold.objects.get().state == "earmarked"


def test_an_announced_decision_cannot_be_retracted(case: Application, officer: User) -> None:
    decision = decide(case, officer=officer)
    announce(Round.objects.get(pk=case.round_id))
    decision = Decision.objects.select_related("application").get(pk=decision.pk)
    with pytest.raises(NotPossibleNow):
        retract_decision(decision, by=officer, note="Too late.")
    assert Hold.objects.filter(state="held").count() == 2


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.WITHDRAWN, Status.APPROVED])
def test_only_an_application_in_review_is_decided(status: Status, officer: User, powder: Sample) -> None:
    case = (
        make_submitted(make_round(powder), lines=[(powder, 10_000)])
        if status == Status.SUBMITTED
        else make_in_review(make_round(powder), lines=[(powder, 10_000)])
    )
    if status == Status.WITHDRAWN:
        withdraw_application(case, by=case.owner)
    if status == Status.APPROVED:
        decide(case, officer=officer)
        announce(case.round)
    case = Application.objects.with_case().get(pk=case.pk)
    before = traces(case)
    with pytest.raises(NotPossibleNow):
        record_decision(case, awards=outcomes(case, NO), by=officer)
    assert traces(case) == before


def test_a_set_is_recorded_whole_or_not_at_all_and_names_the_one_that_stands_in_the_way(officer: User, powder: Sample) -> None:
    round = make_round(powder)
    first, second = (seen_again(case) for case in make_cases(2, round, lines=[(powder, 60_000)]))
    for case in (first, second):
        carry(case, officer=officer)
    drafts = {case: DecisionDraft(outcomes(case, GRANT), conditions_en=f"For {case.reference}.") for case in (second, first)}
    before = [traces(case) for case in (first, second)]
    with pytest.raises(SetRefused, match=rf"{second.reference} cannot be decided like this\. Only 40\.0 mg left"):
        record_decisions(drafts, by=officer)
    assert [traces(case) for case in (first, second)] == before

    drafts = {seen_again(case): DecisionDraft(outcomes(case, AwardDraft(Outcome.REDUCED, 50_000))) for case in (first, second)}
    assert [decision.application for decision in record_decisions(drafts, by=officer)] == [first, second]
    powder.refresh_from_db()
    assert (powder.vault_ug, powder.earmarked_ug) == (0, 100_000)


def test_whoever_withdraws_after_the_decision_frees_the_mass_and_waits_for_no_letter(case: Application, officer: User, powder: Sample) -> None:
    decide(case, officer=officer)
    case.refresh_from_db()
    withdraw_application(case, by=case.owner)
    powder.refresh_from_db()
    assert (powder.vault_ug, powder.earmarked_ug) == (100_000, 0)
    assert not Decision.objects.awaiting_announcement().exists()
    assert not Letter.objects.filter(kind="decision").exists()


def test_a_reserve_that_was_announced_can_be_approved_later_but_not_kept_in_reserve_again(officer: User, powder: Sample) -> None:
    case = make_in_review(make_round(powder), lines=[(powder, 10_000)])
    decide(case, officer=officer, outcome=Outcome.RESERVE)
    announce(case.round)
    case = Application.objects.with_case().get(pk=case.pk)
    assert case.status == Status.RESERVE
    before = traces(case)
    with pytest.raises(AwardImpossible, match="in reserve already"):
        record_decision(case, awards=outcomes(case, WAIT), by=officer)
    assert traces(case) == before
    case.refresh_from_db()
    assert record_decision(case, awards=outcomes(case, GRANT), by=officer).number == 2
