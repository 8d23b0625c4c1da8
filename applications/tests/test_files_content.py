"""What is let in as an attachment and what is refused, each with its own sentence (quality: S-40, S-42 to S-44)."""

import io
import tempfile
import time
import zipfile

import pikepdf
import pytest
from django.utils import translation
from pikepdf import Array, Dictionary, Name, String

from applications.files import jpeg
from applications.files.examination import Examined, examine
from applications.files.faults import SENTENCES, FileRefused, sentence
from applications.files.limits import MB
from applications.tests import pdfs
from applications.tests.pdfs import Maker

SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
HTML = b"<html><script>alert(1)</script></html>"


def examined(content: bytes) -> tuple[Examined, bytes]:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as copy:
        file.write(content)
        found = examine(file, copy)
        copy.seek(0)
        return found, copy.read()


def fault_of(content: bytes) -> tuple[str, str]:
    with pytest.raises(FileRefused) as refusal:
        examined(content)
    return refusal.value.fault, str(refusal.value)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.exe", "MZ")
    return out.getvalue()


def zip_around_a_pdf() -> bytes:
    """A PDF whose last object is followed by a ZIP directory that takes the end of the PDF for its comment."""
    plain = pdfs.good()
    end = plain.rindex(b"startxref")
    tail = plain[end:]
    return plain[:end] + b"PK\x05\x06" + bytes(16) + len(tail).to_bytes(2, "little") + tail


def test_a_plain_pdf_is_let_in_and_its_pages_are_counted() -> None:
    found, copy = examined(pdfs.good(3))
    assert found.pages == 3
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert len(pdf.pages) == 3


@pytest.mark.parametrize(
    ("fault", "make"),
    [
        ("type", lambda: HTML),
        ("type", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("type", lambda: b"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><a/>"),
        ("extra", lambda: zipped() + pdfs.good()),
        ("type", lambda: b"\x00" * 2000),
        ("extra", lambda: b"\xef\xbb\xbf" + pdfs.good()),
        ("extra", lambda: pdfs.good() + HTML),
        ("extra", lambda: pdfs.good().replace(b"\n", b"\n%" + HTML + b"\n", 1)),
        ("extra", lambda: pdfs.good() + zipped()),
        ("extra", lambda: pdfs.good() + b"something behind the end"),
        ("extra", zip_around_a_pdf),
        ("damaged", lambda: pdfs.good(20)[:-300]),
        ("damaged", lambda: b"%PDF-1.7\n" + b"\x00" * 500 + b"%%EOF"),
        ("damaged", lambda: b"%PDF-1.7\n%%EOF"),
        ("damaged", pdfs.page_loop),
        ("damaged", lambda: pdfs.by_hand(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>")),
        ("password", lambda: pdfs.encrypted("secret")),
        ("password", lambda: pdfs.encrypted("")),
        ("pages", lambda: pdfs.good(101)),
        ("pages", lambda: pdfs.many_pages(300, said=1)),
        ("box", lambda: pdfs.on_page(MediaBox=Array([0, 0, 100_000, 100_000]))),
        ("javascript", lambda: pdfs.on_root(OpenAction=SCRIPT)),
        ("javascript", lambda: pdfs.on_page(AA=Dictionary(O=SCRIPT))),
        ("javascript", lambda: pdfs.on_root(Names=Dictionary(JavaScript=Dictionary(Names=Array([String("a"), SCRIPT]))))),
        ("javascript", lambda: pdfs.link(Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]), Next=SCRIPT))),
        ("javascript", lambda: pdfs.link(Dictionary(S=Name.URI, URI=String("javascript:alert(1)")))),
        ("javascript", pdfs.spelled_oddly),
        ("launch", lambda: pdfs.link(Dictionary(S=Name.Launch, F=String("calc.exe")))),
        ("submit", lambda: pdfs.link(Dictionary(S=Name.SubmitForm, F=String("https://example.com/")))),
        ("submit", lambda: pdfs.link(Dictionary(S=Name.ImportData, F=String("x.fdf")))),
        ("embedded", pdfs.with_file_inside),
        ("embedded", lambda: pdfs.on_page(Annots=pdfs.note(Subtype=Name.FileAttachment))),
        ("embedded", lambda: pdfs.on_root(Collection=Dictionary(View=Name.D))),
        ("external", lambda: pdfs.link(Dictionary(S=Name.GoToR, F=String("//server/share/x.pdf"), D=Array([0, Name.Fit])))),
        ("external", lambda: pdfs.on_page(Annots=pdfs.note(Subtype=Name.Stamp, FS=Dictionary(FS=Name.URL, F=String("https://example.com/"))))),
        ("opening", lambda: pdfs.on_root(OpenAction=Dictionary(S=Name.URI, URI=String("https://example.com/")))),
        ("xfa", lambda: pdfs.on_root(AcroForm=Dictionary(XFA=String("<xdp/>"), Fields=Array([])))),
        ("media", lambda: pdfs.on_page(Annots=pdfs.note(Subtype=Name.RichMedia))),
        ("media", lambda: pdfs.on_page(Annots=pdfs.note(Subtype=Name.Screen, A=Dictionary(S=Name.Rendition)))),
        ("pixels", lambda: pdfs.image(30_000, 30_000)),
        ("pixels", lambda: pdfs.image(10, 10, pdfs.jpeg(30_000, 30_000), Name.DCTDecode)),
    ],
)
def test_what_is_no_plain_pdf_is_refused_with_a_sentence_of_its_own(fault: str, make: Maker) -> None:
    found, text = fault_of(make())
    assert found == fault
    assert text == sentence(fault, text and text_detail(text, fault))


