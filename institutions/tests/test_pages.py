"""The pages of the register."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from institutions.models import Country, Institution, Kind, Membership
from institutions.tests.make import make_country, make_institution, make_membership

pytestmark = pytest.mark.django_db

GET_PAGES = ("institution", "edit", "merge")
POST_PAGES = ("verify", "split", "add_member")


@pytest.fixture
def officer(client: Client) -> User:
    person = make_user("officer@example.org", Role.OFFICER)
    client.force_login(person)
    return person


def words(**fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("name_local", "ror_id", "legal_representative", "aliases"), "")
    return {"name_en": "Test University", "kind": "university", "country": "FR", **empty, **fields}


@pytest.mark.parametrize("roles", [(), (Role.EXPERT,), (Role.APPROVER,), (Role.CURATOR,)])
def test_only_the_office_opens_the_register(client: Client, roles: tuple[Role, ...]) -> None:
    institution = make_institution(is_verified=False)
    membership = make_membership(make_user(), institution)
    client.force_login(make_user(None, *roles))
    assert client.get(reverse("institutions:list")).status_code == 403
    assert client.get(reverse("institutions:new")).status_code == 403
    for name in GET_PAGES:
        assert client.get(reverse(f"institutions:{name}", args=[institution.pk])).status_code == 403
    for name in POST_PAGES:
        assert client.post(reverse(f"institutions:{name}", args=[institution.pk])).status_code == 403
    assert client.post(reverse("institutions:end_member", args=[membership.pk])).status_code == 403
    assert client.post(reverse("institutions:confirm_merge", args=[institution.pk, make_institution().pk])).status_code == 403
    for page in (reverse("institutions:countries"), reverse("institutions:country", args=["FR"])):
        assert client.get(page).status_code == 403


def test_countries_are_named_by_the_administrator_alone(client: Client, officer: User) -> None:
    assert client.get(reverse("institutions:countries")).status_code == 403
    client.force_login(make_user(None, Role.ADMINISTRATOR))
    page = reverse("institutions:country", args=["TR"])
    assert client.post(page, {"name_en": "Turkey", "name_zh": "土耳其", "position": "5"}).status_code == 302
    assert make_country("TR").name_en == "Turkey"
    assert client.get(reverse("institutions:countries")).content.decode().index("Turkey") < 12_000, "a low number stands first"
    assert client.post(page, {"name_en": "France", "name_zh": "土耳其", "position": "5"}).status_code == 422
    assert client.post(page, {"name_en": "Turkey", "name_zh": "", "position": "-1"}).status_code == 422
    assert client.get(reverse("institutions:country", args=["XX"])).status_code == 404


def test_the_list_costs_the_same_queries_for_one_and_for_three_institutions(client: Client, officer: User, django_assert_num_queries: Any) -> None:
    make_institution()
    for number in (1, 3):
        while Institution.objects.count() < number:
            make_institution(aliases=["x"])
        with django_assert_num_queries(3):  # session, person, list
            assert client.get(reverse("institutions:list")).content.count(b'<th scope="row">') == number


def test_one_institution_costs_the_same_queries_with_one_and_with_three_members(
    client: Client, officer: User, django_assert_num_queries: Any
) -> None:
    institution = make_institution()
    page = reverse("institutions:institution", args=[institution.pk])
    for number in (1, 3):
        while Membership.objects.count() < number:
            make_membership(make_user(), institution)
        with django_assert_num_queries(6):  # session, person, institution, aliases, merges, members
            assert client.get(page).status_code == 200


def test_an_institution_is_entered_unverified_and_then_verified(client: Client, officer: User) -> None:
    answer = client.post(reverse("institutions:new"), words(name_local="测试大学", aliases="TU\nTest U\n", ror_id="https://ror.org/05qbk4x57"))
    institution = Institution.objects.get()
    assert answer["Location"] == reverse("institutions:institution", args=[institution.pk])
    assert (institution.is_verified, institution.created_by, institution.aliases.count()) == (False, officer, 2)
    client.post(reverse("institutions:verify", args=[institution.pk]))
    institution.refresh_from_db()
    assert (institution.is_verified, institution.verified_by) == (True, officer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name_en": ""},
        {"name_en": "x" * 201},
        {"kind": "circus"},
        {"country": "XX"},
        {"country": ""},
        {"country": "-"},
        {"kind": "organisation", "country": "FR"},
        {"ror_id": "05qbk4x57"},
        {"ror_id": "https://ror.org/05qbk4x57x"},
        {"ror_id": "https://ror.org/15qbk4x57"},
        {"ror_id": "javascript:alert(1)"},
        {"aliases": "x" * 201},
        {"aliases": "\n".join(f"name {number}" for number in range(51))},
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(client: Client, officer: User, wrong: dict[str, str]) -> None:
    answer = client.post(reverse("institutions:new"), words(legal_representative="Kept Words", **wrong))
    assert answer.status_code == 422
    assert "Kept Words" in answer.content.decode()
    assert not Institution.objects.exists()


def test_an_international_organisation_has_no_country(client: Client, officer: User) -> None:
    client.post(reverse("institutions:new"), words(kind=Kind.ORGANISATION, country="-"))
    assert Institution.objects.get().country is None


def test_the_form_calls_it_country_or_region_and_orders_it_by_the_readers_language(client: Client, officer: User) -> None:
    page = client.get(reverse("institutions:new")).content.decode()
    assert "Country or region" in page
    assert page.index(">Åland Islands<") < page.index(">Albania<") < page.index(">Zimbabwe<")
    client.post(reverse("set_language"), {"language": "zh-hans"})
    page = client.get(reverse("institutions:new")).content.decode()
    assert page.index(">阿尔巴尼亚<") < page.index(">法国<") < page.index(">中国<"), "by sound: a, f, zh"


def test_a_correction_from_a_stale_tab_is_refused_with_the_words_kept(client: Client, officer: User) -> None:
    institution = make_institution(name_en="First")
    page = reverse("institutions:edit", args=[institution.pk])
    assert client.post(page, words(name_en="Second", version="0")).status_code == 302
    answer = client.post(page, words(name_en="Third", version="0"))
    assert answer.status_code == 422
    assert "in the meantime" in answer.content.decode()
    assert 'value="Third"' in answer.content.decode()
    institution.refresh_from_db()
    assert institution.name_en == "Second"


def test_names_are_shown_as_text_on_every_page(client: Client, officer: User) -> None:
    hostile = '<script>alert(1)</script>"onload=x'
    institution = make_institution(name_en=hostile, name_local=hostile, aliases=[hostile], legal_representative=hostile, is_verified=False)
    other = make_institution(name_en=f"Other {hostile}")
    make_membership(make_user(full_name=hostile), institution)
    pages = [reverse("institutions:list"), reverse("institutions:merge", args=[institution.pk]) + f"?into={other.name_en}"]
    pages += [reverse(f"institutions:{name}", args=[institution.pk]) for name in GET_PAGES]
    for page in pages:
        shown = client.get(page).content.decode()
        assert "<script>alert" not in shown, page
        assert "&lt;script&gt;alert" in shown, page


def test_a_merge_is_shown_before_it_is_done_and_is_taken_back_by_one_button(client: Client, officer: User) -> None:
    old, new = make_institution(name_en="Old Institute"), make_institution(name_en="New Institute", aliases=["NI"])
    make_membership(make_user(full_name="Mona Member"), old, may_sign=True)
    preview = client.get(reverse("institutions:merge", args=[old.pk]), {"into": "ni"}).content.decode()
    assert "Mona Member" in preview
    old.refresh_from_db()
    assert not old.is_merged, "looking changes nothing"
    confirm = re.search(r'action="(/institutions/\d+/merge/\d+/)"', preview)
    assert confirm
    client.post(confirm.group(1))
    old.refresh_from_db()
    assert old.survivor == new
    page = client.get(reverse("institutions:institution", args=[new.pk])).content.decode()
    assert "Old Institute became part of New Institute" in page
    assert "Mona Member" in page
    client.post(reverse("institutions:split", args=[old.pk]))
    old.refresh_from_db()
    assert not old.is_merged


@pytest.mark.parametrize("into", ["", "Nobody", "Old Institute", "Twice"])
def test_a_merge_into_nothing_itself_or_an_ambiguous_name_is_refused_in_words(client: Client, officer: User, into: str) -> None:
    old = make_institution(name_en="Old Institute")
    make_institution(name_en="Twice")
    make_institution(name_en="Twice", country=make_country("DE"))
    answer = client.get(reverse("institutions:merge", args=[old.pk]), {"into": into})
    assert answer.status_code == 422
    assert answer.context["form"].errors["into"]


def test_a_member_is_added_by_the_address_of_the_account_and_ended(client: Client, officer: User) -> None:
    institution, person = make_institution(), make_user("member@example.org")
    add = reverse("institutions:add_member", args=[institution.pk])
    assert client.post(add, {"email": "MEMBER@example.org", "may_sign": "on"}).status_code == 302
    membership = Membership.objects.get()
    assert (membership.user, membership.may_sign, membership.entered_by) == (person, True, officer)
    again = client.post(add, {"email": "member@example.org"})
    assert again.status_code == 422
    assert "belongs to the institution already" in again.content.decode()
    assert client.post(add, {"email": "nobody@example.org"}).status_code == 422
    client.post(reverse("institutions:end_member", args=[membership.pk]))
    membership.refresh_from_db()
    assert membership.ended_on is not None


def test_nothing_changes_by_looking(client: Client, officer: User) -> None:
    institution = make_institution(is_verified=False)
    for name in POST_PAGES:
        assert client.get(reverse(f"institutions:{name}", args=[institution.pk])).status_code == 405
    institution.refresh_from_db()
    assert not institution.is_verified


def test_what_does_not_exist_is_not_found(client: Client, officer: User) -> None:
    for name in GET_PAGES:
        assert client.get(reverse(f"institutions:{name}", args=[10**9])).status_code == 404
    assert Country.objects.count() == 249


# --- Checking what was entered --------------------------------------------------------------------------------------------


def names_in(page: str) -> list[str]:
    return re.findall(r'<th scope="row">\s*<a href="[^"]+">([^<]+)</a>', page)


def test_the_list_shows_what_is_to_be_checked_and_leaves_out_what_comes_from_ror(client: Client, officer: User) -> None:
    make_institution(name_en="A Entered", is_verified=False)
    make_institution(name_en="B Listed", is_verified=False, is_as_in_ror=True, ror_status="active", ror_id="https://ror.org/05qbk4x57")
    make_institution(name_en="C Verified")
    for show, names in (("", ["A Entered", "B Listed", "C Verified"]), ("check", ["A Entered"]), ("verified", ["C Verified"]), ("x", names_of_all())):
        page = client.get(reverse("institutions:list"), {"show": show}).content.decode()
        assert names_in(page) == names, show
    assert "Listed in ROR" in client.get(reverse("institutions:list"), {"q": "list"}).content.decode()


def names_of_all() -> list[str]:
    return ["A Entered", "B Listed", "C Verified"]


def test_what_was_entered_shows_which_others_it_may_be_and_leads_to_the_merge(client: Client, officer: User) -> None:
    germany = make_country("DE")
    entered = make_institution(name_en="Universty of Heidelburg", country=germany, is_verified=False, by=make_user())
    right = make_institution(name_en="Heidelberg University", country=germany, is_verified=False, is_as_in_ror=True, ror_status="active")
    make_institution(name_en="Technical University of Munich", country=germany)
    make_institution(name_en="University of Freiburg", country=germany)
    namesake = make_institution(name_en="Other", aliases=["universty of heidelburg"], country=make_country("FR"))
    make_institution(name_en="Heidelberg College", country=make_country("US"))
    assert Institution.objects.alike(entered)[:2] == [namesake, right]
    page = client.get(reverse("institutions:institution", args=[entered.pk])).content.decode()
    address = reverse("institutions:merge", args=[entered.pk]) + f"?pk={right.pk}"
    assert f'href="{address}"' in page
    preview = client.get(address)
    assert preview.status_code == 200
    client.post(reverse("institutions:confirm_merge", args=[entered.pk, right.pk]))
    entered.refresh_from_db()
    assert entered.survivor == right
    assert "Is it one that the register has already?" not in client.get(reverse("institutions:institution", args=[right.pk])).content.decode()
    client.post(reverse("institutions:split", args=[entered.pk]))
    entered.refresh_from_db()
    assert entered.survivor == entered


def test_chinese_names_are_compared_too() -> None:
    china = make_country("CN")
    entered = make_institution(name_en="Chengdu Ligong", name_local="成都理工学院", country=china, is_verified=False)
    right = make_institution(name_en="Chengdu University of Technology", name_local="成都理工大学", country=china)
    make_institution(name_en="Sichuan University", name_local="四川大学", country=china)
    assert Institution.objects.alike(entered) == [right]


def test_a_name_of_which_there_are_several_is_chosen_from_a_list(client: Client, officer: User) -> None:
    entered = make_institution(name_en="Ministry", is_verified=False)
    several = [make_institution(name_en="Ministry of Rocks", country=make_country(code)) for code in ("DE", "FR", "GR")]
    answer = client.get(reverse("institutions:merge", args=[entered.pk]), {"into": "ministry rocks"})
    assert answer.status_code == 422
    for one in several:
        assert f"?pk={one.pk}" in answer.content.decode()
    verified = make_institution(name_en="Ministry of Stones")
    warning = client.get(reverse("institutions:merge", args=[verified.pk]), {"pk": str(entered.pk)}).content.decode()
    assert "Merge the other way round" in warning
    for pk in ("0", "-1", "x", "9" * 30, str(entered.pk)):
        assert client.get(reverse("institutions:merge", args=[entered.pk]), {"pk": pk}).status_code == 422, pk


def test_the_page_costs_the_same_queries_for_one_and_for_three_that_it_may_be(client: Client, officer: User, django_assert_num_queries: Any) -> None:
    entered = make_institution(name_en="Lunar School", is_verified=False)
    queries = 0
    for number in (1, 3):
        while Institution.objects.count() < number + 1:
            make_institution(name_en="Lunar School", name_local="月球学校")
        with django_assert_num_queries(queries or 9, exact=bool(queries)) as seen:
            assert len(client.get(reverse("institutions:institution", args=[entered.pk])).context["alike"]) == number
        queries = len(seen)
