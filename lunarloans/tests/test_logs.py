"""The log: one event, one line, whatever a stranger sends; no secret in it; and the number that a page of an error shows."""

import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django import Settings

from accounts.tests.make import make_user
from lunarloans import logs, urls
from lunarloans.middleware import RequestLog

NASTY = 'a\r\nb\n{"event": "sign_in"}\x1b[31mred\x9b0m\u2028c\u202edesrever\x00'
LINE_ENDS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@pytest.fixture(params=[False, True], ids=["json", "readable"])
def readable(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def listen(readable: bool) -> tuple[io.StringIO, logging.Handler]:
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    handler.setFormatter(logs.formatter(readable=readable))
    logging.getLogger().addHandler(handler)
    return heard, handler


@pytest.fixture
def log(readable: bool) -> Iterator[io.StringIO]:
    heard, handler = listen(readable)
    yield heard
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines of a server's log so far."""
    heard, handler = listen(readable=False)
    yield lambda: [json.loads(line) for line in heard.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def is_one_safe_line(text: str) -> bool:
    return text.endswith("\n") and text[:-1].isprintable() and not LINE_ENDS.search(text[:-1])


def test_whatever_a_stranger_writes_makes_one_line(log: io.StringIO, readable: bool) -> None:
    structlog.get_logger("ours").warning("said", text=NASTY, many=[NASTY], inside={NASTY: NASTY})
    assert is_one_safe_line(re.sub(r"\x1b\[\d*m", "", log.getvalue()) if readable else log.getvalue())


def test_a_line_of_a_package_is_one_line_as_well(log: io.StringIO, readable: bool) -> None:
    logging.getLogger("somebody.else").warning("Bad thing: %s", NASTY)
    assert is_one_safe_line(re.sub(r"\x1b\[\d*m", "", log.getvalue()) if readable else log.getvalue())
    assert "Bad thing" in log.getvalue()


def test_an_error_with_its_traceback_is_one_line_on_a_server(lines: Callable[[], list[dict[str, Any]]]) -> None:
    for logger in (structlog.get_logger("ours"), logging.getLogger("somebody.else")):
        try:
            raise ValueError(NASTY)
        except ValueError:
            logger.exception("broken")
    assert [line["event"] for line in lines()] == ["broken", "broken"]
    assert all(line["level"] == "error" and "Traceback" in line["exception"] for line in lines())


@pytest.mark.django_db
def test_a_request_is_one_line_with_who_where_and_what(client: Client, lines: Callable[[], list[dict[str, Any]]]) -> None:
    user = make_user()
    client.force_login(user)
    client.get("/rules/", headers={"User-Agent": "Browser\r\n{}"})
    (line,) = lines()
    assert (line["event"], line["request"], line["code"], line["user_id"]) == ("request_finished", "GET /rules/", 200, user.pk)
    assert (line["ip"], line["user_agent"], line["level"]) == ("127.0.0.1", "Browser\r\n{}", "info")
    assert line["request_id"]


@pytest.mark.django_db
def test_a_path_with_line_breaks_and_escape_codes_is_one_line(client: Client, log: io.StringIO, readable: bool) -> None:
    client.get("/no-such-page%0d%0a%1b[2J%e2%80%ae/?q=%0a\x1b", headers={"User-Agent": NASTY})
    assert is_one_safe_line(re.sub(r"\x1b\[\d*m", "", log.getvalue()) if readable else log.getvalue())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/accounts/password/reset/key/3-c0ffee-abcdef/",
        "/verify/abcd-efgh/",
        "/invitations/abcd-efgh/",
        "/rules/?next=/verify/abcd-efgh/",
        "/verify/?code=abcd-efgh",
        "/verify/?digest=abcdabcd",
    ],
)
def test_what_opens_something_is_not_written_down(client: Client, lines: Callable[[], list[dict[str, Any]]], address: str) -> None:
    client.get(address)
    assert not re.search("c0ffee|abcd", json.dumps(lines()))
    assert lines()


def test_the_address_is_the_one_that_our_own_proxy_saw(settings: Settings, lines: Callable[[], list[dict[str, Any]]]) -> None:
    ask = RequestFactory(headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}, REMOTE_ADDR="10.0.0.2")
    for settings.TRUSTED_PROXIES in (0, 1, 3):
        RequestLog(lambda request: HttpResponse())(ask.get("/"))
    assert [line["ip"] for line in lines()] == ["10.0.0.2", "203.0.113.9", "10.0.0.2"]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the secret words of the plan")


urlpatterns = [*urls.urlpatterns, path("broken/", broken)]
handler500 = urls.handler500


@pytest.mark.django_db
@pytest.mark.urls("lunarloans.tests.test_logs")
def test_the_page_of_an_error_shows_the_number_of_its_line_in_the_log(lines: Callable[[], list[dict[str, Any]]]) -> None:
    answer = Client(raise_request_exception=False).get("/broken/")
    assert answer.status_code == 500
    (line,) = lines()
    assert (line["event"], line["code"], line["level"]) == ("request_failed", 500, "error")
    assert answer.content.decode().count(line["request_id"]) == 2
    assert "secret words" in line["exception"]
    assert "secret words" not in answer.content.decode()


def test_the_web_server_logs_in_the_same_form() -> None:
    command = [sys.executable, "-m", "gunicorn", "lunarloans.wsgi:no_such_name", "--bind", "127.0.0.1:0", "--no-control-socket"]
    answer = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False, timeout=120)
    said = [json.loads(line)["event"] for line in answer.stderr.splitlines() if line.startswith("{")]
    assert said[0].startswith("Starting gunicorn")
    assert said[-1] == "Reason: App failed to load."
