"""What every page knows about its reader: time zone, demonstration or not, and the way through the portal by role."""

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.http import UserRequest
from accounts.models import Role, User
from accounts.session import seconds_shown

PUBLIC: tuple[tuple[str, Promise], ...] = (
    ("samples:list", _("Samples")),
    ("desk:rounds", _("Rounds")),
    ("results:list", _("Results")),
    ("letters:verify", _("Check a letter")),
)
SIGNED_IN: tuple[tuple[str, Promise], ...] = (
    ("applications:list", _("Applications")),
    ("letters:list", _("Letters")),
    ("loans:list", _("Loans")),
)
BY_ROLE: tuple[tuple[str, Promise, tuple[Role, ...]], ...] = (
    ("reviews:queue", _("Reviews"), (Role.EXPERT,)),
    ("institutions:list", _("Institutions"), (Role.OFFICER, Role.ADMINISTRATOR)),
    ("accounts:people", _("People"), (Role.ADMINISTRATOR,)),
)


@dataclass(frozen=True)
class Entry:
    """One entry of the main navigation."""

    url: str
    label: str | Promise
    is_current: bool


def navigation(user: object, path: str) -> list[Entry]:
    """The entries this reader has; a page that this installation does not have gets none."""
    wanted = list(PUBLIC)
    if isinstance(user, User):
        wanted += SIGNED_IN
        wanted += [(name, label) for name, label, roles in BY_ROLE if user.has_role(*roles)]
    entries = []
    for name, label in wanted:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        entries.append(Entry(url, label, path.startswith(url)))
    return entries


def reader(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    person = user if user is not None and user.is_authenticated else None
    return {
        "session_seconds": seconds_shown(cast(UserRequest, request)) if person else 0,
        "reader_zone": getattr(request, "reader_zone", None),
        "is_orcid_on": settings.ORCID_ON,
        "is_demo": settings.PORTAL_DEMO,
        "navigation": navigation(person and request.user, request.path),
    }
