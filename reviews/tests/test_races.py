"""What happens when two do it at once: record, withdraw, vote, retract, announce. Each race ends as if one had come after the other."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import Role
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application, Request
from applications.workflow import Status
from institutions.models import Institution, Kind
from institutions.tests.make import make_institution
from letters.models import Letter, Mail
from reviews.actions import AwardDraft, announce_decisions, enter_vote, file_review, record_decision, retract_decision, run_announcements, save_review
from reviews.models import Announcement, Award, Decision, Review, Score, Vote
from reviews.tests.make import carry, decide, make_cases, make_review, seen_again
from reviews.workflow import DecisionStatus, Outcome, ReviewStatus
from rounds.tests.make import make_round
from samples.ledger import NotEnoughLeft
from samples.models import Hold, Sample
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a test's SQLite lives in memory and knows one connection"),
]
CONTESTANTS = 50
LAST_UG = 100  # the last step that the portal knows


@pytest.fixture
def institution() -> Institution:
    """These tests empty the tables, countries as well; this kind needs none."""
    return make_institution(kind=Kind.ORGANISATION)


def at_once(*attempts: Callable[[], object]) -> list[object]:
    """Run them at the same moment; what each returned or raised, in their order."""
    start = threading.Barrier(len(attempts))
    results: list[object] = [None] * len(attempts)

    def run(place: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(30)
            results[place] = attempts[place]()
        except Exception as problem:  # noqa: BLE001 — what goes wrong in a thread must reach the test
            results[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(attempts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def kinds(results: list[object]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


def lines_of(application: Application) -> list[Request]:
    assert application.current is not None
    return list(application.current.requests.select_related("sample", "version__application"))


def all_to(application: Application, outcome: Outcome) -> dict[Request, AwardDraft]:
    return {line: AwardDraft(outcome) for line in lines_of(application)}


def test_of_fifty_decisions_for_the_last_of_a_powder_one_is_recorded(institution: Institution) -> None:
    powder = make_sample("CE5C0600", mass_ug=LAST_UG)
    officers = [make_user(None, Role.OFFICER) for _ in range(5)]
    cases = make_cases(CONTESTANTS, make_round(powder), institution=institution, owner=make_user(), lines=[(powder, LAST_UG)])
    for application in cases:
        carry(application, officer=officers[0])

    def record(place: int) -> object:
        return record_decision(cases[place], awards=all_to(cases[place], Outcome.APPROVED), by=officers[place % 5])

    results = at_once(*[lambda place=place: record(place) for place in range(CONTESTANTS)])
    assert kinds(results) == ["Decision"] + [NotEnoughLeft.__name__] * (CONTESTANTS - 1)
    assert {str(result) for result in results if isinstance(result, NotEnoughLeft)} == {"Only 0.0 mg left."}
    powder.refresh_from_db()
    assert (powder.vault_ug, powder.earmarked_ug) == (0, LAST_UG)
    assert Decision.objects.count() == Award.objects.count() == Hold.objects.count() == 1
    assert Application.objects.filter(history__move="record").count() == 1


def test_of_ten_decisions_for_a_whole_piece_one_is_recorded(institution: Institution) -> None:
    piece = make_sample("CE5C0000YJYX129", mass_ug=197_300)
    officer = make_user(None, Role.OFFICER)
    cases = make_cases(10, make_round(piece), institution=institution, owner=make_user(), lines=[(piece, 197_300)])
    for application in cases:
        carry(application, officer=officer)
    results = at_once(*[lambda each=each: record_decision(each, awards=all_to(each, Outcome.APPROVED), by=officer) for each in cases])
    assert kinds(results) == ["Decision"] + [NotEnoughLeft.__name__] * 9
    assert Hold.objects.get().is_whole


def test_of_two_officers_who_approve_and_decline_at_once_one_wins(institution: Institution) -> None:
    officers = [make_user(None, Role.OFFICER) for _ in range(2)]
    for application in make_cases(8, institution=institution, owner=make_user()):
        carry(application, officer=officers[0])
        copies = [seen_again(application) for _ in range(2)]
        results = at_once(
            lambda copies=copies: record_decision(copies[0], awards=all_to(copies[0], Outcome.APPROVED), by=officers[0]),  # type: ignore[misc]
            lambda copies=copies: record_decision(copies[1], awards=all_to(copies[1], Outcome.DECLINED), by=officers[1]),  # type: ignore[misc]
        )
        assert kinds(results) == ["Decision", NotPossibleNow.__name__]
        decision = Decision.objects.get(application=application)
        assert Hold.objects.of([application.reference]).count() == (decision.outcome == Outcome.APPROVED)
        assert decision.recorded_by == officers[0 if decision.outcome == Outcome.APPROVED else 1]


def test_no_mass_stays_set_aside_for_whoever_withdraws_while_the_decision_is_recorded(institution: Institution) -> None:
    officer = make_user(None, Role.OFFICER)
    for application in make_cases(8, institution=institution, owner=make_user()):
        carry(application, officer=officer)
        mine, theirs = seen_again(application), seen_again(application)
        recorded, withdrawn = at_once(
            lambda theirs=theirs: record_decision(theirs, awards=all_to(theirs, Outcome.APPROVED), by=officer),  # type: ignore[misc]
            lambda mine=mine: withdraw_application(mine, by=mine.owner),  # type: ignore[misc]
        )
        assert withdrawn is None, "an applicant can always withdraw"
        assert isinstance(recorded, Decision | NotPossibleNow)
        assert seen_again(application).status == Status.WITHDRAWN
        assert not Hold.objects.open().of([application.reference]).exists()
    powder = Sample.objects.get()
    assert powder.earmarked_ug == 0


def test_no_award_stands_on_a_vote_that_was_changed_in_the_same_moment(institution: Institution) -> None:
    officer, colleague = make_user(None, Role.OFFICER), make_user(None, Role.OFFICER)
    for application in make_cases(8, institution=institution, owner=make_user()):
        carry(application, officer=officer)
        case, (line,) = seen_again(application), lines_of(application)
        recorded, entered = at_once(
            lambda case=case: record_decision(case, awards=all_to(case, Outcome.APPROVED), by=officer),  # type: ignore[misc]
            lambda line=line: enter_vote(line, by=colleague, present=9, recused=0, yes=0, no=9),  # type: ignore[misc]
        )
        assert not (isinstance(recorded, Decision) and isinstance(entered, Vote)), "one of the two came second and must be refused"
        assert isinstance(recorded, Decision) or isinstance(entered, Vote)


def test_a_decision_that_is_retracted_while_its_announcement_is_confirmed_never_becomes_a_letter(institution: Institution) -> None:
    officer, approver = make_user(None, Role.OFFICER), make_user(None, Role.APPROVER)
    powder = make_sample("CE5C0600", mass_ug=1_000_000)
    for _ in range(5):
        round = make_round(powder, recall_minutes=0)
        (application,) = make_cases(1, round, institution=institution)
        decision = decide(application, officer=officer)
        retracted, confirmed = at_once(
            lambda decision=decision: retract_decision(decision, by=officer, note="Counted wrongly."),  # type: ignore[misc]
            lambda round=round: announce_decisions(round, by=approver, count=1),  # type: ignore[misc]
        )
        run_announcements()
        is_out = Letter.objects.filter(kind="decision", reference=application.reference).exists()
        assert is_out is (retracted is not None)
        assert is_out <= isinstance(confirmed, Announcement)
        assert Hold.objects.open().of([application.reference]).exists() is is_out


def test_runs_that_meet_announce_each_application_once(institution: Institution) -> None:
    officer, approver = make_user(None, Role.OFFICER), make_user(None, Role.APPROVER)
    powder = make_sample("CE5C0600", mass_ug=1_000_000)
    round = make_round(powder)
    for application in make_cases(6, round, institution=institution):
        decide(application, officer=officer)
    announce_decisions(round, by=approver, count=6)
    results = at_once(*[run_announcements] * 4)
    assert sorted(results) == [0, 0, 0, 1]  # type: ignore[type-var]
    assert Announcement.objects.with_items().get().failed_items == []
    assert Letter.objects.filter(kind="decision", status="valid").count() == Mail.objects.filter(letter__kind="decision").count() == 6
    powder.refresh_from_db()
    assert (powder.earmarked_ug, powder.held_ug, powder.unseen_ug) == (0, 60_000, 0)


def test_whoever_withdraws_while_the_round_is_announced_is_either_announced_or_gone_without_a_trace(institution: Institution) -> None:
    officer, approver = make_user(None, Role.OFFICER), make_user(None, Role.APPROVER)
    powder = make_sample("CE5C0600", mass_ug=1_000_000)
    round = make_round(powder)
    cases = make_cases(8, round, institution=institution)
    for application in cases:
        decide(application, officer=officer)
    announce_decisions(round, by=approver, count=8)
    leaving = [seen_again(application) for application in cases[:5]]
    results = at_once(run_announcements, *[lambda each=each: withdraw_application(each, by=each.owner) for each in leaving])
    assert results == [1, *[None] * 5]
    for application in cases[:5]:
        row = seen_again(application)
        assert row.shown_status == Status.WITHDRAWN
        letter = Letter.objects.filter(kind="decision", reference=application.reference).first()
        was_out = row.visible_at is not None  # announced first, withdrawn after it: then the letter was out and the holder is told
        assert (letter is not None and letter.status == "valid") is was_out
        assert not Hold.objects.open().of([application.reference]).exists()
    assert [seen_again(application).shown_status for application in cases[5:]] == [Status.APPROVED] * 3
    powder.refresh_from_db()
    assert (powder.earmarked_ug, powder.held_ug, powder.unseen_ug) == (0, 30_000, 0)


def test_two_windows_that_save_and_file_at_once_lose_no_word(institution: Institution) -> None:
    (application,) = make_cases(1, institution=institution)
    review = make_review(application)
    scores = dict.fromkeys(application.round.criteria.all(), 4)
    copies = [Review.objects.with_case().get(pk=review.pk) for _ in range(2)]
    saved, filed = at_once(
        lambda: save_review(copies[0], by=review.expert, seen_revision=0, scores={}, remarks_to_applicant="Saved.", remarks_to_committee=""),
        lambda: file_review(copies[1], by=review.expert, seen_revision=0, scores=scores, remarks_to_applicant="Filed.", remarks_to_committee=""),
    )
    review.refresh_from_db()
    assert (saved is None) is not (filed is None), "one of the two is told that it came second"
    assert review.remarks_to_applicant == ("Saved." if saved is None else "Filed.")
    assert review.status == (ReviewStatus.OPEN if saved is None else ReviewStatus.FILED)
    assert Score.objects.count() == (0 if saved is None else len(scores))


def test_a_decision_is_never_both_retracted_and_announced(institution: Institution) -> None:
    officer, approver = make_user(None, Role.OFFICER), make_user(None, Role.APPROVER)
    (application,) = make_cases(1, institution=institution)
    decide(application, officer=officer)
    announcement = announce_decisions(application.round, by=approver, count=1)
    decision = Decision.objects.select_related("application").get()
    run_announcements(now=announcement.starts_at)
    with pytest.raises(NotPossibleNow):
        retract_decision(decision, by=officer, note="Counted wrongly.")
    assert Decision.objects.get().status == DecisionStatus.ANNOUNCED
