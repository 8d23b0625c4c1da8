"""Historic lists from files: what is understood, what is refused, and that the same file changes nothing."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from institutions.actions import merge_institutions, revise_country
from institutions.models import Country, Institution
from institutions.tests.make import make_country, make_institution
from results.actions import ListHead, load_results, names_within
from results.files import BadFile
from results.models import ResultList
from results.tests.make import make_record, write_csv
from rounds.models import Round
from rounds.tests.make import make_round
from samples.tests.make import make_mission

pytestmark = pytest.mark.django_db
REAL = Path(__file__).resolve().parents[2] / "data" / "approved_2025.csv"


@pytest.fixture(autouse=True)
def _missions() -> None:
    make_mission("change-5")
    make_mission("change-6")


def load_real(**head: Any) -> ResultList | None:
    return load_results(REAL, ListHead(slug="2023-international", announced_on=date(2025, 4, 24), stated_total_ug=2_180_000, **head))


def test_the_real_list_of_2025_is_loaded_as_it_was_published() -> None:
    result_list = load_real(title_en="First international round", title_zh="首次国际申请")
    assert result_list is not None
    rows = list(result_list.rows.all())
    assert len(rows) == 7
    assert sorted(row.country_id or "" for row in rows) == ["DE", "FR", "GB", "JP", "PK", "US", "US"]
    assert {row.institution_en: row.mass_ug for row in rows if row.mass_ug} == {"The Open University": 60_000}
    assert result_list.known_total_ug == 60_000
    assert result_list.stated_total_ug == 2_180_000, "stated, never derived"
    assert result_list.round.is_public_record
    assert all("https://hkcd.com/" in row.source for row in rows)
    assert Institution.objects.count() == 7
    assert not Institution.objects.filter(is_verified=True).exists()


def test_the_same_file_changes_nothing_whatever_the_register_learnt() -> None:
    assert load_real() is not None
    merge_institutions(Institution.objects.get(name_en="Brown University"), make_institution(name_en="Brown"), by=None)
    revise_country(make_country("FR"), name_en="French Republic", name_zh="法兰西共和国", position=1)
    assert load_real() is None
    assert ResultList.objects.count() == 1


def test_rows_are_a_multiset(tmp_path: Path) -> None:
    rows = ["A,France,P,1,s", "B,Germany,Q,2,s", "A,France,P,1,s"]
    assert make_record(tmp_path, *rows) is not None
    assert make_record(tmp_path, *reversed(rows)) is None, "their order does not count"
    second = make_record(tmp_path, *rows[:2])
    assert second is not None, "but how often a row stands there does"
    assert second.number == 2


@pytest.mark.parametrize("changed", [{"announced_on": date(2025, 4, 25)}, {"stated_total_ug": 1_000}, {"source": "https://example.org/"}])
def test_what_is_said_beside_the_rows_makes_a_new_version_too(tmp_path: Path, changed: dict[str, Any]) -> None:
    make_record(tmp_path, "A,France,P,1,s")
    second = make_record(tmp_path, "A,France,P,1,s", **changed)
    assert second is not None
    assert second.number == 2


def test_a_changed_file_is_a_new_version_and_the_old_one_stays(tmp_path: Path) -> None:
    first = make_record(tmp_path, "A,France,P,,s", "B,France,Q,,s")
    second = make_record(tmp_path, "A,France,P,12.5,s", "B,France,Q,,s")
    assert first is not None
    assert second is not None
    assert [row.mass_ug for row in first.rows.all()] == [None, None]
    assert [row.mass_ug for row in second.rows.all()] == [12_500, None]


def test_a_file_may_name_chinese_names_and_samples_and_hold_one_row_per_sample(tmp_path: Path) -> None:
    head = "institution,institution_zh,country,pi,pi_zh,sample_id,mass_mg,source"
    file = write_csv(tmp_path, "PKU,北京大学,中国,Li,李,CE5C0600,10,s", "PKU,北京大学,CN,Li,李,CE5C0400,20.5,s", head=head)
    result_list = load_results(file, ListHead(slug="b2"))
    assert result_list is not None
    assert [(row.sample_number, row.mass_ug) for row in result_list.rows.all()] == [("CE5C0400", 20_500), ("CE5C0600", 10_000)]
    assert Institution.objects.get().name_zh == "北京大学"


@pytest.mark.parametrize("spelling", ["GB", "gb", "United Kingdom", "united kingdom", "UK", "英国", "Great Britain"])
def test_a_country_is_known_by_code_name_and_alias(tmp_path: Path, spelling: str) -> None:
    result_list = make_record(tmp_path, f"The Open University,{spelling},P,60,s")
    assert result_list is not None
    assert result_list.rows.get().country == make_country("GB")


def test_a_known_institution_is_found_by_its_names_and_only_in_its_country(tmp_path: Path) -> None:
    known = make_institution(name_en="University of Vienna", name_local="Universität Wien", country=make_country("AT"))
    namesake = make_institution(name_en="Open University", country=make_country("NL"))
    result_list = make_record(tmp_path, "Universitat Wien,Austria,P,1,s", "The Open University,United Kingdom,Q,1,s")
    assert result_list is not None
    found = {row.institution_en: row.institution for row in result_list.rows.all()}
    assert found["Universitat Wien"] == known
    assert found["The Open University"] != namesake
    assert found["The Open University"].country == make_country("GB")


def test_an_organisation_has_no_country(tmp_path: Path) -> None:
    result_list = make_record(tmp_path, "Asia-Pacific Space Cooperation Organization,,P,1,s")
    assert result_list is not None
    row = result_list.rows.get()
    assert (row.country, row.country_en, row.institution.kind) == (None, "", "organisation")


def test_an_abbreviation_in_brackets_becomes_a_name_to_be_found_by(tmp_path: Path) -> None:
    make_record(tmp_path, "Institut de Physique du Globe de Paris (IPGP),France,P,,s", "Stony Brook University (SUNY),United States,Q,,s", slug="one")
    make_record(tmp_path, "IPGP,France,P,,s", "Stony Brook University,US,Q,,s", slug="two")
    assert Institution.objects.count() == 2, "SUNY is no abbreviation of Stony Brook University, but its name without the bracket counts"
    make_record(tmp_path, "SUNY,United States,Q,,s", slug="three")
    assert Institution.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Institut de Physique du Globe de Paris (IPGP)", ["Institut de Physique du Globe de Paris", "IPGP"]),
        ("Pakistan Space and Upper Atmosphere Research Commission (SUPARCO)", ["Pakistan Space and Upper Atmosphere Research Commission", "SUPARCO"]),
        ("Stony Brook University (SUNY)", ["Stony Brook University"]),
        ("Brown University", []),
        ("University (of) Somewhere", []),
    ],
)
def test_names_within_a_name(name: str, others: list[str]) -> None:
    assert names_within(name) == others


BAD_ROWS = (
    (",France,P,1,s", "Line 2, column “institution”: a value is needed here."),
    ("A,Atlantis,P,1,s", "Line 2, column “country”: “Atlantis” is no country or region"),
    ("A,France,P,0,s", "Line 2, column “mass_mg”: A mass must be more than 0 mg."),
    ("A,France,P,-1,s", "Line 2, column “mass_mg”"),
    ("A,France,P,lots,s", "Line 2, column “mass_mg”: “lots” is not a mass."),
    ("A,France,P,NaN,s", "Line 2, column “mass_mg”"),
    ("A,France,P,1e3,s", "Line 2, column “mass_mg”"),
    ("A,France,P,0.05,s", "the smallest step is 0.1 mg"),
    ('A,France,P,"1,5",s', "Is the comma"),
    (f"{'A' * 201},France,P,1,s", "Line 2, column “institution”: the text has more than 200 characters."),
    ("A,France,P\x00,1,s", "Line 2, column “pi”: the text contains a character that cannot be stored."),
    ("A,France,P,1", "Line 2: 4 cells instead of 5."),
    ('A,France,"P,1,s', "Line 2: this is no CSV table"),
    ('"A" b,France,P,1,s', "no CSV table"),
)


@pytest.mark.parametrize(("row", "sentence"), BAD_ROWS)
def test_a_bad_row_is_named_by_line_and_column_and_nothing_is_loaded(tmp_path: Path, row: str, sentence: str) -> None:
    with pytest.raises(BadFile) as refusal:
        make_record(tmp_path, row)
    assert sentence in str(refusal.value)
    assert not ResultList.objects.exists()
    assert not Round.objects.exists()
    assert not Institution.objects.exists()


def test_every_bad_row_is_named_and_the_good_ones_are_not_loaded_either(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refusal:
        make_record(tmp_path, "Good,France,P,1,s", '"Over\ntwo lines",Atlantis,P,1,s', "", "B,France,P,none,s")
    assert refusal.value.problems[0].startswith("Line 3, column “country”"), "the line in which the row begins"
    assert refusal.value.problems[1].startswith("Line 6, column “mass_mg”"), "blank lines and lines within a cell count"
    assert not Institution.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the column “institution” is missing"),
        (b"institution,country,pi,mass_mg\n", "“source” is missing"),
        (b"institution,country,pi,mass_mg,source,colour\n", "“colour” is not known"),
        (b"institution,country,pi,mass_mg,source,pi\n", "“pi” stands there twice"),
        (b"institution,country,pi,mass_mg,source\n", "no rows"),
        (
            "institution,country,pi,mass_mg,source\nA,France,P,1,s\nK\u00f6ln,Germany,P,1,s\n".encode("latin-1"),
            "Line 3: the file is not text in UTF-8",
        ),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(BadFile) as refusal:
        load_results(file, ListHead(slug="record"))
    assert sentence in str(refusal.value)


def test_a_file_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("\ufeffsource,institution,country,pi,mass_mg\r\ns,A,France,P,１２.５ mg\r\n\r\n".encode())
    result_list = load_results(file, ListHead(slug="record"))
    assert result_list is not None
    assert result_list.rows.get().mass_ug == 12_500


@pytest.mark.parametrize("slug", ["new", "not a slug", "a/b", ""])
def test_an_address_that_cannot_be_one_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(BadFile):
        make_record(tmp_path, "A,France,P,1,s", slug=slug)
    assert not Round.objects.exists()


def test_a_round_held_here_takes_no_file(tmp_path: Path) -> None:
    make_round(slug="held-here")
    with pytest.raises(BadFile, match="held on this portal"):
        make_record(tmp_path, "A,France,P,1,s", slug="held-here")
    assert not ResultList.objects.exists()


def test_the_round_belongs_to_the_mission_that_was_named(tmp_path: Path) -> None:
    make_record(tmp_path, "A,France,P,1,s", slug="six", mission="change-6")
    assert Round.objects.get(slug="six").mission.slug == "change-6"
    make_record(tmp_path, "A,France,P,1,s", slug="five")
    assert Round.objects.get(slug="five").mission.slug == "change-5"
    for mission in ("change-5", "change-7"):
        with pytest.raises(BadFile):
            make_record(tmp_path, "A,France,P,2,s", slug="six", mission=mission)


def test_another_title_corrects_the_round_and_is_no_new_version(tmp_path: Path) -> None:
    make_record(tmp_path, "A,France,P,1,s", title_en="Frist round", title_zh="第一次")
    assert make_record(tmp_path, "A,France,P,1,s", title_en="First round") is None
    round = Round.objects.get()
    assert (round.title_en, round.title_zh) == ("First round", "第一次")


def test_the_command_says_what_it_did_and_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_results", str(REAL), round="2023", announced="2025-04-24", total_mg="2180")
    assert "Loaded version 1 of 2023 with 7 rows." in capsys.readouterr().out
    call_command("load_results", str(REAL), round="2023", announced="2025-04-24", total_mg="2180")
    assert "Nothing has changed" in capsys.readouterr().out
    bad = write_csv(tmp_path, "A,Atlantis,P,1,s")
    with pytest.raises(CommandError, match="nothing was loaded") as refusal:
        call_command("load_results", str(bad), round="2024")
    assert "Line 2, column “country”" in str(refusal.value)
    for options in ({"announced": "24.4.2025"}, {"total_mg": "much"}):
        with pytest.raises(CommandError, match="nothing was loaded"):
            call_command("load_results", str(REAL), round="2024", **options)
    assert not Country.objects.filter(name_en="Atlantis").exists()
