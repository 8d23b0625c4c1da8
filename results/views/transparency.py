"""The figures of a round as they were frozen with a version of its list."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from results.figures_page import Shown
from results.models import Figures, ResultList
from results.tables import figures_csv, figures_json
from results.views.answers import file, page, published
from results.views.files import described


def _figures(request: HttpRequest, slug: str) -> tuple[Figures, ResultList, ResultList]:
    """Of the version asked for; with it the newest. Rounds that were not held here have none."""
    result_list, versions = published(request, slug)
    if not hasattr(result_list, "figures"):
        raise Http404
    return result_list.figures, result_list, versions[0]


@require_safe
def transparency(request: HttpRequest, slug: str) -> HttpResponseBase:
    """How many applied, how far they came, what they asked for and how long they waited."""
    figures, result_list, newest = _figures(request, slug)
    context = {
        "result_list": result_list,
        "round": result_list.round,
        "newest": newest,
        "is_current": result_list == newest,
        "shown": Shown(figures.content),
    }
    round = result_list.round
    return page(request, "results/transparency.html", context, (result_list.pk, newest.pk, round.title_en, round.title_zh, round.is_synthetic))


@require_safe
def transparency_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    figures, result_list, newest = _figures(request, slug)
    response = file(request, newest.published_at, figures_csv(result_list, figures), "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-v{result_list.number}-figures.csv"'
    return response


@require_safe
def transparency_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    figures, result_list, newest = _figures(request, slug)
    content = figures_json(result_list, figures, is_current=result_list == newest)
    return described(file(request, newest.published_at, content, "application/json"))
