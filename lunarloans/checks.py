"""What must hold before the portal may serve: each with an id and a hint (manage.py check, with --deploy for a real server)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

SHORTEST_KEY = 50
SAMPLE_KEYS = ("change-me", "changeme", "secret", "example", "django-insecure")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Apps = Sequence[AppConfig] | None


def check_secret_key(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    key = settings.SECRET_KEY
    hint = "Set SECRET_KEY: python -c 'import secrets; print(secrets.token_urlsafe(60))'"
    if any(sample in key.lower() for sample in SAMPLE_KEYS):
        return [Error("SECRET_KEY is the sample of a configuration file.", hint=hint, id="lunarloans.E001")]
    if len(key) < SHORTEST_KEY or len(set(key)) < 10:
        return [Error(f"SECRET_KEY has fewer than {SHORTEST_KEY} random characters.", hint=hint, id="lunarloans.E002")]
    return []


def check_site_url(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Letters and mails carry this address for years."""
    site = urlsplit(settings.SITE_URL)
    if site.scheme not in {"http", "https"} or not site.hostname or site.path:
        return [Error("SITE_URL is not an address such as https://loans.example.org.", hint="Set SITE_URL without a path.", id="lunarloans.E003")]
    if settings.DEBUG or settings.PORTAL_DEMO or site.scheme == "https":
        return []
    return [Error("SITE_URL is not https: sign-ins would travel in the open.", hint="Put a proxy with TLS before the portal.", id="lunarloans.E004")]


def check_hosts(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if any(host == "*" or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        found.append(Error("ALLOWED_HOSTS holds a wildcard.", hint="Name every host that the portal answers to.", id="lunarloans.E005"))
    host = urlsplit(settings.SITE_URL).hostname
    if host and host not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        found.append(Error(f"ALLOWED_HOSTS lacks {host}, the host of SITE_URL.", hint="Add it, or leave ALLOWED_HOSTS unset.", id="lunarloans.E006"))
    return found


def check_translations(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Without its compiled catalogue a language silently shows English."""
    sources = [source for folder in settings.LOCALE_PATHS for source in Path(folder).glob("*/LC_MESSAGES/*.po")]
    missing = sorted(source.parent.parent.name for source in sources if not source.with_suffix(".mo").exists())
    if not missing:
        return []
    return [Caution(f"Translations are not compiled: {', '.join(missing)}.", hint="Run script/setup, or pybabel compile.", id="lunarloans.W007")]


def check_broker(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A queue in a folder serves one machine; several containers would each ring a bell that nobody hears."""
    if settings.BROKER_URL.startswith("filesystem") and not settings.SQLITE:
        return [
            Caution("The queue is a folder although the database is a server.", hint="Set BROKER_URL=redis://host:6379/0.", id="lunarloans.W008"),
        ]
    return []


def check_demonstration(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Everybody knows the password of the demonstration accounts."""
    host = urlsplit(settings.SITE_URL).hostname
    if settings.PORTAL_DEMO and host not in LOOPBACK:
        return [
            Caution(
                f"PORTAL_DEMO is on at {host}: offices sign in without a second factor.", hint="Unset it on a real server.", id="lunarloans.W009"
            ),
        ]
    return []


def register_all() -> None:
    register(check_secret_key, Tags.security, deploy=True)
    register(check_site_url, Tags.security, deploy=True)
    register(check_hosts, Tags.security)
    register(check_translations, Tags.translation)
    register(check_broker, Tags.security, deploy=True)
    register(check_demonstration, Tags.security, deploy=True)
