"""The samples of an application: taken in and out, their masses, what others ask for, what is realistic, and what is done with each."""

import csv
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings as settings_of_project
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.tests.make import make_user
from applications.actions import MOST_LINES, count_demand, missing_parts, revise_application, withdraw_application
from applications.actions.counting import _count as count
from applications.actions.counting import _offset as offset_of
from applications.actions.counting import half_steps
from applications.models import Application, Demand
from applications.models.demand import Asked
from applications.picker import share_of
from applications.questions import asked_lines, line_name
from applications.tests.make import form_words, make_draft, make_submitted, the_draft
from applications.typical import CLASTS, DRILLED, SCOOPED, SECTIONS, Typical, typical_of
from institutions.actions import merge_institutions
from institutions.models import Institution
from institutions.tests.make import make_institution
from rounds.models import Round
from rounds.tests.make import close_round, make_round
from samples.models import Form, Sample
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db
CLAST, SECTION = "CE5C0000YJYX031", "CE5C0000YJFM001GP"
HOUR = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)


@pytest.fixture
def offer(client: Client) -> Application:
    """A draft that asks for 10 mg, in a round that offers powder, a scrap of powder, a clast and a section; its owner is signed in."""
    powder, scrap = make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0400", mass_ug=12_400)
    clast, section = make_sample(CLAST, form=Form.CLAST, mass_ug=9_900), make_sample(SECTION, form=Form.SECTION, mass_ug=20_500)
    make_sample("CE5C0800", mass_ug=50_000)  # not offered
    application = make_draft(make_round(powder, scrap, clast, section), lines=[(powder, 10_000)])
    client.force_login(application.owner)
    return application


def page_of(application: Application, part: str = "samples") -> str:
    return reverse("applications:edit", args=[application.reference, part])


def text(answer: Any) -> str:
    return " ".join(str(answer.content.decode()).split())


def post(client: Client, application: Application, **words: str) -> Any:
    """What a browser without script sends: everything on the page as it stands now, what is typed, and the button."""
    typed = {key.replace("__", "-"): value for key, value in words.items()}
    return client.post(page_of(application), form_words(application, "samples", **typed))


def typed_mass(client: Client, application: Application, mass: str, number: str = "CE5C0600") -> Any:
    return client.post(page_of(application), form_words(application, "samples", **{line_name(number, "mass"): mass, "save": "yes"}), follow=True)


def asked(application: Application) -> dict[str, int]:
    return {line.sample.number: line.mass_ug for line in the_draft(application).requests.all()}


def chosen(application: Application) -> list[str]:
    return [number for number, _place in asked_lines(the_draft(application).answers)]


# --- In and out -----------------------------------------------------------------------------------------------------------


def test_a_sample_is_added_without_script_and_nothing_typed_is_lost(client: Client, offer: Application) -> None:
    answer = post(client, offer, add="CE5C0400", q="CE5", line__CE5C0600__mass="12.5")
    where = urlsplit(answer.headers["Location"])
    assert (where.path, where.query, where.fragment) == (page_of(offer), "q=CE5", "line-CE5C0400")
    assert the_draft(offer).answers["line-CE5C0600-mass"] == "12.5"
    page = text(client.get(answer.headers["Location"].split("#")[0]))
    assert 'id="line-CE5C0400"' in page
    assert 'name="line-CE5C0400-mass"' in page
    assert asked(offer) == {"CE5C0600": 12_500}
    post(client, offer, save="yes", line__CE5C0400__mass="3.3")
    assert asked(offer) == {"CE5C0600": 12_500, "CE5C0400": 3_300}


def test_a_piece_is_asked_for_whole_with_no_field_for_its_mass(client: Client, offer: Application) -> None:
    post(client, offer, add=CLAST)
    page = text(client.get(page_of(offer)))
    assert "lent whole, 9.9 mg" in page
    assert f'name="line-{CLAST}-place"' in page
    assert f'name="line-{CLAST}-mass"' not in page
    assert asked(offer) == {"CE5C0600": 10_000, CLAST: 9_900}


