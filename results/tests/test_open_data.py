"""What programs read: JSON that keeps to its schema, and the feed."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from django.test import Client
from django.utils.translation import override

from applications.actions import withdraw_application
from applications.models import Application
from results.tests.make import make_announced, make_record, publish
from rounds.actions import SlugTaken
from rounds.models import Round
from rounds.tests.make import make_round
from samples.tests.make import make_mission, make_sample

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom", "h": "http://www.w3.org/1999/xhtml"}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(autouse=True)
def _mission() -> None:
    make_mission()


@pytest.fixture
def round() -> Round:
    return make_round(make_sample("CE5C0600", mass_ug=100_000))


def schema_of(client: Client) -> jsonschema.Draft202012Validator:
    schema = json.loads(client.get("/results/schema.json").content)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def test_lists_of_both_kinds_keep_to_the_schema_and_name_it(client: Client, round: Round, tmp_path: Path) -> None:
    make_announced(round, {})
    publish(round)
    make_record(tmp_path, "A,France,P,1.5,s", "B,,P,,", stated_total_ug=2_000_000)
    validator = schema_of(client)
    for slug in (round.slug, "record"):
        answer = client.get(f"/results/{slug}.json")
        content = json.loads(answer.content)
        validator.validate(content)
        assert content["$schema"] == "http://127.0.0.1:8000/results/schema.json#/$defs/list"
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Link"] == '<http://127.0.0.1:8000/results/schema.json>; rel="describedby"; type="application/schema+json"'
    assert client.get("/results/schema.json").headers["Content-Type"] == "application/schema+json"


@pytest.mark.parametrize(("name", "value"), [("mass_ug", "0"), ("mass_mg", 1.5), ("mass_ug", -1), ("country_code", "fr")])
def test_a_file_that_says_something_else_is_found_out(client: Client, tmp_path: Path, name: str, value: object) -> None:
    make_record(tmp_path, "A,France,P,1.5,s")
    content = json.loads(client.get("/results/record.json").content)
    content["rows"][0][name] = value
    with pytest.raises(jsonschema.ValidationError):
        schema_of(client).validate(content)


def test_no_round_takes_the_address_of_the_schema(tmp_path: Path) -> None:
    with pytest.raises(SlugTaken):
        make_round(slug="schema")


def entries(client: Client) -> list[ET.Element]:
    answer = client.get("/results/feed.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(answer.content).findall("a:entry", ATOM)


def said(entry: ET.Element, path: str) -> str:
    return entry.findtext(path, "", ATOM)


def test_each_version_is_an_entry_that_keeps_its_identity(client: Client, round: Round) -> None:
    assert entries(client) == []
    _first, second = make_announced(round, {}, {})
    publish(round)
    (before,) = entries(client)
    withdraw_application(Application.objects.get(pk=second.pk), by=second.owner)
    publish(round, note="One <withdrew>.")
    newest, oldest = entries(client)
    assert said(oldest, "a:id") == said(before, "a:id") != said(newest, "a:id")
    assert said(newest, "a:id").startswith("urn:uuid:")
    assert ET.tostring(oldest) == ET.tostring(before)
    links = {link.get("type"): link.get("href") for link in newest.findall("a:link", ATOM)}
    assert links["text/csv"] == f"http://127.0.0.1:8000/results/{round.slug}.csv?version=2"
    with override("en"):
        assert "One <withdrew>." in "".join(newest.itertext())


def test_an_entry_speaks_both_languages_whatever_the_reader_asks_for(client: Client, round: Round) -> None:
    make_announced(round, {})
    publish(round)
    english = client.get("/results/feed.atom").content
    client.cookies["django_language"] = "zh-hans"
    assert client.get("/results/feed.atom").content == english
    (entry,) = entries(client)
    assert round.title_en in said(entry, "a:title")
    assert round.title_zh in said(entry, "a:title")
    languages = [part.get(XML_LANG) for part in entry.findall("a:content/h:div/h:div", ATOM)]
    assert languages == ["en", "zh-Hans"]


def test_the_feed_is_not_sent_twice_and_says_when_it_changed(client: Client, round: Round) -> None:
    empty = client.get("/results/feed.atom")
    assert client.get("/results/feed.atom", headers={"if-none-match": empty.headers["ETag"]}).status_code == 304
    make_announced(round, {})
    publish(round)
    first = client.get("/results/feed.atom", headers={"if-none-match": empty.headers["ETag"]})
    assert first.status_code == 200
    assert client.get("/results/feed.atom", headers={"if-modified-since": first.headers["Last-Modified"]}).status_code == 304


def test_the_feed_needs_the_same_queries_for_one_entry_and_for_three(client: Client, tmp_path: Path, django_assert_num_queries: object) -> None:
    make_record(tmp_path, "A,France,P,1,s", slug="one")
    with django_assert_num_queries(1):  # type: ignore[operator]
        client.get("/results/feed.atom")
    make_record(tmp_path, "A,France,P,2,s", slug="one")
    make_record(tmp_path, "A,France,P,,s", slug="two")
    with django_assert_num_queries(1):  # type: ignore[operator]
        client.get("/results/feed.atom")


def test_a_correction_says_row_by_row_what_it_changed(client: Client, tmp_path: Path) -> None:
    make_record(tmp_path, "A,France,P,1,s", "B,Japan,Q,2,s", stated_total_ug=3_000)
    make_record(tmp_path, "A,France,P,1,s", "C,Japan,Q,,s", stated_total_ug=4_000)
    page = client.get("/results/record/").content.decode()
    assert page.index("The list in version 2") < page.index('id="changes"')  # the list itself comes first
    changes = page.partition('id="changes"')[2].partition("</section>")[0]
    assert "What changed against version 1" in changes
    assert [word for word in ("added", "left out") if word in changes] == ["added", "left out"]
    assert "<del>3.0\u00a0mg</del>" in changes
    assert "<ins>4.0\u00a0mg</ins>" in changes
    assert ">A<" not in changes
    assert 'id="changes"' not in client.get("/results/record/?version=1").content.decode()
