"""One line in the log for every request, with a number that the page of an error shows as well; and an end to what a request may hold."""

import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest
from django_structlog.middlewares import RequestMiddleware

from applications.files.limits import LARGEST_REQUEST
from applications.views.files import too_large

LONGEST = 300  # characters of a path or a user agent
# Whoever reads the log may not open what the link opens.
SECRET_IN_PATH = re.compile(r"(/password/reset/key/|/verify/(?:\?(?:code|digest)=)?|/invitations/)[^/?\s]+")


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


class PlainAddress:
    """An address with a NUL in it means nothing and reaches no database: PostgreSQL would refuse the statement. Forms judge their own."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        if "\x00" in request.path or any("\x00" in text for name, texts in request.GET.lists() for text in (name, *texts)):
            raise BadRequest("NUL in the address")
        return self.get_response(request)


class RequestSize:
    """A request larger than any page takes is answered with 413 before anything parses it (quality: U-66).

    What is still on its way is read and thrown away for a while: a browser that is still sending shows no answer.
    """

    PATIENCE = 15.0  # seconds
    CHUNK = 1 << 20

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        said = request.META.get("CONTENT_LENGTH") or "0"
        if not said.isdigit() or int(said) <= LARGEST_REQUEST:
            return self.get_response(request)
        end = time.monotonic() + self.PATIENCE
        try:
            while time.monotonic() < end and request.read(self.CHUNK):
                pass
        except OSError:
            pass
        request.POST  # noqa: B018 - already read, so it is empty; nobody parses it again
        return too_large(request)
