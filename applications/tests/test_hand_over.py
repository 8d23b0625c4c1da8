"""Another applicant: proposed by the present one, agreed to by a member of the team, consented to by the signatory, and then one move."""

from collections.abc import Callable
from typing import ClassVar
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.make import make_user
from applications import workflow as steps
from applications.actions import (
    HandOverOpen,
    NotInTeam,
    SignatoryNeeded,
    agree_to_hand_over,
    consent_to_hand_over,
    end_hand_over,
    end_member,
    endorse_application,
    propose_hand_over,
    submit_application,
    withdraw_application,
)
from applications.models import Application, HandOver, Member, Part
from applications.permissions import has_tie, may_edit
from applications.tests.make import make_at, make_draft, make_member, make_submitted, the_draft
from applications.tests.test_races import at_once
from applications.timeline import timeline
from applications.workflow import Status
from institutions.models import Kind
from institutions.tests.make import make_institution
from letters.models import Letter, Mail
from rounds.tests.make import make_round
from workflow.transitions import Move, NotPossibleNow

OPEN = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.IN_REVIEW, Status.INVITED, Status.RESERVE)


@pytest.fixture
def application(db: None) -> Application:
    return make_draft(owner=make_user(full_name="Olga Old"))


@pytest.fixture
def successor(application: Application) -> User:
    return make_member(application, Part.EDIT, make_user("new@example.org", full_name="Nina New"))


def fresh(application: Application) -> Application:
    return Application.objects.for_applicant().get(pk=application.pk)


def propose(application: Application, to: User) -> HandOver:
    return propose_hand_over(fresh(application), by=application.owner, to=to)


def url(application: Application) -> str:
    return reverse("applications:hand_over", args=[application.reference])


def test_the_members_own_yes_is_enough_where_no_endorsement_is_asked_for(application: Application, successor: User) -> None:
    old = application.owner
    hand_over = propose(application, successor)
    assert fresh(application).owner == old
    assert agree_to_hand_over(hand_over, by=successor)
    application = fresh(application)
    assert application.owner == successor
    assert application.status == Status.DRAFT
    change = application.history.get()
    assert (change.move, change.note, change.by) == ("hand_over", "Olga Old → Nina New", successor)
    former = application.member(old)
    assert former is not None
    assert former.part == Part.EDIT
    assert application.member(successor) is None, "the applicant is no member beside"
    assert may_edit(old, application)
    assert may_edit(successor, application)
    assert has_tie(old, application)
    assert has_tie(successor, application)


def test_the_mails_reach_exactly_those_who_have_to_know(application: Application, successor: User) -> None:
    hand_over = propose(application, successor)
    assert set(Mail.objects.filter(key__startswith="hand-over:").values_list("recipient", flat=True)) == {successor.email}
    agree_to_hand_over(hand_over, by=successor)
    told = Mail.objects.filter(key__startswith="handed-over:")
    assert set(told.values_list("recipient", flat=True)) == {application.owner.email, successor.email}
    title = the_draft(application).title
    assert not any(title in mail.body + mail.subject for mail in told)


@pytest.mark.django_db
@pytest.mark.parametrize("signatory_first", [True, False])
def test_with_endorsement_both_have_to_say_yes(signatory_first: bool) -> None:
    application = make_draft(make_round(needs_endorsement=True))
    successor = make_member(application, Part.READ)
    with pytest.raises(SignatoryNeeded):
        propose(application, successor)
    signatory = make_member(application, Part.SIGN)
    hand_over = propose(application, successor)
    assert Mail.objects.filter(key__startswith="hand-over:").count() == 2
    answers: list[Callable[[], bool]] = [lambda: agree_to_hand_over(hand_over, by=successor), lambda: consent_to_hand_over(hand_over, by=signatory)]
    first, second = reversed(answers) if signatory_first else answers
    assert first() is False
    assert fresh(application).owner == application.owner
    assert second() is True
    assert fresh(application).owner == successor


