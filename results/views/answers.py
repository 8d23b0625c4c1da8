"""What the pages and files of published lists share: which version is asked for, and whether the reader has it already."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date

from accounts.freshness import page_tag
from results.models import ResultList

LONGEST_NUMBER = 4  # digits of a version


def published(request: HttpRequest, slug: str) -> tuple[ResultList, Sequence[ResultList]]:
    """The version asked for (the newest unless one is named) and all versions, newest first. Nothing published: nothing there."""
    versions = list(ResultList.objects.versions_of(slug).select_related("round__mission", "figures"))
    asked = request.GET.get("version", "")
    if not versions:
        raise Http404
    if not asked:
        return versions[0], versions
    if not (asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_NUMBER):
        raise Http404
    found = next((one for one in versions if one.number == int(asked)), None)
    if found is None:
        raise Http404
    return found, versions


def page(request: HttpRequest, template: str, context: dict[str, Any], shown: object) -> HttpResponseBase:
    """The page, or "not modified" to a stranger who has it already. People who are signed in always get the whole page."""
    if request.user.is_authenticated or messages.get_messages(request):
        return render(request, template, context)
    tag = page_tag(template, shown)
    response = get_conditional_response(request, etag=tag) or render(request, template, context)
    response.headers["ETag"] = tag
    patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response


def file(request: HttpRequest, changed_at: datetime | None, content: bytes, content_type: str) -> HttpResponseBase:
    """A file that anybody may keep and must ask about: a newer version is there in the moment it is published."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    seconds = int(changed_at.timestamp()) if changed_at else None
    response = get_conditional_response(request, etag=tag, last_modified=seconds) or HttpResponse(content, content_type=content_type)
    response.headers["ETag"] = tag
    if seconds is not None:
        response.headers["Last-Modified"] = http_date(seconds)
    patch_cache_control(response, public=True, no_cache=True)
    return response
