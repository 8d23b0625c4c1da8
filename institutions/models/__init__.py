"""Countries and regions, the institutions in them, what ROR says of those, and who belongs to which institution and may sign for it."""

from institutions.models.countries import Country, CountryAlias, CountryQuerySet, reads_chinese
from institutions.models.pace import SearchPace
from institutions.models.register import (
    HAN,
    MOST_ALIASES,
    ROR_ID,
    Institution,
    InstitutionAlias,
    InstitutionQuerySet,
    Kind,
    Membership,
    MembershipQuerySet,
    Merge,
    MergeQuerySet,
    RorStatus,
    Standing,
    shown_name,
    tied_institution_ids,
    today,
)
from institutions.models.ror import MailDomain, RorLoad, RorParent

__all__ = [
    "HAN",
    "MOST_ALIASES",
    "ROR_ID",
    "Country",
    "CountryAlias",
    "CountryQuerySet",
    "Institution",
    "InstitutionAlias",
    "InstitutionQuerySet",
    "Kind",
    "MailDomain",
    "Membership",
    "MembershipQuerySet",
    "Merge",
    "MergeQuerySet",
    "RorLoad",
    "RorParent",
    "RorStatus",
    "SearchPace",
    "Standing",
    "reads_chinese",
    "shown_name",
    "tied_institution_ids",
    "today",
]
