"""The expert's queue: the own live reviews, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from institutions.actions import merge_institutions
from institutions.tests.make import make_institution, make_membership
from reviews.actions import declare_conflict, remove_review
from reviews.models import Review
from reviews.tests.make import announce, browser_of, decide, file, make_case, make_cases, make_review, seen_again

pytestmark = pytest.mark.django_db
QUEUE = reverse("reviews:queue")


@pytest.fixture
def expert() -> User:
    return make_user(None, Role.EXPERT, full_name="Expert Amber")


def queue_of(expert: User) -> str:
    page = browser_of(expert).get(QUEUE)
    assert page.status_code == 200
    return page.content.decode()


def test_the_queue_lists_own_reviews_with_title_institution_and_state(expert: User) -> None:
    application = make_case(title="Helium in beads")
    make_review(application, expert)
    page = queue_of(expert)
    assert "Helium in beads" in page
    assert application.reference in page
    assert application.institution is not None
    assert application.institution.name in page
    assert "Open" in page


def test_the_queue_never_names_the_review_of_another_expert(expert: User) -> None:
    mine, other = make_cases(2)
    make_review(mine, expert)
    colleague = make_user(None, Role.EXPERT, full_name="Expert Birch")
    make_review(mine, colleague)
    make_review(other, colleague)
    page = queue_of(expert)
    assert mine.reference in page
    assert other.reference not in page
    assert "Birch" not in page


def test_an_empty_queue_says_so(expert: User) -> None:
    assert "No review waits for you." in queue_of(expert)


def removed(review: Review) -> None:
    remove_review(review, by=make_user())


def handed_back(review: Review) -> None:
    declare_conflict(review, by=review.expert, note="We publish together.")


def tied(review: Review) -> None:
    assert review.application.institution is not None
    make_membership(review.expert, review.application.institution)


def tied_by_a_merger(review: Review) -> None:
    """The expert's institution turns out to be the applicant's under another name."""
    assert review.application.institution is not None
    twin = make_institution()
    make_membership(review.expert, twin)
    merge_institutions(twin, review.application.institution, by=None)


Barrier = Callable[[Review], None]
SHUT_OUT: list[Barrier] = [removed, handed_back, tied, tied_by_a_merger]


@pytest.mark.parametrize("shut_out", SHUT_OUT)
def test_who_is_shut_out_of_a_case_finds_it_gone_from_queue_and_desk(expert: User, shut_out: Barrier) -> None:
    application = make_case()
    review = make_review(application, expert)
    assert application.reference in queue_of(expert)
    shut_out(review)
    assert application.reference not in queue_of(expert)
    assert application.reference not in browser_of(expert).get(reverse("desk:desk")).content.decode()


@pytest.mark.parametrize("shut_out", SHUT_OUT)
def test_who_is_shut_out_of_a_case_finds_no_page_and_leaves_nothing(expert: User, shut_out: Barrier) -> None:
    review = make_review(make_case(), expert)
    criterion = review.application.round.criteria.first()
    assert criterion is not None
    shut_out(review)
    review.refresh_from_db()
    before = (review.status, review.version, review.revision)
    client = browser_of(expert)
    words = {"seen_revision": 0, f"criterion_{criterion.pk}": 5, "remarks_to_committee": "Late words", "note": "late", "save": "yes"}
    assert client.get(reverse("reviews:review", args=[review.pk])).status_code == 404
    for name in ("review", "declare", "conflict"):
        assert client.post(reverse(f"reviews:{name}", args=[review.pk]), words).status_code == 404, name
    review.refresh_from_db()
    assert (review.status, review.version, review.revision, review.remarks_to_committee) == (*before, "")
    assert not review.scores.exists()


def test_a_review_that_is_no_longer_needed_says_so_in_the_queue(expert: User) -> None:
    open_case, filed_case = make_cases(2)
    make_review(open_case, expert)
    file(make_review(filed_case, expert))
    for application in (open_case, filed_case):
        decide(seen_again(application))
    assert "Not needed any more" not in queue_of(expert), "a decision that is not visible must not tell"
    announce(open_case.round)
    page = queue_of(expert)
    assert page.count("Not needed any more") == 1
    assert "Filed" in page


def test_a_withdrawn_application_leaves_the_queue_but_for_the_own_scores(expert: User) -> None:
    open_case, filed_case = make_cases(2)
    make_review(open_case, expert)
    file(make_review(filed_case, expert))
    for application in (open_case, filed_case):
        withdraw_application(Application.objects.get(pk=application.pk), by=application.owner)
    page = queue_of(expert)
    assert open_case.reference not in page
    assert filed_case.reference in page
    assert "Water in glass beads" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_asks_as_many_questions_for_one_review_as_for_three(expert: User, count: int, django_assert_num_queries: Any) -> None:
    for application in make_cases(count):
        make_review(application, expert)
    client = browser_of(expert)
    with django_assert_num_queries(5):  # session, reader, reviews, seats, past reviews
        client.get(QUEUE)


def test_a_long_list_is_shortened_to_what_comes_first_and_the_whole_is_one_step_away(expert: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.stints.LISTED", 2)
    cases = make_cases(3)
    reviews = [make_review(application, expert) for application in cases]
    file(reviews[0])
    filed, *to_do = (application.reference for application in cases)
    slug = cases[0].round.slug
    page = queue_of(expert)
    assert all(reference in page for reference in to_do)
    assert filed not in page
    assert f'href="?round={slug}"' in page
    assert "All 3 of this round" in page
    whole = browser_of(expert).get(f"{QUEUE}?round={slug}").content.decode()
    assert all(application.reference in whole for application in cases)
    assert "of this round" not in whole


def test_a_round_without_an_own_review_narrows_nothing(expert: User) -> None:
    application = make_case()
    make_review(application, expert)
    elsewhere = make_case()
    page = browser_of(expert).get(f"{QUEUE}?round={elsewhere.round.slug}").content.decode()
    assert application.reference in page
    assert elsewhere.reference not in page


def test_the_queue_is_for_experts() -> None:
    assert browser_of(make_user(None, Role.OFFICER)).get(QUEUE).status_code == 403
    assert browser_of(make_user()).get(QUEUE).status_code == 403
    answer = browser_of(None).get(QUEUE)
    assert answer.status_code == 302
    assert "login" in answer["Location"]
