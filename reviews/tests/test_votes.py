"""The page of the votes: all samples at once, figures that cannot be are named, and a recorded decision locks them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from reviews.actions import retract_decision
from reviews.models import Vote
from reviews.tests.hearings import make_meeting, make_seat, shut_out_of
from reviews.tests.make import browser_of, carry, decide, figures_in, make_case, seen_again
from rounds.tests.make import make_round
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


@pytest.fixture
def case() -> Application:
    """Asks for powder and a whole clast; ten of the committee sit, one of them recused."""
    powder, clast = make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0000YJYX129", mass_ug=197_300)
    case = make_case(make_round(powder, clast), lines=[(powder, 60_000), (clast, 197_300)])
    tied = make_seat(case.round)
    shut_out_of(tied.user, case)
    make_meeting(case.round, members=9, seats=(tied,))
    return case


def page_of(application: Application) -> str:
    return reverse("reviews:votes_one", args=[application.round.slug, application.reference])


def counted(application: Application, *counts: tuple[object, object, object, object]) -> dict[str, Any]:
    """What the page sends: present, recused, yes and no for each sample, in the page's order."""
    assert application.current is not None
    words: dict[str, Any] = {"enter": "yes"}
    for line, count in zip(application.current.requests.order_by("position"), counts, strict=True):
        words |= {f"vote{line.pk}-{name}": value for name, value in zip(("present", "recused", "yes", "no"), count, strict=True)}
    return words


def stored() -> list[tuple[int, int, int, int]]:
    return list(Vote.objects.order_by("request__position").values_list("present", "recused", "yes", "no"))


EMPTY = (10, 1, "", 0)  # as the page offers it


def test_the_votes_of_all_samples_are_entered_with_one_button(client: Client, case: Application, officer: User) -> None:
    answer = client.post(page_of(case), counted(case, (9, 0, 6, 3), (9, 1, 5, 2)), follow=True)
    page = answer.content.decode()
    assert "The votes are entered." in page
    assert page.count("Reaches the share") == 1
    assert page.count("Does not reach the share") == 1
    assert "5 of 8 who may vote; 1 abstained" in page
    assert stored() == [(9, 0, 6, 3), (9, 1, 5, 2)]
    assert {vote.entered_by for vote in Vote.objects.all()} == {officer}


def test_a_sample_without_figures_stays_without_a_vote(client: Client, case: Application) -> None:
    client.post(page_of(case), counted(case, (9, 0, 6, 3), EMPTY))
    assert stored() == [(9, 0, 6, 3)]
    assert client.get(page_of(case)).content.decode().count("Not voted on yet") == 1


def test_half_a_count_is_asked_back_and_the_other_sample_waits_with_it(client: Client, case: Application) -> None:
    answer = client.post(page_of(case), counted(case, (11, 0, 10, 1), (7, 0, "", 0)))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Yes: This field is required." in page
    assert 'value="11"' in page
    assert 'value="7"' in page
    assert stored() == []


IMPOSSIBLE: list[tuple[tuple[object, object, object, object], str]] = [
    ((3, 4, 0, 0), "More members are recused than present."),
    ((9, 0, 7, 3), "There are more votes than members who may vote."),
    ((9, 2, 8, 0), "There are more votes than members who may vote."),
    ((-1, 0, 0, 0), "Present: Ensure this value is greater than or equal to 0."),
    ((9, 0, -1, 0), "Yes: Ensure this value is greater than or equal to 0."),
    ((9, 0, 1, -1), "No: Ensure this value is greater than or equal to 0."),
    ((9, -1, 1, 0), "Recused: Ensure this value is greater than or equal to 0."),
    ((32_768, 0, 1, 0), "Present: Ensure this value is less than or equal to 1000."),
    (("six", 0, 1, 0), "Present: Enter a whole number."),
    (("6.5", 0, 1, 0), "Present: Enter a whole number."),
    ((9, "", 6, 0), "Recused: This field is required."),
]


def test_figures_that_cannot_be_are_named_and_nothing_is_entered(client: Client, case: Application) -> None:
    for count, sentence in IMPOSSIBLE:
        answer = client.post(page_of(case), counted(case, (9, 0, 6, 3), count))
        assert answer.status_code == 422, count
        assert sentence in answer.content.decode(), count
        assert stored() == [], count


def test_a_corrected_count_replaces_the_first(client: Client, case: Application) -> None:
    client.post(page_of(case), counted(case, (9, 0, 6, 3), (9, 0, 6, 3)))
    client.post(page_of(case), counted(case, (9, 0, 6, 3), (9, 0, 2, 7)))
    assert stored() == [(9, 0, 6, 3), (9, 0, 2, 7)]


def test_a_recorded_decision_locks_the_votes_until_it_is_retracted(client: Client, case: Application, officer: User) -> None:
    decision = decide(case, officer=officer)
    before = stored()
    page = client.get(page_of(case)).content.decode()
    assert "The votes stand with the decision." in page
    assert "Enter the votes" not in page
    answer = client.post(page_of(case), counted(case, (9, 0, 0, 9), (9, 0, 0, 9)))
    assert answer.status_code == 409
    assert "The decision is recorded, and the votes stand with it." in answer.content.decode()
    assert stored() == before
    retract_decision(decision, by=officer, note="The minutes say otherwise.")
    client.post(page_of(case), counted(case, (9, 0, 0, 9), (9, 0, 0, 9)))
    assert stored() == [(9, 0, 0, 9), (9, 0, 0, 9)]


def test_the_list_shows_how_many_samples_were_voted_on(client: Client, case: Application, officer: User) -> None:
    url = reverse("reviews:votes", args=[case.round.slug])
    page = client.get(url).content.decode()
    assert "An award needs at least 2/3 of those present and not recused." in page
    assert figures_in(page) == [2, 0]
    carry(seen_again(case), officer=officer)
    assert figures_in(client.get(url).content.decode()) == [2, 2]
