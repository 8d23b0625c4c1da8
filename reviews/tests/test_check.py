"""The formal check: accept, return with a reason and a date, refuse; only after the closing, only what the officer has read."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import accept_application, return_application
from applications.models import Application
from applications.tests.make import make_returned, make_submitted
from applications.workflow import Status
from letters.models import Letter
from reviews.tests.make import browser_of, seen_again
from rounds.tests.make import close_round, make_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


def submitted(**fields: Any) -> Application:
    """Handed in, and the round is closed."""
    application = make_submitted(**fields)
    close_round(application.round)
    return seen_again(application)


def page_of(application: Application) -> str:
    return reverse("reviews:check_one", args=[application.round.slug, application.reference])


def list_of(application: Application) -> str:
    return reverse("reviews:check", args=[application.round.slug])


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def letters_beside_the_receipt() -> int:
    return Letter.objects.exclude(kind="receipt").count()


def test_the_page_shows_what_was_handed_in(client: Client) -> None:
    application = submitted(title="Helium in beads")
    page = client.get(page_of(application)).content.decode()
    for words in ("Helium in beads", "How much solar-wind water", "Pick beads in nitrogen", "CE5C0600", "10.0", application.owner.full_name):
        assert words in page


def test_an_accepted_application_leaves_the_list_and_waits_for_experts(client: Client) -> None:
    application = submitted()
    assert application.reference in client.get(list_of(application)).content.decode()
    client.post(page_of(application), {"step": "rest"})
    answer = client.post(page_of(application), {"step": "accept"}, follow=True)
    assert answer.redirect_chain == [(list_of(application), 302)]
    page = answer.content.decode().partition("<table")[2]
    assert application.reference not in page
    assert seen_again(application).status == Status.IN_REVIEW
    assert application.reference in client.get(reverse("reviews:experts", args=[application.round.slug])).content.decode()


def test_a_return_gives_the_reason_and_a_date_and_writes_one_letter(client: Client, officer: User) -> None:
    application = submitted()
    client.post(page_of(application), {"step": "return", "return-note": "Name the laboratory.", "return-correct_by": in_days(10)})
    returned = seen_again(application)
    assert returned.status == Status.RETURNED
    assert returned.correct_by is not None
    assert timezone.localtime(returned.correct_by).date().isoformat() == in_days(11), "24:00 of a day is 00:00 of the next"
    assert list(returned.history.values_list("move", "note", "by"))[-1] == ("return", "Name the laboratory.", officer.pk)
    assert "Name the laboratory." in Letter.objects.get(kind="returned").text_en


NOT_MEANT = [
    ({"return-note": "", "return-correct_by": "2090-01-01"}, "Mark what is not met, or write what has to be changed."),
    ({"return-note": "  ", "return-correct_by": "2090-01-01"}, "Mark what is not met, or write what has to be changed."),
    ({"return-note": "Name the laboratory.", "return-correct_by": ""}, "This field is required."),
    ({"return-note": "Name the laboratory.", "return-correct_by": "soon"}, "Enter a day, for example 2026-12-22."),
    ({"return-note": "Name the laboratory.", "return-correct_by": "2026-02-30"}, "Enter a day, for example 2026-12-22."),
    ({"return-note": "Name the laboratory.", "return-correct_by": "2021-01-01"}, "Give a date in the future"),
]


def test_a_return_that_cannot_be_meant_is_asked_back_with_the_words_kept(client: Client) -> None:
    application = submitted()
    for words, sentence in NOT_MEANT:
        answer = client.post(page_of(application), {"step": "return", **words})
        page = answer.content.decode()
        assert answer.status_code == 422, words
        assert sentence in page, words
        assert not words["return-note"].strip() or page.count("Name the laboratory.") == 1, words
    assert seen_again(application).status == Status.SUBMITTED
    assert not letters_beside_the_receipt()


def test_a_refusal_needs_its_reason_and_writes_one_letter(client: Client) -> None:
    application = submitted()
    assert client.post(page_of(application), {"step": "refuse", "refuse-note": ""}).status_code == 422
    assert seen_again(application).status == Status.SUBMITTED
    client.post(page_of(application), {"step": "refuse", "refuse-note": "No institution signs for it."})
    assert seen_again(application).status == Status.REFUSED
    assert "No institution signs for it." in Letter.objects.get(kind="refused").text_en


def test_a_returned_application_can_be_refused_and_not_accepted(client: Client) -> None:
    application = make_returned()
    page = client.get(page_of(application)).content.decode()
    assert "Accept for review" not in page
    assert client.post(page_of(application), {"step": "accept"}).status_code == 409
    assert seen_again(application).status == Status.RETURNED
    client.post(page_of(application), {"step": "refuse", "refuse-note": "No answer came."})
    assert seen_again(application).status == Status.REFUSED


@pytest.mark.parametrize("step", ["accept", "return", "refuse"])
def test_before_the_closing_nothing_of_the_formal_check_is_possible(client: Client, step: str) -> None:
    application = make_submitted()
    sentence = "The round is still open, and the applicant may still replace the application."
    assert sentence in client.get(page_of(application)).content.decode()
    words = {"return-note": "Early words", "return-correct_by": in_days(30), "refuse-note": "Early words"}
    answer = client.post(page_of(application), {"step": step, **words})
    assert answer.status_code == 409
    assert answer.content.decode().count(sentence) == 2
    assert (step == "accept") != ("Early words" in answer.content.decode())
    assert seen_again(application).version == application.version
    assert not letters_beside_the_receipt()


def test_who_pressed_on_an_older_text_is_told_and_nothing_happens(client: Client, officer: User) -> None:
    application = submitted()
    return_application(application, by=officer, note="Name it.", correct_by=timezone.now() + timedelta(days=5))
    answer = client.post(page_of(application), {"step": "refuse", "refuse-note": "Not named.", "seen": application.version - 1})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "This is not possible any more" in page
    assert "Not named." in page
    assert seen_again(application).status == Status.RETURNED
    assert not Letter.objects.filter(kind="refused").exists()


def test_a_second_officer_finds_the_check_over(client: Client, officer: User) -> None:
    application = submitted()
    accept_application(application, by=officer)
    page = client.get(page_of(application)).content.decode()
    assert "The formal check of this application is over." in page
    assert "Refuse formally" not in page
    answer = client.post(page_of(application), {"step": "refuse", "refuse-note": "Too late"})
    assert answer.status_code == 409
    assert "Too late" in answer.content.decode()
    assert seen_again(application).status == Status.IN_REVIEW


def test_a_step_that_does_not_exist_changes_nothing(client: Client) -> None:
    application = submitted()
    for step in ("", "approve", "withdraw"):
        assert client.post(page_of(application), {"step": step}).status_code == 200
    assert seen_again(application).version == application.version


def test_markup_in_titles_names_and_notes_is_shown_as_text(client: Client) -> None:
    evil = "<img src=x onerror=alert(1)>"
    owner = make_user(full_name=f"Name {evil}")
    application = submitted(title=f"Title {evil}", plan=evil, owner=owner)
    pages = [client.get(url) for url in (page_of(application), list_of(application))]
    pages.append(client.post(page_of(application), {"step": "return", "return-note": f"</textarea>{evil}", "return-correct_by": ""}))
    for page in pages:
        assert evil not in page.content.decode()
        assert "&lt;img" in page.content.decode()


def test_an_empty_list_says_so(client: Client) -> None:
    round = make_round()
    assert "No application waits for the formal check." in client.get(reverse("reviews:check", args=[round.slug])).content.decode()
