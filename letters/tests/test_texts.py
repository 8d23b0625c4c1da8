"""The closed language of letter texts: gaps are filled once, everything else is plain words or a named error."""

import string

import pytest
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from letters.tests.make import make_words
from letters.texts import BadText, Gap, Kind, Placeholder, Wording, fill, paragraphs, parse
from letters.words import Pair

KIND = Kind(
    word="test",
    name=_("Letter"),
    when=_("Letter"),
    placeholders=(
        Placeholder("name", _("Letter"), Pair("Zoë", "佐伊")),
        Placeholder("days", _("Letter"), Pair("10", "10"), is_required=True),
    ),
    default=Wording(title=Pair("To {name}", "致{name}"), opening=Pair("Within {days} days.", "{days}日内。")),
    example=make_words(paragraphs=(), closing=()),
)


def wording(**fields: str) -> Wording:
    texts = {**KIND.default.fields(), **fields}
    return Wording(
        title=Pair(texts["title_en"], texts["title_zh"]),
        opening=Pair(texts["opening_en"], texts["opening_zh"]),
        closing=Pair(texts["closing_en"], texts["closing_zh"]),
    )


def test_gaps_are_filled_and_doubled_braces_are_signs() -> None:
    assert parse("Dear {name}, {{so}}") == ("Dear ", Gap("name", 5), ", ", "{", "so", "}")
    assert fill("{{{name}}} has {name}", {"name": "Zoë"}) == "{Zoë} has Zoë"


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("{", 1, 1), ("a }", 1, 3), ("one\ntwo {", 2, 5), ("{name", 1, 1), ("{}", 1, 1), ("{Name}", 1, 1), ("{name }", 1, 1), ("{name.owner}", 1, 1),
        ("{name[0]}", 1, 1), ("{name!r}", 1, 1), ("{name:>9}", 1, 1), ("{% load x %}", 1, 1), ("{0}", 1, 1), ("{__class__}", 1, 1), ("{name}}", 1, 7),
        ("{n" + "a" * 60 + "}", 1, 1),
    ],
)  # fmt: skip
def test_whatever_is_no_gap_is_refused_with_its_place(source: str, line: int, column: int) -> None:
    with pytest.raises(BadText) as problem:
        parse(source)
    assert (problem.value.line, problem.value.column) == (line, column)
    assert f"Line {line}, character {column}" in str(problem.value)


def test_a_name_that_the_kind_does_not_have_is_refused_with_its_place() -> None:
    (problem,) = KIND.problems(wording(opening_en="Within {days} days,\ndear {password}."))["opening_en"]
    assert problem == "Line 2, character 6: there is no placeholder {password} in this kind of letter."


def test_a_required_gap_may_stand_anywhere_but_not_in_one_language_only() -> None:
    assert KIND.problems(wording(title_zh="{days}日", opening_zh="请尽快。")) == {}
    assert KIND.problems(wording(opening_zh="请尽快。")) == {"opening_zh": ["The text must contain {days} somewhere."]}


def test_both_languages_have_the_same_number_of_paragraphs() -> None:
    assert list(KIND.problems(wording(closing_en="One.\n\nTwo.", closing_zh="一。"))) == ["closing_zh"]
    assert KIND.problems(wording(closing_en="One.\n\n \nTwo.", closing_zh="一。\n\n二。")) == {}


def test_what_could_not_be_printed_is_refused_when_it_is_written() -> None:
    assert "U+1F600" in KIND.problems(wording(closing_en="Well 😀", closing_zh="好"))["closing_en"][0]
    assert "missing" in KIND.problems(wording(title_en=""))["title_en"][0]
    assert "At most 160 characters" in KIND.problems(wording(title_en="{name}" + "x" * 160))["title_en"][0]


def test_a_value_is_never_read_for_gaps_and_cannot_begin_a_paragraph() -> None:
    values = {"name": "{days} {{x}} {% now %}\n\nP.S. <b>", "days": "10"}
    words = KIND.write(wording(opening_en="Dear {name}: {days}", opening_zh="{name}：{days}"), KIND.example, values)
    assert words.paragraphs == (Pair("Dear {days} {{x}} {% now %} P.S. <b>: 10", "{days} {{x}} {% now %} P.S. <b>：10"),)


VALUES = {"name": "{days}", "days": "{{", "x": "\\}"}


def outcome(source: str) -> tuple[tuple[str | Gap, ...], str] | BadText:
    """What became of a text: its parts with the filled text, or the declared refusal; anything else ends the test."""
    try:
        return parse(source), fill(source, VALUES)
    except BadText as problem:
        return problem


@given(st.text(alphabet="{}nameydsx.[]!:%_\n 中" + string.digits, max_size=60) | st.text(max_size=200))
def test_nothing_but_the_declared_error_is_raised_and_nothing_is_evaluated(source: str) -> None:
    read = outcome(source)
    if isinstance(read, BadText):
        assert source[read.position] in "{}"
        return
    parts, filled = read
    # What comes out is what went in, with each gap replaced by its value as it is.
    assert filled == "".join(VALUES[part.name] if isinstance(part, Gap) else part for part in parts)
    assert "".join(f"{{{part.name}}}" if isinstance(part, Gap) else part.replace("{", "{{").replace("}", "}}") for part in parts) == source


@given(st.text(max_size=300), st.text(max_size=300))
def test_words_without_problems_can_always_be_written(english: str, chinese: str) -> None:
    tried = wording(opening_en=f"{{days}} {english}", opening_zh=f"{{days}} {chinese}")
    if KIND.misfits(tried):
        return
    words = KIND.write(tried, KIND.example, {"name": "Zoë", "days": "10"})
    assert len(words.paragraphs) == len(paragraphs(tried.opening.en))
