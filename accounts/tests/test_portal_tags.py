"""How masses, moments and words in two languages are written."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from accounts.templatetags.portal import beijing, beijing_day, in_language, mg, moon_site, other_language, stock_shares, words

CLOSING = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)  # the midnight that ends 22 December in Beijing
NB = "\N{NO-BREAK SPACE}"


def deadline(moment: datetime | None, **context: object) -> str:
    html = Template("{% deadline moment %}").render(Context({"moment": moment, **context}))
    return " ".join(html.split())


@pytest.mark.parametrize(
    ("mass_ug", "written"),
    [
        (12_400, f"12.4{NB}mg"),
        (1_240_000, f"1,240.0{NB}mg"),
        (0, f"0.0{NB}mg"),
        (None, ""),
        (-12_400, f"\N{MINUS SIGN}12.4{NB}mg"),
        (-40, f"0.0{NB}mg"),
    ],
)
def test_a_mass_is_written_in_milligrams_with_one_decimal(mass_ug: int | None, written: str) -> None:
    assert mg(mass_ug) == written


def test_a_mass_is_never_rounded_up() -> None:
    assert mg(12_499) == f"12.4{NB}mg"


def test_an_end_at_midnight_is_24_00_of_the_day_before() -> None:
    assert beijing(CLOSING) == "22 December 2026, 24:00 Beijing time"
    assert beijing_day(CLOSING) == "22 December 2026"


def test_a_start_at_midnight_belongs_to_its_own_day() -> None:
    assert beijing(CLOSING, "start") == "23 December 2026, 00:00 Beijing time"
    assert beijing_day(CLOSING, "start") == "23 December 2026"


def test_a_moment_within_the_day_keeps_its_time() -> None:
    assert beijing(CLOSING - timedelta(hours=9, minutes=55)) == "22 December 2026, 14:05 Beijing time"
    assert beijing(CLOSING + timedelta(microseconds=1)) == "23 December 2026, 00:00 Beijing time"


def test_the_end_of_a_year_stays_in_the_year() -> None:
    assert beijing(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == "31 December 2026, 24:00 Beijing time"


def test_a_chinese_date_is_written_in_the_chinese_order() -> None:
    with translation.override("zh-hans"):
        assert "2026年12月22日" in beijing(CLOSING)
        assert "24:00" in beijing(CLOSING)


def test_a_missing_moment_is_written_as_nothing() -> None:
    assert beijing(None) == "" == beijing_day(None)
    assert deadline(None) == ""


def test_a_deadline_gives_beijing_utc_and_the_readers_own_zone() -> None:
    text = deadline(CLOSING, reader_zone="America/New_York")
    assert 'datetime="2026-12-22T16:00:00Z"' in text
    assert "22 December 2026, 24:00 Beijing time (UTC+8)" in text
    assert "22 December 2026, 16:00 UTC" in text
    assert "your time: 22 December 2026, 11:00 (America/New York)" in text
    assert "24:00 is the end of that day" in text


@pytest.mark.parametrize("zone", [None, "", "Nowhere/At_all", "../etc/passwd", "Asia/Shanghai", "Asia/Singapore", "UTC"])
def test_a_deadline_leaves_out_a_zone_that_is_unknown_or_says_nothing_new(zone: str | None) -> None:
    assert "your time" not in deadline(CLOSING, reader_zone=zone)


def test_text_follows_the_readers_language_and_falls_back_to_the_other() -> None:
    both = SimpleNamespace(title_en="First round", title_zh="首轮")
    english_only = SimpleNamespace(title_en="First round", title_zh="")
    assert in_language(both, "title") == "First round"
    with translation.override("zh-hans"):
        assert in_language(both, "title") == "首轮"
        assert in_language(english_only, "title") == "First round"
        assert words(english_only, "title") == '<span lang="en">First round</span>'
        assert words(both, "title") == "首轮"


def test_a_local_name_counts_as_chinese_only_if_it_is() -> None:
    chinese = SimpleNamespace(name_en="Example University", name_local="示例大学")
    french = SimpleNamespace(name_en="Example University", name_local="Université d’exemple")
    with translation.override("zh-hans"):
        assert in_language(chinese, "name") == "示例大学"
        assert in_language(french, "name") == "Example University"
    assert in_language(SimpleNamespace(name_en="", name_local="Université d’exemple"), "name") == "Université d’exemple"


def test_a_name_in_the_other_language_is_escaped() -> None:
    assert words(SimpleNamespace(name_en="", name_zh="<b>月</b>"), "name") == '<span lang="zh-Hans">&lt;b&gt;月&lt;/b&gt;</span>'


def test_the_switch_offers_the_other_language() -> None:
    assert other_language("en") == "zh-hans"
    assert other_language("zh-hans") == "en"


@pytest.mark.parametrize(
    ("masses", "widths"),
    [((50, 25, 25), (50, 25, 25)), ((1, 0, 99_999), (1, 0, 99)), ((0, 0, 0), (0, 0, 0)), ((99_999, 1, 1), (99, 1, 0))],
)
def test_the_parts_of_a_stock_bar_fit_into_it(masses: tuple[int, int, int], widths: tuple[int, int, int]) -> None:
    shares = stock_shares(*masses, sum(masses))
    assert tuple(share.width for share in shares) == widths
    assert shares.lent.x + shares.lent.width <= 100


def test_a_landing_site_lies_on_its_side_of_the_moon() -> None:
    near, far = moon_site(43.0576, -51.9161), moon_site(-41.63, -153.98)
    assert (near.is_far, near.text) == (False, "43.06° N, 51.92° W")
    assert near.cx < 200
    assert near.cy < 200
    assert (far.is_far, far.text) == (True, "41.63° S, 153.98° W")
    assert far.cx > 200  # 26° east of the meridian that looks away from the Earth
    assert far.cy > 200
