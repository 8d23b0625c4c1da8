"""The letters of a round, for proof-reading, for what could not be printed, and to replace or revoke one that has left."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest
from accounts.keyset import page_after
from accounts.models import Role
from accounts.stepup import proved_to_send
from letters.models import Letter
from letters.post import FileDamaged, open_pdf
from reviews.actions import CannotBeWrittenAgain, reissue_letter, revoke_with_notice
from reviews.letter_forms import ReplaceForm
from reviews.models import letters_visible_to
from reviews.permissions import may_replace
from reviews.views.office import page_of, round_for
from rounds.models import Round
from workflow.transitions import NotPossibleNow


@require_safe
@login_required
def letters(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    page = page_after(letters_visible_to(request.user, round).for_office(), request.GET.get("after", ""))
    more = {
        "letters": page.rows,
        "next_url": f"?after={page.next_after}" if page.next_after else "",
        "is_officer": request.user.has_role(Role.OFFICER),
    }
    return render(request, "reviews/letters.html", page_of(round, **more))


def _get(request: UserRequest, round: Round, number: str) -> Letter:
    """A letter of a case that this person may handle, held or not."""
    letter: Letter = get_object_or_404(letters_visible_to(request.user, round).for_reading(), number=number)
    return letter


@require_http_methods(["GET", "POST"])
@login_required
@proved_to_send("step")
def letter(request: UserRequest, slug: str, number: str) -> HttpResponse:
    """One letter as the office reads it; POST writes it again or revokes it, with a reason."""
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    letter = _get(request, round, number)
    form = ReplaceForm(request.POST if request.method == "POST" else None)
    may = may_replace(request.user, letter)
    if request.method == "POST":
        if not may:
            raise PermissionDenied
        if form.is_valid():
            return _replace(request, round, letter, note=form.cleaned_data["note"])
    is_open = may and letter.is_valid and letter.is_visible
    more = {
        "letter": letter,
        "form": form,
        "is_replaceable": is_open,
        "history": letter.history.select_related("by"),
        "mails": letter.mails.order_by("pk"),
    }
    return render(request, "reviews/letters_one.html", page_of(round, **more), status=422 if form.errors else 200)


def _replace(request: UserRequest, round: Round, letter: Letter, *, note: str) -> HttpResponse:
    number = letter.number
    try:
        if request.POST.get("step") == "reissue":
            number = reissue_letter(letter, by=request.user, note=note).number
            messages.success(request, _("Letter %(new)s takes the place of %(old)s and is on its way.") % {"new": number, "old": letter.number})
        else:
            revoke_with_notice(letter, by=request.user, note=note)
            messages.success(request, _("Letter %(number)s is revoked. Its readers are told by mail.") % {"number": number})
    except (NotPossibleNow, CannotBeWrittenAgain) as problem:
        messages.error(request, str(problem))
    return redirect("reviews:letters_one", round.slug, number)


@require_safe
@login_required
def letter_pdf(request: UserRequest, slug: str, number: str) -> HttpResponse:
    """The file, also of a letter that is still held; only of a case this person may see."""
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    letter: Letter = get_object_or_404(letters_visible_to(request.user, round).filter_printed(), number=number)
    try:
        content = open_pdf(letter)
    except FileDamaged as problem:
        messages.error(request, str(problem))
        return redirect("reviews:letters", slug=slug)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{letter.file_name}"'
    return answer
