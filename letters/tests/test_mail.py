"""Mails: one per reader, with the letter, and never before it is valid, visible and printed."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage as ReceivedMail
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import mail as outbox
from django.db import connection
from django.utils import timezone

from accounts.tests.make import make_user
from letters.actions import release_letters, revoke_letter
from letters.jobs import sweep
from letters.models import Letter, Mail, Sending
from letters.post import MAIL_ATTEMPTS, mails_unheard, open_pdf, send_mail
from letters.tests.make import make_letter, make_words, printed
from letters.words import Pair

pytestmark = pytest.mark.django_db


def mail_of(letter: Letter) -> Mail:
    return letter.mails.get()


def test_a_mail_carries_the_letter_in_the_language_of_its_reader(settings: Any) -> None:
    settings.SITE_URL = "https://portal.example.org"
    letter = printed(make_letter(make_user("zoe@example.org"), make_user("yue@example.org", language="zh-hans")))
    for mail in letter.mails.all():
        assert send_mail(mail.pk)
    english, chinese = sorted(outbox.outbox, key=lambda sent: sent.to, reverse=True)
    assert english.to == ["zoe@example.org"]
    assert english.subject == "LSA-2026-00001: Decision on your application"
    assert "Your application has been approved." in english.body
    assert "CE5C0600 | powder | 12.4 | approved" in english.body
    assert f"https://portal.example.org/letters/{letter.number}/" in english.body
    assert chinese.subject == "LSA-2026-00001：关于月球样品借用申请的审批结果"
    assert "贵单位的申请已获批准。" in chinese.body
    for sent in (english, chinese):
        message = sent.message()
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["References"] == "<lsa-2026-00001@portal.example.org>"
        assert message["Reply-To"] == settings.CONTACT_EMAIL
        assert sent.attachments[0][0] == f"{letter.number}.pdf"
        assert sent.attachments[0][1] == open_pdf(letter)
        assert [part.get_content_type() for part in message.walk()] == ["multipart/mixed", "text/plain", "application/pdf"]


def test_a_mail_goes_out_once_however_often_the_bell_rings() -> None:
    mail = mail_of(printed(make_letter(make_user())))
    assert [send_mail(mail.pk) for _ in range(3)] == [True, False, False]
    assert len(outbox.outbox) == 1
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.lease_until) == (Sending.SENT, 1, None)


@pytest.mark.django_db(transaction=True)
def test_a_mail_delivered_to_four_workers_at_once_goes_out_once() -> None:
    mail = mail_of(printed(make_letter(make_user())))
    results: list[bool] = []

    def deliver() -> None:
        results.append(send_mail(mail.pk))
        connection.close()

    workers = [Thread(target=deliver) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(results) == [False, False, False, True]
    assert len(outbox.outbox) == 1


def test_no_mail_leaves_before_its_letter_is_printed_released_and_visible() -> None:
    letter = make_letter(make_user(), key="decision:1", held=True)
    release_letters(["decision:1"], visible_at=timezone.now() + timedelta(hours=1), by=None)
    mail = mail_of(letter)
    assert not send_mail(mail.pk)
    printed(letter)
    Mail.objects.update(next_at=timezone.now())
    assert not send_mail(mail.pk), "visible only in an hour"
    assert mails_unheard(10) == []
    Letter.objects.update(visible_at=timezone.now())
    assert mails_unheard(10) == [mail.pk]
    assert send_mail(mail.pk)


def test_a_mail_is_not_sent_for_a_letter_that_was_revoked_in_time() -> None:
    letter = printed(make_letter(make_user()))
    revoke_letter(letter, by=None, note="Written by mistake")
    assert not send_mail(mail_of(letter).pk)
    assert outbox.outbox == []
    assert mail_of(letter).state == Sending.FAILED


def test_a_title_with_line_ends_cannot_add_a_header() -> None:
    title = Pair("Decision\r\nBcc: all@example.org", "决定\nBcc: all@example.org")
    send_mail(mail_of(printed(make_letter(make_user(), words=make_words(title=title)))).pk)
    (sent,) = outbox.outbox
    assert sent.message()["Bcc"] is None
    assert sent.subject == "LSA-2026-00001: Decision Bcc: all@example.org"


def test_a_mail_of_a_letter_whose_file_is_damaged_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = printed(make_letter(make_user()))
    Letter.objects.filter(pk=letter.pk).update(digest="0" * 64)
    assert not send_mail(mail_of(letter).pk)
    assert mail_of(letter).state == Sending.QUEUED
    assert outbox.outbox == []


class Postbox:
    """A mail server that answers as it is told and keeps what it accepted."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.received: list[ReceivedMail] = []

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        received = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(received, ReceivedMail)
        self.received.append(received)
        return "250 OK"


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    controller.stop()


