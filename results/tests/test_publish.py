"""Publishing a round's list: only announced approvals, whole versions, nothing rewritten."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from institutions.actions import merge_institutions, revise_institution
from institutions.tests.make import make_country, make_institution
from results.actions import DecisionsWait, ListChanged, NoteNeeded, NothingChanged, publish_results
from results.lines import proposal_for
from results.models import ResultList, ResultRow
from results.tests.make import make_announced, make_decided, publish
from reviews.actions import announce_decisions, run_announcements
from reviews.tests.make import announce
from reviews.workflow import Outcome
from rounds.models import Round
from rounds.tests.make import make_round
from samples.tests.make import make_sample
from workflow.models import AppendOnly
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def round() -> Round:
    return make_round(make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0400", mass_ug=100_000))


def rows_of(result_list: ResultList) -> list[tuple[Any, ...]]:
    return list(result_list.rows.values_list())


def two_institutions() -> list[dict[str, object]]:
    return [
        {"institution": make_institution(name_en="Zeta University", country=make_country("FR"))},
        {"institution": make_institution(name_en="Alpha University", country=make_country("JP"))},
    ]


def test_the_list_holds_the_announced_and_visible_approvals_and_nothing_else(round: Round) -> None:
    samples = list(round.samples.order_by("number"))
    approved = make_institution(name_en="Approved", country=make_country("DE"))
    handed_in: list[dict[str, object]] = [
        {"institution": approved, "lines": [(sample, 10_000) for sample in samples]},
        {"institution": make_institution(name_en="Withdrawn later")},
    ]
    _kept, gone = make_announced(round, *handed_in)
    withdraw_application(Application.objects.get(pk=gone.pk), by=gone.owner)
    result_list = publish(round)
    seen = [(row.institution_en, row.country_en, row.sample_number, row.mass_ug) for row in result_list.rows.all()]
    assert seen == [("Approved", "Germany", "CE5C0400", 10_000), ("Approved", "Germany", "CE5C0600", 10_000)]
    assert result_list.announced_on == timezone.localdate()


def test_declined_and_reserve_applications_are_on_no_list(round: Round) -> None:
    make_decided(round, {}, outcome=Outcome.DECLINED)
    announce(round)
    result_list = publish(round)
    assert not result_list.rows.exists()
    assert result_list.announced_on is None


def test_nothing_is_published_before_an_announcement_and_the_words_never_say_why(round: Round) -> None:
    refusals = []

    def refused() -> None:
        with pytest.raises(DecisionsWait) as refusal:
            publish(round)
        refusals.append(str(refusal.value))

    refused()  # nothing was handed in
    make_decided(round, {})
    refused()  # recorded
    Round.objects.filter(pk=round.pk).update(recall_minutes=30)
    round.refresh_from_db()
    announcement = announce_decisions(round, by=make_user(None, Role.APPROVER), count=1)
    refused()  # confirmed, in its recall window
    run_announcements(now=announcement.starts_at + timedelta(seconds=1))
    assert publish(round).rows.count() == 1
    assert len(set(refusals)) == 1
    assert not ResultList.objects.filter(number=2).exists()


@pytest.mark.breaks_invariants
def test_publishing_again_with_nothing_changed_is_refused_on_any_day(round: Round) -> None:
    make_announced(round, {})
    Application.objects.update(visible_at=timezone.now() - timedelta(days=3))
    assert publish(round).announced_on == timezone.localdate() - timedelta(days=3), "the day of the announcement, not of publishing"
    with pytest.raises(NothingChanged):
        publish(round, note="Again.")
    assert ResultList.objects.count() == 1


def test_a_correction_is_a_new_version_with_a_note_and_the_old_one_stays_as_it_was(round: Round, client: Client) -> None:
    _first, second = make_announced(round, *two_institutions())
    version_1 = publish(round)
    before = rows_of(version_1)
    files = [client.get(f"/results/{round.slug}.{kind}?version=1").content for kind in ("csv", "json")]
    withdraw_application(Application.objects.get(pk=second.pk), by=second.owner)
    with pytest.raises(NoteNeeded):
        publish(round)
    version_2 = publish(round, note="One application was withdrawn.")
    assert (version_1.number, version_2.number) == (1, 2)
    assert [row.institution_en for row in version_2.rows.all()] == ["Zeta University"]
    assert rows_of(version_1) == before
    csv, json = (client.get(f"/results/{round.slug}.{kind}?version=1").content for kind in ("csv", "json"))
    assert csv == files[0]
    assert json == files[1].replace(b'"is_current": true', b'"is_current": false')


def test_names_stay_as_published_when_an_institution_is_renamed_or_merged(round: Round) -> None:
    institution = make_institution(name_en="Old name", country=make_country("FR"))
    make_announced(round, {"institution": institution})
    version_1 = publish(round)
    institution.refresh_from_db()
    revise_institution(institution, name_en="New name")
    assert [row.institution_en for row in version_1.rows.all()] == ["Old name"]
    version_2 = publish(round, note="A name was corrected.")
    assert [row.institution_en for row in version_2.rows.all()] == ["New name"]
    merge_institutions(institution, make_institution(name_en="Survivor", country=make_country("DE")), by=None)
    version_3 = publish(round, note="Two institutions are one.")
    assert [(row.institution_en, row.country_en) for row in version_3.rows.all()] == [("Survivor", "Germany")]
    assert [[row.institution_en for row in one.rows.all()] for one in (version_1, version_2)] == [["Old name"], ["New name"]]


def test_only_the_list_that_was_previewed_is_published(round: Round) -> None:
    _first, second = make_announced(round, *two_institutions())
    seen = proposal_for(round).digest
    withdraw_application(Application.objects.get(pk=second.pk), by=second.owner)
    with pytest.raises(ListChanged):
        publish_results(round, by=make_user(None, Role.ADMINISTRATOR), seen_digest=seen)
    assert not ResultList.objects.exists()


def test_the_database_refuses_to_change_what_was_published(round: Round) -> None:
    make_announced(round, {})
    result_list = publish(round)
    row = result_list.rows.get()
    for written in (result_list, row):
        with pytest.raises(AppendOnly):
            written.save()
        with pytest.raises(AppendOnly):
            written.delete()
    for rows in (ResultRow.objects.all(), ResultList.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(source="changed")
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_a_crash_in_between_leaves_no_half_of_a_list(round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    make_announced(round, {})

    def die(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(ResultRow.objects, "bulk_create", die)
    with pytest.raises(RuntimeError):
        publish(round)
    assert not ResultList.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_of_two_who_publish_at_once_one_does() -> None:
    round = make_round(make_sample("CE5C0600", mass_ug=100_000))
    make_announced(round, {})
    people = [make_user(None, Role.ADMINISTRATOR) for _ in range(6)]
    barrier, outcomes = threading.Barrier(len(people)), []

    def work(by: User) -> None:
        try:
            mine = Round.objects.get(pk=round.pk)
            barrier.wait()
            outcomes.append(publish_results(mine, by=by).number)
        except (NotPossibleNow, NothingChanged, NoteNeeded):
            outcomes.append(0)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [0, 0, 0, 0, 0, 1]
    assert [(one.number, one.rows.count()) for one in ResultList.objects.all()] == [(1, 1)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_list_published_while_one_withdraws_is_the_old_one_or_the_new_one() -> None:
    samples = [make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0400", mass_ug=100_000)]
    round = make_round(*samples)
    _first, second = make_announced(round, {}, {"lines": [(sample, 10_000) for sample in samples]})
    by, barrier, published = make_user(None, Role.ADMINISTRATOR), threading.Barrier(2), []

    def publish_it() -> None:
        try:
            barrier.wait()
            published.append(publish_results(Round.objects.get(pk=round.pk), by=by))
        finally:
            connection.close()

    def withdraw_it() -> None:
        try:
            application = Application.objects.get(pk=second.pk)
            barrier.wait()
            withdraw_application(application, by=application.owner)
        finally:
            connection.close()

    threads = [threading.Thread(target=target) for target in (publish_it, withdraw_it)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert published[0].rows.count() in (1, 3), "both rows of the withdrawn application, or none"
