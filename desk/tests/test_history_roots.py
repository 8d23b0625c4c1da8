"""Daily roots over every history: made once, betraying nothing, proven by strangers, and kept as an anchor against whoever writes all tables."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from applications.models import Application, ApplicationChange
from applications.tests.make import make_submitted
from applications.workflow import ACCEPT
from desk.actions import fold_finished_days, fold_history
from desk.anchors import proofs_of, published
from desk.jobs import fold_history as job
from desk.merkle import HEIGHT, Tree, hash_of_leaf, hash_of_pair, nonce_of
from desk.models import HistoryLeaf, HistoryRoot
from letters.actions import revoke_letter
from letters.tests.make import make_letter
from workflow.models import digest_of

pytestmark = pytest.mark.django_db
SECRET = "5a" * 32


def tomorrow() -> datetime:
    return timezone.now() + timedelta(days=1)


def folded() -> HistoryRoot:
    """Everything up to now under a root."""
    assert fold_finished_days(now=tomorrow())
    return HistoryRoot.objects.newest_first()[0]


def some_history() -> Application:
    application = make_submitted()
    revoke_letter(make_letter(), by=None, note="A secret reason")
    return application


def write(path: Path, content: object) -> str:
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def checked_by_a_stranger(tmp_path: Path, proof: object, roots: object) -> list[str]:
    """What the script of the docs prints, run as a stranger runs it: a bare Python, two files."""
    command = [sys.executable, "-I", str(settings.BASE_DIR / "docs" / "check_proof.py")]
    files = [write(tmp_path / "proof.json", proof), write(tmp_path / "roots.json", {"roots": roots})]
    printed: str = subprocess.run([*command, *files], check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    return printed.splitlines()


# --- The tree -----------------------------------------------------------------------------------------------------------------


def test_every_leaf_leads_to_the_root() -> None:
    texts = {("kind", number): f"event {number}" for number in range(300)}
    tree = Tree(SECRET, texts)
    for identity, text in texts.items():
        node = hash_of_leaf(nonce_of(SECRET, identity), text)
        for side, beside in tree.path(identity):
            other = bytes.fromhex(beside)
            node = hash_of_pair(other, node) if side == "left" else hash_of_pair(node, other)
        assert node.hex() == tree.root


def test_a_proof_is_as_long_for_one_event_as_for_a_thousand_and_an_empty_place_looks_like_any_other() -> None:
    alone = Tree(SECRET, {("kind", 1): "event"}).path(("kind", 1))
    crowded = Tree(SECRET, {("kind", number): "event" for number in range(1000)}).path(("kind", 1))
    assert len(alone) == len(crowded) == HEIGHT
    assert len({beside for _side, beside in alone}) == HEIGHT
    assert re.fullmatch(r"[0-9a-f]{64}", Tree(SECRET, {}).root)
    assert Tree(SECRET, {}).root != Tree("5b" * 32, {}).root


def test_the_same_secret_gives_the_same_tree_and_any_change_another() -> None:
    leaves = {("a", 1): "x", ("a", 2): "y"}
    root = Tree(SECRET, leaves).root
    assert Tree(SECRET, dict(reversed(leaves.items()))).root == root
    for changed in ({("a", 1): "x"}, {**leaves, ("a", 3): "z"}, {("a", 1): "y", ("a", 2): "x"}, {("b", 1): "x", ("a", 2): "y"}):
        assert Tree(SECRET, changed).root != root


# --- The days -----------------------------------------------------------------------------------------------------------------


def test_a_day_gets_one_root_however_often_the_clock_strikes() -> None:
    some_history()
    assert fold_finished_days(now=tomorrow()) == 1
    assert fold_finished_days(now=tomorrow()) == 0
    assert fold_history(HistoryRoot.objects.get().day) is None
    assert HistoryRoot.objects.count() == 1
    assert HistoryLeaf.objects.filter(kind="applications.ApplicationChange").count() == ApplicationChange.objects.count() > 0
    assert HistoryLeaf.objects.filter(kind="letters.LetterChange").exists()


def test_an_unfinished_day_waits_for_its_end_in_beijing() -> None:
    some_history()
    job()
    root = HistoryRoot.objects.get()
    assert root.ends_at <= timezone.now()
    assert not root.leaves.exists()
    folded()
    assert HistoryLeaf.objects.filter(root__day__gt=root.day).exists()


def test_missed_days_are_made_up_in_order_and_say_so() -> None:
    fold_history(date(2026, 11, 1))
    assert fold_finished_days(now=datetime(2026, 11, 4, 16, 30, tzinfo=UTC)) == 3  # in Beijing it is the fifth
    roots = list(HistoryRoot.objects.oldest_first())
    assert [root.day.day for root in roots] == [1, 2, 3, 4]
    assert [root.previous for root in roots] == ["0" * 64, *(root.root for root in roots[:-1])]
    late = HistoryRoot(day=date(2026, 11, 1), made_at=datetime(2026, 11, 4, tzinfo=UTC))
    in_time = HistoryRoot(day=date(2026, 11, 1), made_at=datetime(2026, 11, 1, 16, 10, tzinfo=UTC))
    assert late.was_made_up
    assert not in_time.was_made_up


def test_an_event_that_came_late_goes_under_the_next_root() -> None:
    first = folded()
    some_history()
    fold_finished_days(now=tomorrow() + timedelta(days=1))
    assert set(HistoryLeaf.objects.values_list("root__day", flat=True)) == {first.day + timedelta(days=1)}


@pytest.mark.parametrize("sql", ["UPDATE desk_historyroot SET made_at = made_at", "DELETE FROM desk_historyleaf", "DELETE FROM desk_historyroot"])
def test_the_database_refuses_to_change_roots(sql: str) -> None:
    some_history()
    folded()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


# --- Proofs -------------------------------------------------------------------------------------------------------------------


def test_a_stranger_proves_an_event_with_the_script_of_the_docs(client: Client, tmp_path: Path) -> None:
    application = some_history()
    folded()
    client.force_login(application.owner)
    proof = client.get(reverse("desk:proof", args=[application.reference])).json()
    client.logout()
    roots = client.get(reverse("desk:roots")).json()["roots"]
    lines = checked_by_a_stranger(tmp_path, proof, roots)
    assert len(lines) == len(proof["proofs"]) > 0
    assert all(" INCLUDED " in line for line in lines)
    assert '"move":"submit"' in lines[-1]


def test_the_script_sees_through_what_was_changed(tmp_path: Path) -> None:
    application = some_history()
    folded()
    roots = published(HistoryRoot.objects.oldest_first())
    proof = proofs_of(application.history.all())
    for name, change in (
        ("event", lambda value: value.replace("submit", "accept")),
        ("nonce", lambda value: "0" * 64),
        ("path", lambda value: value[::-1]),
        ("previous", lambda value: "1" * 64),
        ("day", lambda value: "2020-01-01"),
    ):
        changed = {"proofs": [{**row, name: change(row[name])} for row in proof["proofs"]]}
        assert all(" NOT INCLUDED " in line for line in checked_by_a_stranger(tmp_path, changed, roots)), name
    assert all(" NOT INCLUDED " in line for line in checked_by_a_stranger(tmp_path, proof, [{**row, "root": "0" * 64} for row in roots]))


def test_the_script_is_as_short_as_promised_and_the_docs_and_the_page_show_it(client: Client) -> None:
    script = (settings.BASE_DIR / "docs" / "check_proof.py").read_text()
    code = [line for line in script.splitlines() if line and not line.startswith('"""')]
    assert len(code) <= 10
    assert script in (settings.BASE_DIR / "docs" / "verification.md").read_text()
    assert "hashlib.sha256" in client.get(reverse("desk:history")).content.decode()


