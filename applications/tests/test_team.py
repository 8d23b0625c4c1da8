"""Invitations: whom they reach, what they say, how many there may be, and who can answer them."""

import re
from datetime import timedelta
from typing import ClassVar

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.tests.make import make_user
from applications.actions import (
    AlreadyInTeam,
    AlreadyInvited,
    InvitationOver,
    OwnAddress,
    TooManyMails,
    accept_invitation,
    decline_invitation,
    end_member,
    invite_member,
    renew_invitation,
    withdraw_application,
)
from applications.models import Application, Member, Part, TeamMail
from applications.permissions import has_tie, may_answer, may_edit, may_endorse, may_read
from applications.tests.make import make_draft, make_member
from applications.tests.test_races import at_once
from institutions.models import Kind
from institutions.tests.make import make_institution
from letters.addresses import BadAddress
from letters.models import Mail
from workflow.models import AppendOnly
from workflow.transitions import NotPossibleNow

LINK = re.compile(r"https?://\S+")


@pytest.fixture
def application(db: None) -> Application:
    return make_draft(owner=make_user(full_name="Anna Li"))


def invite(application: Application, email: str = "new@example.org", part: Part = Part.READ) -> Member:
    return invite_member(application, by=application.owner, email=email, part=part)


# --- The mail -------------------------------------------------------------------------------------------------------------


def test_an_invitation_is_one_mail_to_one_address_with_a_link(application: Application) -> None:
    member = invite(application, "New.Person@Example.ORG")
    mail = Mail.objects.get()
    assert mail.recipient == member.email == "new.person@example.org"
    assert member.code in mail.body
    assert "Anna Li invites you" in mail.body
    assert "Anna Li邀请您" in mail.body
    draft = application.versions.get()
    assert draft.title not in mail.body + mail.subject
    assert "glass" not in mail.body


def test_whoever_has_an_account_is_written_to_in_its_language_alone(application: Application) -> None:
    make_user("li@example.org", language="zh-hans")
    make_user("lee@example.org", language="en")
    invite(application, "li@example.org")
    invite(application, "lee@example.org")
    chinese, english = Mail.objects.order_by("pk")
    assert "invites you" not in chinese.body
    assert "邀请您" not in english.body + english.subject


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        "{{7*7}}",
        "[click](https://evil.example)",
        "https://evil.example",
        "www.evil.example",
        "Anna\r\nBcc: all@example.org",
        "Anna\u2028Subject: x",
        '"Anna", list@example.org',
        "Buy moon rocks now " * 10,
    ],
)
def test_a_hostile_name_stays_plain_short_and_out_of_the_subject(name: str) -> None:
    application = make_draft(owner=make_user(full_name=name[:200]))
    member = invite(application)
    mail = Mail.objects.get()
    assert mail.subject == f"{application.reference}: Invitation to take part in an application for lunar samples · 邀请您参与月球样品借用申请"
    assert {link for link in LINK.findall(mail.body) if "evil" in link} == set()
    assert sum(member.code in link for link in LINK.findall(mail.body)) == 2  # once in each language
    assert not set("<>{}[]") & set(mail.body)
    assert "@" not in mail.body.split("邀请")[0].split("invites")[0]
    assert max(len(line.split(" invites you")[0]) for line in mail.body.splitlines() if " invites you" in line) <= 80


def test_a_title_full_of_advertising_never_reaches_a_mail(application: Application) -> None:
    application.versions.update(title="Cheap moon rocks at evil.example")
    invite(application)
    assert "evil" not in Mail.objects.get().body


@pytest.mark.parametrize("email", ["a@example.org,b@example.org", "a@example.org\nb@example.org", '"a b"@example.org', "nobody"])
def test_a_list_or_a_bad_address_writes_nothing(application: Application, email: str) -> None:
    with pytest.raises(BadAddress):
        invite(application, email)
    assert not Mail.objects.exists()
    assert not Member.objects.exists()


# --- How many -------------------------------------------------------------------------------------------------------------


