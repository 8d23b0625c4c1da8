"""The settings: everything from the environment is described, a production environment raises no warning, and no number of a round hides here."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import CheckMessage
from pytest_django import Settings

from lunarloans import checks

SOURCE = settings.BASE_DIR / "lunarloans" / "settings.py"
PRODUCTION = {
    "CLAMD_SOCKET": "unix:///run/clamav/clamd.ctl",
    "DATABASE_URL": "postgres://portal:password@database:5432/portal",
    "BROKER_URL": "redis://queue:6379/0",
    "SITE_URL": "https://loans.example.org",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "TRUSTED_PROXIES": "1",
}
OF_COMPOSE_ALONE = {"POSTGRES_PASSWORD", "PORT"}


def names_read() -> dict[str, int]:
    """Every name that settings.py reads from the environment, with its line."""
    lines = enumerate(SOURCE.read_text().splitlines(), start=1)
    return {name: number for number, line in lines for name in re.findall(r'\benv\.\w+\("(\w+)"', line)}


def names_described() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z_0-9]+)=", (settings.BASE_DIR / ".env.example").read_text(), re.MULTILINE))


def run_check(**environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in {*names_read(), "DJANGO_ALLOW_ASYNC_UNSAFE"}}  # a browser test's
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=settings.BASE_DIR, env={**clean, **environment}, capture_output=True, text=True, check=False)


@pytest.fixture
def office_key(tmp_path: Path) -> dict[str, str]:
    """A key as an office would make it with openssl."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "365", "-subj", "/O=An office/CN=An office"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return {"LETTER_SIGNING_KEY": str(key), "LETTER_SIGNING_CERTIFICATE": str(certificate)}


def test_a_production_environment_raises_no_warning(office_key: dict[str, str]) -> None:
    answer = run_check(SECRET_KEY=secrets.token_urlsafe(60), **PRODUCTION, **office_key)
    assert answer.returncode == 0, answer.stderr


def test_a_real_server_without_the_offices_key_is_refused() -> None:
    answer = run_check(SECRET_KEY=secrets.token_urlsafe(60), **PRODUCTION)
    assert answer.returncode == 1
    assert "letters.E005" in answer.stderr


def test_the_samples_of_the_example_file_are_refused() -> None:
    answer = run_check(SECRET_KEY="change-me", **{**PRODUCTION, "SITE_URL": "http://loans.example.org"})
    assert answer.returncode == 1
    assert "lunarloans.E001" in answer.stderr
    assert "lunarloans.E004" in answer.stderr


def test_every_variable_that_is_read_is_described_and_every_described_one_is_read() -> None:
    assert names_described() - OF_COMPOSE_ALONE == set(names_read())


def test_the_environment_is_read_in_one_block_at_the_top() -> None:
    end = SOURCE.read_text().splitlines().index(next(line for line in SOURCE.read_text().splitlines() if line.startswith("# --- Plain Django")))
    assert {name: line for name, line in names_read().items() if line > end} == {}


def test_nothing_but_the_settings_reads_the_environment() -> None:
    allowed = {"lunarloans/settings.py", "lunarloans/celery.py", "lunarloans/wsgi.py"}
    sources = [path for app in settings.INSTALLED_APPS for path in (settings.BASE_DIR / app).rglob("*.py") if "tests" not in path.parts]
    readers = {str(path.relative_to(settings.BASE_DIR)) for path in sources if re.search(r"environ\[|environ\.get|getenv", path.read_text())}
    assert readers - allowed == set()


def test_no_number_of_a_round_is_a_setting() -> None:
    of_a_round = re.compile(r"LOAN|MONTH|SIGN(?:ING|ATURE)_|WORKING|RENEW|THRESHOLD|RECALL|VOTE|WEIGHT|CRITER")
    ours = [
        name
        for name in re.findall(r"^([A-Z][A-Z_]+)\b.*=", SOURCE.read_text(), re.MULTILINE)
        if of_a_round.search(name.removeprefix("LETTER_SIGNING_"))
    ]
    assert ours == []


@pytest.mark.parametrize(
    ("check", "changes", "expected"),
    [
        (checks.check_secret_key, {"SECRET_KEY": "change-me"}, "lunarloans.E001"),
        (checks.check_secret_key, {"SECRET_KEY": "a" * 60}, "lunarloans.E002"),
        (checks.check_secret_key, {"SECRET_KEY": "0f9a8b7c6d5e4f3a2b1c"}, "lunarloans.E002"),
        (checks.check_site_url, {"SITE_URL": "loans.example.org"}, "lunarloans.E003"),
        (checks.check_site_url, {"SITE_URL": "https://example.org/loans"}, "lunarloans.E003"),
        (checks.check_site_url, {"SITE_URL": "http://loans.example.org", "PORTAL_DEMO": False}, "lunarloans.E004"),
        (checks.check_site_url, {"SITE_URL": "http://127.0.0.1:8000", "PORTAL_DEMO": True}, None),
        (checks.check_hosts, {"ALLOWED_HOSTS": ["*"]}, "lunarloans.E005"),
        (checks.check_hosts, {"ALLOWED_HOSTS": ["other.example.org"], "SITE_URL": "https://loans.example.org"}, "lunarloans.E006"),
        (checks.check_broker, {"BROKER_URL": "filesystem://", "SQLITE": False}, "lunarloans.W008"),
        (checks.check_broker, {"BROKER_URL": "filesystem://", "SQLITE": True}, None),
        (checks.check_demonstration, {"PORTAL_DEMO": True, "SITE_URL": "https://loans.example.org"}, "lunarloans.W009"),
    ],
)
def test_what_must_hold_is_checked_with_an_id_and_a_hint(
    settings: Settings, check: Callable[..., list[CheckMessage]], changes: dict[str, Any], expected: str | None
) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    found = check(None)
    assert [message.id for message in found] == ([expected] if expected else [])
    assert all(message.hint for message in found)
