"""The curator takes mass in and corrects it, always with a reason."""

import re
import uuid

import pytest
from django.test import Client

from accounts.models import Role
from accounts.tests.make import make_user
from samples.actions import earmark
from samples.models import Sample
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db

PATH = "/samples/CE5C0600/stock/"


@pytest.fixture(autouse=True)
def demonstration(settings: object) -> None:
    settings.PORTAL_DEMO = True  # type: ignore[attr-defined]  # no second factor in between


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(make_user(None, Role.CURATOR, full_name="Curator One"))
    return client


def words(**fields: str) -> dict[str, str]:
    return {"kind": "intake", "mass": "12.4", "reason": "Delivered", "key": str(uuid.uuid4()), **fields}


def test_a_curator_takes_mass_in(curator: Client) -> None:
    sample = make_sample(mass_ug=None)
    answer = curator.post(PATH, words(mass="１２．４ mg"), follow=True)
    assert answer.redirect_chain == [("/samples/CE5C0600/", 302)]
    assert "The stock of CE5C0600 is changed." in answer.content.decode()
    sample.refresh_from_db()
    assert (sample.left_ug, sample.is_mass_known) == (12_400, True)
    movement = sample.movements.get()
    assert (movement.reason, movement.by and movement.by.full_name) == ("Delivered", "Curator One")


@pytest.mark.parametrize(("kind", "left_ug"), [("more", 112_400), ("less", 87_600)])
def test_a_curator_corrects_in_both_directions(curator: Client, kind: str, left_ug: int) -> None:
    sample = make_sample(mass_ug=100_000)
    curator.post(PATH, words(kind=kind))
    sample.refresh_from_db()
    assert sample.left_ug == left_ug


def test_the_same_form_sent_twice_is_posted_once(curator: Client) -> None:
    sample, form = make_sample(mass_ug=100_000), words()
    for _ in range(2):
        assert curator.post(PATH, form).status_code == 302
    sample.refresh_from_db()
    assert sample.left_ug == 112_400


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"mass": "0"}, "A mass must be more than 0 mg."),
        ({"mass": "-1"}, "A mass must be more than 0 mg."),
        ({"mass": "1,5"}, "Is the comma a decimal point or a thousands mark?"),
        ({"mass": "much"}, "is not a mass."),
        ({"mass": "0.01"}, "the smallest step is 0.1 mg."),
        ({"mass": "2000000.1"}, "The mass must be at most 2,000,000.0 mg"),
        ({"mass": ""}, "This field is required."),
        ({"reason": "  "}, "This field is required."),
        ({"kind": "gift"}, "Select a valid choice."),
        ({"key": "no"}, "Enter a valid UUID."),
    ],
)
def test_bad_words_are_refused_with_a_sentence_and_nothing_typed_is_lost(curator: Client, fields: dict[str, str], reason: str) -> None:
    sample = make_sample(mass_ug=100_000)
    answer = curator.post(PATH, words(**fields))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert reason in text
    assert 'value="' + fields.get("mass", "12.4") + '"' in text or not fields.get("mass", "12.4")
    assert fields.get("reason", "Delivered").strip() in text
    sample.refresh_from_db()
    assert sample.left_ug == 100_000


def test_a_correction_into_promised_mass_is_refused_without_a_figure(curator: Client) -> None:
    sample = make_sample(mass_ug=100_000)
    earmark(sample, "LSA-2026-00001", 95_000, by=None)
    text = curator.post(PATH, words(kind="less", mass="10")).content.decode()
    assert "The stock on record does not allow this correction now." in text
    assert "5.0" not in re.sub(r"<svg.*?</svg>|<script.*?</script>|<meta[^>]*>", "", text, flags=re.DOTALL)
    assert Sample.objects.get().vault_ug == 5_000


def test_only_a_curator_changes_stock(client: Client) -> None:
    make_sample(mass_ug=100_000)
    assert client.get(PATH).status_code == 302
    for roles in ((), (Role.OFFICER,), (Role.APPROVER,), (Role.ADMINISTRATOR,), (Role.EXPERT,)):
        client.force_login(make_user(None, *roles))
        assert client.get(PATH).status_code == 403
        assert client.post(PATH, words()).status_code == 403
        assert "Intake or correction" not in client.get("/samples/CE5C0600/").content.decode()
    assert Sample.objects.get().left_ug == 100_000


def test_a_sample_that_does_not_exist_has_no_stock(curator: Client) -> None:
    assert curator.get("/samples/CE5C0699/stock/").status_code == 404


def test_the_form_opens_and_each_has_a_key_of_its_own(curator: Client) -> None:
    make_sample()
    keys = {re.search(r'name="key" value="([^"]+)"', curator.get(PATH).content.decode())[1] for _ in range(2)}  # type: ignore[index]
    assert len(keys) == 2
