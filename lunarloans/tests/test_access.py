"""Who gets which answer at which address: every named URL x every role, against a reviewed file (quality: S-02, S-64, S-65, S-67).

`access.txt` beside this file is the reviewed table. After a change that is meant: UPDATE_ACCESS=1 script/test lunarloans/tests/test_access.py,
then read the difference.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from lunarloans.tests.make import World, make_world

TABLE = Path(__file__).with_name("access.txt")
ROLES = (
    "public",
    "applicant",
    "stranger",
    "expert",
    "other_expert",
    "officer",
    "tied_officer",
    "approver",
    "tied_approver",
    "curator",
    "administrator",
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}


def named_urls(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Every URL name with the names of its arguments."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from named_urls(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{namespace}{entry.name}", frozenset(entry.pattern.regex.groupindex)


def arguments(world: World) -> dict[str, dict[str, Any]]:
    """What fills the arguments of an address; the more particular name first."""
    office = {"slug": world.reviewed.slug, "reference": world.case.reference}
    return {
        "applications:application": {"reference": world.case.reference},
        "applications:receipt": {"reference": world.case.reference},
        "applications:edit": {"reference": world.draft.reference, "section": "research"},
        "applications:*": {"reference": world.draft.reference, "section": "research", "number": 1},
        "reviews:check_one": {"slug": world.reviewed.slug, "reference": world.to_check.reference},
        "reviews:letter_pdf": {"slug": world.published.slug, "number": world.letter.number},
        "reviews:review": {"pk": world.review.pk},
        "reviews:*": {**office, "pk": world.review.pk, "number": world.letter.number},
        "desk:case": office,
        "desk:*": {"slug": world.reviewed.slug},
        "results:office": {"slug": world.published.slug},
        "results:*": {"slug": world.published.slug},
        "rounds:*": {"slug": world.opened.slug},
        "samples:*": {"number": world.powder.number},
        "letters:check": {"code": world.letter.check_code},
        "letters:*": {"number": world.letter.number, "code": world.letter.check_code},
        "institutions:country": {"code": "FR", "pk": "FR"},
        "institutions:*": {"pk": world.home.pk, "code": "FR"},
        "accounts:*": {"pk": world.people["stranger"].pk},
        "account_confirm_email": {"key": "no-such-key"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        "mfa_*": {"pk": 1},
        "admin:auth_user_password_change": {"id": "1"},
        "admin:view_on_site": {"content_type_id": "1", "object_id": "1"},
        "admin:app_list": {"app_label": "accounts"},
        "admin:*": {"object_id": "1", "url": "nowhere"},
    }


def kwargs_of(name: str, needed: frozenset[str], world: World) -> dict[str, Any]:
    known = arguments(world)
    values = known.get(name) or next((values for pattern, values in known.items() if pattern.endswith("*") and name.startswith(pattern[:-1])), {})
    missing = needed - set(values)
    assert not missing, f"{name} needs {sorted(missing)}: say in arguments() what fills them"
    return {argument: values[argument] for argument in needed}


def answer(client: Client, method: str, url: str) -> HttpResponse:
    """One request that leaves nothing behind."""
    with transaction.atomic():
        response: HttpResponse = client.get(url) if method == "GET" else client.post(url, {})
        transaction.set_rollback(True)
    return response


def mark(response: HttpResponse) -> str:
    """The status, and for a redirect whether it leads to the sign-in page."""
    if response.status_code in (301, 302):
        return "login" if "/accounts/login/" in response["Location"] else "302"
    return str(response.status_code)


def rows(world: World) -> Iterator[str]:
    names = sorted({(name, needed) for name, needed in named_urls()}, key=lambda entry: (entry[0], sorted(entry[1])))
    for method in ("GET", "POST"):
        for name, needed in names:
            url = reverse(name, kwargs=kwargs_of(name, needed, world))
            marks = [mark(answer(world.client(role), method, url)) for role in ROLES]
            yield f"{method:4} {name:45} " + " ".join(f"{each:>6}" for each in marks)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_every_address_answers_every_role_as_reviewed(world: World) -> None:
    heading = f"{'':4} {'':45} " + " ".join(f"{role[:6]:>6}" for role in ROLES)
    found = "\n".join([heading, *rows(world)]) + "\n"
    if os.environ.get("UPDATE_ACCESS"):
        TABLE.write_text(found)
    assert found.splitlines() == TABLE.read_text().splitlines()


def test_no_address_answers_with_a_server_error(world: World) -> None:
    assert " 500" not in TABLE.read_text()


def test_every_answer_carries_the_security_headers(world: World) -> None:
    for role in ("public", "applicant", "administrator"):
        client = world.client(role)
        for name, needed in set(named_urls()):
            response = answer(client, "GET", reverse(name, kwargs=kwargs_of(name, needed, world)))
            for header, value in HEADERS.items():
                assert value in response.headers.get(header, ""), f"{name} for {role}: {header} is {response.headers.get(header)!r}"
            policy = response.headers["Content-Security-Policy"]
            assert "unsafe-inline" not in policy, name
            assert "unsafe-eval" not in policy, name


def test_pages_of_signed_in_people_are_never_kept_by_a_cache(world: World) -> None:
    client = world.client("applicant")
    for name in ("desk:desk", "desk:home", "applications:list", "letters:list"):
        response = answer(client, "GET", reverse(name))
        assert "no-store" in response.headers["Cache-Control"], name
        assert "private" in response.headers["Cache-Control"], name


class Writes:
    """Remembers the statements that write, but for the session's own."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.split(None, 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"} and "django_session" not in sql:
            self.found.append(sql[:120])
        return execute(sql, params, many, context)


def test_looking_changes_nothing(world: World) -> None:
    for role in ROLES:
        client = world.client(role)
        for name, needed in set(named_urls()):
            if name.startswith("admin:") or name == "set_language":
                continue
            writes = Writes()
            with connection.execute_wrapper(writes):
                answer(client, "GET", reverse(name, kwargs=kwargs_of(name, needed, world)))
            assert not [sql for sql in writes.found if "mfa_" not in sql and "cache" not in sql], f"GET {name} as {role}: {writes.found}"


def test_the_admin_opens_to_administrators_alone(world: World) -> None:
    for name, needed in set(named_urls()):
        if not name.startswith("admin:") or name in {"admin:login", "admin:logout"}:
            continue
        for role in ROLES:
            if role != "administrator":
                response = answer(world.client(role), "GET", reverse(name, kwargs=kwargs_of(name, needed, world)))
                assert response.status_code in (302, 403, 404), f"{name} as {role}: {response.status_code}"


def test_there_is_a_group_for_every_role(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {"officer", "expert", "approver", "curator", "administrator"}
