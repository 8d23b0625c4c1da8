"""The published lists as everybody reads them, and the administrator's preview."""

import csv
import html
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import Role, User
from accounts.tests.make import make_user, prove_again
from applications.actions import withdraw_application
from applications.models import Application
from institutions.tests.make import make_country, make_institution
from results.actions import ListHead, load_batches, load_results
from results.lines import proposal_for
from results.models import ResultList
from results.tables import COLUMNS, plain_mg
from results.tests.make import make_announced, make_decided, make_record, publish
from reviews.actions import retract_decision
from reviews.tests.make import decide
from rounds.models import Round
from rounds.tests.make import make_round
from samples.tests.make import make_mission, make_sample
from workflow.spreadsheets import neutral

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[2] / "data"
Queries = Callable[..., Any]


@pytest.fixture(autouse=True)
def _mission() -> None:
    make_mission()


@pytest.fixture
def record() -> ResultList:
    head = ListHead("2023", "First round", "首次国际申请", stated_total_ug=2_180_000, source="https://a.org/x ; total: https://b.org/y")
    result_list = load_results(DATA / "approved_2025.csv", head)
    assert result_list is not None
    return result_list


@pytest.fixture
def round() -> Round:
    return make_round(make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0400", mass_ug=100_000))


def cells_of(page: str) -> list[str]:
    """The words of every cell of the page's table body."""
    body = page[page.index("<tbody") : page.index("</table>")]
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", body, re.DOTALL)]


def without_tokens(page: bytes, slug: str) -> str:
    """A page without what differs at each request: the forms' tokens and its own address."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.decode()).replace(slug, "")


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_page_csv_and_json_say_the_same(client: Client, record: ResultList) -> None:
    page = client.get("/results/2023/").content.decode()
    table = read_csv(client.get("/results/2023.csv").content)
    content = json.loads(client.get("/results/2023.json").content)
    assert tuple(table[0]) == COLUMNS
    assert len(table) == len(content["rows"]) == 7
    for from_csv, from_json in zip(table, content["rows"], strict=True):
        assert from_csv == {"round": "2023", "version": "1"} | {name: "" if value is None else str(value) for name, value in from_json.items()}
    cells = [re.sub(r" (hkcd\.com|\().*", "", cell) for cell in cells_of(page)]
    expected = []
    country = None
    for row in content["rows"]:
        if row["country_en"] != country:
            expected.append(country := row["country_en"])
        mass = f"{row['mass_mg']}\u00a0mg" if row["mass_mg"] else "not published"
        expected += [re.sub(r" \(.*", "", row["institution_en"]), re.sub(r" \(.*", "", row["pi"]) or "not published", mass.replace("\u00a0", " ")]
    assert cells == expected
    assert content["known_total_mg"] == "60.0"
    assert content["stated_total_ug"] == 2_180_000
    assert content["rows_without_mass"] == 6
    assert "60.0\u00a0mg" in page
    assert "2,180.0\u00a0mg" in page


def test_the_keys_of_the_json_are_a_promise(client: Client, record: ResultList) -> None:
    content = json.loads(client.get("/results/2023.json").content)
    assert list(content) == [
        "$schema", "schema_version", "round", "version", "is_current", "announced_on", "published_at", "note_en", "note_zh", "source",
        "stated_total_mg", "stated_total_ug", "known_total_mg", "known_total_ug", "rows_without_mass", "rows",
    ]  # fmt: skip
    assert content["schema_version"] == 1
    assert list(content["rows"][0]) == list(COLUMNS[2:])
    assert content["round"]["title_zh"] == "首次国际申请"


def test_a_blank_mass_is_not_published_and_never_nothing(client: Client, record: ResultList) -> None:
    page = client.get("/results/2023/").content.decode()
    rows = page[page.index("<tbody") : page.index("</table>")]
    assert rows.count(">not published<") == 6 + 2, "six masses and two responsible users"
    totals = page[page.index('id="totals"') : page.index('id="by-country-caption"')]
    assert totals.count(">not published<") == 5, "five of six countries"
    assert "and 6 rows not published" in totals
    assert "0.0\u00a0mg" not in page.replace("60.0\u00a0mg", "").replace("2,180.0\u00a0mg", "")
    assert [row["mass_mg"] for row in read_csv(client.get("/results/2023.csv").content)].count("") == 6


def test_sources_are_links_that_say_nothing_of_where_the_reader_came_from(client: Client, record: ResultList) -> None:
    page = client.get("/results/2023/").content.decode()
    assert '<a href="https://hkcd.com/hkcdweb/content/2025/04/24/content_8691763.html" rel="noreferrer nofollow">hkcd.com</a>' in page
    assert "delivered amount not confirmed" in page


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", " =1", "\u3000=1", "−1"])
def test_a_cell_that_would_begin_a_formula_is_neutralised(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


def test_plain_words_and_masses_stay_as_they_are(client: Client, tmp_path: Path) -> None:
    assert [neutral(cell) for cell in ("A-B", "a=b", "", "北京大学", "1,5")] == ["A-B", "a=b", "", "北京大学", "1,5"]
    make_record(tmp_path, "=cmd|' /C calc'!A0,France,+49 P,1234.5,@s")
    row = read_csv(client.get("/results/record.csv").content)[0]
    assert (row["institution_en"], row["pi"], row["mass_mg"], row["mass_ug"]) == ("'=cmd|' /C calc'!A0", "'+49 P", "1234.5", "1234500")
    assert json.loads(client.get("/results/record.json").content)["rows"][0]["institution_en"] == "=cmd|' /C calc'!A0"


@pytest.mark.parametrize(("mass_ug", "text"), [(None, None), (100, "0.1"), (60_000, "60.0"), (12_345_600, "12345.6")])
def test_milligrams_in_files_have_one_decimal_and_no_thousands_mark(mass_ug: int | None, text: str | None) -> None:
    assert plain_mg(mass_ug) == text


def test_what_was_written_is_never_markup(client: Client, tmp_path: Path) -> None:
    make_record(tmp_path, "<script>alert(1)</script>,France,<b>P</b>,1,javascript:alert(1)", source="<i>x</i>")
    page = client.get("/results/record/").content.decode()
    assert "<script>alert" not in page
    assert "<b>P" not in page
    assert 'href="javascript' not in page


def test_an_unpublished_round_is_not_there_like_one_that_never_was(client: Client, round: Round) -> None:
    make_announced(round, {})
    for path in ("{}/", "{}.csv", "{}.json", "{}/?version=1"):
        unpublished = client.get(f"/results/{path.format(round.slug)}")
        unknown = client.get(f"/results/{path.format('never-was')}")
        assert unpublished.status_code == unknown.status_code == 404
        assert without_tokens(unpublished.content, round.slug) == without_tokens(unknown.content, "never-was")
    assert round.title_en not in client.get("/results/").content.decode()


@pytest.mark.parametrize("version", ["0", "3", "-1", "1.0", "x", "²", "99999999999", "01x"])
def test_a_version_that_is_not_there_is_not_found(client: Client, record: ResultList, version: str) -> None:
    for path in ("/results/2023/", "/results/2023.csv", "/results/2023.json"):
        assert client.get(path, {"version": version}).status_code == 404


def test_older_versions_stay_readable_and_say_so(client: Client, tmp_path: Path) -> None:
    make_record(tmp_path, "A,France,P,1,s")
    make_record(tmp_path, "B,France,P,1,s")
    newest, older = client.get("/results/record/").content.decode(), client.get("/results/record/?version=1").content.decode()
    assert "It was replaced by version 2" not in newest
    assert "This is version 1. It was replaced by version 2." in older
    assert "/results/record.csv?version=1" in older
    assert (
        json.loads(client.get("/results/record.json").content)["version"],
        json.loads(client.get("/results/record.json?version=1").content)["version"],
    ) == (2, 1)


@pytest.mark.parametrize("path", ["/results/", "/results/2023/", "/results/2023.csv", "/results/2023.json"])
def test_an_unchanged_answer_is_not_sent_twice_and_a_new_version_is_sent_at_once(
    client: Client, record: ResultList, path: str, tmp_path: Path
) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    assert "no-cache" in first.headers["Cache-Control"]
    again = client.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag
    make_record(tmp_path, "A,France,P,1,s", slug="2023")
    changed = client.get(path, headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_files_say_when_they_changed_and_how_they_are_called(client: Client, record: ResultList) -> None:
    table = client.get("/results/2023.csv")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.headers["Content-Disposition"] == 'attachment; filename="2023-v1.csv"'
    assert table.content.startswith(b"\xef\xbb\xbfround,")
    assert client.get("/results/2023.csv", headers={"if-modified-since": table.headers["Last-Modified"]}).status_code == 304
    assert client.get("/results/2023.json").headers["Content-Type"] == "application/json"


def test_the_public_record_and_this_portal_are_told_apart(client: Client, record: ResultList, round: Round) -> None:
    make_announced(round, {})
    publish(round)
    page = client.get("/results/").content.decode()
    assert page.index(round.title_en) < page.index("First round"), "the newest first"
    assert page.count("> Public record<") + page.count(">Public record<") == 1
    assert page.count(">This portal<") == 1
    assert "Public record: this round was held before" in client.get("/results/2023/").content.decode()
    assert "Public record: this round" not in client.get(f"/results/{round.slug}/").content.decode()


def test_domestic_rounds_are_shown_with_marks_and_sources(client: Client) -> None:
    load_batches(DATA / "domestic_batches.csv")
    page = client.get("/results/").content.decode()
    assert "17,476.4\u00a0mg" in page
    assert page.count("not published") == 3
    assert "Some figures stand in the sources named" in page
    assert "Rounds 1 to 4 together" in page
    with override("zh-hans"):
        client.cookies["django_language"] = "zh-hans"
        assert "嫦娥五号 + 嫦娥六号" in client.get("/results/").content.decode()


def test_an_organisation_and_a_sample_of_the_catalogue_are_shown_as_such(client: Client, round: Round) -> None:
    organisation = make_institution(name_en="Asia-Pacific Space Cooperation Organization", kind="organisation")
    make_announced(round, {"institution": organisation})
    publish(round)
    page = client.get(f"/results/{round.slug}/").content.decode()
    assert "International organisation" in page
    assert 'href="/samples/CE5C0400/"' in page


def test_pages_need_the_same_queries_for_one_row_and_for_three(client: Client, tmp_path: Path, django_assert_num_queries: Queries) -> None:
    make_record(tmp_path, "A,France,P,1,s", slug="one")
    with django_assert_num_queries(3):
        client.get("/results/")
    make_record(tmp_path, "A,France,P,1,s", "B,Japan,P,,s", "C,,P,3,s", slug="three")
    make_record(tmp_path, "A,France,P,2,s", slug="two")
    load_batches(DATA / "domestic_batches.csv")
    with django_assert_num_queries(3):
        client.get("/results/")
    for slug in ("one", "three"):
        with django_assert_num_queries(2):
            client.get(f"/results/{slug}/")
        for kind in ("csv", "json"):
            with django_assert_num_queries(2):
                client.get(f"/results/{slug}.{kind}")


# --- The administrator's preview ------------------------------------------------------------------------------------------


def office(round: Round) -> str:
    return f"/rounds/{round.slug}/office/results/"


def sign_in_administrator(client: Client) -> None:
    administrator = make_user(None, Role.ADMINISTRATOR)
    client.force_login(administrator)
    prove_again(client, administrator)


def test_publishing_is_for_administrators_who_recorded_no_decision(client: Client, round: Round) -> None:
    assert client.get(office(round)).status_code == 302
    for role in (Role.OFFICER, Role.APPROVER, Role.EXPERT, Role.CURATOR):
        client.force_login(make_user(None, role))
        assert client.get(office(round)).status_code == 403
        assert client.post(office(round), {"digest": "x"}).status_code == 403
    client.force_login(make_user())
    assert client.get(office(round)).status_code == 403
    both = make_user(None, Role.OFFICER, Role.ADMINISTRATOR)
    client.force_login(both)
    assert client.get(office(round)).status_code == 200
    (application,) = make_decided(round, {})
    decide_by(both, application)
    assert client.get(office(round)).status_code == 403
    assert client.get("/rounds/never-was/office/results/").status_code == 404


def decide_by(officer: User, application: Application) -> None:
    decision = application.decisions.select_related("application").get()
    retract_decision(decision, by=officer, note="again")
    decide(Application.objects.with_case().get(pk=application.pk), officer=officer)


def test_a_round_of_the_public_record_is_not_published_here(client: Client, record: ResultList) -> None:
    sign_in_administrator(client)
    assert client.get("/rounds/2023/office/results/").status_code == 404


def test_the_administrator_previews_publishes_and_corrects(client: Client, round: Round) -> None:
    institutions = [make_institution(name_en=name, country=make_country("FR")) for name in ("Alpha", "Beta")]
    _first, second = make_announced(round, *({"institution": institution} for institution in institutions))
    sign_in_administrator(client)
    page = client.get(office(round)).content.decode()
    assert "Publish version 1" in page
    assert "Against the last version" not in page
    digest = proposal_for(round).digest
    assert f'name="digest" value="{digest}"' in page
    response = client.post(office(round), {"digest": digest, "note_en": "", "note_zh": ""})
    assert response.headers["Location"] == f"/results/{round.slug}/"
    assert "says exactly this" in client.get(office(round)).content.decode()

    withdraw_application(Application.objects.get(pk=second.pk), by=second.owner)
    page = client.get(office(round)).content.decode()
    assert "left out" in page
    assert "the same" in page
    stale = client.post(office(round), {"digest": digest, "note_en": "One left.", "note_zh": "一份撤回。"})
    assert stale.status_code == 422
    assert "The list has changed since you opened this page" in stale.content.decode()
    assert "One left." in stale.content.decode(), "nothing typed is lost"
    digest = proposal_for(round).digest
    bare = client.post(office(round), {"digest": digest, "note_en": "One left.", "note_zh": " "})
    assert bare.status_code == 422
    assert client.post(office(round), {"digest": digest, "note_en": "One left.", "note_zh": "一份撤回。"}).status_code == 302
    assert "One left." in client.get(f"/results/{round.slug}/").content.decode()
    assert ResultList.objects.count() == 2


def test_while_a_decision_waits_the_page_and_the_button_say_so_in_the_same_words(client: Client, round: Round) -> None:
    make_decided(round, {})
    sign_in_administrator(client)
    words = "not every decision of this round has been announced"
    page = client.get(office(round)).content.decode()
    assert words in page
    assert "Publish version" not in page
    refused = client.post(office(round), {"digest": "anything"})
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert not ResultList.objects.exists()


def test_the_preview_needs_the_same_queries_for_one_row_and_for_three(client: Client, django_assert_num_queries: Queries) -> None:
    one, three = make_round(make_sample("CE5C0600", mass_ug=100_000)), make_round(make_sample("CE5C0800", mass_ug=100_000))
    make_announced(one, {})
    make_announced(three, {}, {}, {})
    publish(one)
    publish(three)
    sign_in_administrator(client)
    for round in (one, three):
        client.get(office(round))
        with django_assert_num_queries(11):
            client.get(office(round))