def test_the_same_address_again_says_that_it_is_invited_already(application: Application) -> None:
    invite(application, "new@example.org")
    with pytest.raises(AlreadyInvited, match="invited already"):
        invite(application, "NEW@example.org", Part.EDIT)
    assert Mail.objects.count() == 1
    accept_invitation(Member.objects.get(), by=make_user("new@example.org"))
    with pytest.raises(AlreadyInvited, match="takes part already"):
        invite(application, "new@example.org")


def test_the_applicant_is_not_invited(application: Application) -> None:
    with pytest.raises(OwnAddress):
        invite(application, application.owner.email.upper())


def test_twenty_invitations_a_day_are_the_limit_of_a_person_over_all_applications(application: Application) -> None:
    other = make_draft(application.round, owner=application.owner)
    for number in range(20):
        invite((application, other)[number % 2], f"person{number}@example.com")
    with pytest.raises(TooManyMails, match="20"):
        invite(application, "one-more@example.com")
    assert Member.objects.count() == Mail.objects.count() == 20
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        invite(application, "one-more@example.com")


def test_thirty_invitations_of_an_application_wait_at_most(application: Application) -> None:
    Member.objects.bulk_create(
        [Member(application=application, email=f"p{number}@example.com", part=Part.READ, invited_by=application.owner) for number in range(30)]
    )
    with pytest.raises(TooManyMails, match="30"):
        invite(application)
    end_member(Member.objects.get(email="p0@example.com"))
    invite(application)


def test_an_invitation_is_sent_again_three_times_a_day(application: Application) -> None:
    member = invite(application)
    for _time in range(3):
        renew_invitation(member, by=application.owner)
    with pytest.raises(TooManyMails, match="3 times"):
        renew_invitation(member, by=application.owner)
    assert Mail.objects.count() == 4
    assert {member.code in mail.body for mail in Mail.objects.all()} == {True}