def test_a_removed_sample_leaves_nothing_but_its_earlier_texts(client: Client, offer: Application) -> None:
    answer = post(client, offer, remove="CE5C0600", line__CE5C0600__mass="12.5")
    assert urlsplit(answer.headers["Location"]).fragment == "chosen"
    assert asked(offer) == {}
    assert not [name for name in the_draft(offer).answers if name.startswith("line-")]
    page = text(client.get(page_of(offer)))
    assert "CE5C0600 is not asked for any more." in page
    assert "None yet. Look for samples below and add them." in page
    earlier = text(client.get(reverse("applications:earlier", args=[offer.reference, "samples"])))
    assert "CE5C0600: Best amount" in earlier


def test_a_fall_back_has_its_order_and_comes_after_what_is_wanted(client: Client, offer: Application) -> None:
    for number in ("CE5C0400", CLAST):
        post(client, offer, add=number)
    post(client, offer, save="yes", **{"line__CE5C0600__place": "2", f"line__{CLAST}__place": "1", "line__CE5C0400__mass": "1"})
    assert chosen(offer) == ["CE5C0400", CLAST, "CE5C0600"]
    assert [line.fallback for line in the_draft(offer).requests.all()] == [0, 1, 2]
    assert "fall-back 2</option>" in text(client.get(page_of(offer)))


def test_two_samples_on_one_place_are_told_apart_at_the_field(client: Client, offer: Application) -> None:
    post(client, offer, add=CLAST)
    page = text(
        client.post(page_of(offer), form_words(offer, "samples", **{line_name(number, "place"): "1" for number in ("CE5C0600", CLAST)}), follow=True)
    )
    assert "Another sample is fall-back 1 as well: give each one its own place." in page
    assert "Ask for at least one sample." in [problem.text for problem in missing_parts(the_draft(offer))]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("CE5C0800", "CE5C0800 is not offered in this round."),
        ("CE5C9999", "CE5C9999 is not offered in this round."),
        ("x\x00'; DROP TABLE", "is not offered in this round."),
        ("", "is not offered in this round."),
    ],
)
def test_what_is_not_offered_cannot_be_added(client: Client, offer: Application, number: str, sentence: str) -> None:
    answer = post(client, offer, add=number, line__CE5C0600__mass="11")
    assert sentence in text(client.get(answer.headers["Location"].split("#")[0]))
    assert chosen(offer) == ["CE5C0600"]
    assert asked(offer) == {"CE5C0600": 11_000}


def test_of_what_is_gone_nothing_can_be_added(client: Client, offer: Application) -> None:
    Sample.objects.filter(number=CLAST).update(vault_ug=0, kept_ug=9_900)
    answer = post(client, offer, add=CLAST)
    assert f"Nothing of {CLAST} is left." in text(client.get(answer.headers["Location"].split("#")[0]))
    assert chosen(offer) == ["CE5C0600"]
    Sample.objects.filter(number=CLAST).update(vault_ug=9_900, kept_ug=0)


def test_an_application_names_at_most_thirty_samples(client: Client) -> None:
    samples = [make_sample(f"CE5C0{number:03d}", mass_ug=1_000) for number in range(100, 101 + MOST_LINES)]
    application = make_draft(make_round(*samples), lines=[(sample, 100) for sample in samples[:MOST_LINES]])
    client.force_login(application.owner)
    answer = post(client, application, add=samples[-1].number)
    assert "at most 30 samples" in text(client.get(answer.headers["Location"].split("#")[0]))
    assert len(chosen(application)) == MOST_LINES


def test_a_button_after_the_closing_changes_nothing(client: Client, offer: Application) -> None:
    words = form_words(offer, "samples", add="CE5C0400")
    close_round(offer.round)
    answer = client.post(page_of(offer), words)
    assert answer.status_code == 409
    assert "Not saved." in text(answer)
    assert chosen(offer) == ["CE5C0600"]


