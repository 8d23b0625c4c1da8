"""What the actions of a round refuse whoever calls them, and what the database keeps."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from rounds.actions import NotAnExtension, NotOfferable, RoundFrozen, SlugTaken, StaleRound, extend_round, prepare_round, revise_round
from rounds.models import Extension, Round, RoundChange
from rounds.tests.make import close_round, make_round
from samples.models import Purpose
from samples.tests.make import make_sample
from workflow.models import AppendOnly

pytestmark = pytest.mark.django_db


def test_a_round_offers_only_samples_of_its_purpose_mission_and_known_mass() -> None:
    powder = make_sample("CE5C0600")
    for wrong in (
        make_sample("CE5C0400", mass_ug=None),
        make_sample("CE5C0900", purpose=Purpose.PUBLIC_WELFARE),
        make_sample("CE5C1000", purpose=Purpose.BACKUP),
        make_sample("CE6C0100"),
    ):
        with pytest.raises(NotOfferable, match=wrong.number):
            make_round(powder, wrong)
    assert not Round.objects.exists()
    assert make_round(make_sample("CE5C0800", purpose=Purpose.PUBLIC_WELFARE), kind="public_welfare").samples.count() == 1


def test_an_address_is_used_once_and_never_new() -> None:
    round = make_round(slug="2027-1")
    for slug in ("2027-1", "new"):
        with pytest.raises(SlugTaken):
            make_round(*round.samples.all(), slug=slug)
    assert Round.objects.count() == 1


def test_an_open_round_is_not_revised_and_nothing_of_it_changes() -> None:
    round = make_round()
    with pytest.raises(RoundFrozen):
        revise_round(round, seen_revision=0, samples=[], criteria=[], by=make_user(), title_en="Changed")
    round.refresh_from_db()
    assert round.title_en != "Changed"
    assert round.samples.count() == 1
    assert round.criteria.count() == 6


def test_a_stale_copy_is_told_apart_from_an_opened_round() -> None:
    round = make_round(opens_at=timezone.now() + timedelta(days=1))
    with pytest.raises(StaleRound):
        revise_round(round, seen_revision=7, samples=[], criteria=[], by=make_user(), title_en="Changed")


def test_an_extension_moves_forward_only_and_only_from_what_was_seen() -> None:
    round, other_copy = make_round(), Round.objects.get()
    by = make_user(None, Role.ADMINISTRATOR)
    assert round.closes_at is not None
    for closes_at in (round.closes_at, round.closes_at - timedelta(days=1), timezone.now() - timedelta(days=1)):
        with pytest.raises(NotAnExtension):
            extend_round(round, closes_at=closes_at, notice_en="n", notice_zh="通知", by=by)
    extend_round(round, closes_at=round.closes_at + timedelta(days=5), notice_en="n", notice_zh="通知", by=by)
    with pytest.raises(NotAnExtension, match="in the meantime"):
        extend_round(other_copy, closes_at=round.closes_at + timedelta(days=2), notice_en="n", notice_zh="通知", by=by)
    close_round(round)
    with pytest.raises(NotAnExtension, match="open round"):
        extend_round(round, closes_at=timezone.now() + timedelta(days=5), notice_en="n", notice_zh="通知", by=by)


def test_extensions_and_changes_are_never_rewritten() -> None:
    round = make_round()
    assert round.closes_at is not None
    extension = extend_round(round, closes_at=round.closes_at + timedelta(days=5), notice_en="n", notice_zh="通知", by=make_user())
    with pytest.raises(AppendOnly):
        extension.save()
    for rows in (Extension.objects.all(), RoundChange.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(at=timezone.now())
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


@pytest.mark.parametrize(
    ("present", "recused", "yes", "passes"),
    [(9, 0, 6, True), (9, 0, 5, False), (9, 3, 4, True), (3, 3, 0, False), (0, 0, 0, False), (1, 0, 1, True), (10, 1, 6, True), (10, 0, 6, False)],
)
def test_exactly_two_thirds_of_those_eligible_passes(present: int, recused: int, yes: int, passes: bool) -> None:
    assert Round(vote_numerator=2, vote_denominator=3).is_passed_by(present=present, recused=recused, yes=yes) is passes


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_of_two_revisions_at_once_one_is_kept_and_one_is_told() -> None:
    round = make_round(opens_at=timezone.now() + timedelta(days=1))
    by, barrier, outcomes = make_user(), threading.Barrier(2), []

    def revise(title: str) -> None:
        try:
            mine = Round.objects.get(pk=round.pk)
            samples = list(mine.samples.all())
            barrier.wait()
            revise_round(mine, seen_revision=0, samples=samples, criteria=[], by=by, title_en=title)
            outcomes.append(title)
        except StaleRound:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=revise, args=(title,)) for title in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    round.refresh_from_db()
    assert sorted(outcomes) == sorted(["stale", round.title_en])
    assert RoundChange.objects.filter(what=RoundChange.What.REVISED).count() == 1


def test_a_round_may_be_prepared_without_a_person() -> None:
    round = make_round()
    assert round.changes.get().by is None
    record = prepare_round(samples=(), criteria=(), by=None, slug="record", title_en="t", title_zh="题", mission=round.mission, is_public_record=True)
    assert not record.samples.exists()
