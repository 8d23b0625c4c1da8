"""A Merkle tree that tells nothing: not how many leaves it has, not where the empty places are, not what stands beside a leaf.

Every tree has the same height, so every proof has the same length. A leaf stands at a random place and is hashed with a random number of
its own; empty places carry random hashes that look like any other. All of it is drawn from one secret of the tree, so that whoever keeps
the secret can build the same tree again. docs/check_proof.py does the part that anyone can do.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping

HEIGHT = 20  # a million places
HALF = 1 << (HEIGHT - 1)  # more leaves are not put into one tree: the search for free places would become long

Step = tuple[str, str]  # "left" or "right", and the hash that stands there, in hex
Identity = tuple[str, int]  # the table and the row


def canonical(content: Mapping[str, str | int | None]) -> str:
    """Sorted, compact JSON: the same text wherever it is written."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def hash_of_leaf(nonce: str, text: str) -> bytes:
    return hashlib.sha256(b"\0" + bytes.fromhex(nonce) + text.encode()).digest()


def hash_of_pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def hash_of_day(previous: str, tree: str, day: str) -> str:
    """The root that is published: the day's tree, bound to the root before it."""
    return hashlib.sha256(b"\2" + bytes.fromhex(previous) + bytes.fromhex(tree) + day.encode()).hexdigest()


def nonce_of(secret: str, identity: Identity) -> str:
    """The random number of a leaf, known to whoever holds its proof."""
    return _drawn(secret, "leaf", *identity).hex()


def seal_key_of(secret: str, identity: Identity) -> str:
    """The random number under which the digest of an event is sealed in its leaf; told only to whoever may read the whole event."""
    return _drawn(secret, "seal", *identity).hex()


def sealed(key: str, digest: str) -> str:
    """A digest that nobody can try to guess the content of."""
    return hashlib.sha256(b"\3" + bytes.fromhex(key) + bytes.fromhex(digest)).hexdigest()


def _drawn(secret: str, *words: str | int) -> bytes:
    return hmac.digest(bytes.fromhex(secret), ":".join(map(str, words)).encode(), "sha256")


class Tree:
    """The tree over these texts, drawn from a secret (64 hex digits)."""

    def __init__(self, secret: str, leaves: Mapping[Identity, str]) -> None:
        if len(leaves) > HALF:
            raise ValueError(f"{len(leaves)} leaves are too many for one tree")
        self._nothing = _drawn(secret, "nothing")
        self._places: dict[Identity, int] = {}
        taken: dict[int, bytes] = {}
        for wished, identity in sorted((_drawn(secret, "place", *identity), identity) for identity in leaves):
            place = int.from_bytes(wished) >> (256 - HEIGHT)
            while place in taken:
                place = (place + 1) % (1 << HEIGHT)
            taken[place] = hash_of_leaf(nonce_of(secret, identity), leaves[identity])
            self._places[identity] = place
        self._floors = [taken]
        for floor in range(HEIGHT):
            below = self._floors[floor]
            self._floors.append({at: hash_of_pair(self._at(floor, 2 * at), self._at(floor, 2 * at + 1)) for at in {place >> 1 for place in below}})

    def _at(self, floor: int, place: int) -> bytes:
        """A hash of the tree; where nothing stands, one that looks as if something did."""
        return self._floors[floor].get(place) or hashlib.sha256(self._nothing + (place << 8 | floor).to_bytes(4)).digest()

    @property
    def root(self) -> str:
        return self._at(HEIGHT, 0).hex()

    def path(self, identity: Identity) -> list[Step]:
        """From a leaf up to the root: what stands beside it on each floor."""
        place, steps = self._places[identity], []
        for floor in range(HEIGHT):
            beside = place ^ 1
            steps.append(("left" if beside < place else "right", self._at(floor, beside).hex()))
            place >>= 1
        return steps