# --- Masses ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["15", "１５", " 15.0 mg", "15 mg", "15.0", "15毫克"])
def test_a_mass_is_understood_as_people_write_it(client: Client, offer: Application, typed: str) -> None:
    typed_mass(client, offer, typed)
    assert asked(offer) == {"CE5C0600": 15_000}
    assert "15 % of what is left" in text(client.get(page_of(offer)))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0", "more than 0 mg"),
        ("-1", "more than 0 mg"),
        ("lots", "is not a mass"),
        ("NaN", "is not a mass"),
        ("1e309", "is not a mass"),
        ("١٥", "is not a mass"),
        ("1,5", "Is the comma a decimal point or a thousands mark?"),
        ("0.00001", "smallest step is 0.1 mg"),
        ("999999999999999", "at most 2,000,000.0 mg"),
        ("100.1", "Only 100.0 mg of CE5C0600 are left."),
    ],
)
def test_a_mass_that_cannot_be_meant_is_kept_and_judged_at_its_field(client: Client, offer: Application, typed: str, sentence: str) -> None:
    page = text(typed_mass(client, offer, typed))
    error = re.search(r'id="id_line-CE5C0600-mass_error">(.*?)</div>', page)
    assert error, "the sentence stands at the field"
    assert sentence in error[1]
    assert '<a href="#id_line-CE5C0600-mass">CE5C0600 · Best amount: ' in page
    assert f'value="{typed}"' in page
    assert the_draft(offer).answers["line-CE5C0600-mass"] == typed
    assert any(sentence in problem.text for problem in missing_parts(the_draft(offer)))
    assert "<title>Error:" in page


def test_the_script_hears_what_is_wrong_against_the_stock(client: Client, offer: Application) -> None:
    words = form_words(offer, "samples", **{"line-CE5C0600-mass": "100.1", "line-CE5C0600-least": "200"})
    answer = client.post(page_of(offer), words, headers={"X-Autosave": "yes"}).json()
    assert answer["wrong"] == {
        "line-CE5C0600-mass": "Only 100.0 mg of CE5C0600 are left.",
        "line-CE5C0600-least": "CE5C0600: the smallest useful amount cannot be more than the best amount.",
    }


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (f"line-{CLAST}-mass", "5", f"{CLAST} is lent whole: it cannot be asked for in part."),
        ("line-CE5C0800-mass", "5", "CE5C0800 is not offered in this round."),
        ("line-CE5C9999-mass", "5", "CE5C9999 is not offered in this round."),
    ],
)
def test_what_the_page_does_not_offer_is_kept_and_refused_in_a_sentence(
    client: Client, offer: Application, name: str, value: str, sentence: str
) -> None:
    typed = {name: value, name.replace("-mass", "-place"): "wanted"}
    page = text(client.post(page_of(offer), form_words(offer, "samples") | typed, follow=True))
    assert f"{sentence}</p>" in page
    assert the_draft(offer).answers[name] == value
    assert f'name="{name}" value="{value}"' in page
    assert sentence in [problem.text for problem in missing_parts(the_draft(offer))]


def test_a_thousand_forged_lines_do_not_grow_the_form(client: Client, offer: Application) -> None:
    forged = {f"line-CE5C{number}-place": "wanted" for number in range(1000, 1900)}
    client.post(page_of(offer), form_words(offer, "samples") | forged)
    assert len(chosen(offer)) == MOST_LINES


# --- Several at one form --------------------------------------------------------------------------------------------------


def test_two_people_who_add_different_samples_at_once_get_both(client: Client, offer: Application) -> None:
    stale = form_words(offer, "samples")
    client.post(page_of(offer), stale | {"add": "CE5C0400"})
    client.post(page_of(offer), stale | {"add": CLAST, "line-CE5C0600-mass": "20"})
    assert chosen(offer) == [CLAST, "CE5C0400", "CE5C0600"]
    assert asked(offer) == {"CE5C0600": 20_000, CLAST: 9_900}


def test_two_people_who_add_the_same_sample_see_each_others_mass(client: Client, offer: Application) -> None:
    stale = form_words(offer, "samples")
    for _person in range(2):
        assert client.post(page_of(offer), stale | {"add": "CE5C0400"}).status_code == 302
    both = form_words(offer, "samples")
    assert client.post(page_of(offer), both | {"line-CE5C0400-mass": "3"}).status_code == 302
    answer = client.post(page_of(offer), both | {"line-CE5C0400-mass": "5"})
    assert answer.status_code == 409
    assert "Best amount</h2>" in text(answer)
    assert 'value="5"' in text(answer)
    assert the_draft(offer).answers["line-CE5C0400-mass"] == "3"
    assert the_draft(offer).savings.get(is_aside=True).answers == {"line-CE5C0400-mass": "5"}


