"""The page of one sample, and what the office sees on it."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Role
from accounts.tests.make import make_user
from samples.actions import correct_stock, earmark, hold_earmarked, release_holds
from samples.models import Movement, Purpose
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db

A = "LSA-2026-00001"


@pytest.fixture(autouse=True)
def demonstration(settings: object) -> None:
    settings.PORTAL_DEMO = True  # type: ignore[attr-defined]  # no second factor in between


def page(client: Client, number: str) -> str:
    answer = client.get(f"/samples/{number}/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\u00a0", " ")


def test_the_number_is_explained_part_by_part(client: Client) -> None:
    make_sample("CE5C0800YJYX132GP", mass_ug=56_000)
    text = page(client, "CE5C0800YJYX132GP")
    assert "08 Container Storage bottle 8 our reading" in text
    assert "GP Preparation Polished section, set in resin (光片) confirmed" in text
    assert "Not divisible: lent whole, to one borrower at a time" in text


def test_parent_and_daughters_are_linked_and_their_masses_never_added(client: Client) -> None:
    make_sample("CE5C0400", mass_ug=7_700_000)
    make_sample("CE5C0400YJFM00901", mass_ug=500_000)
    pool = page(client, "CE5C0400")
    assert "7,700.0 mg left" in pool or "left 7,700.0 mg" in pool
    assert "8,200" not in pool
    assert "CE5C0400YJFM00901 Powder Left 500.0 mg" in pool
    assert "Taken from CE5C0400" in page(client, "CE5C0400YJFM00901")


def test_a_number_that_fits_no_pattern_is_shown_without_an_explanation(client: Client) -> None:
    make_sample("CE5C0800BP1", mass_ug=1_000)
    assert "does not fit the known pattern" in page(client, "CE5C0800BP1")


def test_purpose_source_and_note_are_shown_and_a_sealed_sample_is_called_so(client: Client) -> None:
    make_sample("CE5C1000", purpose=Purpose.PERMANENT, source="A notice of 2021", note_en="Never opened")
    text = page(client, "CE5C1000")
    assert "Purpose (Art. 10) Permanent storage" in text
    assert "A notice of 2021" in text
    assert "Never opened" in text
    assert "Sealed" in text


def test_an_address_in_small_letters_opens_and_an_unknown_or_impossible_one_is_not_found(client: Client) -> None:
    make_sample("CE5C0600")
    assert client.get("/samples/ce5c0600/").status_code == 200
    for path in ("/samples/CE5C0601/", "/samples/<script>/", "/samples/" + "A" * 500 + "/"):
        assert client.get(path).status_code == 404


def test_text_of_a_sample_is_never_markup(client: Client) -> None:
    make_sample("CE5C0600", source="<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get("/samples/CE5C0600/").content.decode()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER])
def test_who_decides_and_announces_sees_earmarks_and_every_movement(client: Client, role: Role) -> None:
    sample = make_sample("CE5C0600", mass_ug=100_000)
    earmark(sample, A, 30_000, by=make_user(full_name="Officer One"))
    client.force_login(make_user(None, role))
    text = page(client, "CE5C0600")
    assert "Free to promise 70.0 mg" in text
    assert "Set aside by recorded decisions 30.0 mg" in text
    assert "In the vault Set aside 30.0 mg Officer One" in text.replace("  ", " ")
    assert A not in text  # whose it is stands in the case, behind its own conflicts


def test_a_curator_sees_stock_movements_and_nothing_that_betrays_a_decision(client: Client) -> None:
    sample = make_sample("CE5C0600", mass_ug=100_000)
    correct_stock(sample, -1_000, reason="weighed again", by=None)
    earmark(sample, A, 30_000, by=None)
    hold_earmarked(A, by=None)
    release_holds(A, reason="withdrawn", by=None)
    client.force_login(make_user(None, Role.CURATOR))
    text = page(client, "CE5C0600")
    assert "weighed again" in text
    assert "made for a test" in text
    assert "withdrawn" not in text
    assert "Set aside" not in text
    assert "Free to promise" not in text


@pytest.mark.parametrize("roles", [(), (Role.EXPERT,), (Role.ADMINISTRATOR,)])
def test_nobody_else_sees_movements_or_office_figures(client: Client, roles: tuple[Role, ...]) -> None:
    sample = make_sample("CE5C0600", mass_ug=100_000)
    earmark(sample, A, 30_000, by=None)
    client.force_login(make_user(None, *roles))
    text = page(client, "CE5C0600")
    assert "Movements" not in text
    assert "Free to promise" not in text
    assert "70.0 mg" not in text


def test_a_long_ledger_is_read_page_by_page(client: Client) -> None:
    sample = make_sample("CE5C0600", mass_ug=100_000)
    for step in range(55):
        correct_stock(sample, 100, reason=f"step {step}.", by=None)
    client.force_login(make_user(None, Role.CURATOR))
    first = client.get("/samples/CE5C0600/").content.decode()
    following = re.search(r'href="(\?after=\d+)', first)
    assert following is not None
    assert "step 54." in first
    assert "step 4." not in first
    assert "step 4." in client.get(f"/samples/CE5C0600/{following[1]}").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_two_questions_and_the_office_five(client: Client, django_assert_num_queries: Callable[[int], object], count: int) -> None:
    sample = make_sample("CE5C0400", mass_ug=100_000)
    for number in ("CE5C0400YJFM00901", "CE5C0400YJFM00902", "CE5C0400YJFM00903")[:count]:
        make_sample(number, mass_ug=500)
        correct_stock(sample, 100, reason="step", by=make_user())
    client.get("/samples/CE5C0400/")
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        client.get("/samples/CE5C0400/")
    client.force_login(make_user(None, Role.OFFICER))
    with django_assert_num_queries(5):  # type: ignore[attr-defined]  # session, person with roles; sample, daughters, movements
        client.get("/samples/CE5C0400/")
    assert Movement.objects.count() == 1 + 2 * count
