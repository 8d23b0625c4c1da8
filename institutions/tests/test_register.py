"""Institutions entered, corrected, merged and split, and who belongs to them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import Role
from accounts.tests.make import make_user
from institutions import actions
from institutions.models import Country, Institution, Kind, Membership, tied_institution_ids
from institutions.names import library_countries
from institutions.permissions import is_tied
from institutions.tests.make import make_country, make_institution, make_membership

pytestmark = pytest.mark.django_db


# --- What the database refuses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": Kind.ORGANISATION, "country_id": "FR"},
        {"kind": Kind.UNIVERSITY, "country_id": None},
        {"kind": Kind.MUSEUM, "country_id": None},
        {"name_en": "", "country_id": "FR"},
    ],
)
def test_the_database_refuses_an_institution_that_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Institution.objects.create(**{"name_en": "X", **fields})


def test_the_database_refuses_one_ror_id_twice_and_an_empty_one_never() -> None:
    make_institution(ror_id="https://ror.org/05qbk4x57")
    make_institution()
    make_institution()
    with pytest.raises(IntegrityError), transaction.atomic():
        Institution.objects.create(name_en="X", country_id="FR", ror_id="https://ror.org/05qbk4x57")


def test_the_database_refuses_an_institution_merged_into_itself() -> None:
    institution = make_institution()
    with pytest.raises(IntegrityError), transaction.atomic():
        Institution.objects.filter(pk=institution.pk).update(merged_into=institution.pk)


def test_the_database_refuses_a_membership_twice_and_one_that_ends_before_it_begins() -> None:
    person, institution = make_user(), make_institution()
    membership = make_membership(person, institution)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=person, institution=institution)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(ended_on=membership.since_on - timedelta(days=1))


def test_an_institution_that_something_points_at_is_not_deleted() -> None:
    institution = make_institution()
    make_membership(make_user(), institution)
    with pytest.raises(DatabaseError), transaction.atomic():
        institution.delete()


def test_refusals_of_the_database_become_sentences() -> None:
    make_institution(ror_id="https://ror.org/05qbk4x57")
    with pytest.raises(actions.RorIdTaken, match="merge them"):
        make_institution(ror_id="https://ror.org/05qbk4x57")
    with pytest.raises(actions.CountryAgainstKind):
        make_institution(kind=Kind.ORGANISATION, country=make_country("FR"))
    other = make_institution()
    with pytest.raises(actions.CountryAgainstKind):
        actions.revise_institution(other, kind=Kind.ORGANISATION)
    other.refresh_from_db()
    assert other.kind == Kind.UNIVERSITY


# --- Finding --------------------------------------------------------------------------------------------------------------


def test_an_institution_is_found_by_any_of_its_names_however_they_are_spelled() -> None:
    koeln = make_institution(
        name_en="University of Cologne", name_local="Universität zu Köln", country=make_country("DE"), aliases=["UzK", "Albertus Magnus"]
    )
    for text in ("university of cologne", "UNIVERSITAT ZU KOLN", "uzk", " The  University of Cologne ", "Universität zu Köln"):
        assert Institution.objects.match(text) == koeln, text
    for text in ("", "Cologne", "Köln", "%", "University"):
        assert Institution.objects.match(text) is None, text


def test_of_two_institutions_of_one_name_the_country_decides_then_the_verified_one() -> None:
    unverified = make_institution(name_en="Open University", country=make_country("NL"), is_verified=False)
    verified = make_institution(name_en="The Open University", country=make_country("GB"))
    assert Institution.objects.match("Open University", make_country("NL")) == unverified
    assert Institution.objects.match("Open University", make_country("GB")) == verified
    assert Institution.objects.match("Open University", make_country("FR")) is None
    assert Institution.objects.match("Open University") == verified


def test_searching_finds_parts_of_names_other_names_and_ror_ids_and_shows_survivors() -> None:
    osaka = make_institution(name_en="The University of Osaka", name_local="大阪大学", country=make_country("JP"), ror_id="https://ror.org/035t8zc32")
    former = make_institution(name_en="Osaka University of Foreign Studies", country=make_country("JP"), aliases=["OUFS"])
    make_institution(name_en="Kyoto University", country=make_country("JP"))
    actions.merge_institutions(former, osaka, by=None)
    for text in ("osaka", "大阪", "foreign studies", "oufs", "https://ror.org/035t8zc32"):
        assert Institution.objects.for_list().search(text) == [osaka], text
    assert Institution.objects.for_list().search("%") == []
    assert Institution.objects.for_list().matching("").count() == 2


def test_aliases_are_replaced_as_a_whole_and_said_twice_are_one() -> None:
    institution = make_institution(name_en="Brown University", aliases=["Brown", "BROWN", "brown university", " "])
    assert [alias.name for alias in institution.aliases.all()] == ["Brown"]
    actions.revise_institution(institution, aliases=["Brown U.", "布朗大学"])
    assert {alias.name for alias in institution.aliases.all()} == {"Brown U.", "布朗大学"}


def test_a_correction_from_a_stale_page_is_refused_and_changes_nothing() -> None:
    institution = make_institution(name_en="First")
    stale = Institution.objects.get(pk=institution.pk)
    actions.revise_institution(institution, name_en="Second")
    with pytest.raises(actions.ChangedMeanwhile):
        actions.revise_institution(stale, name_en="Third", aliases=["x"])
    institution.refresh_from_db()
    assert (institution.name_en, institution.aliases.count()) == ("Second", 0)
    assert Institution.objects.match("second") == institution


def test_only_the_named_columns_can_be_revised() -> None:
    with pytest.raises(TypeError):
        actions.revise_institution(make_institution(), is_verified=True)


# --- Merging --------------------------------------------------------------------------------------------------------------


def test_a_chain_of_merges_points_at_the_last_one_and_comes_apart_link_by_link() -> None:
    a, b, c, d = (make_institution(name_en=name) for name in "ABCD")

    def heads() -> list[str]:
        return [Institution.objects.get(pk=one.pk).survivor.name_en for one in (a, b, c, d)]

    actions.merge_institutions(a, b, by=None)
    actions.merge_institutions(b, c, by=None)
    assert heads() == ["C", "C", "C", "D"]
    actions.merge_institutions(c, d, by=None)
    assert heads() == ["D", "D", "D", "D"]
    assert set(Institution.objects.alive()) == {d}
    actions.split_institution(b, by=None)
    assert heads() == ["B", "B", "D", "D"]
    actions.split_institution(a, by=None)
    actions.split_institution(c, by=None)
    assert heads() == ["A", "B", "C", "D"]


def test_a_merge_into_itself_into_a_merged_one_or_a_second_time_is_refused() -> None:
    a, b, c = (make_institution() for _ in range(3))
    actions.merge_institutions(a, b, by=None)
    for one, other in ((b, b), (a, c), (c, a), (b, a)):
        with pytest.raises(actions.NotMergeable):
            actions.merge_institutions(one, other, by=None)
    with pytest.raises(actions.NotMergeable):
        actions.split_institution(c, by=None)
    actions.split_institution(a, by=None)
    with pytest.raises(actions.NotMergeable):
        actions.split_institution(a, by=None)


def test_a_merge_moves_no_row_that_points_at_either() -> None:
    a, b = make_institution(), make_institution()
    membership = make_membership(make_user(), a)
    actions.merge_institutions(a, b, by=None)
    membership.refresh_from_db()
    assert membership.institution_id == a.pk


def test_a_name_of_a_merged_institution_means_the_survivor_and_after_the_split_itself() -> None:
    a, b = make_institution(name_en="Old Name"), make_institution(name_en="New Name")
    actions.merge_institutions(a, b, by=None)
    assert Institution.objects.match("old name") == b
    actions.split_institution(a, by=None)
    assert Institution.objects.match("old name") == a


# --- Members and ties -----------------------------------------------------------------------------------------------------


def test_a_member_of_one_is_tied_to_all_that_were_merged_with_it_and_to_no_other() -> None:
    old, older, new, stranger = (make_institution() for _ in range(4))
    person = make_user()
    make_membership(person, old)
    assert tied_institution_ids(person) == {old.pk}
    actions.merge_institutions(older, new, by=None)
    actions.merge_institutions(old, new, by=None)
    assert tied_institution_ids(person) == {old.pk, older.pk, new.pk}
    assert is_tied(person, Institution.objects.get(pk=older.pk))
    assert not is_tied(person, stranger)
    assert list(Institution.objects.of(person)) == [new]


def test_ties_cost_one_query(django_assert_num_queries: Any) -> None:
    person = make_user()
    for _ in range(3):
        make_membership(person, make_institution())
    with django_assert_num_queries(1):
        assert len(tied_institution_ids(person)) == 3


def test_a_tie_ends_with_the_membership_and_the_row_stays() -> None:
    person, institution = make_user(), make_institution()
    membership = make_membership(person, institution, may_sign=True)
    assert list(Institution.objects.signed_by(person)) == [institution]
    by = make_user(None, Role.OFFICER)
    actions.end_membership(membership, by=by)
    assert tied_institution_ids(person) == set()
    assert not Institution.objects.signed_by(person)
    assert Membership.objects.get().ended_by == by
    with pytest.raises(actions.NoLongerMember):
        actions.end_membership(membership, by=by)
    again = actions.add_membership(person, institution, may_sign=False, by=by)
    assert not Institution.objects.signed_by(person)
    with pytest.raises(actions.AlreadyMember):
        actions.add_membership(person, institution, may_sign=True, by=by)
    assert again.since_on <= date.max


# --- Countries ------------------------------------------------------------------------------------------------------------


def test_loading_the_countries_again_changes_nothing_and_keeps_the_administrators_names() -> None:
    france = make_country("FR")
    actions.revise_country(france, name_en="French Republic", name_zh="法兰西", position=1)
    before = list(Country.objects.values_list().order_by("code"))
    assert actions.load_countries() == 0
    assert list(Country.objects.values_list().order_by("code")) == before
    assert Country.objects.in_order()[0] == france


def test_a_former_name_is_still_understood_in_files() -> None:
    actions.revise_country(make_country("FR"), name_en="French Republic", name_zh="法兰西", position=1000)
    for text in ("France", "法国", "French Republic", "法兰西", "FRA"):
        country = Country.objects.match(text)
        assert country is not None
        assert country.code == "FR", text


def test_a_name_that_means_another_country_is_refused() -> None:
    for name_en, name_zh in (("Germany", "法国"), ("USA", "法国"), ("France", "德国")):
        with pytest.raises(actions.CountryNameTaken):
            actions.revise_country(make_country("FR"), name_en=name_en, name_zh=name_zh, position=1000)


def test_a_country_that_is_missing_comes_back_with_its_names() -> None:
    Country.objects.filter(code="FR").delete()
    assert actions.load_countries() == 1
    assert Country.objects.match("法国") == make_country("FR")


def test_both_languages_name_the_same_entries_and_none_is_untranslated() -> None:
    for entry in library_countries():
        assert entry.name_en.strip() == entry.name_en != ""
        assert all(ord(character) > 127 for character in entry.name_zh), entry
    assert len({entry.name_zh for entry in library_countries()}) == 249
