"""The figures of a round: frozen with the list, nothing small, nothing before the list is published."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from applications.actions import withdraw_application
from applications.models import Application
from institutions.models import Country
from institutions.tests.make import make_country, make_institution
from results.lines import proposal_for
from results.models import Figures, ResultList
from results.tests.make import make_announced, make_record, publish
from reviews.tests.make import announce, decide, make_cases
from reviews.workflow import Outcome
from rounds.models import Round
from rounds.tests.make import make_round
from samples.models import Sample
from samples.tests.make import make_mission, make_sample
from workflow.models import AppendOnly

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
Queries = Callable[..., Any]


def make_cases_of(round: Round, *wanted: tuple[str, int, int]) -> None:
    """For each country: how many apply, and how many of them are approved; the rest is declined; all is announced."""
    powder = round.samples.get()
    cases = []
    for code, count, _approved in wanted:
        institution = make_institution(name_en=f"Institute {code}", country=make_country(code))
        cases += [{"institution": institution, "lines": [(powder, 10_000)]} for _ in range(count)]
    outcomes = [outcome for _code, count, approved in wanted for outcome in [True] * approved + [False] * (count - approved)]
    handed_in = make_decided_each(round, cases, outcomes)
    assert len(handed_in) == len(outcomes)
    announce(round)


def make_decided_each(round: Round, cases: list[dict[str, Any]], outcomes: list[bool]) -> list[Application]:
    made = [make_cases_one(round, case) for case in cases]
    for application, is_approved in zip(made, outcomes, strict=True):
        decide(Application.objects.with_case().get(pk=application.pk), outcome=Outcome.APPROVED if is_approved else Outcome.DECLINED)
    return made


def make_cases_one(round: Round, case: dict[str, Any]) -> Application:
    Round.objects.filter(pk=round.pk).update(closes_at=round.corrections_close_at)
    round.refresh_from_db()
    (application,) = make_cases(1, round, **case)
    return application


@pytest.fixture
def round() -> Round:
    return make_round(make_sample("CE5C0600", mass_ug=1_000_000))


def handed_in(result_list: ResultList) -> dict[str, int | None]:
    return {row["code"]: row["handed_in"] for row in result_list.figures.content["countries"]}


def steps(result_list: ResultList) -> dict[str, int | None]:
    return {row["step"]: row["count"] for row in result_list.figures.content["funnel"]}


def test_large_enough_numbers_are_told(round: Round, client: Client) -> None:
    make_cases_of(round, ("FR", 6, 5), ("JP", 7, 2))
    result_list = publish(round)
    assert handed_in(result_list) == {"FR": 6, "JP": 7}
    assert steps(result_list) == {"handed_in": 13, "checked": 13, "reviewed": 0, "heard": 0, "approved": 7}
    (powder, together) = result_list.figures.content["forms"]
    assert powder == {"form": "powder", "offered": 1, "requests": 13, "asked_ug": 130_000, "approved": 7, "approved_ug": 70_000}
    assert together == powder | {"form": ""}
    page = client.get(f"/results/{round.slug}/transparency/").content.decode()
    assert "130.0\u00a0mg" in page
    assert "Not shown" not in page
    assert 'href="/results/' + round.slug + '/transparency/"' in client.get(f"/results/{round.slug}/").content.decode()


def test_small_countries_that_were_not_approved_are_not_even_named(round: Round, client: Client) -> None:
    make_cases_of(round, ("FR", 6, 5), ("PK", 1, 0), ("DE", 4, 0))
    result_list = publish(round)
    assert handed_in(result_list) == {"FR": 6, "others": 5}
    told = client.get(f"/results/{round.slug}/transparency/").content + client.get(f"/results/{round.slug}/transparency.json").content
    assert b"Pakistan" not in told
    assert b"PK" not in told


def test_a_small_number_cannot_be_worked_out_from_the_total(round: Round, client: Client) -> None:
    make_cases_of(round, ("FR", 7, 2), ("JP", 6, 1), ("PK", 2, 1))
    result_list = publish(round)
    assert steps(result_list)["handed_in"] is None or sum(count is None for count in handed_in(result_list).values()) >= 2
    assert handed_in(result_list)["PK"] is None
    assert "Not shown" in client.get(f"/results/{round.slug}/transparency/").content.decode()


def test_a_round_of_few_tells_only_what_the_list_says(round: Round) -> None:
    make_cases_of(round, ("FR", 2, 1), ("JP", 1, 1))
    result_list = publish(round)
    assert steps(result_list) == {"handed_in": None, "checked": None, "reviewed": 0, "heard": 0, "approved": 2}
    assert set(handed_in(result_list).values()) == {None}
    content = result_list.figures.content
    assert {row["requests"] for row in content["forms"]} == {row["asked_ug"] for row in content["forms"]} == {None}
    assert content["waiting"]["median_days_from_closing"] is None
    assert [row["approved_ug"] for row in content["countries"]] == [10_000, 10_000]


def test_a_correction_counts_nothing_again_that_the_list_does_not_name(round: Round) -> None:
    make_cases_of(round, ("FR", 6, 5), ("JP", 6, 1), ("PK", 5, 0))
    first = publish(round)
    gone = Application.objects.get(institution__country="JP", status="approved")
    withdraw_application(gone, by=gone.owner)
    Country.objects.filter(pk="FR").update(name_en="Renamed")
    second = publish(round, note="One withdrew.")
    assert handed_in(first) == handed_in(second)
    assert steps(second) == steps(first) | {"approved": 5}
    assert [row["approved"] for row in second.figures.content["countries"]] == [5, 0, 0]
    assert first.figures.content["countries"][1]["approved"] == 1


def test_the_figures_stay_as_they_are_whatever_happens_later(round: Round, client: Client) -> None:
    make_cases_of(round, ("FR", 6, 5))
    result_list = publish(round)
    before = [client.get(f"/results/{round.slug}/transparency{end}").content for end in (".csv", ".json")]
    gone = Application.objects.filter(status="approved").first()
    assert gone is not None
    withdraw_application(gone, by=gone.owner)
    assert [client.get(f"/results/{round.slug}/transparency{end}").content for end in (".csv", ".json")] == before
    with pytest.raises(AppendOnly):
        result_list.figures.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        Figures.objects.update(content={})


def test_before_the_list_is_published_there_is_nothing_and_none_for_the_public_record(round: Round, client: Client, tmp_path: Any) -> None:
    make_announced(round, {})
    make_record(tmp_path, "A,France,P,1,s")
    for slug in (round.slug, "record", "never-was"):
        for end in ("/", ".csv", ".json"):
            assert client.get(f"/results/{slug}/transparency{end}").status_code == 404
    assert b"transparency" not in client.get("/results/record/").content
    publish(round)
    assert client.get(f"/results/{round.slug}/transparency/").status_code == 200
    assert client.get(f"/results/{round.slug}/transparency/?version=2").status_code == 404


def test_what_is_decided_after_the_list_was_published_shows_nowhere(round: Round, client: Client) -> None:
    cases = make_cases(7, round)
    for case in cases[:6]:
        decide(case)
    decide(cases[6], outcome=Outcome.RESERVE)
    announce(round)
    publish(round)
    addresses = [f"/results/{round.slug}{end}" for end in ("/", ".csv", ".json", "/transparency/", "/transparency.csv", "/transparency.json")]
    addresses += ["/results/", "/results/feed.atom"]
    before = [TOKEN.sub(b"", client.get(address).content) for address in addresses]
    decide(Application.objects.with_case().get(pk=cases[6].pk))
    assert [TOKEN.sub(b"", client.get(address).content) for address in addresses] == before


def test_page_csv_and_json_say_the_same_and_the_json_keeps_to_its_schema(round: Round, client: Client) -> None:
    make_cases_of(round, ("FR", 6, 5), ("JP", 7, 2))
    publish(round)
    answer = client.get(f"/results/{round.slug}/transparency.json")
    content = json.loads(answer.content)
    schema = json.loads(client.get("/results/schema.json").content)
    jsonschema.Draft202012Validator(schema).validate(content)
    table = list(csv.DictReader(io.StringIO(client.get(f"/results/{round.slug}/transparency.csv").content.decode("utf-8-sig"))))
    from_csv = {row["row"]: row["value"] for row in table if row["table"] == "countries" and row["measure"] == "handed_in"}
    assert from_csv == {row["code"]: str(row["handed_in"]) for row in content["countries"]}
    page = client.get(f"/results/{round.slug}/transparency/").content.decode()
    for row in content["countries"]:
        assert row["name_en"] in page


def test_the_page_needs_the_same_queries_for_one_row_and_for_three(client: Client, django_assert_num_queries: Queries) -> None:
    make_mission()
    for place, codes in enumerate((("FR",), ("FR", "JP", "DE"))):
        round = make_round(make_sample(f"CE5C0{place + 6}00", mass_ug=1_000_000))
        make_cases_of(round, *((code, 1, 1) for code in codes))
        publish(round)
        with django_assert_num_queries(1):
            client.get(f"/results/{round.slug}/transparency/")


def test_proposal_and_figures_name_the_same_approved_ones(round: Round) -> None:
    make_cases_of(round, ("FR", 6, 5), ("JP", 7, 2))
    proposal = proposal_for(round)
    assert proposal.approved_by_country == {"FR": 5, "JP": 2}
    assert proposal.mass_by_form() == {"powder": 70_000}
    assert Sample.objects.get(number="CE5C0600").held_ug == 70_000
