"""Signing in with an ORCID iD, against a real (small) server that plays orcid.org (S-27, U-27, R-32)."""

import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.orcid.views import OrcidOAuth2Adapter
from django.core import mail
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Role, User
from accounts.orcid import orcid_account, orcid_of
from accounts.tests.make import make_user, sign_in

pytestmark = pytest.mark.django_db
Committed = Callable[..., AbstractContextManager[Any]]
IDENTIFIER = "0000-0002-1825-0097"
OTHER = "0000-0001-5109-3700"
CLIENT = {"client_id": "APP-LUNAR", "secret": "very-secret"}


class Registry(ThreadingHTTPServer):
    """What orcid.org knows: who is at the screen, the codes it gave out, and how slow it is today."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.somebody = IDENTIFIER
        self.email = "josiah@example.org"
        self.codes: dict[str, dict[str, str]] = {}
        self.delay = 0.0
        self.asked = 0
        self.site = f"http://127.0.0.1:{self.server_port}"


class Desk(BaseHTTPRequestHandler):
    server: Registry

    def answer(self, status: int, content: Any, **headers: str) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/oauth/authorize" and asked["client_id"] == CLIENT["client_id"]:
            code = secrets.token_urlsafe(8)
            self.server.codes[code] = {"redirect_uri": asked["redirect_uri"], "orcid": self.server.somebody}
            self.answer(302, {}, Location=f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        elif url.path.startswith("/v3.0/"):
            name = {"given-names": {"value": "Josiah"}, "family-name": {"value": "Carberry"}}
            person = {"name": name, "emails": {"email": [{"email": self.server.email, "verified": True, "primary": True}]}}
            self.answer(200, {"orcid-identifier": {"path": url.path.split("/")[2]}, "person": person})
        else:
            self.answer(404, {})

    def do_POST(self) -> None:
        self.server.asked += 1
        time.sleep(self.server.delay)
        length = int(self.headers["Content-Length"])
        sent = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        given = self.server.codes.pop(sent["code"], None)  # a code counts once
        is_ours = (sent["client_id"], sent["client_secret"]) == (CLIENT["client_id"], CLIENT["secret"])
        if given and is_ours and given["redirect_uri"] == sent["redirect_uri"]:
            self.answer(200, {"access_token": "token", "token_type": "bearer", "orcid": given["orcid"], "name": "Josiah Carberry"})
        else:
            self.answer(400, {"error": "invalid_grant"})

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def registry(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    server = Registry()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ORCID_ON = True
    settings.SOCIALACCOUNT_PROVIDERS = {"orcid": {"APP": CLIENT}}
    monkeypatch.setattr(OrcidOAuth2Adapter, "authorize_url", f"{server.site}/oauth/authorize")
    monkeypatch.setattr(OrcidOAuth2Adapter, "access_token_url", f"{server.site}/oauth/token")
    monkeypatch.setattr(OrcidOAuth2Adapter, "profile_url", f"{server.site}/v3.0/%s/record")
    cache.clear()
    yield server
    cache.clear()
    server.shutdown()
    server.server_close()


def way_back(client: Client, process: str = "login", **words: str) -> str:
    """Press the button, sign in at orcid.org, and stop before the address that leads back is opened."""
    answer = client.post(reverse("orcid_login"), {"process": process, **words})
    assert answer.status_code == 302, answer.content
    there = requests.get(answer["Location"], allow_redirects=False, timeout=5)
    return there.headers["Location"].removeprefix("http://testserver")


def go(client: Client, process: str = "login", **words: str) -> Any:
    return client.get(way_back(client, process, **words))


def connect(client: Client, person: User) -> Any:
    sign_in(client, person)
    back = go(client, "connect", next=reverse("accounts:profile"))
    if back["Location"] == reverse("account_reauthenticate"):
        back = client.post(back["Location"], {"password": "lunar-demo"})
    return back


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


# --- Connecting and signing in --------------------------------------------------------------------------------------------


def test_a_person_connects_their_id_and_signs_in_with_it_from_then_on(client: Client, registry: Registry, committed: Committed) -> None:
    person = make_user("person@example.org", full_name="J. S. Carberry")
    with committed(execute=True):
        assert connect(client, person)["Location"] == reverse("accounts:profile")
    assert orcid_of(person) == IDENTIFIER
    assert [message.to for message in mail.outbox] == [["person@example.org"]]
    assert f'href="https://orcid.org/{IDENTIFIER}"' in client.get(reverse("accounts:profile")).content.decode()
    somewhere_else = Client()
    answer = go(somewhere_else, next="/samples/")
    assert answer["Location"] == "/samples/"
    assert is_signed_in(somewhere_else)
    person.refresh_from_db()
    assert person.full_name == "J. S. Carberry", "the record at orcid.org changes nothing here"


def test_nothing_of_the_record_is_kept_but_the_id(client: Client, registry: Registry) -> None:
    person = make_user()
    connect(client, person)
    go(Client())
    account = orcid_account(person)
    assert account is not None
    assert (account.provider, account.uid, account.extra_data) == ("orcid", IDENTIFIER, {})


def test_a_stranger_signs_up_with_an_id_and_one_mail(client: Client, registry: Registry, committed: Committed) -> None:
    answer = go(client, next="/samples/")
    assert answer["Location"] == reverse("socialaccount_signup")
    page = client.get(answer["Location"])
    assert page.context["form"]["full_name"].value() == "Josiah Carberry"
    assert not page.context["form"]["email"].value(), "an address is proven here, not there"
    assert "password" not in page.content.decode().split("<main")[1].split("</main")[0].replace("js/password", "")
    words = {"email": "new@example.org", "full_name": "Josiah Carberry", "native_name": "", "language": "en"}
    with committed(execute=True):
        client.post(reverse("socialaccount_signup"), words)
    assert not is_signed_in(client)
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", str(mail.outbox[0].body), re.MULTILINE)
    assert code
    assert client.post(reverse("account_email_verification_sent"), {"code": code[1]})["Location"] == "/samples/"
    person = User.objects.get(email="new@example.org")
    assert (orcid_of(person), person.roles) == (IDENTIFIER, frozenset())
    assert not person.awaits_password
    answer = client.post(reverse("socialaccount_connections"), {"account": str(SocialAccount.objects.get().pk)})
    assert orcid_of(person) == IDENTIFIER, "the only way in is not taken away"


def test_an_id_is_disconnected_and_signs_in_no_more(client: Client, registry: Registry) -> None:
    person = make_user()
    connect(client, person)
    client.post(reverse("socialaccount_connections"), {"account": str(SocialAccount.objects.get().pk)})
    assert orcid_of(person) == ""
    assert go(Client())["Location"] == reverse("socialaccount_signup")


def test_nobody_disconnects_the_id_of_another(client: Client, registry: Registry) -> None:
    person = make_user()
    connect(client, person)
    thief = Client()
    sign_in(thief, make_user())
    thief.post(reverse("socialaccount_connections"), {"account": str(SocialAccount.objects.get().pk)})
    assert orcid_of(person) == IDENTIFIER


def test_an_id_does_not_pass_the_second_factor_by(client: Client, registry: Registry) -> None:
    officer = make_user(None, Role.OFFICER)
    SocialAccount.objects.create(user=officer, provider="orcid", uid=IDENTIFIER)
    assert go(client)["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_signed_in(client)


def test_a_closed_account_stays_closed(client: Client, registry: Registry) -> None:
    person = make_user(is_active=False)
    SocialAccount.objects.create(user=person, provider="orcid", uid=IDENTIFIER)
    go(client)
    assert not is_signed_in(client)


# --- What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["", "forged"])
def test_a_missing_or_forged_state_is_refused(client: Client, registry: Registry, state: str) -> None:
    back = urlsplit(way_back(client))
    code = parse_qs(back.query)["code"][0]
    answer = client.get(back.path, {"code": code, **({"state": state} if state else {})})
    assert answer.status_code == 401
    assert "ORCID did not sign you in" in answer.content.decode()
    assert registry.asked == 0, "the code is not even tried"


def test_the_way_back_of_another_browser_is_refused(client: Client, registry: Registry) -> None:
    person = make_user()
    connect(Client(), person)
    stolen = way_back(Client())
    assert client.get(stolen).status_code == 401
    assert not is_signed_in(client)


def test_the_way_back_leads_in_once(client: Client, registry: Registry) -> None:
    connect(Client(), make_user())
    back = way_back(client)
    client.get(back)
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert client.get(back).status_code == 401
    assert not is_signed_in(client)


def test_a_code_that_orcid_has_seen_before_is_refused(client: Client, registry: Registry) -> None:
    back = way_back(client)
    registry.codes.clear()
    assert client.get(back).status_code == 401
    assert not SocialAccount.objects.exists()


def test_a_code_made_for_another_client_is_refused(client: Client, registry: Registry) -> None:
    back = way_back(client)
    code = parse_qs(urlsplit(back).query)["code"][0]
    registry.codes[code]["redirect_uri"] = "https://other.example/callback"
    assert client.get(back).status_code == 401


def test_an_account_with_the_same_address_is_not_joined(client: Client, registry: Registry, committed: Committed) -> None:
    person = make_user("josiah@example.org")
    assert go(client)["Location"] == reverse("socialaccount_signup")
    words = {"email": "josiah@example.org", "full_name": "Josiah Carberry", "native_name": "", "language": "en"}
    with committed(execute=True):
        client.post(reverse("socialaccount_signup"), words)
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    assert User.objects.get() == person
    assert [message.to for message in mail.outbox] == [["josiah@example.org"]]


def test_one_id_belongs_to_one_account(client: Client, registry: Registry) -> None:
    first, second = make_user(), make_user()
    connect(Client(), first)
    connect(client, second)
    assert "belongs to another account" in client.get(reverse("accounts:profile")).content.decode()
    assert (orcid_of(first), orcid_of(second)) == (IDENTIFIER, "")


def test_one_account_has_one_id(client: Client, registry: Registry) -> None:
    person = make_user()
    connect(client, person)
    registry.somebody = OTHER
    go(client, "connect")
    assert list(SocialAccount.objects.values_list("uid", flat=True)) == [IDENTIFIER]


def test_an_answer_without_a_proper_id_signs_nobody_in(client: Client, registry: Registry) -> None:
    registry.somebody = "0000"
    assert go(client).status_code == 401


def test_an_id_is_nowhere_to_be_typed(client: Client) -> None:
    person = make_user()
    sign_in(client, person)
    words = {"full_name": "A", "native_name": "", "language": "en", "time_zone": "", "orcid": IDENTIFIER, "uid": IDENTIFIER}
    client.post(reverse("accounts:profile"), words)
    assert orcid_of(person) == ""


# --- Down, slow or switched off -------------------------------------------------------------------------------------------


def test_a_slow_orcid_holds_one_page_for_a_moment_and_the_next_ones_not_at_all(client: Client, registry: Registry, settings: Settings) -> None:
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.5
    registry.delay = 30
    back, second = way_back(client), way_back(Client())
    began = time.monotonic()
    assert client.get(back).status_code == 401
    assert time.monotonic() - began < 2
    began = time.monotonic()
    for page in (reverse("account_login"), reverse("account_signup"), second):
        Client().get(page)
    assert time.monotonic() - began < 1
    assert registry.asked == 1, "nobody else waits for it"


def test_an_orcid_that_is_down_leaves_the_password(client: Client, registry: Registry) -> None:
    person = make_user()
    back = way_back(client)
    registry.shutdown()
    registry.server_close()
    answer = client.get(back)
    assert answer.status_code == 401
    assert reverse("account_login") in answer.content.decode()
    sign_in(client, person)
    assert is_signed_in(client)


def test_without_a_key_nothing_of_it_is_seen(client: Client) -> None:
    assert "orcid" not in client.get(reverse("account_login")).content.decode().lower()
    assert "orcid" not in client.get(reverse("account_signup")).content.decode().lower()
    assert client.post(reverse("orcid_login")).status_code == 404
    sign_in(client, make_user())
    assert "orcid" not in client.get(reverse("accounts:profile")).content.decode().lower()


# --- Reading --------------------------------------------------------------------------------------------------------------


def test_an_id_is_shown_as_a_mark_and_its_whole_address() -> None:
    html = render_to_string("components/orcid.html", {"orcid": IDENTIFIER})
    assert f'href="https://orcid.org/{IDENTIFIER}"' in html
    assert f">https://orcid.org/{IDENTIFIER}</a>" in " ".join(html.split()).replace("> ", ">")
    assert "<svg" in html
