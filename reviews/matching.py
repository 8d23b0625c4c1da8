"""Who should judge what: how well an expert's words fit an application's, and the assignment of least cost (docs/assignment.md).

Pure arrays: no model, no query. Rows are applications, columns are experts, both in a fixed order, so that the same input gives the same
answer. The assignment is solved by the library's min-cost flow; what is done here is to hand it a small network and to prove by prices that
the part of the network that was left out cannot give anything better.
"""

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from reviews.expertise import FIELDS, TECHNIQUES, fields_in, techniques_in

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# --- Words ----------------------------------------------------------------------------------------------------------------

METHOD = 1  # of turning words into numbers: kept numbers of another method are made anew
WORDS = re.compile(r"[a-z][a-z0-9]{2,}|[\u3400-\u9fff]+")
FIRST_WORD = 1000  # smaller numbers are marks: fields from 0, techniques from FIRST_TECHNIQUE
FIRST_TECHNIQUE = 500
MOST_TERMS = 1500  # of one text; the most frequent ones
ENTRY = np.dtype([("term", "<u4"), ("count", "<u2")])
BUCKETS = 1 << 20  # how many applications use a word is counted in so many buckets
COMMON = (
    "and are but can for from has have how into its more not our than that the their then these they this those through use used using was we "
    "were what when where which who why will with without would lunar moon sample samples study research chang 月球 样品 研究"
)
EMPTY = frozenset(COMMON.split())


def terms_in(text: str) -> list[str]:
    """The words of a text in lower case: Latin ones of three letters or more, without an English plural; Chinese ones as pairs of characters."""
    terms: list[str] = []
    for run in WORDS.findall(text.lower()):
        if run[0] > "z":
            terms += [run[place : place + 2] for place in range(len(run) - 1)] or [run]
        elif run not in EMPTY:
            terms.append(run[:-1] if run.endswith("s") and not run.endswith("ss") and len(run) > 4 else run)
    return [term for term in terms if term not in EMPTY]


def number_of(term: str) -> int:
    """The number under which a word is kept, the same on every machine."""
    return max(zlib.crc32(term.encode()), FIRST_WORD)


def numbers_of(text: str, *, field: str = "") -> bytes:
    """A text as numbers with their counts: what is kept of a version, so that its words are read once."""
    counts = Counter(terms_in(text)).most_common(MOST_TERMS)
    entries = {number_of(term): count for term, count in counts}
    entries |= dict.fromkeys(fields_in(text, field), 1) | {FIRST_TECHNIQUE + place: 1 for place in techniques_in(text)}
    rows = [(number, min(entries[number], 65_535)) for number in sorted(entries)]
    return np.array(rows, dtype=ENTRY).tobytes()


@dataclass(frozen=True)
class Knowledge:
    """What an expert says to know: places in the lists, and own words."""

    fields: frozenset[int] = frozenset()
    techniques: frozenset[int] = frozenset()
    words: str = ""

    @property
    def terms(self) -> set[str]:
        """Own words, and those of the chosen fields and techniques."""
        chosen = [FIELDS[place] for place in self.fields] + [TECHNIQUES[place] for place in self.techniques]
        return set(terms_in(" ".join((self.words, *(word for subject in chosen for word in subject.words)))))


# --- How well they fit ----------------------------------------------------------------------------------------------------

PARTS = (40, 35, 25)  # of a hundred: words, techniques, fields
TOP = 1000  # a perfect fit


@dataclass(frozen=True)
class Fit:
    """How well each expert fits each application, in thousandths, and what it comes from."""

    total: Ints
    texts: NDArray[np.float32]  # applications × terms, weighted: only terms that an expert uses
    tongues: NDArray[np.float32]  # experts × terms
    vocabulary: list[str]
    techniques: tuple[Flags, Flags]  # applications × techniques, experts × techniques
    fields: tuple[Flags, Flags]

    def shared(self, row: int, column: int, most: int = 3) -> list[str]:
        """The words that bring an expert and an application together, the weightiest first."""
        weights = self.texts[row] * self.tongues[column]
        places = np.argsort(-weights, kind="stable")[:most]
        return [self.vocabulary[place] for place in places if weights[place] > 0]

    def both(self, row: int, column: int) -> tuple[list[int], list[int]]:
        """The techniques and the fields that both have."""
        (wanted, known), (asked, said) = self.techniques, self.fields
        return np.flatnonzero(wanted[row] & known[column]).tolist(), np.flatnonzero(asked[row] & said[column]).tolist()


