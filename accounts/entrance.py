"""The forms at the entrance, so that password managers know what each field is for (U-26, WCAG 1.3.5 and 3.3.8)."""

from typing import Any

from allauth.account.forms import LoginForm


class SignInForm(LoginForm):
    """The address is the name one signs in with."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
