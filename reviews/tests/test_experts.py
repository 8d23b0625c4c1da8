"""Assigning experts: nobody with a tie or a conflict, nobody who is no expert, whatever is posted by hand."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import deactivate_person, end_role
from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from institutions.actions import merge_institutions
from institutions.tests.make import make_institution, make_membership
from reviews.actions import Conflicted, NotAnExpert, assign_experts, declare_conflict, remove_review
from reviews.models import Conflict, Review
from reviews.tests.make import browser_of, figures_in, file, make_case, make_cases, make_review
from reviews.workflow import ReviewStatus
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


@pytest.fixture
def expert() -> User:
    return make_user(None, Role.EXPERT, full_name="Expert Amber")


def page_of(application: Application) -> str:
    return reverse("reviews:experts_one", args=[application.round.slug, application.reference])


def test_chosen_experts_are_assigned_and_listed(client: Client, expert: User) -> None:
    application, other = make_case(), make_user(None, Role.EXPERT, full_name="Expert Birch")
    answer = client.post(page_of(application), {"assign": "yes", "experts": [expert.pk, other.pk]}, follow=True)
    page = answer.content.decode()
    assert "The experts are assigned." in page
    assert page.count("Assigned, conflict not declared") == 2
    assert set(Review.objects.values_list("expert", flat=True)) == {expert.pk, other.pk}


def test_who_chooses_nobody_is_asked(client: Client, expert: User) -> None:
    application = make_case()
    answer = client.post(page_of(application), {"assign": "yes"})
    assert answer.status_code == 422
    assert "Choose at least one expert." in answer.content.decode()


def tied(expert: User, application: Application) -> None:
    assert application.institution is not None
    make_membership(expert, application.institution)


def tied_by_a_merger(expert: User, application: Application) -> None:
    assert application.institution is not None
    twin = make_institution()
    make_membership(expert, twin)
    merge_institutions(application.institution, twin, by=None)


def declared(expert: User, application: Application) -> None:
    Conflict.objects.create(user=expert, application=application, note="We publish together.")


def applying(expert: User, application: Application) -> None:
    Application.objects.filter(pk=application.pk).update(owner=expert)
    application.owner = expert


Barrier = Callable[[User, Application], None]


@pytest.mark.parametrize("barrier", [tied, tied_by_a_merger, declared, applying])
def test_an_expert_with_a_conflict_is_neither_offered_nor_assigned_by_hand(client: Client, expert: User, officer: User, barrier: Barrier) -> None:
    application = make_case()
    assert "Expert Amber" in client.get(page_of(application)).content.decode()
    barrier(expert, application)
    assert f'value="{expert.pk}"' not in client.get(page_of(application)).content.decode()
    answer = client.post(page_of(application), {"assign": "yes", "experts": [expert.pk]})
    assert answer.status_code == 422
    assert "This expert cannot be assigned." in answer.content.decode()
    with pytest.raises(Conflicted, match="Expert Amber has a tie"):
        assign_experts(application, [expert], by=officer)
    assert not Review.objects.exists()


def test_who_is_no_expert_is_neither_offered_nor_assigned_by_hand(client: Client, officer: User) -> None:
    application = make_case()
    for roles in ([], [Role.OFFICER], [Role.APPROVER], [Role.ADMINISTRATOR]):
        person = make_user(None, *roles, full_name="Somebody Else")
        assert "Somebody Else" not in client.get(page_of(application)).content.decode()
        assert client.post(page_of(application), {"assign": "yes", "experts": [person.pk]}).status_code == 422
        with pytest.raises(NotAnExpert, match="Somebody Else is not an expert"):
            assign_experts(application, [person], by=officer)
    assert not Review.objects.exists()


def test_who_was_an_expert_is_not_offered(client: Client, expert: User) -> None:
    application, gone = make_case(), make_user(None, Role.EXPERT)
    end_role(expert, Role.EXPERT, by=None)
    deactivate_person(gone, by=None)
    assert client.post(page_of(application), {"assign": "yes", "experts": [expert.pk]}).status_code == 422
    assert client.post(page_of(application), {"assign": "yes", "experts": [gone.pk]}).status_code == 422


def test_a_senseless_key_assigns_and_removes_nobody(client: Client, expert: User) -> None:
    application = make_case()
    review = make_review(application, expert)
    for key in ("", "x", "-1", "99999999999999999999", "1 OR 1=1"):
        assert client.post(page_of(application), {"assign": "yes", "experts": [key]}).status_code == 422, key
        assert client.post(page_of(application), {"remove": key}).status_code == 404, key
    review.refresh_from_db()
    assert review.status == ReviewStatus.OPEN


def test_of_several_experts_all_or_none_are_assigned(officer: User, expert: User) -> None:
    application = make_case()
    with pytest.raises(NotAnExpert):
        assign_experts(application, [expert, make_user()], by=officer)
    assert not Review.objects.exists()


def test_a_removed_expert_disappears_and_is_not_offered_again(client: Client, expert: User) -> None:
    application = make_case()
    review = make_review(application, expert)
    answer = client.post(page_of(application), {"remove": review.pk}, follow=True)
    page = answer.content.decode()
    assert "The expert is removed from this application." in page
    assert "Expert Amber" not in page
    review.refresh_from_db()
    assert review.status == ReviewStatus.REMOVED


def test_a_filed_review_stays(client: Client, expert: User) -> None:
    application = make_case()
    review = file(make_review(application, expert))
    answer = client.post(page_of(application), {"remove": review.pk})
    assert answer.status_code == 409
    assert "This is not possible any more" in answer.content.decode()
    review.refresh_from_db()
    assert review.status == ReviewStatus.FILED


def test_the_review_of_another_application_cannot_be_removed_here(client: Client, expert: User) -> None:
    application, second = make_cases(2)
    other = make_review(second, expert)
    assert client.post(page_of(application), {"remove": other.pk}).status_code == 404
    other.refresh_from_db()
    assert other.status == ReviewStatus.OPEN


def test_an_expert_who_stepped_back_is_not_offered_again(client: Client, expert: User, officer: User) -> None:
    application = make_case()
    declare_conflict(make_review(application, expert), by=expert, note="We publish together.")
    assert "Expert Amber" not in client.get(page_of(application)).content.decode()
    with pytest.raises(Conflicted):
        assign_experts(application, [expert], by=officer)


def test_a_removed_expert_is_not_put_back_by_a_late_click(expert: User, officer: User) -> None:
    application = make_case()
    remove_review(make_review(application, expert), by=officer)
    with pytest.raises(NotPossibleNow):
        assign_experts(application, [expert], by=officer)


def test_nobody_is_assigned_to_a_withdrawn_application(client: Client, expert: User) -> None:
    application = make_case()
    withdraw_application(Application.objects.get(pk=application.pk), by=application.owner)
    page = client.get(page_of(application)).content.decode()
    assert 'name="assign"' not in page
    answer = client.post(page_of(application), {"assign": "yes", "experts": [expert.pk]})
    assert answer.status_code == 409
    assert not Review.objects.exists()


def test_the_list_counts_live_and_filed_reviews_alone(client: Client, expert: User, officer: User) -> None:
    application = make_case()
    file(make_review(application, expert))
    make_review(application)
    remove_review(make_review(application), by=officer)
    assert figures_in(client.get(reverse("reviews:experts", args=[application.round.slug])).content.decode()) == [2, 1]
