"""The slow work: a preview of a letter as PDF, set by the letters' typesetter while the reader waits."""

from django.utils import timezone

from accounts.models import User
from applications.post import print_while_waiting
from desk.letter_texts import Preview
from letters.paper import preview_print


def print_preview(preview: Preview, *, by: User) -> bytes:
    """Nothing of it is kept. Raises NotPrintedNow."""
    return print_while_waiting(preview_print(preview.words, reference=preview.reference, dated_on=timezone.localdate()), by=by)
