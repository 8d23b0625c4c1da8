"""How allauth speaks for this portal: who may sign up, where links lead, and in which language mails go out."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from accounts.models import User
from accounts.tasks import send_after_commit


def at_site(url: str) -> str:
    """The same address at the configured site, whatever Host the request claimed."""
    parts = urlsplit(url)
    site = urlsplit(settings.SITE_URL)
    return urlunsplit((site.scheme, site.netloc, parts.path, parts.query, parts.fragment))


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write in the receiver's language; a stranger's mail is in the language of the page. Never waits for the mail server, so
        that an answer looks and takes the same whether or not the address is known."""
        receiver = context.get("user") or User.objects.filter(email__iexact=email).first()
        language = getattr(receiver, "language", "") or translation.get_language() or settings.LANGUAGE_CODE
        words = {name: at_site(value) if name.endswith("_url") and isinstance(value, str) else value for name, value in context.items()}
        words |= {"request": self.request, "email": email, "site_url": settings.SITE_URL, "contact_email": settings.CONTACT_EMAIL}
        with translation.override(language):
            message = self.render_mail(template_prefix, email, words)
        send_after_commit(message.subject, message.body, email)
