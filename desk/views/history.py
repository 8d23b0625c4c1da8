"""The daily roots over every history, for the world; and the proof that an event is under one, for whoever may see it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from applications.models import Application
from desk.anchors import proofs_of, published
from desk.models import HistoryRoot
from reviews.models import cases_visible_to
from reviews.permissions import may_enter_office, may_read_case
from rounds.models import Round

SHOWN = 30  # days on the page; the file has all of them
SCRIPT = settings.BASE_DIR / "docs" / "check_proof.py"


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """The newest roots, and how to check an event."""
    roots = list(HistoryRoot.objects.newest_first()[:SHOWN])
    return render(request, "desk/history.html", {"roots": roots, "script": SCRIPT.read_text(encoding="utf-8")})


@require_safe
def roots(request: HttpRequest) -> HttpResponse:
    """Every root there ever was."""
    return _file({"roots": published(HistoryRoot.objects.oldest_first())}, "roots.json")


@require_safe
@login_required
@never_cache
def proof(request: UserRequest, reference: str) -> HttpResponse:
    """What happened to an application, as far as its applicants may know it."""
    application = get_object_or_404(Application.objects.visible_to(request.user), reference=reference)
    return _file(proofs_of(application.visible_history()), f"{reference}-history.json")


@require_safe
@login_required
@never_cache
def case_proof(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """All that happened to an application, with names and notes, for who may read its case."""
    round = get_object_or_404(Round.objects.run_here(), slug=slug)
    if not may_enter_office(request.user) or not may_read_case(request.user, round):
        raise PermissionDenied
    application = get_object_or_404(cases_visible_to(request.user).of_round(round), reference=reference)
    return _file(proofs_of(application.history.all(), with_content=True), f"{reference}-history.json")


def _file(content: dict[str, Any], name: str) -> HttpResponse:
    answer = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
