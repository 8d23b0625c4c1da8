"""The signing clock: which days are working days in China, and when a number of them has passed. Knows no database.

The default is the library's calendar: statutory holidays, the days off beside them and the weekends that are worked instead, as the
State Council has published them. What the office has written down about a day goes before it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

BEIJING = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 2020, 2099
DAY = timedelta(days=1)
DATED = re.compile(r"\s*[(（][^()（）]*\d[^()（）]*[)）]")
SATURDAY = 5
SHORTCUT = 4  # years that the library keeps read


@dataclass(frozen=True)
class KnownYear:
    """What the library knows of a year: names of the days off in both languages, and the weekend days that are worked."""

    names_en: Mapping[date, str]
    names_zh: Mapping[date, str]
    worked: frozenset[date]

    @property
    def is_published(self) -> bool:
        """Whether the State Council's arrangement is in it. Every year has days that are worked instead; without them it is only the law."""
        return bool(self.worked)


@lru_cache(maxsize=SHORTCUT)
def known_year(year: int) -> KnownYear:
    english = holidays.country_holidays("CN", years=year, language="en_US")
    chinese = holidays.country_holidays("CN", years=year, language="zh_CN")
    worked = frozenset(day for day in english.weekend_workdays if day.year == year)
    return KnownYear(_plain(english), _plain(chinese), worked)


def _plain(names: Mapping[date, str]) -> dict[date, str]:
    """Without the date for which a day is given off: the table shows that day itself, and the library writes it in American order."""
    return {day: DATED.sub("", name).strip() for day, name in names.items()}


def is_working_by_default(day: date) -> bool:
    """What the library says of a day."""
    year = known_year(day.year)
    return day in year.worked or (day.weekday() < SATURDAY and day not in year.names_en)


@dataclass(frozen=True)
class Calendar:
    """Working days with what the office has written down: a day and whether it is worked."""

    rules: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        return self.rules[day] if day in self.rules else is_working_by_default(day)

    def is_told_apart(self, day: date) -> bool:
        """Whether the day differs from what its weekday says: a day off from Monday to Friday, or a weekend day that is worked."""
        return self.is_working(day) != (day.weekday() < SATURDAY)

    def is_published(self, year: int) -> bool:
        """Whether the arrangement of a year is known, from the library or because the office has entered days that are worked instead."""
        if known_year(year).is_published:
            return True
        return any(is_worked and day.year == year and day.weekday() >= SATURDAY for day, is_worked in self.rules.items())

    def days_after(self, day: date) -> Iterator[date]:
        """The working days that follow a day, which itself is never among them."""
        while True:
            day += DAY
            if self.is_working(day):
                yield day

    def after(self, day: date, count: int) -> date:
        """The last of `count` working days after a day: of a notice, the day on which the time to sign ends, at 24:00."""
        if count < 1:
            raise ValueError("a term has at least one working day")
        following = self.days_after(day)
        return [next(following) for _ in range(count)][-1]

    def before(self, day: date, count: int) -> date:
        """The day that many working days before another."""
        while count > 0:
            day -= DAY
            count -= self.is_working(day)
        return day

    def between(self, day: date, last: date) -> int:
        """How many working days follow `day` up to and with `last`."""
        return sum(self.is_working(day + DAY * offset) for offset in range(1, (last - day).days + 1))


def end_of(day: date) -> datetime:
    """24:00 Beijing time of a day, as the exclusive instant: 00:00 of the next one."""
    return datetime.combine(day + DAY, time.min, BEIJING)


def beijing_date(moment: datetime) -> date:
    """The day in Beijing on which something happened, whatever zone the machine or the reader is in."""
    return moment.astimezone(BEIJING).date()
