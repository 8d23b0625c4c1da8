"""The published lists, their files, and the administrator's preview of the next version."""

import hashlib
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.freshness import page_tag
from accounts.http import UserRequest
from accounts.templatetags.portal import in_language
from results import permissions
from results.actions import DecisionsWait, ListChanged, NoteNeeded, NothingChanged, publish_results
from results.forms import PublishForm
from results.lines import compare, has_waiting_decisions, proposal_for
from results.models import DomesticRound, Mark, ResultList, ResultRow
from results.tables import COLUMNS, csv_of, json_of
from rounds.models import Round
from samples.models import Mission, Sample
from workflow.transitions import NotPossibleNow

LONGEST_NUMBER = 4  # digits of a version


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
    return _page(request, "results/list.html", context, shown)


@require_safe
def round(request: HttpRequest, slug: str) -> HttpResponseBase:
    """One version of a list, row by row."""
    result_list, versions = _published(request, slug)
    rows = list(result_list.rows.all())
    listed = set(Sample.objects.in_bulk({row.sample_number for row in rows if row.sample_number}, field_name="number"))
    context = {
        "result_list": result_list,
        "round": result_list.round,
        "newest": versions[0],
        "is_current": result_list == versions[0],
        "versions": versions if len(versions) > 1 else [],
        "countries": _by_country(rows),
        "row_count": len(rows),
        "known_ug": sum(row.mass_ug or 0 for row in rows),
        "institution_count": len({row.institution_en for row in rows}),
        "country_count": len({row.country_id for row in rows} - {None}),
        "unknown_count": sum(row.mass_ug is None for row in rows),
        "listed": listed,
        "has_samples": any(row.sample_number for row in rows),
        "columns": COLUMNS,
        "may_publish": permissions.may_publish(request.user, result_list.round) and not result_list.round.is_public_record,
    }
    round = result_list.round
    shown = (result_list.pk, [one.pk for one in versions], sorted(listed), round.title_en, round.title_zh, round.is_synthetic)
    return _page(request, "results/round.html", context, shown)


@require_safe
def csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The rows of the page as a table for spreadsheets."""
    result_list, versions = _published(request, slug)
    content = csv_of(result_list, list(result_list.rows.all()))
    response = _file(request, versions[0], content, "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-v{result_list.number}.csv"'
    return response


@require_safe
def json(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The rows of the page for programs."""
    result_list, versions = _published(request, slug)
    content = json_of(result_list, list(result_list.rows.all()), is_current=result_list == versions[0])
    return _file(request, versions[0], content, "application/json")


@require_http_methods(["GET", "POST"])
@login_required
def office(request: UserRequest, slug: str) -> HttpResponse:
    """What the next version would say beside the last one, and the button that publishes it."""
    round = get_object_or_404(Round.objects.visible_to(request.user).run_here().for_list(), slug=slug)
    if not permissions.may_publish(request.user, round):
        raise PermissionDenied
    last = ResultList.objects.latest_of(round)
    form = PublishForm(request.POST if request.method == "POST" else None, is_correction=last is not None)
    if request.method == "POST" and form.is_valid():
        words = {"note_en": form.cleaned_data["note_en"], "note_zh": form.cleaned_data["note_zh"]}
        try:
            published = publish_results(round, by=request.user, seen_digest=form.cleaned_data["digest"], **words)
        except (DecisionsWait, ListChanged, NoteNeeded, NothingChanged, NotPossibleNow) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Version %(number)d of the list is published.") % {"number": published.number})
            return redirect("results:round", slug=slug)
    return render(request, "results/office.html", _preview(round, last, form), status=422 if form.errors else 200)


def _published(request: HttpRequest, slug: str) -> tuple[ResultList, Sequence[ResultList]]:
    """The version asked for (the newest unless one is named) and all versions, newest first. Nothing published: nothing there."""
    versions = list(ResultList.objects.versions_of(slug).select_related("round__mission"))
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


def _by_country(rows: Sequence[ResultRow]) -> list[tuple[ResultRow, int, list[tuple[ResultRow, list[ResultRow]]]]]:
    """Rows under their country or region and institution, as a table with spanning heads shows them: first row, rows, institutions."""
    countries = []
    for _country, in_country in groupby(rows, key=lambda row: (row.country_id, row.country_en)):
        here = list(in_country)
        institutions = [list(of_one) for _key, of_one in groupby(here, key=lambda row: (row.institution_en, row.institution_zh, row.source))]
        countries.append((here[0], len(here), [(of_one[0], of_one) for of_one in institutions]))
    return countries


def _with_missions(domestic: Sequence[DomesticRound]) -> list[tuple[DomesticRound, str]]:
    """Each line with its missions in the reader's language; the record names them in English."""
    names = {mission.name_en.replace("’", "'"): in_language(mission, "name") for mission in Mission.objects.all()}
    named = []
    for one in domestic:
        words = one.mission.replace("’", "'")
        for english, own in names.items():
            words = words.replace(english, own)
        named.append((one, words))
    return named


def _preview(round: Round, last: ResultList | None, form: PublishForm) -> dict[str, Any]:
    proposal = proposal_for(round)
    compared = compare(proposal.lines, last)
    return {
        "round": round,
        "last": last,
        "next_number": last.number + 1 if last else 1,
        "compared": compared,
        "announced_on": proposal.announced_on,
        "digest": proposal.digest,
        "total_ug": sum(line.mass_ug or 0 for line in proposal.lines),
        "row_count": len(proposal.lines),
        "is_unchanged": last is not None and last.digest == proposal.digest,
        "problem": str(DecisionsWait()) if has_waiting_decisions(round) else "",
        "form": form,
    }


def _page(request: HttpRequest, template: str, context: dict[str, Any], shown: object) -> HttpResponseBase:
    """The page, or "not modified" to a stranger who has it already. People who are signed in always get the whole page."""
    if request.user.is_authenticated or messages.get_messages(request):
        return render(request, template, context)
    tag = page_tag(template, shown)
    response = get_conditional_response(request, etag=tag) or render(request, template, context)
    response.headers["ETag"] = tag
    patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response


def _file(request: HttpRequest, newest: ResultList, content: bytes, content_type: str) -> HttpResponseBase:
    """A file that anybody may keep and must ask about: a newer version is there in the moment it is published."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    changed_at = int(newest.published_at.timestamp())
    response = get_conditional_response(request, etag=tag, last_modified=changed_at) or HttpResponse(content, content_type=content_type)
    response.headers["ETag"] = tag
    response.headers["Last-Modified"] = http_date(changed_at)
    patch_cache_control(response, public=True, no_cache=True)
    return response
