"""Printing: the PDF says what the words say, in real fonts, byte for byte the same, and loads nothing."""

import hashlib
import io
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from letters import post
from letters.fonts import FACES, UPRIGHT, Face, FontsLacking, for_letters, undrawable
from letters.jobs import sweep
from letters.models import Letter, Printing
from letters.post import FileDamaged, open_pdf, print_letter
from letters.press import PRESS, STYLESHEET, CannotBePrinted, Press, PressStopped
from letters.tests.make import make_letter, make_words, printed
from letters.typesetter import Typesetter
from letters.words import Pair, Section, Table

pytestmark = pytest.mark.django_db


def text_of(pdf: bytes) -> str:
    """The words of a PDF, without the line breaks that printing put into them."""
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def with_html(letter: Letter, html: str) -> Letter:
    """The letter as if its frozen words were this markup, which no caller can achieve."""
    return Letter.objects.create(
        **{
            field.name: getattr(letter, field.name)
            for field in Letter._meta.concrete_fields
            if field.name not in {"id", "number", "key", "check_code", "html"}
        },
        number="LSL-1999-00001",
        key="tampered",
        check_code="0" * 26,
        html=html,
    )


def test_the_pdf_says_what_the_words_say_in_both_languages() -> None:
    letter = printed(make_letter())
    text = text_of(open_pdf(letter))
    for words in (
        "Decision on your application", "关于月球样品借用申请的审批结果", "Your application has been approved.", "贵单位的申请已获批准。",
        "Example University", "示例大学", "CE5C0600", "粉末", "12.4", letter.number, letter.reference, letter.grouped_code,
        "第1页，共1页", "Page 1 of 1", "China National Space Administration", "国家航天局",
    ):  # fmt: skip
        assert "".join(words.split()) in text


@pytest.mark.skipif(not shutil.which("pdffonts"), reason="poppler-utils is not installed")
def test_every_font_is_embedded_and_chinese_is_set_in_a_real_one(tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(open_pdf(printed(make_letter())))
    lines = subprocess.run(["pdffonts", str(file)], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert {line.split()[0].split("+")[1] for line in lines} == {"Letter-Sans", "Letter-Sans-SC", "Letter-Serif", "Letter-Serif-SC"}
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in lines)


def test_the_pdf_is_tagged_titled_archivable_and_names_its_language() -> None:
    letter = printed(make_letter())
    reader = PdfReader(io.BytesIO(open_pdf(letter)))
    catalog: Any = reader.trailer["/Root"].get_object()
    assert catalog["/Lang"] == "en"
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog
    assert reader.metadata is not None
    assert reader.metadata.title == f"{letter.number} {letter.title_zh} {letter.title_en}"
    metadata = catalog["/Metadata"].get_object().get_data().decode()
    assert "pdfaid:part" in metadata
    assert "pdfaid:conformance" in metadata


def test_two_prints_are_equal_byte_for_byte_and_the_digest_is_that_of_the_file() -> None:
    letter = printed(make_letter())
    html = render_to_string("letters/print.html", {"letter": letter})
    other = Press()
    try:
        typeset = PRESS.print(html)
        assert typeset == other.print(html)
        assert open_pdf(letter).startswith(typeset)  # the signature is added behind it (test_signature.py)
    finally:
        other.close()
    assert hashlib.sha256(open_pdf(letter)).hexdigest() == letter.digest


def test_a_name_with_markup_appears_literally_and_takes_no_more_room() -> None:
    def pdf_with(title: str) -> bytes:
        words = make_words(title=Pair(title, title), table=Table(headers=(Pair(title, title),), rows=((title,),)), addressee=(title,))
        return open_pdf(printed(make_letter(words=words)))

    name = "<script>alert(1)</script><img src=http://example.org/x>&amp;{{ 7|add:1 }}"
    marked, plain = pdf_with(name), pdf_with("x" * len(name))
    assert text_of(marked).count("".join(name.split())) == 4
    assert len(PdfReader(io.BytesIO(marked)).pages) == len(PdfReader(io.BytesIO(plain)).pages)


def test_a_long_application_is_printed_in_full_over_several_pages() -> None:
    paragraphs = [f"Paragraph {number}: volatiles in glass beads, isotopes of hydrogen, 氢同位素。" * 5 for number in range(80)]
    letter = printed(make_letter(words=make_words(sections=(Section(Pair("Plan of research", "研究计划"), ("\n\n".join(paragraphs),)),))))
    text = text_of(open_pdf(letter))
    assert all(f"Paragraph{number}:" in text for number in range(80))
    assert "Page5of" in text


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.family)
def test_the_embedded_font_is_the_packaged_one_but_for_its_numbers(face: Face) -> None:
    """Every glyph, width and character as it was: at most one short table of numbers differs, and nothing has moved."""
    before, after = (TTFont(io.BytesIO(font), lazy=True) for font in (face.path.read_bytes(), for_letters(face.path.read_bytes())))
    tables = set(before.reader.keys())
    assert set(after.reader.keys()) == tables - set(UPRIGHT) if "CFF " in tables else tables
    for name in set(after.reader.keys()) - {"CFF ", "head"}:
        assert after.reader[name] == before.reader[name], name
    if "CFF " in tables:
        one, other = before.reader["CFF "], after.reader["CFF "]
        assert len(one) == len(other)
        changed = [place for place, (old, new) in enumerate(zip(one, other, strict=True)) if old != new]
        assert changed
        assert changed[-1] - changed[0] < 5


