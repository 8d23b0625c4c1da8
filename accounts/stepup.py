"""Proving once more who one is, before the few steps that cannot be undone (S-18)."""

from collections.abc import Callable
from typing import Any, TypeVar

from allauth.account.decorators import reauthentication_required
from django.conf import settings

View = TypeVar("View", bound=Callable[..., Any])


def _is_asked(request: object) -> bool:
    return not settings.PORTAL_DEMO


def proved_to_send(button: str) -> Callable[[View], View]:
    """As `proved_recently`, for a page that also shows something: only this button of it asks."""

    def with_proof(view: View) -> View:
        asking: View = reauthentication_required(view, enabled=lambda request: button in request.POST and _is_asked(request))
        return asking

    return with_proof


def proved_recently(view: View) -> View:
    """Whoever has not given password or second factor within the last minutes (ACCOUNT_REAUTHENTICATION_TIMEOUT) does so first; what
    was being sent goes on afterwards. The demonstration, whose password everybody knows, does not ask."""
    asking: View = reauthentication_required(view, enabled=_is_asked)
    return asking
