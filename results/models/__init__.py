"""The published lists of approved institutions with their figures, and the public record of rounds held before this portal existed."""

from results.models.domestic import DomesticRound, Mark, first_day_of, spell_partial_date
from results.models.figures import Figures
from results.models.lists import ResultList, ResultListQuerySet, ResultRow, ResultRowQuerySet
from results.models.publication import Publication, PublicationChange

__all__ = [
    "DomesticRound",
    "Figures",
    "Mark",
    "Publication",
    "PublicationChange",
    "ResultList",
    "ResultListQuerySet",
    "ResultRow",
    "ResultRowQuerySet",
    "first_day_of",
    "spell_partial_date",
]