def test_an_applicant_proves_nothing_that_the_applicant_may_not_know(client: Client) -> None:
    """A recorded decision is under the roots like everything else; neither its row nor its number in the chain nor its digest shows."""
    application = some_history()
    officer = make_user(None, Role.OFFICER)
    application.advance(ACCEPT, by=officer, note="A secret note")
    before = {field: getattr(application, field) for field in ("version", "history_head")}
    from_office = ApplicationChange(
        record=application, sequence=before["version"] + 1, move="record", from_status="in_review", to_status="in_review", by=officer,
        at=timezone.now(), previous=before["history_head"],
    )  # fmt: skip
    from_office.digest = from_office.expected_digest()
    from_office.save()
    Application.objects.filter(pk=application.pk).update(version=from_office.sequence, history_head=from_office.digest)
    folded()
    client.force_login(application.owner)
    text = client.get(reverse("desk:proof", args=[application.reference])).content.decode()
    assert '\\"move\\":\\"accept\\"' in text
    assert 'record\\":\\"applications' in text
    for secret in (
        'move\\":\\"record',
        "secret note",
        '"content"',
        "seal_key",
        '"sequence',
        '\\"by\\"',
        *ApplicationChange.objects.values_list("digest", flat=True),
    ):
        assert secret not in text


def test_events_of_today_wait_and_are_counted(client: Client) -> None:
    application = some_history()
    client.force_login(application.owner)
    answer = client.get(reverse("desk:proof", args=[application.reference])).json()
    assert answer["proofs"] == []
    assert answer["waiting"] == len(application.visible_history())


