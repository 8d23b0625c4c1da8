"""Ties are found live: by institution, ROR, mail domain, team and other applications; one rule for every list and every act."""

from collections.abc import Callable
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from applications.tests.make import make_draft, make_member
from institutions.actions import merge_institutions
from institutions.models import Institution, MailDomain, Membership, RorParent
from institutions.tests.make import make_institution, make_membership
from reviews.actions import assign_experts, decisions_to_announce
from reviews.actions.situations import Conflicted
from reviews.domains import and_above, domain_of, is_same_place
from reviews.models import (
    Conflict,
    Review,
    Standing,
    Tie,
    assignable_experts,
    cases_visible_to,
    conflicted_pairs,
    facts_of,
    ties_between,
    without_conflicts,
    without_hard_ties,
)
from reviews.permissions import is_conflicted, may_check, may_review
from reviews.tests.make import browser_of, decide, make_case, make_cases, make_review
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db

HOME = "https://ror.org/05qbk4x57"
PARENT = "https://ror.org/034t30j35"


@pytest.fixture
def case() -> Application:
    return make_case(institution=make_institution(ror_id=HOME), owner=make_user("ada@lab.selenia.example"))


def home(case: Application) -> Institution:
    assert case.institution is not None
    return case.institution


def applicant(person: User, case: Application) -> None:
    Application.objects.filter(pk=case.pk).update(owner=person)


def member(person: User, case: Application) -> None:
    make_member(Application.objects.get(pk=case.pk), person=person)


def former_member(person: User, case: Application) -> None:
    member(person, case)
    case.members.filter(user=person).update(ended_at=timezone.now())


def of_the_institution(person: User, case: Application) -> None:
    make_membership(person, home(case))


def of_a_merged_institution(person: User, case: Application) -> None:
    old = make_institution()
    make_membership(person, old)
    merge_institutions(old, home(case), by=None)


def of_the_parent(person: User, case: Application) -> None:
    parent = make_institution(ror_id=PARENT)
    RorParent.objects.create(institution=home(case), parent_ror_id=PARENT)
    make_membership(person, parent)


def of_a_part(person: User, case: Application) -> None:
    part = make_institution()
    RorParent.objects.create(institution=part, parent_ror_id=HOME)
    make_membership(person, part)


def of_a_part_that_was_merged(person: User, case: Application) -> None:
    part, survivor = make_institution(), make_institution()
    RorParent.objects.create(institution=part, parent_ror_id=HOME)
    make_membership(person, survivor)
    merge_institutions(part, survivor, by=None)


def with_the_domain_of_the_institution(person: User, case: Application) -> None:
    MailDomain.objects.create(institution=home(case), domain="uni-example.eu")
    User.objects.filter(pk=person.pk).update(email=f"p{person.pk}@imf.uni-example.eu")


def with_the_domain_of_a_merged_institution(person: User, case: Application) -> None:
    old = make_institution()
    MailDomain.objects.create(institution=old, domain="old-example.eu")
    merge_institutions(old, home(case), by=None)
    User.objects.filter(pk=person.pk).update(email=f"p{person.pk}@old-example.eu")


def with_an_address_beside_the_applicant(person: User, case: Application) -> None:
    User.objects.filter(pk=person.pk).update(email=f"p{person.pk}@lab.selenia.example")


def with_an_address_above_the_applicant(person: User, case: Application) -> None:
    User.objects.filter(pk=person.pk).update(email=f"p{person.pk}@selenia.example")


def with_an_address_below_a_member(person: User, case: Application) -> None:
    member(make_user("bo@institute-b.example"), case)
    User.objects.filter(pk=person.pk).update(email=f"p{person.pk}@physics.institute-b.example")


def colleague_of_a_member(person: User, case: Application) -> None:
    other, place = make_user(), make_institution()
    make_membership(other, place)
    make_membership(person, place)
    member(other, case)


def in_another_application_as_applicant(person: User, case: Application) -> None:
    make_member(make_draft(owner=person), person=case.owner)


def in_another_application_as_member(person: User, case: Application) -> None:
    other = make_draft(owner=case.owner)
    make_member(other, person=person)
    other.members.filter(user=person).update(ended_at=timezone.now())


def in_another_application_beside_a_member(person: User, case: Application) -> None:
    third, other = make_user(), make_draft()
    make_member(other, person=third)
    make_member(other, person=person)
    member(third, case)


