"""Signing up and in: what a stranger learns, how long links and sessions live, the second factor."""

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import Role, User
from accounts.tests.make import make_user, sign_in
from accounts.tokens import LinkTokens

pytestmark = pytest.mark.django_db
Committed = Callable[..., AbstractContextManager[Any]]
PASSWORD = "a moon of basalt 1"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


def sign_up(client: Client, email: str, **fields: Any) -> Any:
    words = {"email": email, "full_name": "New Person", "native_name": "", "password1": PASSWORD, "language": "en", **fields}
    return client.post(reverse("account_signup"), words)


def ask_for_reset(client: Client, email: str, **extra: Any) -> Any:
    return client.post(reverse("account_reset_password"), {"email": email}, **extra)


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def link_in(message: Any) -> str:
    found = re.search(r"http\S+/password/reset/key/\S+", message.body)
    assert found, message.body
    return found.group(0)


def set_password(client: Client, link: str, password: str = PASSWORD) -> bool:
    """Follow the link as a browser does; whether it still opened the form."""
    page = client.get(link, follow=True)
    if page.context.get("token_fail"):
        return False
    client.post(page.redirect_chain[-1][0], {"password1": password, "password2": password})
    return True


def without_tokens(answer: HttpResponse) -> tuple[int, str, list[str], str]:
    """What a stranger sees of an answer: status, target, headers, text."""
    text = re.sub(r'(nonce|value)="[^"]*"', "", answer.content.decode())
    return answer.status_code, answer.headers.get("Location", ""), sorted(answer.headers), text


# --- Signing up -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_new_person_signs_up_enters_the_code_and_is_signed_in(client: Client, committed: Committed, language: str) -> None:
    with committed(execute=True):
        sign_up(client, "new@example.org", full_name="  Kentaro\r\n  Terada ", native_name="寺田健太郎", language=language)
    person = User.objects.get(email="new@example.org")
    assert (person.full_name, person.native_name, person.language) == ("Kentaro Terada", "寺田健太郎", language)
    assert person.roles == frozenset()
    assert not is_signed_in(client)
    (message,) = mail.outbox
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", str(message.body), re.MULTILINE)
    assert code, message.body
    assert "Kentaro" not in message.body, "the words of a stranger go into nobody's mail"
    client.post(reverse("account_email_verification_sent"), {"code": code.group(1)})
    assert is_signed_in(client)


@pytest.mark.parametrize(("browser", "chosen"), [("zh-CN", "zh-hans"), ("en", "en"), ("fr", "en")])
def test_sign_up_proposes_mails_in_the_language_of_the_page(client: Client, browser: str, chosen: str) -> None:
    form = client.get(reverse("account_signup"), headers={"accept-language": browser}).context["form"]
    assert form["language"].value() == chosen


def test_a_wrong_code_opens_nothing(client: Client, committed: Committed) -> None:
    with committed(execute=True):
        sign_up(client, "new@example.org")
    for _ in range(4):
        client.post(reverse("account_email_verification_sent"), {"code": "AAAAAA"})
    assert not is_signed_in(client)


def test_signing_up_with_an_address_that_has_an_account_looks_the_same(client: Client, committed: Committed) -> None:
    make_user("known@example.org")
    closed = make_user("closed@example.org")
    actions.deactivate_person(closed, by=None)
    with committed(execute=True):
        answers = [without_tokens(sign_up(Client(), email)) for email in ("known@example.org", "closed@example.org", "new@example.org")]
    assert answers[0] == answers[1] == answers[2]
    assert len(mail.outbox) == 3


@pytest.mark.parametrize("name", ["", "   ", "\u2028\n", "x" * 201])
def test_a_name_that_is_none_is_refused_in_words(client: Client, name: str) -> None:
    answer = sign_up(client, "new@example.org", full_name=name)
    assert not User.objects.filter(email="new@example.org").exists()
    assert "full_name" in answer.context["form"].errors


