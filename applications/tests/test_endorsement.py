"""The institution's endorsement: it holds for exactly the answers that were shown, and nobody submits without it where it is asked for."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.make import make_user
from applications.actions import (
    AnswersChanged,
    Incomplete,
    NoInstitution,
    NoSignatory,
    RoundClosed,
    TooManyMails,
    ask_for_endorsement,
    choose_institution,
    endorse_application,
    is_endorsed,
    missing_parts,
    revise_application,
    submit_application,
)
from applications.models import Application, Endorsement, Part, Version
from applications.tests.make import make_draft, make_member, the_draft
from applications.workflow import Status
from institutions.actions import merge_institutions
from institutions.tests.make import make_institution, make_membership
from letters.models import Mail
from rounds.tests.make import close_round, make_round
from workflow.models import AppendOnly
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return make_draft(make_round(needs_endorsement=True), institution=make_institution(name_en="Home University"))


@pytest.fixture
def signatory(application: Application) -> User:
    return make_member(application, Part.SIGN, make_user("signs@example.org", full_name="Sigrid Sign"))


def endorse(application: Application, signatory: User, digest: str = "") -> Endorsement:
    seen = digest or the_draft(application).expected_digest()
    return endorse_application(application, by=signatory, seen_digest=seen, position="Vice-President")


def change(application: Application, **answers: str) -> Version:
    version = the_draft(application)
    revise_application(version, by=application.owner, seen_revision=version.revision, **answers)
    return the_draft(application)


def to_sign(application: Application, mailbox: str = "signs@example.org") -> list[Mail]:
    return list(Mail.objects.filter(recipient=mailbox, key__startswith="endorse:"))


def url(name: str, application: Application) -> str:
    return reverse(f"applications:{name}", args=[application.reference])


# --- What it means --------------------------------------------------------------------------------------------------------


def test_without_the_endorsement_nothing_is_submitted_where_the_round_asks_for_it(application: Application, signatory: User) -> None:
    with pytest.raises(Incomplete) as refusal:
        submit_application(application, by=application.owner, key=uuid4())
    assert [problem.name for problem in refusal.value.problems] == ["endorsement"]
    endorse(application, signatory)
    assert missing_parts(the_draft(application)) == []
    submit_application(application, by=application.owner, key=uuid4())
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    assert application.current is not None
    assert application.current.endorsements.get().stands


def test_whatever_is_changed_afterwards_voids_it_and_changing_back_restores_it(application: Application, signatory: User) -> None:
    plan = the_draft(application).plan
    endorse(application, signatory)
    assert not is_endorsed(change(application, plan="Another plan."))
    assert is_endorsed(change(application, plan=plan))


def test_another_institution_voids_it(application: Application, signatory: User) -> None:
    endorse(application, signatory)
    version = the_draft(application)
    choose_institution(version, by=application.owner, seen_revision=version.revision, institution=make_institution())
    assert not is_endorsed(the_draft(application))


def test_an_edit_between_the_page_and_the_button_is_refused(application: Application, signatory: User) -> None:
    seen = the_draft(application).expected_digest()
    change(application, plan="Another plan.")
    with pytest.raises(AnswersChanged):
        endorse(application, signatory, seen)
    assert not Endorsement.objects.exists()


def test_a_second_press_of_the_button_is_the_first_endorsement_and_one_mail(application: Application, signatory: User) -> None:
    first = endorse(application, signatory)
    assert endorse(application, signatory).pk == first.pk
    mail = Mail.objects.get(key__startswith="endorsed:")
    assert mail.recipient == application.owner.email
    assert "Sigrid Sign" in mail.body
    with pytest.raises(AppendOnly):
        first.save()


def test_it_says_whether_the_register_knows_the_signatory_also_through_a_merger(application: Application, signatory: User) -> None:
    assert not endorse(application, signatory).is_known
    old = make_institution()
    make_membership(signatory, old, may_sign=True)
    change(application, plan="Second.")
    assert not endorse(application, signatory).is_known
    institution = the_draft(application).institution
    assert institution is not None
    merge_institutions(old, into=institution, by=make_user())
    change(application, plan="Third.")
    assert endorse(application, signatory).is_known


def test_who_only_belongs_to_the_institution_is_not_known_to_sign(application: Application, signatory: User) -> None:
    institution = the_draft(application).institution
    assert institution is not None
    make_membership(signatory, institution, may_sign=False)
    assert not endorse(application, signatory).is_known


def test_nothing_is_endorsed_without_an_institution_or_after_the_closing(application: Application, signatory: User) -> None:
    digest = the_draft(application).expected_digest()
    Version.objects.filter(application=application).update(institution=None)
    with pytest.raises(NoInstitution):
        endorse(application, signatory, digest)
    close_round(application.round)
    with pytest.raises(RoundClosed):
        endorse(application, signatory, digest)


def test_a_submitted_version_is_not_endorsed_afterwards(signatory: User, application: Application) -> None:
    endorse(application, signatory)
    digest = the_draft(application).expected_digest()
    submit_application(application, by=application.owner, key=uuid4())
    with pytest.raises(NotPossibleNow):
        endorse(application, make_member(application, Part.SIGN), digest)


# --- Asking for it --------------------------------------------------------------------------------------------------------


def test_the_signatory_is_asked_once_a_day_unless_something_was_changed(application: Application, signatory: User) -> None:
    assert ask_for_endorsement(application, by=application.owner) == 1
    with pytest.raises(TooManyMails, match="asked today"):
        ask_for_endorsement(application, by=application.owner)
    change(application, plan="Another plan.")
    assert ask_for_endorsement(application, by=application.owner) == 1
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert ask_for_endorsement(application, by=application.owner) == 1
    mails = to_sign(application)
    assert len(mails) == 3
    assert url("endorse", application) in mails[0].body
    assert the_draft(application).title not in mails[0].body + mails[0].subject


def test_changing_and_asking_all_day_long_does_not_make_a_flood(application: Application, signatory: User) -> None:
    for number in range(20):
        change(application, plan=f"Plan {number}.")
        ask_for_endorsement(application, by=application.owner)
    change(application, plan="Plan 20.")
    with pytest.raises(TooManyMails, match="20"):
        ask_for_endorsement(application, by=application.owner)
    assert len(to_sign(application)) == 20


def test_without_a_signatory_nobody_is_asked(application: Application) -> None:
    make_member(application, Part.EDIT)
    with pytest.raises(NoSignatory):
        ask_for_endorsement(application, by=application.owner)


# --- The one page ---------------------------------------------------------------------------------------------------------


def test_the_signatory_sees_all_answers_the_institution_and_one_button(client: Client, application: Application, signatory: User) -> None:
    client.force_login(signatory)
    page = client.get(url("endorse", application)).content.decode()
    version = the_draft(application)
    for words in (version.title, version.research_question, version.plan, "Home University", version.expected_digest()):
        assert words in page
    main = page.split("<main")[1].split("</main>")[0]
    assert main.count("<button") == 1
    assert "Endorse for Home University" in main
    answer = client.post(url("endorse", application), {"digest": version.expected_digest(), "position": " Vice\u202e-President\r\n"})
    assert answer.headers["Location"] == url("endorse", application)
    assert Endorsement.objects.get().position == "Vice-President"
    page = client.get(url("endorse", application)).content.decode()
    assert "You endorsed exactly these answers" in page
    assert "<button" not in page.split("<main")[1].split("</main>")[0]


def test_what_was_changed_meanwhile_is_shown_anew_with_what_was_typed(client: Client, application: Application, signatory: User) -> None:
    client.force_login(signatory)
    seen = the_draft(application).expected_digest()
    version = change(application, plan="A plan nobody has seen.")
    answer = client.post(url("endorse", application), {"digest": seen, "position": "Dean"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The answers were changed after you opened this page" in page
    assert "A plan nobody has seen." in page
    assert f'value="{version.expected_digest()}"' in page
    assert 'value="Dean"' in page
    assert not Endorsement.objects.exists()


def test_without_a_position_nothing_is_endorsed(client: Client, application: Application, signatory: User) -> None:
    client.force_login(signatory)
    digest = the_draft(application).expected_digest()
    for position in ("", "   ", "\u202e", "x" * 301):
        answer = client.post(url("endorse", application), {"digest": digest, "position": position})
        assert answer.status_code == 422
    assert not Endorsement.objects.exists()


def test_pages_say_endorsed_or_changed_since(client: Client, application: Application, signatory: User) -> None:
    client.force_login(application.owner)
    assert "Not endorsed yet" in client.get(url("application", application)).content.decode()
    endorse(application, signatory)
    for name in ("application", "team"):
        page = client.get(url(name, application)).content.decode()
        assert "by Sigrid Sign, Vice-President" in page
    change(application, plan="Another plan.")
    for name in ("application", "team"):
        page = client.get(url(name, application)).content.decode()
        assert "Something was changed since the endorsement of" in page
    client.force_login(signatory)
    assert "it has to be endorsed again" in client.get(url("endorse", application)).content.decode()


def test_the_button_that_asks_writes_a_mail_and_says_so(client: Client, application: Application, signatory: User) -> None:
    client.force_login(application.owner)
    page = client.post(url("ask_endorsement", application), follow=True).content.decode()
    assert "1 signatory is asked by mail" in page
    assert "Ask again" in page
    page = client.post(url("ask_endorsement", application), follow=True).content.decode()
    assert "was asked today" in page
    assert len(to_sign(application)) == 1


def test_the_applicant_never_endorses(client: Client, application: Application, signatory: User) -> None:
    institution = the_draft(application).institution
    assert institution is not None
    make_membership(application.owner, institution, may_sign=True)
    for person in (application.owner, make_member(application, Part.EDIT), make_member(application, Part.READ)):
        client.force_login(person)
        assert client.get(url("endorse", application)).status_code == 403
        assert client.post(url("endorse", application), {"digest": "x", "position": "Dean"}).status_code == 403
    client.force_login(make_user())
    assert client.get(url("endorse", application)).status_code == 404


def test_the_end_of_the_round_is_said_instead_of_a_button(client: Client, application: Application, signatory: User) -> None:
    close_round(application.round)
    client.force_login(signatory)
    page = client.get(url("endorse", application)).content.decode()
    assert "Too late" in page
    assert "<button" not in page.split("<main")[1].split("</main>")[0]
