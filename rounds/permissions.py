"""Who may prepare rounds."""

from accounts.models import Role, User


def may_prepare_rounds(user: User) -> bool:
    return user.has_role(Role.ADMINISTRATOR)
