"""The letters about a loan: that the words to begin with fit their gaps, that the office's own are used, and what nobody may miss in them."""

import pytest

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.texts import KINDS as APPLICATION_KINDS
from letters.models import Letter
from letters.tests.make import every_gap, new_words
from letters.texts import Kind
from letters.words import as_text, cleaned
from loans.actions import lapse_agreement, sign_agreement
from loans.models import Agreement
from loans.tests.make import make_agreement, seen_again, sign_words
from loans.texts import CERTIFICATE, KINDS, LAPSED
from loans.words import certificate, lapsed
from reviews.texts import KINDS as REVIEW_KINDS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.word)
def test_the_words_that_come_with_the_portal_fit_and_fill_every_gap(kind: Kind) -> None:
    assert kind.problems(kind.default) == {}
    words = kind.write_example(kind.default)
    for language in ("en", "zh"):
        text = as_text(cleaned(words), language)
        assert "{" not in text
        assert "}" not in text


def test_no_two_kinds_share_a_word() -> None:
    words = [kind.word for kind in (*APPLICATION_KINDS, *REVIEW_KINDS, *KINDS)]
    assert len(set(words)) == len(words)


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


def sign(agreement: Agreement, officer: User) -> Letter:
    return sign_agreement(agreement, by=officer, **sign_words(agreement))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_newest_version_is_used_by_the_next_letter_and_older_letters_stay(officer: User) -> None:
    before = sign(make_agreement(), officer)
    new_words(CERTIFICATE, title_en="An old title")
    new_words(CERTIFICATE, 2, title_en="Certificate of {agreement}", title_zh="{agreement} 证书")
    agreement = make_agreement()
    after = sign(agreement, officer)
    before.refresh_from_db()
    assert before.title_en == "Lunar sample certificate"
    assert (after.title_en, after.title_zh) == (f"Certificate of {agreement.reference}", f"{agreement.reference} 证书")


@pytest.mark.django_db
def test_the_letter_of_a_lapse_is_written_in_the_words_of_the_office(officer: User) -> None:
    new_words(LAPSED, title_en="Lapsed: {title}", title_zh="失效：{title}")
    agreement = make_agreement(ago=60)
    lapse_agreement(agreement, by=officer)
    assert agreement.application.current is not None
    assert Letter.objects.get(kind="lapsed").title_en == f"Lapsed: {agreement.application.current.title}"


@pytest.mark.django_db
def test_a_version_that_no_longer_fits_is_passed_over(officer: User) -> None:
    new_words(CERTIFICATE, opening_en="{gone}")
    assert sign(make_agreement(), officer).title_en == "Lunar sample certificate"


@pytest.mark.django_db
def test_every_placeholder_of_a_kind_is_filled_from_a_real_loan(officer: User) -> None:
    agreement = make_agreement()
    new_words(LAPSED, 1, **every_gap(LAPSED))
    new_words(CERTIFICATE, 1, **every_gap(CERTIFICATE))
    said = as_text(cleaned(lapsed(agreement, note="")), "en")
    assert f"agreement = {agreement.reference}; sign_by = " in said
    sign(agreement, officer)
    said = as_text(cleaned(certificate(seen_again(agreement))), "en")
    for filled in ("legal_representative = Dean Zhang", "total = 10.0 mg of 1 sample", "loan_months = 12", "duration_article = Art. 17"):
        assert filled in said, filled


@pytest.mark.django_db
def test_both_letters_say_which_samples_how_much_and_of_which_loan(officer: User) -> None:
    signed, gone = make_agreement(), make_agreement(ago=60)
    letter = sign(signed, officer)
    for language, lender in (("en", "China National Space Administration"), ("zh", "国家航天局")):
        text = letter.text_en if language == "en" else letter.text_zh
        for said in (lender, "CE5C0600", "10.0", signed.reference):
            assert said in text, said
    words = cleaned(lapsed(gone, note=""))
    for language in ("en", "zh"):
        text = as_text(words, language)
        for said in ("CE5C0600", "10.0", gone.reference, str(gone.due_on.year)):
            assert said in text, said
