"""The slow work: print letters and send mails. Each piece is claimed by one conditional update with a lease, so that it is done once
however often the bell rings, and done again when the worker that claimed it is gone."""

import hashlib
import logging
import os
import secrets
import smtplib
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from letters.keys import KeyUnusable, office_key
from letters.models import RING_AGAIN, Letter, Mail, Printing, Sending
from letters.press import PRESS, CannotBePrinted, PressStopped
from letters.signature import sign

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.LETTER_LEASE_SECONDS)  # longer than the press may take (press.py) and a mail server may think
PRESS_ATTEMPTS = 2  # of a letter on which the press hung or died: what hangs twice hangs always
ATTEMPTS = 10
MAIL_ATTEMPTS = 20  # with the back-off below more than twelve hours
LONGEST_PAUSE = timedelta(hours=1)


class FileDamaged(Exception):
    """The stored file is gone or no longer the one that was printed; the text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("The file of this letter cannot be opened at the moment. The office has been told."))


# --- Printing ---------------------------------------------------------------------------------------------------------------


def print_letter(pk: int) -> bool:
    """Print a letter if it waits for it; whether this call did."""
    file = f"letters/{secrets.token_hex(20)}.pdf"  # its name is also the claim: only who still holds it may finish
    left_behind = Letter.objects.filter(pk=pk).values_list("file", flat=True).first()
    claimed = Letter.objects.to_print().filter(pk=pk, attempts__lt=ATTEMPTS)
    if not claimed.update(printing=Printing.RUNNING, lease_until=timezone.now() + LEASE, attempts=F("attempts") + 1, file=file):
        return False
    if left_behind:
        default_storage.delete(left_behind)  # of an attempt that did not come back; if it still does, its claim is gone
    letter = Letter.objects.get(pk=pk)
    try:
        pdf = _signed(letter, PRESS.print(render_to_string("letters/print.html", {"letter": letter})))
        _store(file, pdf)
    except CannotBePrinted as problem:
        _fail(letter, file, str(problem))
    except KeyUnusable as problem:  # the letter waits for its key rather than going out without a signature
        _try_again(letter, file, str(problem))
    except PressStopped as problem:
        if letter.attempts < PRESS_ATTEMPTS:
            _try_again(letter, file, str(problem))
        else:
            _fail(letter, file, str(problem))
    except OSError as problem:  # the storage is full or away
        _try_again(letter, file, f"{type(problem).__name__}: {problem}")
    else:
        return _finish(file, pdf)
    return False


def _signed(letter: Letter, pdf: bytes) -> bytes:
    """The print with the office's signature, made as of the moment the letter was written: printed again it has the same bytes.

    Without a key (development) a letter goes out as it is; on a real server `manage.py check --deploy` refuses that.
    """
    key = office_key()
    return sign(pdf, key, at=letter.written_at) if key else pdf


def _ours(file: str) -> "QuerySet[Letter]":
    return Letter.objects.filter(file=file, printing=Printing.RUNNING)


def _store(file: str, pdf: bytes) -> None:
    stored = default_storage.save(file, ContentFile(pdf))
    if stored != file:
        raise OSError(f"stored as {stored}")
    try:
        path = default_storage.path(file)
    except NotImplementedError:
        return  # not a disk
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _finish(file: str, pdf: bytes) -> bool:
    digest = hashlib.sha256(pdf).hexdigest()
    if _ours(file).update(printing=Printing.PRINTED, digest=digest, printed_at=timezone.now(), lease_until=None, problem=""):
        return True
    default_storage.delete(file)  # the lease ran out and another worker prints it
    return False


def _fail(letter: Letter, file: str, problem: str) -> None:
    log.error("Letter %s cannot be printed: %s", letter.number, problem)
    _ours(file).update(printing=Printing.FAILED, problem=problem, file="", lease_until=None)


def _try_again(letter: Letter, file: str, problem: str) -> None:
    if letter.attempts >= ATTEMPTS:  # nobody would claim it again: the office sees it among those that were given up
        _fail(letter, file, problem)
        return
    log.warning("Letter %s was not printed at attempt %s: %s", letter.number, letter.attempts, problem)
    pause = min(timedelta(seconds=15) * 2 ** (letter.attempts - 1), LONGEST_PAUSE)
    _ours(file).update(printing=Printing.QUEUED, problem=problem, file="", lease_until=None, next_at=timezone.now() + pause)


def open_pdf(letter: Letter) -> bytes:
    """The printed letter, proven to be the file that was printed."""
    try:
        with default_storage.open(letter.file) as stored:
            pdf = stored.read()
    except (OSError, ValueError) as problem:
        log.error("The file of letter %s cannot be read: %s", letter.number, problem)
        raise FileDamaged from problem
    if hashlib.sha256(pdf).hexdigest() != letter.digest:
        log.error("The file of letter %s is not the one that was printed", letter.number)
        raise FileDamaged
    return bytes(pdf)


# --- Mail -------------------------------------------------------------------------------------------------------------------


def send_mail(pk: int) -> bool:
    """Send a mail if it is due; whether this call did. Its letter must be valid, visible and printed."""
    lease = timezone.now() + LEASE
    if (
        not Mail.objects.to_send()
        .filter(pk=pk, attempts__lt=MAIL_ATTEMPTS)
        .update(state=Sending.RUNNING, lease_until=lease, attempts=F("attempts") + 1)
    ):
        return False
    mail = Mail.objects.select_related("letter").get(pk=pk)
    ours = Mail.objects.filter(pk=pk, state=Sending.RUNNING, attempts=mail.attempts)
    try:
        _message(mail).send()
    except (smtplib.SMTPException, OSError, FileDamaged) as problem:
        final = _is_final(problem) or mail.attempts >= MAIL_ATTEMPTS
        log.log(
            logging.ERROR if final else logging.WARNING, "Mail %s to %s was not sent at attempt %s: %s", pk, mail.recipient, mail.attempts, problem
        )
        pause = min(timedelta(seconds=30) * 2 ** (mail.attempts - 1), LONGEST_PAUSE)
        ours.update(
            state=Sending.FAILED if final else Sending.QUEUED,
            problem=f"{type(problem).__name__}: {problem}"[:1000],
            next_at=timezone.now() + pause,
            lease_until=None,
        )
        return False
    return bool(ours.update(state=Sending.SENT, sent_at=timezone.now(), lease_until=None, problem=""))


def _message(mail: Mail) -> EmailMessage:
    host = mail.message_id.rpartition("@")[2]
    message = EmailMessage(
        subject=mail.subject,
        body=mail.body,
        to=[mail.recipient],
        reply_to=[settings.CONTACT_EMAIL],
        headers={
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": "zh-Hans" if mail.language.startswith("zh") else mail.language,
            **({"References": f"<{mail.thread.lower()}@{host}", "X-Our-Reference": mail.thread} if mail.thread else {}),
        },
    )
    if mail.letter:
        message.attach(mail.letter.file_name, open_pdf(mail.letter), "application/pdf")
    return message


def _is_final(problem: Exception) -> bool:
    """Whether the mail server refused this mail or address for good; a wrong password or a greylist is not final."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _answer in problem.recipients.values())
    return isinstance(problem, smtplib.SMTPDataError) and problem.smtp_code >= 500