def fit(texts: Sequence[bytes], experts: Sequence[Knowledge]) -> Fit:
    """TF-IDF cosine of the words, and the share of the application's techniques and of its fields that the expert has chosen.

    A word's weight is (1 + ln count) · ln(1 + applications / applications with the word); a text's length is that of all its words, also of
    those that no expert uses.
    """
    rows = len(texts)
    entries = np.frombuffer(b"".join(texts), dtype=ENTRY)
    terms, counts = entries["term"], entries["count"]
    owner = np.repeat(np.arange(rows), [len(text) // ENTRY.itemsize for text in texts])
    is_word = terms >= FIRST_WORD
    marks, marked = terms[~is_word].astype(np.int64), owner[~is_word]
    terms, owner, counts = terms[is_word], owner[is_word], counts[is_word]
    buckets = terms & (BUCKETS - 1)
    users = np.bincount(buckets, minlength=BUCKETS)
    rarity = np.log1p(rows / np.maximum(users, 1)).astype(np.float32)
    weights = (1 + np.log(counts.astype(np.float32))) * rarity[buckets]
    lengths = np.sqrt(np.bincount(owner, weights=weights**2, minlength=rows)).astype(np.float32)

    spoken = [{number_of(term): term for term in sorted(expert.terms)} for expert in experts]
    words = {number: term for own in spoken for number, term in own.items()}
    known = np.array(sorted(words), dtype=np.uint32)
    texts_at = np.zeros((rows, len(known)), np.float32)
    tongues = np.zeros((len(experts), len(known)), np.float32)
    if len(known):
        place = np.searchsorted(known, terms)
        place[place == len(known)] = 0
        hit = known[place] == terms
        texts_at[owner[hit], place[hit]] = weights[hit] / lengths[owner[hit]]
        for column, own in enumerate(spoken):
            tongues[column, np.searchsorted(known, np.array(sorted(own), dtype=np.uint32))] = 1
        tongues *= rarity[known & (BUCKETS - 1)]
        tongues /= np.maximum(np.linalg.norm(tongues, axis=1, keepdims=True), 1e-9)
    techniques = _flags(rows, len(TECHNIQUES), marked, marks - FIRST_TECHNIQUE), _chosen([each.techniques for each in experts], len(TECHNIQUES))
    fields = _flags(rows, len(FIELDS), marked, marks), _chosen([each.fields for each in experts], len(FIELDS))
    parts = np.minimum(texts_at @ tongues.T, 1) * PARTS[0] + _share(*techniques) * PARTS[1] + _share(*fields) * PARTS[2]
    total = np.rint(parts * np.float32(TOP / 100)).astype(np.int64)
    return Fit(total, texts_at, tongues, [words[number] for number in known.tolist()], techniques, fields)


def _flags(rows: int, width: int, row: Ints, place: Ints) -> Flags:
    flags = np.zeros((rows, width), np.bool_)
    inside = (place >= 0) & (place < width)
    flags[row[inside], place[inside]] = True
    return flags


def _chosen(places: Sequence[frozenset[int]], width: int) -> Flags:
    flags = np.zeros((len(places), width), np.bool_)
    for row, chosen in enumerate(places):
        flags[row, sorted(chosen)] = True
    return flags


def _share(wanted: Flags, known: Flags) -> NDArray[np.float32]:
    both = wanted.astype(np.float32) @ known.astype(np.float32).T
    shares: NDArray[np.float32] = both / np.maximum(wanted.sum(axis=1, keepdims=True), 1).astype(np.float32)
    return shares


# --- The assignment -------------------------------------------------------------------------------------------------------

UNFILLED = 10_000  # what an empty place costs: as much as ten of the worst fits
NOBODY = -1
FIRST_BEST, FIRST_ELSEWHERE = 8, 3  # per application, the pairs that the first network holds: the best, and the best of other countries
ALMOST = 70  # a network that must grow takes in as well what is missed by so little: it need not grow again
BANDS_OF_SHARE, MOST_BANDS = 8, 40  # an expert's load is priced in eighths of a fair share


@dataclass(frozen=True)
class Problem:
    """All that an assignment depends on. Costs are whole numbers of thousandths of a perfect fit.

    `groups` says of each expert the institution and the country; experts of one institution are of one country, and somebody without either
    is alone in a group. `kept` are pairs (row, column) that exist already: they count in every limit and are not moved.
    """

    costs: Ints  # applications × experts, not negative
    allowed: Flags
    wanted: Ints  # reviews per application, kept ones included
    limits: Ints  # reviews per expert, kept ones included
    institutions: Ints
    countries: Ints
    kept: Ints = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    load: int = 0  # what a review costs more when the expert has a fair share already; it grows with the load
    same_country: int = 0  # what the second expert of a country costs; each further one twice as much
    same_institution: int = 0

    @property
    def needed(self) -> Ints:
        """Places to be filled, per application."""
        have = np.bincount(self.kept[:, 0], minlength=len(self.wanted))
        needed: Ints = np.maximum(self.wanted - have, 0)
        return needed

    @property
    def loads(self) -> Ints:
        return np.bincount(self.kept[:, 1], minlength=len(self.limits))

    @property
    def band(self) -> int:
        """How many reviews one step of the price of load holds."""
        return max(1, int(self.wanted.sum()) // max(1, len(self.limits)) // BANDS_OF_SHARE)

    def band_costs(self) -> Ints:
        """The price of a review by the step in which it lies: proportional to the load, the last step has no end."""
        per_share = max(1, int(self.wanted.sum()) // max(1, len(self.limits))) / self.band
        return np.rint(self.load * np.arange(MOST_BANDS) / per_share).astype(np.int64)


@dataclass(frozen=True)
class Answer:
    """The new pairs, how many experts each application lacks, and what it all costs. `rounds` tells how often the network had to grow."""

    pairs: Ints
    lacking: Ints
    cost: int
    rounds: int


def assign(problem: Problem) -> Answer:
    """The assignment of least cost, proven: no set of pairs that keeps the limits is cheaper."""
    allowed = problem.allowed.copy()
    allowed[problem.kept[:, 0], problem.kept[:, 1]] = False
    allowed[problem.needed == 0] = False
    allowed[:, problem.limits <= problem.loads] = False
    candidates = _first_pairs(problem, allowed)
    rounds = 0
    while True:
        rounds += 1
        network = _Network(problem, candidates)
        used = network.solve()
        worth_a_try = network.missed(allowed)
        if not worth_a_try.any():
            lacking = problem.needed - np.bincount(used[:, 0], minlength=len(problem.wanted))
            return Answer(used, lacking, network.cost, rounds)
        candidates |= worth_a_try


def _first_pairs(problem: Problem, allowed: Flags) -> Flags:
    """The cheapest pairs of each application, and the cheapest of its cheapest countries: almost always the answer lies among them."""
    costs = np.where(allowed, problem.costs, np.iinfo(np.int64).max)
    first = np.zeros_like(allowed)
    if costs.size == 0:
        return first
    if costs.shape[1] <= FIRST_BEST + FIRST_ELSEWHERE:
        return allowed.copy()
    np.put_along_axis(first, np.argpartition(costs, FIRST_BEST - 1, axis=1)[:, :FIRST_BEST], True, axis=1)
    order = np.argsort(problem.countries, kind="stable")
    starts = np.flatnonzero(np.diff(problem.countries[order], prepend=problem.countries[order[:1]] - 1))
    if len(starts) > FIRST_ELSEWHERE:
        by_country = np.minimum.reduceat(costs[:, order], starts, axis=1)
        best = np.argpartition(by_country, FIRST_ELSEWHERE - 1, axis=1)[:, :FIRST_ELSEWHERE]
        least = np.take_along_axis(by_country, best, axis=1).max(axis=1, keepdims=True)
        group = np.searchsorted(problem.countries[order][starts], problem.countries)
        first |= (costs == by_country[:, group]) & (costs <= least)
    return first & allowed


class _Network:
    """Applications → (country → institution →) experts → the end. A group has a node of its own where two of its experts could meet."""

    def __init__(self, problem: Problem, candidates: Flags) -> None:
        self.problem, self.candidates = problem, candidates
        self.rows, self.columns = candidates.shape
        self.end = self.rows + self.columns
        self.nodes = self.end + 1
        self.parts: list[tuple[Ints, Ints, Ints, Ints]] = []
        self.row, self.column = np.nonzero(candidates)
        kept_row, kept_column = problem.kept[:, 0], problem.kept[:, 1]
        source = self.row.copy()
        for group, penalty in ((problem.countries, problem.same_country), (problem.institutions, problem.same_institution)):
            if penalty:
                source = self._through(group, penalty, source, kept_row, group[kept_column])
        self._add(source, self.rows + self.column, 1, problem.costs[self.row, self.column])
        self._add(np.arange(self.rows), np.full(self.rows, self.end), problem.needed, UNFILLED)
        self._price_load()
        self.tails, self.heads, self.room, self.costs = (np.concatenate(column) for column in zip(*self.parts, strict=True))

    def _add(self, tails: Ints, heads: Ints, room: Ints | int, costs: Ints | int) -> None:
        shape = tails.shape
        self.parts.append((tails, heads, np.broadcast_to(np.asarray(room), shape), np.broadcast_to(np.asarray(costs), shape)))

    def _through(self, groups: Ints, penalty: int, source: Ints, kept_row: Ints, kept_group: Ints) -> Ints:
        """Lead the pairs of each application and group through one node: free for the first, with a penalty for each further expert."""
        width = int(groups.max(initial=0)) + 1
        keys, inverse, sizes = np.unique(self.row * width + groups[self.column], return_inverse=True, return_counts=True)
        have = np.zeros(len(keys), np.int64)
        kept_keys = kept_row * width + kept_group
        place = np.searchsorted(keys, kept_keys)
        found = place < len(keys)
        found[found] = keys[place[found]] == kept_keys[found]
        np.add.at(have, place[found], 1)
        shared = (sizes + have) > 1
        node = np.full(len(keys), NOBODY)
        node[shared] = self.nodes + np.arange(int(shared.sum()))
        self.nodes += int(shared.sum())
        parent = np.zeros(len(keys), np.int64)
        parent[inverse] = source  # the same for all pairs of one key: groups lie inside each other
        parents, children, taken = parent[shared], node[shared], have[shared]
        self._add(parents, children, np.maximum(1 - taken, 0), 0)
        self._add(parents, children, np.clip(2 - taken, 0, 1), penalty)
        self._add(parents, children, np.full(len(parents), self.columns), 2 * penalty)
        inside = shared[inverse]
        return np.where(inside, node[inverse], source)

    def _price_load(self) -> None:
        """An expert's reviews, the dearer the more there are; those kept have used the cheap steps."""
        problem, experts = self.problem, np.arange(self.columns)
        below = problem.loads
        for step, price in enumerate(problem.band_costs().tolist()):
            upper = problem.limits if step == MOST_BANDS - 1 else np.minimum(problem.limits, (step + 1) * problem.band)
            room = upper - np.maximum(below, min(step * problem.band, int(problem.limits.max(initial=0))))
            open_to = experts[room > 0]
            self._add(self.rows + open_to, np.full(len(open_to), self.end), room[open_to], price)

    def solve(self) -> Ints:
        """The pairs used, by row and column."""
        needed = self.problem.needed
        flow = min_cost_flow.SimpleMinCostFlow()
        arcs = flow.add_arcs_with_capacity_and_unit_cost(self.tails, self.heads, self.room, self.costs)
        flow.set_nodes_supplies(np.arange(self.rows), needed)
        flow.set_node_supply(self.end, -int(needed.sum()))
        if flow.solve() != flow.OPTIMAL:
            raise RuntimeError("the solver found no optimum of a network that always has one")
        self.flows = flow.flows(arcs)
        self.cost = int(flow.optimal_cost())
        first = sum(len(part[0]) for part in self.parts[: self._pairs_at])
        used = self.flows[first : first + len(self.row)] > 0
        return np.column_stack((self.row[used], self.column[used]))

    @property
    def _pairs_at(self) -> int:
        return 3 * bool(self.problem.same_country) + 3 * bool(self.problem.same_institution)

    def missed(self, allowed: Flags) -> Flags:
        """Pairs outside the network that could make the answer cheaper; none proves that it is the best of all.

        The prices are shortest distances in what the flow leaves over; there is no cycle of negative cost there, or it would not be of least
        cost. A pair from an application at price p to an expert at price q that costs less than q - p would open one. A pair that would be led
        through a group costs at least that much, so that this asks rather for too many pairs than for too few.
        """
        prices = self._prices()
        surplus = prices[: self.rows, None] + self.problem.costs - prices[None, self.rows : self.end]
        outside = allowed & ~self.candidates
        missed = (surplus < 0) & outside
        return (surplus < ALMOST) & outside if missed.any() else missed

    def _prices(self) -> Ints:
        forth, back = self.flows < self.room, self.flows > 0
        tails = np.concatenate((self.tails[forth], self.heads[back]))
        heads = np.concatenate((self.heads[forth], self.tails[back]))
        costs = np.concatenate((self.costs[forth], -self.costs[back]))
        order = np.argsort(heads, kind="stable")
        tails, heads, costs = tails[order], heads[order], costs[order]
        starts = np.flatnonzero(np.diff(heads, prepend=-1))
        targets = heads[starts]
        prices = np.zeros(self.nodes, np.int64)
        for _step in range(self.nodes):
            if not len(starts):
                break
            nearer = np.minimum.reduceat(prices[tails] + costs, starts)
            if (nearer >= prices[targets]).all():
                break
            prices[targets] = np.minimum(nearer, prices[targets])
        return prices