@pytest.mark.parametrize("name", ["Mononym", "Ng", "O’Brien-Müller van der Berg", "毛泽东", "Nguyễn Thị Minh Khai", "محمد", "X Æ A-12", "null"])
def test_any_name_a_person_may_have_is_taken_as_it_is(client: Client, name: str) -> None:
    sign_up(client, "new@example.org", full_name=name)
    assert User.objects.get(email="new@example.org").full_name == name


def test_a_stranger_cannot_give_themselves_a_role_at_sign_up(client: Client) -> None:
    sign_up(client, "new@example.org", roles=["administrator"], groups=["5"], is_superuser="1", is_staff="1")
    person = User.objects.get(email="new@example.org")
    assert person.roles == frozenset()
    assert not person.is_staff


# --- Signing in -----------------------------------------------------------------------------------------------------------


def test_unknown_closed_and_wrong_look_the_same_at_sign_in(client: Client) -> None:
    make_user("known@example.org")
    closed = make_user("closed@example.org")
    actions.deactivate_person(closed, by=None)
    answers = set()
    for email in ("known@example.org", "closed@example.org", "nobody@example.org"):
        answer = Client().post(reverse("account_login"), {"login": email, "password": "wrong"})
        answers.add((answer.status_code, str(answer.context["form"].errors)))
    assert len(answers) == 1


def test_sign_in_does_not_care_about_capitals_in_the_address(client: Client) -> None:
    make_user("person@example.org")
    client.post(reverse("account_login"), {"login": "Person@Example.ORG", "password": actions.DEMONSTRATION_PASSWORD})
    assert is_signed_in(client)


def test_the_session_key_changes_at_sign_in_and_the_session_ends_at_sign_out(client: Client) -> None:
    person = make_user()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "before"
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    sign_in(client, person)
    assert client.session.session_key != session.session_key
    client.get(reverse("account_logout"))
    assert is_signed_in(client), "a link or a picture signs nobody out"
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example/x", "javascript:alert(1)", "/\\evil.example", "http:evil.example"])
def test_sign_in_leads_to_no_other_site(client: Client, target: str) -> None:
    person = make_user()
    answer = client.post(reverse("account_login"), {"login": person.email, "password": actions.DEMONSTRATION_PASSWORD, "next": target})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/")
    assert "evil" not in answer["Location"]


def test_many_wrong_passwords_slow_down_and_one_good_sign_in_clears_nothing_for_others(client: Client) -> None:
    make_user("victim@example.org")
    attacker = make_user("attacker@example.org")

    def guess(email: str) -> str:
        answer = Client().post(reverse("account_login"), {"login": email, "password": "wrong"})
        return "refused" if answer.status_code == 429 or "Too many" in answer.content.decode() else "wrong"

    assert [guess("victim@example.org") for _ in range(5)] == ["wrong"] * 5
    assert guess("victim@example.org") == "refused"
    sign_in(Client(), attacker)
    assert guess("victim@example.org") == "refused"


def test_a_forged_forwarded_for_header_buys_no_further_attempts(client: Client) -> None:
    make_user("victim@example.org")
    last = None
    for number in range(7):
        words = {"login": "victim@example.org", "password": "wrong"}
        last = Client(headers={"X-Forwarded-For": f"10.0.0.{number}"}).post(reverse("account_login"), words)
    assert last is not None
    assert last.status_code == 429 or "Too many" in last.content.decode()


# --- Forgotten passwords --------------------------------------------------------------------------------------------------


def test_asking_for_a_new_password_tells_nobody_whether_the_address_is_known(client: Client, committed: Committed) -> None:
    make_user("known@example.org")
    closed = make_user("closed@example.org")
    actions.deactivate_person(closed, by=None)
    with committed(execute=True):
        answers = [without_tokens(ask_for_reset(Client(), email)) for email in ("known@example.org", "closed@example.org", "nobody@example.org")]
    assert answers[0] == answers[1] == answers[2]
    assert len(mail.outbox) == 3
    assert sum("/password/reset/key/" in message.body for message in mail.outbox) == 1


