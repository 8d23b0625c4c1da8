"""One line in the log for every request, with a number that the page of an error shows as well."""

import re
from typing import Any

import structlog
from django.conf import settings
from django_structlog.middlewares import RequestMiddleware

LONGEST = 300  # characters of a path or a user agent
SECRET_IN_PATH = re.compile(r"(/password/reset/key/|/verify/)[^/?\s]+")  # whoever reads the log may not open what the link opens


class RequestLog(RequestMiddleware):
    @classmethod
    def bind_ip(cls, request: Any) -> None:
        """The address that the outermost trusted proxy saw; what stands further left anybody may have written."""
        seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        trusted = settings.TRUSTED_PROXIES
        address = seen[-trusted] if 0 < trusted <= len(seen) else request.META.get("REMOTE_ADDR", "")
        agent = request.headers.get("User-Agent", "")
        structlog.contextvars.bind_contextvars(ip=address[:LONGEST], user_agent=agent[:LONGEST])

    @staticmethod
    def format_request(request: Any) -> str:
        path = SECRET_IN_PATH.sub(r"\1…", request.get_full_path())
        return f"{request.method} {path[:LONGEST]}"