def test_who_writes_about_a_sample_that_was_taken_out_meanwhile_is_told_and_can_bring_it_back(client: Client, offer: Application) -> None:
    post(client, offer, add="CE5C0400")
    stale = form_words(offer, "samples")
    post(client, offer, remove="CE5C0400")
    answer = client.post(page_of(offer), stale | {"line-CE5C0400-mass": "3"})
    assert answer.status_code == 409
    assert 'name="line-CE5C0400-mass" value="3"' in text(answer)
    bases = dict(re.findall(r'name="(base-line[^"]+)" value="([^"]*)"', text(answer)))
    client.post(page_of(offer), stale | bases | {"line-CE5C0400-mass": "3"})
    assert asked(offer) == {"CE5C0600": 10_000, "CE5C0400": 3_000}


def test_a_sample_somebody_else_has_written_about_is_not_removed_unseen(client: Client, offer: Application) -> None:
    stale = form_words(offer, "samples")
    revise_application(the_draft(offer), by=offer.owner, seen_revision=9, **{"line-CE5C0600-least": "5"})
    answer = client.post(page_of(offer), stale | {"remove": "CE5C0600"})
    assert "somebody else has written about it" in text(client.get(answer.headers["Location"].split("#")[0]))
    assert chosen(offer) == ["CE5C0600"]


# --- The search -----------------------------------------------------------------------------------------------------------


def found(answer: Any) -> list[str]:
    return [row.sample.number for row in answer.context["found"]]


def test_the_search_knows_number_form_and_what_is_left(client: Client, offer: Application) -> None:
    assert found(client.get(page_of(offer))) == [SECTION, CLAST, "CE5C0400", "CE5C0600"]
    assert found(client.get(page_of(offer) + "?q=0400")) == ["CE5C0400"]
    assert found(client.get(page_of(offer) + "?form=clast")) == [CLAST]
    assert found(client.get(page_of(offer) + "?q=0800")) == [], "not offered"
    assert "No sample of this round matches." in text(client.get(page_of(offer) + "?q=0800"))
    Sample.objects.filter(number=CLAST).update(vault_ug=0, kept_ug=9_900)
    assert CLAST not in found(client.get(page_of(offer)))
    assert found(client.get(page_of(offer) + "?form=clast&empty=on")) == [CLAST]
    Sample.objects.filter(number=CLAST).update(vault_ug=9_900, kept_ug=0)


def test_a_search_button_saves_what_was_typed_first(client: Client, offer: Application) -> None:
    answer = post(client, offer, search="yes", q="0400", form="powder", back="check", line__CE5C0600__mass="44")
    assert answer.headers["Location"] == f"{page_of(offer)}?q=0400&form=powder&back=check#find"
    assert the_draft(offer).answers["line-CE5C0600-mass"] == "44"


@pytest.mark.parametrize("query", ["form=lots", "after=x", "after=99999999999999999999", "empty=maybe", "form__in=1"])
def test_a_search_that_makes_no_sense_is_left_out(client: Client, offer: Application, query: str) -> None:
    assert client.get(page_of(offer) + f"?{query}").status_code == 200


