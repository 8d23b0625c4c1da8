"""Lists cost the same number of queries with one row and with three, and a long one goes on where the page before ended."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from applications.tests.make import make_submitted
from institutions.tests.make import make_institution
from reviews.actions import announce_decisions
from reviews.tests.make import browser_of, carry, decide, file, make_cases, make_review
from rounds.models import Round
from rounds.tests.make import close_round, make_round

pytestmark = pytest.mark.django_db


def to_check(count: int, round: Round, reader: User) -> None:
    for _ in range(count):
        make_submitted(round)
    close_round(round)


def in_review(count: int, round: Round, reader: User) -> None:
    for application in make_cases(count, round):
        file(make_review(application))
        make_review(application)


def voted(count: int, round: Round, reader: User) -> None:
    for application in make_cases(count, round):
        carry(application, officer=reader)


def decided(count: int, round: Round, reader: User) -> None:
    for application in make_cases(count, round):
        decide(application)


def announced(count: int, round: Round, reader: User) -> None:
    decided(count, round, reader)
    announce_decisions(round, by=reader, count=count)


def mine(count: int, round: Round, reader: User) -> None:
    for application in make_cases(count, round):
        make_review(application, reader)


@pytest.mark.parametrize(
    ("name", "role", "fill", "marker"),
    [
        ("check", Role.OFFICER, to_check, "LSA-"),
        ("experts", Role.OFFICER, in_review, "LSA-"),
        ("votes", Role.OFFICER, voted, "LSA-"),
        ("decisions", Role.OFFICER, decided, "LSA-"),
        ("announce", Role.APPROVER, decided, "LSA-"),
        ("announce", Role.APPROVER, announced, "Recall the announcement"),
        ("letters", Role.OFFICER, decided, "LSL-"),
        ("queue", Role.EXPERT, mine, "LSA-"),
    ],
    ids=["check", "experts", "votes", "decisions", "announce", "announced", "letters", "queue"],
)
def test_three_rows_cost_as_many_queries_as_one(name: str, role: Role, fill: Callable[[int, Round, User], None], marker: str) -> None:
    counts = []
    sample_of = make_round().samples.all()
    for rows in (1, 3):
        round, reader = make_round(*sample_of, recall_minutes=30), make_user(None, role)
        fill(rows, round, reader)
        client = browser_of(reader)
        url = reverse(f"reviews:{name}", args=[] if name == "queue" else [round.slug])
        client.get(url)  # whatever is read once per process
        with CaptureQueriesContext(connection) as queries:
            page = client.get(url).content.decode()
        assert marker in page
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 20


@pytest.mark.parametrize(
    ("name", "role", "fill", "statements"),
    [
        ("check", Role.OFFICER, to_check, 4),
        ("experts", Role.OFFICER, in_review, 4),
        ("votes", Role.OFFICER, voted, 5),
        ("decisions", Role.OFFICER, decided, 4),
        ("queue", Role.EXPERT, mine, 5),
    ],
    ids=["check", "experts", "votes", "decisions", "queue"],
)
def test_a_list_takes_few_statements(name: str, role: Role, fill: Callable[[int, Round, User], None], statements: int) -> None:
    """Session, person, round, and the lines. The list of votes asks for the meeting, an expert's own list for the seats and what is past."""
    sample_of = make_round().samples.all()
    for rows in (1, 3):
        round, reader = make_round(*sample_of), make_user(None, role)
        fill(rows, round, reader)
        client = browser_of(reader)
        url = reverse(f"reviews:{name}", args=[] if name == "queue" else [round.slug])
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(url).content.decode()
        assert page.count('scope="row"') == rows
        assert len(queries) == statements, [query["sql"][:200] for query in queries]


def test_a_line_of_a_list_says_what_it_said_as_an_object() -> None:
    """In both languages: the name of the institution, the country, the state, and for an approver the way to the case file."""
    round, place = make_round(), make_institution(name_en="Selenic Institute", name_local="月球研究所")
    (case,) = make_cases(1, round, institution=place)
    approver = make_user(None, Role.APPROVER)
    client = browser_of(approver)
    for language, name_of_place in (("en", "Selenic Institute"), ("zh-hans", "月球研究所")):
        client.cookies["django_language"] = language
        for name in ("experts", "votes", "decisions"):
            page = client.get(reverse(f"reviews:{name}", args=[round.slug])).content.decode()
            assert name_of_place in page, (name, language)
            assert ("月球研究所" in page) != ("Selenic Institute" in page)
            assert f'href="{reverse("desk:case", args=[round.slug, case.reference])}"' in page
            assert name != "decisions" or language == "zh-hans" or "In review" in page


def test_a_review_page_costs_the_same_with_more_samples_and_more_reviews() -> None:
    counts = []
    sample_of = make_round().samples.all()
    for others in (0, 3):
        (application,) = make_cases(1, make_round(*sample_of))
        review = make_review(application)
        for _ in range(others):
            file(make_review(application))
        client = browser_of(review.expert)
        url = reverse("reviews:review", args=[review.pk])
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.breaks_invariants  # copies of one application, without versions and receipts of their own
def test_a_list_of_more_than_fifty_goes_on_behind_its_last_row() -> None:
    (application,) = make_cases(1)
    pattern = Application.objects.get(pk=application.pk)
    copies = []
    for number in range(1, 53):
        copy = Application.objects.get(pk=application.pk)
        copy.pk, copy.reference = None, f"LSA-2001-{number:05d}"
        copies.append(copy)
    Application.objects.bulk_create(copies)
    client = browser_of(make_user(None, Role.OFFICER))
    url = reverse("reviews:decisions", args=[pattern.round.slug])
    first = client.get(url).content.decode()
    assert pattern.reference in first
    assert "LSA-2001-00004" in first
    assert "LSA-2001-00003" not in first
    after = Application.objects.get(reference="LSA-2001-00004").pk
    assert f"?after={after}" in first
    second = client.get(f"{url}?after={after}").content.decode()
    assert "LSA-2001-00003" in second
    assert "LSA-2001-00004" not in second
    for senseless in ("x", "99999999999999999999"):
        assert pattern.reference in client.get(url, {"after": senseless}).content.decode()
