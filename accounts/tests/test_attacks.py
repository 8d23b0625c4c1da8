"""Attacks on the entrance: guessing, listing accounts by time, forged forms, borrowed links (S-20, S-23, S-25, S-29)."""

import statistics
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import actions
from accounts.tests.make import make_user
from accounts.tokens import LinkTokens

pytestmark = pytest.mark.django_db
TIMES = 40
TOLERANCE = 0.010  # seconds


def attempt(email: str, password: str = "wrong", *, address: str = "203.0.113.1") -> str:
    """What a sign-in from this network address leads to."""
    client = Client(REMOTE_ADDR=address)
    answer = client.post(reverse("account_login"), {"login": email, "password": password})
    if answer.status_code == 302:
        return "in"
    return "slowed" if answer.status_code == 429 or "Too many" in answer.content.decode() else "wrong"


def took(path: str, words: dict[str, str]) -> float:
    """Seconds of this process's own work: what others do on a busy machine does not count. The check of a password is such work."""
    client = Client()
    began = time.process_time()
    client.post(path, words)
    return time.process_time() - began


# --- Listing accounts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_an_answer_takes_as_long_for_an_unknown_address_as_for_a_known_one(name: str, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    make_user("known@example.org")
    path = reverse(name)
    known, unknown = ({"login": email, "email": email, "password": "wrong"} for email in ("known@example.org", "nobody@example.org"))
    took(path, known), took(path, unknown)  # the first ones compile templates
    pairs = [(took(path, known), took(path, unknown)) for _ in range(TIMES)]  # by turns: a busy machine slows both
    assert abs(statistics.median(first - second for first, second in pairs)) < TOLERANCE


# --- Guessing -------------------------------------------------------------------------------------------------------------


def test_guesses_at_one_account_from_many_addresses_are_slowed_down_and_its_owner_gets_in_again() -> None:
    make_user("victim@example.org")
    answers = [attempt("victim@example.org", address=f"203.0.113.{number}") for number in range(20)]
    assert answers[:5] == ["wrong"] * 5
    assert set(answers[5:]) == {"slowed"}
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert attempt("victim@example.org", actions.DEMONSTRATION_PASSWORD, address="198.51.100.7") == "in"


def test_guesses_at_many_accounts_from_one_address_are_slowed_down() -> None:
    answers = [attempt(f"person{number}@example.org") for number in range(14)]
    assert answers[:10] == ["wrong"] * 10
    assert "slowed" in answers[10:]


def test_one_good_sign_in_does_not_clear_the_counter_of_its_address() -> None:
    make_user("attacker@example.org")
    for number in range(9):
        attempt(f"person{number}@example.org")
    attempt("attacker@example.org", actions.DEMONSTRATION_PASSWORD)
    assert "slowed" in [attempt(f"other{number}@example.org") for number in range(4)]


# --- Forged forms and borrowed links --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_logout", "account_reset_password", "accounts:stay", "desk:my_data"])
def test_a_form_of_another_site_is_refused(name: str) -> None:
    person = make_user()
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    words = {"login": person.email, "password": actions.DEMONSTRATION_PASSWORD, "email": person.email, "word": "erase"}
    assert client.post(reverse(name), words).status_code == 403
    assert client.post(reverse(name), words, headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_reset_link_opens_no_other_account() -> None:
    first, second = make_user(), make_user()
    token = LinkTokens().make_token(first)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(second), "key": token})
    assert Client().get(path, follow=True).context["token_fail"]


def test_the_session_of_somebody_else_that_was_planted_does_not_survive_the_sign_in(client: Client) -> None:
    attacker, person = make_user(), make_user()
    client.force_login(attacker)
    planted = client.session.session_key
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": person.email, "password": actions.DEMONSTRATION_PASSWORD})
    assert client.session.session_key != planted
    assert client.session["_auth_user_id"] == str(person.pk)