def test_the_database_refuses_a_twenty_first_mail_and_any_change_of_the_count(application: Application) -> None:
    member = invite(application)
    row = TeamMail.objects.get()
    with pytest.raises(AppendOnly):
        row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamMail.objects.filter(pk=row.pk).update(number=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamMail(member=member, what=TeamMail.What.INVITATION, by=application.owner, on=timezone.localdate(), number=21).save()


def test_nobody_is_invited_to_a_closed_application(application: Application) -> None:
    member = invite(application)
    withdraw_application(application, by=application.owner)
    application.refresh_from_db()
    with pytest.raises(NotPossibleNow):
        invite(application, "late@example.org")
    with pytest.raises(InvitationOver):
        accept_invitation(Member.objects.get(pk=member.pk), by=make_user("new@example.org"))


# --- Answering ------------------------------------------------------------------------------------------------------------


def test_only_a_verified_address_answers(application: Application) -> None:
    member, person, other = invite(application, "new@example.org"), make_user("new@example.org"), make_user()
    assert may_answer(person, member)
    assert not may_answer(other, member)
    person.emailaddress_set.update(verified=False)  # type: ignore[attr-defined]
    assert not may_answer(person, member)
    other.emailaddress_set.create(email="NEW@example.org", verified=True, primary=False)  # type: ignore[attr-defined]
    assert may_answer(other, member)


@pytest.mark.parametrize(
    ("part", "rights"),
    [(Part.READ, (True, False, False)), (Part.EDIT, (True, True, False)), (Part.SIGN, (False, False, True))],
)
def test_each_part_may_do_its_own(application: Application, part: Part, rights: tuple[bool, bool, bool]) -> None:
    person = make_member(application, part)
    application = Application.objects.visible_to(person).for_applicant().get()
    assert (may_read(person, application), may_edit(person, application), may_endorse(person, application)) == rights


def test_before_the_answer_and_after_the_end_nobody_sees_anything(application: Application) -> None:
    member, person = invite(application, "new@example.org"), make_user("new@example.org")
    assert not Application.objects.visible_to(person).exists()
    accept_invitation(member, by=person)
    assert Application.objects.visible_to(person).get() == application
    end_member(member)
    assert not Application.objects.visible_to(person).exists()
    assert has_tie(person, application), "who was in the team stays tied"


def test_a_no_leaves_no_tie(application: Application) -> None:
    member, person = invite(application, "new@example.org"), make_user("new@example.org")
    decline_invitation(member)
    assert not has_tie(person, application)
    with pytest.raises(InvitationOver):
        accept_invitation(member, by=person)
    invite(application, "new@example.org")


def test_an_invitation_is_answered_once_within_thirty_days_unless_withdrawn(application: Application) -> None:
    person = make_user("new@example.org")
    member = invite(application, "new@example.org")
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        assert member.is_expired
        with pytest.raises(InvitationOver):
            accept_invitation(member, by=person)
        assert invite(application, "new@example.org", Part.EDIT).pk == member.pk
        accept_invitation(member, by=person)
        assert Member.objects.get().part == Part.EDIT
    with pytest.raises(InvitationOver):
        accept_invitation(member, by=person)
    withdrawn = invite(application, "gone@example.org")
    end_member(withdrawn)
    with pytest.raises(InvitationOver):
        accept_invitation(withdrawn, by=make_user("gone@example.org"))
    with pytest.raises(NotPossibleNow):
        end_member(withdrawn)
    with pytest.raises(NotPossibleNow):
        renew_invitation(withdrawn, by=application.owner)


def test_one_person_takes_part_once_and_never_beside_themselves(application: Application) -> None:
    person = make_user("one@example.org")
    accept_invitation(invite(application, "one@example.org"), by=person)
    with pytest.raises(AlreadyInTeam):
        accept_invitation(invite(application, "two@example.org"), by=person)
    with pytest.raises(AlreadyInTeam):
        accept_invitation(invite(application, "three@example.org"), by=application.owner)


# --- Races ----------------------------------------------------------------------------------------------------------------


def draft_for_a_race() -> Application:
    return make_draft(institution=make_institution(kind=Kind.ORGANISATION), owner=make_user())


class TestRaces:
    pytestmark: ClassVar = [
        pytest.mark.django_db(transaction=True),
        pytest.mark.skipif(connection.vendor == "sqlite", reason="a test's SQLite lives in memory and knows one connection"),
    ]

    def test_of_two_people_who_accept_the_same_invitation_at_once_one_takes_part(self) -> None:
        application = draft_for_a_race()
        member, people = invite(application), [make_user(), make_user()]
        results = at_once(*[lambda person=person: accept_invitation(Member.objects.get(pk=member.pk), by=person) for person in people])
        assert sorted(type(result).__name__ for result in results) == ["InvitationOver", "NoneType"]
        winner = people[results.index(None)]
        assert Member.objects.get().user == winner

    def test_of_acceptance_and_withdrawal_at_once_one_wins(self) -> None:
        application = draft_for_a_race()
        member, person = invite(application), make_user()
        results = at_once(lambda: accept_invitation(Member.objects.get(pk=member.pk), by=person), lambda: end_member(member))
        row = Member.objects.get()
        assert results[1] is None
        assert row.ended_at is not None
        assert (row.user is None) == isinstance(results[0], InvitationOver)

    def test_ten_windows_that_invite_at_once_stay_within_the_limit(self) -> None:
        application = draft_for_a_race()
        for number in range(17):
            invite(application, f"person{number}@example.com")
        results = at_once(*[lambda number=number: invite(application, f"more{number}@example.com") for number in range(10)])
        assert sorted({type(result).__name__ for result in results}) == ["Member", "TooManyMails"]
        assert sum(isinstance(result, Member) for result in results) == 3
        assert Mail.objects.count() == Member.objects.count() == 20

    def test_the_same_address_invited_twice_at_once_gets_one_mail(self) -> None:
        application = draft_for_a_race()
        results = at_once(*[lambda: invite(application)] * 4)
        assert sorted(type(result).__name__ for result in results) == ["AlreadyInvited"] * 3 + ["Member"]
        assert Mail.objects.count() == 1


def test_a_person_is_made_known_to_nobody_by_an_invitation(application: Application) -> None:
    """The rows and mails of an address with an account differ from one without only in the language (S-20)."""
    make_user("known@example.org")
    known, unknown = invite(application, "known@example.org"), invite(application, "unknown@example.org")
    assert known.user is unknown.user is None
    assert set(Mail.objects.values_list("user", flat=True)) == {None}
    assert User.objects.count() == 2
