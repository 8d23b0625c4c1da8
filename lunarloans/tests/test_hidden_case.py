"""Hostile attempts on what is hidden: known references, guessed keys, posts to what belongs to others (quality: S-03, S-05, S-06, S-08)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from accounts.models import Role
from accounts.tests.make import make_user
from applications.models import Application
from desk.work import stages
from lunarloans.tests.crawl import Answer, Crawler, Visit, digests, first_lines, standing_still
from lunarloans.tests.make import World
from lunarloans.tests.test_access import kwargs_of, named_urls
from lunarloans.tests.worlds import elsewhere, judged, review_of
from reviews.models import Review, cases_visible_to
from reviews.workflow import ReviewStatus

pytestmark = pytest.mark.django_db
UNKNOWN = "LSA-2026-99999"
NO_KEY = 987654321
OF_CASES = ("reviews:", "desk:")
Said = tuple[int, list[str], bytes]


@pytest.fixture(scope="module")
def crawler(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Crawler]:
    with standing_still(django_db_blocker) as (world, dice):
        yield Crawler(world, dice)


@pytest.fixture
def world(crawler: Crawler) -> World:
    return crawler.world  # type: ignore[no-any-return]


def ask(crawler: Crawler, role: str, method: str, url: str, hidden: str, put: str = "HERE") -> Said:
    """An answer with the guess taken out of it; the dice fall the same for both guesses."""
    crawler.dice.throw(f"{role} {method}")
    with_guess: Answer = crawler.fetch(Visit(role, method, url))
    headers = [line.replace(hidden, put) for line in with_guess.headers if not line.startswith("Content-Length")]
    return with_guess.status, headers, with_guess.body.replace(hidden.encode(), put.encode())


def first_difference(this: Said, that: Said) -> str:
    """The first lines in which two answers differ."""
    here, there = ([str(status), *headers, *body.decode().splitlines()] for status, headers, body in (this, that))
    return first_lines(here, there, most=2)


def addresses(world: World, argument: str, prefixes: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, needed in sorted(set(named_urls()), key=str):
        if argument in needed and name.startswith(prefixes):
            yield name, kwargs_of(name, needed, world)


class SameDice:
    """Throws the same for every visit, so that an address that differs in the guess alone is answered with the same tokens."""

    def __init__(self, dice: Any) -> None:
        self.dice = dice

    def throw(self, what: str) -> None:
        self.dice.throw("the same")


@pytest.fixture
def fair(crawler: Crawler) -> Iterator[Crawler]:
    dice, crawler.dice = crawler.dice, SameDice(crawler.dice)  # type: ignore[assignment]
    yield crawler
    crawler.dice = dice


@pytest.mark.parametrize("role", ["tied_officer", "pinned_officer", "tied_approver", "tied_administrator", "declared_expert", "curator"])
def test_a_hidden_reference_is_answered_at_every_address_as_one_that_does_not_exist(fair: Crawler, world: World, role: str) -> None:
    hidden = world.case.reference
    assert len(hidden) == len(UNKNOWN)
    differing = []
    for name, given in addresses(world, "reference", (*OF_CASES, "applications:")):
        for method in ("GET", "POST"):
            known = ask(fair, role, method, reverse(name, kwargs=given | {"reference": hidden}), hidden)
            unknown = ask(fair, role, method, reverse(name, kwargs=given | {"reference": UNKNOWN}), UNKNOWN)
            if known != unknown or (known[0] < 400 and "login" not in str(known[1])):
                differing.append(f"{method} {name} {known[0]} {unknown[0]} {first_difference(known, unknown)}")
    assert differing == []


@pytest.mark.parametrize("role", ["applicant", "stranger", "other_expert", "declared_expert", "removed_expert", "tied_officer", "officer"])
def test_the_key_of_somebody_elses_review_is_answered_as_one_that_does_not_exist(fair: Crawler, world: World, role: str) -> None:
    keys = [pk for pk in Review.objects.order_by("pk").values_list("pk", "expert") if pk[1] != world.people[role].pk]
    differing = []
    for name, given in addresses(world, "pk", ("reviews:", "desk:facts")):
        if "slug" in given or "reference" in given:
            continue
        for method in ("GET", "POST"):
            absent = reverse(name, kwargs=given | {"pk": NO_KEY})
            unknown = ask(fair, role, method, absent, absent)
            for pk, _expert in keys:
                url = reverse(name, kwargs=given | {"pk": pk})
                known = ask(fair, role, method, url, url)
                if known != unknown:
                    differing.append(f"{method} {name} {pk} {first_difference(known, unknown)}")
    assert differing == []


@pytest.mark.parametrize("role", ["other_expert", "declared_expert", "removed_expert"])
def test_a_post_to_a_review_that_is_not_ones_own_any_more_saves_nothing(world: World, role: str) -> None:
    """Also the queued form of a tab that was open when the expert was taken off, or stepped back."""
    target = review_of(world, "expert" if role == "other_expert" else role)
    client, before = world.client(role), digests()
    criteria = list(world.reviewed.criteria.all())
    words = {f"score_{criterion.pk}": "5" for criterion in criteria} | {"remarks_to_applicant": "x", "remarks_to_committee": "y", "reason": "z"}
    for name, given in addresses(world, "pk", ("reviews:",)):
        if "slug" in given or "reference" in given:
            continue
        for button in ("save", "file"):
            form = {**words, button: "yes", "seen_revision": str(target.revision), "note": "n", "text": "t"}
            answer = client.post(reverse(name, kwargs=given | {"pk": target.pk}), form)
            assert answer.status_code in (404, 405), name
    after = digests()
    assert {table for table in after if after[table] != before[table]} <= {"django_session"}


def test_files_of_a_hidden_case_are_not_given_through_another_case_or_review(world: World) -> None:
    other, hidden = elsewhere(world), world.case_file.pk
    own = Review.objects.get(application=other, expert=world.people["other_expert"])
    assert world.client("other_expert").get(reverse("reviews:attachment", args=[own.pk, hidden])).status_code == 404
    for role in ("tied_officer", "pinned_officer", "tied_approver"):
        url = reverse("reviews:case_attachment", args=[world.reviewed.slug, other.reference, hidden])
        assert world.client(role).get(url).status_code == 404


@pytest.mark.parametrize("role", ["tied_officer", "pinned_officer", "tied_approver"])
def test_desk_overview_and_letters_count_and_name_no_hidden_case(world: World, role: str) -> None:
    person, client = world.people[role], world.client(role)
    visible = set(cases_visible_to(person).of_round(world.reviewed).values_list("reference", flat=True))
    hidden = set(Application.objects.handed_in().of_round(world.reviewed).values_list("reference", flat=True)) - visible
    assert world.case.reference in hidden
    (stage,) = stages(person, [world.reviewed])
    assert stage.handed_in == len(visible)
    for url in (reverse("desk:desk"), reverse("desk:office", args=[world.reviewed.slug]), reverse("reviews:letters", args=[world.reviewed.slug])):
        page = client.get(url).content.decode()
        assert not [reference for reference in hidden if reference in page], url


@pytest.mark.parametrize("role", ["tied_officer", "pinned_officer"])
def test_the_key_of_a_hidden_case_is_no_place_to_go_on_from(fair: Crawler, world: World, role: str) -> None:
    for name in ("check", "experts", "votes", "decisions"):
        page = reverse(f"reviews:{name}", args=[world.reviewed.slug])
        hidden, absent = f"?after={world.case.pk}", f"?after={NO_KEY}"
        assert ask(fair, role, "GET", page + hidden, hidden) == ask(fair, role, "GET", page + absent, absent), name


def test_an_applicant_with_a_review_of_the_own_case_finds_none_and_no_count_differs(world: World) -> None:
    """However the row came about: nobody can assign it."""
    expert = make_user("both@example.org", Role.EXPERT)
    Application.objects.filter(pk=world.to_check.pk).update(owner=expert)
    client_pages = [reverse("reviews:queue"), reverse("desk:desk")]
    world.people["both"] = expert
    client = world.client("both")
    before = [client.get(url).content.count(b"LSA-") for url in client_pages]
    review = Review.objects.create(application=world.to_check, expert=expert, status=ReviewStatus.OPEN)
    assert [client.get(url).content.count(b"LSA-") for url in client_pages] == before
    assert client.get(reverse("reviews:review", args=[review.pk])).status_code == 404
    assert json.loads(client.get(reverse("desk:download_my_data")).content)["reviews"] == []
    del world.people["both"]


def test_the_download_of_an_experts_data_holds_nothing_of_another_reviewer(world: World) -> None:
    judged("colleague", to_applicant="Only the colleague says this.", to_committee="And this as well.")(world)
    for role in ("expert", "other_expert", "declared_expert", "applicant", "officer"):
        content = world.client(role).get(reverse("desk:download_my_data")).content.decode()
        assert "colleague" not in content, role
        assert world.people["colleague"].full_name not in content, role
    own = json.loads(world.client("colleague").get(reverse("desk:download_my_data")).content)["reviews"]
    assert [review["remarks_to_committee"] for review in own] == ["And this as well."]


@pytest.mark.parametrize("role", ["tied_officer", "pinned_officer", "tied_approver"])
def test_no_file_of_the_office_names_a_hidden_case(world: World, role: str) -> None:
    """The table of the panel, the lists of results: whatever is no page."""
    client, slug = world.client(role), world.reviewed.slug
    for name, given in (("reviews:panel_csv", {"slug": slug}), ("results:csv", {"slug": "published"}), ("results:json", {"slug": "published"})):
        content = b"".join(client.get(reverse(name, kwargs=given)))
        assert world.case.reference.encode() not in content, name
        if role != "pinned_officer":  # whose conflict is about one case, not about an institution
            assert world.decided.reference.encode() not in content, name
