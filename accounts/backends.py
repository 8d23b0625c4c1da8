"""How a session finds its person."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class SessionBackend(AuthenticationBackend):
    """allauth's sign-in by address; the person comes with roles and second factor in one query, and not at all once deactivated."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.for_session().filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
