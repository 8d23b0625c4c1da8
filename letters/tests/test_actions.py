"""Writing, releasing, superseding and revoking letters."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.tests.make import make_user
from letters.actions import release_letters, reprint_letter, resend_mail, revoke_held, revoke_letter, supersede_letter, write_letter, write_mail
from letters.models import Letter, Mail, Printing, Sending
from letters.tests.make import make_letter, make_words, printed
from letters.words import Pair
from letters.workflow import MOVES, Status
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


def test_a_letter_is_numbered_in_order_and_opens_by_a_random_code() -> None:
    first, second = make_letter(), make_letter()
    year = timezone.localdate().year
    assert [first.number, second.number] == [f"LSL-{year}-00001", f"LSL-{year}-00002"]
    assert first.check_code != second.check_code
    assert len(first.check_code) == 26


def test_a_second_call_with_the_same_key_returns_the_first_letter_and_writes_nothing() -> None:
    reader = make_user()
    first = make_letter(reader, key="decision:LSA-2026-00001:1")
    again = make_letter(reader, key="decision:LSA-2026-00001:1", words=make_words(title=Pair("Something else", "别的")))
    assert again == first
    assert again.title_en == "Decision on your application"
    assert (Letter.objects.count(), Mail.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_the_same_letter_at_once_write_one() -> None:
    numbers: list[str] = []

    def write() -> None:
        numbers.append(
            write_letter(key="receipt:LSA-2026-00001:1", kind="RECEIVED", reference="LSA-2026-00001", words=make_words(), readers=[], by=None).number
        )
        connection.close()

    writers = [Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(numbers) == 4
    assert len(set(numbers)) == 1
    assert Letter.objects.count() == 1


def test_a_number_of_a_transaction_that_failed_goes_to_the_next_letter() -> None:
    def write_and_fail() -> None:
        with transaction.atomic():
            make_letter()
            raise ValueError("the rest of the action failed")

    with pytest.raises(ValueError, match="the rest"):
        write_and_fail()
    assert make_letter().number.endswith("-00001")


def test_the_words_of_a_letter_cannot_be_changed_even_by_sql() -> None:
    letter = make_letter()
    for column in ("html", "title_en", "number", "check_code"):
        with pytest.raises(DatabaseError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(**{column: "changed"})


def test_a_held_letter_has_no_mails_until_it_is_released() -> None:
    letter = make_letter(make_user(language="zh-hans"), key="decision:1", held=True)
    assert letter.status == Status.HELD
    assert not Mail.objects.exists()
    moment = timezone.now() + timedelta(hours=1)
    (released,) = release_letters(["decision:1"], visible_at=moment, by=None)
    assert (released.status, released.visible_at, released.is_visible) == (Status.VALID, moment, False)
    mail = Mail.objects.get()
    assert (mail.next_at, mail.subject) == (moment, "LSA-2026-00001：关于月球样品借用申请的审批结果")


def test_releasing_twice_sends_one_mail() -> None:
    make_letter(make_user(), key="decision:1", held=True)
    release_letters(["decision:1"], visible_at=timezone.now(), by=None)
    assert release_letters(["decision:1"], visible_at=timezone.now(), by=None) == []
    assert Mail.objects.count() == 1


def test_a_revoked_letter_among_those_to_release_stops_all_of_them() -> None:
    make_letter(key="decision:1", held=True)
    revoke_letter(make_letter(key="decision:2", held=True), by=None, note="Withdrawn")
    with pytest.raises(NotPossibleNow):
        release_letters(["decision:1", "decision:2"], visible_at=timezone.now(), by=None)
    assert Letter.objects.get(key="decision:1").status == Status.HELD


def test_dropping_what_is_held_leaves_the_valid_letters_of_the_reference_alone() -> None:
    receipt, decision = make_letter(key="receipt:1"), make_letter(key="decision:1", held=True)
    assert revoke_held("LSA-2026-00001", by=None, note="Withdrawn") == 1
    receipt.refresh_from_db()
    decision.refresh_from_db()
    assert (receipt.status, decision.status, decision.visible_at) == (Status.VALID, Status.REVOKED, None)


def test_a_superseded_letter_names_its_successor_and_its_unsent_mail_is_stopped() -> None:
    old, new = make_letter(make_user()), make_letter()
    supersede_letter(old, new, by=None)
    old = Letter.objects.with_successor().get(pk=old.pk)
    assert old.status == Status.SUPERSEDED
    assert old.visible_successor == new
    assert old.mails.get().state == Sending.FAILED


def test_a_letter_takes_the_place_of_one_other_only() -> None:
    first, second, new = make_letter(), make_letter(), make_letter()
    supersede_letter(first, new, by=None)
    with pytest.raises(NotPossibleNow):
        supersede_letter(second, new, by=None)
    second.refresh_from_db()
    assert second.status == Status.VALID


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("step", MOVES, ids=lambda step: step.name)
def test_each_step_leads_on_from_its_own_statuses_only(step: Any, status: str) -> None:
    letter = make_letter(held=status == Status.HELD)
    Letter.objects.filter(pk=letter.pk).update(status=status)
    letter.refresh_from_db()
    columns: dict[str, Any] = {"visible_at": timezone.now()} if step.to == Status.VALID else {}
    if status in step.sources:
        letter.advance(step, by=None, **columns)
        assert letter.history.get().to_status == step.to
        Letter.objects.filter(pk=letter.pk).update(status=Status.VALID, visible_at=timezone.now())  # no successor exists in this test
    else:
        with pytest.raises(NotPossibleNow):
            letter.advance(step, by=None, **columns)
        Letter.objects.filter(pk=letter.pk).exclude(status=Status.HELD).update(status=Status.REVOKED)


def test_a_letter_that_could_not_be_printed_is_queued_again_by_hand_only_then() -> None:
    letter = make_letter()
    with pytest.raises(NotPossibleNow):
        reprint_letter(letter, by=None)
    Letter.objects.filter(pk=letter.pk).update(printing=Printing.FAILED, problem="The disk was full", attempts=10)
    reprint_letter(letter, by=None)
    assert printed(letter).is_printed


def test_a_mail_that_could_not_be_sent_is_queued_again_with_its_message_id() -> None:
    mail = make_letter(make_user()).mails.get()
    Mail.objects.filter(pk=mail.pk).update(state=Sending.FAILED, problem="550 no such user", attempts=20)
    resend_mail(mail, by=None)
    again = Mail.objects.get()
    assert (again.state, again.attempts, again.message_id) == (Sending.QUEUED, 0, mail.message_id)


def test_a_mail_without_a_letter_is_written_once_per_key() -> None:
    user = make_user()
    first = write_mail(key="extended:1", to=user, reference="LSR-1", subject="Longer", text="The round was extended.")
    again = write_mail(key="extended:1", to=user, reference="LSR-1", subject="Longer still", text="…")
    assert again == first
    assert Mail.objects.get().subject == "LSR-1: Longer"


def test_a_broker_that_is_down_does_not_break_the_request(
    django_capture_on_commit_callbacks: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("Connection refused")

    monkeypatch.setattr("letters.tasks.print_letter.delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        letter = make_letter(make_user())
    assert "The queue cannot be reached" in caplog.text
    assert printed(letter).is_printed
