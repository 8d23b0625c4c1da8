"""Reading the registry ROR: what is taken, what stays as the office has it, and a load that is killed (quality: U-25)."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Role
from accounts.tests.make import make_user
from institutions import actions
from institutions.models import Institution, InstitutionAlias, Kind, MailDomain, Membership, RorLoad, RorParent, Standing
from institutions.tests.dump import a_dozen, record, ror_id, write_dump, write_zip
from institutions.tests.make import make_country, make_institution, make_membership


def load(path: Path, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("load_institutions", str(path), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def of(number: int) -> Institution:
    return Institution.objects.get(ror_id=ror_id(number))


def aliases(institution: Institution) -> set[str]:
    return set(institution.aliases.values_list("name", flat=True))


def everything() -> list[Any]:
    """The register as one value, without keys and moments."""
    fields = ("ror_id", "name_en", "name_local", "kind", "country_id", "ror_status", "is_as_in_ror", "is_verified", "website", "words", "version")
    rows: list[Any] = list(Institution.objects.order_by("ror_id", "name_en").values_list(*fields))
    rows += InstitutionAlias.objects.order_by("institution__ror_id", "key").values_list("institution__ror_id", "name", "key")
    rows += RorParent.objects.order_by("institution__ror_id", "parent_ror_id").values_list("institution__ror_id", "parent_ror_id")
    return [*rows, *MailDomain.objects.order_by("institution__ror_id", "domain").values_list("institution__ror_id", "domain")]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    make_country()
    return write_dump(tmp_path / "v2.0-ror-data.json", a_dozen())


# --- What is taken --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_names_kinds_countries_parents_and_domains_are_taken(dump: Path) -> None:
    out, _err = load(dump)
    assert "12 organisations: 7 added, 0 changed, 0 as they were, 2 closed or withdrawn, 3 left out." in out
    assert [(one.name_en, one.name_local, one.kind, one.country_id) for one in Institution.objects.order_by("ror_id")] == [
        ("Academy of Modelled Sciences", "虚构科学院", Kind.INSTITUTE, "CN"),
        ("Institute of Invented Geology, Academy of Modelled Sciences", "虚构地质研究所", Kind.INSTITUTE, "CN"),
        ("University of Nowhere", "جامعة لا مكان", Kind.UNIVERSITY, "EG"),
        ("University of Lubeck East", "Universität Łübeck-Øst", Kind.UNIVERSITY, "DE"),
        ("Museum of Imaginary Rocks", "Musée des roches imaginaires", Kind.MUSEUM, "FR"),
        ("Fictional Space Agency", "空想宇宙機構", Kind.AGENCY, "JP"),
        ("Hospital of the Moon <b>", "", Kind.INSTITUTE, "US"),
    ]
    assert aliases(of(2)) == {"Xugou Dizhi Yanjiusuo"}
    assert aliases(of(12)) == {"Moon Clinic"}
    assert list(Institution.objects.parents_of(of(2))) == [of(1)]
    assert set(of(2).ror_parents.values_list("parent_ror_id", flat=True)) == {ror_id(1), ror_id(99)}
    assert [str(domain) for domain in of(2).mail_domains.all()] == ["igams.example.cn"]
    assert of(3).website == "https://www.example.org/3"
    for one in Institution.objects.all():
        assert (one.standing, one.is_verified, one.created_by, one.ror_status) == (Standing.FROM_ROR, False, None, "active")


@pytest.mark.django_db
def test_what_cannot_be_taken_is_named_by_its_ror_id_and_stops_nothing(tmp_path: Path) -> None:
    make_country()
    odd = [{**record(20, "A"), "id": "grid.1"}, {**record(21, "B"), "status": "asleep"}, {**record(22, "C"), "names": "C"}, "text", None, 5]
    odd += [{"id": ror_id(23), "names": [], "status": "active"}, {**record(24, "D"), "locations": [{"geonames_details": None}]}]
    _out, err = load(write_dump(tmp_path / "odd.json", [*a_dozen(), *odd, record(25, "Good School")]))
    for words in (f"{ror_id(9)}: it has no country", f"{ror_id(10)}: its country 'ZZ'", f"{ror_id(11)}: it has no name of at most 200"):
        assert words in err
    assert 'organisation 13 of the file: "grid.1" is no ROR id' in err
    assert f'{ror_id(21)}: its status is "asleep"' in err
    assert f"{ror_id(24)}: it has no country" in err
    assert err.count("left out: ") == 11
    assert of(25).name_en == "Good School"


@pytest.mark.django_db
def test_found_by_what_the_file_calls_it(dump: Path) -> None:
    load(dump)
    asked = {"ams": 1, "虚构": 1, "ams geol": 2, "地质": 2, "xugou": 2, "لا مكان": 3, "lubeck-ost": 4, "ulo": 4, ror_id(5): 5}
    for text, number in asked.items():
        assert of(number) in Institution.objects.alive().search(text), text
    assert not Institution.objects.alive().search("closed college")


# --- What stays -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing_and_says_so(dump: Path) -> None:
    load(dump)
    before, keys = everything(), list(Institution.objects.order_by("pk").values_list("pk", flat=True))
    out, _err = load(dump)
    assert "nothing to do" in out
    out, _err = load(dump, again=True)
    assert "0 added, 0 changed, 7 as they were" in out
    assert everything() == before
    assert list(Institution.objects.order_by("pk").values_list("pk", flat=True)) == keys
    assert RorLoad.objects.count() == 1


@pytest.mark.django_db
def test_a_newer_file_renames_what_the_office_never_touched_and_nothing_else(dump: Path, tmp_path: Path) -> None:
    load(dump)
    actions.verify_institution(of(3), by=make_user(None, Role.OFFICER))
    actions.revise_institution(of(4), name_en="Our Lubeck", aliases=["Lubeck"])
    newer = [
        record(1, "Academy of New Sciences", ("ANS", "", "acronym"), country="CN"),
        record(2, "Institute of Invented Geology, Academy of Modelled Sciences", country="CN", types=["facility"], domains=["new.example.cn"]),
        record(3, "University of Somewhere Else", country="LY", types=["facility"], parents=[1], domains=["somewhere.example"]),
        record(4, "Lübeck for All", ("LfA", "", "acronym"), country="DE"),
        record(5, "Museum of Imaginary Rocks", status="inactive", types=["archive"]),
        record(30, "New School", country="FR"),
    ]
    out, _err = load(write_dump(tmp_path / "newer.json", newer))
    assert "1 added, 4 changed, 0 as they were, 1 closed" in out
    assert (of(1).name_en, of(1).name_local, aliases(of(1))) == ("Academy of New Sciences", "", {"ANS"})
    assert (aliases(of(2)), [str(domain) for domain in of(2).mail_domains.all()], of(2).ror_parents.count()) == (set(), ["new.example.cn"], 0)
    assert (of(3).name_en, of(3).name_local, of(3).country_id, of(3).kind) == ("University of Nowhere", "جامعة لا مكان", "EG", Kind.UNIVERSITY)
    assert list(Institution.objects.parents_of(of(3))) == [of(1)]
    assert (of(4).name_en, aliases(of(4))) == ("Our Lubeck", {"Lubeck"})
    assert (of(5).ror_status, of(5).is_gone) == ("inactive", True)
    assert of(5) not in Institution.objects.choosable_by(make_user())
    assert Institution.objects.alive().search("ans") == [of(1)]
    assert not Institution.objects.alive().search("ams", most=1) or Institution.objects.alive().search("ams")[0] != of(1)


@pytest.mark.django_db
def test_an_institution_without_ror_id_is_recognised_by_exact_name_and_country(dump: Path) -> None:
    officer = make_user(None, Role.OFFICER)
    verified = make_institution(name_en="university of NOWHERE", country=make_country("EG"), aliases=["UoN"], by=officer)
    elsewhere = make_institution(name_en="Academy of Modelled Sciences", country=make_country("FR"))
    recorded = make_institution(name_en="Museum of Imaginary Rocks", country=make_country("FR"), is_verified=False)
    fiction = make_institution(name_en="Fictional Space Agency", country=make_country("JP"), is_synthetic=True)
    load(dump)
    verified.refresh_from_db()
    assert (verified.ror_id, verified.name_en, verified.name_local, verified.is_as_in_ror) == (ror_id(3), "university of NOWHERE", "", False)
    assert aliases(verified) == {"UoN", "جامعة لا مكان", "لا مكان"}
    assert Institution.objects.alive().search("لا مكان") == [verified]
    recorded.refresh_from_db()
    assert (recorded.ror_id, recorded.standing, aliases(recorded)) == (ror_id(5), Standing.TO_BE_CHECKED, {"Musée des roches imaginaires"})
    for one in (elsewhere, fiction):
        one.refresh_from_db()
        assert one.ror_id == ""
    before = everything()
    load(dump, again=True)
    assert everything() == before


@pytest.mark.django_db
def test_what_an_applicant_wrote_becomes_rors_words_when_everybody_may_choose_it(dump: Path) -> None:
    applicant, other = make_user(), make_user()
    words = {"name_en": "university of nowhere!!", "name_local": "my secret plan", "aliases": ["mine"]}
    theirs = make_institution(**words, country=make_country("EG"), is_verified=False, by=applicant)
    assert theirs not in Institution.objects.choosable_by(other)
    load(dump)
    theirs.refresh_from_db()
    assert theirs in Institution.objects.choosable_by(other)
    assert (theirs.name_en, theirs.name_local, aliases(theirs)) == ("University of Nowhere", "جامعة لا مكان", {"لا مكان"})
    assert "secret" not in theirs.words


@pytest.mark.django_db
def test_what_was_merged_stays_merged_and_its_survivor_is_found_by_the_new_names(dump: Path) -> None:
    load(dump)
    survivor = make_institution(name_en="United Schools", country=make_country("EG"))
    member = make_user()
    make_membership(member, of(3))
    actions.merge_institutions(of(3), survivor, by=None)
    load(write_dump(dump.with_name("newer.json"), [record(3, "University of Nowhere", ("Utopia School", "en", "alias"), country="EG")]))
    assert of(3).merged_into == survivor
    assert Institution.objects.alive().search("utopia") == [survivor]
    assert Institution.objects.alive().search(ror_id(3)) == [survivor]
    assert Membership.objects.get().institution == of(3)


# --- The wrong file -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no list in JSON"),
        (b"id,name\n1,x\n", "no list in JSON"),
        (b'{"id": "https://ror.org/05qbk4x57"}', "no list in JSON"),
        (b"[]", "the list is empty"),
        (b'[{"id": "https://ror.org/05qbk4x57", "name": "x", "types": []}]', "schema 1"),
        (b'[{"a": 1}]', "no data dump of ROR"),
        (b"[1, 2]", "no data dump of ROR"),
        (b'[{"id": "x", "names": [', "damaged or cut off"),
        (b"[\xff\xfe]", "damaged or cut off"),
        (b"PK\x03\x04 not a zip", "no list in JSON"),
    ],
)
def test_a_wrong_file_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        load(path)
    assert not Institution.objects.exists()
    assert not RorLoad.objects.exclude(finished_at=None).exists()


@pytest.mark.django_db
def test_a_missing_file_and_a_folder_are_refused_in_words(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(CommandError, match=str(path)):
            load(path)


@pytest.mark.django_db
def test_the_archive_is_read_as_it_is_published(tmp_path: Path) -> None:
    make_country()
    both = {"v1_dash_ror_dash_data__json": [{"id": "x", "name": "old"}], "v1_dash_ror_dash_data_schema_v2__json": a_dozen(), "readme__csv": []}
    out, _err = load(write_zip(tmp_path / "both.zip", **both))
    assert "7 added" in out
    with pytest.raises(CommandError, match="2 JSON files"):
        load(write_zip(tmp_path / "two.zip", a__json=[], b__json=[]))


@pytest.mark.django_db
def test_a_file_that_ends_in_the_middle_says_so_and_the_whole_one_completes_it(dump: Path) -> None:
    load(dump)
    whole = everything()
    Institution.objects.all().delete()
    text = dump.read_text()
    cut = dump.with_name("cut.json")
    cut.write_text(text[: text.index(ror_id(4))])
    with pytest.raises(CommandError, match="damaged or cut off"):
        load(cut, batch=1)
    assert Institution.objects.count() == 3
    load(dump, again=True)
    assert everything() == whole


# --- Stopped and gone on with ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_second_process_with_the_same_file_stops_instead_of_loading_twice(dump: Path) -> None:
    one = actions.begin_ror_load(digest="d", file_name="f")
    other = actions.begin_ror_load(digest="d", file_name="f")
    actions.load_ror_entries(one, [], refused=1)
    with pytest.raises(actions.LoadedElsewhere):
        actions.load_ror_entries(other, [], refused=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.faults
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the test's own SQLite lives in memory, out of reach of another process")
def test_a_load_that_is_killed_goes_on_where_it_was_and_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    make_country("CN")
    records = [
        record(number, f"School {number}", (f"第{number}学院", "zh", "label"), country="CN", parents=[number - 1], domains=[f"s{number}.example"])
        for number in range(1, 1500)
    ]
    path = write_dump(tmp_path / "dump.json", records)
    target = connection.settings_dict
    environment = {**os.environ, "DATABASE_URL": f"postgres://{target['USER']}@/{target['HOST']}/{target['NAME']}", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "manage.py", "load_institutions", str(path), "--batch", "50"]
    reached = 0
    for _kill in range(2):
        before = RorLoad.objects.values_list("done", flat=True).first() or 0
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while (RorLoad.objects.values_list("done", flat=True).first() or 0) < before + 100 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        process.send_signal(signal.SIGKILL)
        process.communicate()
        reached = RorLoad.objects.get().done
        assert before < reached < 1499
        assert Institution.objects.count() == reached, "rows and the note of how far we are go together"
    out, _err = load(path)
    assert f"going on after {reached:,} organisations" in out
    assert "1,499 organisations: 1,499 added, 0 changed" in out
    resumed = everything()
    for model in (RorLoad, Institution):
        model.objects.all().delete()
    load(path)
    assert everything() == resumed


@pytest.mark.django_db
def test_the_file_is_streamed_and_every_batch_is_a_line_of_progress(dump: Path) -> None:
    out, _err = load(dump, batch=5)
    lines = [line for line in out.splitlines() if "organisations read" in line]
    assert [line.split()[0] for line in lines] == ["5", "10", "12"]
    assert "(100% of the file" in lines[-1]
    assert json.loads(dump.read_text())[0]["id"] == ror_id(1)
