"""What has been lent before: the masses of the published lines, by form and method, as a measure of what is realistic.

Facts, not rules: the list of the second domestic round (October 2021, 51 applications of 17 institutions approved); abroad only the three
lines of 20 mg of the first international round are known.
"""

from dataclasses import dataclass
from math import log10

from django.utils.translation import gettext_lazy as _

from applications.questions import Words
from samples.models import Form, Method, Sample

SOURCE = "https://7e8ca.com/n6020511/c6812751/content.html"  # a copy of the notice of October 2021
SOURCE_ABROAD = (
    "https://www.bastillepost.com/global/article/4859852-british-scientist-receives-chinas-moon-samples-sees-potential-for-future-research"
)

LEAST_UG, MOST_UG = 1_000, 10_000_000  # the ends of the drawn scale: 1 mg and 10 g
FROM, SPAN, DECADES = 10, 220, 4  # where the scale begins on the drawing, and how long it is


@dataclass(frozen=True)
class Typical:
    """The published masses of one kind of sample in micrograms. `once_ug`: single lines far from the others."""

    least_ug: int
    most_ug: int
    once_ug: tuple[int, ...]
    text: Words

    @property
    def highest_ug(self) -> int:
        return max(self.most_ug, *self.once_ug) if self.once_ug else self.most_ug

    @property
    def x(self) -> float:
        return place(self.least_ug)

    @property
    def width(self) -> float:
        return round(place(self.most_ug) - self.x, 1)

    @property
    def once_xs(self) -> list[float]:
        return [place(mass_ug) for mass_ug in self.once_ug]


SCOOPED = Typical(50_000, 2_000_000, (6_000_000,), _("Scooped powder has been lent in lots of 50 to 2,000 mg, once 6,000 mg."))
DRILLED = Typical(20_000, 300_000, (), _("Drilled powder has been lent in lots of 20 to 300 mg."))
CLASTS = Typical(4_800, 28_500, (190_200, 197_300), _("Clasts that have been lent weigh 4.8 to 28.5 mg, two of them about 190 and 197 mg."))
SECTIONS = Typical(5_500, 56_000, (182_000,), _("Polished sections that have been lent weigh 5.5 to 56 mg, one of them 182 mg."))


def typical_of(sample: Sample) -> Typical:
    """The published lines of this form and method."""
    if sample.form == Form.POWDER:
        return DRILLED if sample.method == Method.DRILLED else SCOOPED
    return CLASTS if sample.form == Form.CLAST else SECTIONS


def place(mass_ug: int) -> float:
    """Where a mass stands on the drawn scale, each power of ten equally long; beyond an end it stands at the end."""
    inside = min(max(mass_ug, LEAST_UG), MOST_UG)
    return round(FROM + SPAN * log10(inside / LEAST_UG) / DECADES, 1)
