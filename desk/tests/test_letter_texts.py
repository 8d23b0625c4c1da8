"""The letter editor: who opens it, previews on real and invented data, versions, and two people at once."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from desk.letter_texts import KINDS
from institutions.tests.make import make_membership
from letters.models import Letter, Mail, TextVersion
from letters.texts import Kind
from loans.actions import lapse_agreement, sign_agreement
from loans.tests.make import make_agreement, sign_words
from loans.texts import CERTIFICATE, LAPSED
from reviews.tests.make import announce, browser_of, decide, make_case
from reviews.texts import APPROVED, DECLINED
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


def url(kind: Kind = APPROVED, name: str = "letter_text", *more: int) -> str:
    return reverse(f"desk:{name}", args=[kind.word, *more])


def typed(kind: Kind = APPROVED, seen: int = 0, button: str = "save", **fields: str) -> dict[str, str]:
    return {**kind.default.fields(), "seen": str(seen), "case": "", button: "yes", **fields}


def text(content: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


def test_officers_and_administrators_edit_and_nobody_else() -> None:
    for role in Role:
        expected = 200 if role in (Role.OFFICER, Role.ADMINISTRATOR) else 403
        browser = browser_of(make_user(None, role))
        assert browser.get(reverse("desk:letter_texts")).status_code == expected
        assert browser.get(url()).status_code == expected
        assert browser.post(url(), typed(title_en=f"For {role}", seen=TextVersion.objects.count())).status_code == (302 if expected == 200 else 403)


def test_every_kind_has_its_row_and_its_page(client: Client) -> None:
    page = text(client.get(reverse("desk:letter_texts")).content)
    for kind in KINDS:
        assert str(kind.name) in page
        assert client.get(url(kind)).status_code == 200
    assert client.get(reverse("desk:letter_text", args=["no-such-kind"])).status_code == 404


def test_the_list_takes_as_many_queries_with_one_version_as_with_three(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("desk:letter_texts"))
        return len(found)

    client.post(url(), typed(title_en="One"))
    one = queries()
    client.post(url(DECLINED), typed(DECLINED, title_en="Two"))
    client.post(url(DECLINED), typed(DECLINED, seen=1, title_en="Three"))
    assert queries() == one


def test_a_saved_text_is_used_by_the_next_letter_and_older_letters_stay(client: Client) -> None:
    round = make_round(recall_minutes=0)
    first = make_case(round)
    decide(first)
    announce(round)
    old = Letter.objects.get(kind="decision")
    assert client.post(url(), typed(title_en="You may borrow {total}", title_zh="您可借用{total}")).status_code == 302
    other = make_round(recall_minutes=0)
    decide(make_case(other))
    announce(other)
    new = Letter.objects.exclude(pk=old.pk).get(kind="decision")
    assert new.title_en.startswith("You may borrow ")
    assert " mg of " in new.title_en
    old.refresh_from_db()
    assert old.title_en == "Your application is approved"


def test_an_error_names_its_place_and_keeps_what_was_typed(client: Client) -> None:
    answer = client.post(url(), typed(opening_en="Dear {nobody}, {signing_days}"))
    assert answer.status_code == 422
    page = text(answer.content)
    assert "Line 1, character 6: there is no placeholder {nobody} in this kind of letter." in page
    assert "Dear {nobody}" in answer.content.decode()
    assert not TextVersion.objects.exists()
    assert "must contain {signing_days}" in text(client.post(url(), typed(closing_zh="一。\n\n二。\n\n三。\n\n四。")).content)


def test_a_template_language_means_nothing_here(client: Client) -> None:
    for evil in ("{% load x %}", "{{ signing_days.__class__ }}", "{signing_days.__class__}", "{signing_days!r}", "{0.__init__.__globals__}"):
        answer = client.post(url(), typed(button="preview", opening_en=f"{{signing_days}} {evil}"))
        if answer.status_code == 200:  # doubled braces are signs
            assert "{ signing_days.__class__ }" in text(answer.content)
        else:
            assert answer.status_code == 422


def test_a_preview_shows_a_real_case_and_writes_nothing(client: Client) -> None:
    case = make_case(title="Helium in beads")
    decide(case)
    before = (Letter.objects.count(), Mail.objects.count())
    answer = client.post(url(), typed(button="preview", opening_en="{title}: {signing_days}", opening_zh="{title}：{signing_days}"))
    page = text(answer.content)
    assert f"With the data of {case.reference}" in page
    assert "Helium in beads: 10" in page
    assert "PREVIEW · NOT A LETTER" in page
    assert (Letter.objects.count(), Mail.objects.count(), TextVersion.objects.count()) == (*before, 0)


def test_a_certificate_is_tried_on_a_signed_loan_and_a_lapse_on_one_that_is_not(client: Client, officer: User) -> None:
    open_one = make_agreement(ago=60)
    for kind in (CERTIFICATE, LAPSED):
        page = text(client.post(url(kind), typed(kind, button="preview", opening_en="Of {agreement}", opening_zh="{agreement}")).content)
        assert (f"Of {open_one.reference}" in page) is (kind is LAPSED)
    signed = make_agreement()
    sign_agreement(signed, by=officer, **sign_words(signed))  # type: ignore[arg-type]
    lapse_agreement(open_one, by=officer)
    before = Letter.objects.count()
    for kind, agreement in ((CERTIFICATE, signed), (LAPSED, open_one)):
        page = text(client.post(url(kind), typed(kind, button="preview", opening_en="Of {agreement}", opening_zh="{agreement}")).content)
        assert f"With the data of {agreement.application.reference}" in page
        assert f"Of {agreement.reference}" in page
    assert Letter.objects.count() == before


def test_without_a_case_that_fits_the_preview_is_openly_invented(client: Client) -> None:
    page = text(client.post(url(DECLINED), typed(DECLINED, button="preview")).content)
    assert "An invented application" in page
    assert "Example University" in page
    assert "LSA-0000-00000" in page


def tie(officer: User, case: Application) -> None:
    assert case.institution is not None
    make_membership(officer, case.institution)


def test_a_case_with_a_tie_is_no_example_and_cannot_be_asked_for(client: Client, officer: User) -> None:
    case = make_case(title="Helium in beads")
    decide(case)
    tie(officer, case)
    page = text(client.post(url(), typed(button="preview")).content)
    assert "An invented application" in page
    answer = client.post(url(), typed(button="preview", case=case.reference))
    unknown = client.post(url(), typed(button="preview", case="LSA-1999-00001"))
    assert answer.status_code == unknown.status_code == 422
    assert "You see no such case" in text(answer.content)
    assert text(answer.content) == text(unknown.content)


def test_an_administrator_sees_no_case_in_a_preview() -> None:
    case = make_case(title="Helium in beads")
    decide(case)
    browser = browser_of(make_user(None, Role.ADMINISTRATOR))
    assert "An invented application" in text(browser.post(url(), typed(button="preview")).content)
    assert browser.post(url(), typed(button="preview", case=case.reference)).status_code == 422


def test_each_kind_can_be_previewed_with_a_case_or_an_example(client: Client) -> None:
    make_case()
    for kind in KINDS:
        answer = client.post(url(kind), typed(kind, button="preview"))
        assert answer.status_code == 200, kind.word
        assert "NOT A LETTER" in text(answer.content)


def test_the_preview_is_printed_as_the_letter_would_be(client: Client) -> None:
    answer = client.post(url(DECLINED, "letter_text_pdf"), typed(DECLINED))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.7")
    assert client.post(url(DECLINED, "letter_text_pdf"), typed(DECLINED, title_en="{x}")).status_code == 422


def test_the_second_of_two_sees_both_texts_and_may_save_after_that(client: Client) -> None:
    browser_of(make_user(None, Role.ADMINISTRATOR)).post(url(), typed(title_en="Their title"))
    answer = client.post(url(), typed(title_en="My title"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Their" in text(answer.content)
    assert 'value="My title"' in page
    assert 'name="seen" value="1"' in page
    assert TextVersion.objects.get().title_en == "Their title"
    assert client.post(url(), typed(seen=1, title_en="My title")).status_code == 302
    assert TextVersion.objects.get(number=2).title_en == "My title"


def test_a_version_shows_what_it_changed_and_can_be_restored(client: Client) -> None:
    client.post(url(), typed(title_en="Approved, at last"))
    client.post(url(), typed(seen=1, title_en="Approved"))
    page = client.get(url(APPROVED, "letter_text_version", 2)).content.decode()
    assert "<del>" in page
    assert ", at last" in text(page.encode())
    assert client.get(url(APPROVED, "letter_text_version", 3)).status_code == 404
    assert client.post(url(APPROVED, "restore_letter_text", 1), {"seen": "2"}).status_code == 302
    newest = TextVersion.objects.get(number=3)
    assert (newest.title_en, newest.restores) == ("Approved, at last", 1)
    client.post(url(APPROVED, "restore_letter_text", 0), {"seen": "3"})
    assert TextVersion.objects.get(number=4).wording == APPROVED.default
    client.post(url(APPROVED, "restore_letter_text", 1), {"seen": "3"})  # somebody has saved since
    assert TextVersion.objects.count() == 4
