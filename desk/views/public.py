"""What everybody may read: the start page, the rounds, the rules and help."""

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.kept import fields_to_copy
from accounts.models import Role, User
from desk.rules import ARTICLES, application_rules, review_rules
from results.models import ResultList
from rounds.models import Round
from rounds.permissions import may_prepare_rounds
from samples.models import Mission, Sample

log = structlog.get_logger()


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the portal is, the open rounds with their deadlines, the newest result list."""
    context = {
        "missions": list(Mission.objects.for_list()),
        "open_rounds": list(Round.objects.open().for_list()),
        "newest": ResultList.objects.current().with_rows().newest_first().first(),
    }
    return render(request, "desk/home.html", context)


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    rows = list(Round.objects.visible_to(request.user).for_list())
    now = timezone.now()
    context = {
        "open_rounds": [round for round in rows if round.is_open(now)],
        "coming_rounds": [round for round in rows if not round.has_opened(now)],
        "closed_rounds": [round for round in rows if round.is_closed(now) and not round.is_public_record],
        "recorded_rounds": [round for round in rows if round.is_public_record],
        "may_prepare": may_prepare_rounds(request.user),
    }
    return render(request, "desk/rounds.html", context)


@require_safe
def round(request: HttpRequest, slug: str) -> HttpResponse:
    """One call: dates, samples offered, rules, how to apply."""
    row = get_object_or_404(Round.objects.visible_to(request.user).for_list(), slug=slug)
    user = request.user
    in_office = isinstance(user, User) and user.has_role(Role.OFFICER, Role.APPROVER, Role.ADMINISTRATOR) and not row.is_public_record
    context = {
        "round": row,
        "office_url": reverse("desk:office", args=[slug]) if in_office else "",
        "edit_url": reverse("rounds:edit", args=[slug]) if may_prepare_rounds(user) and not row.is_public_record else "",
        "is_open": row.is_open(),
        "is_closed": row.is_closed(),
        "samples": list(Sample.objects.filter(pk__in=row.samples.all()).for_list()),
        "criteria": list(row.criteria.all()),
        "rules": list(row.rules.on()),
        "extensions": list(row.extensions.all()),
        "result_list": ResultList.objects.current().of_round(slug).first(),
    }
    return render(request, "desk/round.html", context)


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/rules.html", {"articles": ARTICLES, "application_rules": application_rules(), "review_rules": review_rules()})


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/help.html")


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/contact.html", {"contact_email": settings.CONTACT_EMAIL})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/privacy.html", {"contact_email": settings.CONTACT_EMAIL})


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers as well. What is wrong stands in the log alone: a stranger may ask this page (quality: S-70)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("not_ready")
        return JsonResponse({"status": "not ready"}, status=503)
    return JsonResponse({"status": "ready"})


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came with a token that no longer counts. Nothing was saved; what was typed stands on the page, ready for copying.

    Not when the form came from another site: nobody puts words on our pages.
    """
    is_foreign = reason.startswith(("Origin checking", "Referer checking"))
    back = request.headers.get("Referer", "")
    context = {
        "fields": [] if is_foreign else fields_to_copy(request.POST),
        "here": back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else request.get_full_path(),
    }
    return render(request, "desk/form_expired.html", context, status=403)


def failed(request: HttpRequest) -> HttpResponse:
    """Something broke. The page needs neither database nor session; its number leads to the line in the log."""
    number = structlog.contextvars.get_contextvars().get("request_id", "")
    return HttpResponseServerError(render_to_string("500.html", {"number": number}))
