"""Who gets which answer at which address: every named URL x every role, against a reviewed file (quality: S-02, S-64, S-65, S-67).

`access.txt` beside this file is the reviewed table. After a change that is meant: UPDATE_ACCESS=1 script/test lunarloans/tests/test_access.py,
then read the difference.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from applications.actions import ask_applicant, invite_member
from applications.models import Enquiry, Member, Part
from institutions.models import Membership
from letters.models import Mail, Sending, TextVersion
from loans.actions import make_agreements
from loans.models import Agreement, Promotion
from loans.tests.make import make_proposal, make_reserve
from lunarloans.tests.make import World, make_world
from reviews.actions import propose_awards
from reviews.models import AwardPlan, Deck, Seat, Slot
from reviews.tests.hearings import make_deck, make_meeting, make_slot
from reviews.texts import DECLINED
from rounds.tests.make import make_round

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
WRITES_ITS_OWN = ("account_", "mfa_")  # a code, a challenge or an attempt is noted when its page is asked for
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}


def named_urls(
    resolver: URLResolver | None = None, namespace: str = "", before: frozenset[str] = frozenset()
) -> Iterator[tuple[str, frozenset[str]]]:
    """Every URL name with the names of its arguments."""
    for entry in (get_resolver() if resolver is None else resolver).url_patterns:
        needed = before | frozenset(entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            yield from named_urls(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace, needed)
        elif entry.name:
            yield f"{namespace}{entry.name}", needed


def arguments(world: World) -> dict[str, dict[str, Any]]:
    """What fills the arguments of an address; the more particular name first."""
    office = {"slug": world.reviewed.slug, "reference": world.case.reference}
    heard = {"slug": world.reviewed.slug, "reference": world.heard.reference, "pk": Slot.objects.get().hearing_id}
    return {
        "applications:application": {"reference": world.case.reference},
        "applications:receipt": {"reference": world.case.reference},
        "applications:edit": {"reference": world.draft.reference, "section": "research"},
        "applications:member": {"reference": world.draft.reference, "pk": Member.objects.get(application=world.draft).pk},
        "applications:invitation": {"code": Member.objects.get(application=world.draft).code},
        "applications:questions": {"kind": "research"},
        "applications:answer": {"reference": world.case.reference, "pk": Enquiry.objects.get().pk},
        "applications:attachment": {"reference": world.draft.reference, "pk": world.draft_file.pk},
        "applications:detach": {"reference": world.draft.reference, "pk": world.draft_file.pk},
        "applications:*": {"reference": world.draft.reference, "section": "research", "number": 1},
        "reviews:check_one": {"slug": world.reviewed.slug, "reference": world.to_check.reference},
        "reviews:read_answer": {**office, "pk": Enquiry.objects.get().pk},
        "reviews:resend": {**office, "pk": Mail.objects.undelivered().get().pk},
        "reviews:letter_pdf": {"slug": world.published.slug, "number": world.letter.number},
        "reviews:letters_one": {"slug": world.published.slug, "number": world.letter.number},
        "reviews:review": {"pk": world.review.pk},
        "reviews:reading_copy": {"slug": world.reviewed.slug, "number": 1},
        "reviews:attachment": {"pk": world.review.pk, "file": world.case_file.pk},
        "reviews:case_attachment": {**office, "file": world.case_file.pk},
        "reviews:page": {"pk": world.review.pk, "upload": world.case_file.upload_id, "number": 1},
        "reviews:case_page": {**office, "upload": world.case_file.upload_id, "number": 1},
        "reviews:own_hearing": {"reference": world.heard.reference},
        "reviews:own_slides": {"reference": world.heard.reference, "pk": Deck.objects.get().pk},
        "reviews:hearing_day": heard,
        "reviews:heard": heard,
        "reviews:missed": heard,
        "reviews:departure": heard,
        "reviews:office_slides": heard,
        "reviews:slides": {"pk": world.filed.pk},
        "reviews:seat": {"slug": world.reviewed.slug, "pk": Seat.objects.get(round=world.reviewed, user=world.people["expert"]).pk},
        "reviews:proposal_line": {"slug": world.reviewed.slug, "pk": AwardPlan.objects.get().pk, "line": AwardPlan.objects.get().requests[0]},
        "reviews:*": {**office, "pk": world.review.pk, "number": world.letter.number},
        "desk:case": office,
        "desk:case_facts": office,
        "desk:case_proof": office,
        "desk:proof": {"reference": world.case.reference},
        "desk:facts": {"pk": world.review.pk},
        "desk:erase": {"pk": world.people["stranger"].pk},
        "desk:refuse_erasure": {"pk": world.people["stranger"].pk},
        "desk:letter_text*": {"word": DECLINED.word, "number": 1},
        "desk:restore_letter_text": {"word": DECLINED.word, "number": 1},
        "desk:*": {"slug": world.reviewed.slug},
        "results:office": {"slug": world.published.slug},
        "results:*": {"slug": world.published.slug},
        "rounds:*": {"slug": world.opened.slug},
        "samples:*": {"number": world.powder.number},
        "loans:*": {"reference": Agreement.objects.get().reference, "year": 2026, "slug": "reserved", "pk": Promotion.objects.get().pk},
        "loans:propose_promotion": {"slug": "reserved", "reference": Promotion.objects.get().application.reference},
        "letters:check": {"code": world.letter.check_code},
        "letters:*": {"number": world.letter.number, "code": world.letter.check_code},
        "institutions:country": {"code": "FR", "pk": "FR"},
        "institutions:end_member": {"pk": Membership.objects.get(institution=world.home, user=world.people["applicant"]).pk},
        "institutions:*": {
            "pk": world.home.pk,
            "code": "FR",
            "into": world.away.pk,
        },
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


@dataclass
class Visit:
    """One request and what is to be said of its answer."""

    method: str
    name: str
    role: str
    mark: str
    faults: list[str]


class Writes:
    """Remembers the statements that write, but for the session's own."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.split(None, 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"} and "django_session" not in sql:
            self.found.append(sql[:120])
        return execute(sql, params, many, context)


