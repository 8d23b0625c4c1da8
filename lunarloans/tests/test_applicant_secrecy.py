"""Nobody who applies learns of a decision before it is visible: not by a page, not by a button, not by a refusal, not by withdrawing."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from applications.actions import show_decisions, withdraw_application
from applications.models import Application
from applications.tests.make import make_in_review
from applications.workflow import DECIDED, Status
from letters.models import standing_wording
from reviews.actions import announce_decisions, retract_decision
from reviews.actions.announcing import _announce_one
from reviews.tests.make import decide
from reviews.workflow import BEGIN, Outcome
from rounds.tests.make import make_round
from samples.tests.make import make_sample

MASKED = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|name="key" value="[^"]*"|nonce="[^"]*"')
PAGES = ("application", "receipt", "withdraw", "check")
pytestmark = pytest.mark.django_db


def look(client: Client, application: Application) -> list[tuple[int, str, str]]:
    """Every page and every refusal that the applicant can fetch without changing anything."""
    addresses = [reverse("applications:list"), *(reverse(f"applications:{page}", args=[application.reference]) for page in PAGES)]
    edits = [reverse("applications:edit", args=[application.reference, section]) for section in ("institution", "research", "samples")]
    sample = reverse("samples:sample", args=["CE5C0600"])
    answers = [client.get(address) for address in (*addresses, *edits, sample, reverse("samples:list"), reverse("letters:list"))]
    answers += [client.post(address, {"seen_revision": "0", "title": "x", "institution": "1"}) for address in edits]
    answers += [client.post(address, {"start": "yes"}) for address in edits]
    key = {"key": "6f8b3c0e-7b1d-4b43-8f6c-000000000001", "seen_revision": "0"}
    answers.append(client.post(reverse("applications:submit", args=[application.reference]), key))
    return [(answer.status_code, answer.headers.get("Location", ""), MASKED.sub("", answer.content.decode())) for answer in answers]


def announced_but_invisible(application: Application, outcome: Outcome) -> None:
    """The announcement has moved this application, and its moment has not come."""
    decide(application, outcome=outcome)
    approver = make_user(None, Role.APPROVER)
    announcement = announce_decisions(application.round, by=approver, count=1)
    announcement.advance(BEGIN, by=None)
    item = announcement.items.select_related("decision__application__round", "decision__application__owner").get()
    _announce_one(item, standing_wording, by=approver)
    application.refresh_from_db()
    assert application.status in DECIDED


@pytest.fixture
def application() -> Application:
    sample = make_sample("CE5C0600", mass_ug=100_000)
    return make_in_review(make_round(sample), lines=[(sample, 30_000)])


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.RESERVE, Outcome.DECLINED])
def test_the_applicants_pages_stay_byte_equal_while_a_decision_is_not_visible(client: Client, application: Application, outcome: Outcome) -> None:
    client.force_login(application.owner)
    look(client, application)  # messages of the first look are read up
    before = look(client, application)
    decision = decide(application, outcome=outcome)
    assert look(client, application) == before
    retract_decision(decision, by=make_user(None, Role.OFFICER), note="wrong figure")
    assert look(client, application) == before
    application = Application.objects.with_case().get(pk=application.pk)
    announced_but_invisible(application, outcome)
    assert look(client, application) == before
    Application.objects.filter(pk=application.pk).update(visible_at=timezone.now() + timedelta(hours=1))
    assert look(client, application) == before
    Application.objects.filter(pk=application.pk).update(visible_at=timezone.now())
    assert look(client, application) != before


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.RESERVE, Outcome.DECLINED])
def test_a_withdrawal_tells_nothing_of_a_decision_that_is_not_visible(client: Client, application: Application, outcome: Outcome) -> None:
    announced_but_invisible(application, outcome)
    client.force_login(application.owner)
    page = reverse("applications:application", args=[application.reference])
    answer = client.post(reverse("applications:withdraw", args=[application.reference]), {"note": ""}, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    application = Application.objects.get(pk=application.pk)
    assert application.shown_status == Status.WITHDRAWN
    assert [change.move for change in application.visible_history()] == ["submit", "accept", "withdraw"]
    for word in ("Approved", "In reserve", "Put in reserve", "Declined"):
        assert word not in answer.content.decode()
    show_decisions([application.reference], at=timezone.now())
    application.refresh_from_db()
    assert [change.move for change in application.visible_history()] == ["submit", "accept", "withdraw"]


def test_a_reserve_stays_visible_while_its_approval_is_not(client: Client, application: Application) -> None:
    announced_but_invisible(application, Outcome.RESERVE)
    show_decisions([application.reference], at=timezone.now())
    application = Application.objects.with_case().get(pk=application.pk)
    assert application.shown_status == Status.RESERVE
    decide(application)
    application = Application.objects.with_case().get(pk=application.pk)
    assert application.shown_status == Status.RESERVE
    assert application.visible_history()[-1].move == "reserve"


def test_the_office_pages_have_no_way_into_the_applicants_page(client: Client, application: Application) -> None:
    """The office opens a case through its own pages, where conflicts are known."""
    for role in Role:
        client.force_login(make_user(None, role))
        assert client.get(reverse("applications:application", args=[application.reference])).status_code == 404


def test_withdrawing_a_decline_that_is_not_visible_keeps_the_history_whole(application: Application) -> None:
    announced_but_invisible(application, Outcome.DECLINED)
    withdraw_application(application, by=application.owner)
    steps = list(application.history.all())
    assert [step.to_status for step in steps][-2:] == [Status.DECLINED, Status.WITHDRAWN]
    assert all(step.digest == step.expected_digest() for step in steps)
