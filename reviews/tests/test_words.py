"""The letters of hearing and decision: which kind tells of which decision, and that the words to begin with fit their gaps."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Role
from accounts.tests.make import make_user
from applications.texts import KINDS as APPLICATION_KINDS
from letters.tests.make import new_words
from letters.texts import Kind
from letters.words import as_text, cleaned
from reviews.actions import AwardDraft, record_decision
from reviews.models import Decision
from reviews.tests.make import carry, decide, make_case
from reviews.texts import APPROVED, DECLINED, KINDS, PARTLY_APPROVED, RESERVE
from reviews.words import decided, kind_of
from reviews.workflow import Outcome

ALL = (*APPLICATION_KINDS, *KINDS)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.word)
def test_the_words_that_come_with_the_portal_fit_and_fill_every_gap(kind: Kind) -> None:
    assert kind.problems(kind.default) == {}
    words = kind.write_example(kind.default)
    for language in ("en", "zh"):
        text = as_text(cleaned(words), language)
        assert "{" not in text
        assert "}" not in text


def test_no_two_kinds_share_a_word() -> None:
    assert len({kind.word for kind in ALL}) == len(ALL)


@pytest.fixture
def decision() -> Decision:
    return decide(make_case())


def decide_as(outcome: Outcome) -> Decision:
    """A decision with this outcome; less than asked for is a part of each sample."""
    application = make_case()
    if outcome != Outcome.REDUCED:
        return decide(application, outcome=outcome)
    officer = make_user(None, Role.OFFICER)
    carry(application, officer=officer)
    assert application.current is not None
    awards = {request: AwardDraft(outcome, request.mass_ug // 2) for request in application.current.requests.select_related("sample")}
    return record_decision(application, awards=awards, by=officer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "kind", "label", "words"),
    [
        (Outcome.APPROVED, APPROVED, "Approval of a loan", "is approved"),
        (Outcome.REDUCED, PARTLY_APPROVED, "Approval of a loan in part", "approved in part"),
        (Outcome.RESERVE, RESERVE, "Notice of reserve", "No sample is set aside"),
        (Outcome.DECLINED, DECLINED, "Decision not to approve", "is not approved"),
    ],
)
def test_each_outcome_has_its_own_letter(outcome: Outcome, kind: Kind, label: str, words: str) -> None:
    decision = decide_as(outcome)
    assert kind_of(decision) is kind
    letter = decided(decision)
    assert letter.kind.en == label
    text = as_text(cleaned(letter), "en")
    assert words in text
    assert ("within 10 working days" in text) is (kind in (APPROVED, PARTLY_APPROVED))
    assert ("Art. 25" in text) is (kind in (APPROVED, PARTLY_APPROVED))


@pytest.mark.django_db
def test_the_newest_version_is_used_by_the_next_letter(decision: Decision) -> None:
    new_words(APPROVED, title_en="An old title")
    new_words(APPROVED, 2, title_en="Approved: {title}", title_zh="批准：{title}")
    letter = decided(decision)
    assert decision.application.current is not None
    assert letter.title.en == f"Approved: {decision.application.current.title}"


@pytest.mark.django_db
def test_a_version_that_no_longer_fits_is_passed_over(decision: Decision) -> None:
    new_words(APPROVED, opening_en="{gone} {signing_days}")
    assert decided(decision).title == APPROVED.default.title


@pytest.mark.django_db
def test_a_version_is_written_once() -> None:
    version = new_words(DECLINED)
    for statement in ("UPDATE letters_textversion SET title_en = 'x' WHERE id = %s", "DELETE FROM letters_textversion WHERE id = %s"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [version.pk])
