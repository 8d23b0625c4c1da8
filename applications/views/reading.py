"""What an applicant reads: the own applications, one of them, its receipts."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from applications import permissions
from applications.answers import answers_of
from applications.guide import changes_between, reason_for_return, sections_of
from applications.models import Application, Enquiry, Version
from applications.team_guide import next_for, next_for_row, team_panel
from applications.timeline import ahead, timeline
from letters.models import Letter

ROWS = 50
NEAR = timedelta(days=2)


def own_application(request: UserRequest, reference: str) -> Application:
    """An application of this reader; for all others it does not exist."""
    application: Application | None = Application.objects.visible_to(request.user).for_applicant().filter(reference=reference).first()
    if application is None:
        raise Http404(_("There is no such application."))
    return application


def _time_left(application: Application) -> str:
    """How long it is to the deadline in words, once that matters."""
    is_near = application.is_editable() and application.deadline() - timezone.now() < NEAR
    return timeuntil(application.deadline()) if is_near else ""


def state_of(application: Application) -> dict[str, Any]:
    """What every page about an application says first: where it stands, and whether a version waits beside the one handed in."""
    return {
        "application": application,
        "draft": application.draft,
        "is_editable": application.is_editable(),
        "time_left": _time_left(application),
        "seconds_left": int((application.deadline() - timezone.now()).total_seconds()),
        "last_receipt": next(iter(application.receipts.all()), None),
    }


def sent(request: UserRequest) -> QueryDict | None:
    """What a form was sent with; a POST without any field is one as well."""
    return request.POST if request.method == "POST" else None


@require_safe
@login_required
def listing(request: UserRequest) -> HttpResponse:
    behind = request.GET.get("after", "")[:20]
    found = list(Application.objects.visible_to(request.user).with_part_of(request.user).for_list().with_drafts().behind(behind)[: ROWS + 1])
    rows = [{"application": row, "is_editable": row.is_editable(), "next": next_for_row(row)} for row in found[:ROWS]]
    context = {
        "rows": rows,
        "first_url": "?" if behind else "",
        "next_url": f"?after={found[ROWS - 1].reference}" if len(found) > ROWS else "",
    }
    return render(request, "applications/list.html", context)


@require_safe
@login_required
def application(request: UserRequest, reference: str) -> HttpResponse:
    application = own_application(request, reference)
    state = state_of(application)
    panel = team_panel(request.user, application)
    sections = sections_of(application.draft) if application.draft and state["is_editable"] and panel["may_edit"] else []
    letters = list(Letter.objects.visible_to(request.user).of_reference(application.reference).for_list())
    enquiries = list(Enquiry.objects.of(application).for_list()) if panel["may_read"] else []
    context = (
        state
        | panel
        | {
            "sections": sections,
            "next": next_for(request.user, application, sections),
            "steps": timeline(application, letters, enquiries),
            "enquiries": enquiries,
            "has_changes": len(application.receipts.all()) + bool(application.draft) > 1,
            "returned": reason_for_return(application),
            "deadline_at": application.deadline(),
            "letters": letters,
            "receipts": application.receipts.all(),
            "version": application.shown_version,
            "answers": answers_of(application.shown_version, application.round.kind),
        }
    )
    return render(request, "applications/application.html", context)


@require_safe
@login_required
def receipt(request: UserRequest, reference: str) -> HttpResponse:
    """The receipt of the version handed in last, or of the one named; with all that was handed in."""
    application = own_application(request, reference)
    if not permissions.may_read(request.user, application):
        raise PermissionDenied
    receipts = list(application.receipts.all())
    wanted = request.GET.get("version")
    receipt = next((row for row in receipts if str(row.version.number) == wanted or not wanted), None)
    if receipt is None:
        if not wanted:
            return redirect("applications:application", reference=reference)
        raise Http404(_("There is no such version."))
    versions: dict[int, Version] = {version.number: version for version in application.versions.with_answers().handed_in()}
    version, before = versions[receipt.version.number], versions.get(receipt.version.number - 1)
    for row in (version, before):
        if row is not None:
            row.application = application
    letters = list(Letter.objects.visible_to(request.user).of_reference(application.reference))
    context = state_of(application) | {
        "receipt": receipt,
        "is_last": receipt == receipts[0],
        "version": version,
        "answers": answers_of(version, application.round.kind),
        "changes": changes_between(before, version) if before else None,
        "letter": next((letter for letter in reversed(letters) if letter.purpose == f"receipt:{receipt.number}"), None),
        "ahead": ahead(application),
        "contact": settings.CONTACT_EMAIL,
    }
    return render(request, "applications/receipt.html", context)
