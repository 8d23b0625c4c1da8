"""The pages of a team: who sees what of an application, and what an invitation shows to whom."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import accept_invitation, base_of, decline_invitation, end_member, invite_member
from applications.models import Application, Member, Part
from applications.tests.make import make_draft, make_member, make_submitted, the_draft
from letters.models import Mail
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db
READING = ("application", "check", "receipt", "team")


@pytest.fixture
def application() -> Application:
    return make_draft(make_round(needs_endorsement=True), owner=make_user("anna@example.org", full_name="Anna Li"))


def url(name: str, application: Application, *more: object) -> str:
    return reverse(f"applications:{name}", args=[application.reference, *more])


def invite(application: Application, email: str = "new@example.org", part: Part = Part.READ) -> Member:
    return invite_member(application, by=application.owner, email=email, part=part)


def main_of(answer: object) -> str:
    return str(answer.content.decode()).split("<main")[1].split("</main>")[0]  # type: ignore[attr-defined]


# --- Who sees what --------------------------------------------------------------------------------------------------------

EXPECTED = {
    # page: owner, edit, read, sign, stranger
    "application": (200, 200, 200, 200, 404),
    "check": (200, 200, 200, 403, 404),
    "team": (200, 200, 200, 200, 404),
    "endorse": (403, 403, 403, 200, 404),
    "hand_over": (200, 403, 403, 403, 404),
    "withdraw": (200, 403, 403, 403, 404),
    "edit": (200, 200, 403, 403, 404),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_part_opens_its_own_pages(client: Client, application: Application, name: str) -> None:
    people = [application.owner, *(make_member(application, part) for part in (Part.EDIT, Part.READ, Part.SIGN)), make_user()]
    more = ["research"] if name == "edit" else []
    found = []
    for person in people:
        client.force_login(person)
        found.append(client.get(url(name, application, *more)).status_code)
    assert tuple(found) == EXPECTED[name]


@pytest.mark.parametrize(
    ("part", "may_write"),
    [(Part.EDIT, True), (Part.READ, False), (Part.SIGN, False)],
)
def test_only_those_who_write_can_write_or_submit(client: Client, application: Application, part: Part, may_write: bool) -> None:
    client.force_login(make_member(application, part))
    status = {True: (302, 409), False: (403, 403)}[may_write]
    typed = {"title": "Changed", "base-title": base_of(the_draft(application).title)}
    saved = client.post(url("edit", application, "research"), typed).status_code
    assert (saved, client.post(url("submit", application), {"key": "x"}).status_code) == status
    assert client.post(url("team", application), {"email": "a@example.org", "part": "read"}).status_code == 403
    assert client.post(url("ask_endorsement", application)).status_code == (302 if may_write else 403)
    assert (the_draft(application).title == "Changed") == may_write
    assert not Member.objects.filter(email="a@example.org").exists()


def test_who_reads_sees_every_word_and_no_button(client: Client, application: Application) -> None:
    client.force_login(make_member(application, Part.READ))
    version = the_draft(application)
    for name in ("application", "check"):
        page = main_of(client.get(url(name, application)))
        assert version.plan in page
        assert "<button" not in page
        assert "/edit/" not in page
        assert "/withdraw/" not in page
    page = main_of(client.get(url("team", application)))
    assert page.count("<button") == 1, "only that of leaving"


def test_the_signatory_reads_the_page_of_the_application_and_is_led_to_the_one_button(client: Client, application: Application) -> None:
    client.force_login(make_member(application, Part.SIGN))
    page = main_of(client.get(url("application", application)))
    assert url("endorse", application) in page
    assert the_draft(application).plan in page
    assert "<button" not in page
    assert "/edit/" not in page
    assert "/check/" not in page


def test_the_list_and_the_desk_name_ones_part_and_the_applicant(client: Client, application: Application) -> None:
    person = make_member(application, Part.SIGN)
    client.force_login(person)
    for page in (reverse("applications:list"), reverse("desk:desk")):
        text = main_of(client.get(page))
        assert application.reference in text
        assert "Applicant: Anna Li. Your part: Signs for the institution" in text
    client.force_login(application.owner)
    assert "Your part" not in main_of(client.get(reverse("applications:list")))


def test_addresses_of_others_are_shown_to_the_applicant_alone(client: Client, application: Application) -> None:
    reader, writer = make_member(application, Part.READ), make_member(application, Part.EDIT)
    invite(application, "waiting@example.org")
    client.force_login(application.owner)
    page = main_of(client.get(url("team", application)))
    assert writer.email in page
    assert "waiting@example.org" in page
    client.force_login(reader)
    page = main_of(client.get(url("team", application)))
    assert writer.email not in page
    assert "waiting@example.org" not in page
    assert "w…@example.org" in page


def test_the_pages_cost_the_same_for_one_and_three_members(
    client: Client, application: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = make_draft(application.round, owner=application.owner)
    make_member(other)
    for _number in range(3):
        make_member(application, Part.EDIT)
    invite(application, "waiting@example.org")
    client.force_login(application.owner)
    client.get(url("team", other))
    for row in (other, application):
        with django_assert_num_queries(13):
            client.get(url("team", row))


# --- Inviting -------------------------------------------------------------------------------------------------------------


def test_the_answer_is_the_same_with_and_without_an_account(client: Client, application: Application) -> None:
    make_user("known-1@example.org")
    client.force_login(application.owner)
    pages = []
    for email in ("known-1@example.org", "unknown@example.org"):
        answer = client.post(url("team", application), {"email": email, "part": "read"}, follow=True)
        assert answer.redirect_chain == [(url("team", application), 302)]
        pages.append(main_of(answer).count("is on its way"))
        Member.objects.all().update(ended_at=timezone.now())
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("a@example.org, b@example.org", "one e-mail address only"),
        ("a@example.org\u2028b@example.org", "one e-mail address only"),
        ('"a b"@example.org', "one e-mail address only"),
        ("nobody", "not an e-mail address"),
        ("", "required"),
        ("ANNA@example.org", "your own address"),
        ("twice@example.org", "invited already"),
    ],
)
def test_a_refusal_is_a_clear_sentence_and_keeps_what_was_typed(client: Client, application: Application, email: str, said: str) -> None:
    invite(application, "twice@example.org")
    client.force_login(application.owner)
    answer = client.post(url("team", application), {"email": email, "part": "edit"})
    assert answer.status_code == 422
    page = main_of(answer)
    assert said in page
    assert Mail.objects.count() == 1
    assert 'value="edit" ' in page


def test_the_applicant_sends_again_withdraws_and_removes(client: Client, application: Application) -> None:
    person, waiting = make_member(application, Part.EDIT), invite(application, "waiting@example.org")
    client.force_login(application.owner)
    assert "on its way again" in main_of(client.post(url("member", application, waiting.pk), {"renew": "yes"}, follow=True))
    assert "is withdrawn" in main_of(client.post(url("member", application, waiting.pk), {"end": "yes"}, follow=True))
    assert client.post(url("member", application, waiting.pk), {"end": "yes"}).status_code == 404
    member = Member.objects.get(user=person)
    assert "no longer takes part" in main_of(client.post(url("member", application, member.pk), {"end": "yes"}, follow=True))
    client.force_login(person)
    assert client.get(url("application", application)).status_code == 404


def test_a_member_leaves_and_ends_nobody_else(client: Client, application: Application) -> None:
    person, other = make_member(application, Part.EDIT), make_member(application, Part.READ)
    client.force_login(person)
    own, others = Member.objects.get(user=person), Member.objects.get(user=other)
    assert client.post(url("member", application, others.pk), {"end": "yes"}).status_code == 403
    assert client.post(url("member", application, own.pk), {"renew": "yes"}).status_code == 403
    assert client.post(url("member", application, own.pk), {"end": "yes"}).headers["Location"] == reverse("applications:list")
    assert client.get(url("application", application)).status_code == 404
    elsewhere = make_draft(application.round)
    client.force_login(application.owner)
    assert client.post(url("member", application, invite(elsewhere, "x@example.org").pk), {"end": "yes"}).status_code == 404


# --- The page of an invitation --------------------------------------------------------------------------------------------


def page_of(member: Member) -> str:
    return reverse("applications:invitation", args=[member.code])


def test_a_stranger_learns_who_invites_and_nothing_of_the_application(client: Client, application: Application) -> None:
    member = invite(application, "new@example.org", Part.EDIT)
    answer = client.get(page_of(member))
    page = main_of(answer)
    assert "Anna Li invites you to take part in an application for the loan of lunar samples." in page
    assert "n…@example.org" in page
    assert f"/accounts/login/?next=%2Finvitations%2F{member.code}%2F" in page
    assert f"/accounts/signup/?next=%2Finvitations%2F{member.code}%2F" in page
    for secret in (the_draft(application).title, application.reference, "new@example.org", application.round.title_en, application.owner.email):
        assert secret not in answer.content.decode()
    assert client.post(page_of(member), {"accept": "yes"}).headers["Location"].startswith("/accounts/login/")
    assert Member.objects.get().accepted_at is None


def test_the_owner_of_the_address_sees_what_it_is_and_looking_consumes_nothing(client: Client, application: Application) -> None:
    member, person = invite(application, "new@example.org", Part.EDIT), make_user("new@example.org")
    client.force_login(person)
    for _time in range(2):
        client.get(page_of(member))
    page = main_of(client.get(page_of(member)))
    for words in (the_draft(application).title, application.reference, application.round.title_en, "May write and submit", "Anna Li"):
        assert words in page
    assert Member.objects.get().accepted_at is None
    assert client.post(page_of(member), {"accept": "yes"}).headers["Location"] == url("application", application)
    assert "was accepted and cannot be used again" in main_of(client.get(page_of(member)))
    assert client.post(page_of(member), {"accept": "yes"}).status_code == 409


def test_the_signatory_is_led_to_the_one_page(client: Client, application: Application) -> None:
    member = invite(application, "new@example.org", Part.SIGN)
    client.force_login(make_user("new@example.org"))
    assert client.post(page_of(member), {"accept": "yes"}).headers["Location"] == url("endorse", application)


def test_another_account_learns_for_which_address_it_is_and_cannot_answer(client: Client, application: Application) -> None:
    member, other = invite(application, "new@example.org"), make_user("other@example.org")
    client.force_login(other)
    answer = client.get(page_of(member))
    page = main_of(answer)
    assert answer.status_code == 403
    assert "n…@example.org" in page
    assert "other@example.org" in page
    assert "new@example.org" not in page
    assert the_draft(application).title not in page
    assert application.reference not in page
    assert client.post(page_of(member), {"accept": "yes"}).status_code == 403
    assert client.post(page_of(member), {"decline": "yes"}).status_code == 403
    assert Member.objects.get().ended_at is None


def test_an_invitation_that_is_over_says_why_to_everybody(client: Client, application: Application) -> None:
    people = [make_user(f"person-{name}@example.org") for name in ("lapsed", "withdrawn", "declined", "used")]
    lapsed, withdrawn, declined, used = (invite(application, person.email) for person in people)
    end_member(withdrawn)
    decline_invitation(declined)
    accept_invitation(used, by=people[3])
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        for member, person, said in zip(
            (lapsed, withdrawn, declined, used),
            people,
            ("within 30 days and has lapsed", "was withdrawn", "was declined", "was accepted"),
            strict=True,
        ):
            client.logout()
            assert said in main_of(client.get(page_of(member)))
            client.force_login(person)
            page = main_of(client.get(page_of(member)))
            assert said in page
            assert 'name="accept"' not in page
            assert client.post(page_of(member), {"accept": "yes"}).status_code == 409


def test_a_wrong_code_is_404_for_everybody(client: Client) -> None:
    assert client.get("/invitations/no-such-code/").status_code == 404
    client.force_login(make_user())
    assert client.post("/invitations/no-such-code/").status_code == 404


def test_declining_tells_the_applicant_by_the_list_alone(client: Client, application: Application) -> None:
    member = invite(application, "new@example.org")
    client.force_login(make_user("new@example.org"))
    assert client.post(page_of(member), {"decline": "yes"}, follow=True).status_code == 200
    row = Member.objects.get()
    assert row.has_declined
    assert row.user is None
    assert Mail.objects.count() == 1


@pytest.mark.parametrize("role", [Role.EXPERT, Role.OFFICER, Role.APPROVER])
def test_who_judges_is_told_what_taking_part_means(client: Client, application: Application, role: Role) -> None:
    member = invite(application, "judge@example.org")
    client.force_login(make_user("judge@example.org", role))
    assert "can no longer check, review or decide it" in main_of(client.get(page_of(member)))


# --- Hostile names --------------------------------------------------------------------------------------------------------


def test_hostile_names_are_text_on_every_page(client: Client) -> None:
    evil = '<img src=x onerror=alert(1)>"{{7*7777}}'
    application = make_draft(make_round(needs_endorsement=True), owner=make_user(full_name=evil), title=evil)
    sign = make_member(application, Part.SIGN, make_user(full_name=evil))
    member = invite(application, "new@example.org")
    client.get(page_of(member))
    pages = [client.get(page_of(member))]
    client.force_login(make_user("new@example.org"))
    pages.append(client.get(page_of(member)))
    for person, names in ((application.owner, ("team", "application", "hand_over")), (sign, ("endorse", "team"))):
        client.force_login(person)
        pages += [client.get(url(name, application)) for name in names]
    for page in pages:
        assert "<img src=x" not in page.content.decode()
        assert "54439" not in main_of(page).split("Digest")[0]


def test_a_reader_of_a_submitted_application_opens_the_receipt_and_the_signatory_does_not(client: Client) -> None:
    application = make_submitted()
    reader, sign = make_member(application, Part.READ), make_member(application, Part.SIGN)
    found: dict[User, int] = {}
    for person in (reader, sign):
        client.force_login(person)
        found[person] = client.get(url("receipt", application)).status_code
    assert found == {reader: 200, sign: 403}


# --- Signing up on the way ------------------------------------------------------------------------------------------------


@pytest.fixture
def _account_mails_go_out_at_once() -> Iterator[None]:
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


@pytest.mark.usefixtures("_account_mails_go_out_at_once")
def test_who_has_no_account_signs_up_and_comes_back_to_the_invitation(
    client: Client, application: Application, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    member = invite(application, "new@example.org")
    words = {
        "email": "new@example.org",
        "full_name": "Nina New",
        "password1": "regolith-and-basalt-7",
        "language": "en",
        "next": page_of(member),
    }
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("account_signup"), words)
    assert answer.status_code == 302
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", str(mailoutbox[-1].body), re.MULTILINE)
    assert code is not None, mailoutbox[-1].body
    answer = client.post(answer.headers["Location"], {"code": code[1]})
    assert answer.headers["Location"] == page_of(member)
    assert 'name="accept"' in main_of(client.get(page_of(member)))
