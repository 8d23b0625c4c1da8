"""What an installation should know about its attached files."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


def scanner_is_set(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Without a scanner attached files are shown to the office and the experts unchecked; each page says so."""
    if not settings.CLAMD_SOCKET:
        hint = "Set CLAMD_SOCKET, for example unix:///run/clamav/clamd.ctl or tcp://clamd:3310 (docs/operations.md)."
        return [checks.Warning("No virus scanner is set: attached files are not checked.", hint=hint, id="applications.W001")]
    parts = urlsplit(settings.CLAMD_SOCKET)
    if not (parts.scheme == "unix" and parts.path) and not (parts.scheme == "tcp" and parts.hostname):
        return [checks.Error("CLAMD_SOCKET is neither unix:///path nor tcp://host:port.", hint="See .env.example.", id="applications.E002")]
    return []
