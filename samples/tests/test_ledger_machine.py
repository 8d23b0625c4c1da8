"""Random lives of three samples, compared after every step with a model that is too simple to be wrong."""

from itertools import count

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from samples.actions import (
    AlreadyHeld,
    NotCorrectable,
    NotDivisible,
    correct_stock,
    earmark,
    hold_earmarked,
    release_holds,
    show_holds,
    take_in,
)
from samples.invariants import INVARIANTS
from samples.ledger import NotEnoughLeft
from samples.models import Sample
from samples.tests.make import make_sample

MACHINES = count()
REFERENCES = ["LSA-2026-00001", "LSA-2026-00002", "LSA-2026-00003"]
samples = st.integers(min_value=0, max_value=2)
masses = st.integers(min_value=1, max_value=12).map(lambda steps: steps * 100)
references = st.sampled_from(REFERENCES)


class Ledger(RuleBasedStateMachine):
    """The model: mass in the vault per sample, and per open hold its mass and how far it has come."""

    def __init__(self) -> None:
        super().__init__()
        run = next(MACHINES)
        numbers = (f"CE5C{run:04d}YJFM001", f"CE5C{run:04d}YJFM002", f"CE5C{run:04d}YJYX001")
        self.samples = [make_sample(number, mass_ug=1_000, parent=None) for number in numbers]
        self.vault = [1_000, 1_000, 1_000]
        self.holds: dict[tuple[int, str], tuple[int, str]] = {}
        self.prefix = f"{run}:"

    def held(self, index: int, *states: str) -> int:
        return sum(mass for (sample, _), (mass, state) in self.holds.items() if sample == index and state in states)

    def is_free(self, index: int) -> bool:
        """Whether a correction may touch it: powder always, a piece only while it is in the vault."""
        return index < 2 or not any(sample == index for sample, _ in self.holds)

    @rule(index=samples, mass=masses)
    def take_in(self, index: int, mass: int) -> None:
        try:
            take_in(self.samples[index], mass, reason="intake", by=None)
        except NotCorrectable:
            assert not self.is_free(index)
        else:
            assert self.is_free(index)
            self.vault[index] += mass

    @rule(index=samples, mass=masses)
    def take_off(self, index: int, mass: int) -> None:
        try:
            correct_stock(self.samples[index], -mass, reason="weighed again", by=None)
        except NotCorrectable:
            assert mass > self.vault[index] or not self.is_free(index)
        else:
            self.vault[index] -= mass
            assert self.vault[index] >= 0

    @rule(index=samples, reference=references, mass=masses, takes_all=st.booleans())
    def earmark(self, index: int, reference: str, mass: int, takes_all: bool) -> None:
        mass = self.vault[index] if takes_all and self.vault[index] else mass
        try:
            earmark(self.samples[index], self.prefix + reference, mass, by=None)
        except AlreadyHeld:
            assert (index, reference) in self.holds
        except NotDivisible:
            assert index == 2
            assert mass != self.vault[index] + self.held(index, "earmarked", "held", "shown")
        except NotEnoughLeft:
            assert mass > self.vault[index]
        else:
            assert (index, reference) not in self.holds
            self.vault[index] -= mass
            self.holds[index, reference] = (mass, "earmarked")

    @rule(reference=references)
    def announce(self, reference: str) -> None:
        hold_earmarked(self.prefix + reference, by=None)
        self._move(reference, "earmarked", "held")

    @rule(some=st.sets(references))
    def show(self, some: set[str]) -> None:
        show_holds([self.prefix + reference for reference in some])
        for reference in some:
            self._move(reference, "held", "shown")

    @rule(reference=references)
    def release(self, reference: str) -> None:
        mine = [key for key in self.holds if key[1] == reference]
        assert release_holds(self.prefix + reference, reason="withdrawn", by=None) == len(mine)
        for key in mine:
            self.vault[key[0]] += self.holds.pop(key)[0]

    def _move(self, reference: str, before: str, after: str) -> None:
        for key, (mass, state) in self.holds.items():
            if key[1] == reference and state == before:
                self.holds[key] = (mass, after)

    @invariant()
    def agrees_with_the_model(self) -> None:
        for index, known in enumerate(self.samples):
            sample = Sample.objects.get(pk=known.pk)
            assert sample.vault_ug == self.vault[index]
            assert sample.earmarked_ug == self.held(index, "earmarked")
            assert sample.held_ug == self.held(index, "held", "shown")
            assert sample.shown_held_ug == self.held(index, "shown")
            assert sample.left_ug == self.vault[index] + self.held(index, "earmarked", "held")

    @invariant()
    def breaks_no_promise_of_the_database(self) -> None:
        with connection.cursor() as cursor:
            for name, title, sql in INVARIANTS:
                cursor.execute(sql)
                assert cursor.fetchall() == [], f"{name}: {title}"


@pytest.mark.django_db
def test_no_order_of_steps_makes_loses_or_promises_mass_twice() -> None:
    patience = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    run_state_machine_as_test(Ledger, settings=patience)
