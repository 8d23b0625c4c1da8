"""The lives of a loan agreement and of a promotion from the reserve, on one page."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflow.transitions import Move, move


class AgreementStatus(models.TextChoices):
    OPEN = "open", _("To be signed")
    SIGNED = "signed", pgettext_lazy("loan agreement", "Signed")
    LAPSED = "lapsed", _("Lapsed")
    ENDED = "ended", _("Ended: the application was withdrawn")


A = AgreementStatus
EXTEND = move("extend", _("Extend the time to sign"), A.OPEN)
SIGN = move("sign", _("Record the signature"), A.OPEN, to=A.SIGNED)  # writes the certificate
LAPSE = move("lapse", _("Confirm the lapse"), A.OPEN, to=A.LAPSED)  # by the office, after the time has passed
END = move("end", _("End"), A.OPEN, to=A.ENDED)  # by clock, after a withdrawal
AGREEMENT_MOVES: tuple[Move, ...] = (EXTEND, SIGN, LAPSE, END)


class PromotionStatus(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    MADE = "made", _("Made, decision recorded")
    DROPPED = "dropped", _("Dropped")


P = PromotionStatus
MAKE = move("make", _("Make the promotion"), P.PROPOSED, to=P.MADE)  # by another person
DROP = move("drop", _("Drop the proposal"), P.PROPOSED, to=P.DROPPED)
PROMOTION_MOVES: tuple[Move, ...] = (MAKE, DROP)
