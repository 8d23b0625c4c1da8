"""Declaring conflicts: one page for a round, what follows from each word, and what the office answers."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from applications.tests.make import make_draft, make_member
from institutions.tests.make import make_membership
from reviews.actions import (
    Declared,
    NotImpartial,
    PinnedByOffice,
    TieFound,
    WordsNeeded,
    assign_experts,
    confirm_explanation,
    declare_standings,
    pin_conflict,
    unpin_conflict,
)
from reviews.invariants import INVARIANTS
from reviews.models import Conflict, Declaration, Review, Seat, Standing, cases_visible_to
from reviews.permissions import may_review
from reviews.tests.make import browser_of, file, make_case, make_cases, make_review
from reviews.workflow import ReviewStatus
from rounds.models import Round
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Application:
    return make_case(title="Helium in beads")


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER, full_name="Officer One")


@pytest.fixture
def expert(case: Application) -> User:
    return make_expert(case.round)


def make_expert(round: Round, **seat: bool) -> User:
    person = make_user(None, Role.EXPERT)
    Seat.objects.create(round=round, user=person, **seat)
    return person


def say(person: User, case: Application, standing: Standing, note: str = "") -> list[Application]:
    return declare_standings(case.round, {case: Declared(standing, note)}, by=person)


def befriend(person: User, case: Application) -> None:
    """A tie that is found: another application together."""
    make_member(make_draft(owner=case.owner), person=person)


def page_of(case: Application) -> str:
    return reverse("reviews:conflicts", args=[case.round.slug])


def office_of(case: Application) -> str:
    return reverse("reviews:office_conflicts", args=[case.round.slug])


def words(case: Application, standing: str, note: str = "") -> dict[str, str]:
    return {f"{case.reference}-standing": standing, f"{case.reference}-note": note}


# --- What follows from a word ---------------------------------------------------------------------------------------------


def test_a_conflict_hands_an_open_review_back_at_once(case: Application) -> None:
    review = make_review(case)
    assert say(review.expert, case, Standing.CONFLICT, "We publish together.") == [case]
    review.refresh_from_db()
    assert review.status == ReviewStatus.HANDED_BACK
    assert not Review.objects.visible_to(review.expert).exists()


def test_a_conflict_after_filing_leaves_the_review_in_the_record_and_shuts_the_person_out(case: Application) -> None:
    review = file(make_review(case))
    say(review.expert, case, Standing.CONFLICT, "I was offered a post there.")
    review.refresh_from_db()
    assert review.status == ReviewStatus.FILED
    assert not may_review(review.expert, review)
    assert not Review.objects.visible_to(review.expert).exists()
    assert not broken("I9")


def broken(code: str) -> list[object]:
    (sql,) = [sql for name, _title, sql in INVARIANTS if name == code]
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@pytest.mark.breaks_invariants
def test_a_review_that_was_filed_against_a_declared_conflict_is_found(case: Application) -> None:
    review = make_review(case)
    Declaration(user=review.expert, application=case, standing=Standing.CONFLICT, by=review.expert).save(force_insert=True)
    file(review)
    assert broken("I9")


@pytest.mark.breaks_invariants
def test_a_review_of_somebody_who_was_in_the_team_is_found(case: Application) -> None:
    review = file(make_review(case))
    assert not broken("I15")
    case.members.create(email="x@example.org", part="read", invited_by=case.owner, user=review.expert, accepted_at=review.assigned_at)
    assert broken("I15")


def test_no_conflict_opens_a_review_that_waits_for_this_word(case: Application) -> None:
    review = make_review(case, is_open=False)
    say(review.expert, case, Standing.NONE)
    review.refresh_from_db()
    assert review.status == ReviewStatus.OPEN


def test_what_was_declared_before_opens_a_later_assignment_at_once(case: Application, expert: User, officer: User) -> None:
    say(expert, case, Standing.NONE)
    (review,) = assign_experts(case, [expert], by=officer)
    review.refresh_from_db()
    assert review.status == ReviewStatus.OPEN
    assert review.history.get().by == expert, "the word was the expert's"


def test_a_later_word_counts_and_every_word_stays(case: Application, expert: User) -> None:
    say(expert, case, Standing.CONFLICT, "A mistake.")
    assert not cases_without(expert, case)
    say(expert, case, Standing.NONE)
    assert cases_without(expert, case)
    assert [row.standing for row in Declaration.objects.filter(user=expert)] == [Standing.CONFLICT, Standing.NONE]
    assert say(expert, case, Standing.NONE) == [], "the same word again is no new word"
    assert Declaration.objects.count() == 2


def cases_without(person: User, case: Application) -> bool:
    return cases_visible_to(person).filter(pk=case.pk).exists()


def _pinned(person: User, case: Application) -> None:
    pin_conflict(person, case, by=make_user(None, Role.OFFICER), note="A relative.")


def _over(case: Application) -> None:
    withdraw_application(case, by=case.owner)


def _tied(person: User, case: Application) -> None:
    assert case.institution is not None
    make_membership(person, case.institution)


REFUSED: list[tuple[Callable[[User, Application], None], Standing, str, type[Exception]]] = [
    (_tied, Standing.NONE, "", NotPossibleNow),
    (befriend, Standing.NONE, "", TieFound),
    (befriend, Standing.EXPLAINED, " ", WordsNeeded),
    (lambda person, case: None, Standing.EXPLAINED, "", WordsNeeded),
    (lambda person, case: None, Standing.PINNED, "mine", PinnedByOffice),
    (_pinned, Standing.NONE, "", PinnedByOffice),
    (_pinned, Standing.CONFLICT, "as well", PinnedByOffice),
    (lambda person, case: _over(case), Standing.CONFLICT, "late", NotPossibleNow),
]


@pytest.mark.parametrize(("barrier", "standing", "note", "refusal"), REFUSED)
def test_what_cannot_be_said_is_refused_and_nothing_is_kept(
    case: Application, expert: User, barrier: Callable[[User, Application], None], standing: Standing, note: str, refusal: type[Exception]
) -> None:
    barrier(expert, case)
    before = list(Conflict.objects.values())
    with pytest.raises(refusal):
        say(expert, case, standing, note)
    assert list(Conflict.objects.values()) == before


def test_a_word_about_another_round_is_refused(case: Application, expert: User) -> None:
    with pytest.raises(NotPossibleNow):
        declare_standings(make_case().round, {case: Declared(Standing.NONE)}, by=expert)


# --- The office's answers -------------------------------------------------------------------------------------------------


def explained(person: User, case: Application) -> Conflict:
    befriend(person, case)
    say(person, case, Standing.EXPLAINED, "A consortium of two hundred people; we never met.")
    return Conflict.objects.get(user=person, application=case)


def test_an_explanation_takes_effect_when_an_officer_confirms_it(case: Application, expert: User, officer: User) -> None:
    row = explained(expert, case)
    assert not cases_without(expert, case)
    confirm_explanation(row, by=officer)
    assert cases_without(expert, case)
    assert list(Declaration.objects.values_list("standing", "is_confirmation", "by")) == [
        (Standing.EXPLAINED, False, expert.pk),
        (Standing.EXPLAINED, True, officer.pk),
    ]
    (review,) = assign_experts(case, [expert], by=officer)
    review.refresh_from_db()
    assert review.status == ReviewStatus.OPEN
    assert say(expert, case, Standing.EXPLAINED, row.note) == [], "the same words again keep the confirmation"
    say(expert, case, Standing.EXPLAINED, "Other words.")
    assert not cases_without(expert, case), "other words have to be confirmed anew"


def test_nobody_confirms_for_themselves_and_no_one_with_a_tie_does(case: Application, expert: User, officer: User) -> None:
    own = explained(officer, case)
    with pytest.raises(NotImpartial):
        confirm_explanation(own, by=officer)
    row = explained(expert, case)
    with pytest.raises(NotImpartial):
        confirm_explanation(row, by=officer)
    row.refresh_from_db()
    assert not row.is_confirmed


def test_words_that_were_not_read_are_not_confirmed(case: Application, expert: User, officer: User) -> None:
    row = explained(expert, case)
    say(expert, case, Standing.EXPLAINED, "Other words.")
    with pytest.raises(NotPossibleNow):
        confirm_explanation(row, by=officer)


def test_an_explanation_does_not_reach_a_tie_that_was_found_meanwhile(case: Application, expert: User, officer: User) -> None:
    row = explained(expert, case)
    other = make_user()
    Application.objects.get(pk=case.pk).members.create(email=other.email, part="read", invited_by=case.owner, user=other, accepted_at=timezone.now())
    from_home = make_case().institution
    assert from_home is not None
    make_membership(other, from_home)
    make_membership(expert, from_home)
    with pytest.raises(NotPossibleNow, match="Another tie was found"):
        confirm_explanation(row, by=officer)


def test_the_office_sets_a_conflict_that_takes_the_review_away(case: Application, officer: User) -> None:
    review = make_review(case)
    pin_conflict(review.expert, case, by=officer, note="A relative of the applicant.")
    review.refresh_from_db()
    assert review.status == ReviewStatus.REMOVED
    assert not cases_without(review.expert, case)
    assert Declaration.objects.latest("pk").by == officer


def test_the_office_takes_back_what_it_had_set(case: Application, expert: User, officer: User) -> None:
    row = pin_conflict(expert, case, by=officer, note="A relative.")
    with pytest.raises(WordsNeeded):
        unpin_conflict(row, by=officer, note="")
    with pytest.raises(NotImpartial):
        unpin_conflict(row, by=expert, note="I do not agree.")
    unpin_conflict(row, by=officer, note="Another person of the same name.")
    assert cases_without(expert, case)
    with pytest.raises(NotPossibleNow):
        unpin_conflict(row, by=officer, note="Again.")


def test_a_pin_needs_words_and_an_impartial_officer(case: Application, expert: User, officer: User) -> None:
    with pytest.raises(WordsNeeded):
        pin_conflict(expert, case, by=officer, note=" ")
    with pytest.raises(NotImpartial):
        pin_conflict(officer, case, by=officer, note="Myself.")
    befriend(officer, case)
    with pytest.raises(NotImpartial):
        pin_conflict(expert, case, by=officer, note="A relative.")
    assert not Conflict.objects.exists()


# --- The page of a round --------------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_needed_to_declare_and_nothing_else(case: Application, expert: User) -> None:
    make_member(Application.objects.get(pk=case.pk), person=make_user(full_name="Team Member Tern"))
    page = browser_of(expert).get(page_of(case)).content.decode()
    for text in (case.reference, "Helium in beads", case.owner.full_name, "Team Member Tern", "Dr. Example Keeper", "CE5C0600", "France"):
        assert text in page
    for text in ("Pick beads in nitrogen", "solar-wind water", "glove box", "checked"):
        assert text not in page, "nothing confidential, and nothing chosen beforehand"


def test_who_sits_elsewhere_or_nowhere_finds_no_page(case: Application) -> None:
    made = {Role.EXPERT: 403, Role.CURATOR: 403, Role.ADMINISTRATOR: 403, Role.OFFICER: 200, Role.APPROVER: 200}
    for role, status in made.items():
        assert browser_of(make_user(None, role)).get(page_of(case)).status_code == status, role
    former = make_expert(case.round)
    Seat.objects.filter(user=former).update(ended_at=timezone.now())
    assert browser_of(former).get(page_of(case)).status_code == 403
    assert browser_of(make_user()).post(page_of(case), words(case, "none")).status_code == 403
    assert not Conflict.objects.exists()


def test_an_invited_expert_sees_only_what_was_given(case: Application, officer: User) -> None:
    guest = make_expert(case.round, is_invited=True)
    assert case.reference not in browser_of(guest).get(page_of(case)).content.decode()
    browser_of(guest).post(page_of(case), words(case, "none"))
    assert not Conflict.objects.exists()
    assign_experts(case, [guest], by=officer)
    assert case.reference in browser_of(guest).get(page_of(case)).content.decode()


def test_with_a_hard_tie_there_is_no_line_and_no_gap(case: Application, expert: User) -> None:
    _tied(expert, case)
    page = browser_of(expert).get(page_of(case)).content.decode()
    assert case.reference not in page
    assert "No application of this round waits for your word." in page
    browser_of(expert).post(page_of(case), words(case, "none"))
    assert not Conflict.objects.exists()


def test_what_is_filled_in_is_saved_and_the_rest_kept(officer: User) -> None:
    first, second, third = make_cases(3)
    expert = make_expert(first.round)
    say(expert, third, Standing.CONFLICT, "Earlier words.")
    client = browser_of(expert)
    answer = client.post(page_of(first), words(first, "none") | words(second, "explained") | words(third, "conflict", "Earlier words."))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say why it is not a conflict." in page
    assert "1 declaration is saved." in page
    assert dict(Conflict.objects.values_list("application", "standing")) == {first.pk: "none", third.pk: "conflict"}
    answer = client.post(page_of(first), words(second, "explained", "We met once."), follow=True)
    assert answer.redirect_chain == [(page_of(first), 302)]
    assert Conflict.objects.get(application=second).note == "We met once."
    assert 'value="none" required' not in page


def test_a_found_tie_is_named_and_offers_two_answers(case: Application, expert: User) -> None:
    befriend(expert, case)
    client = browser_of(expert)
    page = client.get(page_of(case)).content.decode()
    assert "another application together with" in page
    assert 'value="none"' not in page
    answer = client.post(page_of(case), words(case, "none"))
    assert answer.status_code == 422
    assert "declare a conflict, or say why it is none" in answer.content.decode()
    client.post(page_of(case), words(case, "explained", "A consortium."))
    assert "Your explanation waits for the office." in client.get(page_of(case)).content.decode()


def test_a_pinned_line_offers_nothing_and_takes_nothing(case: Application, expert: User, officer: User) -> None:
    pin_conflict(expert, case, by=officer, note="A secret reason.")
    client = browser_of(expert)
    page = client.get(page_of(case)).content.decode()
    assert "Conflict, set by the office" in page
    assert "A secret reason." not in page
    assert 'type="radio"' not in page
    client.post(page_of(case), words(case, "none"))
    assert Conflict.objects.get().standing == Standing.PINNED


def test_words_without_a_choice_are_asked_back(case: Application, expert: User) -> None:
    answer = browser_of(expert).post(page_of(case), words(case, "", "We met once."))
    assert answer.status_code == 422
    assert "Choose what your words are about." in answer.content.decode()
    assert "We met once." in answer.content.decode()


def count_of(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_both_pages_cost_the_same_for_one_line_and_for_three(officer: User) -> None:
    counts = []
    for size in (1, 3):
        cases = make_cases(size)
        expert = make_expert(cases[0].round)
        befriend(expert, cases[0])
        for case in cases:
            explained(make_expert(case.round), case)
        client, office = browser_of(expert), browser_of(officer)
        counts.append([count_of(lambda: client.get(page_of(cases[0]))), count_of(lambda: office.get(office_of(cases[0])))])  # noqa: B023
    assert counts[0] == counts[1]


# --- The office's page ----------------------------------------------------------------------------------------------------


def test_the_office_counts_who_said_what(officer: User) -> None:
    first, second, third = make_cases(3)
    expert = make_expert(first.round)
    User.objects.filter(pk=expert.pk).update(full_name="Expert Fir")
    say(expert, first, Standing.CONFLICT)
    say(expert, second, Standing.NONE)
    row = next(row for row in browser_of(officer).get(office_of(first)).content.decode().split("<tr>") if "Expert Fir" in row)
    figures = [cell.partition("<")[0] for cell in row.split('class="n">')[1:]]
    assert figures == ["0", "1", "0", "0", "1", "0", "1"]
    befriend(expert, third)
    befriend(expert, second)
    row = next(row for row in browser_of(officer).get(office_of(first)).content.decode().split("<tr>") if "Expert Fir" in row)
    figures = [cell.partition("<")[0] for cell in row.split('class="n">')[1:]]
    assert figures == ["0", "1", "0", "0", "0", "2", "0"], "“no conflict” said before a tie was found is no answer to it"


def test_the_officer_confirms_or_answers_with_a_conflict(case: Application, expert: User, officer: User) -> None:
    row = explained(expert, case)
    client = browser_of(officer)
    assert "A consortium of two hundred people" in client.get(office_of(case)).content.decode()
    client.post(office_of(case), {"confirm": row.pk})
    assert cases_without(expert, case)
    assert "A consortium" not in client.get(office_of(case)).content.decode()
    other = explained(make_expert(case.round), case)
    assert client.post(office_of(case), {"answer": other.pk, "note": ""}).status_code == 409
    client.post(office_of(case), {"answer": other.pk, "note": "They share a grant."})
    other.refresh_from_db()
    assert other.is_pinned
    assert "They share a grant." in client.get(office_of(case)).content.decode()
    client.post(office_of(case), {"unpin": other.pk, "note": "The grant has ended."})
    assert not Conflict.objects.filter(pk=other.pk).exists()


def test_an_officer_with_a_tie_learns_nothing_and_can_do_nothing(case: Application, expert: User, officer: User) -> None:
    row = explained(expert, case)
    pinned = pin_conflict(make_expert(case.round), case, by=make_user(None, Role.OFFICER), note="A relative.")
    befriend(officer, case)
    client = browser_of(officer)
    page = client.get(office_of(case)).content.decode()
    assert case.reference not in page
    assert "consortium" not in page
    assert set(figures_of(page)) == {"0"}
    for words in ({"confirm": row.pk}, {"answer": row.pk, "note": "No."}, {"unpin": pinned.pk, "note": "No."}):
        assert client.post(office_of(case), words).status_code == 404
    answer = client.post(office_of(case), {"pin": "yes", "pin-person": expert.pk, "pin-reference": case.reference, "pin-note": "Because."})
    nowhere = client.post(office_of(case), {"pin": "yes", "pin-person": expert.pk, "pin-reference": "LSA-2001-00001", "pin-note": "Because."})
    assert (answer.status_code, nowhere.status_code) == (422, 422)
    sentence = "No application in review of this round has this reference."
    assert sentence in answer.content.decode()
    assert sentence in nowhere.content.decode()


def figures_of(page: str) -> list[str]:
    return [cell.partition("<")[0] for cell in page.split('<td class="n">')[1:]]


def test_the_officer_sets_a_conflict_by_name_and_reference(case: Application, expert: User, officer: User) -> None:
    client = browser_of(officer)
    words = {"pin": "yes", "pin-person": expert.pk, "pin-reference": case.reference.lower(), "pin-note": ""}
    assert client.post(office_of(case), words).status_code == 422
    client.post(office_of(case), words | {"pin-note": "A relative."})
    assert Conflict.objects.get().set_by == officer
    for person in (make_user(None, Role.APPROVER), expert, make_user()):
        assert browser_of(person).get(office_of(case)).status_code == 403
        assert browser_of(person).post(office_of(case), words).status_code == 403
