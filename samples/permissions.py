"""Who may do what with stock. The catalogue itself is open to everybody."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Role, User


def _holds(user: User | AnonymousUser, *roles: Role) -> bool:
    return isinstance(user, User) and user.has_role(*roles)


def may_correct_stock(user: User | AnonymousUser) -> bool:
    """Curators keep the store."""
    return _holds(user, Role.CURATOR)


def may_read_movements(user: User | AnonymousUser) -> bool:
    """Each reads the part that Movement.objects.visible_to gives."""
    return _holds(user, Role.CURATOR, Role.OFFICER, Role.APPROVER)


def may_read_earmarks(user: User | AnonymousUser) -> bool:
    """An earmark betrays a recorded decision, and so does a hold that is not shown yet: only who decides and announces may know."""
    return _holds(user, Role.OFFICER, Role.APPROVER)