def test_a_mail_server_that_is_down_stays_invisible(client: Client, committed: Committed, settings: Any) -> None:
    make_user("known@example.org")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with committed(execute=True):
        answers = [without_tokens(ask_for_reset(Client(), email)) for email in ("known@example.org", "nobody@example.org")]
    assert answers[0] == answers[1]
    assert answers[0][0] == 302


def test_a_reset_link_is_opened_by_a_mail_scanner_and_still_works_once(client: Client, committed: Committed) -> None:
    person = make_user("known@example.org")
    with committed(execute=True):
        ask_for_reset(client, person.email)
    link = link_in(mail.outbox[0])
    Client().get(link, follow=True)
    Client().get(link, follow=True)
    assert set_password(Client(), link)
    assert not set_password(Client(), link, "another moon of basalt 2")
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_reset_link_dies_after_an_hour_and_an_invitation_after_a_week() -> None:
    tokens = LinkTokens()
    person, invited = make_user(), make_user()
    invited.set_unusable_password()
    invited.save()
    begin = time.time()
    made = {user.pk: tokens.make_token(user) for user in (person, invited)}
    for later, alive in (
        (timedelta(minutes=59), (True, True)),
        (timedelta(minutes=61), (False, True)),
        (timedelta(days=6, hours=23), (False, True)),
        (timedelta(days=7, minutes=1), (False, False)),
    ):
        with time_machine.travel(begin + later.total_seconds(), tick=False):  # a bare number leaves the local zone alone
            assert tuple(tokens.check_token(user, made[user.pk]) for user in (person, invited)) == alive, later
    assert not tokens.check_token(invited, made[person.pk])


def test_a_reset_link_dies_when_the_address_changes_or_the_person_signs_in(client: Client) -> None:
    person, tokens = make_user(), LinkTokens()
    token = tokens.make_token(person)
    person.email = "moved@example.org"
    assert not tokens.check_token(person, token)
    token = tokens.make_token(person)
    person.last_login = timezone.now()
    assert not tokens.check_token(person, token)


def test_a_new_password_ends_the_other_sessions_and_is_told_to_its_owner(client: Client, committed: Committed) -> None:
    person, stolen = make_user("known@example.org"), Client()
    stolen.force_login(person)
    with committed(execute=True):
        ask_for_reset(client, person.email)
    with committed(execute=True):
        set_password(client, link_in(mail.outbox[0]))
    assert not is_signed_in(stolen)
    assert mail.outbox[-1].to == ["known@example.org"]
    assert "A new password was set" in mail.outbox[-1].body


def test_links_in_mails_lead_to_the_configured_site_whatever_the_request_claims(client: Client, committed: Committed, settings: Any) -> None:
    make_user("known@example.org")
    settings.ALLOWED_HOSTS = ["testserver", "other.example.org"]
    for headers in ({"HTTP_HOST": "evil.example"}, {"HTTP_X_FORWARDED_HOST": "evil.example"}, {"HTTP_HOST": "other.example.org"}):
        with committed(execute=True):
            answer = ask_for_reset(Client(), "known@example.org", **headers)
        assert answer.status_code in (302, 400)
    assert mail.outbox
    for message in mail.outbox:
        assert link_in(message).startswith(settings.SITE_URL + "/accounts/password/reset/key/")
        assert "evil" not in message.body


def test_a_mail_is_written_in_the_receivers_language_not_in_the_pages(client: Client, committed: Committed) -> None:
    make_user("known@example.org", language="zh-hans")
    with committed(execute=True):
        ask_for_reset(client, "known@example.org", headers={"Accept-Language": "en"})
    assert mail.outbox[0].to == ["known@example.org"]


