"""The Chinese fonts are cut to common characters, and rare ones are drawn all the same."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from letters import cutting
from letters.cutting import CannotBeCut, cut
from letters.fonts import Font, fonts, prepare
from letters.paper import preview_print
from letters.press import PRESS
from letters.tests.conformity import lacking
from letters.tests.make import make_words
from letters.words import Pair

CHINESE = [font for font in fonts() if font.is_cut]
RARE = "玥喆堃"  # common in names, and none of the characters of GB 2312


def families_of(name: str) -> tuple[set[str], bytes]:
    """The families that a letter to somebody embeds, and the letter."""
    words = make_words(addressee=(Pair("Zoë", name),), title=Pair("Decision", name))
    pdf = PRESS.print(preview_print(words, reference="LSA-2026-00001", dated_on=date(2026, 5, 4)))
    with pikepdf.open(io.BytesIO(pdf)) as file:
        objects: list[Any] = [each for each in file.objects if isinstance(each, pikepdf.Dictionary)]
        return {str(each.BaseFont).partition("+")[2] for each in objects if each.get("/Type") == "/Font"}, pdf


@pytest.mark.parametrize("font", CHINESE, ids=lambda font: font.family)
def test_a_cut_font_draws_common_characters_as_the_whole_one_does(font: Font) -> None:
    whole, part = (TTFont(io.BytesIO(data), lazy=True) for data in (font.face.path.read_bytes(), font.read()))
    characters, others = part.getBestCmap(), whole.getBestCmap()
    assert characters.keys() <= others.keys()
    assert {ord(character) for character in "月球样品，。“”《》（）〇Ａ1a€"} <= characters.keys()
    assert not {ord(character) for character in RARE} & characters.keys()
    assert all(part["hmtx"][characters[code]] == whole["hmtx"][others[code]] for code in characters)
    assert (part["hhea"].ascent, part["hhea"].descent) == (whole["hhea"].ascent, whole["hhea"].descent)
    assert part.reader["BASE"] == whole.reader["BASE"]  # without it lines with figures stand half a pixel lower


def test_a_name_of_rare_characters_is_drawn_by_the_whole_font_and_costs_nothing_otherwise() -> None:
    common, _ = families_of("赵明")
    assert common == {"Letter-Sans", "Letter-Sans-SC", "Letter-Serif", "Letter-Serif-SC"}
    rare, pdf = families_of(f"赵{RARE}")
    assert rare == common | {"Letter-Sans-SC-Whole", "Letter-Serif-SC-Whole"}
    assert lacking(pdf) == []


def test_without_the_library_the_fonts_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "_harfbuzz", lambda: None)
    assert cut(b"a font", [65]) == b"a font"


def test_what_is_no_font_cannot_be_cut() -> None:
    with pytest.raises(CannotBeCut):
        cut(b"OTTO and nothing more", [65])


def test_the_fonts_are_prepared_in_a_process_of_their_own(tmp_path: Path) -> None:
    drawable = prepare(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {font.family for font in fonts()}
    assert {ord(character) for character in RARE + "月ŁΨЛ"} <= drawable
