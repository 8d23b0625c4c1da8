"""My work, the overview of a round and the case file."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from applications.tests.make import make_in_review, make_submitted
from desk.work import stages
from institutions.tests.make import make_institution, make_membership
from reviews.models import Conflict
from reviews.tests.make import carry, decide, file, make_review
from rounds.models import Round
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


def counts(user: User, round: Round) -> tuple[int, ...]:
    stage = stages(user, [round])[0]
    return (stage.handed_in, stage.to_check, stage.to_assign, stage.to_vote, stage.to_decide, stage.to_announce)


def test_a_case_is_counted_where_it_waits(officer: User) -> None:
    application = make_submitted()
    round = application.round
    assert counts(officer, round) == (1, 1, 0, 0, 0, 0)
    application = make_in_review()
    round = application.round
    assert counts(officer, round) == (1, 0, 1, 0, 0, 0)
    make_review(application)
    assert counts(officer, round) == (1, 0, 0, 1, 0, 0)
    carry(application, officer=officer)
    assert counts(officer, round) == (1, 0, 0, 0, 1, 0)
    decide(application, officer=officer)
    assert counts(officer, round) == (1, 0, 0, 0, 0, 1)


def test_a_person_with_a_tie_or_a_conflict_counts_nothing(officer: User) -> None:
    home = make_institution()
    application = make_in_review(institution=home)
    conflicted = make_user(None, Role.OFFICER)
    Conflict.objects.create(user=conflicted, application=application)
    tied = make_user(None, Role.APPROVER)
    make_membership(tied, home)
    assert counts(officer, application.round)[0] == 1
    assert counts(conflicted, application.round) == counts(tied, application.round) == (0, 0, 0, 0, 0, 0)


def test_the_case_file_shows_everything_and_takes_the_same_queries_for_one_and_three_reviews(
    client: Client, officer: User, django_assert_max_num_queries: object
) -> None:
    application = make_in_review()
    file(make_review(application))
    client.force_login(officer)
    address = reverse("desk:case", args=[application.round.slug, application.reference])
    with django_assert_max_num_queries(17) as once:  # type: ignore[operator]
        text = client.get(address).content.decode()
    for words in (application.reference, "Clear.", "Strong.", "LSL-"):
        assert words in text
    file(make_review(application))
    file(make_review(application))
    with django_assert_max_num_queries(17) as thrice:  # type: ignore[operator]
        client.get(address)
    assert len(once) == len(thrice)


def test_the_votes_stand_in_the_case_file_and_cost_no_query_of_their_own(client: Client, officer: User, django_assert_num_queries: object) -> None:
    application = make_in_review()
    client.force_login(officer)
    address = reverse("desk:case", args=[application.round.slug, application.reference])
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        assert "Recused" not in client.get(address).content.decode()
    carry(application, officer=officer, yes=7, present=9)
    with django_assert_num_queries(len(before)):  # type: ignore[operator]
        text = client.get(address).content.decode()
    assert '<td class="n">9</td><td class="n">0</td><td class="n">7</td><td class="n">2</td><td class="n">0</td>' in text


def test_my_work_takes_the_same_queries_for_one_and_three_applications(client: Client, django_assert_max_num_queries: object) -> None:
    owner, round = make_user(), make_round()
    client.force_login(owner)
    make_submitted(round, owner=owner)
    with django_assert_max_num_queries(20) as once:  # type: ignore[operator]
        client.get(reverse("desk:desk"))
    make_submitted(round, owner=owner)
    make_submitted(round, owner=owner)
    with django_assert_max_num_queries(20) as thrice:  # type: ignore[operator]
        client.get(reverse("desk:desk"))
    assert Application.objects.count() == 3
    assert len(once) == len(thrice)


def test_a_draft_is_no_case_even_for_the_office(client: Client, officer: User) -> None:
    application = make_in_review()
    client.force_login(officer)
    missing = client.get(reverse("desk:case", args=[application.round.slug, "LSA-2001-00001"]))
    assert missing.status_code == 404
    elsewhere = make_round()
    assert client.get(reverse("desk:case", args=[elsewhere.slug, application.reference])).status_code == 404
