"""Who may prepare rounds."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Role, User


def may_prepare_rounds(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and user.has_role(Role.ADMINISTRATOR)
