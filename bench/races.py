"""Fifty approvals race for the last of a sample, many times (R-01): how often somebody got what was not there."""

import time
from dataclasses import dataclass

from samples.models import Form, Sample
from samples.tests.make import make_sample
from samples.tests.race import LAST_UG, race, rightly

CONTESTANTS = 50


@dataclass(frozen=True)
class Races:
    races: int
    over: int  # races in which more was promised than was there
    unwon: int  # races that nobody won
    failed: int  # contestants who met anything but a clear refusal
    seconds: float


def sample(number: int) -> Sample:
    """Powder and whole pieces in turn, each with one last step of mass."""
    if number % 2:
        return make_sample(f"CE5C0000YJYX{number // 2 % 1000:03d}{number // 2000 + 1:02d}", mass_ug=LAST_UG, form=Form.CLAST)
    return make_sample(f"CE5C0400YJFM{number // 2 % 1000:03d}{number // 2000 + 1:02d}", mass_ug=LAST_UG)


def measure(count: int) -> Races:
    over = unwon = failed = 0
    began = time.perf_counter()
    for number in range(count):
        outcome = race(sample(number), CONTESTANTS, rightly)
        over += outcome.won > 1 or outcome.holds > 1 or outcome.earmarked_ug > LAST_UG
        unwon += outcome.won == 0
        failed += len(outcome.failed)
    return Races(count, over, unwon, failed, time.perf_counter() - began)
