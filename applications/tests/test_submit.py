"""Handing in: once, in time, complete, and with a receipt that proves it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.tests.make import make_user
from applications import jobs
from applications.actions import (
    Incomplete,
    KeyUsed,
    RoundClosed,
    StaleTab,
    expire_applications,
    request_problem,
    revise_application,
    revise_requests,
    start_application,
    start_version,
    submit_application,
)
from applications.models import Application, Receipt, Version, draft_version
from applications.questions import parts_of
from applications.tests.make import make_draft, make_returned, make_submitted, the_draft
from applications.workflow import Status
from institutions.tests.make import make_country, make_institution
from letters.models import Letter, Mail
from rounds.actions import extend_round
from rounds.tests.make import make_round
from samples.models import Form
from samples.tests.make import make_sample
from workflow.models import AppendOnly
from workflow.transitions import NotPossibleNow

CLOSING = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)  # 24:00 Beijing time
MICROSECOND = timedelta(microseconds=1)
pytestmark = pytest.mark.django_db


def submit(application: Application, key: UUID | None = None) -> Receipt:
    return submit_application(application, by=application.owner, key=key or uuid4())


def test_a_submission_leaves_a_version_a_receipt_a_step_and_a_letter() -> None:
    application = make_draft()
    receipt = submit(application)
    application.refresh_from_db()
    version = receipt.version
    assert application.status == Status.SUBMITTED
    assert application.current == version
    assert application.submitted_at == version.submitted_at == receipt.at
    assert application.institution == version.institution
    assert receipt.number == f"{application.reference}/1"
    assert [step.move for step in application.history.all()] == ["submit"]
    assert draft_version(application) is None


def test_the_digest_of_the_receipt_is_that_of_the_stored_answers() -> None:
    receipt = submit(make_draft())
    version = Version.objects.with_answers().get(pk=receipt.version_id)
    assert receipt.digest == version.digest == version.expected_digest()
    version.plan += " "
    assert version.expected_digest() != receipt.digest


def test_the_receipt_letter_is_written_once_with_the_full_text_and_the_digest() -> None:
    application, key = make_draft(plan="First map.\n\nThen cut ✓ 先绘图"), uuid4()
    receipt = submit(application, key)
    submit(application, key)
    letter = Letter.objects.get(reference=application.reference)
    for text in (letter.text_en, letter.text_zh):
        for part in ("Water in glass beads", "How much solar-wind water", "先绘图", receipt.digest, receipt.number, "CE5C0600", "10.0"):
            assert part in text
    assert letter.html.count(receipt.digest) >= 1
    assert [row.user for row in letter.readers.all()] == [application.owner]
    assert Mail.objects.get(letter=letter).recipient == application.owner.email


def test_the_same_key_gives_the_same_receipt() -> None:
    application, key = make_draft(), uuid4()
    first = submit(application, key)
    assert submit(application, key) == first
    assert Receipt.objects.count() == 1


def test_the_key_of_another_application_is_refused_and_changes_nothing() -> None:
    round, key = make_round(), uuid4()
    one, other = make_draft(round), make_draft(round)
    submit(one, key)
    with pytest.raises(KeyUsed):
        submit(other, key)
    other.refresh_from_db()
    assert other.status == Status.DRAFT


def test_a_second_submission_with_another_key_is_refused_in_a_clear_sentence() -> None:
    application = make_submitted()
    with pytest.raises(NotPossibleNow, match="submitted already"):
        submit(application)
    assert Receipt.objects.count() == 1


def test_an_empty_application_is_refused_with_a_sentence_for_every_gap() -> None:
    application = start_application(make_round(), by=make_user())
    with pytest.raises(Incomplete) as refusal:
        submit(application)
    sections = [section for section, _name, _text in refusal.value.problems]
    assert list(dict.fromkeys(sections)) == list(parts_of("research"))  # every part has gaps, in the order of the form
    needed = [question for part in parts_of("research").values() for question in part.questions if question.is_needed and not question.condition]
    assert [name for _section, name, _text in refusal.value.problems] == [question.name for question in needed]
    assert all(sentence.endswith(".") for _section, _name, sentence in refusal.value.problems)
    application.refresh_from_db()
    assert (application.status, application.version, Letter.objects.count()) == (Status.DRAFT, 0, 0)


def test_an_institution_outside_the_audience_cannot_be_submitted() -> None:
    round = make_round(audience="international")
    application = make_draft(round, institution=make_institution(country=make_country("HK")))
    with pytest.raises(Incomplete, match="1 thing") as refusal:
        submit(application)
    assert refusal.value.problems[0][0] == "institution"


def test_more_than_is_left_by_the_time_of_the_submission_is_refused() -> None:
    sample = make_sample(mass_ug=20_000)
    application = make_draft(make_round(sample), lines=[(sample, 10_000)])
    revise_requests(the_draft(application), by=application.owner, seen_revision=2, lines=[(sample, 20_100)])
    with pytest.raises(Incomplete) as refusal:
        submit(application)
    assert "Only 20.0 mg" in refusal.value.problems[0].text


def test_a_piece_is_asked_for_whole_and_a_sample_that_is_not_offered_is_refused() -> None:
    piece, stranger = make_sample("CE5C0000YJYX031", form=Form.CLAST, mass_ug=9_900), make_sample("CE5C0400")
    application = make_draft(make_round(piece), lines=[(piece, 9_000), (stranger, 1_000)])
    assert [line.mass_ug for line in the_draft(application).requests.all()] == [1_000, 9_900]
    with pytest.raises(Incomplete) as refusal:
        submit(application)
    assert [text for _section, _name, text in refusal.value.problems] == ["CE5C0400 is not offered in this round."]
    assert "lent whole" in str(request_problem(piece, 9_000, {piece.pk}))


# --- The clock ------------------------------------------------------------------------------------------------------------


def test_started_at_23_59_59_and_submitted_at_24_00_is_refused_with_the_reason() -> None:
    with time_machine.travel(CLOSING - timedelta(days=1), tick=False) as clock:
        round = make_round(closes_at=CLOSING)
        clock.move_to(CLOSING - timedelta(seconds=1))
        application = make_draft(round)
        clock.move_to(CLOSING)
        with pytest.raises(RoundClosed, match="22 December 2026, 24:00 Beijing time"):
            submit(application)
        application.refresh_from_db()
        assert application.status == Status.DRAFT
        assert the_draft(application).title == "Water in glass beads"


def test_one_microsecond_before_the_closing_is_in_time() -> None:
    with time_machine.travel(CLOSING - timedelta(days=1), tick=False) as clock:
        application = make_draft(make_round(closes_at=CLOSING))
        clock.move_to(CLOSING - MICROSECOND)
        receipt = submit(application)
    assert receipt.at == CLOSING - MICROSECOND
    assert receipt.canonical_at == "2026-12-22T15:59:59.999999Z"


def test_an_extension_in_between_counts_for_whoever_had_the_page_open() -> None:
    with time_machine.travel(CLOSING - timedelta(hours=1), tick=False) as clock:
        application = make_draft(make_round(closes_at=CLOSING, corrections_close_at=CLOSING + timedelta(days=20)))
        extend_round(application.round, closes_at=CLOSING + timedelta(hours=2), notice_en="Later.", notice_zh="延期。", by=make_user())
        stale = Application.objects.get(pk=application.pk)
        clock.move_to(CLOSING + timedelta(hours=1))
        assert submit(stale).at == CLOSING + timedelta(hours=1)
        other = make_draft(application.round)
        clock.move_to(CLOSING + timedelta(hours=2))
        with pytest.raises(RoundClosed):
            submit(other)


def test_after_the_expiry_the_refusal_still_names_the_closing() -> None:
    with time_machine.travel(CLOSING - timedelta(days=1), tick=False) as clock:
        application = make_draft(make_round(closes_at=CLOSING))
        clock.move_to(CLOSING + timedelta(minutes=1))
        assert expire_applications() == 1
        application.refresh_from_db()
        assert application.status == Status.NOT_SUBMITTED
        with pytest.raises(RoundClosed, match="24:00 Beijing time"):
            submit(application)
        with pytest.raises(RoundClosed):
            revise_application(the_draft(application), by=application.owner, seen_revision=2, title="Later")


# --- Versions -------------------------------------------------------------------------------------------------------------


def test_until_the_new_version_is_submitted_the_old_one_stands() -> None:
    application = make_submitted()
    first = application.current
    assert first is not None
    draft = start_version(application, by=application.owner)
    assert [(line.sample_id, line.mass_ug) for line in draft.requests.all()] == [(line.sample_id, line.mass_ug) for line in first.requests.all()]
    revise_application(draft, by=application.owner, seen_revision=0, title="Better")
    application.refresh_from_db()
    assert (application.status, application.current) == (Status.SUBMITTED, first)
    second = submit(application)
    application.refresh_from_db()
    assert application.current == second.version
    assert second.number == f"{application.reference}/2"
    assert Version.objects.get(pk=first.pk).title == "Water in glass beads"
    assert [step.move for step in application.history.all()] == ["submit", "replace"]
    assert Letter.objects.filter(reference=application.reference).count() == 2


def test_a_new_version_is_started_once() -> None:
    application = make_submitted()
    assert start_version(application, by=application.owner) == start_version(application, by=application.owner)


def test_after_the_closing_no_new_version_can_be_started_or_submitted() -> None:
    with time_machine.travel(CLOSING - timedelta(days=1), tick=False) as clock:
        round = make_round(closes_at=CLOSING)
        written, plain = make_submitted(round), make_submitted(round)
        start_version(written, by=written.owner)
        clock.move_to(CLOSING)
        with pytest.raises(RoundClosed):
            submit(written)
        with pytest.raises(RoundClosed):
            start_version(plain, by=plain.owner)
        written.refresh_from_db()
        assert written.status == Status.SUBMITTED
        assert written.current is not None
        assert written.current.number == 1


def test_a_correction_counts_after_the_closing_but_before_its_own_date() -> None:
    application = make_returned()
    draft = start_version(application, by=application.owner)
    revise_application(draft, by=application.owner, seen_revision=0, plan="In the clean room of building 3.")
    receipt = submit(application)
    application.refresh_from_db()
    assert (application.status, application.correct_by) == (Status.SUBMITTED, None)
    assert receipt.version.number == 2
    assert application.round.is_closed(receipt.at)
    assert [step.move for step in application.history.all()] == ["submit", "return", "resubmit"]


def test_a_correction_after_its_date_is_refused_and_expires() -> None:
    application = make_returned(correct_in=timedelta(days=5))
    start_version(application, by=application.owner)
    correct_by = application.correct_by
    assert correct_by is not None
    with time_machine.travel(correct_by - MICROSECOND, tick=False):
        assert application.is_editable()
        assert expire_applications() == 0
    with time_machine.travel(correct_by, tick=False):
        with pytest.raises(RoundClosed):
            submit(application)
        assert expire_applications() == 1
        application.refresh_from_db()
        assert application.status == Status.NOT_SUBMITTED
        assert application.deadline() == correct_by


def test_the_text_that_was_read_is_the_text_that_is_submitted() -> None:
    application = make_draft()
    seen = the_draft(application).revision
    revise_application(the_draft(application), by=application.owner, seen_revision=seen, plan="Changed in another window.")
    with pytest.raises(StaleTab):
        submit_application(application, by=application.owner, key=uuid4(), seen_revision=seen)
    submit_application(application, by=application.owner, key=uuid4(), seen_revision=seen + 1)
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED


# --- Stale pages ----------------------------------------------------------------------------------------------------------


def test_an_edit_from_an_older_tab_overwrites_nothing_and_gives_the_stored_text() -> None:
    application = make_draft()
    revise_application(the_draft(application), by=application.owner, seen_revision=2, title="New")
    with pytest.raises(StaleTab) as refusal:
        revise_application(the_draft(application), by=application.owner, seen_revision=2, title="Old")
    assert refusal.value.stored.title == "New"
    line = the_draft(application).requests.get()
    revise_requests(the_draft(application), by=application.owner, seen_revision=3, lines=[(line.sample, 2_000)])
    with pytest.raises(StaleTab):
        revise_requests(the_draft(application), by=application.owner, seen_revision=3, lines=[(line.sample, 3_000)])
    assert the_draft(application).requests.get().mass_ug == 2_000


def test_an_edit_that_arrives_after_the_submission_is_refused() -> None:
    application = make_draft()
    version = the_draft(application)
    submit(application)
    with pytest.raises(NotPossibleNow, match="submitted already"):
        revise_application(version, by=application.owner, seen_revision=2, title="Too late")
    with pytest.raises(NotPossibleNow):
        revise_requests(version, by=application.owner, seen_revision=2, lines=[])
    assert Version.objects.get(pk=version.pk).title == "Water in glass beads"


# --- The database keeps the last word -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE applications_version SET plan = 'forged' WHERE id = %s",
        "DELETE FROM applications_version WHERE id = %s",
        "UPDATE applications_receipt SET digest = 'forged' WHERE version_id = %s",
        "DELETE FROM applications_receipt WHERE version_id = %s",
    ],
)
def test_the_database_refuses_to_change_what_was_handed_in(statement: str) -> None:
    version = make_submitted().current
    assert version is not None
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [version.pk])


def test_the_code_refuses_to_change_a_receipt() -> None:
    receipt = submit(make_draft())
    with pytest.raises(AppendOnly):
        receipt.save()
    with pytest.raises(AppendOnly):
        receipt.delete()


# --- The page -------------------------------------------------------------------------------------------------------------


def test_the_button_submits_and_leads_to_the_receipt(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    page = client.get(reverse("applications:check", args=[application.reference]))
    form = page.context["form"]
    words = {name: str(form[name].value()) for name in ("key", "seen_revision")}
    answer = client.post(reverse("applications:submit", args=[application.reference]), words, follow=True)
    receipt = Receipt.objects.get()
    assert answer.redirect_chain[0][0].endswith(f"/receipt/?version={receipt.version.number}")
    assert receipt.digest in answer.content.decode()
    again = client.post(reverse("applications:submit", args=[application.reference]), words, follow=True)
    assert again.context["receipt"] == receipt
    assert Receipt.objects.count() == 1


def test_the_check_page_says_that_nothing_is_submitted_and_links_every_gap(client: Client) -> None:
    application = start_application(make_round(), by=make_user())
    client.force_login(application.owner)
    page = client.get(reverse("applications:check", args=[application.reference])).content.decode()
    assert "Nothing has been submitted yet." in page
    for section in ("institution", "research", "samples"):
        assert f"/edit/{section}/?back=check" in page
    assert reverse("applications:submit", args=[application.reference]) not in page


@pytest.mark.parametrize("words", [{}, {"key": "no uuid", "seen_revision": "2"}, {"key": "00000000-0000-0000-0000-000000000000"}])
def test_a_submission_without_its_key_is_refused_with_a_fresh_page(client: Client, words: dict[str, str]) -> None:
    application = make_draft()
    client.force_login(application.owner)
    answer = client.post(reverse("applications:submit", args=[application.reference]), words)
    assert answer.status_code == 409
    assert "Not submitted." in answer.content.decode()
    application.refresh_from_db()
    assert application.status == Status.DRAFT


def test_the_key_of_another_application_is_409_on_the_page(client: Client) -> None:
    round, owner, key = make_round(), make_user(), uuid4()
    submit(make_draft(round, owner=owner), key)
    other = make_draft(round, owner=owner)
    client.force_login(owner)
    answer = client.post(reverse("applications:submit", args=[other.reference]), {"key": str(key), "seen_revision": "2"})
    assert answer.status_code == 409
    assert "already used" in answer.content.decode()


def test_a_submission_after_the_closing_shows_the_reason_and_every_answer(client: Client) -> None:
    with time_machine.travel(CLOSING - timedelta(hours=1), tick=False) as clock:
        application = make_draft(make_round(closes_at=CLOSING))
        client.force_login(application.owner)
        clock.move_to(CLOSING)
        answer = client.post(reverse("applications:submit", args=[application.reference]), {"key": str(uuid4()), "seen_revision": "2"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Too late" in page
    assert "22 December 2026, 24:00 Beijing time" in page
    assert "Pick beads in nitrogen" in page
    assert "<title>Error:" in page


def test_a_submission_costs_a_fixed_number_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    samples = [make_sample(number, mass_ug=100_000) for number in ("CE5C0600", "CE5C0400", "CE5C0800")]
    round = make_round(*samples)
    submit(make_draft(round))  # the first letter of the year makes its counter
    for lines in ([(samples[0], 1_000)], [(sample, 1_000) for sample in samples]):
        application = make_draft(round, lines=lines)
        with django_assert_num_queries(33):  # nine of them savepoints, nine the letter with its wording and its mail, one the files to be drawn
            submit(application)


def test_the_clock_leaves_a_submission_in_flight_a_minute_to_arrive() -> None:
    with time_machine.travel(CLOSING - timedelta(days=1), tick=False) as clock:
        application = make_draft(make_round(closes_at=CLOSING))
        clock.move_to(CLOSING + timedelta(seconds=30))
        assert jobs.expire() == 0
        clock.move_to(CLOSING + timedelta(seconds=61))
        assert jobs.expire() == 1
    application.refresh_from_db()
    assert application.status == Status.NOT_SUBMITTED
