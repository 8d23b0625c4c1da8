"""The letters of a round, for proof-reading and for what could not be printed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from accounts.keyset import page_after
from accounts.models import Role
from letters.models import Letter
from letters.post import FileDamaged, open_pdf
from reviews.models import letters_visible_to
from reviews.views.office import page_of, round_for


@require_safe
@login_required
def letters(request: UserRequest, slug: str) -> HttpResponse:
    round = round_for(request, slug, Role.OFFICER, Role.APPROVER)
    page = page_after(letters_visible_to(request.user, round).for_office(), request.GET.get("after", ""))
    return render(request, "reviews/letters.html", page_of(round, letters=page.rows, next_url=f"?after={page.next_after}" if page.next_after else ""))


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
