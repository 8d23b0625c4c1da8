"""The vote's rule: at least the round's share of those present and not recused, in whole numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from accounts.models import Role
from accounts.tests.make import make_user
from applications.models import Application, Request
from applications.tests.make import make_in_review
from reviews.actions import VoteCount, VoteImpossible, enter_vote, enter_votes
from reviews.models import Vote
from reviews.tests.make import decide
from rounds.models import Round
from rounds.tests.make import make_round
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

TWO_THIRDS = Round(vote_numerator=2, vote_denominator=3)


def lines_of(application: Application) -> list[Request]:
    assert application.current is not None
    return list(application.current.requests.select_related("sample", "version__application"))


@pytest.mark.parametrize(
    ("present", "recused", "yes", "passes"),
    [
        (9, 0, 6, True),  # exactly two thirds
        (9, 0, 5, False),
        (9, 1, 6, True),  # 6 of 8
        (9, 1, 5, False),
        (9, 3, 4, True),  # exactly two thirds of those who may vote
        (9, 3, 3, False),
        (10, 0, 7, True),
        (10, 0, 6, False),  # 0.6, not rounded up
        (3, 0, 2, True),  # the third abstains and counts as present
        (3, 1, 1, False),  # one of two: the other abstains
        (3, 1, 2, True),
        (1, 0, 1, True),
        (1, 0, 0, False),
        (0, 0, 0, False),  # nobody came
        (4, 4, 0, False),  # all are recused: nobody may vote, and nothing is carried
        (1000, 1, 666, True),  # 666 of 999 is exactly two thirds
        (1000, 1, 665, False),
    ],
)
def test_two_thirds_of_those_who_may_vote_are_needed(present: int, recused: int, yes: int, passes: bool) -> None:
    assert TWO_THIRDS.is_passed_by(present=present, recused=recused, yes=yes) is passes


@given(
    some.integers(1, 12).flatmap(lambda denominator: some.tuples(some.integers(1, denominator), some.just(denominator))),
    some.integers(0, 60),
    some.integers(0, 60),
    some.integers(0, 60),
)
def test_the_rule_agrees_with_exact_fractions(share: tuple[int, int], recused: int, yes: int, others: int) -> None:
    numerator, denominator = share
    round = Round(vote_numerator=numerator, vote_denominator=denominator)
    eligible = yes + others
    expected = eligible > 0 and Fraction(yes, eligible) >= Fraction(numerator, denominator)
    assert round.is_passed_by(present=eligible + recused, recused=recused, yes=yes) is expected


@given(some.integers(0, 40), some.integers(0, 40), some.integers(0, 40))
def test_one_more_abstention_never_helps_and_one_more_recusal_never_hurts(recused: int, yes: int, others: int) -> None:
    present = recused + yes + others
    if TWO_THIRDS.is_passed_by(present=present + 1, recused=recused, yes=yes):
        assert TWO_THIRDS.is_passed_by(present=present, recused=recused, yes=yes)
    if others and TWO_THIRDS.is_passed_by(present=present, recused=recused, yes=yes):
        assert TWO_THIRDS.is_passed_by(present=present, recused=recused + 1, yes=yes)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("present", "recused", "yes", "no", "says"),
    [
        (-1, 0, 0, 0, "negative"),
        (9, -1, 6, 3, "negative"),
        (9, 0, -6, 3, "negative"),
        (9, 0, 6, -3, "negative"),
        (3, 4, 0, 0, "recused than present"),
        (9, 0, 7, 3, "more votes than members"),
        (9, 2, 7, 1, "more votes than members"),
        (0, 0, 1, 0, "more votes than members"),
    ],
)
def test_figures_that_contradict_each_other_are_refused_and_nothing_is_entered(present: int, recused: int, yes: int, no: int, says: str) -> None:
    (line,) = lines_of(make_in_review())
    with pytest.raises(VoteImpossible, match=says):
        enter_vote(line, by=make_user(None, Role.OFFICER), present=present, recused=recused, yes=yes, no=no)
    assert not Vote.objects.exists()


@pytest.mark.django_db
def test_those_who_abstain_are_counted_by_the_portal() -> None:
    (line,) = lines_of(make_in_review())
    vote = enter_vote(line, by=make_user(None, Role.OFFICER), present=9, recused=2, yes=4, no=1)
    assert (vote.eligible, vote.abstained) == (7, 2)


@pytest.mark.django_db
def test_a_second_count_corrects_the_first() -> None:
    (line,) = lines_of(make_in_review())
    officer, colleague = make_user(None, Role.OFFICER), make_user(None, Role.OFFICER)
    enter_vote(line, by=officer, present=9, recused=0, yes=9, no=0)
    enter_vote(line, by=colleague, present=9, recused=0, yes=5, no=4)
    vote = Vote.objects.get()
    assert (vote.yes, vote.no, vote.entered_by) == (5, 4, colleague)


@pytest.mark.django_db
def test_counts_of_several_samples_are_entered_together_or_not_at_all() -> None:
    powder, other = make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0400", mass_ug=100_000)
    first, second = lines_of(make_in_review(make_round(powder, other), lines=[(powder, 10_000), (other, 10_000)]))
    with pytest.raises(VoteImpossible) as refusal:
        enter_votes({first: VoteCount(9, 0, 9, 0), second: VoteCount(9, 0, 9, 1)}, by=make_user(None, Role.OFFICER))
    assert refusal.value.request == second
    assert not Vote.objects.exists()


@pytest.mark.django_db
def test_once_the_decision_is_recorded_the_votes_stand() -> None:
    application = make_in_review()
    decide(application)
    (line,) = lines_of(application)
    with pytest.raises(NotPossibleNow, match="Retract the decision"):
        enter_vote(line, by=make_user(None, Role.OFFICER), present=9, recused=0, yes=0, no=9)
    assert Vote.objects.get().yes == 8
