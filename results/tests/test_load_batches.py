"""The public record of domestic rounds."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from results.actions import BATCH_COLUMNS, LoadedRounds, load_batches
from results.files import BadFile
from results.models import DomesticRound, spell_partial_date
from results.summary import beside_totals
from results.tests.make import write_csv

pytestmark = pytest.mark.django_db
REAL = Path(__file__).resolve().parents[2] / "data" / "domestic_batches.csv"
HEAD = ",".join(BATCH_COLUMNS)


def row(**cells: str) -> str:
    cells = {"batch": "1", "mission": "Chang'e-5", "mark": "CONFIRMED"} | cells
    return ",".join(cells.get(column, "") for column in BATCH_COLUMNS)


def test_the_real_record_is_loaded_and_loading_it_again_changes_nothing() -> None:
    assert load_batches(REAL) == LoadedRounds(13, 0)
    assert load_batches(REAL) == LoadedRounds(0, 0)
    first, third = DomesticRound.objects.get(batch="1"), DomesticRound.objects.get(batch="3")
    assert (first.received_count, first.approved_count, first.mass_ug) == (85, 31, 17_476_400)
    assert third.mass_ug is None
    assert first.dates == [("released", "13 April 2021"), ("closed", "31 May 2021"), ("reviewed", "June 2021"), ("announced", "12 July 2021")]
    assert [one.is_total for one in DomesticRound.objects.all()].count(True) == 4
    assert DomesticRound.objects.get(batch="1-4 total").name == "Rounds 1 to 4 together"


def test_the_record_becomes_what_the_file_says(tmp_path: Path) -> None:
    load_batches(write_csv(tmp_path, row(), row(batch="2", mass_mg="5"), head=HEAD))
    assert load_batches(write_csv(tmp_path, row(batch="2", mass_mg="6"), row(batch="3"), head=HEAD)) == LoadedRounds(2, 1)
    assert list(DomesticRound.objects.values_list("batch", "mass_ug", "position")) == [("2", 6_000, 0), ("3", None, 1)]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"batch": ""}, "column “batch”: a value is needed here"),
        ({"mission": ""}, "column “mission”"),
        ({"mark": "MAYBE"}, "column “mark”: “MAYBE” is not one of: CONFIRMED, PARTLY, NOT FOUND"),
        ({"info_released": "2021-13"}, "column “info_released”"),
        ({"review_date": "spring"}, "column “review_date”"),
        ({"application_deadline": "2021-02-30"}, "column “application_deadline”"),
        ({"pis_approved": "-1"}, "column “pis_approved”"),
        ({"institutions_approved": "many"}, "column “institutions_approved”"),
        ({"mass_mg": "0"}, "column “mass_mg”"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_loaded(tmp_path: Path, cells: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadFile) as refusal:
        load_batches(write_csv(tmp_path, row(batch="9"), row(**cells), head=HEAD))
    assert "Line 3" in str(refusal.value)
    assert sentence in str(refusal.value)
    assert not DomesticRound.objects.exists()


def test_a_round_stands_in_a_file_once(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="stands twice"):
        load_batches(write_csv(tmp_path, row(), row(), head=HEAD))


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_batches", str(REAL))
    assert "13 rows are new or changed, 0 are gone." in capsys.readouterr().out
    with pytest.raises(CommandError, match="nothing was loaded"):
        call_command("load_batches", str(tmp_path / "missing.csv"))


@pytest.mark.parametrize(
    ("partial", "spelled"), [("2021-07-12", "12 July 2021"), ("2021-07", "July 2021"), ("2021", "2021"), ("", ""), ("soon", "soon")]
)
def test_a_date_is_as_precise_as_it_was_published(partial: str, spelled: str) -> None:
    assert spell_partial_date(partial) == spelled


def test_a_stated_total_stands_beside_the_sum_of_what_is_known_and_is_never_made_from_it(client: Client) -> None:
    load_batches(REAL)
    beside = beside_totals(list(DomesticRound.objects.all()))
    assert beside["1-4 total"] == (17_476_400 + 17_936_000 + 8_768_000, 3, 4)
    assert DomesticRound.objects.get(batch="1-4 total").mass_ug == 53_000_000
    page = client.get("/results/").content.decode()
    assert "stated; 44,180.4\u00a0mg confirmed for 3 of 4 rounds" in page
    assert "53,000.0\u00a0mg" in page
    DomesticRound.objects.filter(batch="1").update(mass_ug=None)
    assert DomesticRound.objects.get(batch="1-4 total").mass_ug == 53_000_000
