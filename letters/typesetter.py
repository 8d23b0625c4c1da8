"""Sets letters as PDF, one after the other, in a process of its own that the press starts, limits and ends (`python -m letters.typesetter`).

Reads requests from standard input and answers on standard output; each is a line of JSON, an answer is followed by the PDF's bytes.
It knows neither database nor secrets, loads nothing but the packaged fonts, and a letter that asks for anything else fails.
"""

import gc
import json
import logging
import os
import resource
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pydyf
from weasyprint import CSS, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from letters import fonts, tagging
from letters.markup import Markup
from letters.writing import write_once

MEMORY = 512 * 1024**2  # bytes of data; a letter of 130 pages takes 150 MB
PAGES = 200
LAST_RESORT = 60  # seconds after which the process ends itself even if its worker, who would have killed it, is gone


QUOTES = '<article class="letter letter-quotes">'  # of a letter that repeats what an applicant typed; nobody can type a tag into it


class Refused(FatalURLFetchingError):
    """The letter asked for something to be loaded. Fatal, because WeasyPrint would leave it out in silence."""


class CannotBeSet(Exception):
    """The text names what is wrong with the letter."""


class PackagedFontsOnly(URLFetcher):
    """Opens the files of the packaged fonts; refuses, and counts, everything else."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allow_redirects=False)
        self.allowed = {font.address: folder / font.family for font in fonts.fonts()}
        self.refused: list[str] = []
        self.opened: set[str] = set()

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url not in self.allowed:
            self.refused.append(url)
            raise Refused(url)
        answer = URLFetcherResponse(url, self.allowed[url].read_bytes())
        self.opened.add(url)
        return answer


def with_numbers(html: str, drawable: frozenset[int]) -> str:
    """Characters that no font has, as their numbers: a receipt must not fail for one sign of an applicant."""
    return html.translate({ord(character): f"[U+{ord(character):04X}]" for character in fonts.undrawable(html, drawable)})


def finish(document: Document, pdf: pydyf.PDF) -> None:
    tagging.finish(document, pdf)
    write_once(pdf)


class Typesetter:
    """Keeps the fonts and the stylesheet for all letters: reading them anew would take longer than the letter and grow without end."""

    def __init__(self, css: Path) -> None:
        self.font_config = FontConfiguration()
        with TemporaryDirectory() as folder:
            self.drawable = fonts.prepare(Path(folder))
            self.fetcher = PackagedFontsOnly(Path(folder))
            text = fonts.stylesheet() + css.read_text(encoding="utf-8")
            self.stylesheet = CSS(string=text, font_config=self.font_config, url_fetcher=self.fetcher)
        if lacking := self.fetcher.allowed.keys() - self.fetcher.opened:
            raise fonts.FontsLacking(", ".join(sorted(lacking)))  # WeasyPrint would go on in silence, with whatever fonts the machine has

    def set(self, html: str) -> tuple[bytes, int]:
        """The PDF of a document and the number of its pages."""
        self.fetcher.refused.clear()
        if QUOTES in html:
            html = with_numbers(html, self.drawable)
        words = Markup(html, self.fetcher)
        lacking = fonts.undrawable("".join(words.etree_element.itertext()), self.drawable)
        if lacking:
            names = ", ".join(f"“{character}” (U+{ord(character):04X})" for character in lacking[:10])
            raise CannotBeSet(f"The fonts of the letters lack {names}.")
        document = words.render(stylesheets=[self.stylesheet], font_config=self.font_config, pdf_variant=tagging.VARIANT, pdf_tags=True)
        if len(document.pages) > PAGES:
            raise CannotBeSet(f"The letter would have {len(document.pages)} pages; at most {PAGES} are printed.")
        pdf = document.write_pdf(finisher=finish, pdf_variant=tagging.VARIANT, pdf_tags=True)
        if self.fetcher.refused:
            raise Refused(self.fetcher.refused[0])
        return pdf, len(document.pages)

    def answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            pdf, pages = self.set(request["html"])
        except Refused as refusal:
            return {"problem": f"The letter asked for something to be loaded, which is refused: {str(refusal)[:300]}"}, b""
        except CannotBeSet as problem:
            return {"problem": str(problem)[:300]}, b""
        return {"pages": pages, "size": len(pdf)}, pdf


def main(css: str) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not end up in a letter
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    typesetter = Typesetter(Path(css))
    gc.collect()
    gc.freeze()
    _say(answers, {"ready": True}, b"")
    for line in sys.stdin.buffer:
        signal.alarm(LAST_RESORT)
        _say(answers, *typesetter.answer(json.loads(line)))
        signal.alarm(0)


def _say(answers: Any, head: dict[str, Any], body: bytes) -> None:
    answers.write(json.dumps(head).encode() + b"\n" + body)
    answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
