"""What somebody typed into a form whose session was over when it was sent: kept until they have signed in again (S-26, U-08).

A view of a form that takes long to fill in asks for it::

    @login_required_keeping_text
    def edit(request, reference):
        ...
        kept = kept_text(request)  # after the checks of who may edit
        if kept is not None:
            ...  # offer the text or save it at once: the next call answers None

A POST of somebody who is no longer signed in is then not lost: its fields wait in the browser's own (anonymous) session in the
database, the reader is sent to sign in, comes back to the same page by GET, and `kept_text` hands the fields over.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

View = TypeVar("View", bound=Callable[..., Any])

KEPT = "kept_text"
LONGEST = 300_000  # bytes of all texts kept in one session
LIFE = 2 * 60 * 60  # seconds
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 (the name of a field)


def typed_fields(sent: QueryDict) -> list[tuple[str, list[str]]]:
    """What a person typed into a form: no token, no password; files never stand among the fields."""
    return [(name, values) for name, values in sent.lists() if name != TOKEN and "password" not in name.lower()]


def fields_to_copy(sent: QueryDict) -> list[tuple[str, list[str]]]:
    """What stands on a page for copying: the names of the fields as words."""
    return [(name.replace("_", " ").capitalize(), values) for name, values in typed_fields(sent)]


def login_required_keeping_text(view: View) -> View:
    """Like `login_required`, and a POST that comes after the session ended is kept for `kept_text`.

    CSRF protection has passed when this runs. A request by htmx is kept under the page it was sent from (the reader is sent to
    sign in as a whole page and comes back to that page), any other one under its own path, so that path must answer a GET.
    What is too long to be kept is shown for copying instead of being dropped.
    """

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method != "POST":
            return redirect_to_login(request.get_full_path())
        return _keep(request)

    asking.keeps_text = True  # type: ignore[attr-defined]  # read by ReaderMiddleware
    return asking  # type: ignore[return-value]


def kept_text(request: HttpRequest, path: str = "") -> QueryDict | None:
    """The newest fields sent to this path (or to the one named) after the session had ended, if there are any.

    Handed over once, for at most two hours, and only to the person whose session it was, where that is known. Ask permission to
    edit first: the text belongs to the browser, and a second person at the same browser may not be allowed to see the page.
    The answer has no password and no files; check it by the view's own form like any other input.
    """
    texts: dict[str, Any] = request.session.get(KEPT) or {}
    if not texts:
        return None
    found = texts.get(path or request.path)
    rest = {place: text for place, text in texts.items() if text is not found and not _is_old(text)}
    if rest:
        request.session[KEPT] = rest
    else:
        del request.session[KEPT]
    if found is None or _is_old(found) or found["user"] not in {None, request.user.pk}:
        return None
    fields = QueryDict(mutable=True)
    for name, values in found["fields"]:
        fields.setlist(name, values)
    return fields


def _is_old(text: dict[str, Any]) -> bool:
    return bool(time.time() - text["at"] > LIFE)


def _size(text: dict[str, Any]) -> int:
    return sum(len(name.encode()) + sum(len(value.encode()) for value in values) for name, values in text["fields"])


def _keep(request: HttpRequest) -> HttpResponseBase:
    """Put the fields away and send the reader to sign in; show them where they cannot be put away."""
    here = request.get_full_path()
    by_htmx = request.headers.get("HX-Request") == "true"
    if by_htmx:
        here = request.htmx.current_url_abs_path or here  # type: ignore[attr-defined]
    text = {"at": time.time(), "user": getattr(request, "ended_user", None), "fields": typed_fields(request.POST)}
    is_kept = _size(text) <= LONGEST and ratelimit.consume(request, action="keep_text")
    if not is_kept and not by_htmx:
        context = {"fields": fields_to_copy(request.POST), "login_url": redirect_to_login(here).url}
        return render(request, "accounts/not_kept.html", context, status=413)
    if is_kept:
        place = urlsplit(here).path
        texts = {path: other for path, other in (request.session.get(KEPT) or {}).items() if path != place and not _is_old(other)}
        while texts and sum(map(_size, texts.values())) + _size(text) > LONGEST:
            del texts[min(texts, key=lambda path: texts[path]["at"])]
        request.session[KEPT] = {**texts, place: text}
        request.session.set_expiry(LIFE)  # for whoever never comes back; signing in sets it anew
        messages.info(request, _("Your session was over. What you typed is kept: sign in, and you are back on the same page with it."))
    login = redirect_to_login(here)
    return HttpResponseClientRedirect(login.url) if by_htmx else login
