"""Institutions and memberships for tests. Countries are there from the migration."""

from itertools import count
from typing import Any

from accounts.models import User
from institutions.actions import add_membership, create_institution, load_countries
from institutions.models import Country, Institution, Kind, Membership

_numbers = count(1)


def make_country(code: str = "FR") -> Country:
    if not Country.objects.filter(pk=code).exists():  # a test that commits empties every table when it ends
        load_countries()
    return Country.objects.get(pk=code)


def make_institution(**fields: Any) -> Institution:
    """A verified university in France unless said otherwise."""
    fields.setdefault("name_en", f"University {next(_numbers):04d}")
    fields.setdefault("kind", Kind.UNIVERSITY)
    fields.setdefault("is_verified", True)
    if "country" not in fields:
        fields["country"] = None if fields["kind"] == Kind.ORGANISATION else make_country()
    return create_institution(**fields)


def make_membership(user: User, institution: Institution, may_sign: bool = False) -> Membership:
    return add_membership(user, institution, may_sign=may_sign)