# --- What waits -------------------------------------------------------------------------------------------------------------


def letters_unheard(limit: int) -> list[int]:
    return list(Letter.objects.unheard().values_list("pk", flat=True)[:limit])


def note_letter_rung(pk: int) -> None:
    Letter.objects.to_print().filter(pk=pk).update(next_at=timezone.now() + RING_AGAIN)


def mails_unheard(limit: int) -> list[int]:
    return list(Mail.objects.unheard().values_list("pk", flat=True)[:limit])


def note_mail_rung(pk: int) -> None:
    Mail.objects.filter(pk=pk).update(rung_at=timezone.now())


def mails_due(letters: Collection[int]) -> list[int]:
    """The mails of these letters that can go out now, in the order in which they were written."""
    return list(Mail.objects.to_send().filter(letter__in=letters).order_by("pk").values_list("pk", flat=True))


def give_up_hopeless() -> None:
    """What was claimed too often by workers that died with it waits for a hand instead of killing more of them."""
    gone = Q(lease_until__lt=timezone.now())
    letters = Letter.objects.filter(gone, printing=Printing.RUNNING, attempts__gte=ATTEMPTS)
    mails = Mail.objects.filter(gone, state=Sending.RUNNING, attempts__gte=MAIL_ATTEMPTS)
    text = "The worker stopped each time it tried."
    given_up = letters.update(printing=Printing.FAILED, problem=text, file="", lease_until=None)
    given_up += mails.update(state=Sending.FAILED, problem=text, lease_until=None)
    if given_up:
        log.error("%s letters or mails were given up: the worker stopped each time it tried them", given_up)
