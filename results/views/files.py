"""Published lists for programs: CSV, JSON with its schema, and the Atom feed."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from results import schema as schemas
from results.feed import ENTRIES, feed_of
from results.models import ResultList
from results.tables import csv_of, json_of, schema_json
from results.views.answers import file, published


@require_safe
def csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The rows of the page as a table for spreadsheets."""
    result_list, versions = published(request, slug)
    content = csv_of(result_list, list(result_list.rows.all()))
    response = file(request, versions[0].published_at, content, "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-v{result_list.number}.csv"'
    return response


@require_safe
def json(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The rows of the page for programs."""
    result_list, versions = published(request, slug)
    content = json_of(result_list, list(result_list.rows.all()), is_current=result_list == versions[0])
    return described(file(request, versions[0].published_at, content, "application/json"))


def described(response: HttpResponseBase) -> HttpResponseBase:
    """With the address of the schema in the head as well as in the file."""
    response.headers["Link"] = f'<{schemas.address()}>; rel="describedby"; type="application/schema+json"'
    return response


@require_safe
def schema(request: HttpRequest) -> HttpResponseBase:
    """What the JSON files look like."""
    return file(request, None, schema_json(), "application/schema+json")


@require_safe
def feed(request: HttpRequest) -> HttpResponseBase:
    """The newest versions of all lists."""
    lists = list(ResultList.objects.for_list().order_by("-published_at", "-pk")[:ENTRIES])
    return file(request, lists[0].published_at if lists else None, feed_of(lists), "application/atom+xml; charset=utf-8")
