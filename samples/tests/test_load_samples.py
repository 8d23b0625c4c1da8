"""A catalogue file is loaded whole or not at all, and the same file again changes nothing."""

import threading
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from samples.actions import correct_stock, earmark
from samples.models import Form, Hold, Movement, Sample
from samples.tests.make import make_mission, make_sample

CATALOGUE = settings.BASE_DIR / "data" / "samples.csv"
HEADER = "sample_id,mission,method,type,mass_mg,source\n"
POOL = "CE5C0400,Chang'e-5,scooped,powder,7700,a notice\n"
PIECE = "CE5C0000YJYX031,Chang'e-5,scooped,clast,9.9,a notice\n"
UNKNOWN = "CE5C0800YJYX013GP,Chang'e-5,scooped,polished section,,a paper\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.csv"


def load(file: Path, *options: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("load_samples", str(file), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refusal_of(file: Path, text: str | bytes) -> str:
    """Load what must be refused; the refusal, after a look that nothing was loaded."""
    before = list(Sample.objects.order_by("pk").values()), Movement.objects.count()
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CommandError) as refusal:
        load(file)
    assert (list(Sample.objects.order_by("pk").values()), Movement.objects.count()) == before
    return str(refusal.value)


@pytest.mark.django_db
def test_the_real_catalogue_is_loaded_and_the_second_time_nothing_changes() -> None:
    out, err = load(CATALOGUE)
    assert "35 samples: 35 added" in out
    assert err == ""
    before = list(Sample.objects.order_by("pk").values()), list(Movement.objects.values())
    out, _ = load(CATALOGUE)
    assert "0 added, 0 with a mass for the first time, 0 corrected, 0 revised" in out.replace("0 with a new source", "0 revised")
    assert (list(Sample.objects.order_by("pk").values()), list(Movement.objects.values())) == before


@pytest.mark.django_db
def test_masses_forms_and_parents_are_read_from_the_file_and_the_number() -> None:
    load(CATALOGUE)
    pool = Sample.objects.get(number="CE5C0400")
    assert (pool.left_ug, pool.form, pool.parent) == (7_700_000, Form.POWDER, None)
    assert sorted(pool.daughters.values_list("number", flat=True)) == ["CE5C0400YJFM00505", "CE5C0400YJFM00901"]
    unknown = Sample.objects.get(number="CE5C0800YJYX013GP")
    assert (unknown.is_mass_known, unknown.left_ug, unknown.is_offered_possible, unknown.form) == (False, 0, False, Form.SECTION)
    assert not pool.is_synthetic_stock


@pytest.mark.django_db
def test_stock_of_a_demonstration_is_marked_as_such_where_there_is_any() -> None:
    load(CATALOGUE, "--demonstration-stock")
    assert Sample.objects.get(number="CE5C0400").is_synthetic_stock
    assert not Sample.objects.get(number="CE5C0800YJYX013GP").is_synthetic_stock


@pytest.mark.django_db
def test_a_parent_that_comes_later_is_linked_then(file: Path) -> None:
    file.write_text(HEADER + "CE5C0400YJFM00901,Chang'e-5,scooped,powder,500,a paper\n")
    load(file)
    assert Sample.objects.get().parent is None
    file.write_text(HEADER + POOL)
    load(file)
    assert Sample.objects.get(number="CE5C0400YJFM00901").parent == Sample.objects.get(number="CE5C0400")


@pytest.mark.django_db
def test_a_changed_mass_is_a_correction_that_names_the_file(file: Path) -> None:
    file.write_text(HEADER + POOL)
    load(file)
    file.write_text(HEADER + POOL.replace("7700", "7600.5"))
    assert "1 corrected" in load(file)[0]
    sample = Sample.objects.get()
    assert sample.left_ug == 7_600_500
    assert sample.movements.latest("pk").reason == "Catalogue file catalogue.csv: 7,600.5 mg instead of 7,700.0 mg"
    assert "1 unchanged" in load(file)[0]


@pytest.mark.django_db
def test_the_same_file_does_not_undo_what_a_curator_has_corrected(file: Path) -> None:
    file.write_text(HEADER + POOL)
    load(file)
    correct_stock(Sample.objects.get(), -5_000, reason="spilled", by=None)
    load(file)
    assert Sample.objects.get().left_ug == 7_695_000


@pytest.mark.django_db
def test_a_mass_that_becomes_known_is_taken_in(file: Path) -> None:
    file.write_text(HEADER + UNKNOWN)
    load(file)
    file.write_text(HEADER + UNKNOWN.replace(",,", ",20,"))
    assert "1 with a mass for the first time" in load(file)[0]
    sample = Sample.objects.get()
    assert (sample.left_ug, sample.is_mass_known) == (20_000, True)


@pytest.mark.django_db
def test_a_new_source_is_revised(file: Path) -> None:
    file.write_text(HEADER + POOL)
    load(file)
    file.write_text(HEADER + POOL.replace("a notice", "another notice"))
    assert "1 with a new source" in load(file)[0]
    assert Sample.objects.get().source == "another notice"


@pytest.mark.django_db
def test_a_byte_order_mark_blank_lines_and_other_line_ends_do_no_harm(file: Path) -> None:
    file.write_bytes(("\ufeff" + HEADER + POOL + "\n,,,,,\n" + PIECE).replace("\n", "\r\n").encode())
    assert "2 samples: 2 added" in load(file)[0]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["CE5", "change-5", "嫦娥五号", "Chang’e-5", "chang'E-5"])
