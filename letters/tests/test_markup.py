"""What is left out of the typesetter's work changes nothing of a letter."""

from datetime import date
from typing import Any

import pytest
from weasyprint import CSS, HTML
from weasyprint.css import StyleFor

from letters.markup import Markup
from letters.paper import preview_print
from letters.press import STYLESHEET
from letters.tests.make import make_words
from letters.typesetter import Typesetter
from letters.words import Pair, Section

NO_ROOM = CSS(
    string="body, h1, h2, h3, p, table, td, th { margin: 0; padding: 0; border-spacing: 0 }"
)  # around elements, unless the letters' stylesheet gives it


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter(STYLESHEET)


@pytest.fixture
def html() -> str:
    """A letter with every element that the templates know."""
    answers = ("An answer of one language.\nOn two lines.", Pair("An answer.", "回答。"))
    sections = (
        Section(Pair("Plan", "方案"), answers, facts=((Pair("Digest", "摘要"), "ab" * 32),)),
        Section(Pair("A question", "问题"), is_minor=True),
    )
    return preview_print(make_words(sections=sections), reference="LSA-2026-00001", dated_on=date(2026, 5, 4))


def test_the_letters_stylesheet_says_all_that_weasyprint_would_say(typesetter: Typesetter, html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = typesetter.set(html)
    asked: list[bool] = []

    def theirs(markup: HTML, forms: bool = False) -> Any:
        asked.append(forms)
        return [*HTML._ua_stylesheets(markup, forms), NO_ROOM]

    monkeypatch.setattr(Markup, "_ua_stylesheets", theirs)
    assert typesetter.set(html) == own
    assert asked, "WeasyPrint asks for its stylesheet in another way, so that leaving it out has no effect any more"


def test_languages_are_said_by_classes_but_for_those_that_the_stylesheet_does_not_know(typesetter: Typesetter) -> None:
    text = '<html lang="en"><p lang="zh-Hans" class="letter-wide">月<span lang="en">Moon<b lang="fr">Lune'
    markup = Markup(text, typesetter.fetcher).etree_element
    assert markup.get("lang") == "en"
    assert {element.tag: dict(element.attrib) for element in markup.iter() if element.tag in ("p", "span", "b")} == {
        "p": {"class": "letter-wide in-zh-Hans"},
        "span": {"class": "in-en"},
        "b": {"lang": "fr"},
    }


def test_elements_that_say_the_same_share_one_style(typesetter: Typesetter, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[str] = []
    set_style = StyleFor.set_computed_styles

    def counted(self: StyleFor, element: Any, *args: Any, **options: Any) -> None:
        computed.append(element if isinstance(element, str) else getattr(element, "tag", "@page"))
        set_style(self, element, *args, **options)

    monkeypatch.setattr(StyleFor, "set_computed_styles", counted)
    typesetter.set('<html lang="en">' + '<p lang="zh-Hans">月</p><p lang="en">Moon</p>' * 20)
    assert computed.count("p") == 2, "WeasyPrint shares styles in another way, so that saying languages by classes has no effect any more"
