"""Many people want the last of a sample at once: the real way, and a naive way that shows that there is a race to lose.

`main` runs the same on the database that a separate process was given (`manage.py shell -c`).
"""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import connection, transaction

from samples.actions import earmark
from samples.ledger import NotEnoughLeft
from samples.models import Hold, Sample
from samples.tests.make import make_sample

LAST_UG = 100  # the last step that the portal knows


@dataclass
class Outcome:
    """How a race for one sample ended."""

    won: int
    refused: int
    failed: list[str]
    holds: int
    vault_ug: int
    earmarked_ug: int


def race(sample: Sample, contestants: int, attempt: Callable[[Sample, str], object]) -> Outcome:
    """Let every contestant try at the same moment, each on a connection of its own."""
    start = threading.Barrier(contestants)
    results: list[str] = []

    def run(reference: str) -> None:
        try:
            connection.ensure_connection()
            start.wait(30)
            attempt(sample, reference)
            results.append("won")
        except NotEnoughLeft:
            results.append("refused")
        except Exception as problem:  # noqa: BLE001 — what goes wrong in a thread must reach the test
            results.append(repr(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[f"LSA-2026-{index:05d}"]) for index in range(contestants)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sample.refresh_from_db()
    failed = [result for result in results if result not in {"won", "refused"}]
    holds = Hold.objects.filter(sample=sample).count()
    return Outcome(results.count("won"), results.count("refused"), failed, holds, sample.vault_ug, sample.earmarked_ug)


def rightly(sample: Sample, reference: str) -> None:
    earmark(sample, reference, LAST_UG, by=None)


def naively(pause: threading.Barrier) -> Callable[[Sample, str], None]:
    """What must never be written: read, think, write. Everybody sees the last of it before anybody has taken it."""

    def attempt(sample: Sample, reference: str) -> None:
        seen = Sample.objects.get(pk=sample.pk)
        pause.wait(30)
        if seen.vault_ug < LAST_UG:
            raise NotEnoughLeft(seen.vault_ug)
        with transaction.atomic():
            Hold.objects.create(sample=seen, reference=reference, mass_ug=LAST_UG, is_whole=False)
            seen.vault_ug -= LAST_UG
            seen.earmarked_ug += LAST_UG
            seen.save(update_fields=["vault_ug", "earmarked_ug"])

    return attempt


def main(contestants: int) -> None:
    """Race for powder, for a whole piece and naively; print the outcomes."""
    powder, piece, control = (make_sample(number, mass_ug=LAST_UG) for number in ("CE5C0600", "CE5C0000YJYX031", "CE5C0400"))
    outcomes = {
        "powder": race(powder, contestants, rightly),
        "piece": race(piece, contestants, rightly),
        "control": race(control, contestants, naively(threading.Barrier(contestants))),
    }
    print(json.dumps({name: asdict(outcome) for name, outcome in outcomes.items()}))
