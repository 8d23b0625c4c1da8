"""A list that is published at an instant which was set: once, judged again, recallable until then."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.actions import end_role
from accounts.models import Role, User
from accounts.templatetags.portal import BEIJING
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from institutions.tests.make import make_institution
from results.actions import (
    AlreadySet,
    DecisionsWait,
    ListChanged,
    NoteNeeded,
    NothingChanged,
    TooEarly,
    recall_publication,
    run_publications,
    schedule_publication,
)
from results.lines import proposal_for
from results.models import Publication, ResultList
from results.tests.make import make_announced, make_decided, publish
from reviews.tests.make import announce, browser_of, decide, make_cases, seen_again
from reviews.workflow import Outcome
from rounds.models import Round
from rounds.tests.make import make_round
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db
SOON = timedelta(hours=1)


@pytest.fixture
def round() -> Round:
    return make_round(make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0400", mass_ug=100_000))


@pytest.fixture
def administrator(db: None) -> User:
    return make_user(None, Role.ADMINISTRATOR)


def set_moment(round: Round, by: User, *, after: timedelta = SOON, note: str = "") -> Publication:
    words = {"note_en": note, "note_zh": note and "更正。"}
    return schedule_publication(round, by=by, publishes_at=timezone.now() + after, seen_digest=proposal_for(round).digest, **words)


def the_moment_comes() -> int:
    return run_publications(now=timezone.now() + SOON)


def test_it_is_published_at_its_moment_and_once(round: Round, administrator: User, client: Client) -> None:
    make_announced(round, {})
    publication = set_moment(round, administrator)
    assert run_publications() == 0
    assert client.get(f"/results/{round.slug}/").status_code == 404
    assert the_moment_comes() == 1
    assert the_moment_comes() == 0
    result_list = ResultList.objects.get()
    assert (result_list.number, result_list.by) == (1, administrator)
    publication.refresh_from_db()
    assert publication.status == "published"
    assert [change.move for change in publication.history.all()] == ["publish"]
    assert client.get(f"/results/{round.slug}/").status_code == 200


def test_until_then_it_can_be_recalled_and_not_after(round: Round, administrator: User) -> None:
    make_announced(round, {})
    publication = set_moment(round, administrator)
    recall_publication(publication, by=administrator)
    assert the_moment_comes() == 0
    assert not ResultList.objects.exists()
    late = set_moment(round, administrator)
    late.publishes_at = timezone.now()
    with pytest.raises(NotPossibleNow):
        recall_publication(late, by=administrator)


def test_only_a_moment_ahead_can_be_set_and_only_one(round: Round, administrator: User) -> None:
    make_announced(round, {})
    with pytest.raises(TooEarly):
        set_moment(round, administrator, after=timedelta(seconds=-1))
    set_moment(round, administrator)
    with pytest.raises(AlreadySet):
        set_moment(round, make_user(None, Role.ADMINISTRATOR))
    with pytest.raises(AlreadySet):
        publish(round)
    assert Publication.objects.count() == 1


def test_what_could_not_be_published_now_cannot_be_set(round: Round, administrator: User) -> None:
    make_decided(round, {})
    with pytest.raises(DecisionsWait):
        set_moment(round, administrator)
    announce(round)
    with pytest.raises(ListChanged):
        schedule_publication(round, by=administrator, publishes_at=timezone.now() + SOON, seen_digest="another")
    publish(round)
    with pytest.raises(NothingChanged):
        set_moment(round, administrator, note="Again.")
    withdraw_application(Application.objects.get(), by=Application.objects.get().owner)
    with pytest.raises(NoteNeeded):
        set_moment(round, administrator)
    assert not Publication.objects.exists()


def refused(round: Round, problem: str) -> None:
    assert the_moment_comes() == 0
    publication = Publication.objects.get()
    assert (publication.status, publication.problem) == ("refused", problem)
    assert not ResultList.objects.exists()
    assert the_moment_comes() == 0, "it is not tried again"
    page = browser_of(make_user(None, Role.ADMINISTRATOR)).get(f"/rounds/{round.slug}/office/results/").content.decode()
    assert "and was not:" in page


def test_a_decision_recorded_since_lets_it_be_refused_in_the_usual_words(round: Round, administrator: User) -> None:
    first, second = make_cases(2, round)
    decide(first)
    decide(second, outcome=Outcome.RESERVE)
    announce(round)
    set_moment(round, administrator)
    decide(seen_again(second))
    refused(round, "waits")


def test_a_list_that_has_changed_since_is_refused(round: Round, administrator: User) -> None:
    _first, second = make_announced(round, {}, {"institution": make_institution(name_en="Second")})
    set_moment(round, administrator)
    withdraw_application(Application.objects.get(pk=second.pk), by=second.owner)
    page = browser_of(administrator).get(f"/rounds/{round.slug}/office/results/").content.decode()
    assert "as it stands, it will not be published then" in page
    refused(round, "changed")


def test_whoever_is_no_administrator_any_more_publishes_nothing(round: Round, administrator: User) -> None:
    make_announced(round, {})
    set_moment(round, administrator)
    end_role(administrator, Role.ADMINISTRATOR, by=make_user(None, Role.ADMINISTRATOR))
    refused(round, "may_not")


def test_a_refused_one_makes_room_for_another_moment(round: Round, administrator: User) -> None:
    _first, second = make_announced(round, {}, {"institution": make_institution(name_en="Second")})
    set_moment(round, administrator)
    withdraw_application(Application.objects.get(pk=second.pk), by=second.owner)
    the_moment_comes()
    set_moment(round, administrator)
    assert the_moment_comes() == 1
    page = browser_of(administrator).get(f"/rounds/{round.slug}/office/results/").content.decode()
    assert "and was not:" not in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("turn", range(4))
def test_workers_that_come_at_once_publish_once_and_a_recall_at_that_moment_wins_or_loses_whole(turn: int) -> None:
    round = make_round(make_sample("CE5C0600", mass_ug=1_000_000))
    make_announced(round, {})
    by = make_user(None, Role.ADMINISTRATOR)
    publication = set_moment(round, by)
    barrier, published = threading.Barrier(4), []

    def work() -> None:
        try:
            barrier.wait()
            published.append(the_moment_comes())
        finally:
            connection.close()

    def recall() -> None:
        try:
            mine = Publication.objects.get(pk=publication.pk)
            barrier.wait()
            recall_publication(mine, by=by)
        except NotPossibleNow:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=target) for target in (work, work, work, recall)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    publication.refresh_from_db()
    assert (publication.status, ResultList.objects.count(), sum(published)) in {("published", 1, 1), ("recalled", 0, 0)}


# --- The page -------------------------------------------------------------------------------------------------------------


def fields(round: Round, moment: str = "", **more: str) -> dict[str, str]:
    day, _space, clock = moment.partition(" ")
    return {"digest": proposal_for(round).digest, "note_en": "", "note_zh": "", "publishes_at_day": day, "publishes_at_time": clock} | more


def test_the_administrator_sets_a_moment_and_recalls_it(round: Round, administrator: User) -> None:
    make_announced(round, {})
    client, address = browser_of(administrator), f"/rounds/{round.slug}/office/results/"
    ahead = (timezone.now() + timedelta(days=2)).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    empty = client.post(address, fields(round, way="later"))
    assert empty.status_code == 422
    assert "publish the list at once" in empty.content.decode()
    past = client.post(address, fields(round, "2024-01-01 10:00", way="later"))
    assert past.status_code == 422
    assert "Choose a moment that lies ahead" in past.content.decode()
    assert client.post(address, fields(round, ahead, way="later"))["Location"] == address
    page = client.get(address).content.decode()
    assert "It will be published on" in page
    assert "Publish version" not in page
    assert Publication.objects.get().publishes_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") == ahead
    assert client.post(address, fields(round, way="now")).status_code == 422
    assert client.post(f"{address}recall/")["Location"] == address
    assert Publication.objects.get().status == "recalled"
    assert client.post(f"{address}recall/").status_code == 404
    assert client.post(address, fields(round, ahead, way="now"))["Location"] == f"/results/{round.slug}/"


def test_publishing_and_setting_a_moment_ask_for_a_fresh_sign_in_and_looking_does_not(round: Round, administrator: User, client: Client) -> None:
    make_announced(round, {})
    client.force_login(administrator)
    address = f"/rounds/{round.slug}/office/results/"
    assert client.get(address).status_code == 200
    for way in ("now", "later"):
        assert "reauthenticate" in client.post(address, fields(round, "2030-01-01 10:00", way=way))["Location"]
    assert not ResultList.objects.exists()
    assert not Publication.objects.exists()


def test_nobody_but_administrators_learns_of_a_moment_that_is_set(round: Round, administrator: User, client: Client) -> None:
    (application,) = make_announced(round, {})
    people = [None, application.owner, make_user(None, Role.OFFICER), make_user(None, Role.APPROVER)]
    addresses = ("/results/", "/results/feed.atom", f"/rounds/{round.slug}/", f"/rounds/{round.slug}/office/", "/desk/")

    def seen() -> list[tuple[int, int]]:
        answers = [browser_of(person).get(address) for person in people for address in addresses]
        return [(answer.status_code, len(answer.content)) for answer in answers]

    before = seen()
    set_moment(round, administrator)
    assert seen() == before
    for role in (Role.OFFICER, Role.APPROVER, Role.EXPERT):
        assert browser_of(make_user(None, role)).post(f"/rounds/{round.slug}/office/results/recall/").status_code == 403
    assert Publication.objects.get().is_set
