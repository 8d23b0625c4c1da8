"""People for tests."""

from itertools import count
from typing import Any

from allauth.account.models import EmailAddress

from accounts.actions import DEMONSTRATION_PASSWORD, give_role
from accounts.models import Role, User

_numbers = count(1)


def make_user(email: str | None = None, *roles: Role, **fields: Any) -> User:
    """A person with a verified address and the demonstration's password."""
    number = next(_numbers)
    fields.setdefault("full_name", f"Person {number:04d}")
    user = User.objects.create_user(email or f"person{number}@example.org", fields.pop("password", DEMONSTRATION_PASSWORD), **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    for role in roles:
        give_role(user, role, by=None)
    return user
