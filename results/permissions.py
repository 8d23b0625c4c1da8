"""Who may publish a result list."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Role, User
from reviews.models import Decision
from rounds.models import Round


def may_publish(user: User | AnonymousUser, round: Round) -> bool:
    """An administrator who has recorded no decision in that round."""
    return (
        isinstance(user, User)
        and user.has_role(Role.ADMINISTRATOR)
        and not Decision.objects.filter(application__round=round, recorded_by=user).exists()
    )
