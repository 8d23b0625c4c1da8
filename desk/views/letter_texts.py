"""The letter editor: the words of each kind of letter, their versions, and how a letter would look."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest
from applications.post import NotPrintedNow
from desk.forms import TEXT_LABELS, LetterTextForm
from desk.letter_texts import KINDS, Change, Preview, Row, differences, preview, rows
from desk.permissions import may_edit_letter_texts
from desk.post import print_preview
from letters.actions import SameText, TextChanged, save_text
from letters.models import TextVersion
from letters.paper import preview_html
from letters.texts import Kind, kind_named


def _ask(request: UserRequest) -> None:
    if not may_edit_letter_texts(request.user):
        raise PermissionDenied


def _get(request: UserRequest, word: str) -> Kind:
    _ask(request)
    kind = kind_named(KINDS, word)
    if kind is None:
        raise Http404(_("There is no such kind of letter."))
    return kind


def _named(changes: list[Change]) -> list[tuple[str, Change]]:
    """The changes with the labels of their fields."""
    return [(str(TEXT_LABELS[change.field]), change) for change in changes]


def _page(
    request: UserRequest, kind: Kind, form: LetterTextForm, *, status: int = 200, shown: Preview | None = None, theirs: TextVersion | None = None
) -> HttpResponse:
    versions = list(TextVersion.objects.of(kind))
    context: dict[str, Any] = {
        "kind": kind,
        "form": form,
        "row": Row(kind, versions[0] if versions else None),
        "versions": versions,
        "preview": shown,
        "preview_html": preview_html(shown.words, reference=shown.reference, dated_on=timezone.localdate()) if shown else "",
        "theirs": theirs,
        "changes": _named(differences(theirs.wording, form.wording())) if theirs else [],
    }
    return render(request, "desk/letter_text.html", context, status=status)


def _preview(request: UserRequest, form: LetterTextForm) -> Preview | None:
    """The preview that the form asks for; None with an error beside the field when the case does not do."""
    found = preview(form.kind, form.wording(), reference=form.cleaned_data["case"], by=request.user)
    if found is None:
        form.add_error("case", _("You see no such case, or it would get no letter of this kind. Leave the field empty to take another."))
    return found


@require_safe
@login_required
def letter_texts(request: UserRequest) -> HttpResponse:
    _ask(request)
    return render(request, "desk/letter_texts.html", {"rows": rows()})


@require_http_methods(["GET", "POST"])
@login_required
def letter_text(request: UserRequest, word: str) -> HttpResponse:
    """The six texts to change; the button says whether they are looked at or saved."""
    kind = _get(request, word)
    if request.method != "POST":
        newest = TextVersion.objects.of(kind).first()
        wording = newest.wording if newest else kind.default
        initial = {**wording.fields(), "seen": newest.number if newest else 0}
        return _page(request, kind, LetterTextForm(kind=kind, initial=initial))
    form = LetterTextForm(request.POST, kind=kind)
    if not form.is_valid():
        return _page(request, kind, form, status=422)
    if "save" not in request.POST:
        shown = _preview(request, form)
        return _page(request, kind, form, shown=shown, status=200 if shown else 422)
    return _save(request, form)


def _save(request: UserRequest, form: LetterTextForm) -> HttpResponse:
    kind = form.kind
    try:
        version = save_text(kind, form.wording(), seen=form.cleaned_data["seen"], by=request.user)
    except TextChanged as problem:
        again = LetterTextForm({**form.data.dict(), "seen": problem.theirs.number}, kind=kind)  # type: ignore[attr-defined]
        again.is_valid()
        return _page(request, kind, again, theirs=problem.theirs, status=409)
    except SameText as problem:
        messages.info(request, str(problem))
    else:
        messages.success(
            request, _("Saved as version %(number)s. The next letter uses it; letters already written stay as they are.") % {"number": version.number}
        )
    return redirect("desk:letter_text", kind.word)


@require_POST
@login_required
def letter_text_pdf(request: UserRequest, word: str) -> HttpResponse:
    """The preview as it would be printed."""
    kind = _get(request, word)
    form = LetterTextForm(request.POST, kind=kind)
    shown = _preview(request, form) if form.is_valid() else None
    if shown is None:
        return _page(request, kind, form, status=422)
    try:
        content = print_preview(shown, by=request.user)
    except NotPrintedNow:
        form.add_error(None, _("The PDF cannot be made at the moment. Try again in a minute; the preview on the page shows the same words."))
        return _page(request, kind, form, shown=shown, status=503)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="preview-{kind.word}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_safe
@login_required
def letter_text_version(request: UserRequest, word: str, number: int) -> HttpResponse:
    """One version with what it changed against the one before."""
    kind = _get(request, word)
    versions = list(TextVersion.objects.of(kind))
    version = next((each for each in versions if each.number == number), None)
    if version is None:
        raise Http404(_("There is no such version."))
    before = next((each.wording for each in versions if each.number == number - 1), kind.default)
    context = {
        "kind": kind,
        "version": version,
        "texts": [(str(label), version.wording.fields()[name], "zh-Hans" if name.endswith("zh") else "en") for name, label in TEXT_LABELS.items()],
        "changes": _named(differences(before, version.wording)),
        "is_newest": version == versions[0],
        "seen": versions[0].number,
    }
    return render(request, "desk/letter_text_version.html", context)


@require_POST
@login_required
def restore_letter_text(request: UserRequest, word: str, number: int) -> HttpResponse:
    """An older version, or the portal's own words (0), as a new version; what stands in between stays on record."""
    kind = _get(request, word)
    old = get_object_or_404(TextVersion, kind=kind.word, number=number) if number else None
    form = LetterTextForm({**(old.wording if old else kind.default).fields(), "seen": request.POST.get("seen", ""), "case": ""}, kind=kind)
    if not form.is_valid():
        return _page(request, kind, form, status=422)
    try:
        save_text(kind, form.wording(), seen=form.cleaned_data["seen"], by=request.user, restores=number)
    except (TextChanged, SameText) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The older words stand again, as a new version."))
    return redirect("desk:letter_text", kind.word)
