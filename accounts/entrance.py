"""The forms at the entrance: known to password managers (U-26, WCAG 1.3.5 and 3.3.8), and strict about codes (S-29)."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP


class SignInForm(LoginForm):
    """The address is the name one signs in with."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ActivateAppForm(ActivateTOTPForm):
    """The code that proves a new app is used up by it: nobody who saw it signs in with it."""

    def clean_code(self) -> str:
        code = str(super().clean_code())
        TOTP(Authenticator(user=self.user, type=Authenticator.Type.TOTP))._mark_code_used(code)
        return code
