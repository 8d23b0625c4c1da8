"""How far the reviews have come: who is late, one click to remind, and what each person has still to do."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from accounts.models import Role, User
from applications.mails import Said
from reviews import mails
from reviews.actions import NobodyToRemind, RemindedToday, remind_experts, reminded_today
from reviews.models import Progress, progress_of, unfiled_of
from reviews.views.office import page_of, round_for, whole_number
from rounds.models import Round


@require_http_methods(["GET", "POST"])
@login_required
def progress(request: UserRequest, slug: str) -> HttpResponse:
    """Only cases that this officer may see are counted."""
    round, problem = round_for(request, slug, Role.OFFICER), ""
    lines = progress_of(round, request.user)
    if "remind" in request.POST:
        try:
            count = remind_experts(round, _meant(lines, request.POST["remind"]), by=request.user)
        except (NobodyToRemind, RemindedToday) as refusal:
            problem = str(refusal)
        else:
            messages.success(
                request, ngettext("%(count)s reminder is on its way.", "%(count)s reminders are on their way.", count) % {"count": count}
            )
            return redirect("reviews:progress", slug=slug)
    open_line = next((line for line in lines if str(line.expert.pk) == request.GET.get("expert")), None)
    context = page_of(
        round,
        lines=lines,
        problem=problem,
        late=[line for line in lines if line.is_late],
        unfiled=[line for line in lines if line.unfiled],
        reminded=reminded_today(round, [line.expert for line in lines]),
        open_line=open_line,
        open_reviews=unfiled_of(round, open_line.expert, request.user) if open_line else [],
        preview=_preview(round, request.user, lines),
    )
    return render(request, "reviews/progress.html", context, status=409 if problem else 200)


def _meant(lines: list[Progress], word: str) -> list[User]:
    """Whom a button means: one person by key, all who are late, or all who have not filed."""
    if word == "late":
        return [line.expert for line in lines if line.is_late]
    if word == "all":
        return [line.expert for line in lines if line.unfiled]
    return [line.expert for line in lines if line.expert.pk == whole_number(word)]


def _preview(round: Round, reader: User, lines: list[Progress]) -> Said:
    """The mail as the reader would get it, with the number of the first who has not filed."""
    unfiled = next((line.unfiled for line in lines if line.unfiled), 1)
    return mails.reminder(round, to=reader, unfiled=unfiled, now=timezone.now())