def test_a_mission_is_known_by_each_of_its_names(file: Path, name: str) -> None:
    file.write_text(HEADER + POOL.replace("Chang'e-5", name))
    load(file)
    assert Sample.objects.get().mission.code == "CE5"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("CE5 C0400,Chang'e-5,scooped,powder,1,s", "Line 3, column sample_id: “CE5 C0400” is no sample number"),
        (",Chang'e-5,scooped,powder,1,s", "Line 3, column sample_id: “” is no sample number"),
        ("CE5C0600,Apollo 11,scooped,powder,1,s", "Line 3, column mission: “Apollo 11” is no known mission."),
        ("CE5C0600,Chang'e-5,shovelled,powder,1,s", "Line 3, column method: “shovelled” is not one of: scooped, drilled."),
        ("CE5C0600,Chang'e-5,scooped,dust,1,s", "Line 3, column type: “dust” is not one of: powder, clast, polished section."),
        ("CE5C0600,Chang'e-5,scooped,powder,0,s", "Line 3, column mass_mg: A mass must be more than 0 mg."),
        ("CE5C0600,Chang'e-5,scooped,powder,-4,s", "Line 3, column mass_mg: A mass must be more than 0 mg."),
        ('CE5C0600,Chang\'e-5,scooped,powder,"1,5",s', "Line 3, column mass_mg: Is the comma a decimal point"),
        ("CE5C0600,Chang'e-5,scooped,powder,much,s", "Line 3, column mass_mg: “much” is not a mass."),
        ("CE5C0400,Chang'e-5,scooped,powder,1,s", "Line 3, column sample_id: CE5C0400 stands in line 2 already."),
        ("CE5C0600,Chang'e-5,scooped,powder,1", "Line 3: 5 cells instead of 6."),
        ("CE5C0600,Chang'e-5,scooped,powder,1,a,b", "Line 3: 7 cells instead of 6."),
        ("CE5C0600,Chang'e-5,scooped,powder,1,\"open", "The file is not a CSV table"),
    ],
)
def test_a_bad_row_is_named_by_line_and_column_and_nothing_is_loaded(file: Path, row: str, reason: str) -> None:
    refusal = refusal_of(file, HEADER + POOL + row + "\n")
    assert "nothing was loaded" in refusal
    assert reason in refusal