# --- The second factor ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_who_holds_a_role_adds_a_second_factor_before_anything_else_opens(client: Client, role: Role) -> None:
    client.force_login(make_user(None, role, second_factor=False))
    for page in (reverse("desk:desk"), reverse("accounts:profile"), reverse("accounts:people"), reverse("institutions:list"), "/admin/"):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_index")), page
    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.post(reverse("set_language"), {"language": "zh-hans"}).status_code == 302
    assert client.post(reverse("account_logout")).status_code == 302


def test_a_fragment_takes_the_whole_page_along_to_the_second_factor(client: Client) -> None:
    client.force_login(make_user(None, Role.OFFICER, second_factor=False))
    answer = client.get(reverse("institutions:list"), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("mfa_index")


def test_who_holds_no_role_needs_no_second_factor(client: Client) -> None:
    client.force_login(make_user())
    assert is_signed_in(client)


def test_recovery_codes_alone_are_no_second_factor(client: Client) -> None:
    person = make_user(None, Role.OFFICER, second_factor=False)
    Authenticator.objects.create(user=person, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    client.force_login(person)
    assert client.get(reverse("institutions:list"))["Location"] == reverse("mfa_index")


def test_the_demonstration_lets_its_people_in_without(client: Client, settings: Any) -> None:
    settings.PORTAL_DEMO = True
    client.force_login(make_user(None, Role.OFFICER, second_factor=False))
    assert client.get(reverse("institutions:list")).status_code == 200


def test_a_password_alone_does_not_sign_in_who_has_a_second_factor_and_a_code_works_once(client: Client) -> None:
    person = make_user("officer@example.org", Role.OFFICER)
    words = {"login": person.email, "password": actions.DEMONSTRATION_PASSWORD}
    answer = client.post(reverse("account_login"), words)
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_signed_in(client)
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(TOTP_SECRET, counter))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert is_signed_in(client)
    thief = Client()
    thief.post(reverse("account_login"), words)
    thief.post(reverse("mfa_authenticate"), {"code": code})
    assert not is_signed_in(thief)


def test_a_new_password_by_mail_does_not_pass_the_second_factor_by(client: Client, committed: Committed) -> None:
    person = make_user("officer@example.org", Role.OFFICER)
    with committed(execute=True):
        ask_for_reset(client, person.email)
    set_password(client, link_in(mail.outbox[0]))
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert not is_signed_in(client)


# --- How long a session lasts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("roles", "minutes"), [((), 120), ((Role.OFFICER,), 30)])
def test_a_session_ends_when_nothing_is_done_in_it(client: Client, roles: tuple[Role, ...], minutes: int) -> None:
    begin = timezone.now()
    client.force_login(make_user(None, *roles))
    with time_machine.travel(begin + timedelta(minutes=minutes - 1)):
        assert is_signed_in(client)
    with time_machine.travel(begin + timedelta(minutes=2 * minutes - 2)):
        assert is_signed_in(client), "what was done in between counts"
    with time_machine.travel(begin + timedelta(minutes=3 * minutes)):
        answer = client.get(reverse("accounts:profile"))
        assert answer["Location"] == f"{reverse('account_login')}?next={reverse('accounts:profile')}"
        assert "signed out because nothing was done" in client.get(answer["Location"]).content.decode()


def test_no_session_lasts_longer_than_twelve_hours(client: Client) -> None:
    begin = timezone.now()
    sign_in(client, make_user())
    for hours in range(1, 12):
        with time_machine.travel(begin + timedelta(hours=hours)):
            assert is_signed_in(client)
    with time_machine.travel(begin + timedelta(hours=12, minutes=1)):
        assert not is_signed_in(client)


def test_reading_page_after_page_writes_nothing(client: Client, django_assert_num_queries: Any) -> None:
    client.force_login(make_user())
    for _ in range(2):
        with django_assert_num_queries(2):  # session, person with roles and second factor
            client.get(reverse("desk:contact"))
