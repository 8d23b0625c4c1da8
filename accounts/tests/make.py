"""People for tests."""

import time
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.actions import DEMONSTRATION_PASSWORD, give_role
from accounts.models import Role, User

_numbers = count(1)


def make_user(email: str | None = None, *roles: Role, second_factor: bool | None = None, **fields: Any) -> User:
    """A person with a verified address and the demonstration's password; who holds a role has a second factor, as it must be."""
    number = next(_numbers)
    fields.setdefault("full_name", f"Person {number:04d}")
    user = User.objects.create_user(email or f"person{number}@example.org", fields.pop("password", DEMONSTRATION_PASSWORD), **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    for role in roles:
        give_role(user, role, by=None)
    if bool(roles) if second_factor is None else second_factor:
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    return user


def prove_again(client: Client, user: User) -> None:
    """As if this person, who is signed in here, had just given password or second factor once more."""
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()


def sign_in(client: Client, user: User, password: str = DEMONSTRATION_PASSWORD) -> Any:
    """Through the page, as people do; a second factor is taken as given."""
    if user.has_second_factor:
        client.force_login(user)
        return client.get(reverse("accounts:profile"))
    return client.post(reverse("account_login"), {"login": user.email, "password": password})
