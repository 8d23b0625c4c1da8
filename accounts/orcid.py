"""ORCID iDs: proven by signing in at orcid.org, never typed, and never joined to an account by mail address alone (S-27, U-27)."""

import re
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess, ProviderException
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from requests import RequestException, Session

from accounts.models import User
from accounts.names import tidy_name

PROVIDER = "orcid"  # the issuer: with the iD it is the key of a SocialAccount
IDENTIFIER = re.compile(r"(\d{4}-){3}\d{3}[\dX]")
DOWN = "orcid-is-down"
PAUSE = 60  # seconds without a further attempt after ORCID failed to answer


def orcid_of(user: User) -> str:
    """The person's authenticated iD (0000-0002-1825-0097), or nothing."""
    return SocialAccount.objects.filter(user=user, provider=PROVIDER).values_list("uid", flat=True).first() or ""


def orcid_account(user: User) -> SocialAccount | None:
    """The connection itself, for the page that ends it."""
    found: SocialAccount | None = SocialAccount.objects.filter(user=user, provider=PROVIDER).first()
    return found


class ImpatientSession(Session):
    """Asks ORCID, waits a few seconds, and asks nobody for a minute after it did not answer: a web process is not ORCID's to hold."""

    def request(self, *args: Any, **options: Any) -> Any:
        if cache.get(DOWN):
            raise RequestException("ORCID did not answer a moment ago")
        try:
            answer = super().request(*args, **{**options, "timeout": settings.SOCIALACCOUNT_REQUESTS_TIMEOUT})
        except RequestException:
            cache.set(DOWN, True, PAUSE)
            raise
        return answer


class OrcidAdapter(DefaultSocialAccountAdapter):
    """How allauth treats an iD in this portal."""

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        if not settings.SOCIALACCOUNT_PROVIDERS:
            raise Http404
        return super().get_app(request, provider, client_id)

    def get_requests_session(self) -> Session:
        return ImpatientSession()

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        """Keep the iD and propose the name. Addresses in the record prove nothing here, and the rest of it is none of our business."""
        if not IDENTIFIER.fullmatch(sociallogin.account.uid):
            raise ProviderException("ORCID answered without an iD")
        sociallogin.account.extra_data = {}
        sociallogin.email_addresses = []
        sociallogin.user.full_name = tidy_name(f"{data.get('first_name', '')} {data.get('last_name', '')}")[:200]
        return sociallogin.user

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        return {"full_name": sociallogin.user.full_name}

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("accounts:profile")

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """One account, one iD."""
        if sociallogin.state.get("process") != AuthProcess.CONNECT or not isinstance(request.user, User):
            return
        if orcid_of(request.user) not in {"", sociallogin.account.uid}:
            messages.error(request, _("Another ORCID iD is connected to your account. Disconnect it first."))
            raise ImmediateHttpResponse(redirect("accounts:profile"))