def answer(client: Client, method: str, url: str) -> tuple[HttpResponse, list[str]]:
    """One request that leaves nothing behind, and the statements by which it tried to write."""
    writes, cookies = Writes(), dict(client.cookies)
    with transaction.atomic(), connection.execute_wrapper(writes):
        response = client.get(url) if method == "GET" else client.post(url, {})
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(cookies)
    return cast(HttpResponse, response), writes.found


def mark(response: HttpResponse) -> str:
    """The status, and for a redirect whether it leads to the sign-in page."""
    if response.status_code in (301, 302):
        return "login" if "/accounts/login/" in response["Location"] else "302"
    return str(response.status_code)


def faults_of(response: HttpResponse, writes: list[str], *, method: str, name: str, role: str) -> list[str]:
    """Missing headers (S-64), pages that a cache could keep (S-67), and writing while only looking (S-65)."""
    faults = [f"{header}: {response.headers.get(header)!r}" for header, value in HEADERS.items() if value not in response.headers.get(header, "")]
    policy = response.headers.get("Content-Security-Policy", "")
    faults += [word for word in ("unsafe-inline", "unsafe-eval") if word in policy]
    if role != "public" and not {"private", "no-store"} <= {word.strip() for word in response.headers.get("Cache-Control", "").split(",")}:
        faults.append(f"Cache-Control: {response.headers.get('Cache-Control')!r}")
    if method == "GET" and not name.startswith(WRITES_ITS_OWN):
        faults += [f"writes: {sql}" for sql in writes]
    return faults


def visits(world: World) -> Iterator[Visit]:
    clients = {role: world.client(role) for role in ROLES}
    names = sorted({entry for entry in named_urls() if not entry[0].startswith("admin:")}, key=lambda entry: (entry[0], sorted(entry[1])))
    for method in ("GET", "POST"):
        for name, needed in names:
            url = reverse(name, kwargs=kwargs_of(name, needed, world))
            for role in ROLES:
                response, writes = answer(clients[role], method, url)
                yield Visit(method, name, role, mark(response), faults_of(response, writes, method=method, name=name, role=role))


@pytest.fixture
def world(db: None) -> World:
    return furnished(make_world())


def furnished(world: World) -> World:
    """With an invitation, a question of the office, a mail that came back, a hearing, a meeting, a loan, a proposed promotion and a proposal
    of awards: some addresses name one."""
    invite_member(world.draft, by=world.people["applicant"], email="invited@example.org", part=Part.READ)
    ask_applicant(world.case, by=world.people["officer"], text="Which laboratory?")
    Mail.objects.filter(key__startswith="enquiry:").update(state=Sending.FAILED, problem="550")
    slot = make_slot(world.heard, by=world.people["officer"])
    make_deck(slot)
    make_meeting(world.reviewed, members=3)
    TextVersion.objects.create(kind=DECLINED.word, number=1, **DECLINED.default.fields())
    make_agreements()
    own = {"owner": world.people["applicant"], "institution": world.home, "lines": [(world.powder, 10_000)]}
    make_proposal(make_reserve(make_round(world.powder, slug="reserved"), **own), by=world.people["officer"])
    propose_awards(world.reviewed, by=world.people["officer"], steepness=10)
    return world


def test_every_address_answers_every_role_as_reviewed_and_none_is_careless(world: World) -> None:
    lines = [f"{'':4} {'':45} " + " ".join(f"{role[:6]:>6}" for role in ROLES)]
    faults: list[str] = []
    for (method, name), group in groupby(visits(world), key=lambda visit: (visit.method, visit.name)):
        row = list(group)
        lines.append(f"{method:4} {name:45} " + " ".join(f"{visit.mark:>6}" for visit in row))
        faults += [f"{method} {name} as {visit.role}: {fault}" for visit in row for fault in visit.faults]
    if os.environ.get("UPDATE_ACCESS"):
        TABLE.write_text("\n".join(lines) + "\n")
    assert lines == TABLE.read_text().splitlines()
    assert not faults
    assert " 500" not in TABLE.read_text()


def test_the_admin_opens_to_administrators_alone(world: World) -> None:
    clients = {role: world.client(role) for role in ("public", "applicant", "officer", "curator")}
    for name, needed in sorted(set(named_urls()), key=str):
        if not name.startswith("admin:") or name in {"admin:login", "admin:logout", "admin:jsi18n"}:
            continue
        url = reverse(name, kwargs=kwargs_of(name, needed, world))
        for role, client in clients.items():
            response, _writes = answer(client, "GET", url)
            assert response.status_code in (302, 403, 404), f"{name} as {role}: {response.status_code}"


def test_there_is_a_group_for_every_role(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {"officer", "expert", "approver", "curator", "administrator"}