Way = Callable[[User, Application], None]
HARD: dict[Way, Tie] = {
    applicant: Tie.APPLICANT,
    member: Tie.TEAM,
    former_member: Tie.TEAM,
    of_the_institution: Tie.INSTITUTION,
    of_a_merged_institution: Tie.INSTITUTION,
}
FOUND: dict[Way, Tie] = {
    of_the_parent: Tie.KIN,
    of_a_part: Tie.KIN,
    of_a_part_that_was_merged: Tie.KIN,
    with_the_domain_of_the_institution: Tie.DOMAIN,
    with_the_domain_of_a_merged_institution: Tie.DOMAIN,
    with_an_address_beside_the_applicant: Tie.DOMAIN,
    with_an_address_above_the_applicant: Tie.DOMAIN,
    with_an_address_below_a_member: Tie.DOMAIN,
    colleague_of_a_member: Tie.COLLEAGUE,
    in_another_application_as_applicant: Tie.TOGETHER,
    in_another_application_as_member: Tie.TOGETHER,
    in_another_application_beside_a_member: Tie.TOGETHER,
}
BOTH = list((HARD | FOUND).items())


def ties_of(person: User, case: Application) -> frozenset[Tie]:
    return ties_between([person], facts_of(Application.objects.filter(pk=case.pk))).get((person.pk, case.pk), frozenset())


def is_free(person: User, case: Application) -> bool:
    """What the rule for one person says; the one for many has to say the same."""
    rows = Application.objects.filter(pk=case.pk)
    by_one = without_conflicts(rows, person).exists()
    assert by_one == (not conflicted_pairs([person], rows))
    assert is_conflicted(person, case) != by_one
    return by_one


def make_person(*roles: Role) -> User:
    return make_user(None, *(roles or (Role.EXPERT, Role.OFFICER, Role.APPROVER)))


@pytest.mark.parametrize(("way", "tie"), BOTH)
def test_each_way_is_found_and_shuts_out_everywhere(case: Application, way: Way, tie: Tie) -> None:
    person, elsewhere = make_person(), make_case()
    review = make_review(case, person)
    assert is_free(person, case)
    assert cases_visible_to(make_person()).filter(pk=case.pk).exists()
    way(person, case)
    person, case = User.objects.get(pk=person.pk), Application.objects.with_case().get(pk=case.pk)
    assert tie in ties_of(person, case)
    assert not is_free(person, case)
    assert not cases_visible_to(person).filter(pk=case.pk).exists()
    assert not Review.objects.visible_to(person).exists()
    assert not may_review(person, review)
    assert not may_check(person, case)
    assert person not in assignable_experts(case)
    assert without_hard_ties(Application.objects.filter(pk=case.pk), person).exists() == (way in FOUND)
    assert is_free(person, elsewhere), "what has nothing to do with it stays open"
    with pytest.raises(Conflicted):
        assign_experts(case, [person], by=make_person(Role.OFFICER))


def test_without_a_tie_nothing_is_found(case: Application) -> None:
    person = make_person()
    make_membership(person, make_institution())
    make_member(make_draft(), person=person)
    assert not ties_of(person, case)
    assert is_free(person, case)


def test_an_ended_membership_is_no_tie(case: Application) -> None:
    person = make_person()
    for way in (of_the_institution, of_the_parent, colleague_of_a_member):
        way(person, case)
    Membership.objects.filter(user=person).update(ended_on=timezone.localdate())
    assert not ties_of(person, case)
    assert is_free(person, case)


def test_an_invitation_that_nobody_accepted_is_no_tie(case: Application) -> None:
    """Or an applicant could shut any expert out by inviting a neighbour."""
    person = make_user("expert@institute-c.example", Role.EXPERT)
    case.members.create(email="head@institute-c.example", part="read", invited_by=case.owner)
    assert is_free(person, case)


@pytest.mark.parametrize(
    "address", ["a@gmail.com", "a@QQ.com", "a@163.com", "a@example.org", "a@ac.cn", "a@edu.cn", "a@erased.invalid", "a@localhost", "", "a"]
)
def test_an_address_that_many_share_says_nothing(address: str) -> None:
    assert domain_of(address) == ""


def test_domains_are_compared_with_those_above_them() -> None:
    assert list(and_above("imf.uni-koeln.de")) == ["imf.uni-koeln.de", "uni-koeln.de"]
    assert list(and_above("mail.ustc.edu.cn")) == ["mail.ustc.edu.cn", "ustc.edu.cn"]
    assert is_same_place("imf.uni-koeln.de", "uni-koeln.de")
    assert not is_same_place("igg.cas.cn", "naoc.cas.cn"), "two institutes of one academy are not the same place"
    assert not is_same_place("uni-koeln.de", "koeln.de")
    assert domain_of("A@Lab.Selenia.Example ") == "lab.selenia.example"


def test_people_with_the_same_public_provider_are_free(case: Application) -> None:
    User.objects.filter(pk=case.owner_id).update(email="ada@gmail.com")
    assert is_free(make_user("bo@gmail.com", Role.EXPERT), case)