@pytest.mark.django_db
def test_an_endorsement_outlives_the_hand_over() -> None:
    application = make_draft(make_round(needs_endorsement=True))
    successor, signatory = make_member(application, Part.READ), make_member(application, Part.SIGN)
    endorse_application(application, by=signatory, seen_digest=the_draft(application).expected_digest(), position="Dean")
    hand_over = propose(application, successor)
    consent_to_hand_over(hand_over, by=signatory)
    agree_to_hand_over(hand_over, by=successor)
    submit_application(application, by=successor, key=uuid4())
    assert Letter.objects.get().readers.get().user == successor


@pytest.mark.django_db
def test_letters_keep_their_readers_and_new_ones_go_to_the_new_applicant() -> None:
    application = make_submitted()
    successor = make_member(application, Part.EDIT)
    agree_to_hand_over(propose(application, successor), by=successor)
    assert list(Letter.objects.get().readers.values_list("user", flat=True)) == [application.owner.pk]
    assert fresh(application).receipts.get().version.submitted_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize("status", list(Status))
def test_it_is_possible_exactly_while_the_application_is_open(status: Status) -> None:
    application = make_at(status)
    successor = make_user()
    Member.objects.create(
        application=application, email=successor.email, user=successor, part=Part.READ, invited_by=application.owner, accepted_at=timezone.now()
    )
    if status not in OPEN:
        with pytest.raises(NotPossibleNow):
            propose(application, successor)
        return
    agree_to_hand_over(propose(application, successor), by=successor)
    after = fresh(application)
    assert (after.owner, after.status) == (successor, status)
    former = after.member(application.owner)
    assert former is not None
    assert former.part == (Part.EDIT if after.is_editable() else Part.READ)
    assert "Handed over to another applicant" in [step.label for step in timeline(after)]


@pytest.mark.django_db
@pytest.mark.parametrize("step", [steps.APPROVE, steps.DECLINE, steps.PUT_IN_RESERVE])
def test_a_decision_that_is_not_visible_is_betrayed_neither_by_a_refusal_nor_by_the_history(step: Move) -> None:
    undecided, decided = make_at(Status.IN_REVIEW), make_at(Status.IN_REVIEW)
    decided.advance(step, by=None, quiet_status=Status.IN_REVIEW, visible_at=None)
    told = []
    for application in (undecided, decided):
        successor = make_member(application, Part.READ)
        agree_to_hand_over(propose(application, successor), by=successor)
        after = fresh(application)
        assert after.owner == successor
        told.append([line.label for line in timeline(after)])
    assert told[0] == told[1]
    Application.objects.filter(pk=decided.pk).update(visible_at=timezone.now())
    shown = [line.label for line in timeline(fresh(decided))]
    assert len(shown) > len([line for line in told[0] if line in shown]), "the decision shows once it is visible"


def test_only_a_member_who_has_accepted_and_does_not_sign_can_follow(application: Application) -> None:
    invited = make_user("waits@example.org")
    for person in (make_user(), invited, make_member(application, Part.SIGN), application.owner):
        with pytest.raises(NotInTeam):
            propose(application, person)


def test_there_is_one_hand_over_at_a_time_and_a_no_ends_it(application: Application, successor: User) -> None:
    other = make_member(application, Part.READ)
    hand_over = propose(application, successor)
    with pytest.raises(HandOverOpen):
        propose(application, other)
    end_hand_over(hand_over, by=successor)
    assert Mail.objects.filter(key__startswith="hand-over-ended:").get().recipient == application.owner.email
    for late in (agree_to_hand_over, end_hand_over):
        with pytest.raises(NotPossibleNow):
            late(hand_over, by=successor)
    assert fresh(application).owner == application.owner
    agree_to_hand_over(propose(application, other), by=other)
    assert fresh(application).owner == other


