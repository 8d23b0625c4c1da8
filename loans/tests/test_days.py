"""The table of working days: who maintains it, what every change leaves behind, and that no told day moves."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from loans.actions import DayChanged, SameAsBefore, extend_agreement, set_day
from loans.models import DayRule, moved_by_table, newest_rule, office_calendar, table_of_year
from loans.tests.make import make_agreement, seen_again
from loans.workdays import Calendar
from reviews.tests.make import browser_of

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


def test_every_change_stays_and_the_last_one_counts(officer: User) -> None:
    set_day(MONDAY, by=officer, is_working=False, source="Order 1")
    assert not office_calendar().is_working(MONDAY)
    with pytest.raises(SameAsBefore):
        set_day(MONDAY, by=officer, is_working=False, source="Order 1 again")
    set_day(MONDAY, by=officer, is_working=None, source="Order 1 is withdrawn")
    assert office_calendar().is_working(MONDAY)
    assert [rule.number for rule in DayRule.objects.all()] == [1, 2]
    with pytest.raises(SameAsBefore):
        set_day(date(2026, 11, 24), by=officer, is_working=None, source="nothing to say")
    with pytest.raises(DatabaseError), transaction.atomic():
        DayRule.objects.update(source="something else")


def test_a_page_that_is_older_than_a_change_overwrites_nothing(officer: User) -> None:
    seen = newest_rule()
    set_day(MONDAY, by=officer, is_working=False, source="Order 1")
    with pytest.raises(DayChanged):
        set_day(MONDAY, by=make_user(None, Role.OFFICER), is_working=True, source="Order 2", seen=seen)
    set_day(MONDAY + timedelta(days=1), by=officer, is_working=False, source="Order 2", seen=seen)


def test_the_table_of_2026_has_the_national_day_and_the_saturday_that_is_worked() -> None:
    table = table_of_year(2026)
    days = {row.day: row for row in table.days}
    assert table.is_published
    assert days[date(2026, 10, 10)].is_working
    assert not days[date(2026, 10, 1)].is_working
    assert days[date(2026, 10, 1)].name_zh == "国庆节"
    assert MONDAY not in days


def test_a_change_of_the_table_moves_no_told_day_but_is_shown_to_the_officer(officer: User) -> None:
    agreement = make_agreement()
    told = agreement.due_on
    assert moved_by_table(officer) == []
    set_day(told, by=officer, is_working=False, source="A day of mourning")
    assert seen_again(agreement).due_on == told
    assert moved_by_table(officer) == [(agreement, Calendar({told: False}).after(agreement.noticed_on, agreement.working_days))]
    assert moved_by_table(make_user(None, Role.OFFICER)) != []
    page = browser_of(officer).get(reverse("loans:days")).content.decode()
    assert agreement.reference in page
    extend_agreement(agreement, by=officer, due_on=moved_by_table(officer)[0][1], reason="A day of mourning")
    assert moved_by_table(officer) == []


def test_officer_and_administrator_write_into_the_table_others_do_not_see_it(client: Client) -> None:
    words = {"day": "2027-02-05", "what": "off", "name_en": "Chinese New Year", "name_zh": "春节", "source": "国办发明电〔2026〕1号"}
    for role, status in ((Role.OFFICER, 302), (Role.ADMINISTRATOR, 302), (Role.APPROVER, 403), (Role.CURATOR, 403), (Role.EXPERT, 403)):
        browser = browser_of(make_user(None, role))
        answer = browser.post(reverse("loans:days"), words)
        assert answer.status_code == status, role
        words["day"] = "2027-02-09"
    assert "国办发明电〔2026〕1号" in browser_of(make_user(None, Role.OFFICER)).get(reverse("loans:days_of_year", args=[2027])).content.decode()
    assert client.get(reverse("loans:days")).status_code == 302


def test_a_day_without_a_source_or_of_no_year_is_refused(officer: User) -> None:
    browser = browser_of(officer)
    for words in (
        {"day": "2027-02-05", "what": "off", "source": ""},
        {"day": "1999-02-05", "what": "off", "source": "x"},
        {"day": "soon", "what": "off", "source": "x"},
        {"day": "2027-02-05", "source": "x"},
    ):
        assert browser.post(reverse("loans:days"), words).status_code == 422
    assert browser.get(reverse("loans:days_of_year", args=[1999])).status_code == 404
    assert not DayRule.objects.exists()
