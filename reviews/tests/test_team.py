"""Who takes part in an application judges nothing of it, and the office sees who endorsed it."""

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.make import make_user
from applications.actions import end_member, endorse_application, submit_application
from applications.models import Application, Member, Part
from applications.tests.make import make_draft, make_member, the_draft
from institutions.tests.make import make_institution, make_membership
from reviews.actions import Conflicted, assign_experts
from reviews.models import Review, cases_visible_to
from reviews.permissions import may_check, may_review
from reviews.tests.make import browser_of, make_case, make_review
from rounds.tests.make import close_round, make_round

pytestmark = pytest.mark.django_db


def endorsed(*, known: bool) -> Application:
    institution = make_institution()
    application = make_draft(make_round(needs_endorsement=True), institution=institution)
    signatory = make_member(application, Part.SIGN, make_user(full_name="Sigrid Sign"))
    if known:
        make_membership(signatory, institution, may_sign=True)
    endorse_application(application, by=signatory, seen_digest=the_draft(application).expected_digest(), position="Vice-President")
    submit_application(application, by=application.owner, key=uuid4())
    close_round(application.round)
    return Application.objects.with_case().get(pk=application.pk)


@pytest.mark.parametrize("part", list(Part))
def test_an_expert_who_joins_the_team_loses_the_review_for_good(part: Part) -> None:
    application, expert = make_case(), make_user(None, Role.EXPERT)
    review = make_review(application, expert)
    page = reverse("reviews:review", args=[review.pk])
    assert browser_of(expert).get(page).status_code == 200
    make_member(application, part, expert)
    assert not may_review(expert, Review.objects.get(pk=review.pk))
    assert browser_of(expert).get(page).status_code in (403, 404)
    end_member(Member.objects.get(user=expert))
    assert browser_of(expert).get(page).status_code in (403, 404)


def test_an_expert_of_the_team_cannot_be_assigned() -> None:
    application, expert = make_case(), make_user(None, Role.EXPERT)
    make_member(application, Part.READ, expert)
    with pytest.raises(Conflicted):
        assign_experts(application, [expert], by=make_user(None, Role.OFFICER))


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER])
def test_an_officer_who_joins_the_team_no_longer_sees_the_case(role: Role) -> None:
    application, person = make_case(), make_user(None, role)
    case = reverse("desk:case", args=[application.round.slug, application.reference])
    assert browser_of(person).get(case).status_code == 200
    make_member(application, Part.SIGN, person)
    assert browser_of(person).get(case).status_code == 404
    assert not may_check(person, application)
    assert application not in cases_visible_to(person)
    check = reverse("reviews:check_one", args=[application.round.slug, application.reference])
    assert browser_of(person).get(check).status_code in (403, 404)


@pytest.mark.parametrize("known", [True, False])
def test_the_office_sees_who_endorsed_in_which_position_and_what_the_register_says(known: bool) -> None:
    application = endorsed(known=known)
    officer = browser_of(make_user(None, Role.OFFICER))
    for name in ("desk:case", "reviews:check_one"):
        page = officer.get(reverse(name, args=[application.round.slug, application.reference])).content.decode()
        assert "Sigrid Sign, Vice-President" in page
        assert ("The register does not say that this person may sign" in page) is not known


def test_the_office_sees_that_nobody_endorsed() -> None:
    application = make_case(make_round())
    type(application.round).objects.filter(pk=application.round_id).update(needs_endorsement=True)
    page = browser_of(make_user(None, Role.OFFICER)).get(reverse("desk:case", args=[application.round.slug, application.reference]))
    assert "Nobody has endorsed this version." in page.content.decode()
