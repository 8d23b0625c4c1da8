"""The portal's addresses and one more: the floor, a bare list of 50 rows behind the full middleware."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from applications.models import Application
from lunarloans.urls import urlpatterns as portal

FLOOR = engines["django"].from_string(
    "<!doctype html><title>Floor</title><table>{% for reference, title in rows %}<tr><td>{{ reference }}<td>{{ title }}{% endfor %}</table>"
)


def floor(request: HttpRequest) -> HttpResponse:
    """One query for 50 rows after a reference, and the plainest template: what nothing can be faster than."""
    after = request.GET.get("after", "LSA-9999-99999")
    rows = Application.objects.filter(reference__lt=after).order_by("-reference").values_list("reference", "current__title")[:50]
    return HttpResponse(FLOOR.render({"rows": list(rows)}, request))


urlpatterns = [*portal, path("bench/floor/", floor)]
