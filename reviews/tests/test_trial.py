"""The dry run of rules on earlier rounds: figures, another limit, and no trace of what the reader may not know."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from accounts.tests.make import make_user
from institutions.tests.make import make_institution
from reviews.actions import pin_conflict
from reviews.tests.make import browser_of, decide, make_cases
from reviews.trial import past_rounds
from rounds.models import Round, Rule
from rounds.tests.make import close_round, make_round
from samples.models import Sample
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return make_user(None, Role.ADMINISTRATOR)


@pytest.fixture
def page(administrator: User) -> Client:
    return browser_of(administrator)


def powder() -> Sample:
    return Sample.objects.filter(number="CE5C0600").first() or make_sample("CE5C0600", mass_ug=100_000)


def past_round(count: int = 1, *, mass_ug: int = 40_000, **fields: Any) -> Round:
    round = make_round(powder())
    make_cases(count, round, lines=[(powder(), mass_ug)], **fields)
    return round


def rule_of(round: Round, code: str) -> Rule:
    rule: Rule = round.rules.get(code=code)
    return rule


def test_a_rule_that_is_off_is_tried_on_closed_rounds_and_another_figure_as_well(page: Client) -> None:
    past_round(2)
    coming = make_round(powder())
    text = page.get(f"/rounds/{coming.slug}/rules/?rule=share-panel").content.decode()
    assert text.count("is 40 % of what is left; the rule is at most 30 %") == 2
    assert "2 findings" in text
    text = page.get(f"/rounds/{coming.slug}/rules/?rule=share-panel&limit=50").content.decode()
    assert "it would have found nothing" in text
    text = page.get(f"/rounds/{coming.slug}/rules/?rule=share-panel&limit=nothing").content.decode()
    assert "2 findings" in text, "what cannot be meant is said, and the rule as it stands is tried"
    assert "Enter a number" in text
    assert not rule_of(coming, "share-panel").is_on


def test_the_round_itself_and_open_rounds_are_no_earlier_rounds(administrator: User) -> None:
    closed, still_open = past_round(), make_round(powder())
    assert past_rounds(administrator, but=closed) == []
    assert [each.round for each in past_rounds(administrator, but=still_open)] == [closed]


def test_what_is_left_is_that_of_the_closing_and_no_later_award_changes_it(administrator: User) -> None:
    round = make_round(powder())
    (case,) = make_cases(1, round, lines=[(powder(), 40_000)])
    coming = make_round(powder())
    before = [facts for _request, facts in past_rounds(administrator, but=coming)[0].lines]
    decide(case)
    (after,) = [facts for _request, facts in past_rounds(administrator, but=coming)[0].lines]
    assert before == [after]
    assert (after.left_ug, after.total_ug) == (100_000, 100_000)
    later = make_round(powder())
    close_round(later)
    assert past_rounds(administrator, but=coming)[0].round == later


def test_where_the_register_begins_later_all_that_was_taken_in_counts(administrator: User) -> None:
    round = past_round()
    dates = {"opens_at": round.opens_at, "closes_at": round.closes_at}
    Round.objects.filter(pk=round.pk).update(opens_at="2021-01-01T00:00:00Z", closes_at="2021-02-01T00:00:00Z")
    ((_request, facts),) = past_rounds(administrator, but=make_round(powder()))[0].lines
    Round.objects.filter(pk=round.pk).update(**dates)
    assert (facts.left_ug, facts.total_ug) == (100_000, 100_000)


def test_sums_are_told_once_for_a_person_and_an_institution(page: Client) -> None:
    past_round(2, owner=make_user(), institution=make_institution())
    coming = make_round(powder())
    text = page.get(f"/rounds/{coming.slug}/rules/?rule=institution-most&limit=50").content.decode()
    assert "1 finding" in text
    assert "80.0\N{NO-BREAK SPACE}mg for this institution in the round" in text
    assert "and 1 more" in text
    text = page.get(f"/rounds/{coming.slug}/rules/?rule=person-most&limit=79.9").content.decode()
    assert "80.0\N{NO-BREAK SPACE}mg for this person in the round" in text


def test_a_conflicted_administrator_sees_no_row_no_count_and_no_gap(administrator: User, page: Client) -> None:
    round = make_round(powder())
    hidden, shown = make_cases(2, round, lines=[(powder(), 40_000)])
    pin_conflict(administrator, hidden, by=make_user(None, Role.OFFICER), note="Wrote a paper together.")
    coming = make_round(powder())
    text = ""
    for query in ("", "?rule=share-panel", "?rule=institution-most&limit=1"):
        text = page.get(f"/rounds/{coming.slug}/rules/{query}").content.decode()
        assert hidden.reference not in text
        assert "2 lines" not in text
        assert "1 line" in text
    assert shown.reference in text
    pin_conflict(administrator, shown, by=make_user(None, Role.OFFICER), note="Wrote a paper together.")
    text = page.get(f"/rounds/{coming.slug}/rules/?rule=share-panel").content.decode()
    assert "No earlier round of this portal has applications yet" in text
    assert shown.reference not in text


def test_only_administrators_try_rules() -> None:
    coming = make_round(powder())
    assert browser_of(None).get(f"/rounds/{coming.slug}/rules/").status_code == 302
    for role in (Role.OFFICER, Role.APPROVER, Role.EXPERT):
        assert browser_of(make_user(None, role)).get(f"/rounds/{coming.slug}/rules/").status_code == 403
    assert browser_of(make_user(None, Role.ADMINISTRATOR)).get("/rounds/nothing/rules/").status_code == 404


def test_more_lines_need_no_more_queries(page: Client, django_assert_num_queries: Any) -> None:
    coming = make_round(powder())
    past_round(1)
    page.get(f"/rounds/{coming.slug}/rules/?rule=share-panel")
    with django_assert_num_queries(QUERIES):
        page.get(f"/rounds/{coming.slug}/rules/?rule=share-panel")
    past_round(3)
    with django_assert_num_queries(QUERIES):
        page.get(f"/rounds/{coming.slug}/rules/?rule=share-panel")


QUERIES = 11
