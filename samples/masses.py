"""How a mass is written by people: milligrams with one decimal on pages and in files, whole micrograms in the database."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

STEP_UG = 100  # 0.1 mg, the resolution of the published lists
LARGEST_UG = 2_000_000_000  # 2 kg: more than any mission has brought back

_MEANT = str.maketrans("０１２３４５６７８９．，－＋−\u00a0\u2009\u202f\u3000", "0123456789.,-+-    ")
_UNIT = re.compile(r"\s*(mg|ｍｇ|毫克)$", re.IGNORECASE)
_PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_GROUPED = re.compile(r"[0-9]{1,3}( [0-9]{3}){1,4}(\.[0-9]{1,15})?")


class NotAMass(ValueError):
    """What was typed is no mass that can be meant; the text says why and what would be accepted."""


def parse_mg(text: str) -> int:
    """The mass in micrograms. Full-width digits, spaces between thousands and the unit "mg" are understood.

    A comma is asked back, because "1,500" is fifteen hundred to one reader and one and a half to another.
    """
    words = _UNIT.sub("", text.translate(_MEANT).strip()).strip()
    if not words:
        raise NotAMass(_("Enter a mass in milligrams, for example 12.5."))
    if "," in words:
        raise NotAMass(_("Is the comma a decimal point or a thousands mark? Write 1.5 or 1500, without a comma."))
    is_negative = words.startswith("-")
    if is_negative or words.startswith("+"):
        words = words[1:].strip()
    if not (_PLAIN.fullmatch(words) or _GROUPED.fullmatch(words)):
        raise NotAMass(_("“%(text)s” is not a mass. Enter a number of milligrams, for example 12.5.") % {"text": text.strip()[:40]})
    exact_ug = Decimal(words.replace(" ", "")) * 1000
    if is_negative or not exact_ug:
        raise NotAMass(_("A mass must be more than 0 mg."))
    if exact_ug % STEP_UG:
        raise NotAMass(_("Masses are given to a tenth of a milligram: the smallest step is 0.1 mg."))
    if exact_ug > LARGEST_UG:
        raise NotAMass(_("The mass must be at most %(most)s mg (2 kg), more than any mission has brought back.") % {"most": spell_mg(LARGEST_UG)})
    return int(exact_ug)


def mass_or_none(text: str) -> int | None:
    """The mass, or None where nothing is typed or it cannot be understood yet."""
    try:
        return parse_mg(text) if text.strip() else None
    except NotAMass:
        return None


def spell_mg(mass_ug: int) -> str:
    """Milligrams with one decimal and without the unit: 12400 -> "12.4". Cut, never rounded up: no more is promised than there is."""
    tenths = mass_ug // STEP_UG
    return f"{tenths // 10:,}.{tenths % 10}"
