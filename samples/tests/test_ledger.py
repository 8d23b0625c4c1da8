"""Mass moves between accounts and is never made, lost or promised twice."""

import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from samples import ledger
from samples.actions import (
    AlreadyHeld,
    MassUnknown,
    NotCorrectable,
    NotDivisible,
    correct_stock,
    earmark,
    earmark_samples,
    hold_earmarked,
    release_holds,
    show_holds,
    take_in,
)
from samples.ledger import NotEnoughLeft
from samples.models import Account, Hold, HoldState, Movement, Purpose, Sample
from samples.tests.make import make_sample
from workflow.models import AppendOnly

pytestmark = pytest.mark.django_db

A, B = "LSA-2026-00001", "LSA-2026-00002"


def figures(sample: Sample) -> tuple[int, int, int]:
    """What the public sees: left, held, on loan."""
    sample.refresh_from_db()
    return sample.left_ug, sample.shown_held_ug, sample.on_loan_ug


def test_mass_taken_in_is_left_and_makes_the_mass_known() -> None:
    sample = make_sample(mass_ug=None)
    take_in(sample, 12_400, reason="weighed", by=None)
    assert figures(sample) == (12_400, 0, 0)
    assert sample.is_mass_known
    movement = sample.movements.get()
    assert (movement.from_account, movement.to_account, movement.mass_ug, movement.reason) == ("outside", "vault", 12_400, "weighed")


def test_a_refused_posting_writes_nothing_and_says_what_is_left() -> None:
    sample = make_sample(mass_ug=12_400)
    with pytest.raises(NotEnoughLeft, match=r"Only 12\.4 mg left\.") as refusal:
        ledger.post(sample, Account.VAULT, Account.ON_LOAN, 12_500, reference=A, reason="", by=None)
    assert refusal.value.free_ug == 12_400
    assert figures(sample) == (12_400, 0, 0)
    assert sample.movements.count() == 1


def test_a_movement_is_never_changed_or_deleted_not_even_behind_the_models() -> None:
    movement = make_sample().movements.get()
    movement.reason = "another"
    with pytest.raises(AppendOnly):
        movement.save()
    with pytest.raises(AppendOnly):
        movement.delete()
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        Movement.objects.filter(pk=movement.pk).update(mass_ug=1)
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM samples_movement WHERE id = %s", [movement.pk])


def test_the_database_refuses_an_account_below_zero() -> None:
    sample = make_sample()
    with pytest.raises(IntegrityError), transaction.atomic():
        Sample.objects.filter(pk=sample.pk).update(vault_ug=-1)


def test_an_earmark_is_invisible_until_its_announcement_is_shown() -> None:
    sample = make_sample(mass_ug=100_000)
    earmark(sample, A, 30_000, by=None)
    assert figures(sample) == (100_000, 0, 0)
    assert sample.free_ug == 70_000
    (hold,) = hold_earmarked(A, by=None)
    assert hold.state == HoldState.HELD
    assert figures(sample) == (100_000, 0, 0)
    assert sample.free_ug == 70_000
    assert show_holds([A, B]) == 1
    assert figures(sample) == (70_000, 30_000, 0)
    assert show_holds([A]) == 0
    assert sample.total_ug == 100_000


@pytest.mark.parametrize("steps", [[], [hold_earmarked], [hold_earmarked, show_holds]])
def test_a_released_hold_is_back_in_the_vault_and_a_second_release_frees_nobody_elses_mass(steps: list[Callable[..., object]]) -> None:
    sample = make_sample(mass_ug=100_000)
    earmark(sample, B, 50_000, by=None)
    earmark(sample, A, 30_000, by=None)
    for step in steps:
        step([A]) if step is show_holds else step(A, by=None)
    assert release_holds(A, reason="withdrawn", by=None) == 1
    assert release_holds(A, reason="lapsed", by=None) == 0
    sample.refresh_from_db()
    assert (sample.vault_ug, sample.earmarked_ug, sample.held_ug, sample.unseen_ug) == (50_000, 50_000, 0, 0)
    assert Hold.objects.get(reference=A).state == HoldState.RELEASED


def test_a_release_before_the_announcement_is_visible_leaves_the_public_figures_as_they_were() -> None:
    sample = make_sample(mass_ug=100_000)
    earmark(sample, A, 30_000, by=None)
    hold_earmarked(A, by=None)
    release_holds(A, reason="withdrawn", by=None)
    assert figures(sample) == (100_000, 0, 0)


def test_announcing_twice_moves_the_mass_once() -> None:
    sample = make_sample(mass_ug=100_000)
    earmark(sample, A, 30_000, by=None)
    assert len(hold_earmarked(A, by=None)) == 1
    assert hold_earmarked(A, by=None) == []
    sample.refresh_from_db()
    assert (sample.held_ug, sample.unseen_ug) == (30_000, 30_000)


def test_the_last_tenth_of_a_milligram_can_be_earmarked_and_no_more() -> None:
    sample = make_sample(mass_ug=100)
    earmark(sample, A, 100, by=None)
    with pytest.raises(NotEnoughLeft, match=r"Only 0\.0 mg left\."):
        earmark(sample, B, 100, by=None)
    assert not Hold.objects.filter(reference=B).exists()


