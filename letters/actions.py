"""What happens to letters and mails: they are written, released, superseded, revoked, queued again."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import get_random_string

from accounts.models import User
from letters import tasks
from letters.codes import grouped, new_code
from letters.models import Letter, LetterCounter, LetterReader, Mail, Printing, Sending
from letters.qr import qr_path
from letters.words import Words, as_text, cleaned, one_line
from letters.workflow import RELEASE, REVOKE, SUPERSEDE, Status
from workflow.transitions import NotPossibleNow


@transaction.atomic
def write_letter(
    *,
    key: str,
    kind: str,
    reference: str,
    words: Words,
    readers: Iterable[User],
    by: User | None,
    held: bool = False,
    visible_at: datetime | None = None,
    dated_on: date | None = None,
) -> Letter:
    """Freeze the words of a letter; a second call with the same key returns the first letter and writes nothing.

    A held letter is printed but not seen, checked or mailed until `release_letters`. Any other is visible at `visible_at` (now).
    """
    written = Letter.objects.filter(key=key).first()
    if written:
        return written
    now = timezone.now()
    words = cleaned(words)
    dated_on = dated_on or timezone.localdate(now)
    try:
        with transaction.atomic():
            number, code = LetterCounter.next_reference("LSL"), new_code()
            letter = Letter.objects.create(
                number=number,
                key=key,
                kind=kind,
                reference=reference,
                kind_en=words.kind.in_language("en"),
                kind_zh=words.kind.in_language("zh"),
                title_en=words.title.in_language("en"),
                title_zh=words.title.in_language("zh"),
                institution_en=words.institution.in_language("en"),
                institution_zh=words.institution.in_language("zh"),
                dated_on=dated_on,
                html=_as_html(words, number=number, reference=reference, code=code, dated_on=dated_on),
                text_en=as_text(words, "en"),
                text_zh=as_text(words, "zh"),
                check_code=code,
                status=Status.HELD if held else Status.VALID,
                visible_at=None if held else visible_at or now,
                written_at=now,
                written_by=by,
            )
    except IntegrityError:
        return Letter.objects.get(key=key)  # somebody else was faster; his letter stands
    LetterReader.objects.bulk_create(LetterReader(letter=letter, user=user) for user in {user.pk: user for user in readers}.values())
    if not held:
        _write_mails(letter)
    transaction.on_commit(lambda: tasks.ring_printer(letter.pk))
    return letter


def _as_html(words: Words, *, number: str, reference: str, code: str, dated_on: date) -> str:
    address = settings.SITE_URL + reverse("letters:check", args=[code])
    context = {
        "words": words,
        "number": number,
        "reference": reference,
        "dated_on": dated_on,
        "code": grouped(code),
        "address": address,
        "form_address": settings.SITE_URL + reverse("letters:verify"),
        "qr": qr_path(address),
        "is_demonstration": settings.PORTAL_DEMO,
    }
    with translation.override("en"):
        return render_to_string("letters/letter.html", context)


@transaction.atomic
def release_letters(keys: Collection[str], *, visible_at: datetime, by: User | None) -> list[Letter]:
    """Make held letters valid from one common moment and queue their mails. Letters already valid are left as they are;
    a revoked one raises NotPossibleNow and none is released."""
    released = []
    for letter in Letter.objects.filter(key__in=keys).exclude(status__in=(Status.VALID, Status.SUPERSEDED)).order_by("pk"):
        letter.advance(RELEASE, by=by, visible_at=visible_at)
        _write_mails(letter)
        released.append(letter)
    if visible_at <= timezone.now():
        transaction.on_commit(lambda: tasks.ring_postman(released))
    return released


@transaction.atomic
def supersede_letter(old: Letter, new: Letter, *, by: User | None, note: str = "") -> None:
    """The new letter takes the place of the old one, which stays readable and says so."""
    old.advance(SUPERSEDE, by=by, note=note)
    if not Letter.objects.filter(pk=new.pk, supersedes=None).exclude(pk=old.pk).update(supersedes=old):
        raise NotPossibleNow
    new.supersedes = old
    _stop_mails(old)


@transaction.atomic
def revoke_letter(letter: Letter, *, by: User | None, note: str) -> None:
    """The letter no longer holds; it stays readable for its readers and the public check says so. What was not sent is not sent."""
    letter.advance(REVOKE, by=by, note=note)
    _stop_mails(letter)


@transaction.atomic
def revoke_held(reference: str, *, by: User | None, note: str = "") -> int:
    """Drop what was written under a reference and never released; nobody outside ever learns of it."""
    held = list(Letter.objects.of_reference(reference).held())
    for letter in held:
        letter.advance(REVOKE, by=by, note=note)
    return len(held)


@transaction.atomic
def reprint_letter(letter: Letter, *, by: User | None) -> None:
    """Queue a letter again that could not be printed, after its cause is gone."""
    now = timezone.now()
    if not Letter.objects.filter(pk=letter.pk, printing=Printing.FAILED).update(printing=Printing.QUEUED, attempts=0, problem="", next_at=now):
        raise NotPossibleNow
    transaction.on_commit(lambda: tasks.ring_printer(letter.pk))


@transaction.atomic
def resend_mail(mail: Mail, *, by: User | None) -> None:
    """Queue a mail again that could not be sent; it keeps its Message-ID, so that a double is recognised."""
    now = timezone.now()
    if not Mail.objects.filter(pk=mail.pk, state=Sending.FAILED).update(state=Sending.QUEUED, attempts=0, problem="", next_at=now):
        raise NotPossibleNow
    transaction.on_commit(lambda: tasks.ring_mail(mail.pk))


@transaction.atomic
def write_mail(*, key: str, to: User, reference: str, subject: str, text: str, send_at: datetime | None = None) -> Mail:
    """A mail without a letter, in words already in the language of `to`; a second call with the same key returns the first mail."""
    mail = _mail(key=key, to=to, reference=reference, subject=subject, text=text, send_at=send_at or timezone.now())
    with transaction.atomic():
        Mail.objects.bulk_create([mail], ignore_conflicts=True)
    mail = Mail.objects.get(key=key)
    transaction.on_commit(lambda: tasks.ring_mail(mail.pk))
    return mail


def _mail(*, key: str, to: User, reference: str, subject: str, text: str, send_at: datetime, letter: Letter | None = None) -> Mail:
    with translation.override(to.language):
        body = render_to_string(
            "letters/mail.txt",
            {
                "text": text,
                "letter": letter,
                "letter_address": letter and settings.SITE_URL + reverse("letters:letter", args=[letter.number]),
                "check_address": letter and settings.SITE_URL + reverse("letters:check", args=[letter.check_code]),
                "contact": settings.CONTACT_EMAIL,
                "is_demonstration": settings.PORTAL_DEMO,
            },
        )
    host = urlsplit(settings.SITE_URL).hostname
    return Mail(
        key=key,
        letter=letter,
        recipient=to.email,
        language=to.language,
        thread=reference,
        subject=one_line(f"{reference}：{subject}" if to.language.startswith("zh") else f"{reference}: {subject}")[:400],
        body=body,
        message_id=f"<{get_random_string(24).lower()}@{host}>",
        next_at=send_at,
    )


def _write_mails(letter: Letter) -> None:
    """One mail per reader and address, in the reader's language, due when the letter becomes visible."""
    assert letter.visible_at is not None
    mails = []
    for reader in letter.readers.select_related("user"):
        user = reader.user
        chinese = user.language.startswith("zh")
        mail = _mail(
            key=f"{letter.number}:{user.pk}",
            to=user,
            reference=letter.reference,
            subject=letter.title_zh if chinese else letter.title_en,
            text=letter.text_zh if chinese else letter.text_en,
            send_at=letter.visible_at,
            letter=letter,
        )
        mails.append(mail)
    Mail.objects.bulk_create(mails)


def _stop_mails(letter: Letter) -> None:
    letter.mails.filter(state=Sending.QUEUED).update(state=Sending.FAILED, problem="The letter was replaced or revoked before the mail went out.")