def test_a_mail_that_is_put_off_goes_out_later_with_the_same_message_id(postbox: Postbox) -> None:
    mail = mail_of(printed(make_letter(make_user())))
    postbox.answers = ["451 greylisted, try again"]
    assert not send_mail(mail.pk)
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (Sending.QUEUED, 1)
    assert "greylisted" in mail.problem
    assert mail.next_at > timezone.now() + timedelta(seconds=20)
    assert not send_mail(mail.pk), "not before the pause is over"
    Mail.objects.update(next_at=timezone.now())
    assert send_mail(mail.pk)
    (received,) = postbox.received
    assert received["Message-ID"] == mail.message_id
    assert [part.get_content_type() for part in received.iter_attachments()] == ["application/pdf"]


def test_an_address_that_does_not_exist_is_not_tried_again(postbox: Postbox) -> None:
    mail = mail_of(printed(make_letter(make_user())))
    postbox.answers = ["550 no such user"]
    assert not send_mail(mail.pk)
    mail.refresh_from_db()
    assert mail.state == Sending.FAILED
    assert "no such user" in mail.problem


def test_a_mail_server_that_is_down_for_long_does_not_lose_the_mail(settings: Any) -> None:
    mail = mail_of(printed(make_letter(make_user())))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    waited = timedelta()
    for _ in range(MAIL_ATTEMPTS - 1):
        assert not send_mail(mail.pk)
        mail.refresh_from_db()
        assert mail.state == Sending.QUEUED
        waited += mail.next_at - timezone.now()
        Mail.objects.update(next_at=timezone.now())
    assert waited > timedelta(hours=6)
    send_mail(mail.pk)
    mail.refresh_from_db()
    assert mail.state == Sending.FAILED


def test_a_mail_whose_answer_was_lost_is_sent_again_with_the_same_message_id(monkeypatch: pytest.MonkeyPatch, postbox: Postbox) -> None:
    mail = mail_of(printed(make_letter(make_user())))
    real = smtplib.SMTP.sendmail

    def lose_the_answer(self: smtplib.SMTP, *arguments: Any, **options: Any) -> Any:
        real(self, *arguments, **options)
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr(smtplib.SMTP, "sendmail", lose_the_answer)
    assert not send_mail(mail.pk)
    monkeypatch.undo()
    Mail.objects.update(next_at=timezone.now())
    sweep_and_send()
    assert [received["Message-ID"] for received in postbox.received] == [mail.message_id] * 2


def sweep_and_send() -> None:
    for pk in mails_unheard(10):
        send_mail(pk)


def test_a_mail_of_a_worker_that_died_is_taken_up_by_the_sweep() -> None:
    mail = mail_of(printed(make_letter(make_user())))
    Mail.objects.update(state=Sending.RUNNING, attempts=1, lease_until=timezone.now() + timedelta(seconds=60))
    assert mails_unheard(10) == []
    Mail.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert mails_unheard(10) == [mail.pk]
    assert send_mail(mail.pk)


def test_a_mail_that_stopped_every_worker_is_given_up() -> None:
    mail = mail_of(printed(make_letter(make_user())))
    Mail.objects.update(state=Sending.RUNNING, attempts=MAIL_ATTEMPTS, lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    mail.refresh_from_db()
    assert mail.state == Sending.FAILED


def test_the_sweep_does_not_ring_again_for_a_mail_that_waits_in_a_long_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = mail_of(printed(make_letter(make_user())))
    rung: list[int] = []
    monkeypatch.setattr("letters.tasks.send_mail.delay", rung.append)
    sweep()
    sweep()
    assert rung == [mail.pk]
    Mail.objects.update(rung_at=timezone.now() - timedelta(minutes=1))
    sweep()
    assert rung == [mail.pk, mail.pk]


def test_the_sweep_rings_again_for_a_letter_that_nobody_heard_but_not_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = make_letter()
    rung: list[int] = []
    monkeypatch.setattr("letters.tasks.print_letter.delay", rung.append)
    sweep()
    assert rung == [], "the bell was only just rung"
    Letter.objects.update(next_at=timezone.now())
    sweep()
    sweep()
    assert rung == [letter.pk]
