"""What happens to letters and mails: they are written, released, superseded, revoked, queued again."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.models import User
from letters import tasks
from letters.addresses import one_address
from letters.codes import new_code
from letters.models import Letter, LetterCounter, LetterReader, Mail, Printing, Sending, TextVersion
from letters.paper import letter_html
from letters.texts import Kind, Wording
from letters.words import Pair, Words, as_text, cleaned, one_line
from letters.workflow import RELEASE, REVOKE, SUPERSEDE, Status
from workflow.transitions import NotPossibleNow

BOTH_LANGUAGES = ("en", "zh-hans")
MAILS_AT_ONCE = 200  # written by one statement
LONGEST_PROBLEM = 1000  # characters of what a mail server says that are kept


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
                html=letter_html(words, number=number, reference=reference, code=code, dated_on=dated_on),
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
        _write_mails([letter])
    transaction.on_commit(lambda: tasks.ring_printer(letter.pk))
    return letter


@transaction.atomic
def release_letters(keys: Collection[str], *, visible_at: datetime, by: User | None) -> list[Letter]:
    """Make held letters valid from one common moment and queue their mails. Letters already valid are left as they are;
    a revoked one raises NotPossibleNow and none is released."""
    released = []
    for letter in Letter.objects.filter(key__in=keys).exclude(status__in=(Status.VALID, Status.SUPERSEDED)).order_by("pk"):
        letter.advance(RELEASE, by=by, visible_at=visible_at)
        released.append(letter)
    _write_mails(released)
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
    """Queue a mail again that could not be sent or came back; it keeps its Message-ID, so that a double is recognised.

    It goes to the address that the person has now. A mail that somebody else queued again meanwhile raises NotPossibleNow.
    """
    person = User.objects.filter(pk=mail.user_id).first() if mail.user_id else None
    gone = Mail.objects.filter(Q(state=Sending.FAILED) | Q(state=Sending.SENT, bounced_at__isnull=False), pk=mail.pk)
    if not gone.update(
        state=Sending.QUEUED,
        attempts=0,
        problem="",
        next_at=timezone.now(),
        sent_at=None,
        bounced_at=None,
        recipient=person.email if person and person.is_active else mail.recipient,
    ):
        raise NotPossibleNow
    transaction.on_commit(lambda: tasks.ring_mail(mail.pk))


@transaction.atomic
def note_bounce(message_id: str, *, recipients: Collection[str], problem: str) -> bool:
    """A mail server reports that it could not deliver a mail of ours to one of these addresses; whether that was news.

    Believed only for a Message-ID that we gave (it is random) with the address to which that mail went, and only once.
    """
    addresses = {address.lower() for address in recipients}
    mail = Mail.objects.filter(message_id=message_id, state=Sending.SENT, bounced_at__isnull=True).first()
    if mail is None or mail.recipient.lower() not in addresses:
        return False
    still = Mail.objects.filter(pk=mail.pk, state=Sending.SENT, bounced_at__isnull=True, sent_at=mail.sent_at)
    return bool(still.update(bounced_at=timezone.now(), problem=one_line(problem)[:LONGEST_PROBLEM] or "undeliverable"))


class TextRefused(Exception):
    """The words cannot be kept; `problems` names them by field."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(text for texts in problems.values() for text in texts))


class TextChanged(Exception):
    """Somebody else has saved the same text in between; `theirs` is what stands now. The text may be shown."""

    def __init__(self, theirs: TextVersion) -> None:
        self.theirs = theirs
        super().__init__(_("Somebody else has changed this text since you opened it. Nothing of yours is saved yet."))


