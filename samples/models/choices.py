"""The words that a sample, its mass and its holds may be described with."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Method(models.TextChoices):
    """How the material was taken on the Moon."""

    SCOOPED = "scooped", _("Scooped")
    DRILLED = "drilled", _("Drilled")


class Form(models.TextChoices):
    """Powder is shared by mass; a clast or a polished section is lent whole, to one borrower."""

    POWDER = "powder", _("Powder")
    CLAST = "clast", _("Clast")
    SECTION = "section", _("Polished section")


class Purpose(models.TextChoices):
    """The four purposes of Art. 10 of the Measures."""

    PERMANENT = "permanent", _("Permanent storage")
    BACKUP = "backup", _("Backup permanent storage")
    RESEARCH = "research", _("Research")
    PUBLIC_WELFARE = "public_welfare", _("Public welfare")


LOANABLE = (Purpose.RESEARCH, Purpose.PUBLIC_WELFARE)  # Art. 10, 13: the two storage purposes stay sealed


class Account(models.TextChoices):
    """Where mass is. OUTSIDE is the world before intake and after a correction; it has no balance."""

    OUTSIDE = "outside", _("Outside the catalogue")
    VAULT = "vault", _("In the vault")
    EARMARKED = "earmarked", _("Set aside")
    HELD = "held", _("Held")
    ON_LOAN = "on_loan", _("On loan")
    CONSUMED = "consumed", _("Consumed")
    LOST = "lost", _("Lost")
    KEPT = "kept", _("Kept")


BALANCES = tuple(account for account in Account if account is not Account.OUTSIDE)


class Standing(models.TextChoices):
    """How much of a sample is left, in one word for everybody."""

    LEFT = "left", pgettext_lazy("state of a sample", "Left")
    HELD = "held", _("Held")
    ON_LOAN = "on_loan", _("On loan")
    GONE = "gone", _("Used up")
    SEALED = "sealed", _("Sealed")
    UNKNOWN = "unknown", _("Mass not published")


class HoldState(models.TextChoices):
    EARMARKED = "earmarked", _("Recorded, not announced")
    HELD = "held", _("Held")
    RELEASED = "released", _("Released")
    HANDED_OUT = "handed_out", _("Handed out")


OPEN_STATES = (HoldState.EARMARKED, HoldState.HELD)