def test_the_office_proves_who_acted_and_why(tmp_path: Path) -> None:
    application = some_history()
    folded()
    answer = proofs_of(application.history.all(), with_content=True)
    for row, change in zip(answer["proofs"], application.history.all(), strict=True):
        assert digest_of(json.loads(row["content"])) == change.digest
    assert len(answer["proofs"]) == application.version


def test_what_is_published_tells_no_count_and_no_secret(client: Client) -> None:
    some_history()
    root = folded()
    for address in ("desk:history", "desk:roots"):
        text = client.get(reverse(address)).content.decode()
        assert root.root in text
        assert root.secret not in text
    assert set(client.get(reverse("desk:roots")).json()["roots"][0]) == {"day", "previous", "tree", "root", "made_at"}


def test_a_stranger_gets_no_proof_of_anybody(client: Client) -> None:
    application = some_history()
    for user in (make_user(), make_user(None, Role.EXPERT), make_user(None, Role.OFFICER)):
        client.force_login(user)
        assert client.get(reverse("desk:proof", args=[application.reference])).status_code == 404
    client.force_login(make_user(None, Role.EXPERT))
    assert client.get(reverse("desk:case_proof", args=[application.round.slug, application.reference])).status_code in {403, 404}


@pytest.mark.parametrize("days", [1, 3])
def test_pages_and_proofs_ask_the_same_number_of_questions(client: Client, days: int, django_assert_num_queries: Any) -> None:
    application = some_history()
    fold_finished_days(now=tomorrow() + timedelta(days=days - 1))
    with django_assert_num_queries(1):
        client.get(reverse("desk:history"))
    with django_assert_num_queries(1):
        client.get(reverse("desk:roots"))
    with django_assert_num_queries(2):
        proofs_of(application.history.all())


# --- The anchor (R-12) --------------------------------------------------------------------------------------------------------


def verified(*options: str) -> str:
    out = StringIO()
    try:
        call_command("verify_history", *options, stdout=out)
    except CommandError as problem:
        return str(problem)
    return out.getvalue()


