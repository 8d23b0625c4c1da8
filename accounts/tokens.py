"""Links that set a password: one use, one hour; an invitation, which replaces no password, a week."""

from datetime import timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

from accounts.models import User

RESET_LIFE = timedelta(hours=1)
INVITATION_LIFE = timedelta(days=7)  # settings.PASSWORD_RESET_TIMEOUT is the same: Django refuses anything older


class LinkTokens(PasswordResetTokenGenerator):
    """Dead after a sign-in, a new password or a new address, because Django's token covers all three."""

    def check_token(self, user: User | None, token: str | None) -> bool:
        if user is None or not token or not super().check_token(user, token):
            return False
        life = INVITATION_LIFE if user.awaits_password else RESET_LIFE
        age = self._num_seconds(self._now()) - base36_to_int(token.split("-")[0])
        return bool(age <= life.total_seconds())