def test_a_typesetter_without_its_fonts_does_not_begin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.otf"
    broken.write_bytes(b"OTTO and nothing more")
    monkeypatch.setattr("letters.fonts.FACES", (*FACES[:-1], Face(FACES[-1].family, broken)))
    with pytest.raises(FontsLacking, match="broken"):
        Typesetter(STYLESHEET)


def test_european_and_chinese_names_can_all_be_drawn() -> None:
    assert undrawable("Łukasz Őry Ľubomír Şahin İğde Nguyễn Ærøskøbing Œuvré Ψυχή Лавочкин 赵玥喆堃 “”‘’—–…·°±×≤≥µ²³₂→") == []


@pytest.mark.parametrize(("character", "code"), [("😀", "U+1F600"), ("ע", "U+05E2"), ("𠮷", "U+20BB7")])
def test_a_character_that_the_fonts_lack_fails_the_letter_and_is_named(character: str, code: str) -> None:
    letter = printed(make_letter(words=make_words(addressee=(f"Zoë {character}",))))
    assert letter.printing == Printing.FAILED
    assert character in letter.problem
    assert code in letter.problem
    assert letter.file == ""


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="http://127.0.0.1:9/x.png">', '<img src="file:///etc/passwd">', '<img src="data:image/png;base64,AAAA">',
        '<object data="http://169.254.169.254/latest"></object>', '<embed src="file:///etc/passwd">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">', '<style>@import "file:///etc/passwd";</style>',
        '<style>p { background: url(http://127.0.0.1:9/x.png) }</style><p>x</p>',
        '<style>@font-face { font-family: x; src: url(file:///etc/passwd) }</style><p>x</p>',
        '<link rel="attachment" href="file:///etc/passwd">', '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        '<base href="http://127.0.0.1:9/"><img src="x.png">', '<p style="list-style: url(file:///etc/passwd); display: list-item">x</p>',
    ],
)  # fmt: skip
def test_a_letter_that_asks_for_anything_to_be_loaded_fails(markup: str) -> None:
    letter = printed(with_html(make_letter(), f"<p>Words</p>{markup}"))
    assert letter.printing == Printing.FAILED
    assert "refused" in letter.problem
    Letter.objects.filter(pk=letter.pk).delete()


def test_a_frame_in_a_letter_is_nothing() -> None:
    assert "root:" not in text_of(PRESS.print('<p>Words</p><iframe src="file:///etc/passwd"></iframe>'))


def test_the_press_goes_on_after_a_letter_that_was_refused() -> None:
    with pytest.raises(CannotBePrinted):
        PRESS.print('<img src="file:///etc/passwd">')
    assert PRESS.print("<p>Words").startswith(b"%PDF")


def test_a_typesetter_that_is_ended_leaves_no_files_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    press = Press()
    press.print("<p>Words 月</p>")
    assert [path for path in tmp_path.rglob("*") if path.is_file()]  # the fonts that it draws with
    press.close()
    assert not list(tmp_path.iterdir())


