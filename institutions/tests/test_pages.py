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