@pytest.mark.django_db
def test_every_bad_row_is_named_at_once_and_a_row_of_several_lines_by_its_first(file: Path) -> None:
    text = HEADER + "CE5C0400,Chang'e-5,scooped,powder,1,\"two\nlines\"\nCE5C0600,Mars,scooped,powder,x,s\nCE5C0800,Chang'e-5,scooped,powder,x,s\n"
    assert [line.split(":")[0] for line in refusal_of(file, text).splitlines()[1:]] == [
        "Line 4, column mission",
        "Line 4, column mass_mg",
        "Line 5, column mass_mg",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Line 1: the columns must be sample_id,mission,method,type,mass_mg,source; the file has nothing."),
        (b"sample_id,mission\n", "the file has sample_id,mission."),
        (HEADER.replace("mass_mg", "mass_g").encode(), "Line 1: the columns must be"),
        (HEADER.encode(), "The file has no rows."),
        ((HEADER + POOL).encode() + "CE5C0600,嫦娥五号".encode("gb18030"), "Line 3: the file is not UTF-8 text."),
        ((HEADER + POOL).encode("utf-16"), "Line 1: the file is not UTF-8 text."),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(file: Path, content: bytes, reason: str) -> None:
    assert reason in refusal_of(file, content)


@pytest.mark.django_db
def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "nothing.csv")


@pytest.mark.django_db
def test_what_a_sample_is_cannot_be_changed_by_a_file(file: Path) -> None:
    make_sample("CE5C0400", mass_ug=None, form=Form.CLAST)
    assert "Line 2, column type: The catalogue says clast of CE5C0400, the file powder." in refusal_of(file, HEADER + POOL)


@pytest.mark.django_db
def test_a_known_mass_cannot_become_unknown(file: Path) -> None:
    file.write_text(HEADER + PIECE)
    load(file)
    text = HEADER + PIECE.replace(",9.9,", ",,")
    assert "Line 2, column mass_mg: The catalogue holds 9.9 mg of CE5C0000YJYX031; an empty mass cannot take that back." in refusal_of(file, text)


@pytest.mark.django_db
def test_a_sample_that_a_curator_has_taken_in_is_left_to_the_curator(file: Path) -> None:
    make_sample("CE5C0400", mass_ug=1_000)
    assert "A curator has taken CE5C0400 in already." in refusal_of(file, HEADER + POOL)


@pytest.mark.django_db
def test_a_correction_never_takes_what_is_promised_and_then_loads_nothing(file: Path) -> None:
    file.write_text(HEADER + POOL)
    load(file)
    earmark(Sample.objects.get(), "LSA-2026-00001", 7_000_000, by=None)
    assert "Line 2, column mass_mg: The stock on record does not allow" in refusal_of(file, HEADER + POOL.replace("7700", "500") + PIECE)
    assert Hold.objects.get().mass_ug == 7_000_000


@pytest.mark.django_db
def test_an_unusual_number_is_loaded_with_a_warning(file: Path) -> None:
    file.write_text(HEADER + POOL.replace("CE5C0400", "CE5C0400BP001") + "CE5Z0107YJ,Chang'e-6,scooped,powder,5,s\n")
    out, err = load(file)
    assert "2 added" in out
    assert "Line 2, column sample_id: CE5C0400BP001 does not fit the known pattern of sample numbers." in err
    assert "Line 3, column mission: CE5Z0107YJ reads as CE5, the file says CE6." in err
    assert "Line 3, column method: CE5Z0107YJ reads as drilled, the file says scooped." in err


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the test's own SQLite lives in memory and has one connection")
@pytest.mark.django_db(transaction=True)
def test_two_loads_of_the_same_file_at_once_load_it_once() -> None:
    make_mission("change-5")
    make_mission("change-6")
    problems: list[str] = []

    def run() -> None:
        try:
            load(CATALOGUE)
        except Exception as problem:  # noqa: BLE001 — what goes wrong in a thread must reach the test
            problems.append(repr(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert Sample.objects.count() == 35
    assert Movement.objects.count() == Sample.objects.filter(is_mass_known=True).count()
