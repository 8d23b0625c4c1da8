"""Reports of mail servers about mails that did not arrive: believed for our own mails, once; then the mail can be sent again."""

import io
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.tests.make import make_user
from letters.actions import note_bounce, resend_mail, supersede_letter, write_mail
from letters.bounces import read_bounce
from letters.models import Mail, Sending
from letters.tests.make import make_letter, printed
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db

REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: office@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Tue, 1 Dec 2026 08:00:00 +0800

Final-Recipient: rfc822; {final}
Original-Recipient: rfc822;{original}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <{final}>: Recipient address rejected:
    User unknown

--B
Content-Type: {copy}

From: portal@example.org
To: {original}
Message-ID: {message_id}
Subject: LSA-2026-00001: Receipt

{body}
--B--
"""


def report(
    mail: Mail,
    *,
    final: str = "",
    action: str = "failed",
    status: str = "5.1.1",
    copy: str = "message/rfc822",
    message_id: str = "",
    original: str = "",
) -> bytes:
    filled = REPORT.format(
        final=final or mail.recipient,
        original=original or mail.recipient,
        action=action,
        status=status,
        copy=copy,
        message_id=message_id or mail.message_id,
        body="The words of the mail." if copy == "message/rfc822" else "",
    )
    return filled.encode()


@pytest.fixture
def zoe() -> User:
    return make_user("zoe@example.org")


@pytest.fixture
def sent(zoe: User) -> Mail:
    mail = write_mail(key="test:1", to=zoe, reference="LSA-2026-00001", subject="A question", text="Please answer.")
    Mail.objects.filter(pk=mail.pk).update(state=Sending.SENT, sent_at=timezone.now())
    mail.refresh_from_db()
    return mail


def read(raw: bytes, folder: Path) -> str:
    file = folder / "report.eml"
    file.write_bytes(raw)
    said = io.StringIO()
    call_command("read_bounces", str(file), stdout=said)
    return said.getvalue()


@pytest.mark.parametrize("copy", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_marks_the_mail_with_the_servers_reason(sent: Mail, tmp_path: Path, copy: str) -> None:
    assert "Noted as undelivered: 1. Passed over: 0." in read(report(sent, copy=copy), tmp_path)
    sent.refresh_from_db()
    assert sent.bounced_at is not None
    assert sent.state == Sending.SENT
    assert sent.problem == "5.1.1 smtp; 550 5.1.1 <zoe@example.org>: Recipient address rejected: User unknown"
    assert list(Mail.objects.undelivered()) == [sent]


def test_the_same_report_twice_changes_nothing_more(sent: Mail, tmp_path: Path) -> None:
    read(report(sent), tmp_path)
    sent.refresh_from_db()
    first = sent.bounced_at
    assert "Noted as undelivered: 0. Passed over: 1." in read(report(sent), tmp_path)
    sent.refresh_from_db()
    assert sent.bounced_at == first


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "<guessed@example.org>"},
        {"final": "somebody@else.example", "original": "somebody@else.example"},
        {"action": "delayed", "status": "4.4.1"},
        {"action": "delivered", "status": "2.0.0"},
        {"copy": "text/plain"},
    ],
    ids=["unknown mail", "another address", "a delay", "a success", "no copy of the mail"],
)
def test_what_is_no_failure_of_our_mail_to_this_address_is_passed_over(sent: Mail, tmp_path: Path, change: dict[str, str]) -> None:
    assert "Noted as undelivered: 0. Passed over: 1." in read(report(sent, **change), tmp_path)
    sent.refresh_from_db()
    assert sent.bounced_at is None
    assert not Mail.objects.undelivered().exists()


def test_a_forwarded_mail_that_failed_elsewhere_is_known_by_the_address_it_was_sent_to(sent: Mail, tmp_path: Path) -> None:
    assert "Noted as undelivered: 1." in read(report(sent, final="zoe@forwarded.example", original="Zoe@Example.org"), tmp_path)


def test_a_mail_that_was_never_sent_does_not_come_back(sent: Mail, tmp_path: Path) -> None:
    Mail.objects.filter(pk=sent.pk).update(state=Sending.QUEUED, sent_at=None)
    assert "Noted as undelivered: 0." in read(report(sent), tmp_path)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: Hello\n\nAn ordinary mail.",
        b"Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\n\xff\xfe\n--B--\n",
        (
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n"
            b"Content-Type: message/delivery-status; charset=nonsense\nContent-Transfer-Encoding: base64\n\n!!!!\n--B\n"
            b"Content-Type: text/rfc822-headers; charset=nonsense\nContent-Transfer-Encoding: base64\n\n====\n--B--\n"
        ),
    ],
)
def test_anything_else_that_reaches_the_mailbox_is_no_report(raw: bytes) -> None:
    assert read_bounce(raw) is None


def test_a_maildir_is_read_and_emptied_on_demand(sent: Mail, tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1").write_bytes(report(sent))
    (tmp_path / "cur" / "2").write_bytes(b"Subject: Hello\n\nAn ordinary mail.")
    said = io.StringIO()
    call_command("read_bounces", str(tmp_path), stdout=said)
    assert "Noted as undelivered: 1. Passed over: 1." in said.getvalue()
    assert (tmp_path / "new" / "1").exists()
    call_command("read_bounces", str(tmp_path), remove=True, stdout=said)
    assert not list((tmp_path / "new").iterdir()) + list((tmp_path / "cur").iterdir())


def test_a_mail_server_can_pipe_a_report_into_the_command(sent: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(report(sent))))
    said = io.StringIO()
    call_command("read_bounces", "-", stdout=said)
    assert "Noted as undelivered: 1." in said.getvalue()


def test_a_folder_that_is_no_maildir_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a Maildir"):
        call_command("read_bounces", str(tmp_path))
    with pytest.raises(CommandError, match="does not exist"):
        call_command("read_bounces", str(tmp_path / "nothing"))


def test_sent_again_it_goes_to_the_address_that_the_person_has_now(sent: Mail, zoe: User) -> None:
    note_bounce(sent.message_id, recipients=["zoe@example.org"], problem="550")
    zoe.email = "zoe@new.example"
    zoe.save(update_fields=["email"])
    sent.refresh_from_db()
    assert sent.has_new_address
    resend_mail(sent, by=None)
    sent.refresh_from_db()
    assert (sent.state, sent.recipient, sent.bounced_at, sent.sent_at, sent.problem) == (Sending.QUEUED, "zoe@new.example", None, None, "")
    with pytest.raises(NotPossibleNow):
        resend_mail(sent, by=None)


def test_a_late_report_about_the_old_address_does_not_mark_the_mail_to_the_new_one(sent: Mail, zoe: User) -> None:
    note_bounce(sent.message_id, recipients=["zoe@example.org"], problem="550")
    zoe.email = "zoe@new.example"
    zoe.save(update_fields=["email"])
    resend_mail(sent, by=None)
    Mail.objects.filter(pk=sent.pk).update(state=Sending.SENT, sent_at=timezone.now())
    assert not note_bounce(sent.message_id, recipients=["zoe@example.org"], problem="550 again")


def test_a_mail_of_a_replaced_letter_is_no_trouble_any_more(zoe: User) -> None:
    letter = printed(make_letter(zoe))
    mail = letter.mails.get()
    Mail.objects.filter(pk=mail.pk).update(state=Sending.FAILED, problem="550")
    assert list(Mail.objects.undelivered()) == [mail]
    supersede_letter(letter, make_letter(zoe), by=None)
    assert not Mail.objects.undelivered().exists()


def test_the_database_knows_that_only_a_sent_mail_comes_back(sent: Mail) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.filter(pk=sent.pk).update(state=Sending.QUEUED, sent_at=None, bounced_at=timezone.now(), problem="550")


@pytest.mark.parametrize(("address", "shown"), [("zoe@example.org", "z…@example.org"), ("张@example.cn", "张…@example.cn")])
def test_an_address_is_shown_masked(address: str, shown: str) -> None:
    assert Mail(recipient=address).masked_recipient == shown
