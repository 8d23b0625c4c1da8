"""A letter that has left is written again or revoked, with a reason; its readers are told."""

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from letters.actions import revoke_letter, supersede_letter, write_letter, write_mail
from letters.again import words_again
from letters.models import Letter
from workflow.transitions import NotPossibleNow


class CannotBeWrittenAgain(Exception):
    """The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("The portal no longer holds what this letter was made of. It can be revoked, but not written again."))


def _refuse_unless_out(letter: Letter) -> None:
    """Only what its readers know can be replaced or revoked here; what is held belongs to its announcement."""
    if not (letter.is_valid and letter.is_visible):
        raise NotPossibleNow(_("Only a valid letter that has left can be replaced or revoked."))


@transaction.atomic
def reissue_letter(letter: Letter, *, by: User, note: str) -> Letter:
    """Write it again with the facts and the text as they stand now. The new letter names the old one, which stays readable and says so."""
    _refuse_unless_out(letter)
    words = words_again(letter)
    if words is None:
        raise CannotBeWrittenAgain
    readers = [reader.user for reader in letter.readers.select_related("user")]
    new = write_letter(
        key=letter.key_again(),
        kind=letter.kind,
        reference=letter.reference,
        words=words,
        readers=readers,
        by=by,
    )
    supersede_letter(letter, new, by=by, note=note)
    return new


@transaction.atomic
def revoke_with_notice(letter: Letter, *, by: User, note: str) -> None:
    """The letter no longer holds: the public check says so from now on, and each reader gets a mail with the reason."""
    _refuse_unless_out(letter)
    revoke_letter(letter, by=by, note=note)
    for reader in letter.readers.select_related("user"):
        with translation.override(reader.user.language):
            subject = _("Letter %(number)s is revoked") % {"number": letter.number}
            text = _(
                "The Lunar Sample Management Office has revoked letter %(number)s (%(title)s). It no longer holds, and whoever checks it is told so."
                "\n\nReason: %(reason)s"
            ) % {"number": letter.number, "title": letter.title_zh if reader.user.language.startswith("zh") else letter.title_en, "reason": note}
        write_mail(
            key=f"revoked:{letter.number}:{reader.user_id}",
            to=reader.user,
            reference=letter.reference,
            subject=subject,
            text=text,
            send_at=timezone.now(),
        )
