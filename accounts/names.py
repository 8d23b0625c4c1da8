"""How a person is called on a page."""

from accounts.models import User


def display_name(user: User) -> str:
    return user.full_name or user.email
