"""How a mass, a moment, a word in two languages and a share of stock are written on every page."""

import math
import re
from collections.abc import Hashable
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()

BEIJING = ZoneInfo("Asia/Shanghai")
UTC = ZoneInfo("UTC")
NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
DEGREES_OF_NEAR_SIDE = 90


# --- Masses ---------------------------------------------------------------------------------------------------------------


@register.filter
def mg(mass_ug: int | None) -> str:
    """Micrograms as "1,240.0 mg". Cut, never rounded up: a page may not promise more than there is. Nothing for an unknown mass."""
    if not isinstance(mass_ug, int):
        return ""
    tenths = abs(mass_ug) // 100
    sign = MINUS if mass_ug < 0 and tenths else ""
    return f"{sign}{tenths // 10:,}.{tenths % 10}{NO_BREAK}mg"


class Share(NamedTuple):
    """One part of a stock bar, in whole hundredths of its width."""

    x: int
    width: int


class StockShares(NamedTuple):
    left: Share
    held: Share
    lent: Share


@register.simple_tag
def stock_shares(left_ug: int, held_ug: int, lent_ug: int, total_ug: int) -> StockShares:
    """Where the parts of the bar begin and end. A part that is not nothing is at least one hundredth wide, and nothing passes the end."""
    total = max(int(total_ug or 0), 1)
    shares, x, so_far = [], 0, 0
    for part in (left_ug, held_ug, lent_ug):
        mass = max(int(part or 0), 0)
        so_far += mass  # shares are cut off the sum, so that parts that make up the whole leave no gap at its end
        width = min(max(so_far * 100 // total - x, 1 if mass else 0), 100 - x) if mass else 0
        shares.append(Share(x, width))
        x += width
    return StockShares(*shares)


# --- Moments --------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4000)
def _day_in(_language: str | None, day: date) -> str:
    """A day in the language of the page, spelled once: the rows of a list share their days."""
    return date_format(day, "DATE_FORMAT")


def _day_and_time(moment: datetime, zone: tzinfo, *, ends: bool) -> tuple[str, str]:
    """Midnight that ends something belongs to the day before, as notices write it: 24:00."""
    local = moment.astimezone(zone)
    if ends and local.time() == time.min:
        return _day_in(get_language(), local.date() - timedelta(days=1)), "24:00"
    return _day_in(get_language(), local.date()), local.strftime("%H:%M")


@register.filter
def beijing(moment: datetime | None, kind: str = "end") -> str:
    """A moment in Beijing time. Midnight is the end of the day before ("24:00"); with "start" it begins its own day ("00:00")."""
    if not moment:
        return ""
    day, clock = _day_and_time(moment, BEIJING, ends=kind != "start")
    # Translators: a moment, e.g. "22 December 2026, 24:00 Beijing time"
    return _("%(day)s, %(time)s Beijing time") % {"day": day, "time": clock}


@register.filter
def beijing_day(moment: datetime | None, kind: str = "end") -> str:
    """Only the day of a moment in Beijing; an end at midnight belongs to the day before."""
    return _day_and_time(moment, BEIJING, ends=kind != "start")[0] if moment else ""


@register.filter
def beijing_clock(moment: datetime | None) -> str:
    """Only the time of day in Beijing, for a table whose day stands above it."""
    return moment.astimezone(BEIJING).strftime("%H:%M") if moment else ""


@register.filter
def own_clock(moment: datetime | None, zone: object) -> str:
    """The same moment in the reader's own zone, with its day; nothing where that is not known or says the same."""
    reader_zone = _zone(zone)
    if not moment or not reader_zone or moment.astimezone(reader_zone).utcoffset() == moment.astimezone(BEIJING).utcoffset():
        return ""
    day, clock = _day_and_time(moment, reader_zone, ends=False)
    return f"{day}, {clock}"


def _zone(name: object) -> tzinfo | None:
    if isinstance(name, tzinfo):
        return name
    try:
        return ZoneInfo(str(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@register.inclusion_tag("components/deadline.html", takes_context=True)
def deadline(context: Context, moment: datetime | None, kind: str = "end") -> dict[str, Any]:
    """A moment as Beijing states it, in UTC, and in the reader's own zone where that is known and says something new."""
    if not moment:
        return {"moment": None}
    reader_zone = _zone(context.get("reader_zone"))
    own = None
    if reader_zone and moment.astimezone(reader_zone).utcoffset() not in (moment.astimezone(BEIJING).utcoffset(), timedelta(0)):
        day, clock = _day_and_time(moment, reader_zone, ends=False)
        own = {"day": day, "time": clock, "zone": str(reader_zone).replace("_", " ")}
    utc_day, utc_clock = _day_and_time(moment, UTC, ends=False)
    return {
        "moment": moment,
        "machine": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "beijing": beijing(moment, kind),
        "ends_at_midnight": kind != "start" and is_aware(moment) and moment.astimezone(BEIJING).time() == time.min,
        "utc": {"day": utc_day, "time": utc_clock},
        "own": own,
    }


# --- Words in two languages -----------------------------------------------------------------------------------------------


def _word(thing: object, name: str) -> str:
    value = thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)
    return str(value) if value else ""


def _words(thing: object, name: str) -> tuple[str, str]:
    """The text of a bilingual field for this reader, and the language it is in."""
    english, chinese, local = (_word(thing, f"{name}_{part}") for part in ("en", "zh", "local"))
    chinese = chinese or (local if HAN.search(local) else "")
    if (get_language() or "en").startswith("zh"):
        first, second = (chinese, "zh-Hans"), (english, "en")
    else:
        first, second = (english, "en"), (chinese, "zh-Hans")
    if first[0]:
        return first
    return second if second[0] else (local, "")


@register.filter
def in_language(thing: object, name: str) -> str:
    """`thing.<name>_zh` or `thing.<name>_en` by the reader's language, the other one if that is empty; a local name in Chinese counts as Chinese."""
    return _words(thing, name)[0] if thing is not None else ""


@register.simple_tag
def words(thing: object, name: str) -> SafeString | str:
    """As `in_language`, marked with its language where that is not the page's, so that it is read out and set rightly."""
    text, language = _words(thing, name) if thing is not None else ("", "")
    page_language = "zh-Hans" if (get_language() or "en").startswith("zh") else "en"
    return format_html('<span lang="{}">{}</span>', language, text) if language and language != page_language else text


@register.filter
def other_language(code: str | None) -> str:
    """The language that the switch offers."""
    return "en" if (code or "en").startswith("zh") else "zh-hans"


# --- Parts that are the same for everybody ---------------------------------------------------------------------------------


@lru_cache(maxsize=2000)
def _rendered(name: str, words: tuple[tuple[str, Hashable], ...], *_where: str) -> SafeString:
    return render_to_string(name, dict(words))


@register.simple_tag
def kept(name: str, **words: Hashable) -> SafeString:
    """A template that is rendered once in each language for these words, and kept. It knows the words alone, neither the request nor its
    reader, so that nothing of one person's page can stand in another's."""
    render = _rendered.__wrapped__ if settings.DEBUG else _rendered
    return render(name, tuple(words.items()), get_language() or "", get_script_prefix(), str(settings.ROOT_URLCONF))


class Slug(NamedTuple):
    slug: str


class Rights(NamedTuple):
    is_in_office: bool
    is_officer: bool
    is_approver: bool
    is_administrator: bool


@register.filter
def only_slug(thing: Any) -> Slug:
    """Of a round just what its tabs lead to, for `kept`."""
    return Slug(thing.slug)


@register.filter
def only_rights(user: Any) -> Rights:
    """Of a reader just what the office's tabs depend on, for `kept`."""
    return Rights(user.is_in_office, user.is_officer, user.is_approver, user.is_administrator)


# --- The Moon -------------------------------------------------------------------------------------------------------------


class Site(NamedTuple):
    """A place on the drawn disc: radius 180 around (200, 200), seen from straight above the equator."""

    cx: float
    cy: float
    is_far: bool
    text: str


@register.simple_tag
def moon_site(latitude: float, longitude: float) -> Site:
    """Where a landing site lies on the picture of its side of the Moon. North and east are positive."""
    north, east = float(latitude), float(longitude)
    is_far = abs(east) > DEGREES_OF_NEAR_SIDE
    from_centre = math.radians(east - (180 if east > 0 else -180) if is_far else east)
    cx = 200 + 180 * math.cos(math.radians(north)) * math.sin(from_centre)
    cy = 200 - 180 * math.sin(math.radians(north))
    text = _("%(north)s° %(n_or_s)s, %(east)s° %(e_or_w)s") % {
        "north": f"{abs(north):.2f}",
        "n_or_s": _("N") if north >= 0 else _("S"),
        "east": f"{abs(east):.2f}",
        "e_or_w": _("E") if east >= 0 else _("W"),
    }
    return Site(round(cx, 1), round(cy, 1), is_far, text)


# --- Forms ----------------------------------------------------------------------------------------------------------------


@register.filter
def widget_type(field: BoundField) -> str:
    """The kind of input, as a class for the stylesheet."""
    return str(getattr(field.field.widget, "input_type", "") or field.widget_type)