class SameText(Exception):
    """There is nothing to save; the text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("The words are those that stand already. Nothing was saved."))


@transaction.atomic
def save_text(kind: Kind, wording: Wording, *, seen: int, by: User, restores: int | None = None) -> TextVersion:
    """A new version of the words of a kind of letter, for the letters from now on. `seen` is the number of the version that was changed
    (0 for what comes with the portal): of two who change the same one, the second learns what the first wrote."""
    problems = kind.problems(wording)
    if problems:
        raise TextRefused(problems)
    newest = TextVersion.objects.of(kind).first()
    if newest is not None and newest.number != seen:
        raise TextChanged(newest)
    if wording == (newest.wording if newest else kind.default):
        raise SameText
    version = TextVersion(kind=kind.word, number=newest.number + 1 if newest else 1, restores=restores, by=by, **wording.fields())
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError:  # in this very moment
        theirs = TextVersion.objects.of(kind).first()
        assert theirs is not None
        raise TextChanged(theirs) from None
    return version


@transaction.atomic
def write_mail(*, key: str, to: User, reference: str, subject: str, text: str, send_at: datetime | None = None) -> Mail:
    """A mail without a letter, in words already in the language of `to`; a second call with the same key returns the first mail."""
    mail = _mail(key=key, to=to, reference=reference, subject=subject, text=text, send_at=send_at or timezone.now())
    with transaction.atomic():
        Mail.objects.bulk_create([mail], ignore_conflicts=True)
    mail = Mail.objects.get(key=key)
    transaction.on_commit(lambda: tasks.ring_mail(mail.pk))
    return mail


@transaction.atomic
def write_mail_to_address(*, key: str, address: str, language: str = "", reference: str, subject: Pair, text: Pair) -> Mail:
    """A mail to one address, whether or not somebody has an account with it; without a language it says everything in both.

    A second call with the same key returns the first mail. Raises BadAddress for anything but one address.
    """
    languages = (language,) if language else BOTH_LANGUAGES
    mail = Mail(
        key=key,
        recipient=one_address(address),
        language=",".join(languages),
        thread=reference,
        subject=_subject(reference, " · ".join(subject.in_language(each) for each in languages), languages[0]),
        body=f"\n\n{'=' * 40}\n\n".join(_body(text.in_language(each), each) for each in languages),
        message_id=_new_message_id(),
        next_at=timezone.now(),
    )
    Mail.objects.bulk_create([mail], ignore_conflicts=True)
    mail = Mail.objects.get(key=key)
    transaction.on_commit(lambda: tasks.ring_mail(mail.pk))
    return mail


def _subject(reference: str, subject: str, language: str) -> str:
    return one_line(f"{reference}：{subject}" if language.startswith("zh") else f"{reference}: {subject}")[:400]


def _body(text: str, language: str, letter: Letter | None = None) -> str:
    with translation.override(language):
        return render_to_string(
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


def _new_message_id() -> str:
    return f"<{get_random_string(24).lower()}@{urlsplit(settings.SITE_URL).hostname}>"


def _mail(*, key: str, to: User, reference: str, subject: str, text: str, send_at: datetime, letter: Letter | None = None) -> Mail:
    return Mail(
        key=key,
        letter=letter,
        user=to if to.pk else None,
        recipient=to.email,
        language=to.language,
        thread=reference,
        subject=_subject(reference, subject, to.language),
        body=_body(text, to.language, letter),
        message_id=_new_message_id(),
        next_at=send_at,
    )


def _write_mails(letters: Collection[Letter]) -> None:
    """One mail per reader and address, in the reader's language, due when the letter becomes visible."""
    by_key = {letter.pk: letter for letter in letters}
    readers = LetterReader.objects.filter(letter__in=letters).select_related("user").order_by("letter_id", "pk")
    Mail.objects.bulk_create([_mail_to(reader.user, by_key[reader.letter_id]) for reader in readers], batch_size=MAILS_AT_ONCE)


def _mail_to(user: User, letter: Letter) -> Mail:
    assert letter.visible_at is not None
    chinese = user.language.startswith("zh")
    return _mail(
        key=f"{letter.number}:{user.pk}",
        to=user,
        reference=letter.reference,
        subject=letter.title_zh if chinese else letter.title_en,
        text=letter.text_zh if chinese else letter.text_en,
        send_at=letter.visible_at,
        letter=letter,
    )


def _stop_mails(letter: Letter) -> None:
    letter.mails.filter(state=Sending.QUEUED).update(state=Sending.FAILED, problem="The letter was replaced or revoked before the mail went out.")