def test_an_application_sets_mass_of_a_sample_aside_once_and_again_after_a_release() -> None:
    sample = make_sample(mass_ug=100_000)
    earmark(sample, A, 30_000, by=None)
    with pytest.raises(AlreadyHeld):
        earmark(sample, A, 10_000, by=None)
    release_holds(A, reason="decision taken back", by=None)
    earmark(sample, A, 10_000, by=None)
    sample.refresh_from_db()
    assert sample.earmarked_ug == 10_000


def test_several_samples_are_earmarked_all_or_none() -> None:
    pool, clast = make_sample(mass_ug=100_000), make_sample("CE5C0000YJYX031", mass_ug=9_900)
    with pytest.raises(NotEnoughLeft):
        earmark_samples(A, {clast: 9_900, pool: 100_100}, by=None)
    assert not Hold.objects.exists()
    assert [hold.sample for hold in earmark_samples(A, {clast: 9_900, pool: 100_000}, by=None)] == [pool, clast]


def test_a_whole_piece_is_never_earmarked_in_part() -> None:
    clast = make_sample("CE5C0000YJYX031", mass_ug=9_900)
    with pytest.raises(NotDivisible, match=r"CE5C0000YJYX031 is lent whole or not at all: 9\.9 mg\."):
        earmark(clast, A, 5_000, by=None)
    with pytest.raises(NotDivisible):
        earmark(clast, A, 10_000, by=None)


def test_a_whole_piece_is_kept_for_one_application() -> None:
    clast = make_sample("CE5C0000YJYX031", mass_ug=9_900)
    earmark(clast, A, 9_900, by=None)
    with pytest.raises(NotEnoughLeft, match=r"Only 0\.0 mg left\."):
        earmark(clast, B, 9_900, by=None)
    release_holds(A, reason="withdrawn", by=None)
    earmark(clast, B, 9_900, by=None)


def test_the_database_refuses_a_second_borrower_of_a_whole_piece() -> None:
    clast = make_sample("CE5C0000YJYX031", mass_ug=9_900)
    earmark(clast, A, 9_900, by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(sample=clast, reference=B, mass_ug=9_900, is_whole=True)


def test_the_database_refuses_a_whole_piece_in_two_places() -> None:
    clast = make_sample("CE5C0000YJYX031", mass_ug=9_900)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sample.objects.filter(pk=clast.pk).update(held_ug=100, vault_ug=9_800)


def test_an_unknown_mass_is_never_promised() -> None:
    sample = make_sample(mass_ug=None)
    with pytest.raises(MassUnknown):
        earmark(sample, A, 100, by=None)


def test_a_correction_goes_both_ways_and_never_into_what_is_promised() -> None:
    sample = make_sample(mass_ug=100_000)
    correct_stock(sample, -1_000, reason="weighed again", by=None)
    correct_stock(sample, 500, reason="found in the funnel", by=None)
    earmark(sample, A, 90_000, by=None)
    with pytest.raises(NotCorrectable) as refusal:
        correct_stock(sample, -10_000, reason="spilled", by=None)
    assert not any(character.isdigit() for character in str(refusal.value))
    sample.refresh_from_db()
    assert (sample.vault_ug, sample.total_ug) == (9_500, 99_500)


def test_a_whole_piece_is_corrected_only_while_it_is_in_the_vault() -> None:
    clast = make_sample("CE5C0000YJYX031", mass_ug=9_900)
    correct_stock(clast, 100, reason="weighed again", by=None)
    earmark(clast, A, 10_000, by=None)
    for difference in (-100, 100):
        with pytest.raises(NotCorrectable):
            correct_stock(clast, difference, reason="weighed again", by=None)


def test_a_form_sent_twice_is_posted_once() -> None:
    sample, key = make_sample(mass_ug=100_000), uuid.uuid4()
    first = take_in(sample, 500, reason="intake", by=None, key=key)
    assert take_in(sample, 500, reason="intake", by=None, key=key) == first
    sample.refresh_from_db()
    assert sample.vault_ug == 100_500


def test_a_correction_needs_a_difference_and_a_reason() -> None:
    sample = make_sample()
    with pytest.raises(ValueError, match="reason"):
        correct_stock(sample, 100, reason=" ", by=None)
    with pytest.raises(ValueError, match="difference"):
        correct_stock(sample, 0, reason="nothing", by=None)


def test_a_round_may_offer_only_known_masses_of_its_purpose() -> None:
    research = make_sample("CE5C0600")
    shown = make_sample("CE5C0400", purpose=Purpose.PUBLIC_WELFARE)
    make_sample("CE5C0800YJYX013GP", mass_ug=None)
    sealed = make_sample("CE5C1000", purpose=Purpose.PERMANENT)
    assert list(Sample.objects.offerable(Purpose.RESEARCH)) == [research]
    assert list(Sample.objects.offerable(Purpose.PUBLIC_WELFARE)) == [shown]
    assert list(Sample.objects.offerable(Purpose.PERMANENT)) == []
    assert not sealed.is_offered_possible