def test_a_letter_that_takes_too_long_is_given_up_and_the_next_one_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    press = Press()
    press.print("<p>Words")
    monkeypatch.setattr("letters.press.SECONDS_PER_LETTER", 0.05)
    with pytest.raises(PressStopped, match="did not answer"):
        press.print("<p>Words</p>" * 3000)
    monkeypatch.undo()
    assert press.print("<p>Words").startswith(b"%PDF")
    press.close()


def test_a_letter_on_which_the_press_stops_twice_is_left_to_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("letters.press.SECONDS_PER_LETTER", 0.0)
    letter = printed(make_letter())
    assert (letter.printing, letter.attempts) == (Printing.QUEUED, 1)
    assert letter.next_at > timezone.now()
    assert printed(letter).printing == Printing.FAILED
    assert "did not answer" in letter.problem


def test_a_letter_is_tried_again_later_while_the_storage_is_away(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("a file where the folder should be")
    settings.MEDIA_ROOT = str(tmp_path)
    letter = printed(make_letter())
    assert (letter.printing, letter.file) == (Printing.QUEUED, "")
    assert letter.problem
    (tmp_path / "letters").unlink()
    assert printed(letter).is_printed
    assert letter.problem == ""


def test_a_letter_is_printed_once_however_often_the_bell_rings() -> None:
    letter = printed(make_letter())
    assert print_letter(letter.pk) is False
    again = Letter.objects.get(pk=letter.pk)
    assert (again.digest, again.file, again.attempts) == (letter.digest, letter.file, 1)


@pytest.mark.django_db(transaction=True)
def test_a_task_delivered_four_times_at_once_prints_one_letter() -> None:
    letter = make_letter()
    results: list[bool] = []

    def deliver() -> None:
        results.append(print_letter(letter.pk))
        connection.close()

    workers = [Thread(target=deliver) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(results) == [False, False, False, True]
    letter.refresh_from_db()
    assert hashlib.sha256(open_pdf(letter)).hexdigest() == letter.digest


def test_a_worker_whose_lease_ran_out_cannot_finish_what_another_has_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = make_letter()
    real_print = PRESS.print

    def slow_print(html: str) -> bytes:
        pdf = real_print(html)
        monkeypatch.undo()
        Letter.objects.filter(pk=letter.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert print_letter(letter.pk)
        return pdf

    monkeypatch.setattr(PRESS, "print", slow_print)
    assert print_letter(letter.pk) is False
    letter.refresh_from_db()
    assert letter.is_printed
    assert default_storage.listdir("letters")[1].count(letter.file.removeprefix("letters/")) == 1
    assert hashlib.sha256(open_pdf(letter)).hexdigest() == letter.digest


def test_what_an_attempt_left_behind_is_removed_by_the_next() -> None:
    letter = make_letter()
    left_behind = f"letters/{'0' * 40}.pdf"
    post._store(left_behind, b"%PDF half a letter")
    expired = timezone.now() - timedelta(seconds=1)
    Letter.objects.filter(pk=letter.pk).update(printing=Printing.RUNNING, lease_until=expired, attempts=1, file=left_behind)
    assert printed(letter).is_printed
    assert not default_storage.exists(left_behind)


def test_a_letter_that_kills_every_worker_is_given_up_by_the_sweep() -> None:
    letter = make_letter()
    expired = timezone.now() - timedelta(seconds=1)
    Letter.objects.filter(pk=letter.pk).update(printing=Printing.RUNNING, lease_until=expired, attempts=post.ATTEMPTS, file="letters/x.pdf")
    sweep()
    letter.refresh_from_db()
    assert letter.printing == Printing.FAILED
    assert "stopped each time" in letter.problem


def test_a_file_that_was_changed_on_disk_is_not_handed_out() -> None:
    letter = printed(make_letter())
    Path(default_storage.path(letter.file)).write_bytes(b"%PDF forged")
    with pytest.raises(FileDamaged):
        open_pdf(letter)
    Path(default_storage.path(letter.file)).unlink()
    with pytest.raises(FileDamaged):
        open_pdf(letter)


def test_a_demonstration_says_so_on_the_letter(settings: Any) -> None:
    settings.PORTAL_DEMO = True
    assert "DEMONSTRATION·NOTAREALLETTER" in text_of(open_pdf(printed(make_letter())))
    settings.PORTAL_DEMO = False
    assert "DEMONSTRATION" not in text_of(open_pdf(printed(make_letter())))
