"""The committee of a round: one chair, at most a third invited, limits, and what happens when somebody leaves."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from institutions.tests.make import make_institution, make_membership
from reviews.actions import (
    LoadReached,
    NotAnExpert,
    NotInCommittee,
    ReviewsTakenBack,
    SeatTaken,
    TooManyInvited,
    add_seat,
    assign_experts,
    change_seat,
    end_seat,
    reassign_review,
)
from reviews.models import Conflict, Review, Seat
from reviews.tests.make import browser_of, file, make_case, make_cases, make_review
from reviews.workflow import ReviewStatus
from rounds.models import Round
from rounds.tests.make import make_round
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


def expert(name: str = "Expert Amber") -> User:
    return make_user(None, Role.EXPERT, full_name=name)


def seated(round: Round, officer: User, count: int) -> list[Seat]:
    return [add_seat(round, expert(f"Member {number}"), by=officer) for number in range(count)]


def page(round: Round) -> str:
    return reverse("reviews:committee", args=[round.slug])


def test_an_expert_is_added_through_the_page_and_listed(client: Client) -> None:
    round, amber = make_round(), expert()
    answer = client.post(page(round), {"person": amber.pk, "place": "chair", "most_reviews": "7"}, follow=True)
    assert "Expert Amber sits in the committee now." in answer.content.decode()
    seat = Seat.objects.get()
    assert (seat.user, seat.is_chair, seat.is_invited, seat.most_reviews) == (amber, True, False, 7)


def test_nobody_but_experts_can_sit_in_it(client: Client, officer: User) -> None:
    round, stranger = make_round(), make_user()
    assert client.post(page(round), {"person": stranger.pk, "place": "member"}).status_code == 422
    with pytest.raises(NotAnExpert):
        add_seat(round, stranger, by=officer)
    assert not Seat.objects.exists()


def test_a_committee_has_one_chair(client: Client, officer: User) -> None:
    round = make_round()
    add_seat(round, expert("Chair Cedar"), by=officer, is_chair=True)
    second = expert()
    with pytest.raises(SeatTaken, match="Chair Cedar is the chair"):
        add_seat(round, second, by=officer, is_chair=True)
    seat = add_seat(round, second, by=officer)
    with pytest.raises(SeatTaken, match="Chair Cedar is the chair"):
        change_seat(seat, by=officer, is_chair=True, is_invited=False, most_reviews=None)
    answer = client.post(reverse("reviews:seat", args=[round.slug, seat.pk]), {"change": "yes", "place": "chair"})
    assert answer.status_code == 409
    assert Seat.objects.filter(is_chair=True).count() == 1


def test_nobody_sits_twice(officer: User) -> None:
    round, amber = make_round(), expert()
    add_seat(round, amber, by=officer)
    with pytest.raises(SeatTaken, match="already"):
        add_seat(round, amber, by=officer)


def test_more_than_a_third_cannot_be_invited_and_the_refusal_says_the_numbers(client: Client, officer: User) -> None:
    round = make_round()
    members = seated(round, officer, 4)
    add_seat(round, expert("Guest One"), by=officer, is_invited=True)
    add_seat(round, expert("Guest Two"), by=officer, is_invited=True)  # two of six
    third = expert("Guest Three")
    with pytest.raises(TooManyInvited, match=r"3 of 7 people in the committee would be invited experts\. At most one third may be, which is 2"):
        add_seat(round, third, by=officer, is_invited=True)
    answer = client.post(page(round), {"person": third.pk, "place": "invited"})
    assert answer.status_code == 409
    assert "3 of 7 people" in answer.content.decode()
    with pytest.raises(TooManyInvited, match="3 of 6"):
        change_seat(members[0], by=officer, is_chair=False, is_invited=True, most_reviews=None)
    with pytest.raises(TooManyInvited, match="2 of 5"):
        end_seat(members[0], by=officer, count=0)
    assert Seat.objects.taken().count() == 6
    assert Seat.objects.taken().filter(is_invited=True).count() == 2


def test_ending_a_seat_takes_back_what_is_not_filed_after_the_number_was_confirmed(client: Client, officer: User) -> None:
    first, second, third = make_cases(3)
    amber = expert()
    make_review(first, amber)
    make_review(second, amber, is_open=False)
    done = file(make_review(third, amber))
    seat = Seat.objects.get(user=amber)
    url = reverse("reviews:seat", args=[seat.round.slug, seat.pk])
    assert "take back 2 reviews?" in client.get(url).content.decode()
    with pytest.raises(ReviewsTakenBack, match="changed to 2"):
        end_seat(seat, by=officer, count=1)
    assert client.post(url, {"end": "1"}).status_code == 409
    assert Review.objects.live().count() == 3
    client.post(url, {"end": "2"})
    assert list(Review.objects.live()) == [done]
    assert set(Review.objects.exclude(pk=done.pk).values_list("status", flat=True)) == {ReviewStatus.REMOVED}
    with pytest.raises(NotInCommittee):
        end_seat(seat, by=officer, count=0)
    assert client.get(url).status_code == 404


def test_a_hidden_case_is_not_counted_when_a_seat_ends_and_taken_back_all_the_same(officer: User) -> None:
    seen, hidden = make_cases(2)
    amber = expert()
    make_review(seen, amber)
    make_review(hidden, amber)
    Conflict.objects.create(user=officer, application=hidden, note="We publish together.")
    end_seat(Seat.objects.get(user=amber), by=officer, count=1)
    assert not Review.objects.live().exists()


def test_who_left_the_committee_is_not_assigned_and_can_come_back(officer: User) -> None:
    case, amber = make_case(), expert()
    seat = add_seat(case.round, amber, by=officer)
    end_seat(seat, by=officer, count=0)
    with pytest.raises(NotInCommittee, match="no longer sits"):
        assign_experts(case, [amber], by=officer)
    assert "Expert Amber" not in browser_of(officer).get(reverse("reviews:experts_one", args=[case.round.slug, case.reference])).content.decode()
    with pytest.raises(NotInCommittee):
        change_seat(seat, by=officer, is_chair=False, is_invited=False, most_reviews=1)
    add_seat(case.round, amber, by=officer, most_reviews=1)
    assert len(assign_experts(case, [amber], by=officer)) == 1


def test_nobody_gets_more_reviews_than_the_seat_allows(client: Client, officer: User) -> None:
    first, second = make_cases(2)
    amber = expert()
    add_seat(first.round, amber, by=officer, most_reviews=1)
    url = reverse("reviews:experts_one", args=[second.round.slug, second.reference])
    assert "0 of at most 1 reviews" in client.get(url).content.decode()
    assign_experts(first, [amber], by=officer)
    assert "1 expert has reached the limit" in client.get(url).content.decode()
    assert client.post(url, {"assign": "yes", "experts": [amber.pk]}).status_code == 422
    with pytest.raises(LoadReached, match="more than 1 reviews"):
        assign_experts(second, [amber], by=officer)
    assign_experts(first, [amber], by=officer)  # again: it is the same review
    assert Review.objects.count() == 1


def test_a_limit_betrays_no_hidden_case(officer: User) -> None:
    hidden, second = make_cases(2)
    amber = expert()
    add_seat(hidden.round, amber, by=officer, most_reviews=1)
    assign_experts(hidden, [amber], by=make_user(None, Role.OFFICER))
    Conflict.objects.create(user=officer, application=hidden, note="We publish together.")
    assert len(assign_experts(second, [amber], by=officer)) == 1


def test_an_application_is_taken_back_and_given_to_another_in_one_step(client: Client) -> None:
    case = make_case()
    amber, birch = expert(), expert("Expert Birch")
    review = make_review(case, amber)
    url = reverse("reviews:experts_one", args=[case.round.slug, case.reference])
    answer = client.post(url, {"reassign": "yes", "other-review": review.pk, "other-expert": birch.pk}, follow=True)
    assert "Expert Birch is asked instead." in answer.content.decode()
    assert [row.expert for row in Review.objects.live()] == [birch]


def test_an_exchange_is_all_or_nothing(client: Client, officer: User) -> None:
    case = make_case()
    amber, birch = expert(), expert("Expert Birch")
    assert case.institution is not None
    make_membership(birch, case.institution)
    review = make_review(case, amber)
    with pytest.raises(Exception, match="has a tie"):
        reassign_review(review, birch, by=officer)
    url = reverse("reviews:experts_one", args=[case.round.slug, case.reference])
    assert client.post(url, {"reassign": "yes", "other-review": review.pk, "other-expert": birch.pk}).status_code == 422
    assert [row.expert for row in Review.objects.live()] == [amber]
    done = file(Review.objects.get(pk=review.pk))
    with pytest.raises(NotPossibleNow):
        reassign_review(done, expert("Expert Cedar"), by=officer)
    assert [row.expert for row in Review.objects.live()] == [amber]


def test_offered_experts_are_sorted_by_match_with_their_load_and_where_they_meet(client: Client, officer: User) -> None:
    case = make_case(title="Raman of glass beads")
    home = make_institution()
    amber, birch, cedar = expert(), expert("Expert Birch"), expert("Expert Cedar")
    for person in (amber, birch):
        make_membership(person, home)
    browser_of(cedar).post(reverse("reviews:expertise"), {"techniques": ["raman"], "words": "glass beads"})
    make_review(case, amber)
    text = client.get(reverse("reviews:experts_one", args=[case.round.slug, case.reference])).content.decode()
    offered = text[text.index('id="assign"') :]
    assert offered.index("Expert Cedar") < offered.index("Expert Birch")
    assert "same institution as another expert of this application" in offered
    assert "not in the committee yet" in offered


@pytest.mark.parametrize("role", [Role.EXPERT, Role.APPROVER, Role.ADMINISTRATOR, Role.CURATOR])
def test_the_committee_is_the_officers(role: Role) -> None:
    round = make_round()
    for name in ("committee", "assignment", "progress"):
        assert browser_of(make_user(None, role)).get(reverse(f"reviews:{name}", args=[round.slug])).status_code == 403
