"""The end of a session: warned of before, nothing typed is lost in it, and it leads back to where one was (S-26, U-08, U-09)."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import kept
from accounts.actions import DEMONSTRATION_PASSWORD, deactivate_person
from accounts.jobs import clear_sessions
from accounts.models import Role, User
from accounts.tests.make import make_user, sign_in

pytestmark = pytest.mark.django_db
FORM = "/long-form/"
TEXT = "Olivine & “glass” <script>alert(1)</script> 玻璃"


@pytest.fixture(autouse=True)
def long_form(settings: Settings) -> None:
    settings.ROOT_URLCONF = "accounts.tests.kept_urls"


def sign_in_again(client: Client, user: User, page: str) -> Any:
    words = {"login": user.email, "password": DEMONSTRATION_PASSWORD, "next": page}
    return client.post(reverse("account_login"), words)


def shown(client: Client, page: str = FORM) -> str:
    return client.get(page).content.decode()


# --- What was typed is kept -----------------------------------------------------------------------------------------------


def test_a_form_that_comes_after_the_session_ended_waits_until_its_person_has_signed_in_again(client: Client) -> None:
    person, begin = make_user(), timezone.now()
    sign_in(client, person)
    with time_machine.travel(begin + timedelta(hours=2, minutes=1)):
        answer = client.post(FORM, {"text": TEXT, "choice": ["a", "b"], "password": "secret", "new_password1": "x", "csrfmiddlewaretoken": "y"})
        assert answer["Location"] == f"{reverse('account_login')}?next={FORM}"
        page = client.get(answer["Location"]).content.decode()
        assert "What you typed is kept" in page
        assert sign_in_again(client, person, FORM)["Location"] == FORM
        assert shown(client) == "kept " + str({"text": [TEXT], "choice": ["a", "b"]})
        assert shown(client) == "kept None", "it is handed over once"
        assert Session.objects.count() == 1


def test_a_form_of_a_browser_whose_session_is_gone_altogether_is_kept_as_well(client: Client) -> None:
    person = make_user()
    client.post(FORM, {"text": "one"})
    client.post(FORM, {"text": "two"})
    client.post("/other-form/", {"text": "three"})
    sign_in_again(client, person, FORM)
    assert shown(client) == "kept {'text': ['two']}", "the newest of a page"
    assert shown(client, "/other-form/") == "kept {'text': ['three']}"


def test_the_text_survives_the_second_factor(client: Client) -> None:
    officer = make_user("officer@example.org", Role.OFFICER)
    client.post(FORM, {"text": TEXT})
    assert sign_in_again(client, officer, FORM)["Location"].startswith(reverse("mfa_authenticate"))
    code = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", next(iter(yield_hotp_counters_from_time()))))
    answer = client.post(reverse("mfa_authenticate"), {"code": code})
    assert answer["Location"] == FORM
    assert "Olivine" in shown(client)


def test_the_text_of_one_person_is_not_handed_to_the_next_at_the_same_browser(client: Client) -> None:
    first, second, begin = make_user(), make_user(), timezone.now()
    sign_in(client, first)
    with time_machine.travel(begin + timedelta(hours=3)):
        client.post(FORM, {"text": TEXT})
        sign_in_again(client, second, FORM)
        assert shown(client) == "kept None"


def test_kept_text_is_forgotten_after_two_hours(client: Client) -> None:
    person, begin = make_user(), timezone.now()
    client.post(FORM, {"text": TEXT})
    with time_machine.travel(begin + timedelta(hours=2, minutes=1)):
        sign_in_again(client, person, FORM)
        assert shown(client) == "kept None"


def test_a_text_too_long_to_be_kept_is_shown_for_copying(client: Client) -> None:
    answer = client.post(FORM, {"text": TEXT + "x" * kept.LONGEST, "password": "secret"})
    assert answer.status_code == 413
    page = answer.content.decode()
    assert "Olivine &amp; “glass” &lt;script&gt;" in page
    assert "secret" not in page
    assert kept.KEPT not in client.session


def test_many_texts_are_kept_as_far_as_they_fit_and_the_oldest_goes_first(client: Client) -> None:
    person = make_user()
    client.post(FORM, {"text": "x" * 200_000})
    client.post("/other-form/", {"text": "y" * 200_000})
    sign_in_again(client, person, FORM)
    assert shown(client) == "kept None"
    assert "yyy" in shown(client, "/other-form/")


def test_nobody_fills_the_database_with_kept_texts(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"keep_text": "2/h/ip"}
    answers = [Client().post(FORM, {"text": "x"}).status_code for _ in range(3)]
    assert answers == [302, 302, 413]


def test_a_fragment_of_a_page_is_kept_under_the_page(client: Client) -> None:
    person = make_user()
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{FORM}?from=check"}
    answer = client.post("/other-form/", {"text": "typed"}, headers=headers)
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next=/long-form/%3Ffrom%3Dcheck"
    sign_in_again(client, person, FORM)
    assert shown(client) == "kept {'text': ['typed']}"


def test_a_fragment_cannot_name_a_page_elsewhere(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/long-form/"}
    assert client.post("/other-form/", {"text": "x"}, headers=headers)["HX-Redirect"] == f"{reverse('account_login')}?next=/other-form/"


def test_a_form_from_another_site_is_neither_kept_nor_shown() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(FORM, {"text": TEXT}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Olivine" not in answer.content.decode()
    assert not Session.objects.exists()


def test_another_form_that_comes_too_late_leads_to_sign_in_and_then_to_the_desk(client: Client) -> None:
    begin = timezone.now()
    sign_in(client, make_user(full_name="Before"))
    with time_machine.travel(begin + timedelta(hours=3)):
        answer = client.post(reverse("accounts:profile"), {"full_name": "After", "language": "en"})
    assert answer["Location"] == f"{reverse('account_login')}?next={reverse('desk:desk')}"
    assert User.objects.get().full_name == "Before"


def test_a_form_with_a_stale_token_shows_its_text_escaped_and_without_secrets() -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, make_user())
    client.force_login(User.objects.get())
    words = {"full_name": TEXT, "csrfmiddlewaretoken": "a" * 64, "password": "secret", "empty": ""}
    answer = client.post(reverse("accounts:profile"), words, headers={"Referer": "http://testserver/accounts/profile/?x=1"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Olivine &amp; “glass” &lt;script&gt;alert(1)&lt;/script&gt; 玻璃" in page
    assert 'href="http://testserver/accounts/profile/?x=1"' in page
    assert "secret" not in page
    assert "aaaa" not in page
    assert ">Full name<" in page
    assert ">Empty<" not in page


def test_sessions_that_are_over_are_cleared_with_the_texts_in_them(client: Client) -> None:
    client.post(FORM, {"text": TEXT})
    clear_sessions()
    assert Session.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=2, minutes=1)):
        clear_sessions()
    assert not Session.objects.exists()


# --- The warning ----------------------------------------------------------------------------------------------------------


def seconds(client: Client, method: str = "get") -> int:
    return int(json.loads(getattr(client, method)(reverse("accounts:stay")).content)["seconds"])


def test_asking_how_long_the_session_lasts_does_not_lengthen_it_and_saying_so_does(client: Client) -> None:
    begin = timezone.now()
    sign_in(client, make_user())
    with time_machine.travel(begin + timedelta(minutes=116)):
        assert 200 < seconds(client) <= 240
        assert 200 < seconds(client) <= 240
        assert 7190 < seconds(client, "post") <= 7200
    with time_machine.travel(begin + timedelta(minutes=235)):
        assert 0 < seconds(client) <= 60
    with time_machine.travel(begin + timedelta(minutes=237)):
        assert seconds(client) == 0
        assert seconds(client, "post") == 0, "a session that is over stays over"
        assert client.get(FORM)["Location"].startswith(reverse("account_login"))


def test_nobody_stays_longer_than_half_a_day(client: Client) -> None:
    begin = timezone.now()
    sign_in(client, make_user())
    for hours in range(1, 12):
        with time_machine.travel(begin + timedelta(hours=hours)):
            seconds(client, "post")
    with time_machine.travel(begin + timedelta(hours=11, minutes=58)):
        assert 0 < seconds(client, "post") <= 120


def test_a_stranger_has_no_session_to_lengthen(client: Client) -> None:
    assert client.post(reverse("accounts:stay")).json() == {"seconds": 0}
    assert not Session.objects.exists()


def test_a_page_says_how_long_its_session_lasts_and_a_public_page_says_nothing(client: Client) -> None:
    assert "data-session-seconds" not in client.get(reverse("desk:help")).content.decode()
    client.force_login(make_user(None, Role.OFFICER))
    found = re.search(r'data-session-seconds="(\d+)"', client.get(reverse("desk:help")).content.decode())
    assert found
    assert 1730 <= int(found[1]) <= 1800


def test_the_account_of_somebody_who_is_deactivated_is_over_with_the_next_request(client: Client) -> None:
    person = make_user()
    sign_in(client, person)
    deactivate_person(person, by=None)
    assert client.get(FORM)["Location"].startswith(reverse("account_login"))
    assert seconds(client) == 0
