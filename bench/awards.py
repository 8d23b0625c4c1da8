"""How long a proposal of awards takes and how near to its bound it comes, on problems that are made for it."""

import random
import resource
from collections.abc import Iterator
from dataclasses import dataclass

from reviews.awarding import STEP_UG, Answer, Cap, Line, Problem, Stock, propose, weight_of

MASSES_MG = (20, 50, 100, 200, 400, 1000, 2000)
WISHES_MG = (5, 10, 20, 50, 100, 200, 300)
PER_PERSON_UG, PER_INSTITUTION_UG = 400_000, 1_200_000


@dataclass(frozen=True)
class Measured:
    lines: int
    fallbacks: int
    has_caps: bool
    cpu: float
    answer: Answer


def problem(applications: int, samples: int, *, fallbacks: int, caps: bool, seed: int = 1) -> Problem:
    """A round in which everybody wants the same few samples: one to five each, a third of the samples whole pieces."""
    chance = random.Random(seed)
    numbers = [f"CE5C{number:04}" for number in range(samples)]
    drawn = [1 / (1 + number) ** 0.7 for number in range(samples)]
    chance.shuffle(drawn)
    stock = {number: Stock(1000 * chance.choice(MASSES_MG), is_whole=chance.random() < 0.3) for number in numbers}
    lines = []
    for place in range(1, applications + 1):
        name = f"LSA-2026-{place:05}"
        weight = weight_of(place, applications, 10, name)
        wanted = chance.choices((1, 2, 3, 4, 5), (30, 30, 20, 10, 10))[0]
        for at, number in enumerate(dict.fromkeys(chance.choices(numbers, drawn, k=wanted + fallbacks))):
            best_ug, least_ug = wish(chance, stock[number])
            lines.append(Line(name, number, place, weight, best_ug, least_ug, max(0, at - wanted + 1)))
    return Problem(tuple(lines), stock, tuple(limits(lines, chance)) if caps else ())


def wish(chance: random.Random, stock: Stock) -> tuple[int, int]:
    """The best and the smallest useful mass; for a third of the lines only one mass will do."""
    if stock.is_whole:
        return stock.free_ug, stock.free_ug
    best_ug = min(stock.free_ug, 1000 * chance.choice(WISHES_MG) + STEP_UG * chance.randint(-40, 40))
    return best_ug, best_ug if chance.random() < 0.3 else int(best_ug * chance.uniform(0.2, 0.9)) // STEP_UG * STEP_UG or best_ug


def limits(lines: list[Line], chance: random.Random) -> list[Cap]:
    """One applicant in five has two applications; a hundred and fifty institutions."""
    homes: dict[str, list[int]] = {}
    people: dict[str, list[int]] = {}
    owner: dict[str, tuple[str, str]] = {}
    for at, line in enumerate(lines):
        if line.application not in owner:
            before = f"{int(line.application[-5:]) - 1}"
            person = before if before in people and chance.random() < 0.2 else f"{int(line.application[-5:])}"
            owner[line.application] = person, f"{min(int(chance.paretovariate(0.7)), 150)}"
        person, home = owner[line.application]
        people.setdefault(person, []).append(at)
        homes.setdefault(home, []).append(at)
    caps = [Cap("person", tuple(mine), PER_PERSON_UG) for mine in people.values()]
    return caps + [Cap("institution", tuple(mine), PER_INSTITUTION_UG) for mine in homes.values()]


def measured(applications: int, samples: int) -> Iterator[Measured]:
    """Three problems of each kind: with and without fall-backs, with and without rules about persons and institutions."""
    for fallbacks in (0, 2):
        for caps in (False, True):
            for seed in (1, 2, 3):
                made = problem(applications, samples, fallbacks=fallbacks, caps=caps, seed=seed)
                began = worked()
                answer = propose(made)
                yield Measured(len(made.lines), fallbacks, caps, worked() - began, answer)


def worked() -> float:
    """Seconds of work of this process and of the solvers that it started."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
