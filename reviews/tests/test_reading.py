"""Applications for reading offline: only what is open for this expert, the name on every page, an outline (quality: U-41)."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Role, User
from accounts.tests.make import make_user
from letters.words import as_text
from reviews.actions import declare_conflict
from reviews.models import Review
from reviews.reading import AT_ONCE, copies_of, copy_for, words_of
from reviews.tests.make import browser_of, make_case, make_cases, make_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert() -> User:
    return make_user(None, Role.EXPERT, full_name="Expert Amber")


def test_a_round_is_told_in_copies_of_a_few_and_no_application_is_in_two(expert: User) -> None:
    for application in make_cases(AT_ONCE + 2):
        make_review(application, expert)
    rows = list(Review.objects.visible_to(expert).for_list())
    one, two = copies_of(rows)
    assert [(copy.number, copy.first, copy.last) for copy in (one, two)] == [(1, 1, AT_ONCE), (2, AT_ONCE + 1, AT_ONCE + 2)]
    assert [review.pk for copy in (one, two) for review in copy.reviews] == sorted(row.pk for row in rows)


def test_only_what_has_opened_without_a_conflict_is_in_a_copy(expert: User) -> None:
    opened, shut, tied, elses = make_cases(4)
    make_review(opened, expert)
    make_review(shut, expert, is_open=False)
    declare_conflict(make_review(tied, expert), by=expert, note="My former student.")
    make_review(elses)
    copy = copy_for(expert, opened.round, 1)
    assert copy is not None
    assert [review.application for review in copy.reviews] == [opened]
    assert copy_for(expert, opened.round, 2) is None
    assert copy_for(make_user(None, Role.EXPERT), opened.round, 1) is None


def test_a_copy_says_what_the_review_page_says(expert: User) -> None:
    review = make_review(make_case(plan="We melt nothing."), expert)
    copy = copy_for(expert, review.application.round, 1)
    assert copy is not None
    (words,) = words_of(copy)
    english = as_text(words, "en")
    for said in (review.application.reference, "We melt nothing.", "CE5C0600", str(review.application.owner)):
        assert said in english, said


def test_the_number_of_statements_does_not_grow(expert: User) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            copy = copy_for(expert, cases[0].round, 1)
            assert copy is not None
            words_of(copy)
        return len(queries)

    cases = make_cases(3)
    make_review(cases[0], expert)
    statements()
    one = statements()
    for application in cases[1:]:
        make_review(application, expert)
    assert statements() == one


def test_the_pdf_has_an_outline_and_the_readers_name_on_every_page(expert: User) -> None:
    cases = make_cases(2, plan="A long plan. " * 900)
    for application in cases:
        make_review(application, expert)
    browser = browser_of(expert)
    url = reverse("reviews:reading_copy", args=[cases[0].round.slug, 1])
    assert url in browser.get(reverse("reviews:queue")).content.decode()
    answer = browser.get(url)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    pdf = PdfReader(io.BytesIO(answer.content))
    titles = [str(item["/Title"]) for item in pdf.outline if not isinstance(item, list)]
    assert [title.split()[0] for title in titles] == [application.reference for application in cases]
    assert len(pdf.pages) > len(cases)
    assert all("Expert Amber" in page.extract_text() for page in pdf.pages)
    assert browser_of(make_user(None, Role.EXPERT)).get(url).status_code == 404
    assert browser_of(cases[0].owner).get(url).status_code == 403
