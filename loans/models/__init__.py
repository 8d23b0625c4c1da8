"""Loan agreements, the table of working days, and promotions from the reserve."""

from loans.models.agreement import (
    Agreement,
    AgreementChange,
    AgreementCounter,
    AgreementExtension,
    AgreementQuerySet,
    AgreementReminder,
    ReminderKind,
    moved_by_table,
    overdue_for,
    to_sign_by,
    without_agreement,
)
from loans.models.days import DayRule, NamedDay, YearTable, last_rule, newest_rule, office_calendar, table_of_year
from loans.models.promotion import Promotion, PromotionChange, PromotionLine, Reserved, Waiting, lapsed_in, reserve_of

__all__ = [
    "Agreement",
    "AgreementChange",
    "AgreementCounter",
    "AgreementExtension",
    "AgreementQuerySet",
    "AgreementReminder",
    "DayRule",
    "NamedDay",
    "Promotion",
    "PromotionChange",
    "PromotionLine",
    "ReminderKind",
    "Reserved",
    "Waiting",
    "YearTable",
    "lapsed_in",
    "last_rule",
    "moved_by_table",
    "newest_rule",
    "office_calendar",
    "overdue_for",
    "reserve_of",
    "table_of_year",
    "to_sign_by",
    "without_agreement",
]
