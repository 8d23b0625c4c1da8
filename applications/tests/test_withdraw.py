"""Taking an application back, and what the office gives back or refuses."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from applications.actions import (
    CorrectionDateNeeded,
    RoundStillOpen,
    accept_application,
    announce_outcome,
    refuse_application,
    return_application,
    show_decisions,
    submit_application,
    withdraw_application,
)
from applications.models import Application
from applications.tests.make import make_at, make_draft, make_in_review, make_returned, make_submitted
from applications.workflow import APPROVE, DECLINE, WITHDRAW, Status
from letters.models import Letter
from rounds.tests.make import make_round
from samples.actions import earmark, hold_earmarked, show_holds
from samples.models import Hold
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", list(Status))
def test_an_application_is_withdrawn_from_the_open_statuses_only(status: Status) -> None:
    application = make_at(status)
    if WITHDRAW.starts_from(status):
        withdraw_application(application, by=application.owner, note="Another plan.")
        assert Application.objects.get(pk=application.pk).status == Status.WITHDRAWN
        assert application.history.get(move="withdraw").note == "Another plan."
    else:
        with pytest.raises(NotPossibleNow, match="cannot be withdrawn"):
            withdraw_application(application, by=application.owner)
        assert Application.objects.get(pk=application.pk).status == status


def test_a_step_of_the_office_in_between_is_no_obstacle_to_a_withdrawal() -> None:
    application = make_submitted()
    stale = Application.objects.get(pk=application.pk)
    Application.objects.get(pk=application.pk).advance(next(step for step in application.moves if step.name == "accept"), by=None)
    withdraw_application(stale, by=application.owner)
    assert Application.objects.get(pk=application.pk).status == Status.WITHDRAWN


def test_a_withdrawal_puts_what_was_set_aside_back_into_the_vault() -> None:
    sample = make_sample(mass_ug=100_000)
    application = make_in_review(make_round(sample), lines=[(sample, 30_000)])
    earmark(sample, application.reference, 30_000, by=None)
    sample.refresh_from_db()
    assert (sample.vault_ug, sample.earmarked_ug) == (70_000, 30_000)
    withdraw_application(application, by=application.owner)
    sample.refresh_from_db()
    assert (sample.vault_ug, sample.earmarked_ug) == (100_000, 0)
    assert Hold.objects.open().count() == 0


def test_a_withdrawal_after_the_announcement_frees_the_mass_as_well() -> None:
    sample = make_sample(mass_ug=100_000)
    application = make_in_review(make_round(sample), lines=[(sample, 30_000)])
    earmark(sample, application.reference, 30_000, by=None)
    announce_outcome(application, APPROVE, by=make_user())
    hold_earmarked(application.reference, by=None)
    show_decisions([application.reference], at=timezone.now())
    show_holds([application.reference])
    application.refresh_from_db()
    assert application.shown_status == Status.APPROVED
    withdraw_application(application, by=application.owner)
    sample.refresh_from_db()
    assert (sample.left_ug, sample.held_ug) == (100_000, 0)


def test_whoever_was_declined_withdraws_only_until_it_is_visible() -> None:
    sample = make_sample(mass_ug=100_000)
    round = make_round(sample)
    unaware, aware = make_submitted(round), make_in_review(round)
    unaware = Application.objects.with_case().get(pk=unaware.pk)
    accept_application(unaware, by=make_user())
    for application in (unaware, aware):
        announce_outcome(application, DECLINE, by=make_user())
    show_decisions([aware.reference], at=timezone.now())
    withdraw_application(unaware, by=unaware.owner)
    with pytest.raises(NotPossibleNow, match="cannot be withdrawn"):
        withdraw_application(aware, by=aware.owner)
    assert unaware.shown_status == Status.WITHDRAWN
    assert [change.move for change in unaware.visible_history()] == ["submit", "accept", "withdraw"]


def test_the_page_asks_before_it_withdraws(client: Client) -> None:
    application = make_submitted()
    client.force_login(application.owner)
    address = reverse("applications:withdraw", args=[application.reference])
    assert "cannot be undone" in client.get(address).content.decode()
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    client.post(address, {"note": ""})
    application.refresh_from_db()
    assert application.status == Status.WITHDRAWN
    again = client.post(address, {"note": ""})
    assert again.status_code == 409
    assert "cannot be withdrawn any more" in again.content.decode()


# --- The office's steps ---------------------------------------------------------------------------------------------------


def test_the_office_waits_for_the_closing() -> None:
    application, officer = make_submitted(), make_user(None, Role.OFFICER)
    later = timezone.now() + timedelta(days=1)
    with pytest.raises(RoundStillOpen):
        accept_application(application, by=officer)
    with pytest.raises(RoundStillOpen):
        refuse_application(application, by=officer, note="No.")
    with pytest.raises(RoundStillOpen):
        return_application(application, by=officer, note="No.", correct_by=later)


def test_a_return_needs_a_date_to_come() -> None:
    application = make_returned()
    submit_correction(application)
    application = Application.objects.with_case().get(pk=application.pk)
    with pytest.raises(CorrectionDateNeeded):
        return_application(application, by=make_user(), note="Again.", correct_by=timezone.now())
    return_application(application, by=make_user(), note="Again.", correct_by=timezone.now() + timedelta(days=1))
    assert Letter.objects.filter(reference=application.reference, kind="returned").count() == 2


def submit_correction(application: Application) -> None:
    from_page = Client()
    from_page.force_login(application.owner)
    edit = reverse("applications:edit", args=[application.reference, "research"])
    from_page.post(edit, {"start": "yes"})
    submit_application(application, by=application.owner, key=uuid4())


def test_the_applicant_reads_the_reason_and_the_date_of_a_return(client: Client) -> None:
    application = make_returned(note="Name the laboratory & its safe.")
    client.force_login(application.owner)
    page = client.get(reverse("applications:application", args=[application.reference])).content.decode()
    assert "Name the laboratory &amp; its safe." in page
    assert "Correct by" in page
    assert "Start the correction" in page
    letter = Letter.objects.get(kind="returned")
    assert "Name the laboratory & its safe." in letter.text_en


def test_a_formal_refusal_tells_the_reason_in_a_letter_and_on_the_page(client: Client) -> None:
    application = make_returned()
    refuse_application(application, by=make_user(None, Role.OFFICER), note="The plan is commercial.")
    client.force_login(application.owner)
    page = client.get(reverse("applications:application", args=[application.reference])).content.decode()
    assert "Formally refused" in page
    assert "The plan is commercial." in page
    assert "The plan is commercial." in Letter.objects.get(kind="refused").text_zh
    with pytest.raises(NotPossibleNow):
        submit_application(application, by=application.owner, key=uuid4())


def test_a_draft_that_is_withdrawn_can_no_longer_be_submitted() -> None:
    application = make_draft()
    withdraw_application(application, by=application.owner)
    with pytest.raises(NotPossibleNow, match="cannot be changed"):
        submit_application(application, by=application.owner, key=uuid4())
