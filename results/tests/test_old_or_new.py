"""A list is the old one or the new one and never a mixture (quality: R-29): readers while it is published, and a crash in between."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from institutions.tests.make import make_country
from results.actions import run_publications, schedule_publication
from results.lines import proposal_for
from results.models import Figures, Publication, ResultList, ResultRow
from results.tests.make import make_announced, make_record
from rounds.tests.make import make_round
from samples.tests.make import make_mission, make_sample

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
VERSIONS = 12


def in_background(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_readers_find_whole_versions_while_others_are_published(tmp_path: Path) -> None:
    """Version n has n rows of n milligrams each: whatever is mixed shows."""
    make_mission()
    make_country("FR")
    make_record(tmp_path, "I0,France,P,1,s")
    over, mixed, seen = threading.Event(), [], set()

    def read() -> None:
        client = Client()
        while not over.is_set():
            content = json.loads(client.get("/results/record.json").content)
            number = content["version"]
            seen.add(number)
            if [row["mass_ug"] for row in content["rows"]] != [number * 1000] * number or content["known_total_ug"] != number * number * 1000:
                mixed.append(("json", number, len(content["rows"])))
            lines = client.get("/results/record.csv").content.decode().splitlines()[1:]
            if {line.split(",")[1] for line in lines} != {str(len(lines))}:
                mixed.append(("csv", len(lines), len(lines)))
            page = client.get("/results/record/").content.decode()
            rows = page.count("<td>P</td>") - changed(page)
            if rows > 1 and f">Version {rows}</strong>" not in page:
                mixed.append(("page", rows, changed(page)))

    readers = [in_background(read) for _ in range(2)]
    for number in range(2, VERSIONS + 1):
        make_record(tmp_path, *(f"I{place},France,P,{number},s" for place in range(number)))
    over.set()
    for reader in readers:
        reader.join()
    assert mixed == []
    assert len(seen) > 1, "nobody read while it was published"


def changed(page: str) -> int:
    """Rows of the table of changes, which name people as well."""
    begin = page.find('id="changes"')
    return page[begin : page.index("</table>", begin)].count("<td>P</td>") if begin >= 0 else 0


def test_a_publication_killed_before_its_end_leaves_the_old_list_and_is_made_up_for() -> None:
    round = make_round(make_sample("CE5C0600", mass_ug=100_000))
    make_announced(round, {})
    by = make_user(None, Role.ADMINISTRATOR)
    digest = proposal_for(round).digest
    schedule_publication(round, by=by, publishes_at=timezone.now() + timedelta(hours=1), seen_digest=digest)
    finished: list[int] = []

    def publish() -> None:
        finished.append(run_publications(now=timezone.now() + timedelta(hours=2)))

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE results_figures IN ACCESS EXCLUSIVE MODE")  # it stops after list and rows, before the figures
        worker = in_background(publish)
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO \"results_figures\"%'"
        pids: list[tuple[int]] = []
        while not pids:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction the view would never change
            cursor.execute(waiting)
            pids = cursor.fetchall()
            assert pids or worker.is_alive(), "it finished although the table was locked"
        assert Client().get(f"/results/{round.slug}/").status_code == 404, "what is half written is not there"
        cursor.execute("SELECT pg_terminate_backend(%s)", [pids[0][0]])
        worker.join()
    assert finished != [1]
    assert (ResultList.objects.count(), ResultRow.objects.count(), Figures.objects.count()) == (0, 0, 0)
    assert Publication.objects.get().is_set, "the next stroke of the clock takes it up"
    publish()
    assert finished[-1] == 1
    assert (ResultList.objects.count(), ResultRow.objects.count(), Figures.objects.count()) == (1, 1, 1)
    assert Client().get(f"/results/{round.slug}/").status_code == 200
