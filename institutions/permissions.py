"""Who may look after the register, and who is too close to an institution to judge it."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Role, User
from institutions.models import Institution, tied_institution_ids


def may_keep_register(user: User | AnonymousUser) -> bool:
    """The office keeps institutions, their members and who signs for them."""
    return isinstance(user, User) and user.has_role(Role.OFFICER, Role.ADMINISTRATOR)


def may_name_countries(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and user.has_role(Role.ADMINISTRATOR)


def is_tied(user: User, institution: Institution) -> bool:
    """Whether the person belongs to it now, to the one it was merged into, or to one merged into the same."""
    return institution.pk in tied_institution_ids(user)
