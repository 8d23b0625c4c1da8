"""Two at once, on connections of their own: each race has one winner and leaves nothing half done."""

import threading
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.make import make_user
from applications.actions import (
    KeyUsed,
    Saved,
    StaleTab,
    base_of,
    revise_application,
    revise_requests,
    save_answers,
    start_application,
    start_version,
    submit_application,
    withdraw_application,
)
from applications.models import Application, Receipt, ReferenceCounter, Version
from applications.tests.make import make_draft, make_submitted, the_draft
from applications.workflow import Status
from institutions.models import Institution, Kind
from institutions.tests.make import make_institution
from letters.models import Letter
from rounds.tests.make import make_round
from workflow.transitions import NotPossibleNow

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a test's SQLite lives in memory and knows one connection"),
]


@pytest.fixture
def institution() -> Institution:
    """These tests empty the tables, countries as well; this kind needs none."""
    return make_institution(kind=Kind.ORGANISATION)


def at_once(*attempts: Callable[[], object]) -> list[object]:
    """Run them at the same moment; what each returned or raised, in their order."""
    start = threading.Barrier(len(attempts))
    results: list[object] = [None] * len(attempts)

    def run(place: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(30)
            results[place] = attempts[place]()
        except Exception as problem:  # noqa: BLE001 — what goes wrong in a thread must reach the test
            results[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(attempts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_the_same_form_sent_ten_times_at_once_gives_one_receipt(institution: Institution) -> None:
    application, key = make_draft(institution=institution), uuid4()
    results = at_once(*[lambda: submit_application(application, by=application.owner, key=key)] * 10)
    assert [result for result in results if not isinstance(result, Receipt)] == []
    assert {result.pk for result in results if isinstance(result, Receipt)} == {Receipt.objects.get().pk}
    assert Letter.objects.count() == 1
    assert application.history.count() == 1


def test_two_windows_that_submit_at_once_leave_one_version(institution: Institution) -> None:
    application = make_draft(institution=institution)
    results = at_once(*[lambda: submit_application(application, by=application.owner, key=uuid4())] * 4)
    assert sorted(type(result).__name__ for result in results) == ["NotPossibleNow"] * 3 + ["Receipt"]
    assert Version.objects.count() == Receipt.objects.count() == 1


def test_one_key_for_two_applications_at_once_serves_one_of_them(institution: Institution) -> None:
    round, owner, key = make_round(), make_user(), uuid4()
    one, other = (make_draft(round, owner=owner, institution=institution) for _ in range(2))
    results = at_once(*[lambda application=application: submit_application(application, by=owner, key=key) for application in (one, other)])
    assert sorted(type(result).__name__ for result in results) == [KeyUsed.__name__, "Receipt"]
    assert Application.objects.filter(status=Status.SUBMITTED).count() == 1


def test_thirty_that_start_at_once_have_thirty_references_without_a_gap() -> None:
    round, owner = make_round(), make_user()
    results = at_once(*[lambda: start_application(round, by=owner)] * 30)
    references = sorted(result.reference for result in results if isinstance(result, Application))
    assert len(set(references)) == 30
    counter = ReferenceCounter.objects.get()
    assert references == [f"LSA-{counter.year}-{number:05d}" for number in range(1, 31)]
    assert counter.last == 30


def test_of_two_windows_that_save_at_once_one_is_told(institution: Institution) -> None:
    application = make_draft(institution=institution)
    copies = [the_draft(application) for _ in range(6)]

    def save(place: int) -> object:
        return revise_application(copies[place], by=application.owner, seen_revision=2, title=f"Window {place}")

    results = at_once(*[lambda place=place: save(place) for place in range(6)])
    assert sorted(type(result).__name__ for result in results) == [Saved.__name__] + [StaleTab.__name__] * 5
    winner = next(place for place, result in enumerate(results) if isinstance(result, Saved))
    draft = the_draft(application)
    assert (draft.title, draft.revision) == (f"Window {winner}", 3)


def test_samples_saved_at_once_are_those_of_one_window(institution: Institution) -> None:
    application = make_draft(institution=institution)
    sample = the_draft(application).requests.get().sample
    copies = [the_draft(application) for _ in range(6)]

    def save(place: int) -> object:
        return revise_requests(copies[place], by=application.owner, seen_revision=2, lines=[(sample, 1_000 * (place + 1))])

    results = at_once(*[lambda place=place: save(place) for place in range(6)])
    winner = next(place for place, result in enumerate(results) if isinstance(result, Saved))
    assert sum(isinstance(result, Saved) for result in results) == 1
    assert [line.mass_ug for line in the_draft(application).requests.all()] == [1_000 * (winner + 1)]


def test_six_writers_of_six_answers_all_keep_their_words(institution: Institution) -> None:
    application = make_draft(institution=institution)
    names = ["storage", "security", "transport", "records", "schedule", "funding"]
    copies = [the_draft(application) for _ in names]

    def save(place: int) -> object:
        bases = {names[place]: base_of(copies[place].answers[names[place]])}
        return save_answers(copies[place], by=application.owner, answers={names[place]: f"Written by {place}"}, bases=bases)

    results = at_once(*[lambda place=place: save(place) for place in range(6)])
    assert [result.conflicts for result in results if isinstance(result, Saved)] == [{}] * 6
    draft = the_draft(application)
    assert [draft.answers[name] for name in names] == [f"Written by {place}" for place in range(6)]


def test_a_save_and_a_submission_at_once_never_change_what_was_handed_in(institution: Institution) -> None:
    round, owner = make_round(), make_user()
    for _attempt in range(5):
        application = make_draft(round, owner=owner, institution=institution)
        save = partial(revise_application, the_draft(application), by=owner, seen_revision=2, title="In between")
        saved, receipt = at_once(save, partial(submit_application, application, by=owner, key=uuid4()))
        assert isinstance(saved, Saved | NotPossibleNow)
        assert isinstance(receipt, Receipt | NotPossibleNow)
        stored = Version.objects.with_answers().select_related("application").get(application=application)
        if stored.submitted_at:
            assert stored.digest == stored.expected_digest()


def test_a_new_version_started_twice_at_once_is_one(institution: Institution) -> None:
    application = make_submitted(institution=institution)
    results = at_once(*[lambda: start_version(application, by=application.owner)] * 5)
    assert {result.pk for result in results if isinstance(result, Version)} == {the_draft(application).pk}
    assert len(the_draft(application).requests.all()) == 1


def test_a_withdrawal_and_a_submission_at_once_leave_one_of_both(institution: Institution) -> None:
    application, owner = make_draft(institution=institution), make_user()
    copy: User = application.owner
    results = at_once(
        lambda: withdraw_application(Application.objects.get(pk=application.pk), by=owner),
        lambda: submit_application(application, by=copy, key=uuid4()),
    )
    assert results[0] is None
    application.refresh_from_db()
    assert application.status == Status.WITHDRAWN
    assert isinstance(results[1], Receipt | NotPossibleNow)
