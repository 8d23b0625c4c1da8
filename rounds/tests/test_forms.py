"""24:00 Beijing time, and what the round's form refuses."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from rounds.actions import CriterionDraft
from rounds.forms import BeijingMomentField, CriterionFormSet, EndOfDayField, RoundForm, day_ended_by, end_of_day
from rounds.tests.make import make_round
from samples.models import Purpose
from samples.tests.make import make_sample

NOON_UTC = datetime(2026, 12, 22, 16, tzinfo=UTC)  # 24:00 Beijing time of 22 December


def test_a_closing_day_ends_at_midnight_in_beijing() -> None:
    assert EndOfDayField().clean("2026-12-22") == NOON_UTC


@pytest.mark.parametrize(
    "typed", ["2026-12-22 24:00", "2026-12-22T24:00", "2026-12-22, 24:00:00", "2026/12/22 24：00", "2026年12月22日", "22 December 2026"]
)
def test_the_day_may_be_written_as_notices_write_it(typed: str) -> None:
    assert EndOfDayField().clean(typed) == NOON_UTC


@pytest.mark.parametrize("typed", ["2026-12-22 23:59", "2026-12-22 12:00", "2026-12-22 0:00"])
def test_a_closing_day_takes_no_other_time(typed: str) -> None:
    with pytest.raises(ValidationError, match="day alone"):
        EndOfDayField().clean(typed)


@pytest.mark.parametrize("typed", ["", "24:00", "2026-02-30", "tomorrow", "2026-12", "1826-12-22", "9999-12-31", "2026-12-22 25:00"])
def test_what_is_no_day_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(ValidationError) as problem:
        EndOfDayField().clean(typed)
    assert problem.value.messages[0].endswith(".")


def test_the_page_shows_the_day_that_ends_and_not_the_next_one() -> None:
    assert EndOfDayField().prepare_value(NOON_UTC) == "2026-12-22"
    assert EndOfDayField().prepare_value("2026-12-22 12:00") == "2026-12-22 12:00", "what was typed stays"


@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]
)
def test_the_server_and_reader_zones_change_nothing(zone: str, settings: Any) -> None:
    settings.TIME_ZONE = zone
    with timezone.override(ZoneInfo(zone)):
        for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(2026, 12, 31), date(2028, 2, 29)):
            moment = EndOfDayField().clean(day.isoformat())
            assert moment.astimezone(UTC) == datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
            assert day_ended_by(moment.astimezone(ZoneInfo(zone))) == day
        assert BeijingMomentField().clean(["2026-03-29", "02:30"]) == datetime(2026, 3, 28, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock"), [("2026-12-22", "24:00"), ("2026-12-22", ""), ("", "10:00"), ("2026-12-22", "half past"), ("soon", "10:00")]
)
def test_an_opening_needs_a_day_and_a_time(day: str, clock: str) -> None:
    with pytest.raises(ValidationError):
        BeijingMomentField().clean([day, clock])


def words(**changed: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    today = timezone.localdate()
    return {
        "title_en": "Third international round",
        "title_zh": "第三次国际申请",
        "slug": "2027-1",
        "audience": "international",
        "kind": "research",
        "mission": "change-5",
        "opens_at_day": (today + timedelta(days=2)).isoformat(),
        "opens_at_time": "00:00",
        "closes_at": (today + timedelta(days=30)).isoformat(),
        "corrections_close_at": (today + timedelta(days=50)).isoformat(),
        "reviews_due_at": "",
        "samples": ["CE5C0600"],
        "signing_days": "10",
        "loan_months": "12",
        "renewal_months": "6",
        "vote_numerator": "2",
        "vote_denominator": "3",
        "recall_minutes": "30",
        "reviews_per_application": "3",
        "discussion": "after_own",
    } | changed


@pytest.fixture
def _offerable(db: None) -> None:
    make_sample("CE5C0600")


@pytest.mark.usefixtures("_offerable")
def test_a_complete_form_is_accepted() -> None:
    form = RoundForm(words())
    assert form.is_valid(), form.errors
    assert form.round_fields["closes_at"] == end_of_day(timezone.localdate() + timedelta(days=30))


BAD: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("title_en", {"title_en": "  "}, "required"),
    ("title_zh", {"title_zh": "字" * 201}, "200"),
    ("slug", {"slug": "new"}, "address of the page"),
    ("slug", {"slug": "2027 1"}, "small letters"),
    ("slug", {"slug": "-2027"}, "small letters"),
    ("slug", {"slug": "２０２７"}, "small letters"),
    ("audience", {"audience": "martians"}, "valid choice"),
    ("kind", {"kind": "sale"}, "valid choice"),
    ("mission", {"mission": "apollo-11"}, "valid choice"),
    ("opens_at", {"opens_at_day": "2021-01-01"}, "has passed"),
    ("opens_at", {"opens_at_day": "", "opens_at_time": ""}, "let the round open at once"),
    ("closes_at", {"closes_at": "2021-01-01"}, "before it opens"),
    ("closes_at", {"closes_at": "24:00"}, "day alone"),
    ("corrections_close_at", {"corrections_close_at": "2021-01-01"}, "before applications"),
    ("reviews_due_at", {"reviews_due_at": "2021-01-01"}, "before applications close"),
    ("samples", {"samples": []}, "at least one sample"),
    ("samples", {"samples": ["CE5C9999"]}, "CE5C9999 cannot be offered"),
    ("samples", {"mission": "change-6"}, "belongs to another mission"),
    ("samples", {"kind": "public_welfare"}, "another purpose"),
    ("signing_days", {"signing_days": "0"}, "greater than or equal to 1"),
    ("loan_months", {"loan_months": "1.5"}, "whole number"),
    ("loan_months", {"loan_months": "-12"}, "greater than or equal to 1"),
    ("renewal_months", {"renewal_months": "999"}, "less than or equal to 60"),
    ("vote_numerator", {"vote_numerator": "4"}, "must not exceed"),
    ("vote_denominator", {"vote_denominator": "0"}, "greater than or equal to 1"),
    ("recall_minutes", {"recall_minutes": "soon"}, "whole number"),
    ("reviews_per_application", {"reviews_per_application": "0"}, "greater than or equal to 1"),
    ("discussion", {"discussion": "at_once"}, "not one of the available choices"),
)


@pytest.mark.parametrize(("field", "changed", "sentence"), BAD, ids=[f"{field}-{number}" for number, (field, _, _) in enumerate(BAD)])
@pytest.mark.usefixtures("_offerable")
def test_each_bad_input_is_refused_at_its_field(field: str, changed: dict[str, Any], sentence: str) -> None:
    form = RoundForm(words(**changed))
    assert not form.is_valid()
    assert sentence in form.errors.as_text()


@pytest.mark.usefixtures("_offerable")
def test_an_address_that_is_taken_is_refused() -> None:
    make_round(make_sample("CE5C0400", mass_ug=1_000), slug="2027-1")
    form = RoundForm(words())
    assert "Another round has the address" in form.errors["slug"][0]


def test_only_samples_of_the_mission_and_the_purpose_with_a_known_mass_are_listed(db: None) -> None:
    make_sample("CE5C0600")
    make_sample("CE5C0400", mass_ug=None)
    make_sample("CE5C0900", purpose=Purpose.PUBLIC_WELFARE)
    make_sample("CE5C1000", purpose=Purpose.PERMANENT)
    make_sample("CE6C0100")
    assert [sample.number for sample, _ in RoundForm().offer_rows] == ["CE5C0600"]
    assert [sample.number for sample, _ in RoundForm(words(kind="public_welfare")).offer_rows] == ["CE5C0900"]
    assert [sample.number for sample, _ in RoundForm(words(mission="change-6")).offer_rows] == ["CE6C0100"]


def criteria(*rows: tuple[str, str, str]) -> dict[str, str]:
    data = {"criteria-TOTAL_FORMS": str(len(rows)), "criteria-INITIAL_FORMS": "0"}
    for index, (title_en, title_zh, weight) in enumerate(rows):
        data |= {f"criteria-{index}-title_en": title_en, f"criteria-{index}-title_zh": title_zh, f"criteria-{index}-weight": weight}
    return data


def test_an_empty_criterion_is_dropped_and_its_neighbours_stay() -> None:
    formset = CriterionFormSet(criteria(("Question", "问题", "2"), ("", "", "1"), ("Plan", "方案", "1")), prefix="criteria")
    assert formset.is_valid(), formset.errors
    drafts: list[CriterionDraft] = formset.drafts()  # type: ignore[attr-defined]
    assert [(draft["title_en"], draft["weight"]) for draft in drafts] == [("Question", 2), ("Plan", 1)]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("", "", "1")], "at least one criterion"),
        ([("Question", "", "1")], "required"),
        ([("Question", "问题", "0")], "greater than or equal to 1"),
        ([("Question", "问题", "1"), ("question ", "疑问", "1")], "same title"),
        ([(f"C{n}", f"标{n}", "1") for n in range(21)], "at most 20"),
    ],
)
def test_bad_criteria_are_refused(rows: list[tuple[str, str, str]], sentence: str) -> None:
    formset = CriterionFormSet(criteria(*rows), prefix="criteria")
    assert not formset.is_valid()
    assert sentence in str(formset.errors) + str(formset.non_form_errors())


def test_a_form_without_its_counts_is_refused_and_not_an_error() -> None:
    formset = CriterionFormSet({}, prefix="criteria")
    assert not formset.is_valid()
    assert "at least one criterion" in str(formset.non_form_errors())


def test_the_meaning_of_scores_is_kept_in_both_languages() -> None:
    meanings = {f"criteria-0-anchor_{language}_{score}": f"{language} {score}" for language in ("en", "zh") for score in range(1, 6)}
    formset = CriterionFormSet(criteria(("Question", "问题", "2")) | meanings, prefix="criteria")
    assert formset.is_valid(), formset.errors
    assert formset.drafts()[0]["anchors"] == [[f"en {score}", f"zh {score}"] for score in range(1, 6)]  # type: ignore[attr-defined]


def test_half_a_scale_with_meanings_is_refused_where_one_is_missing() -> None:
    formset = CriterionFormSet(criteria(("Question", "问题", "2")) | {"criteria-0-anchor_en_1": "Poor question"}, prefix="criteria")
    assert not formset.is_valid()
    assert "in both languages" in str(formset.forms[0].errors["anchor_zh_1"])
    assert "anchor_en_1" not in formset.forms[0].errors
