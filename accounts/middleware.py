"""What holds for every request of somebody who is signed in: their language and zone, how long a session lasts, the second factor."""

import time
from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.permissions import OFFICE_ROLES, must_add_second_factor

Answer = Callable[[HttpRequest], HttpResponseBase]

ZONE_COOKIE = "reader_zone"  # set by static/js/page.js from the browser's own zone
SEEN_AT = "seen_at"
SEEN_EVERY = 60  # seconds between two notes of "still here", so that reading costs no writes
IDLE_OFFICE = 30 * 60  # seconds
IDLE_APPLICANT = 2 * 60 * 60
LONGEST = 12 * 60 * 60

# The pages that stay open until a second factor is added: adding it, proving who one is, leaving, changing the language.
OPEN_WITHOUT_SECOND_FACTOR = ("mfa_", "account_", "set_language")


@cache
def known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_named(name: str | None) -> ZoneInfo | None:
    """The zone, if the name is that of one: cookies hold whatever somebody put there."""
    return ZoneInfo(name) if name and name in known_zones() else None


def _signed_in_at(request: HttpRequest, user: User) -> float:
    """When this session was opened."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    if records and "at" in records[0]:
        return float(records[0]["at"])
    return user.last_login.timestamp() if user.last_login else time.time()


def _is_over(request: HttpRequest, user: User) -> bool:
    """Whether the session has been idle or open for too long; if not, note that its person is still here."""
    now = time.time()
    opened = _signed_in_at(request, user)
    seen = float(request.session.get(SEEN_AT, opened))
    idle = IDLE_OFFICE if user.has_role(*OFFICE_ROLES) else IDLE_APPLICANT
    if now - seen > idle or now - opened > LONGEST:
        return True
    if now - seen > SEEN_EVERY:
        request.session[SEEN_AT] = now
    return False


def _go(request: HttpRequest, url: str) -> HttpResponseBase:
    """Send the reader elsewhere; a fragment asked for by htmx takes the whole page along."""
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") == "true" else redirect(url)


class ReaderMiddleware:
    """Language and time zone of the reader; ends a session that is over; keeps signed-in pages out of every cache."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user if isinstance(request.user, User) or request.user.is_authenticated else None
        if user and _is_over(request, user):
            logout(request)
            messages.info(request, _("You were signed out because nothing was done for a long time. Sign in to go on."))
            login = redirect_to_login(request.get_full_path() if request.method == "GET" else reverse(settings.LOGIN_REDIRECT_URL))
            return _go(request, login.url)
        request.reader_zone = zone_named(user.time_zone if user else None) or zone_named(request.COOKIES.get(ZONE_COOKIE))  # type: ignore[attr-defined]
        if user and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        if user or request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ["Cookie"])
        return response


class SecondFactorMiddleware:
    """Whoever holds a role adds a second factor before anything else opens."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object) -> HttpResponseBase | None:
        user = request.user
        if not user.is_authenticated or not must_add_second_factor(user):
            return None
        name = (request.resolver_match and request.resolver_match.view_name) or ""
        if name.startswith(OPEN_WITHOUT_SECOND_FACTOR) or request.path.startswith("/healthz/"):
            return None
        messages.warning(request, _("Your role needs a second factor. Add an authenticator app or a passkey to go on."))
        return _go(request, reverse("mfa_index"))
