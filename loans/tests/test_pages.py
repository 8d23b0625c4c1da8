"""The pages of loans: who sees which, what they say, and what the buttons do."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from institutions.tests.make import make_institution, make_membership
from letters.models import Letter
from loans.actions import sign_agreement
from loans.models import Agreement, overdue_for
from loans.tests.make import browser_long_ago, make_agreement, make_agreements_of, seen_again, sign_words
from loans.workdays import beijing_date
from reviews.tests.make import browser_of
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db


def text(browser: Client, name: str, *args: object) -> str:
    answer = browser.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


def test_the_applicant_reads_until_when_and_how_to_sign() -> None:
    agreement = make_agreement()
    owner = browser_of(agreement.application.owner)
    page = text(owner, "loans:agreement", agreement.reference)
    assert "How to sign" in page
    assert "24:00" in page
    assert "10 working days in China" in page
    assert "Notice of the decision, letter LSL-" in page
    assert "Record the signature" not in page
    assert agreement.reference in text(owner, "loans:list")


def test_for_everybody_else_there_is_no_such_loan(officer: User) -> None:
    agreement = make_agreement()
    for role in (None, Role.EXPERT, Role.CURATOR, Role.ADMINISTRATOR):
        browser = browser_of(make_user(None, role) if role else make_user())
        assert browser.get(reverse("loans:agreement", args=[agreement.reference])).status_code == 404
        assert agreement.reference not in text(browser, "loans:list")
    sign_agreement(agreement, by=officer, **sign_words(agreement))  # type: ignore[arg-type]
    curator = browser_of(make_user(None, Role.CURATOR))
    assert agreement.reference in text(curator, "loans:list")
    assert "is signed" in text(curator, "loans:agreement", agreement.reference)
    for name in ("loans:sign", "loans:extend", "loans:lapse"):
        assert curator.get(reverse(name, args=[agreement.reference])).status_code in (302, 403)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.CURATOR])
def test_a_conflicted_person_of_the_office_sees_no_row_no_count_and_no_page(role: Role) -> None:
    home = make_institution(name_en="Home University")
    tied = make_user(None, role)
    make_membership(tied, home)
    hidden = make_agreement(institution=home, ago=60)
    browser = browser_of(tied)
    empty = text(browser_of(make_user(None, role)), "loans:list")
    assert (hidden.reference in empty) == (role is not Role.CURATOR)
    page = text(browser, "loans:list")
    assert hidden.reference not in page
    assert "There is no loan yet." in page
    assert overdue_for(tied) == []
    for name in ("loans:agreement", "loans:sign", "loans:extend"):
        assert browser.get(reverse(name, args=[hidden.reference])).status_code == 404
        assert browser.post(reverse(name, args=[hidden.reference]), {}).status_code in (404, 405)


def test_an_officer_cannot_keep_the_own_agreement(officer: User) -> None:
    agreement = make_agreement(owner=officer, ago=60)
    browser = browser_of(officer)
    assert "Record the signature" not in text(browser, "loans:agreement", agreement.reference)
    words = {"signed_on": str(agreement.due_on), "legal_representative": "A", "responsible_user": "B"}
    assert browser.post(reverse("loans:sign", args=[agreement.reference]), words).status_code == 403


def test_the_officer_records_the_signature_on_the_page_and_the_borrower_finds_the_certificate(officer: User) -> None:
    agreement = make_agreement()
    browser = browser_of(officer)
    address = reverse("loans:sign", args=[agreement.reference])
    wrong = browser.post(address, {"signed_on": str(agreement.due_on + timedelta(days=400)), "legal_representative": "A", "responsible_user": "B"})
    assert wrong.status_code == 422
    words = {"signed_on": str(beijing_date(timezone.now())), "legal_representative": "Dean Zhang", "responsible_user": "PI"}
    assert browser.post(address, words).status_code == 302
    assert browser.post(address, words).status_code == 422
    number = Letter.objects.get(kind="certificate").number
    page = text(browser_of(agreement.application.owner), "loans:agreement", agreement.reference)
    assert f"Lunar sample certificate, {number}" in page
    assert "Dean Zhang" in page
    code = Letter.objects.get(kind="certificate").check_code
    assert "certificate" in Client().get(reverse("letters:check", args=[code])).content.decode().lower()


def test_the_officer_gives_more_time_and_confirms_a_lapse(officer: User) -> None:
    first, second = make_agreements_of(make_round(), {}, {}, ago=60)
    browser = browser_of(officer)
    later = beijing_date(timezone.now()) + timedelta(days=4)
    assert browser.post(reverse("loans:extend", args=[first.reference]), {"due_on": str(later), "reason": ""}).status_code == 422
    assert browser.post(reverse("loans:extend", args=[first.reference]), {"due_on": str(later), "reason": "Travelling."}).status_code == 302
    assert "Travelling." in text(browser_of(first.application.owner), "loans:agreement", first.reference)
    assert browser.post(reverse("loans:lapse", args=[first.reference]), {"note": ""}).status_code == 422
    assert [agreement.pk for agreement in overdue_for(officer)] == [second.pk]
    assert browser.post(reverse("loans:lapse", args=[second.reference]), {"note": ""}).status_code == 302
    assert seen_again(second).is_lapsed
    assert "has lapsed" in text(browser_of(second.application.owner), "loans:agreement", second.reference)
    assert overdue_for(officer) == []


def test_a_lapse_asks_for_a_fresh_sign_in(officer: User) -> None:
    agreement = make_agreement(ago=60)
    browser = browser_long_ago(officer)
    answer = browser.post(reverse("loans:lapse", args=[agreement.reference]), {"note": ""})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert seen_again(agreement).is_open


def test_the_list_takes_the_same_queries_for_one_and_three(officer: User, django_assert_num_queries: object) -> None:
    make_agreements_of(make_round(), {})
    browser = browser_of(officer)
    browser.get(reverse("loans:list"))
    with django_assert_num_queries(3):  # type: ignore[operator]
        browser.get(reverse("loans:list"))
    make_agreements_of(make_round(), {}, {})
    assert Agreement.objects.count() == 3
    with django_assert_num_queries(3):  # type: ignore[operator]
        browser.get(reverse("loans:list"))
