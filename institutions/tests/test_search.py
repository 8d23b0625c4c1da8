"""Finding an institution while typing: by any name, in any writing, by whoever may know of it (quality: U-25, S-21, S-37)."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.make import make_user
from institutions import actions, search
from institutions.actions.pace import QUESTIONS_A_MINUTE
from institutions.models import Institution, Kind, SearchPace
from institutions.tests.make import make_country, make_institution, make_membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant(client: Client) -> User:
    person = make_user("applicant@example.org")
    client.force_login(person)
    return person


@pytest.fixture
def register() -> dict[str, Institution]:
    china = make_country("CN")
    return {
        "cas": make_institution(
            name_en="Chinese Academy of Sciences", name_local="中国科学院", country=china, kind=Kind.INSTITUTE, aliases=["CAS", "中科院"]
        ),
        "igg": make_institution(
            name_en="Institute of Geology and Geophysics, Chinese Academy of Sciences",
            name_local="中国科学院地质与地球物理研究所",
            country=china,
            kind=Kind.INSTITUTE,
            is_verified=False,
        ),
        "koeln": make_institution(name_en="University of Cologne", name_local="Universität zu Köln", country=make_country("DE"), aliases=["UzK"]),
        "tromso": make_institution(name_en="UiT The Arctic University of Norway", aliases=["Universitetet i Tromsø"], country=make_country("NO")),
        "cairo": make_institution(name_en="Cairo University", name_local="جامعة القاهرة", country=make_country("EG")),
        "osaka": make_institution(
            name_en="The University of Osaka", name_local="大阪大学", country=make_country("JP"), ror_id="https://ror.org/035t8zc32"
        ),
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cas", ["cas", "igg"]),
        ("CAS geol", ["igg"]),
        ("iggcas", ["igg"]),
        ("geol phys", []),
        ("geol geoph", ["igg"]),
        ("ＣＡＳ", ["cas", "igg"]),
        ("中科院", ["cas"]),
        ("中国科学院", ["cas", "igg"]),
        ("地质", ["igg"]),
        ("质地", []),
        ("地球物理", ["igg"]),
        ("koln", ["koeln"]),
        ("UNIVERSITAT ZU", ["koeln"]),
        ("colo uni", ["koeln"]),
        ("uzk", ["koeln"]),
        ("tromso", ["tromso"]),
        ("القاهرة", ["cairo"]),
        ("大阪", ["osaka"]),
        ("https://ror.org/035t8zc32", ["osaka"]),
        ("ror.org/035T8ZC32/", ["osaka"]),
        (" 035t8zc32 ", ["osaka"]),
        ("ersity", []),
        ("%", []),
        ("_", []),
        ("c%s", ["cas", "igg"]),
        ("\x00", []),
        ("\x00cas\x00geol", ["igg"]),
        ("'; drop table", []),
        ("x" * 10_000, []),
        ("", []),
        ("   ", []),
    ],
)
def test_any_beginnings_of_words_in_any_writing_find_an_institution(register: dict[str, Institution], text: str, names: list[str]) -> None:
    assert Institution.objects.alive().search(text) == [register[name] for name in names]
    if text.strip():
        assert set(Institution.objects.alive().matching(text)) == {register[name] for name in names}


def test_the_best_stand_first_the_whole_name_then_verified_ones_then_names_that_begin_so() -> None:
    names = ["Lunar Institute of Far Places", "Institute of Lunar Science", "Lunar Institute", "Institute of the Lunar Rocks"]
    rows = {name: make_institution(name_en=name, is_verified=name.endswith("Rocks")) for name in names}
    found = Institution.objects.alive().search("lunar institute")
    assert [one.name_en for one in found] == [
        "Lunar Institute",
        "Institute of the Lunar Rocks",
        "Lunar Institute of Far Places",
        "Institute of Lunar Science",
    ]
    assert Institution.objects.alive().search("lunar inst", most=1) == [rows["Institute of the Lunar Rocks"]]


def test_of_hundreds_the_whole_name_and_the_verified_one_are_still_among_the_first(django_assert_max_num_queries: Any) -> None:
    france, names = make_country("FR"), [f"University of Town {number}" for number in range(300)]
    Institution.objects.bulk_create(Institution(name_en=name, key_en=name.lower(), country=france, words=search.words_of([name])) for name in names)
    whole = make_institution(name_en="Faraway School", aliases=["University"], is_verified=False)
    known = make_institution(name_en="Upper Universe University")
    with django_assert_max_num_queries(6):
        assert Institution.objects.alive().search("university", most=20)[:2] == [whole, known]


def test_names_that_change_are_found_at_once_and_former_ones_no_longer() -> None:
    one, other = make_institution(name_en="Alpha School"), make_institution(name_en="Beta School", aliases=["Gamma"])
    actions.revise_institution(one, name_en="Delta School", aliases=["Epsilon"])
    assert not Institution.objects.alive().search("alpha")
    assert Institution.objects.alive().search("epsil") == [one]
    actions.revise_institution(one, aliases=[])
    assert not Institution.objects.alive().search("epsil")
    actions.merge_institutions(other, one, by=None)
    assert Institution.objects.alive().search("gamma") == [one]
    actions.set_aliases(other, ["Zeta"])
    assert Institution.objects.alive().search("zeta") == [one]
    actions.split_institution(other, by=None)
    assert Institution.objects.alive().search("zeta") == [other]


# --- While typing ---------------------------------------------------------------------------------------------------------


def ask(client: Client, text: str) -> list[str]:
    answer = client.get(reverse("institutions:search"), {"q": text})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    return [row["name"] for row in answer.json()["results"]]


def test_nobody_who_is_not_signed_in_searches(client: Client) -> None:
    answer = client.get(reverse("institutions:search"), {"q": "cas"})
    assert answer.status_code == 302
    assert client.post(reverse("institutions:search"), {"q": "cas"}).status_code in (302, 405)


def test_the_answer_says_name_other_name_place_and_what_was_not_checked(client: Client, applicant: User, register: dict[str, Institution]) -> None:
    own = make_institution(name_en="Geology Garage", by=applicant, is_verified=False, country=make_country("GR"))
    answer = client.get(reverse("institutions:search"), {"q": "geol"}).json()
    assert [row["id"] for row in answer["results"]] == [own.pk, register["igg"].pk]
    assert answer["results"][0] == {
        "id": own.pk,
        "name": "Geology Garage",
        "other": "",
        "place": "University · Greece",
        "caution": "not checked by the office yet",
    }
    assert answer["said"].startswith("2 institutions.")
    client.post(reverse("set_language"), {"language": "zh-hans"})
    row = client.get(reverse("institutions:search"), {"q": "geol geoph"}).json()["results"][0]
    assert (row["name"], row["other"][:20]) == ("中国科学院地质与地球物理研究所", "Institute of Geology")


def test_names_that_others_entered_are_never_shown_before_the_office_has_verified_them(client: Client, applicant: User) -> None:
    rival = make_institution(name_en="Secret Rival Laboratory", by=make_user(), is_verified=False, ror_id="https://ror.org/05qbk4x57")
    own = make_institution(name_en="Rival of My Own", by=applicant, is_verified=False)
    member = make_institution(name_en="Rival Where I Work", by=make_user(), is_verified=False)
    make_membership(applicant, member)
    public = make_institution(name_en="Rival of the Public Record", is_verified=False)
    assert set(ask(client, "rival")) == {own.name_en, member.name_en, public.name_en}
    assert ask(client, "https://ror.org/05qbk4x57") == []
    actions.verify_institution(rival, by=make_user())
    assert "Secret Rival Laboratory" in ask(client, "rival")


def test_what_ror_calls_closed_is_not_offered_unless_the_office_has_verified_it(client: Client, applicant: User) -> None:
    make_institution(name_en="Closed School", is_verified=False, is_as_in_ror=True, ror_status="inactive", ror_id="https://ror.org/05qbk4x57")
    make_institution(name_en="Closed School as They Say", ror_status="inactive", ror_id="https://ror.org/035t8zc32")
    make_institution(name_en="Closed School Society", is_verified=False, is_as_in_ror=True, ror_status="active")
    assert set(ask(client, "closed school")) == {"Closed School as They Say", "Closed School Society"}


def test_at_most_twenty_are_shown_and_three_cost_what_one_costs(client: Client, applicant: User, django_assert_num_queries: Any) -> None:
    make_institution(name_en="Moon School 0")
    ask(client, "other")  # a person's first question makes the row that counts
    queries = 0
    for number in (1, 3):
        while Institution.objects.count() < number:
            make_institution(name_en=f"Moon School {Institution.objects.count()}", aliases=["Selene"])
        with django_assert_num_queries(queries or 8, exact=bool(queries)) as seen:
            assert len(ask(client, "moon")) == number
        queries = len(seen)
    while Institution.objects.count() < 25:
        make_institution(name_en=f"Moon School {Institution.objects.count()}")
    assert len(ask(client, "moon")) == 20


@pytest.mark.parametrize("text", ["x" * 10_000, "%", "_", "\\", "ｍｏｏｎ", "\ud7ff\u2028", "مُ" * 500, "{{7*7}}", "月" * 3000])
def test_hostile_questions_are_answered_calmly(client: Client, applicant: User, text: str) -> None:
    make_institution(name_en="Moon School")
    assert ask(client, text) == (["Moon School"] if text == "ｍｏｏｎ" else [])


def test_names_are_sent_as_they_are_and_the_page_shows_them_as_text(client: Client, applicant: User) -> None:
    make_institution(name_en="<img src=x onerror=alert(1)> School")
    answer = client.get(reverse("institutions:search"), {"q": "img src"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json()["results"][0]["name"] == "<img src=x onerror=alert(1)> School"


def test_whoever_types_faster_than_people_do_is_asked_to_wait_and_nobody_else(client: Client, applicant: User) -> None:
    for _ in range(3):
        ask(client, "cas")
    assert SearchPace.objects.get().questions <= 3
    SearchPace.objects.update(questions=QUESTIONS_A_MINUTE, minute=int(time.time()) // 60)
    answer = client.get(reverse("institutions:search"), {"q": "cas"})
    if answer.status_code == 200:  # a new minute began in between
        answer = client.get(reverse("institutions:search"), {"q": "cas"})
        assert SearchPace.objects.get().questions <= 2
        return
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Wait a minute" in answer.json()["said"]
    actions.count_question(make_user("other@example.org"))
    SearchPace.objects.filter(user=applicant).update(minute=1)
    assert ask(client, "cas") == []
