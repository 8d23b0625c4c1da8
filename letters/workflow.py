"""The life of a letter: held for proof-reading, valid, and what may become of it. How far its print has come is no status."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflow.transitions import move


class Status(models.TextChoices):
    HELD = "held", pgettext_lazy("letter", "Held")
    VALID = "valid", _("Valid")
    SUPERSEDED = "superseded", _("Superseded")
    REVOKED = "revoked", _("Revoked")


RELEASE = move("release", _("Release"), Status.HELD, to=Status.VALID)
SUPERSEDE = move("supersede", _("Supersede"), Status.VALID, to=Status.SUPERSEDED)
REVOKE = move("revoke", _("Revoke"), Status.HELD, Status.VALID, to=Status.REVOKED)

MOVES = (RELEASE, SUPERSEDE, REVOKE)
