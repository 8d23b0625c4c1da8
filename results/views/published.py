"""The published lists as everybody reads them."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.templatetags.portal import in_language
from results import permissions
from results.lines import compare
from results.models import DomesticRound, Mark, ResultList, ResultRow
from results.summary import Beside, beside_totals, by_country, changed_heads, country_bars, known_of
from results.tables import COLUMNS
from results.views.answers import page, published
from samples.models import Mission, Sample


@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """The newest version of every list, and the public record of domestic rounds."""
    lists = list(ResultList.objects.current().for_list())
    domestic = list(DomesticRound.objects.all())
    context = {"lists": lists, "domestic": _with_missions(domestic), "marks": list(Mark)}
    shown = (
        [(one.pk, one.round.title_en, one.round.title_zh, one.round.is_synthetic) for one in lists],
        [sorted((name, value) for name, value in one.__dict__.items() if not name.startswith("_")) for one in domestic],
    )
    return page(request, "results/list.html", context, shown)


@require_safe
def round(request: HttpRequest, slug: str) -> HttpResponseBase:
    """One version of a list, row by row, with its totals and what it changed."""
    result_list, versions = published(request, slug)
    rows = list(result_list.rows.all())
    listed = set(Sample.objects.in_bulk({row.sample_number for row in rows if row.sample_number}, field_name="number"))
    countries = by_country(rows)
    context = {
        "result_list": result_list,
        "round": result_list.round,
        "newest": versions[0],
        "is_current": result_list == versions[0],
        "versions": versions if len(versions) > 1 else [],
        "countries": countries,
        "bars": country_bars(countries),
        "known": known_of(rows),
        "institution_count": len({row.institution_en for row in rows}),
        "country_count": len({row.country_id for row in rows} - {None}),
        "has_shares": any(len(one.rows) > 1 for country in countries for one in country.institutions),
        "listed": listed,
        "has_samples": any(row.sample_number for row in rows),
        "columns": COLUMNS,
        "has_figures": hasattr(result_list, "figures"),
        "may_publish": permissions.may_publish(request.user, result_list.round) and not result_list.round.is_public_record,
        **_changes(result_list, rows, versions),
    }
    round = result_list.round
    shown = (result_list.pk, [one.pk for one in versions], sorted(listed), round.title_en, round.title_zh, round.is_synthetic)
    return page(request, "results/round.html", context, shown)


def _changes(result_list: ResultList, rows: Sequence[ResultRow], versions: Sequence[ResultList]) -> dict[str, Any]:
    """What this version says differently from the one before it."""
    before = next((one for one in versions if one.number == result_list.number - 1), None)
    if before is None:
        return {"before": None, "changed_rows": [], "changed_heads": []}
    changed = [one for one in compare(rows, before) if one.is_added or one.is_dropped]
    return {"before": before, "changed_rows": changed, "changed_heads": changed_heads(before, result_list)}


def _with_missions(domestic: Sequence[DomesticRound]) -> list[tuple[DomesticRound, str, Beside | None]]:
    """Each line with its missions in the reader's language (the record names them in English) and, beside a stated total, what is known."""
    beside = beside_totals(domestic)
    names = {mission.name_en.replace("’", "'"): in_language(mission, "name") for mission in Mission.objects.all()}
    named = []
    for one in domestic:
        words = one.mission.replace("’", "'")
        for english, own in names.items():
            words = words.replace(english, own)
        named.append((one, words, beside.get(one.batch)))
    return named
