"""Words are plain text: cleaned, in two languages, never markup."""

import pytest

from letters.codes import grouped, new_code, normalised
from letters.words import NOTHING, Pair, Section, Words, as_text, both, clean, cleaned, one_line


def test_line_ends_in_a_name_become_spaces() -> None:
    assert one_line("Zoë\r\nBcc: all@example.org") == "Zoë Bcc: all@example.org"


def test_marks_that_turn_or_hide_text_are_taken_out() -> None:
    assert clean("12\u202e4.1\u200bmg\x00\ufeff") == "124.1mg"


def test_letters_are_composed() -> None:
    assert clean("Zoe\u0308") == "Zoë"


def test_a_text_in_one_language_is_shown_once() -> None:
    assert Pair("Zoë", "Zoë").single == "Zoë"
    assert Pair("", "嫦娥五号").single == "嫦娥五号"
    assert Pair("powder", "粉末").single == ""
    assert (Pair("", "嫦娥五号").language, Pair("Zoë", "").language) == ("zh-Hans", "en")


def test_a_long_text_is_parted_at_its_empty_lines() -> None:
    words = cleaned(
        Words(
            kind=NOTHING,
            title=Pair("A", "甲"),
            paragraphs=(),
            sections=(Section(Pair("Plan", "计划"), ("One\r\n\r\nTwo\r\nstill two\n \n\nThree",)),),
        ),
    )
    assert [both(text).single for text in words.sections[0].paragraphs] == ["One", "Two\nstill two", "Three"]


def test_the_plain_text_is_in_one_language_and_falls_back_to_the_other() -> None:
    words = cleaned(Words(kind=NOTHING, title=Pair("Decision", "决定书"), paragraphs=(Pair("Approved.", "批准。"), "Zoë"), signature=()))
    assert as_text(words, "en") == "Decision\n\nApproved.\n\nZoë"
    assert as_text(words, "zh-hans") == "决定书\n\n批准。\n\nZoë"


def test_a_check_code_is_understood_however_it_is_typed() -> None:
    code = new_code()
    assert normalised(grouped(code)) == code
    assert normalised(f"  {' '.join(code.upper())} ") == code
    assert normalised("o" * 13 + "Li" * 6 + "1") == "0" * 13 + "1" * 13


@pytest.mark.parametrize("typed", ["", "short", "u" * 26, "0" * 27, "'; DROP TABLE", "0" * 25 + "é"])
def test_what_can_be_no_check_code_is_none(typed: str) -> None:
    assert normalised(typed) == ""
