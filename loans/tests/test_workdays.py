"""The signing clock: weekends, holidays, weekends that are worked, the office's own days, and Beijing's midnight."""

from datetime import UTC, date, datetime, timedelta

import pytest

from loans.workdays import Calendar, beijing_date, end_of, known_year

LIBRARY = Calendar()


def test_the_weekend_after_the_national_day_of_2026_is_worked() -> None:
    assert LIBRARY.is_working(date(2026, 10, 10))  # a Saturday
    assert LIBRARY.is_working(date(2026, 9, 20))  # a Sunday
    assert not LIBRARY.is_working(date(2026, 10, 7))  # a Wednesday
    assert not LIBRARY.is_working(date(2026, 10, 11))
    assert LIBRARY.is_working(date(2026, 10, 8))


@pytest.mark.parametrize(
    ("noticed_on", "days", "due_on"),
    [
        (date(2026, 11, 20), 10, date(2026, 12, 4)),  # a Friday: two weeks later
        (date(2026, 11, 21), 5, date(2026, 11, 27)),  # a Saturday: Monday is the first day
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the whole National Day week lies between
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # the Saturday that is worked is the third day
        (date(2026, 9, 30), 4, date(2026, 10, 12)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday worked before the Spring Festival
        (date(2026, 2, 14), 2, date(2026, 2, 25)),
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # over the year's end to a Sunday that is worked
    ],
)
def test_the_time_to_sign_counts_working_days_after_the_notice(noticed_on: date, days: int, due_on: date) -> None:
    assert LIBRARY.after(noticed_on, days) == due_on
    assert LIBRARY.between(noticed_on, due_on) == days


def test_a_term_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        LIBRARY.after(date(2026, 11, 20), 0)


def test_what_the_office_writes_goes_before_the_library() -> None:
    office = Calendar({date(2026, 11, 23): False, date(2026, 11, 28): True})
    assert LIBRARY.after(date(2026, 11, 20), 6) == date(2026, 11, 30)
    assert office.after(date(2026, 11, 20), 5) == date(2026, 11, 28)
    assert office.before(date(2026, 11, 24), 1) == date(2026, 11, 20)


def test_a_year_without_the_arrangement_of_the_state_council_says_so() -> None:
    assert LIBRARY.is_published(2026)
    year = next(year for year in range(2026, 2099) if not known_year(year).is_published)
    saturday = next(day for day in (date(year, 2, 1) + timedelta(days=offset) for offset in range(7)) if day.weekday() == 5)
    assert not LIBRARY.is_published(year)
    assert Calendar({saturday: True}).is_published(year)


def test_the_day_ends_at_beijings_midnight_and_a_notice_counts_by_beijings_day() -> None:
    assert end_of(date(2026, 12, 4)) == datetime(2026, 12, 4, 16, tzinfo=UTC)
    assert beijing_date(datetime(2026, 12, 4, 15, 59, 59, tzinfo=UTC)) == date(2026, 12, 4)
    assert beijing_date(datetime(2026, 12, 4, 16, tzinfo=UTC)) == date(2026, 12, 5)
    new_york = datetime(2026, 12, 4, 12, 0, tzinfo=UTC).astimezone(tz=None)
    assert beijing_date(new_york) == date(2026, 12, 4)


def test_before_counts_backwards_over_a_holiday() -> None:
    assert LIBRARY.before(date(2026, 10, 9), 2) == date(2026, 9, 30)
