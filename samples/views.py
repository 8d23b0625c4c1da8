"""The catalogue, one sample, and the curator's intake and correction."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.freshness import page_tag
from accounts.http import UserRequest
from accounts.keyset import page_after
from samples import permissions
from samples.actions import NotCorrectable, correct_stock, take_in
from samples.forms import CatalogueFilter, StockForm
from samples.models import Mission, Movement, Sample
from samples.numbers import parse_number
from samples.rows import spell_rows


@require_safe
def catalogue(request: HttpRequest) -> HttpResponseBase:
    """Missions, filters and one page of samples; the table alone when htmx asks."""
    missions = list(Mission.objects.for_list())
    chosen = CatalogueFilter(request.GET, missions=missions)
    wanted = chosen.chosen()
    page = page_after(Sample.objects.matching(**wanted).by_number(), request.GET.get("after", ""))
    fragment = request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
    context = {
        "missions": missions,
        "chosen": chosen,
        "mission_without_numbers": next(
            (mission for mission in missions if mission.slug == wanted.get("mission") and not mission.sample_count), None
        ),
        "is_narrowed": bool(wanted),
        "rows": spell_rows(page.rows),
        "has_synthetic_stock": any(sample.is_synthetic_stock for sample in page.rows),
        "first_url": "?" + urlencode(wanted) if request.GET.get("after") else "",
        "next_url": "?" + urlencode({**wanted, "after": page.next_after}) if page.next_after else "",
        "today": timezone.localdate(),
    }
    shown = (
        fragment,
        wanted,
        [mission.shown() for mission in missions],
        [sample.shown() for sample in page.rows],
        context["next_url"],
        context["today"],
    )
    return _fresh(request, "samples/table.html" if fragment else "samples/list.html", context, shown)


@require_safe
def sample(request: HttpRequest, number: str) -> HttpResponseBase:
    """One sample, its number explained, its stock; for the office its movements."""
    row = get_object_or_404(Sample.objects.for_page(), number=number)
    daughters = list(row.daughters.for_list())
    context: dict[str, Any] = {
        "sample": row,
        "parts": parse_number(row.number),
        "daughters": daughters,
        "today": timezone.localdate(),
        "may_correct": permissions.may_correct_stock(request.user),
        "may_read_earmarks": permissions.may_read_earmarks(request.user),
        "may_read_movements": permissions.may_read_movements(request.user),
    }
    if permissions.may_read_movements(request.user):
        page = page_after(Movement.objects.visible_to(request.user).of(row).for_list(), request.GET.get("after", ""))
        context["movements"] = page.rows
        context["next_url"] = f"?after={page.next_after}#movements" if page.next_after else ""
    shown = (row.shown(), row.facts(), [daughter.shown() for daughter in daughters], context["today"])
    return _fresh(request, "samples/sample.html", context, shown)


@require_http_methods(["GET", "POST"])
@login_required
def correct(request: UserRequest, number: str) -> HttpResponse:
    """Intake or correction of stock, with a reason."""
    row = get_object_or_404(Sample.objects.for_page(), number=number)
    if not permissions.may_correct_stock(request.user):
        raise PermissionDenied
    form = StockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        words = {"reason": form.cleaned_data["reason"], "by": request.user, "key": form.cleaned_data["key"]}
        try:
            take_in(row, form.difference_ug, **words) if form.is_intake else correct_stock(row, form.difference_ug, **words)
        except NotCorrectable as refusal:
            form.add_error("mass", str(refusal))
        else:
            messages.success(request, _("The stock of %(number)s is changed.") % {"number": row.number})
            return redirect(row)
    return render(request, "samples/correct.html", {"sample": row, "form": form}, status=422 if form.errors else 200)


def _fresh(request: HttpRequest, template: str, context: dict[str, Any], shown: object) -> HttpResponseBase:
    """The page, or "not modified" to a stranger who has it already. People who are signed in always get the whole page."""
    if request.user.is_authenticated or messages.get_messages(request):
        return render(request, template, context)
    tag = page_tag(shown)
    response = get_conditional_response(request, etag=tag) or render(request, template, context)
    response.headers["ETag"] = tag
    patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie", "HX-Request", "Accept-Language"])
    return response
