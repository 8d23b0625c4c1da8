"""The letters about a loan are written again as any other letter is."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from letters.actions import save_text
from letters.models import Letter
from letters.texts import wording_of
from loans.actions import lapse_agreement, sign_agreement
from loans.tests.make import make_agreement, sign_words
from loans.texts import CERTIFICATE
from reviews.actions import reissue_letter, revoke_with_notice
from reviews.tests.make import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


def test_a_certificate_written_again_is_the_one_that_the_loan_shows(officer: User) -> None:
    agreement = make_agreement()
    first = sign_agreement(agreement, by=officer, **sign_words(agreement))  # type: ignore[arg-type]
    save_text(CERTIFICATE, wording_of({**CERTIFICATE.default.fields(), "title_en": "Certificate, corrected"}), seen=0, by=officer)
    second = reissue_letter(first, by=officer, note="The title was wrong.")
    assert (second.title_en, second.kind, second.supersedes) == ("Certificate, corrected", "certificate", first)
    assert "Dean Zhang" in second.text_en
    page = browser_of(agreement.application.owner).get(reverse("loans:agreement", args=[agreement.reference])).content.decode()
    assert f'<dd><span class="number">{second.number}</span></dd>' in page
    assert f"Lunar sample certificate, {second.number}" in page
    assert "Superseded" in page.partition(f"Lunar sample certificate, {first.number}")[2].partition("</li>")[0]
    call_command("check_invariants")  # raises when one is broken


def test_a_letter_about_a_lapse_is_written_again_with_the_note_of_the_office(officer: User) -> None:
    agreement = make_agreement(ago=60)
    lapse_agreement(agreement, by=officer, note="Nobody answered.")
    first = Letter.objects.get(kind="lapsed")
    second = reissue_letter(first, by=officer, note="Again.")
    assert "Nobody answered." in second.text_en
    assert second.supersedes == first
    call_command("check_invariants")  # raises when one is broken


def test_a_revoked_certificate_says_so_where_the_loan_names_it(officer: User) -> None:
    agreement = make_agreement()
    certificate = sign_agreement(agreement, by=officer, **sign_words(agreement))  # type: ignore[arg-type]
    revoke_with_notice(certificate, by=officer, note="Issued by mistake.")
    page = browser_of(agreement.application.owner).get(reverse("loans:agreement", args=[agreement.reference])).content.decode()
    assert "Revoked" in page.partition(f'<span class="number">{certificate.number}</span>')[2].partition("</dd>")[0]
