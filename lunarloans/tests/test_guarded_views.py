"""Every view of ours asks who is there, or stands on the list of those that are open to everybody (quality: S-04)."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.urls import URLResolver, get_resolver

from lunarloans.tests.test_order import PLACE

OPEN = {
    "accounts:stay",  # how long the session lasts: without one, not at all
    "applications:invitation",  # whoever holds the link reads what it invites to, and signs in to answer
    "applications:questions",  # the questions of the form, before anybody has an account
    "desk:contact",
    "desk:help",
    "desk:history",  # what is published so that anyone can check it
    "desk:home",
    "desk:live",
    "desk:privacy",
    "desk:ready",
    "desk:roots",
    "desk:round",
    "desk:rounds",
    "desk:rules",
    "letters:certificate",  # with which anyone checks a letter offline
    "letters:check",  # the page behind the code on a letter
    "letters:verify",
    "results:csv",
    "results:feed",
    "results:json",
    "results:list",
    "results:round",
    "results:schema",
    "results:transparency",
    "results:transparency_csv",
    "results:transparency_json",
    "samples:list",
    "samples:sample",
}


def our_views(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for entry in (get_resolver() if resolver is None else resolver).url_patterns:
        if isinstance(entry, URLResolver):
            yield from our_views(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif entry.name and inspect.unwrap(entry.callback).__module__.split(".")[0] in PLACE:
            yield f"{namespace}{entry.name}", entry.callback


def is_guarded(view: Callable[..., Any]) -> bool:
    """Behind login_required, or behind its twin that keeps a text whose session ended: each leaves its mark on the view."""
    return hasattr(view, "login_url") or getattr(view, "keeps_text", False)


def test_every_view_asks_who_is_there_or_is_open_on_purpose() -> None:
    views = list(our_views())
    assert len(views) > 100
    assert {name for name, view in views if not is_guarded(view)} <= OPEN


def test_no_view_is_on_the_open_list_that_is_guarded_or_gone() -> None:
    unguarded = {name for name, view in our_views() if not is_guarded(view) or name == "applications:invitation"}
    assert unguarded >= OPEN


def test_a_view_without_a_guard_is_found() -> None:
    def careless(request: Any) -> None: ...

    assert not is_guarded(careless)
    assert is_guarded(login_required(careless))  # type: ignore[type-var]
