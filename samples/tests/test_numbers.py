"""A sample's number is explained part by part, with what is confirmed and what is our reading."""

import csv

import pytest
from django.conf import settings
from django.utils import translation

from samples.numbers import parent_numbers, parse_number

with (settings.BASE_DIR / "data" / "samples.csv").open(newline="", encoding="utf-8") as file:
    CATALOGUE = list(csv.DictReader(file))


@pytest.mark.parametrize("row", CATALOGUE, ids=[row["sample_id"] for row in CATALOGUE])
def test_every_real_number_is_understood_and_agrees_with_its_columns(row: dict[str, str]) -> None:
    parts = parse_number(row["sample_id"])
    assert parts is not None
    assert "".join(part.code for part in parts.parts) == row["sample_id"]
    assert parts.mission == "CE5"
    assert parts.method == row["method"]
    assert parts.form == {"polished section": "section"}.get(row["type"], row["type"])


def test_a_long_number_is_explained_part_by_part() -> None:
    parts = parse_number("CE5C0800YJYX132GP")
    assert parts is not None
    with translation.override("en"):
        assert [(part.code, str(part.name), part.is_confirmed) for part in parts.parts] == [
            ("CE5", "Mission", True),
            ("C", "Method", True),
            ("08", "Container", False),
            ("00", "Part", False),
            ("YJ", "Use", False),
            ("YX", "Form", False),
            ("132", "Serial number", False),
            ("GP", "Preparation", True),
        ]
        assert str(parts.parts[2].meaning) == "Storage bottle 8"


def test_a_core_number_names_segment_and_sub_segment() -> None:
    parts = parse_number("CE5Z0709YJYX002")
    assert parts is not None
    with translation.override("en"):
        assert [str(part.meaning) for part in parts.parts][1:4] == [
            "Drilled from a core (钻取)",
            "Segment 7 of the drill core",
            "Part 9 of that segment",
        ]
    assert not parts.parts[1].is_confirmed


@pytest.mark.parametrize(
    "number", ["", "CE7C0800", "CE5C08", "CE5C0800XX", "CE5C0800YJBP001", "CE5C0800YJYX13GP", "CE5C0800YJYX132GPX", "ce5c0800", "CE5C０８00"]
)
def test_a_number_outside_the_pattern_is_not_explained(number: str) -> None:
    assert parse_number(number) is None
    assert parent_numbers(number) == []


@pytest.mark.parametrize(
    ("number", "parents"),
    [
        ("CE5C0400", []),
        ("CE5Z0107YJ", ["CE5Z0107"]),
        ("CE5C0400YJFM00901", ["CE5C0400YJFM009", "CE5C0400YJ", "CE5C0400"]),
        ("CE5C0800YJFM00104GP", ["CE5C0800YJFM00104", "CE5C0800YJFM001", "CE5C0800YJ", "CE5C0800"]),
        ("CE5C0800YJYX132GP", ["CE5C0800YJYX132", "CE5C0800YJ", "CE5C0800"]),
        ("CE5Z0403YJYX012", ["CE5Z0403YJ", "CE5Z0403"]),
    ],
)
def test_the_parents_are_read_from_the_number_nearest_first(number: str, parents: list[str]) -> None:
    assert parent_numbers(number) == parents
