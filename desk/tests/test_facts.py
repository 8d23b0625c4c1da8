"""The fact sheet beside a case: no more than its reader may know, and short however many ask."""

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.make import make_user
from institutions.tests.make import make_institution, make_membership
from reviews.tests.make import announce as announce_round
from reviews.tests.make import browser_of, decide, make_cases, make_review
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db


def test_many_who_ask_for_the_same_sample_are_counted_and_the_largest_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.facts.MOST_ROWS", 2)
    case, *others = make_cases(4)
    officer = make_user(None, Role.OFFICER)
    page = browser_of(officer).get(reverse("desk:case_facts", args=[case.round.slug, case.reference])).content.decode().replace("\xa0", " ")
    assert "3 applications, 30.0 mg together" in page
    assert "and 1 more" in page
    assert sum(other.reference in page for other in others) == 2


def test_an_officer_with_a_tie_to_one_of_them_finds_it_neither_counted_nor_named() -> None:
    home = make_institution()
    round = make_round()
    case, _other = make_cases(2, round)
    (hidden,) = make_cases(1, make_round(slug="elsewhere"), institution=home)
    assert hidden.institution == home
    officer = make_user(None, Role.OFFICER)
    before = browser_of(officer).get(reverse("desk:case_facts", args=[round.slug, case.reference])).content.decode().replace("\xa0", " ")
    assert "1 application, 10.0 mg" in before
    make_membership(officer, _other.institution)  # type: ignore[arg-type]
    after = browser_of(officer).get(reverse("desk:case_facts", args=[round.slug, case.reference])).content.decode().replace("\xa0", " ")
    assert "10.0 mg together" not in after
    assert "1 application, 10.0 mg" not in after
    assert _other.reference not in after


def test_an_expert_reads_of_own_opened_reviews_alone() -> None:
    case, opened, unopened, foreign = make_cases(4)
    expert = make_user(None, Role.EXPERT)
    review = make_review(case, expert)
    make_review(opened, expert)
    make_review(unopened, expert, is_open=False)
    make_review(foreign)
    page = browser_of(expert).get(reverse("desk:facts", args=[review.pk])).content.decode().replace("\xa0", " ")
    assert "1 application, 10.0 mg" in page
    assert opened.reference in page
    assert unopened.reference not in page
    assert foreign.reference not in page


def test_the_office_reads_who_holds_a_sample_once_it_is_announced_and_the_expert_does_not() -> None:
    earlier = make_round()
    (held,) = make_cases(1, earlier)
    (case,) = make_cases(1, make_round())
    decide(held)
    officer, expert = make_user(None, Role.OFFICER), make_user(None, Role.EXPERT)
    address = reverse("desk:case_facts", args=[case.round.slug, case.reference])
    assert held.reference not in browser_of(officer).get(address).content.decode().replace("\xa0", " ")
    announce_round(earlier)
    assert held.reference in browser_of(officer).get(address).content.decode().replace("\xa0", " ")
    review = make_review(case, expert)
    assert held.reference not in browser_of(expert).get(reverse("desk:facts", args=[review.pk])).content.decode().replace("\xa0", " ")
