"""What must be true of stock at every moment, as plain SQL that finds the rows for which it is not (PostgreSQL and SQLite)."""

# ruff: noqa: S608 — the pieces are the constants of this module
from samples.models import BALANCES

BELOW_ZERO = " OR ".join(f"s.{account}_ug < 0" for account in BALANCES)
TOGETHER = " + ".join(f"s.{account}_ug" for account in BALANCES)
NET_INTAKE = """(
    SELECT COALESCE(SUM(CASE WHEN m.from_account = 'outside' THEN m.mass_ug ELSE -m.mass_ug END), 0) FROM samples_movement m
    WHERE m.sample_id = s.id AND (m.from_account = 'outside' OR m.to_account = 'outside'))"""


def flow(account: str) -> str:
    """What the movements say an account of sample `s` holds."""
    return f"""(
    SELECT COALESCE(SUM(CASE WHEN m.to_account = '{account}' THEN m.mass_ug ELSE -m.mass_ug END), 0) FROM samples_movement m
    WHERE m.sample_id = s.id AND (m.to_account = '{account}' OR m.from_account = '{account}'))"""


def kept(condition: str) -> str:
    """What the holds of sample `s` that meet a condition add up to."""
    return f"(SELECT COALESCE(SUM(h.mass_ug), 0) FROM samples_hold h WHERE h.sample_id = s.id AND {condition})"


UNLIKE_ITS_MOVEMENTS = " OR ".join(f"s.{account}_ug <> {flow(account)}" for account in BALANCES)
EARMARKED, HELD, UNSEEN = kept("h.state = 'earmarked'"), kept("h.state = 'held'"), kept("h.state = 'held' AND NOT h.is_seen")

WITHIN_WHAT_WAS_TAKEN_IN = f"SELECT s.number FROM samples_sample s WHERE {BELOW_ZERO} OR {TOGETHER} <> {NET_INTAKE}"
SUM_OF_MOVEMENTS = f"SELECT s.number FROM samples_sample s WHERE {UNLIKE_ITS_MOVEMENTS}"
SUM_OF_HOLDS = f"""
    SELECT s.number FROM samples_sample s WHERE s.earmarked_ug <> {EARMARKED} OR s.held_ug <> {HELD} OR s.unseen_ug <> {UNSEEN}"""
KNOWN = f"""
    SELECT s.number FROM samples_sample s
    WHERE NOT s.is_mass_known AND ({TOGETHER} <> 0 OR EXISTS (SELECT 1 FROM samples_hold h WHERE h.sample_id = s.id))"""
WHOLE = """
    SELECT s.number FROM samples_sample s
    WHERE s.form <> 'powder' AND (
        (SELECT COUNT(*) FROM samples_hold h WHERE h.sample_id = s.id AND h.state <> 'released') > 1
        OR CASE WHEN s.vault_ug > 0 THEN 1 ELSE 0 END + CASE WHEN s.earmarked_ug > 0 THEN 1 ELSE 0 END
           + CASE WHEN s.held_ug > 0 THEN 1 ELSE 0 END + CASE WHEN s.on_loan_ug > 0 THEN 1 ELSE 0 END > 1
        OR EXISTS (
            SELECT 1 FROM samples_hold h
            WHERE h.sample_id = s.id AND h.state IN ('earmarked', 'held') AND (NOT h.is_whole OR h.mass_ug <> s.earmarked_ug + s.held_ug)))"""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    ("I1", "No account of a sample is below zero, and together they hold exactly what was taken in", WITHIN_WHAT_WAS_TAKEN_IN),
    ("I2", "A whole piece is in one place, and kept for one application at most", WHOLE),
    ("I3", "The balance of every account is the sum of its movements", SUM_OF_MOVEMENTS),
    ("I3-holds", "Earmarked, held and unseen mass is the sum of the holds in that state", SUM_OF_HOLDS),
    ("I3-known", "A sample with mass or a hold has a known mass", KNOWN),
)
