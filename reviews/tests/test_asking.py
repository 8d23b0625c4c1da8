"""The office asks, reads the answers, and learns which mails did not arrive; nobody with a tie sees any of it."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import accept_application, answer_enquiry, ask_applicant, revise_application, start_version, submit_application
from applications.models import Application, Enquiry
from applications.tests.make import make_returned, make_submitted
from institutions.tests.make import make_institution, make_membership
from letters.actions import note_bounce
from letters.models import Mail, Sending
from reviews.tests.make import browser_of, make_review, seen_again
from rounds.tests.make import close_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


@pytest.fixture
def case() -> Application:
    application = make_submitted(institution=make_institution(name_en="Home"))
    close_round(application.round)
    return seen_again(application)


def place(name: str, application: Application, *more: object) -> str:
    return reverse(f"reviews:{name}", args=[application.round.slug, application.reference, *more])


def undelivered(application: Application) -> Mail:
    mail: Mail = Mail.objects.get(thread=application.reference)
    Mail.objects.filter(pk=mail.pk).update(state=Sending.SENT, sent_at=timezone.now())
    note_bounce(mail.message_id, recipients=[mail.recipient], problem=f"550 <{mail.recipient}> unknown")
    mail.refresh_from_db()
    return mail


def test_an_officer_asks_on_the_page_and_reads_the_answer_once(client: Client, officer: User, case: Application) -> None:
    assert client.post(place("ask", case), {"text": ""}).status_code == 422
    assert client.post(place("ask", case), {"text": "Why?", "answer_by": "2020-01-01"}).status_code == 422
    assert client.post(place("ask", case), {"text": "Which laboratory?"}).status_code == 302
    enquiry = Enquiry.objects.get()
    assert "Which laboratory?" in client.get(place("check_one", case)).content.decode()
    answer_enquiry(enquiry, by=case.owner, text="The one in Kiel.")
    work = reverse("desk:desk")
    assert "Answers to read" in client.get(work).content.decode()
    file = client.get(reverse("desk:case", args=[case.round.slug, case.reference])).content.decode()
    assert "The one in Kiel." in file
    assert client.post(place("read_answer", case, enquiry.pk)).status_code == 302
    assert "Answers to read" not in client.get(work).content.decode()


def test_after_the_refusal_nothing_can_be_asked(client: Client, case: Application) -> None:
    client.post(place("check_one", case), {"step": "refuse", "refuse-note": "Not ours.", "seen": str(case.version)})
    assert client.post(place("ask", case), {"text": "Why?"}).status_code == 409
    assert not Enquiry.objects.exists()


def test_a_person_with_a_tie_sees_no_question_no_answer_and_no_mail(officer: User, case: Application) -> None:
    enquiry = ask_applicant(case, by=officer, text="Which laboratory?")
    answer_enquiry(enquiry, by=case.owner, text="The one in Kiel.")
    Mail.objects.filter(key__startswith="enquiry:").delete()
    mail = undelivered(case)
    tied = make_user(None, Role.OFFICER)
    assert case.institution is not None
    make_membership(tied, case.institution)
    browser = browser_of(tied)
    assert browser.get(place("ask", case)).status_code == 404
    assert browser.post(place("read_answer", case, enquiry.pk)).status_code == 404
    assert browser.post(place("resend", case, mail.pk)).status_code == 404
    work = browser.get(reverse("desk:desk")).content.decode()
    assert case.reference not in work
    assert "Mails that did not arrive" not in work


def test_an_expert_sees_neither_question_nor_answer(officer: User, case: Application) -> None:
    ask_applicant(case, by=officer, text="Which laboratory?")
    expert = make_user(None, Role.EXPERT)
    accept_application(case, by=officer)
    review = make_review(seen_again(case), expert)
    assert "Which laboratory?" not in browser_of(expert).get(reverse("reviews:review", args=[review.pk])).content.decode()
    assert browser_of(expert).get(place("ask", case)).status_code == 403


def test_a_mail_that_came_back_is_shown_masked_and_sent_again(client: Client, case: Application) -> None:
    mail = undelivered(case)
    for address in (place("ask", case), place("check_one", case), reverse("desk:desk"), reverse("desk:case", args=[case.round.slug, case.reference])):
        page = client.get(address).content.decode()
        assert "Mails that did not arrive" in page
        assert mail.masked_recipient in page
        assert mail.recipient not in page
    assert client.post(place("resend", case, mail.pk)).status_code == 302
    mail.refresh_from_db()
    assert mail.state == Sending.QUEUED
    assert client.post(place("resend", case, mail.pk)).status_code == 404
    assert "Mails that did not arrive" not in client.get(reverse("desk:desk")).content.decode()


def test_a_mail_of_another_case_is_not_sent_again_through_this_one(client: Client, case: Application) -> None:
    mail = undelivered(make_submitted(title="Other"))
    assert client.post(place("resend", case, mail.pk)).status_code == 404


def test_a_correction_that_came_back_shows_what_was_changed(client: Client) -> None:
    application = make_returned()
    version = start_version(application, by=application.owner)
    revise_application(version, by=application.owner, seen_revision=0, plan="Pick beads in argon and map them before any beam touches them.")
    submit_application(application, by=application.owner, key=uuid4())
    page = client.get(place("check_one", application)).content.decode()
    assert "What was changed from version 1 to version 2" in page
    assert "argon" in page
    assert "<del>" in page


def test_my_work_costs_the_same_with_one_answer_and_with_three(client: Client, officer: User) -> None:
    counts = []
    for more in (1, 2):
        for _each in range(more):
            application = make_submitted()
            enquiry = ask_applicant(application, by=officer, text="Why?")
            answer_enquiry(enquiry, by=application.owner, text="Because.")
            Mail.objects.filter(key__startswith="enquiry:").delete()
            undelivered(application)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("desk:desk"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