def test_who_leaves_the_team_cannot_follow_any_more(application: Application, successor: User) -> None:
    hand_over = propose(application, successor)
    end_member(Member.objects.get(user=successor))
    with pytest.raises(NotPossibleNow):
        agree_to_hand_over(hand_over, by=successor)
    assert fresh(application).owner == application.owner


def test_what_was_submitted_meanwhile_is_handed_over_and_what_was_withdrawn_is_not(application: Application, successor: User) -> None:
    hand_over = propose(application, successor)
    submit_application(application, by=application.owner, key=uuid4())
    agree_to_hand_over(hand_over, by=successor)
    assert (fresh(application).owner, fresh(application).status) == (successor, Status.SUBMITTED)
    other = make_draft()
    member = make_member(other)
    hand_over = propose(other, member)
    withdraw_application(other, by=other.owner)
    with pytest.raises(NotPossibleNow):
        agree_to_hand_over(hand_over, by=member)
    assert fresh(other).owner == other.owner


class TestRaces:
    pytestmark: ClassVar = [
        pytest.mark.django_db(transaction=True),
        pytest.mark.skipif(connection.vendor == "sqlite", reason="a test's SQLite lives in memory and knows one connection"),
    ]

    def test_both_answers_at_once_hand_it_over_exactly_once(self) -> None:
        application = make_draft(make_round(needs_endorsement=True), institution=make_institution(kind=Kind.ORGANISATION))
        successor, signatory = make_member(application, Part.READ), make_member(application, Part.SIGN)
        hand_over = propose(application, successor)
        results = at_once(lambda: agree_to_hand_over(hand_over, by=successor), lambda: consent_to_hand_over(hand_over, by=signatory))
        assert sorted(map(str, results)) == ["False", "True"]
        assert fresh(application).owner == successor
        assert application.history.count() == 1

    def test_a_submission_in_the_same_second_loses_nothing(self) -> None:
        application = make_draft(institution=make_institution(kind=Kind.ORGANISATION))
        successor = make_member(application, Part.EDIT)
        hand_over = propose(application, successor)
        results = at_once(
            lambda: agree_to_hand_over(hand_over, by=successor), lambda: submit_application(application, by=application.owner, key=uuid4())
        )
        after = fresh(application)
        assert results[0] is True
        assert after.owner == successor
        assert after.history.count() == 1 + (after.status == Status.SUBMITTED)
        assert (after.status == Status.SUBMITTED) == (not isinstance(results[1], Exception))


# --- The page -------------------------------------------------------------------------------------------------------------


def test_the_whole_way_through_the_pages(client: Client, application: Application, successor: User) -> None:
    client.force_login(application.owner)
    member = Member.objects.get(user=successor)
    assert "Nina New" in client.get(url(application)).content.decode()
    assert client.post(url(application), {"to": "999999"}).status_code == 422
    assert client.post(url(application), {"to": str(member.pk)}).status_code == 302
    assert "Take it back" in client.get(url(application)).content.decode()
    client.force_login(successor)
    assert "You are asked about a new applicant" in client.get(f"/applications/{application.reference}/").content.decode()
    assert "Become the applicant" in client.get(url(application)).content.decode()
    client.post(url(application), {"yes": "yes"})
    assert fresh(application).owner == successor
    assert client.get(url(application)).status_code == 200
    client.force_login(application.owner)
    assert client.get(url(application)).status_code == 403


def test_nobody_else_answers(client: Client, application: Application, successor: User) -> None:
    propose(application, successor)
    for person in (make_member(application, Part.EDIT), make_member(application, Part.READ), make_member(application, Part.SIGN)):
        client.force_login(person)
        assert client.get(url(application)).status_code == 403
        assert client.post(url(application), {"yes": "yes"}).status_code == 403
        assert client.post(url(application), {"no": "yes"}).status_code == 403
    client.force_login(application.owner)
    assert client.post(url(application), {"yes": "yes"}).status_code == 403
    client.force_login(make_user())
    assert client.post(url(application), {"yes": "yes"}).status_code == 404
    assert fresh(application).owner == application.owner
