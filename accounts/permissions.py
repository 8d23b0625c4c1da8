"""Who may look after people."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import Role, User

OFFICE_ROLES = tuple(Role)  # every role opens something that belongs to somebody else


def may_manage_people(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and user.has_role(Role.ADMINISTRATOR)


def may_change_roles(user: User, person: User) -> bool:
    """Nobody changes their own roles or closes their own account."""
    return may_manage_people(user) and user.pk != person.pk


def must_add_second_factor(user: User) -> bool:
    """Whoever works for the office proves it twice; the demonstration lets its made-up people in without."""
    return not settings.PORTAL_DEMO and user.has_role(*OFFICE_ROLES) and not user.has_second_factor