def as_owner(*statements: str) -> None:
    """As whoever owns the database: the triggers are off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")


CHANGES = "applications_applicationchange"


def rewrite_chain(application: Application, *, note: str) -> None:
    """The whole chain anew with another note: each digest, and the head in the record, so that the chain itself is faultless."""
    previous = ""
    for change in application.history.order_by("sequence"):
        change.note, change.previous = note, previous
        change.digest = previous = change.expected_digest()
        as_owner(f"UPDATE {CHANGES} SET note = '{note}', previous = '{change.previous}', digest = '{change.digest}' WHERE id = {change.pk}")
    Application.objects.filter(pk=application.pk).update(history_head=previous)


def insert(application: Application) -> None:
    last = application.history.order_by("-sequence")[0]
    last.pk, last._state.adding, last.sequence, last.note = None, True, last.sequence + 1, "never happened"
    last.save(force_insert=True)


TAMPERINGS: dict[str, Callable[[Application], None]] = {
    "edit": lambda one: as_owner(f"UPDATE {CHANGES} SET note = 'kinder words' WHERE record_id = {one.pk} AND sequence = 1"),
    "delete": lambda one: as_owner(f"DELETE FROM {CHANGES} WHERE record_id = {one.pk} AND sequence = 1"),
    "insert": insert,
    "reorder": lambda one: as_owner(
        f"UPDATE {CHANGES} SET sequence = 3 - sequence + 100 WHERE record_id = {one.pk}",
        f"UPDATE {CHANGES} SET sequence = sequence - 100 WHERE record_id = {one.pk}",
    ),
    "cut the tail": lambda one: as_owner(f"DELETE FROM {CHANGES} WHERE record_id = {one.pk} AND sequence = {one.version}"),
    "rewrite the whole chain": lambda one: rewrite_chain(one, note="another story"),
}


@pytest.mark.breaks_invariants
@pytest.mark.skipif(connection.vendor != "postgresql", reason="turns triggers off")
@pytest.mark.parametrize("name", TAMPERINGS)
def test_six_tamperings_are_found(name: str) -> None:
    application = make_submitted()
    application.advance(ACCEPT, by=None)
    folded()
    assert "histories are whole" in verified()
    TAMPERINGS[name](application)
    assert "whole" not in verified()
    assert "applications.ApplicationChange" in verified()


@pytest.mark.breaks_invariants
@pytest.mark.skipif(connection.vendor != "postgresql", reason="turns triggers off")
def test_a_rewritten_chain_is_found_by_its_anchor_alone() -> None:
    application = make_submitted()
    rewrite_chain(application, note="before any root")
    assert "histories are whole" in verified()  # without an anchor a full rewrite is a chain like any other
    folded()
    rewrite_chain(application, note="after the root")
    assert "it is not what it was under the root of" in verified()


@pytest.mark.breaks_invariants
@pytest.mark.skipif(connection.vendor != "postgresql", reason="turns triggers off")
def test_who_removes_the_leaf_as_well_is_found_by_the_root() -> None:
    application = make_submitted()
    folded()
    rewrite_chain(application, note="another story")
    as_owner("DELETE FROM desk_historyleaf WHERE kind = 'applications.ApplicationChange'")
    assert "are not those that were folded into it" in verified()


@pytest.mark.breaks_invariants
@pytest.mark.skipif(connection.vendor != "postgresql", reason="turns triggers off")
def test_who_makes_all_roots_anew_is_found_by_whoever_kept_the_published_ones(tmp_path: Path, client: Client) -> None:
    application = make_submitted()
    folded()
    kept = write(tmp_path / "roots.json", client.get(reverse("desk:roots")).json())
    assert "1 of them kept elsewhere" in verified("--published", kept)
    rewrite_chain(application, note="another story")
    as_owner("DELETE FROM desk_historyleaf", "DELETE FROM desk_historyroot")
    folded()
    assert "histories are whole" in verified()
    assert "is not the one that was published" in verified("--published", kept)


@pytest.mark.breaks_invariants
@pytest.mark.skipif(connection.vendor != "postgresql", reason="turns triggers off")
def test_a_root_that_was_changed_or_taken_out_is_found() -> None:
    for day in (1, 2, 3):
        fold_history(date(2026, 11, day))
    assert "3 daily roots" in verified()
    with transaction.atomic():
        as_owner("UPDATE desk_historyroot SET tree = previous WHERE day = '2026-11-02'")
        assert verified().startswith("The root of 2026-11-02 does not follow")
        transaction.set_rollback(True)
    as_owner("DELETE FROM desk_historyroot WHERE day = '2026-11-02'")
    assert verified().startswith("The root of 2026-11-03 does not follow")


def test_a_history_that_went_on_extends_its_last_root() -> None:
    application = make_submitted()
    folded()
    application.refresh_from_db()
    application.advance(ACCEPT, by=None)
    assert "histories are whole" in verified()


@pytest.mark.parametrize("content", ["", "[]", '{"roots": [1]}', "\x00"])
def test_a_file_that_holds_no_roots_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "roots.json").write_text(content)
    assert "is no file of published roots" in verified("--published", str(tmp_path / "roots.json"))
