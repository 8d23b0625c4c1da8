"""Words that would like to be more than words, names that would like to be columns, and a server that dies while it takes an application in."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from accounts.tests.make import make_user
from applications.actions import revise_application, submit_application
from applications.models import Application, Receipt, Version
from applications.questions import Kind, parts_of
from applications.tests.make import form_words, make_draft, the_draft
from applications.workflow import Status
from institutions.tests.make import make_institution
from letters.models import Letter, Mail
from reviews.tests.make import make_review
from rounds.tests.make import close_round

pytestmark = pytest.mark.django_db
EVIL = '<img src=x onerror=alert(1)>{{7*7}}{% load x %}[a](https://evil.example)<svg/onload=1 hx-get="/x" data-hx-post="/y" style="x:y" srcset=z>'
FREE = [question.name for part in parts_of("research").values() for question in part.questions if question.kind in (Kind.LINE, Kind.TEXT)]


def hostile_application() -> Application:
    application = make_draft(institution=make_institution(name_en="Institute <b>bold</b> {{7*7}}"))
    revise_application(the_draft(application), by=application.owner, seen_revision=99, **dict.fromkeys(FREE, EVIL))
    return application


def assert_only_words(page: str, address: str) -> None:
    assert "<img src=x" not in page, address
    assert "<svg/onload" not in page, address
    assert "<b>bold" not in page, address
    assert 'href="https://evil.example' not in page, address
    assert "49{%" not in page, address


def test_markup_in_every_answer_stays_words_on_every_page_that_shows_it(client: Client) -> None:
    application = hostile_application()
    client.force_login(application.owner)
    names = [("application", ()), ("check", ()), *(("edit", (part,)) for part in parts_of("research")), ("earlier", ("research",)), ("team", ())]
    for name, more in names:
        address = reverse(f"applications:{name}", args=[application.reference, *more])
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert_only_words(answer.content.decode(), address)
    submit_application(application, by=application.owner, key=uuid4())
    for address in (reverse("applications:receipt", args=[application.reference]), reverse("applications:list"), reverse("desk:desk")):
        assert_only_words(client.get(address).content.decode(), address)
    letter = Letter.objects.get(reference=application.reference)
    assert_only_words(letter.html, "the letter")
    assert "&lt;img src=x" in letter.html
    mail = Mail.objects.get(letter=letter)
    assert "\n" not in mail.subject
    close_round(application.round)
    case = Application.objects.with_case().get(pk=application.pk)
    case.advance(next(step for step in Application.moves if step.name == "accept"), by=None)
    officer, expert = make_user(None, Role.OFFICER), make_user(None, Role.EXPERT)
    review = make_review(Application.objects.with_case().get(pk=application.pk), expert)
    for user, address in (
        (officer, reverse("desk:case", args=[application.round.slug, application.reference])),
        (officer, reverse("reviews:check_one", args=[application.round.slug, application.reference])),
        (expert, reverse("reviews:review", args=[review.pk])),
    ):
        client.force_login(user)
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert_only_words(answer.content.decode(), address)


@pytest.mark.parametrize(
    "name",
    [
        "status",
        "answers__plan",
        "plan__gt",
        "line-CE5C0600-mass__gt",
        "line-'; drop table--mass",
        "revision",
        "submitted_at",
        "base-plan",
        "owner_id",
    ],
)
def test_a_name_that_the_form_does_not_have_writes_nothing(client: Client, name: str) -> None:
    application = make_draft()
    before = Version.objects.values().get(application=application)
    client.force_login(application.owner)
    answer = client.post(reverse("applications:edit", args=[application.reference, "research"]), form_words(application, "research") | {name: "1"})
    assert answer.status_code in (302, 409)
    assert Version.objects.values().get(application=application) == before


@pytest.mark.parametrize("query", ["?after=' OR 1=1 --", "?after[$ne]=1", "?after=\x00", "?owner=1&status__in=draft", "?after=" + "9" * 5_000])
def test_a_tricky_address_shows_ones_own_list_only(client: Client, query: str) -> None:
    make_draft(title="Somebody else's")
    application = make_draft(title="Mine")
    client.force_login(application.owner)
    answer = client.get(reverse("applications:list") + query)
    assert answer.status_code in (200, 400)
    assert "Somebody else's" not in answer.content.decode()


def test_nul_and_lone_surrogates_cost_nobody_a_word(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    words = form_words(application, "research", plan="before\x00after\u2028line")
    client.post(reverse("applications:edit", args=[application.reference, "research"]), words)
    assert the_draft(application).plan == "beforeafter\u2028line"
    revise_application(the_draft(application), by=application.owner, seen_revision=99, plan="x\ud800y")
    assert the_draft(application).plan == "xy"


class Died(BaseException):
    """The process is gone: nothing of it runs any more, no handler catches it."""


def dying_at(number: int) -> Callable[..., Any]:
    """Lets `number` statements pass; the next one never happens."""
    seen = 0

    def guard(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        if sql.split(maxsplit=1)[0] not in {"SAVEPOINT", "RELEASE", "ROLLBACK"}:
            seen += 1
            if seen > number:
                raise Died
        return execute(sql, params, many, context)

    return guard


@pytest.mark.django_db(transaction=True)
def test_a_server_that_dies_at_any_statement_of_a_submission_has_stored_all_or_nothing() -> None:
    number = 0
    while True:
        application = make_draft()
        key = uuid4()
        try:
            with connection.execute_wrapper(dying_at(number)):
                submit_application(application, by=application.owner, key=key)
        except Died:
            connection.close()  # as the database sees a dead client
            application.refresh_from_db()
            letters = Letter.objects.filter(reference=application.reference)
            assert (application.status, application.current, letters.count()) == (Status.DRAFT, None, 0), number
            assert not Receipt.objects.filter(key=key).exists()
            receipt = submit_application(application, by=application.owner, key=key)  # the same button, pressed again
            assert (receipt.key, letters.count()) == (key, 1)
            number += 1
        else:
            break
    assert number >= 15, "the submission has that many statements at least"


@pytest.mark.parametrize("address", ["/samples/?q=%00", "/institutions/search/?q=a%00", "/verify/%00abc/", "/invitations/a%00b/", "/people/?q=%00"])
def test_a_nul_in_an_address_is_a_bad_request_and_no_error(client: Client, address: str) -> None:
    client.force_login(make_user(None, Role.ADMINISTRATOR))
    assert client.get(address).status_code == 400
