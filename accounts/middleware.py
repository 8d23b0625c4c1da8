"""What holds for every request of somebody who is signed in: their language and zone, how long a session lasts, the second factor."""

from collections.abc import Callable
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

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

from accounts.http import UserRequest
from accounts.models import User
from accounts.permissions import must_add_second_factor
from accounts.session import note_presence, seconds_left

Answer = Callable[[HttpRequest], HttpResponseBase]

ZONE_COOKIE = "reader_zone"  # set by static/js/page.js from the browser's own zone

# The pages that stay open until a second factor is added: adding it, proving who one is, leaving, changing the language.
OPEN_WITHOUT_SECOND_FACTOR = ("mfa_", "account_", "set_language")


@cache
def known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_named(name: str | None) -> ZoneInfo | None:
    """The zone, if the name is that of one: cookies hold whatever somebody put there."""
    return ZoneInfo(name) if name and name in known_zones() else None


def _go(request: HttpRequest, url: str) -> HttpResponseBase:
    """Send the reader elsewhere; a fragment asked for by htmx takes the whole page along."""
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") == "true" else redirect(url)


class ReaderMiddleware:
    """Language and time zone of the reader; ends a session that is over; keeps signed-in pages out of every cache."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user if isinstance(request.user, User) or request.user.is_authenticated else None
        only_asks = request.path == reverse("accounts:stay")  # how long the session lasts: asking is no sign of life
        if user and seconds_left(cast(UserRequest, request)) <= 0:
            logout(request)
            request.ended_user = user.pk  # type: ignore[attr-defined]
            user = None
            if request.method in {"GET", "HEAD"} and not only_asks:
                return _ask_to_sign_in(request, request.get_full_path())
        elif user and not only_asks:
            note_presence(cast(UserRequest, request))
        request.reader_zone = zone_named(user.time_zone if user else None) or zone_named(request.COOKIES.get(ZONE_COOKIE))  # type: ignore[attr-defined]
        if user and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        if user or request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ["Cookie"])
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object) -> HttpResponseBase | None:
        """A form that comes after its session ended: some views keep its text (accounts/kept.py), the others cannot go on. The page of
        a form that failed the CSRF check shows its text; it has been answered before this."""
        if not hasattr(request, "ended_user") or getattr(view, "keeps_text", False) or request.path == reverse("accounts:stay"):
            return None
        return _ask_to_sign_in(request, reverse(settings.LOGIN_REDIRECT_URL))


def _ask_to_sign_in(request: HttpRequest, afterwards: str) -> HttpResponseBase:
    messages.info(request, _("You were signed out because nothing was done for a long time. Sign in to go on."))
    return _go(request, redirect_to_login(afterwards).url)


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
