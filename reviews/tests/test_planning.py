"""The dry run: what it shows, that it is applied exactly and once, and that it is refused when anything has changed."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from institutions.models import Kind
from institutions.tests.make import make_institution, make_membership
from letters.models import Mail
from reviews.actions import (
    PlanOutdated,
    add_seat,
    apply_plan,
    assign_experts,
    change_seat,
    end_seat,
    place_bids,
    plan_assignment,
    read_words,
    remove_review,
    save_expertise,
)
from reviews.actions.declaring import Declared, declare_standings
from reviews.models import USUAL, Bid, Conflict, Plan, Review, Seat, Standing, Wish, Wording, conflicted_pairs
from reviews.tests.make import browser_of, decide, make_case, make_cases, make_review
from reviews.tests.test_races import at_once
from rounds.models import Round

SETTINGS = USUAL | {"reviews": 2}


@pytest.fixture
def officer(db: None) -> User:
    return make_user(None, Role.OFFICER, full_name="Officer Oak")


def members(round: Round, officer: User, count: int = 3, **seat: object) -> list[User]:
    people = [make_user(None, Role.EXPERT, full_name=f"Expert {number}") for number in range(count)]
    for person in people:
        add_seat(round, person, by=officer, **seat)  # type: ignore[arg-type]
    return people


def url(round: Round) -> str:
    return reverse("reviews:assignment", args=[round.slug])


def dry_run(client: Client, round: Round, **settings: int) -> Plan:
    typed = {"dry_run": "yes", **{name: str(value) for name, value in (SETTINGS | settings).items()}}
    answer = client.post(url(round), typed)
    assert answer.status_code == 302, answer.content.decode()
    plan = Plan.objects.order_by("-pk").first()
    assert plan is not None
    return plan


def pairs_of(plan: Plan) -> set[tuple[int, int]]:
    return {(pair[0], pair[1]) for pair in plan.pairs}


@pytest.mark.django_db
class TestDryRun:
    def test_it_shows_who_would_get_what_and_why_and_assigns_nothing(self, officer: User) -> None:
        first, _second = make_cases(2, title="Raman of glass beads")
        people, client = members(first.round, officer), browser_of(officer)
        save_expertise(by=people[2], fields=["impacts", "no such field"], techniques=["raman"], words="glass beads")
        place_bids(first.round, {first: Wish.EAGER}, by=people[2])
        plan = dry_run(client, first.round)
        assert len(plan.pairs) == 4
        assert (first.pk, people[2].pk) in pairs_of(plan)
        text = client.get(url(first.round)).content.decode()
        assert "Raman spectroscopy" in text
        assert "“glass”" in text or "“bead”" in text
        assert "I would like to" in text
        assert "match 1 of 3 who could be asked" in text
        assert "load 0 → 2" in text
        assert "4, of 2 applications" in text
        assert not Review.objects.exists()
        assert not Mail.objects.filter(key__startswith="assigned:").exists()

    def test_it_keeps_what_is_there_and_fills_up(self, officer: User) -> None:
        first, second = make_cases(2)
        people = members(first.round, officer)
        kept = make_review(first, people[0])
        gone = make_review(second, people[1])
        remove_review(gone, by=officer)
        plan = dry_run(browser_of(officer), first.round)
        assert sum(pair[0] == first.pk for pair in plan.pairs) == 1
        assert not pairs_of(plan) & {(first.pk, kept.expert_id), (second.pk, people[1].pk)}
        assert pairs_of(plan) >= {(second.pk, people[0].pk), (second.pk, people[2].pk)}

    def test_ties_and_conflicts_are_never_proposed_and_what_is_lacking_is_explained(self, officer: User) -> None:
        case = make_case()
        people = members(case.round, officer, 4)
        assert case.institution is not None
        make_membership(people[0], case.institution)
        Conflict.objects.create(user=people[1], application=case, note="We publish together.")
        change_seat(Seat.objects.get(user=people[2]), by=officer, is_chair=False, is_invited=False, most_reviews=0)
        client = browser_of(officer)
        plan = dry_run(client, case.round)
        assert pairs_of(plan) == {(case.pk, people[3].pk)}
        assert plan.unfilled == {str(case.pk): [1, 2, 0, 1]}
        text = client.get(url(case.round)).content.decode()
        assert "1 expert is lacking" in text
        assert "2 members have a tie or a conflict; 1 member has reached the limit" in text

    def test_invited_experts_and_people_without_the_role_are_left_out(self, officer: User) -> None:
        case = make_case()
        people = members(case.round, officer, 3)
        guest = make_user(None, Role.EXPERT)
        add_seat(case.round, guest, by=officer, is_invited=True)
        plan = dry_run(browser_of(officer), case.round, reviews=4)
        assert pairs_of(plan) == {(case.pk, person.pk) for person in people}

    def test_an_officer_with_a_conflict_plans_and_sees_without_the_case(self, officer: User) -> None:
        hidden, seen = make_cases(2)
        members(hidden.round, officer)
        client = browser_of(officer)
        dry_run(client, hidden.round)
        Conflict.objects.create(user=officer, application=hidden, note="We publish together.")
        text = client.get(url(hidden.round)).content.decode()
        assert hidden.reference not in text
        assert "2, of 1 applications" in text
        plan = dry_run(client, hidden.round)
        assert {pair[0] for pair in plan.pairs} == {seen.pk}

    def test_a_dry_run_of_somebody_else_is_neither_seen_nor_applied(self, officer: User) -> None:
        case, other = make_case(), make_user(None, Role.OFFICER)
        members(case.round, officer)
        plan = dry_run(browser_of(officer), case.round)
        client = browser_of(other)
        assert "What would change" not in client.get(url(case.round)).content.decode()
        assert client.post(url(case.round), {"apply": plan.pk}).status_code == 404
        with pytest.raises(PlanOutdated):
            apply_plan(plan, by=other)
        assert not Review.objects.exists()

    def test_what_is_decided_gets_no_more_experts(self, officer: User) -> None:
        first, second = make_cases(2)
        members(first.round, officer)
        decide(first, officer=make_user(None, Role.OFFICER))
        assert {pair[0] for pair in dry_run(browser_of(officer), first.round).pairs} == {second.pk}

    def test_without_applications_and_without_a_committee_it_answers(self, officer: User) -> None:
        case = make_case()
        client = browser_of(officer)
        assert "Nobody sits in the committee yet." in client.get(url(case.round)).content.decode()
        plan = dry_run(client, case.round)
        assert plan.unfilled == {str(case.pk): [2, 0, 0, 0]}
        assert "The committee has no more members." in client.get(url(case.round)).content.decode()
        assert client.post(url(case.round), {"apply": plan.pk}).status_code == 409

    def test_wishes_and_diversity_can_be_weighed(self, officer: User) -> None:
        case = make_case()
        people = members(case.round, officer, 3)
        home, away = make_institution(), make_institution(kind=Kind.ORGANISATION)
        for person, institution in zip(people, (home, home, away), strict=True):
            make_membership(person, institution)
        for person in people[:2]:
            place_bids(case.round, {case: Wish.EAGER}, by=person)
        client = browser_of(officer)
        assert pairs_of(dry_run(client, case.round, bids=3, diversity=0)) == {(case.pk, people[0].pk), (case.pk, people[1].pk)}
        assert (case.pk, people[2].pk) in pairs_of(dry_run(client, case.round, bids=1, diversity=3))

    def test_words_are_read_once_and_by_the_clock_as_well(self, officer: User) -> None:
        first, second = make_cases(2)
        assert read_words() == 2
        assert read_words() == 0
        Wording.objects.filter(version=first.current).update(method=0)
        dry_run(browser_of(officer), first.round)
        assert Wording.objects.usable().count() == 2
        assert second.current is not None

    def test_the_page_costs_the_same_with_one_and_with_three_applications(self, officer: User) -> None:
        client, counts = browser_of(officer), []
        for number in (1, 3):
            cases = make_cases(number)
            members(cases[0].round, officer, 3)
            dry_run(client, cases[0].round)
            with CaptureQueriesContext(connection) as captured:
                text = client.get(url(cases[0].round)).content.decode()
            assert text.count("LSA-") >= number
            counts.append(len(captured))
        assert counts[0] == counts[1]


def seat_changed(case: Application, people: list[User], officer: User) -> None:
    change_seat(Seat.objects.get(user=people[0]), by=officer, is_chair=False, is_invited=False, most_reviews=9)


def seat_ended(case: Application, people: list[User], officer: User) -> None:
    end_seat(Seat.objects.get(user=people[0]), by=officer, count=0)


def conflict_declared(case: Application, people: list[User], officer: User) -> None:
    declare_standings(case.round, {case: Declared(Standing.CONFLICT, "We publish together.")}, by=people[0])


def tie_found(case: Application, people: list[User], officer: User) -> None:
    assert case.institution is not None
    make_membership(people[0], case.institution)


def assigned_meanwhile(case: Application, people: list[User], officer: User) -> None:
    assign_experts(case, [people[0]], by=officer)


def withdrawn(case: Application, people: list[User], officer: User) -> None:
    withdraw_application(Application.objects.get(pk=case.pk), by=case.owner)


def case_hidden(case: Application, people: list[User], officer: User) -> None:
    Conflict.objects.create(user=officer, application=case, note="We publish together.")


Change = Callable[[Application, list[User], User], None]


@pytest.mark.django_db
class TestApplying:
    def test_it_assigns_exactly_what_was_shown_once_with_one_mail_each(self, officer: User) -> None:
        cases = make_cases(3)
        people, client = members(cases[0].round, officer), browser_of(officer)
        plan = dry_run(client, cases[0].round)
        answer = client.post(url(cases[0].round), {"apply": plan.pk}, follow=True)
        assert "6 reviews are assigned." in answer.content.decode()
        assert set(Review.objects.values_list("application_id", "expert_id")) == pairs_of(plan)
        mails = list(Mail.objects.filter(key__startswith="assigned:"))
        assert {mail.user_id for mail in mails} == {person.pk for person in people}
        assert len(mails) == len(people)
        again = client.post(url(cases[0].round), {"apply": plan.pk})
        assert again.status_code == 409
        assert "was applied already" in again.content.decode()
        assert Review.objects.count() == 6

    def test_the_mail_names_no_title_and_no_applicant(self, officer: User) -> None:
        case = make_case(title="Unmistakable Title")
        members(case.round, officer)
        apply_plan(dry_run(browser_of(officer), case.round), by=officer)
        for mail in Mail.objects.filter(key__startswith="assigned:"):
            assert reverse("reviews:queue") in mail.body
            for secret in ("Unmistakable", case.reference, str(case.owner), str(case.institution)):
                assert secret not in mail.body + mail.subject

    @pytest.mark.parametrize("change", [seat_changed, seat_ended, conflict_declared, tie_found, assigned_meanwhile, withdrawn, case_hidden])
    def test_it_is_refused_when_anything_has_changed_since(self, officer: User, change: Change) -> None:
        case, _other = make_cases(2)
        people, client = members(case.round, officer), browser_of(officer)
        plan = dry_run(client, case.round)
        change(case, people, officer)
        before = Review.objects.count()
        answer = client.post(url(case.round), {"apply": plan.pk})
        assert answer.status_code == 409
        assert "have changed since this dry run" in answer.content.decode()
        assert Review.objects.count() == before
        plan.refresh_from_db()
        assert plan.applied_at is None


# --- At the same moment ---------------------------------------------------------------------------------------------------

RACE = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a test's SQLite lives in memory and knows one connection"),
]


def race_case() -> Application:
    return make_case(institution=make_institution(kind=Kind.ORGANISATION))


class TestRaces:
    pytestmark = RACE

    def test_a_plan_that_two_apply_at_once_is_applied_once(self) -> None:
        officer, case = make_user(None, Role.OFFICER), race_case()
        members(case.round, officer)
        plan = plan_assignment(case.round, by=officer, settings=SETTINGS)
        results = at_once(*[lambda: apply_plan(Plan.objects.get(pk=plan.pk), by=officer)] * 4)
        assert sorted(type(result).__name__ for result in results) == ["PlanOutdated"] * 3 + ["list"]
        assert Review.objects.count() == 2

    def test_an_assignment_beside_a_declared_conflict_leaves_no_live_review(self) -> None:
        """Whichever comes first: either the review is handed back by the declaration, or the assignment is refused."""
        officer = make_user(None, Role.OFFICER)
        for _attempt in range(6):
            case = race_case()
            (expert,) = members(case.round, officer, 1)
            said = {case: Declared(Standing.CONFLICT, "We publish together.")}
            results = at_once(
                partial(assign_experts, Application.objects.get(pk=case.pk), [expert], by=officer),
                partial(declare_standings, case.round, said, by=expert),
            )
            assert conflicted_pairs([expert], Application.objects.filter(pk=case.pk)), results
            assert not Review.objects.live().filter(application=case).exists(), results

    def test_an_assignment_beside_the_end_of_the_seat_leaves_no_live_review(self) -> None:
        officer = make_user(None, Role.OFFICER)
        for _attempt in range(6):
            case = race_case()
            expert, _other = members(case.round, officer, 2)
            seat = Seat.objects.get(user=expert)
            results = at_once(
                partial(assign_experts, Application.objects.get(pk=case.pk), [expert], by=officer),
                partial(end_seat, Seat.objects.select_related("round", "user").get(pk=seat.pk), by=officer, count=0),
            )
            ended = not Seat.objects.taken().filter(pk=seat.pk).exists()
            assert ended != Review.objects.live().filter(application=case).exists(), results


# --- What experts know and wish -------------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestWishes:
    def test_an_expert_wishes_for_what_is_open_and_nothing_is_chosen_beforehand(self, officer: User) -> None:
        first, second = make_cases(2, title="Raman of glass beads")
        (amber,) = members(first.round, officer, 1)
        client = browser_of(amber)
        page = reverse("reviews:bids", args=[first.round.slug])
        text = client.get(page).content.decode()
        assert text.count("Raman of glass beads") == 2
        assert f'name="bid{first.pk}-wish" value="" ' in text.replace("required ", "")
        assert "nothing can be suggested" in text
        client.post(page, {f"bid{first.pk}-wish": "2", f"bid{second.pk}-wish": ""})
        assert [(bid.application_id, bid.wish) for bid in Bid.objects.all()] == [(first.pk, 2)]
        client.post(page, {f"bid{first.pk}-wish": "-1"})
        client.post(page, {f"bid{second.pk}-wish": "1"})
        assert dict(Bid.objects.values_list("application_id", "wish")) == {first.pk: -1, second.pk: 1}
        client.post(page, {f"bid{first.pk}-wish": ""})
        assert dict(Bid.objects.values_list("application_id", "wish")) == {second.pk: 1}
        assert client.post(page, {f"bid{first.pk}-wish": "7"}).status_code == 422

    def test_what_the_expert_is_tied_to_is_neither_listed_nor_counted_nor_wished_for(self, officer: User) -> None:
        tied, declared, free = make_cases(3)
        (amber,) = members(tied.round, officer, 1)
        assert tied.institution is not None
        make_membership(amber, tied.institution)
        Conflict.objects.create(user=amber, application=declared, note="We publish together.")
        text = browser_of(amber).get(reverse("reviews:bids", args=[tied.round.slug])).content.decode()
        assert free.reference in text
        assert tied.reference not in text
        assert declared.reference not in text
        assert "1 applications" in text
        assert place_bids(tied.round, {tied: 2, declared: 2, free: 2}, by=amber) == 1
        assert Bid.objects.count() == 1

    def test_a_decision_that_is_not_visible_changes_nothing(self, officer: User) -> None:
        first, second = make_cases(2)
        (amber,) = members(first.round, officer, 1)
        page = reverse("reviews:bids", args=[first.round.slug])
        before = browser_of(amber).get(page).content.decode()
        decide(first, officer=officer)
        after = browser_of(amber).get(page).content.decode()
        assert (first.reference in before, second.reference in before) == (first.reference in after, second.reference in after) == (True, True)

    def test_only_members_of_the_round_are_asked(self, officer: User) -> None:
        case = make_case()
        members(case.round, officer, 3)
        guest, outsider = make_user(None, Role.EXPERT), make_user(None, Role.EXPERT)
        add_seat(case.round, guest, by=officer, is_invited=True)
        page = reverse("reviews:bids", args=[case.round.slug])
        assert browser_of(guest).get(page).status_code == 404
        assert browser_of(outsider).get(page).status_code == 404
        assert browser_of(officer).get(page).status_code == 403
        with pytest.raises(Exception, match="no longer sits"):
            place_bids(case.round, {case: 2}, by=guest)

    def test_the_best_match_stands_first(self, officer: User) -> None:
        round = make_cases(1, title="Thermal history of basalt")[0].round
        (amber,) = members(round, officer, 1)
        save_expertise(by=amber, fields=[], techniques=["raman"], words="glass beads")
        raman = make_review(make_cases(1, title="x")[0])  # another round: never listed here
        text = browser_of(amber).get(reverse("reviews:bids", args=[round.slug])).content.decode()
        assert raman.application.reference not in text

    def test_the_page_of_wishes_costs_the_same_for_one_and_three(self, officer: User) -> None:
        counts = []
        for number in (1, 3):
            cases = make_cases(number)
            (amber,) = members(cases[0].round, officer, 1)
            client = browser_of(amber)
            read_words()
            with CaptureQueriesContext(connection) as captured:
                assert client.get(reverse("reviews:bids", args=[cases[0].round.slug])).content.decode().count("LSA-") == number
            counts.append(len(captured))
        assert counts[0] == counts[1]
