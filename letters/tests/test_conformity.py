"""Every letter is tagged, in two languages, titled, archivable, and drawn in embedded fonts; and the check of it can fail."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from letters.models import Letter
from letters.post import open_pdf
from letters.tests.conformity import lacking
from letters.tests.make import make_letter, make_words, printed
from letters.words import Pair, Section

pytestmark = pytest.mark.django_db


@pytest.fixture
def pdf() -> bytes:
    return open_pdf(printed(make_letter()))


def long_letter() -> Letter:
    answers = tuple(f"A long answer {number} in English.\n\n第{number}段很长的中文回答，“引号”也在其中。" * 8 for number in range(12))
    words = make_words(
        sections=(
            Section(Pair("Plan", "方案"), answers, facts=((Pair("Digest", "摘要"), "ab" * 32),)),
            Section(Pair("Question", "问题"), ("Answer",), is_minor=True),
        )
    )
    return printed(make_letter(words=words))


def test_a_letter_lacks_nothing(pdf: bytes) -> None:
    assert lacking(pdf) == []


def test_a_letter_of_many_pages_lacks_nothing() -> None:
    assert lacking(open_pdf(long_letter())) == []


def elements(pdf: pikepdf.Pdf) -> Iterator[Any]:
    return (each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem")


def tagged(pdf: pikepdf.Pdf, tag: str) -> Any:
    return next(each for each in elements(pdf) if each.get("/S") == tag)


def xmp_without(sought: bytes) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        data = pdf.Root.Metadata.read_bytes()
        assert sought in data
        pdf.Root.Metadata.write(data.replace(sought, b""))

    return change


def untag(tag: str, other: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        for each in elements(pdf):
            if each.get("/S") == tag:
                each["/S"] = pikepdf.Name(other)

    return change


def without_languages(pdf: pikepdf.Pdf) -> None:
    for each in elements(pdf):
        if str(each.get("/Lang", "")).startswith("zh"):
            del each["/Lang"]


def without_alt(pdf: pikepdf.Pdf) -> None:
    del tagged(pdf, "/Figure")["/Alt"]


def without_scope(pdf: pikepdf.Pdf) -> None:
    del tagged(pdf, "/TH").A["/Scope"]


def without_font_file(pdf: pikepdf.Pdf) -> None:
    font = next(iter(pdf.pages[0].Resources.Font.values()))
    descriptor = font.DescendantFonts[0].FontDescriptor
    for name in ("/FontFile2", "/FontFile3"):
        if name in descriptor:
            del descriptor[name]


def without_characters(pdf: pikepdf.Pdf) -> None:
    del next(iter(pdf.pages[0].Resources.Font.values()))["/ToUnicode"]


def draw_nothing(pdf: pikepdf.Pdf) -> None:
    """The first glyph becomes glyph 0: the empty box."""
    page = pdf.pages[0]
    content = page.Contents.read_bytes()
    changed = re.sub(rb"<([0-9a-fA-F]{4})", b"<0000", content, count=1)
    assert changed != content
    page.Contents.write(changed)


def number_glyphs_otherwise(pdf: pikepdf.Pdf) -> None:
    (file, *_others) = [each.FontFile3 for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/FontFile3" in each]
    font = file.read_bytes()
    table = TTFont(io.BytesIO(font), lazy=True)
    assert table.reader is not None
    charset = table.reader.tables["CFF "].offset + table["CFF "].cff.topDictIndex[0].rawDict["charset"]
    file.write(font[: charset + 1] + b"\x00\x02" + font[charset + 3 :])  # from CID 2 on


def with_untagged_text(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    page.Contents.write(re.sub(rb"/Artifact\s*<<\s*/Type\s*/Pagination\s*>>\s*BDC", b"/Span <</MCID 9999>> BDC", page.Contents.read_bytes(), count=1))


def without(*path: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        place = pdf.Root
        for name in path[:-1]:
            place = place[name]
        del place[path[-1]]

    return change


def without_title(pdf: pikepdf.Pdf) -> None:
    del pdf.docinfo["/Title"]


@pytest.mark.parametrize(
    ("change", "lack"),
    [
        (xmp_without(b"<pdfuaid:part>1</pdfuaid:part>"), "PDF/UA-1 is not declared"),
        (xmp_without(b'pdfaid:conformance="A"'), "PDF/A-2a is not declared"),
        (xmp_without(b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"), "is not described for PDF/A"),
        (without_title, "there is no title"),
        (without("/Lang"), "the document has no language"),
        (without("/MarkInfo", "/Marked"), "not marked as tagged"),
        (without("/ViewerPreferences", "/DisplayDocTitle"), "the title is not shown"),
        (without("/StructTreeRoot"), "there are no tags"),
        (without("/OutputIntents"), "no output intent"),
        (untag("/H1", "/P"), "no first heading"),
        (untag("/P", "/Div"), "no paragraphs"),
        (untag("/Table", "/Div"), "no table"),
        (untag("/TH", "/TD"), "no heading cells"),
        (untag("/Figure", "/Div"), "is no figure"),
        (without_scope, "does not say for what"),
        (without_alt, "a figure has no words"),
        (without_languages, "Chinese words are called another language"),
        (without_font_file, "a font is not embedded"),
        (number_glyphs_otherwise, "by other numbers than the page"),
        (without_characters, "does not tell its characters"),
        (draw_nothing, "an empty box"),
        (with_untagged_text, "a text has no tag"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_letter_must_have_is_missed(pdf: bytes, change: Callable[[pikepdf.Pdf], None], lack: str) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        change(opened)
        changed = io.BytesIO()
        opened.save(changed)
    assert any(lack in each for each in lacking(changed.getvalue()))