def text_detail(text: str, fault: str) -> str:
    """What stands in the sentence where its detail belongs."""
    before, _mark, behind = sentence(fault, "\0").partition("\0")
    return text.removeprefix(before).removesuffix(behind) if _mark else ""


@pytest.mark.parametrize(
    ("fault", "make"),
    [
        ("expands", pdfs.bomb),
        ("expands", lambda: pdfs.bomb(layers=2)),
        ("pages", lambda: pdfs.many_pages(100_000)),
        ("expands", lambda: pdfs.one_page_many_times(1_000_000)),
    ],
)
def test_a_file_made_to_exhaust_its_reader_is_refused_within_its_limits(fault: str, make: Maker) -> None:
    content = make()
    began = time.monotonic()
    found, _text = fault_of(content)
    assert found in {fault, "complex"}  # a busy machine may stop it before it knows why
    assert time.monotonic() - began < 20


def test_every_fault_has_a_sentence_in_which_nothing_is_left_open() -> None:
    for fault in SENTENCES:
        assert "%(" not in sentence(fault, "detail")
        assert sentence(fault).endswith(".")
    with translation.override("zh-hans"):
        assert sentence("empty")


def test_harmless_things_of_everyday_papers_are_let_in() -> None:
    """Links, bookmarks, a first page to open at, form fields, an empty tree of names as LaTeX writes it."""
    links = pdfs.link(Dictionary(S=Name.URI, URI=String("https://doi.org/10.1000/1")))
    at_page = pdfs.on_root(OpenAction=Dictionary(S=Name.GoTo, D=Array([0, Name.Fit])), PageMode=Name.UseOutlines)
    names = pdfs.on_root(Names=Dictionary(EmbeddedFiles=Dictionary(Names=Array([]))))
    words = pdfs.on_root(Words=String("/JavaScript /Launch (EF) in the text"))
    behind = pdfs.good() + b"\r\n\x00\x00"
    for content in (links, at_page, names, words, behind):
        assert examined(content)[0].pages == 1


def test_the_copy_for_reviewers_names_nobody_and_the_words_on_its_pages_stay() -> None:
    found, copy = examined(pdfs.with_metadata())
    assert {kind for kind, _words in found.removed} >= {
        "author",
        "company",
        "dates",
        "xmp",
        "private",
        "thumbnails",
        "notes",
        "pictures",
        "paths",
        "id",
    }
    assert ["author", "Jane Hidden"] in found.removed
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert "/Info" not in pdf.trailer
        assert "/Metadata" not in pdf.Root
        pdf.save(plain := io.BytesIO(), stream_decode_level=pikepdf.StreamDecodeLevel.all, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert b"Hidden" not in plain.getvalue()
    assert b"a remark" in plain.getvalue()
    assert b"https://doi.org/10.1000/1" in plain.getvalue()
    assert b"camera" not in plain.getvalue()


def test_the_copy_is_the_same_each_time_so_that_it_tells_nothing_of_the_moment() -> None:
    content = pdfs.with_metadata()
    assert examined(content)[1] == examined(content)[1]


def test_a_copy_passes_its_own_examination() -> None:
    _found, copy = examined(pdfs.with_metadata())
    again, _copy = examined(copy)
    assert [kind for kind, _words in again.removed] == ["id"]


def test_a_file_of_twenty_megabytes_is_examined_quickly() -> None:
    content = pdfs.large(20 * MB - 5_000)
    began = time.monotonic()
    examined(content)
    assert time.monotonic() - began < 10


def test_a_picture_keeps_its_colours_and_loses_its_story() -> None:
    plain = pdfs.jpeg(7, 5)
    told = pdfs.jpeg(7, 5, b"Exif\0\0 by Jane")
    assert jpeg.size_of(told) == (7, 5)
    assert jpeg.without_metadata(told) == plain
    assert jpeg.without_metadata(b"no picture") == b"no picture"
    assert jpeg.size_of(told[:9]) == (0, 0)
