"""A letter as it lies on the desk: the words in the frame of letterhead, number, date, check code and seal."""

from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from letters.codes import LENGTH, grouped
from letters.qr import qr_path
from letters.words import Words, cleaned

NUMBER_OF_NO_LETTER = "LSL-0000-00000"
CODE_OF_NO_LETTER = "0" * LENGTH  # opens nothing


def letter_html(words: Words, *, number: str, reference: str, code: str, dated_on: date, is_preview: bool = False) -> str:
    """Cleaned words as the markup that is frozen, and printed."""
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
        "is_preview": is_preview,
    }
    with translation.override("en"):
        return render_to_string("letters/letter.html", context)


def preview_html(words: Words, *, reference: str, dated_on: date) -> str:
    """The same frame around words that are no letter: every page says so, and neither number nor code open anything."""
    return letter_html(cleaned(words), number=NUMBER_OF_NO_LETTER, reference=reference, code=CODE_OF_NO_LETTER, dated_on=dated_on, is_preview=True)


def preview_print(words: Words, *, reference: str, dated_on: date) -> str:
    """The whole document of a preview, for the typesetter."""
    cleaned_words = cleaned(words)
    letter = {
        "number": NUMBER_OF_NO_LETTER,
        "reference": reference,
        "title_en": cleaned_words.title.in_language("en"),
        "title_zh": cleaned_words.title.in_language("zh"),
        "kind_en": cleaned_words.kind.in_language("en"),
        "kind_zh": cleaned_words.kind.in_language("zh"),
        "html": preview_html(words, reference=reference, dated_on=dated_on),
    }
    return render_to_string("letters/print.html", {"letter": letter})
