"""The panel's page: the order and its uncertainty, the experts' strictness, demand beside stock, the shortlist and the file."""

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from reviews.actions import declare_conflict, shortlist_application, unlist_application
from reviews.models import Conflict, Seat, Shortlisted
from reviews.tests.make import browser_of, decide, file, make_case, make_cases, make_review
from rounds.models import Round
from rounds.tests.make import make_round
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


def judged(count: int = 4, experts: int = 3) -> tuple[Round, list[Application], list[User]]:
    """Applications that all experts have judged: the first is the best; the last expert is a point stricter."""
    cases = make_cases(count)
    people = [make_user(None, Role.EXPERT) for _ in range(experts)]
    for at, case in enumerate(cases):
        for number, person in enumerate(people):
            file(make_review(case, person), max(1, 5 - at - (number == experts - 1)))
    return cases[0].round, cases, people


def numbers_in(page: str) -> list[str]:
    return re.findall(r'<tr id="(LSA-[\d-]+)"', page)


def get(user: User | None, round: Round, query: str = "", name: str = "panel") -> str:
    answer = browser_of(user).get(reverse(f"reviews:{name}", args=[round.slug]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def chair_of(round: Round) -> User:
    chair = make_user(None, Role.EXPERT)
    Seat.objects.create(round=round, user=chair, is_chair=True)
    return chair


def test_officer_and_chair_see_the_order_with_its_uncertainty() -> None:
    round, cases, _ = judged()
    for reader in (make_user(None, Role.OFFICER), chair_of(round)):
        page = get(reader, round)
        assert numbers_in(page) == [case.reference for case in cases]
        assert "90 % interval" in page
        assert 'class="strip"' in page


@pytest.mark.parametrize("name", ["panel", "panel_experts", "panel_demand", "panel_csv"])
def test_nobody_else_opens_it(name: str) -> None:
    round, _, people = judged(1)
    ended = make_user(None, Role.EXPERT)
    Seat.objects.create(round=round, user=ended, is_chair=True, ended_at=round.closes_at)
    elsewhere = make_user(None, Role.EXPERT)
    Seat.objects.create(round=make_round(), user=elsewhere, is_chair=True)
    for reader in (people[0], ended, elsewhere, make_user(None, Role.APPROVER), make_user(None, Role.ADMINISTRATOR), make_user(None)):
        assert browser_of(reader).get(reverse(f"reviews:{name}", args=[round.slug])).status_code == 403
    assert browser_of(None).get(reverse(f"reviews:{name}", args=[round.slug])).status_code == 302
    assert browser_of(make_user(None, Role.OFFICER)).get(reverse(f"reviews:{name}", args=["nowhere"])).status_code == 404


def shown_numbers(page: str) -> str:
    """The page without what differs from person to person."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|<details class="menu.*?</details>', "", page, flags=re.DOTALL)


def test_a_conflicted_reader_gets_the_page_of_a_round_without_that_application() -> None:
    """Ranks, strictness, demand and the file are those of a world in which the hidden application was never handed in."""
    round, cases, _people = judged(4)
    officer = make_user(None, Role.OFFICER)
    Conflict.objects.create(user=officer, application=cases[1])
    hidden = {name: shown_numbers(get(officer, round, name=name)) for name in ("panel", "panel_experts", "panel_demand", "panel_csv")}
    withdraw_application(Application.objects.get(pk=cases[1].pk), by=cases[1].owner)
    Conflict.objects.all().delete()
    gone = {name: shown_numbers(get(officer, round, name=name)) for name in hidden}
    assert hidden == gone
    assert cases[1].reference not in hidden["panel"]


def test_whoever_still_has_to_judge_an_application_does_not_see_it() -> None:
    round, cases, _ = judged(3)
    chair = chair_of(round)
    review = make_review(cases[0], chair)
    assert numbers_in(get(chair, round)) == [case.reference for case in cases[1:]]
    file(review, 5)
    assert cases[0].reference in numbers_in(get(chair, round))


def test_a_conflict_declared_meanwhile_hides_at_the_next_look() -> None:
    round, cases, _ = judged(3)
    chair = chair_of(round)
    review = make_review(cases[0], chair)
    file_first = numbers_in(get(chair, round))
    declare_conflict(review, by=chair, note="We wrote a paper together.")
    assert cases[0].reference not in numbers_in(get(chair, round))
    assert file_first == [case.reference for case in cases[1:]]


def test_a_review_filed_meanwhile_changes_the_table_at_the_next_look() -> None:
    round, cases, _ = judged(2)
    officer = make_user(None, Role.OFFICER)
    assert "5.0, 4.0" not in get(officer, round)
    before = get(officer, round)
    file(make_review(cases[1]), 1)
    assert get(officer, round) != before


def test_weights_change_the_order_and_wrong_ones_count_as_the_usual() -> None:
    round, _, _ = judged(2)
    officer = make_user(None, Role.OFFICER)
    first = round.criteria.first()
    assert first is not None
    usual = numbers_in(get(officer, round))
    for query in (
        f"?w{first.pk}=banana",
        f"?w{first.pk}=-1",
        f"?w{first.pk}=999999999999999999999",
        "?order=DROP",
        "?part=x",
        "?places=1e9",
        "?page=0",
        "?page=x",
    ):
        assert numbers_in(get(officer, round, query)) == usual
    everything_nothing = "&".join(f"w{criterion.pk}=0" for criterion in round.criteria.all())
    assert numbers_in(get(officer, round, f"?{everything_nothing}")) == usual
    page = get(officer, round, f"?w{first.pk}=7")
    assert 'value="7"' in page


@pytest.mark.parametrize("order", ["rank", "mean", "adjusted", "spread", "left_out", "count", "asked", "reference"])
def test_every_order_of_the_closed_list_shows_every_application(order: str) -> None:
    round, cases, _ = judged(3)
    assert sorted(numbers_in(get(make_user(None, Role.OFFICER), round, f"?order={order}"))) == [case.reference for case in cases]


def test_experts_who_disagree_are_marked() -> None:
    case = make_case()
    for score in (1, 5, 3):
        file(make_review(case), score)
    page = get(make_user(None, Role.OFFICER), case.round, "?part=disputed")
    assert numbers_in(page) == [case.reference]
    calm = make_case(make_round())
    for score in (3, 4):
        file(make_review(calm), score)
    assert numbers_in(get(make_user(None, Role.OFFICER), calm.round, "?part=disputed")) == []


def test_a_line_is_drawn_and_the_chance_to_be_within_it_said() -> None:
    round, _, _ = judged(4)
    page = get(make_user(None, Role.OFFICER), round, "?places=2")
    assert page.count('class="above-line"') == 1
    assert page.count("% within the line") == 4


def test_groups_without_a_common_expert_are_named() -> None:
    cases = make_cases(2)
    for case in cases:
        file(make_review(case), 3)
    page = get(make_user(None, Role.OFFICER), cases[0].round)
    assert "fall into 2 groups" in page
    assert "fall into 2 groups" in get(make_user(None, Role.OFFICER), cases[0].round, name="panel_experts")


def test_a_round_without_reviews_says_so_and_does_not_fail() -> None:
    case = make_case()
    officer = make_user(None, Role.OFFICER)
    assert "No review is filed yet." in get(officer, case.round)
    assert "No review is filed yet." in get(officer, case.round, name="panel_experts")
    assert "No application is in review." in get(officer, make_round())
    assert "No application is in review." in get(officer, make_round(), name="panel_demand")


def test_htmx_gets_the_table_alone() -> None:
    round, _, _ = judged(1)
    browser = browser_of(make_user(None, Role.OFFICER))
    answer = browser.get(reverse("reviews:panel", args=[round.slug]), headers={"HX-Request": "true"})
    assert answer.content.startswith(b'<div id="panel"')
    assert "HX-Request" in answer["Vary"]


def test_the_strictest_expert_stands_first() -> None:
    round, _, people = judged(4)
    page = get(make_user(None, Role.OFFICER), round, name="panel_experts")
    places = [page.index(str(person)) for person in people]
    assert places[2] < places[0]


def test_demand_is_set_beside_what_is_left_and_whole_pieces_are_counted() -> None:
    powder, clast = make_sample("CE5C0400", mass_ug=10_000), make_sample("CE5Z0101YJ", mass_ug=2_000, form="clast")
    cases = make_cases(2, make_round(powder, clast), lines=[(powder, 8_000), (clast, 2_000)])
    page = get(make_user(None, Role.OFFICER), cases[0].round, name="panel_demand")
    assert "16.0\N{NO-BREAK SPACE}mg" in page
    assert "1.6 times what is left" in page
    assert "2 times" in page


def test_the_file_holds_every_row_in_both_languages_and_no_formula() -> None:
    case = make_case(title="=HYPERLINK(1)")
    file(make_review(case), 4)
    officer = make_user(None, Role.OFFICER)
    for language in ("en", "zh-hans"):
        with override(language):
            browser = browser_of(officer)
            browser.cookies["django_language"] = language
            answer = browser.get(reverse("reviews:panel_csv", args=[case.round.slug]))
        (header, row) = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(header) == len(row)
        assert row[1] == case.reference
        assert row[2] == "'=HYPERLINK(1)"


def test_officer_and_chair_keep_a_shortlist() -> None:
    round, cases, _ = judged(2)
    chair = chair_of(round)
    url = reverse("reviews:shortlist", args=[round.slug, cases[1].reference])
    browser = browser_of(chair)
    answer = browser.post(url + "?places=1", {"take": "on"})
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/panel/?places=1#{cases[1].reference}")
    assert Shortlisted.objects.get().by == chair
    assert numbers_in(get(chair, round, "?part=shortlist")) == [cases[1].reference]
    browser.post(url, {"take": "on"})
    assert Shortlisted.objects.count() == 1
    browser_of(make_user(None, Role.OFFICER)).post(url, {"take": "off"})
    assert not Shortlisted.objects.exists()


def test_the_shortlist_is_closed_to_others_and_to_hidden_applications() -> None:
    round, cases, people = judged(1)
    url = reverse("reviews:shortlist", args=[round.slug, cases[0].reference])
    assert browser_of(people[0]).post(url, {"take": "on"}).status_code == 403
    assert browser_of(make_user(None, Role.APPROVER)).post(url, {"take": "on"}).status_code == 403
    chair = chair_of(round)
    make_review(cases[0], chair)
    assert browser_of(chair).post(url, {"take": "on"}).status_code == 404
    assert browser_of(chair).get(url).status_code == 405
    assert not Shortlisted.objects.exists()


def test_what_left_the_round_is_not_put_on_the_shortlist() -> None:
    case = make_case()
    officer = make_user(None, Role.OFFICER)
    shortlist_application(case, by=officer)
    withdraw_application(Application.objects.get(pk=case.pk), by=case.owner)
    unlist_application(case, by=officer)
    with pytest.raises(NotPossibleNow):
        shortlist_application(case, by=officer)


def test_a_recorded_decision_changes_nothing_on_the_page() -> None:
    round, cases, _ = judged(2)
    chair = chair_of(round)
    before = {name: shown_numbers(get(chair, round, name=name)) for name in ("panel", "panel_demand", "panel_csv")}
    decide(Application.objects.with_case().get(pk=cases[0].pk))
    assert {name: shown_numbers(get(chair, round, name=name)) for name in before} == before


@pytest.mark.parametrize("name", ["panel", "panel_experts", "panel_demand", "panel_csv"])
def test_more_rows_need_no_more_statements(name: str) -> None:
    counts = []
    for count in (1, 3):
        round, _, _ = judged(count)
        browser = browser_of(make_user(None, Role.OFFICER))
        browser.get(reverse(f"reviews:{name}", args=[round.slug]))
        with CaptureQueriesContext(connection) as captured:
            browser.get(reverse(f"reviews:{name}", args=[round.slug]))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 10
