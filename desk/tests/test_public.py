"""The start page, the rounds, the rules and health."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from applications import workflow as applications
from desk.rules import NOT_YET, WHO_IN_REVIEW, WHO_OF_MOVE
from reviews import workflow as reviews
from rounds.actions import extend_round
from rounds.tests.make import close_round, make_round

pytestmark = pytest.mark.django_db


def page(client: Client, name: str, *args: str) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def test_the_start_page_names_the_open_round_with_its_deadline(client: Client) -> None:
    assert "No round is open at the moment" in page(client, "desk:home")
    round = make_round()
    text = page(client, "desk:home")
    assert round.title_en in text
    assert "Beijing time" in text
    close_round(round)
    assert round.title_en not in page(client, "desk:home")


def test_a_round_in_preparation_is_seen_by_the_office_alone(client: Client) -> None:
    round = make_round(opens_at=timezone.now() + timedelta(days=1))
    assert client.get(reverse("desk:round", args=[round.slug])).status_code == 404
    assert round.title_en not in page(client, "desk:rounds")
    client.force_login(make_user(None, Role.ADMINISTRATOR))
    assert round.title_en in page(client, "desk:rounds")
    assert "Not open yet" in page(client, "desk:round", round.slug)


def test_the_page_of_a_round_says_what_is_offered_until_when_and_by_which_rules(client: Client) -> None:
    round = make_round(loan_months=12, signing_days=10)
    text = page(client, "desk:round", round.slug)
    for words in ("Open for applications", "CE5C0600", "Scientific question", "10 working days", "12 months", "2/3", "Start an application"):
        assert words in text, words
    close_round(round)
    closed = page(client, "desk:round", round.slug)
    assert "Start an application" not in closed
    assert "Closed" in closed


def test_an_extension_shows_its_notice_on_the_page_of_the_round(client: Client) -> None:
    round = make_round()
    assert round.closes_at is not None
    extend_round(
        round,
        closes_at=round.closes_at + timedelta(days=3),
        notice_en="The portal was out of reach.",
        notice_zh="系统曾无法访问。",
        by=make_user(None, Role.ADMINISTRATOR),
    )
    assert "The portal was out of reach." in page(client, "desk:round", round.slug)


def test_the_list_of_rounds_takes_the_same_queries_for_one_and_three(client: Client, django_assert_num_queries: object) -> None:
    make_round()
    with django_assert_num_queries(1):  # type: ignore[operator]
        page(client, "desk:rounds")
    make_round()
    make_round()
    with django_assert_num_queries(1):  # type: ignore[operator]
        page(client, "desk:rounds")


def test_every_step_of_the_tables_has_somebody_who_takes_it_on_the_rules_page(client: Client) -> None:
    assert set(WHO_OF_MOVE) == {step.name for step in applications.MOVES}
    assert set(WHO_IN_REVIEW) == {step.name for step in reviews.REVIEW_MOVES}
    text = page(client, "desk:rules")
    for step in applications.MOVES:
        assert (f">{step.label}</th>" in text) == (step.name not in NOT_YET), step.name


def test_the_portal_says_that_it_is_live_and_ready(client: Client) -> None:
    assert client.get(reverse("desk:live")).json() == {"status": "live"}
    assert client.get(reverse("desk:ready")).json() == {"status": "ready"}


def test_a_form_with_a_stale_token_gets_a_page_that_says_what_happened_to_the_text() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    response = client.post(reverse("applications:new"), {"round": "nowhere"})
    assert response.status_code == 403
    assert "What you typed stands below" in response.content.decode()
    assert ">nowhere</textarea>" in response.content.decode().replace("\n", "")
