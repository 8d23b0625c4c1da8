"""What people type as a mass becomes whole micrograms, or a sentence that says why not."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from samples.forms import MilligramField
from samples.masses import LARGEST_UG, STEP_UG, NotAMass, parse_mg, spell_mg


@pytest.mark.parametrize(
    ("text", "mass_ug"),
    [
        ("150", 150_000),
        ("12.4", 12_400),
        (" 12.40 ", 12_400),
        ("0.1", 100),
        ("１５０", 150_000),
        ("１２．４　", 12_400),
        ("150 mg", 150_000),
        ("150mg", 150_000),
        ("１５０ｍｇ", 150_000),
        ("150毫克", 150_000),
        ("1 500", 1_500_000),
        ("1\u00a0500.5\u202fmg", 1_500_500),
        ("+5", 5_000),
        ("2000000", LARGEST_UG),
    ],
)
def test_a_mass_is_understood(text: str, mass_ug: int) -> None:
    assert parse_mg(text) == mass_ug


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Enter a mass"),
        ("mg", "Enter a mass"),
        ("0", "more than 0 mg"),
        ("0.0", "more than 0 mg"),
        ("-1", "more than 0 mg"),
        ("−1", "more than 0 mg"),
        ("－１", "more than 0 mg"),
        ("1,5", "Is the comma"),
        ("1,500", "Is the comma"),
        ("1，5", "Is the comma"),
        ("0.00001", "smallest step is 0.1 mg"),
        ("1.25", "smallest step is 0.1 mg"),
        ("2000000.1", "at most 2,000,000.0 mg"),
        ("1" + "0" * 14, "at most 2,000,000.0 mg"),
        ("1" + "0" * 15, "is not a mass"),
        ("1e309", "is not a mass"),
        ("NaN", "is not a mass"),
        ("Infinity", "is not a mass"),
        ("١٥٠", "is not a mass"),
        ("1²", "is not a mass"),
        ("½", "is not a mass"),
        ("15 0", "is not a mass"),
        ("1.", "is not a mass"),
        (".5", "is not a mass"),
        ("5 g", "is not a mass"),
        ("1_000", "is not a mass"),
        ("0x10", "is not a mass"),
        ("12; DROP TABLE", "is not a mass"),
        ("\x00", "is not a mass"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(NotAMass, match=reason):
        parse_mg(text)


@given(st.integers(min_value=1, max_value=LARGEST_UG // STEP_UG).map(lambda steps: steps * STEP_UG))
def test_what_a_page_writes_can_be_typed_back_without_its_commas(mass_ug: int) -> None:
    assert parse_mg(spell_mg(mass_ug).replace(",", "")) == mass_ug


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        mass_ug = parse_mg(text)
    except NotAMass:
        return
    assert 0 < mass_ug <= LARGEST_UG
    assert mass_ug % STEP_UG == 0


def test_the_field_gives_micrograms_and_shows_the_reason() -> None:
    assert MilligramField().clean("12.4") == 12_400
    assert MilligramField(required=False).clean("") is None
    with pytest.raises(ValidationError, match="Is the comma"):
        MilligramField().clean("1,5")


def test_the_field_shows_a_stored_mass_in_milligrams_and_sends_back_what_was_typed() -> None:
    assert MilligramField().prepare_value(1_240_000) == "1240.0"
    assert MilligramField().prepare_value("1,5") == "1,5"
