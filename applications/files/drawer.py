"""Draws the pages of one PDF as pictures and takes out their text, in a process of its own with little memory and time (`drawing.py`
starts it).

The file is standard input. The pages go into the file whose number is the argument, each as one line of JSON and the bytes it announces:
`{"width": 1240, "height": 1754, "size": 48211, "text": "…"}`. The verdict is one line of JSON on standard output: `{"pages": 3}` or
`{"fault": "pages"}`. It knows neither database nor secrets, and runs no script of the file: this PDFium has none. A page that takes too
long ends the process (SIGALRM).
"""

import io
import json
import math
import os
import resource
import signal
import sys
from typing import Any, BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium

from applications.files.limits import (
    DRAWING_MEMORY,
    LARGEST_BOX,
    LARGEST_DRAWING,
    LARGEST_PICTURE,
    LONGEST_FILE_TEXT,
    LONGEST_PAGE_TEXT,
    MOST_DRAWN_PIXELS,
    MOST_PAGES,
    SECONDS_A_FILE,
    SECONDS_A_PAGE,
    WIDEST_PICTURE,
)

QUALITY = 78  # of WebP: small print stays readable, a page of text has some 80 kB


class CannotBeDrawn(Exception):
    """The name of the fault."""


def scale_of(width: float, height: float) -> float:
    """Pixels for one point: as wide as a reader's column on a fine screen, and never more than the cap."""
    if not (1 <= width <= LARGEST_BOX and 1 <= height <= LARGEST_BOX):
        raise CannotBeDrawn("box")
    return min(WIDEST_PICTURE / width, math.sqrt(MOST_DRAWN_PIXELS / (width * height)), 16_000 / height)


def text_of(page: Any, room: int) -> str:
    """The words of a page, as far as there is room. A picture of a page has none."""
    words = page.get_textpage()
    count = min(words.count_chars(), LONGEST_PAGE_TEXT, room)
    text = words.get_text_range(0, count, errors="ignore") if count > 0 else ""
    words.close()
    return "".join(letter for letter in text.replace("\r\n", "\n") if letter.isprintable() or letter == "\n")


def draw_page(pdf: Any, number: int, room: int) -> tuple[dict[str, Any], bytes]:
    page = pdf[number]
    scale = scale_of(*page.get_size())
    picture = page.render(scale=scale, may_draw_forms=True, draw_annots=True).to_pil()
    packed = io.BytesIO()
    picture.convert("RGB").save(packed, "WEBP", quality=QUALITY, method=3)
    body = packed.getvalue()
    if len(body) > LARGEST_PICTURE:
        raise CannotBeDrawn("size")
    head = {"width": picture.width, "height": picture.height, "size": len(body), "text": text_of(page, room)}
    page.close()
    return head, body


def draw(source: bytes, out: BinaryIO) -> dict[str, Any]:
    """Every page, one after the other, each within its own time."""
    pdf = pypdfium2.PdfDocument(source)
    if not 1 <= len(pdf) <= MOST_PAGES:
        raise CannotBeDrawn("pages")
    if pdf.get_formtype() in (pdfium.FORMTYPE_NONE, pdfium.FORMTYPE_ACRO_FORM):
        pdf.init_forms()
    room = LONGEST_FILE_TEXT
    for number in range(len(pdf)):
        signal.alarm(SECONDS_A_PAGE)
        head, body = draw_page(pdf, number, room)
        room -= len(head["text"])
        out.write(json.dumps(head).encode() + b"\n" + body)
    signal.alarm(0)
    out.flush()
    return {"pages": len(pdf)}


def verdict(source: bytes, out: BinaryIO) -> dict[str, Any]:
    try:
        return draw(source, out)
    except CannotBeDrawn as problem:
        return {"fault": str(problem)}
    except MemoryError:
        return {"fault": "memory"}
    except OSError:  # no room for the pictures, or more of them than a file may make
        return {"fault": "size"}
    except (pypdfium2.PdfiumError, ValueError, OverflowError):
        return {"fault": "damaged"}


def main(out_number: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (DRAWING_MEMORY, DRAWING_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_A_FILE, SECONDS_A_FILE + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_DRAWING, LARGEST_DRAWING))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then writing says EFBIG
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS_A_PAGE)  # to open it
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # a stray print must not end up in the verdict
    with os.fdopen(int(out_number), "wb") as out:
        found = verdict(sys.stdin.buffer.read(), out)
    answer.write(json.dumps(found) + "\n")
    answer.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
