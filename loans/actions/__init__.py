"""What happens after the notice: agreements, the table of working days, promotions from the reserve."""

from loans.actions.keeping_days import set_day
from loans.actions.promoting import drop_promotion, make_promotion, propose_promotion
from loans.actions.reminding import remind_of_signing
from loans.actions.signing import end_agreements, extend_agreement, lapse_agreement, make_agreements, sign_agreement
from loans.actions.situations import (
    DayChanged,
    ExtensionImpossible,
    NotOverdue,
    PromotionImpossible,
    RulesBrokenSince,
    SameAsBefore,
    SamePerson,
    SignatureImpossible,
    SignedTooLate,
)

__all__ = [
    "DayChanged",
    "ExtensionImpossible",
    "NotOverdue",
    "PromotionImpossible",
    "RulesBrokenSince",
    "SameAsBefore",
    "SamePerson",
    "SignatureImpossible",
    "SignedTooLate",
    "drop_promotion",
    "end_agreements",
    "extend_agreement",
    "lapse_agreement",
    "make_agreements",
    "make_promotion",
    "propose_promotion",
    "remind_of_signing",
    "set_day",
    "sign_agreement",
]
