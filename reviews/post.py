"""The slow work: the minutes as a PDF, set by the letters' typesetter while the reader waits."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import User
from applications.post import print_while_waiting
from letters.words import Words, cleaned
from reviews.reading import Copy, words_of


def print_minutes(words: Words, *, by: User) -> bytes:
    """The PDF; on every page for whom it was made. Nothing of it is kept. Raises NotPrintedNow."""
    with translation.override("en"):
        context = {"words": cleaned(words), "reader": str(by), "is_demonstration": settings.PORTAL_DEMO}
        html = render_to_string("reviews/minutes_print.html", context)
    return print_while_waiting(html, by=by)


def print_copy(copy: Copy, *, by: User) -> bytes:
    """The PDF of applications for reading offline, with the reader's name on every page. Nothing of it is kept. Raises NotPrintedNow."""
    pages = [(review.application.reference, cleaned(words)) for review, words in zip(copy.reviews, words_of(copy), strict=True)]
    with translation.override("en"):
        context = {"applications": pages, "reader": str(by), "is_demonstration": settings.PORTAL_DEMO}
        html = render_to_string("reviews/reading_print.html", context)
    return print_while_waiting(html, by=by)