def test_three_lines_cost_what_one_does_and_three_hundred_samples_come_in_pages(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    samples = [make_sample(f"CE5C0{number:03d}", mass_ug=100_000) for number in range(40)]
    round, owner = make_round(*samples), make_user()
    client.force_login(owner)
    few = make_draft(round, owner=owner, lines=[(samples[0], 1_000)])
    many = make_draft(round, owner=owner, lines=[(sample, 1_000) for sample in samples[:3]])
    client.get(page_of(few))
    for part in ("samples", "methods"):
        with CaptureQueriesContext(connection) as one:
            client.get(page_of(few, part))
        with django_assert_num_queries(len(one)):
            client.get(page_of(many, part))
        assert len(one) < 20
    first = client.get(page_of(few))
    assert len(found(first)) == 12
    answer = post(client, few, after=first.context["next_after"])
    second = client.get(answer.headers["Location"].split("#")[0])
    assert found(second)[0] == "CE5C0012"
    assert "From the beginning" in text(second)
    answer = client.post(answer.headers["Location"].split("#")[0], form_words(few, "samples", add="CE5C0013"))
    assert found(client.get(answer.headers["Location"].split("#")[0])) == found(second), "the list stays where it was"


# --- How much is asked for ------------------------------------------------------------------------------------------------


@pytest.fixture
def call() -> Round:
    """A round that offers 100 mg of one powder, at ten o'clock."""
    return make_round(make_sample("CE5C0600", mass_ug=100_000), opens_at=HOUR - timedelta(days=1), closes_at=HOUR + timedelta(days=10))


def ask_for(round: Round, *masses: int, institution: Institution | None = None) -> list[Application]:
    """Submitted applications for so many micrograms, each by another applicant of another institution unless one is named."""
    sample = round.samples.get()
    return [make_submitted(round, lines=[(sample, mass_ug)], institution=institution) for mass_ug in masses]


def steps(round: Round) -> int | None:
    demand = count_demand(round)
    assert demand is not None
    return demand.half_steps.get("CE5C0600")


def test_of_two_institutions_nothing_is_said_and_of_three_a_figure(client: Client, call: Round) -> None:
    with time_machine.travel(HOUR, tick=False) as clock:
        reader = make_draft(call)
        client.force_login(reader.owner)
        ask_for(call, 50_000, 50_000)
        for page in (client.get(page_of(reader)), client.get(page_of(reader) + "?q=CE5")):
            assert "few requests so far" in text(page)
            assert "requests for" not in text(page)
        ask_for(call, 50_000)
        clock.move_to(HOUR + timedelta(hours=1))
        assert steps(call) in (3, 4)
        client.force_login(reader.owner)
        assert re.search("requests for about (1.5|2) times what is left", text(client.get(page_of(reader))))


def test_the_figure_stays_within_the_hour_and_the_withdrawn_leave_with_the_next(call: Round) -> None:
    with time_machine.travel(HOUR, tick=False) as clock:
        first = ask_for(call, 100_000, 100_000, 100_000)
        assert steps(call) == 6
        clock.move_to(HOUR + timedelta(minutes=59))
        withdraw_application(first[0], by=first[0].owner)
        ask_for(call, 1_000)
        assert steps(call) == 6
        clock.move_to(HOUR + timedelta(hours=1))
        assert steps(call) in (4, 5)
        withdraw_application(first[1], by=first[1].owner)
        clock.move_to(HOUR + timedelta(hours=2))
        assert steps(call) is None, "two institutions are left"
        assert Demand.objects.count() == 1, "what was counted before is not kept"


def test_drafts_fall_backs_and_earlier_versions_are_not_counted(call: Round) -> None:
    with time_machine.travel(HOUR, tick=False):
        sample = call.samples.get()
        ask_for(call, 1_000, 1_000)
        make_draft(call, lines=[(sample, 100_000)])
        fallback = make_draft(call, lines=[(sample, 100_000)])
        revise_application(the_draft(fallback), by=fallback.owner, seen_revision=9, **{"line-CE5C0600-place": "1"})
        assert steps(call) is None


def test_merged_institutions_one_applicant_and_names_nobody_vouches_for_do_not_make_three(call: Round) -> None:
    with time_machine.travel(HOUR, tick=False) as clock:
        old, new = make_institution(), make_institution()
        ask_for(call, 40_000, institution=old)
        ask_for(call, 40_000, institution=new)
        merge_institutions(old, new, by=None)
        ask_for(call, 40_000)
        assert steps(call) is None
        clock.move_to(HOUR + timedelta(hours=1))
        ask_for(call, 40_000, institution=make_institution(is_verified=False))
        assert steps(call) is None
        same = make_user()
        for _time in range(2):
            make_submitted(call, lines=[(call.samples.get(), 40_000)], owner=same)
        clock.move_to(HOUR + timedelta(hours=2))
        assert steps(call) is not None


def test_one_applicant_under_three_institutions_learns_nothing(call: Round) -> None:
    with time_machine.travel(HOUR, tick=False):
        same = make_user()
        for _time in range(3):
            make_submitted(call, lines=[(call.samples.get(), 40_000)], owner=same)
        ask_for(call, 90_000)
        assert steps(call) is None


def test_the_closing_ends_the_figures_and_the_catalogue_never_has_them(client: Client, call: Round) -> None:
    with time_machine.travel(HOUR, tick=False) as clock:
        ask_for(call, 100_000, 100_000, 100_000)
        assert steps(call) == 6
        for address in (reverse("samples:list"), reverse("samples:sample", args=["CE5C0600"]), reverse("desk:round", args=[call.slug])):
            assert "requests for" not in text(client.get(address))
        clock.move_to(HOUR + timedelta(days=10))
        assert count_demand(call) is None


def test_counting_is_one_query_and_looking_again_one_more(call: Round, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with time_machine.travel(HOUR, tick=False) as clock:
        ask_for(call, 30_000, 30_000, 30_000)
        for later in range(2):
            clock.move_to(HOUR + timedelta(hours=later))
            with django_assert_num_queries(9):  # look, count, read the samples, store, forget the hour before; and four savepoints
                count_demand(call)
            with django_assert_num_queries(1):
                count_demand(call)
            ask_for(call, 30_000)


def test_of_two_that_count_at_once_the_first_ones_figures_stand(call: Round) -> None:
    with time_machine.travel(HOUR, tick=False):
        ask_for(call, 100_000, 100_000, 100_000)
        assert steps(call) == 6
        ask_for(call, 100_000)
        late = count(Demand(round=call, hour=HOUR))  # it had looked before the first one stored
        assert late.half_steps == {"CE5C0600": 6}
        assert Demand.objects.count() == 1


LEFT = 100_000
MASSES = st.integers(min_value=100, max_value=LEFT)
patiently = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(
    others=MASSES,
    change=st.integers(min_value=1, max_value=LEFT // 2 - 1),
    secret=st.integers(min_value=0, max_value=LEFT),
    own=st.lists(MASSES, min_size=1, max_size=20),
)
@patiently
def test_whatever_is_submitted_hour_by_hour_a_competitors_mass_stays_open_within_half_of_what_is_left(
    others: int, change: int, secret: int, own: list[int]
) -> None:
    """Whatever masses an applicant tries: what the others ask for, and that plus anything below a half step, can show the same figures."""
    offset = 2 * change + secret % (LEFT - 2 * change)
    assert [half_steps(others + mass, LEFT, offset) for mass in own] == [
        half_steps(others + change + mass, LEFT, offset - 2 * change) for mass in own
    ]


@given(asked_ug=st.integers(min_value=0, max_value=20 * LEFT), offset=st.integers(min_value=0, max_value=LEFT - 1))
@patiently
def test_a_figure_is_never_a_half_step_off(asked_ug: int, offset: int) -> None:
    assume(2 * asked_ug + offset < 7 * LEFT)
    assert abs(half_steps(asked_ug, LEFT, offset) * LEFT - 2 * asked_ug) < LEFT


def test_the_secret_of_the_steps_outlives_new_versions_and_changes_with_the_set_of_applications(call: Round, settings: Settings) -> None:
    row = Asked(sample=1, mass_ug=50_000, institutions=3, applicants=3, applications=3, keys=600)
    assert offset_of(call, row, LEFT) == offset_of(call, row._replace(mass_ug=70_000), LEFT), "trying again does not average it away"
    assert len({offset_of(call, row._replace(applications=4, keys=600 + key), LEFT) for key in range(20)}) > 10
    before = [offset_of(call, row._replace(sample=sample), LEFT) for sample in range(5)]
    settings.SECRET_KEY = "another one"
    assert before != [offset_of(call, row._replace(sample=sample), LEFT) for sample in range(5)]


# --- What is realistic ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "form", "typical"),
    [("CE5C0600", Form.POWDER, SCOOPED), ("CE5Z0107YJ", Form.POWDER, DRILLED), (CLAST, Form.CLAST, CLASTS), (SECTION, Form.SECTION, SECTIONS)],
)
def test_every_kind_of_sample_has_its_published_masses(number: str, form: Form, typical: Typical) -> None:
    assert typical_of(make_sample(number, form=form, mass_ug=None)) is typical
    assert 10 <= typical.x < typical.x + typical.width <= 230


def test_the_published_masses_are_those_of_the_public_list() -> None:
    """The pieces of data/samples.csv, line by line; of powder the list only has sums, so its figures stand in the domain notes alone."""
    for kind, typical in (("clast", CLASTS), ("polished section", SECTIONS)):
        with (settings_of_project.BASE_DIR / "data" / "samples.csv").open() as file:
            masses = [round(float(row["mass_mg"]) * 1000) for row in csv.DictReader(file) if row["type"] == kind and row["mass_mg"]]
        usual = [mass_ug for mass_ug in masses if mass_ug not in typical.once_ug]
        assert (min(usual), max(usual)) == (typical.least_ug, typical.most_ug)
        assert set(typical.once_ug) <= set(masses)


def test_a_request_above_everything_published_is_told_so_and_saved(client: Client) -> None:
    drilled = make_sample("CE5Z0107YJ", mass_ug=500_000)
    application = make_draft(make_round(drilled), lines=[(drilled, 300_000)])
    client.force_login(application.owner)
    sentence = '<p class="note warn above">This is more than any published lot of this kind.'
    assert sentence not in text(client.get(page_of(application)))
    typed_mass(client, application, "300.1", number="CE5Z0107YJ")
    assert sentence in text(client.get(page_of(application)))
    assert asked(application) == {"CE5Z0107YJ": 300_100}
    assert not [problem for problem in missing_parts(the_draft(application)) if problem.section == "samples"]


@pytest.mark.parametrize(
    ("mass_ug", "words", "width"),
    [
        (100, "less than 1 % of what is left", 1),
        (31_400, "31 % of what is left", 31),
        (99_900, "99 % of what is left", 99),
        (100_000, "100 %", 100),
        (100_100, "more than what is left", 100),
    ],
)
def test_the_share_of_what_is_left_is_never_rounded_up(mass_ug: int, words: str, width: int) -> None:
    share = share_of(mass_ug, 100_000)
    assert words in share.words
    assert "%%" not in share.words
    assert share.width == width


# --- What is done with each -----------------------------------------------------------------------------------------------


def test_the_methods_are_asked_for_each_sample_with_what_is_asked_of_it(client: Client, offer: Application) -> None:
    post(client, offer, add=CLAST)
    page = text(client.get(page_of(offer, "methods")))
    for words in ("Powder, asked for: 10.0 mg", "Clast, lent whole: 9.9 mg", 'name="line-CE5C0600-technique"', f'name="line-{CLAST}-loss_reason"'):
        assert words in page
    assert f'data-needed-if="line-{CLAST}-destructive=yes"' in page


def test_without_samples_the_methods_say_where_to_begin(client: Client, offer: Application) -> None:
    post(client, offer, remove="CE5C0600")
    assert "once you have chosen samples" in text(client.get(page_of(offer, "methods")))


@pytest.mark.parametrize(("number", "most"), [("CE5C0600", "10.0"), (CLAST, "9.9")])
def test_a_loss_is_at_most_what_is_asked_for(client: Client, offer: Application, number: str, most: str) -> None:
    post(client, offer, add=CLAST)
    typed = {line_name(number, "destructive"): "yes", line_name(number, "loss"): "10.1"}
    page = text(client.post(page_of(offer, "methods"), form_words(offer, "methods", **typed), follow=True))
    sentence = f"{number}: the loss cannot be more than the {most} mg asked for."
    assert sentence in page
    assert sentence in [problem.text for problem in missing_parts(the_draft(offer))]
    client.post(page_of(offer, "methods"), form_words(offer, "methods", **{line_name(number, "loss"): most}))
    assert sentence not in [problem.text for problem in missing_parts(the_draft(offer))]


def test_what_is_shown_is_not_asked_how_it_is_destroyed(client: Client) -> None:
    powder = make_sample("CE5C0600", mass_ug=100_000, purpose="public_welfare")
    application = make_draft(make_round(powder, kind="public_welfare", loan_months=2))
    client.force_login(application.owner)
    page = text(client.get(page_of(application, "methods")))
    assert "technique" not in page
    assert "destructive" not in page
    assert "once you have chosen samples" not in page
    assert 'name="line-CE5C0600-mass"' in text(client.get(page_of(application)))
