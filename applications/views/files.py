"""The files of an application: attaching them, taking them off, and giving them out, to the team as they came and to others as the clean copy."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from applications import permissions
from applications.actions import RoundClosed, attach_again, attach_file, detach_file, too_late_or_moved
from applications.file_forms import AttachForm
from applications.files.faults import NUMBERS, FileDamaged, FileRefused, NotStored
from applications.files.limits import LARGEST_FILE, MB
from applications.files.store import read
from applications.models import Application, Attachment, Purpose, Upload, Version
from applications.views.reading import own_application
from workflow.transitions import NotPossibleNow

EARLIER = 30  # files of other applications that are offered again
SEEN_AS = ("document", "empty")  # a page of its own or a download by script; a picture, a frame or an object is none of ours
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def attachments_section(request: UserRequest, application: Application) -> dict[str, Any]:
    """What the page of the attachments shows besides its question: the files, the limits, and files that may be attached again."""
    version = application.draft
    rows = list(version.attachments.all()) if version else []
    seen: dict[int, Attachment] = {}
    if version:
        for row in Attachment.objects.visible_to(request.user).not_in(version).with_origin()[: 5 * EARLIER]:
            seen.setdefault(row.upload_id, row)
    total = sum(row.upload.size for row in rows)
    return {
        "rows": rows,
        "total": total,
        "purposes": Purpose.choices,
        "earlier": list(seen.values())[:EARLIER],
        "limits": NUMBERS,
        "largest_file": LARGEST_FILE,
        "places_left": max(0, NUMBERS["files"] - len(rows)),
        "mb_left": NUMBERS["total"] - total // MB,
    }


def _to_edit(request: UserRequest, reference: str) -> tuple[Application, Version | None]:
    application = own_application(request, reference)
    if not permissions.may_edit(request.user, application):
        raise PermissionDenied
    return application, application.draft


@require_http_methods(["GET", "POST"])
@login_required
def attach(request: UserRequest, reference: str) -> HttpResponse:
    """Attach what was sent, each file for itself; or a file of an earlier application again. The page's script asks for JSON."""
    application, version = _to_edit(request, reference)
    if request.method == "GET":  # back from signing in again
        return redirect("applications:edit", reference=reference, section="attachments")
    form = AttachForm(request.POST)
    problems: list[tuple[str, str]] = []
    done: list[Attachment] = []
    status = 422
    if version is None:
        problems, status = [("", str(too_late_or_moved(application)))], 409
    elif not form.is_valid():
        problems = [("", str(next(iter(form.errors.values()))[0]))]
    else:
        for name, call in _wanted(request, form, version):
            try:
                done.append(call())
            except FileRefused as problem:
                problems.append((name, str(problem)))
            except NotStored as problem:
                problems, status = [*problems, (name, str(problem))], 503
            except (RoundClosed, NotPossibleNow) as problem:
                problems, status = [*problems, (name, str(problem))], 409
        if not done and not problems:
            problems = [("", _("Choose a file first."))]
    if request.headers.get("X-Upload") == "yes":
        return JsonResponse({"attached": [row.name for row in done], "problems": problems}, status=status if problems else 201)
    return _told(request, application, done, problems)


def _wanted(request: UserRequest, form: AttachForm, version: Version) -> list[tuple[str, Any]]:
    """One call for each file that was sent, with the name that the sender knows."""
    by, again = request.user, form.cleaned_data["again"]
    if again:
        row = get_object_or_404(Attachment.objects.visible_to(by).with_origin(), pk=again)
        return [(row.name, lambda: attach_again(version, by=by, attachment=row))]
    purpose = form.cleaned_data["purpose"]
    return [
        (_shown(file.name), lambda file=file: attach_file(version, by=by, data=file, name=file.name or "", purpose=purpose))
        for file in request.FILES.getlist("file")
    ]


def _shown(name: str | None) -> str:
    return "".join(letter for letter in name or "" if letter.isprintable())[:120]


def _told(request: UserRequest, application: Application, done: list[Attachment], problems: list[tuple[str, str]]) -> HttpResponse:
    for name, text in problems:
        messages.error(request, _("“%(name)s” is not attached. %(problem)s") % {"name": name, "problem": text} if name else text)
    if done:
        names = ", ".join(row.name for row in done)
        text = ngettext("Attached: %(names)s. Nothing is submitted yet.", "Attached: %(names)s. Nothing is submitted yet.", len(done))
        messages.success(request, text % {"names": names})
    return redirect("applications:edit", reference=application.reference, section="attachments")


@require_http_methods(["GET", "POST"])
@login_required
def detach(request: UserRequest, reference: str, pk: int) -> HttpResponse:
    """Take a file off the draft."""
    _application, version = _to_edit(request, reference)
    if request.method == "GET":  # back from signing in again
        return redirect("applications:edit", reference=reference, section="attachments")
    row = get_object_or_404(Attachment.objects.of_version(version), pk=pk)
    try:
        detach_file(row, by=request.user)
    except (RoundClosed, NotPossibleNow) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Removed: %(name)s.") % {"name": row.name})
    return redirect("applications:edit", reference=reference, section="attachments")


@require_safe
@login_required
def attachment(request: UserRequest, reference: str, pk: int) -> HttpResponse:
    """A file for the applicant's team: as it came, or with `?copy=reviewers` what others see."""
    application = own_application(request, reference)
    row = get_object_or_404(Attachment.objects.of_application(application).select_related("upload"), pk=pk)
    if row.upload.is_infected:
        raise Http404(_("The virus check found something in this file. It is given to nobody."))
    refuse_embedding(request)
    upload = row.upload
    is_copy = request.GET.get("copy") == "reviewers"
    try:
        content = read(upload.cleaned, upload.cleaned_digest) if is_copy else read(upload.stored, upload.digest)
    except FileDamaged as problem:
        messages.error(request, str(problem))
        return redirect("applications:application", reference=reference)
    return pdf_answer(content, row.name)


def copy_for_others(request: HttpRequest, row: Attachment) -> HttpResponse:
    """The clean copy, for the office and the experts. Ask permission for the case first. Raises Http404 for a file that the virus check
    does not let out, and FileDamaged."""
    return clean_copy(request, row.upload, row.name)


def clean_copy(request: HttpRequest, upload: Upload, name: str) -> HttpResponse:
    """The same for a file that no version names: slides of a hearing."""
    if not upload.is_shown_to_others:
        raise Http404(_("This file is not given out."))
    refuse_embedding(request)
    return pdf_answer(read(upload.cleaned, upload.cleaned_digest), name)


def refuse_embedding(request: HttpRequest) -> None:
    """Files are opened by people, not drawn into pages: not as picture, frame, object or script, and not by another site's script."""
    seen_as, site, mode = (request.headers.get(f"Sec-Fetch-{name}", "") for name in ("Dest", "Site", "Mode"))
    if (seen_as and seen_as not in SEEN_AS) or (site in ("cross-site", "same-site") and mode not in ("", "navigate")):
        raise PermissionDenied


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Content-Security-Policy"] = SANDBOX
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer


def too_large(request: HttpRequest) -> HttpResponse:
    """More was sent than any page takes; it was not read (lunarloans.middleware)."""
    return render(request, "413.html", {"limits": NUMBERS}, status=413)