def explain(person: User, case: Application, *ties: Tie, confirmed: bool = True) -> Conflict:
    officer = make_person(Role.OFFICER)
    words = {"confirmed_by": officer, "confirmed_at": timezone.now()} if confirmed else {}
    about = f",{','.join(ties)},"
    return Conflict.objects.create(user=person, application=case, standing=Standing.EXPLAINED, note="Another institute.", about=about, **words)


@pytest.mark.parametrize(("way", "tie"), list(FOUND.items()))
def test_a_confirmed_explanation_lifts_just_the_tie_that_it_is_about(case: Application, way: Way, tie: Tie) -> None:
    person = make_person()
    way(person, case)
    person = User.objects.get(pk=person.pk)
    ties = ties_of(person, case)
    row = explain(person, case, *ties, confirmed=False)
    assert not is_free(person, case), "not before the office has confirmed it"
    row.delete()
    row = explain(person, case, *ties)
    assert is_free(person, case)
    Conflict.objects.filter(pk=row.pk).update(about=f",{Tie.KIN if tie is not Tie.KIN else Tie.DOMAIN},")
    assert not is_free(person, case), "a tie that was found later was never explained"


@pytest.mark.parametrize(("way", "tie"), list(HARD.items()))
def test_nothing_lifts_a_hard_tie(case: Application, way: Way, tie: Tie) -> None:
    person = make_person()
    way(person, case)
    case = Application.objects.with_case().get(pk=case.pk)
    explain(person, case, *Tie)
    assert not is_free(person, case)


@pytest.mark.parametrize("standing", [Standing.CONFLICT, Standing.PINNED])
def test_a_declared_or_pinned_conflict_shuts_out_without_any_tie(case: Application, standing: Standing) -> None:
    person = make_person()
    Conflict.objects.create(user=person, application=case, standing=standing)
    assert not is_free(person, case)
    assert person not in assignable_experts(case)


def test_no_conflict_declared_lifts_nothing(case: Application) -> None:
    person = make_person()
    of_a_part(person, case)
    Conflict.objects.create(user=person, application=case, standing=Standing.NONE)
    assert not is_free(person, case)


def test_the_rule_for_one_and_the_rule_for_many_agree_on_everybody_and_everything() -> None:
    round = make_round()
    cases = make_cases(4, round)
    people = [make_person() for _way, _tie in BOTH]
    for place, (way, _tie) in enumerate(BOTH):
        if way not in (applicant, of_the_parent):
            case = cases[place % len(cases)]
            Institution.objects.filter(ror_id=HOME).update(ror_id="")
            Institution.objects.filter(applications=case).update(ror_id=HOME)
            way(people[place], Application.objects.with_case().get(pk=case.pk))
    people = list(User.objects.filter(pk__in=[person.pk for person in people]))
    explain(people[-1], cases[0], *Tie)
    rows = Application.objects.filter(round=round)
    pairs = conflicted_pairs(people, rows)
    free = {person.pk: set(without_conflicts(rows, person).values_list("pk", flat=True)) for person in people}
    assert pairs == {(person.pk, case.pk) for person, case in product(people, cases) if case.pk not in free[person.pk]}
    assert pairs, "the test could prove nothing"
    assert len(pairs) < len(people) * len(cases)


def count_of(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        act()
    return len(queries)


def test_the_rule_costs_the_same_few_statements_for_one_and_for_many() -> None:
    round = make_round()
    one = make_cases(1, round)
    person = make_person()
    rows = Application.objects.filter(round=round)
    assert count_of(lambda: list(cases_visible_to(person))) == 1
    assert count_of(lambda: conflicted_pairs([person], rows)) == 4
    make_cases(2, make_round())
    many = [make_person() for _ in range(5)]
    assert count_of(lambda: list(cases_visible_to(person))) == 1
    assert count_of(lambda: conflicted_pairs(many, Application.objects.all())) == 4
    assert count_of(lambda: assignable_experts(one[0])) == 5


def test_an_approver_with_a_found_tie_announces_the_rest_and_counts_only_that() -> None:
    round = make_round()
    first, second = make_cases(2, round)
    for case in (first, second):
        decide(case)
    approver = make_person(Role.APPROVER)
    in_another_application_as_applicant(approver, first)
    assert [decision.application_id for decision in decisions_to_announce(round, by=approver)] == [second.pk]
    assert len(decisions_to_announce(round, by=make_person(Role.APPROVER))) == 2


def test_an_officer_with_a_found_tie_finds_no_page_of_the_case(case: Application) -> None:
    officer = make_person(Role.OFFICER)
    of_a_part(officer, case)
    client = browser_of(officer)
    for page in ("check", "experts", "votes", "decisions"):
        assert client.get(f"/rounds/{case.round.slug}/office/{page}/{case.reference}/").status_code == 404
        assert case.reference not in client.get(f"/rounds/{case.round.slug}/office/{page}/").content.decode()
