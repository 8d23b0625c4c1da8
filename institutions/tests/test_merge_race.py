"""Two merges that meet in one institution wait for each other: no circle, no pointer at somebody who is merged."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.db.models import F

from institutions import actions
from institutions.models import Institution, Merge
from institutions.tests.make import make_institution

on_a_server = pytest.mark.skipif(connection.vendor == "sqlite", reason="the test's own SQLite lives in memory and has one writer anyway")


def at_once(*steps: Callable[[], Any]) -> list[str]:
    """Take the steps in threads that start together; what became of each."""
    barrier, outcomes = threading.Barrier(len(steps)), [""] * len(steps)

    def run(number: int, step: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            step()
        except actions.NotMergeable:
            outcomes[number] = "refused"
        else:
            outcomes[number] = "done"
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(number, step)) for number, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def nothing_is_crooked() -> bool:
    circles = Institution.objects.filter(merged_into__merged_into__isnull=False).exists()
    loops = Merge.objects.in_force().filter(institution=F("into__merged_into")).exists()
    return not circles and not loops


@on_a_server
@pytest.mark.django_db(transaction=True)
def test_two_institutions_merged_into_each_other_at_once_end_with_one_merge() -> None:
    for _ in range(10):
        a, b = make_institution(), make_institution()
        outcomes = at_once(partial(actions.merge_institutions, a, b, by=None), partial(actions.merge_institutions, b, a, by=None))
        assert sorted(outcomes) == ["done", "refused"]
        assert nothing_is_crooked()


@on_a_server
@pytest.mark.django_db(transaction=True)
def test_a_merge_and_a_split_that_meet_leave_every_pointer_at_somebody_living() -> None:
    for _ in range(10):
        a, b, c = (make_institution() for _ in range(3))
        actions.merge_institutions(a, b, by=None)
        outcomes = at_once(partial(actions.merge_institutions, b, c, by=None), partial(actions.split_institution, a, by=None))
        assert "done" in outcomes
        assert nothing_is_crooked()
        a.refresh_from_db()
        assert (a.merged_into is None) == (outcomes[1] == "done")
