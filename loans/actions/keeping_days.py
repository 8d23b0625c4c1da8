"""The office says what a day is. Due dates are stored, so nothing that was told moves with it."""

from datetime import date

from django.db import IntegrityError, transaction

from accounts.models import User
from loans.actions.situations import DayChanged, SameAsBefore
from loans.models import DayRule, last_rule


@transaction.atomic
def set_day(day: date, *, by: User, is_working: bool | None, source: str, name_en: str = "", name_zh: str = "", seen: int | None = None) -> DayRule:
    """Write down what a day is (None: as in the library's calendar again), with the source; the row before it stays.

    `seen` is the key of the newest row when the page was opened: what somebody else wrote about the day since is not overwritten
    unseen (DayChanged). Raises SameAsBefore when nothing would change.
    """
    last = last_rule(day)
    number = last.number if last else 0
    if seen is not None and last is not None and last.pk > seen:
        raise DayChanged
    said = (is_working, name_en, name_zh)
    if said == ((last.is_working, last.name_en, last.name_zh) if last else (None, "", "")):
        raise SameAsBefore
    rule = DayRule(day=day, number=number + 1, is_working=is_working, name_en=name_en, name_zh=name_zh, source=source, by=by)
    try:
        with transaction.atomic():
            rule.save(force_insert=True)
    except IntegrityError:
        raise DayChanged from None
    return rule
