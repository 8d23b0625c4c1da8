"""The catalogue of lunar samples and the ledger of their mass. Masses are whole micrograms."""

from samples.models.catalogue import NUMBER_PATTERN, Mission, Sample
from samples.models.choices import BALANCES, LOANABLE, OPEN_STATES, Account, Form, HoldState, Method, Purpose, Standing
from samples.models.stock import CATALOGUE, Hold, Movement

__all__ = [
    "BALANCES",
    "CATALOGUE",
    "LOANABLE",
    "NUMBER_PATTERN",
    "OPEN_STATES",
    "Account",
    "Form",
    "Hold",
    "HoldState",
    "Method",
    "Mission",
    "Movement",
    "Purpose",
    "Sample",
    "Standing",
]
