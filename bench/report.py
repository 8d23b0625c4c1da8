"""The tables that the benchmark prints."""

import os

import structlog
from django.utils import timezone

from applications.models import Application
from bench import announcing, assignment, awards, races
from bench.letters import a_decision, signing_ms, workers_print
from bench.pages import Figure, anew, pages, submission
from bench.seed import seed
from bench.stampede import stampede
from bench.timing import timings
from bench.typesetting import typesetting
from letters.paper import preview_print
from reviews.words import decided
from rounds.models import Round

SET_ALONE = 1000  # letters set by one process, to see whether its memory grows


def pages_at(size: int) -> list[Figure]:
    """One table; the figures are handed on for the growth from the smallest size to the largest."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    bench = seed(size)
    once = anew(bench)
    figures = [*pages(bench), submission(bench)]
    floor = figures[0]
    print(f"{size} applications (load of the machine before: {os.getloadavg()[0]:.1f})")
    print("  panel, once for each state: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in once.items()))
    print(f"  {'page':32} {'CPU ms':>8} {'x floor':>8} {'p50 ms':>8} {'p95 ms':>8} {'SQL':>5} {'kB':>7}")
    for figure in figures:
        print(
            f"  {figure.name:32} {figure.cpu_ms:8.1f} {figure.cpu_ms / floor.cpu_ms:8.2f} {figure.p50_ms:8.1f} {figure.p95_ms:8.1f} "
            f"{figure.statements:5d} {figure.kilobytes:7.1f}"
        )
    return figures


def growth(tables: dict[int, list[Figure]]) -> None:
    """How many times as much CPU each page takes with the most applications as with the fewest. The floor's own growth tells the noise."""
    least, most = min(tables), max(tables)
    if least == most:
        return
    print(f"growth of CPU from {least} to {most} applications")
    after = {figure.name: figure for figure in tables[most]}
    for before in tables[least]:
        print(f"  {before.name:32} {after[before.name].cpu_ms / before.cpu_ms:8.2f}")
    print()


def letters(count: int) -> None:
    case = Application.objects.with_case().filter(status="in_review").first()
    if case is None:
        raise RuntimeError("seed applications before letters")
    decision = a_decision(case)
    print(f"letters: {count} bilingual decision letters, from the row to the file")
    print(f"  {'workers':>8} {'seconds':>8} {'letters/s':>10}")
    for workers in (1, 2):
        printing = workers_print(workers, count, decision)
        print(f"  {printing.workers:8d} {printing.seconds:8.1f} {printing.per_second:10.1f}")
    setting = typesetting(preview_print(decided(decision), reference=case.reference, dated_on=timezone.localdate()), SET_ALONE)
    print(
        f"  setting alone: {setting.cpu_ms:.0f} ms CPU a letter over {setting.letters}; "
        f"{setting.warm_mib:.0f} MiB once warm, {setting.end_mib:.0f} MiB at the end"
    )
    print(f"  signing alone: {signing_ms():.0f} ms CPU a letter (within the figures above only where a key is set)")


def stampede_of(count: int, seconds: int, kills: int) -> None:
    round = Round.objects.open().filter(slug="bench-open").first()
    if round is None:
        raise RuntimeError("seed applications before the stampede")
    found = stampede(round, count=count, seconds=seconds, kills=kills)
    print(f"stampede: {count} submissions in {seconds} s, 50 of them in the last 5 s, two web processes, {kills} of them killed on the way")
    print(f"  receipts {found.receipts}, too late {found.too_late}, failed {found.failed}, sent more than once {found.tried_again}")
    print(f"  receipts shown and not stored: {found.promised_and_lost}; stored without an answer: {found.kept_unpromised}")
    print(f"  p50 {found.p50_ms:.0f} ms, p95 {found.p95_ms:.0f} ms, p99 {found.p99_ms:.0f} ms, slowest {found.slowest_ms:.0f} ms")


def assignment_of(applications: int, experts: int) -> None:
    found = assignment.measure(applications, experts)
    print(f"assignment: {applications} applications x {experts} experts x {assignment.WANTED} reviews, with bids, limits, conflicts and diversity")
    print(f"  {'step':32} {'seconds':>8} {'own CPU':>8}")
    for name, seconds in found.seconds.items():
        print(f"  {name:32} {seconds:8.2f} {found.work[name]:8.2f}")
    print(f"  {'in all, from the database':32} {sum(found.seconds.values()):8.2f} {sum(found.work[name] for name in found.seconds):8.2f}")
    print(f"  {found.rounds} networks solved until the prices proved the optimum ({found.cost}); {found.lacking} places stay empty")
    print(f"  besides: words of all texts read for the first time {found.first:.2f} s, plan kept {found.kept:.2f} s, applied {found.applied:.2f} s\n")


def announcing_of(count: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    found = announcing.measure(count)
    per_second = found.applications / found.seconds
    print(f"announcing {found.applications} applications: {found.seconds:.1f} s, {per_second:.1f} a second, start of the process included")
    print(f"  {'page meanwhile':32} {'p50 ms':>8} {'p95 ms':>8} {'alone':>8} {'alone':>8} {'looks':>6}")
    for wait in found.waits:
        print(f"  {wait.name:32} {wait.beside_p50:8.1f} {wait.beside_p95:8.1f} {wait.alone_p50:8.1f} {wait.alone_p95:8.1f} {wait.looks:6d}")


def races_of(count: int) -> None:
    found = races.measure(count)
    print(
        f"{found.races} races of {races.CONTESTANTS} for the last of a sample, powder and whole pieces in turn: {found.over} over-awards, "
        f"{found.unwon} won by nobody, {found.failed} contestants without a clear answer, {found.seconds:.0f} s"
    )


def awards_of(applications: int, samples: int) -> None:
    print(f"awards: {applications} applications x {samples} samples (load of the machine before: {os.getloadavg()[0]:.1f})")
    print(f"  {'fall-backs':>10} {'rules':>6} {'lines':>6} {'seconds':>8} {'CPU s':>7} {'gap':>9} {'served':>7} {'by rank':>8} {'its worth':>9}")
    for found in awards.measured(applications, samples):
        answer = found.answer
        served, by_rank = (sum(mass > 0 for mass in masses) for masses in (answer.masses, answer.by_rank))
        print(
            f"  {found.fallbacks:10d} {'yes' if found.has_caps else 'no':>6} {found.lines:6d} {answer.seconds:8.2f} {found.cpu:7.2f} "
            f"{answer.gap:9.4%} {served:7d} {by_rank:8d} {answer.by_rank_objective / answer.objective:9.1%}"
            f"{'  cut short' if answer.is_cut_short else ''}"
        )


def timing_of(requests: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    print(f"time of pages that hide a recorded decision: {requests} requests in each of two worlds, in turns")
    print(f"  {'page':36} {'without ms':>10} {'with ms':>9} {'apart ms':>9} {'chance':>7}")
    for row in timings(seed(100), requests):
        silent = "" if row.is_silent else "  told apart"
        print(f"  {row.name:36} {row.without_ms:10.2f} {row.with_ms:9.2f} {row.difference_ms:9.3f} {row.p:7.3f}{silent}")
