"""One review: the application on one side, scores and words on the other; kept while it is typed, filed, filed anew, discussed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest
from accounts.kept import kept_text, login_required_keeping_text
from applications.actions import base_of
from applications.answers import answers_of
from reviews.actions import (
    ReasonNeeded,
    ReviewsClosed,
    StaleReview,
    Unscored,
    add_remark,
    declare_conflict,
    file_review,
    hand_back_review,
    keep_review,
    refile_review,
    save_review,
)
from reviews.discussions import talk_about
from reviews.forms import ChangeForm, ConflictForm, HandBackForm, KeptTexts, RemarkForm, ReviewForm
from reviews.models import HandBackReason, Review, is_discussion_open
from reviews.permissions import may_judge
from reviews.views.attachments import files_of_review
from reviews.views.pages import pages_of_review
from rounds.models import Criterion
from workflow.transitions import NotPossibleNow


def own_review(request: UserRequest, pk: int) -> Review:
    """The person's own live review without a conflict; anything else does not exist."""
    review = get_object_or_404(Review.objects.visible_to(request.user).with_case(), pk=pk)
    if not may_judge(request.user):
        raise PermissionDenied
    return review


def _opened(request: UserRequest, pk: int) -> Review:
    row = own_review(request, pk)
    if row.awaits_declaration:
        raise Http404(_("Say first whether you have a conflict."))
    return row


@require_http_methods(["GET", "POST"])
@login_required_keeping_text
def review(request: UserRequest, pk: int) -> HttpResponse:
    """Before the declaration only what is needed to declare; then the application and the form beside it."""
    row = own_review(request, pk)
    if row.awaits_declaration:
        return render(request, "reviews/declare.html", {"review": row, "application": row.application, "form": ConflictForm()})
    criteria = list(row.application.round.criteria.all())
    typed = request.POST if request.method == "POST" else kept_text(request)
    if request.headers.get("X-Autosave") == "yes" and request.method == "POST":
        return _keep(request, row, criteria)
    if typed is None:
        return _page(request, row, criteria, ReviewForm(review=row, criteria=criteria))
    return _save(request, row, criteria, typed)


def _keep(request: UserRequest, row: Review, criteria: Sequence[Criterion]) -> JsonResponse:
    """A few words for the script of the page: when it was kept, what cannot be, and what another window has saved."""
    form = KeptTexts(request.POST, review=row, criteria=criteria)
    texts = form.right()
    try:
        kept = keep_review(row, by=request.user, texts=texts, bases=form.seen)
    except (ReviewsClosed, NotPossibleNow) as problem:
        return JsonResponse({"refusal": str(problem)}, status=409)
    conflicts = {name: {"text": text, "base": base_of(text), "shown": text, "by": ""} for name, text in kept.conflicts.items()}
    bases = {name: base_of(text) for name, text in texts.items() if name not in conflicts}
    return JsonResponse({"at": kept.at.isoformat(), "bases": bases, "conflicts": conflicts, "wrong": form.wrong()})


def _save(request: UserRequest, row: Review, criteria: Sequence[Criterion], typed: Mapping[str, str]) -> HttpResponse:
    """Save or file, and go on where the writer wants to go."""
    form = ReviewForm(typed, review=row, criteria=criteria)
    is_filing = "file" in typed
    if form.is_valid():
        call = file_review if is_filing else save_review
        try:
            call(row, by=request.user, **form.words())
        except Unscored as problem:
            form.add_error(None, str(problem))
            form.name_missing(problem.missing)
        except (StaleReview, ReviewsClosed, NotPossibleNow) as problem:
            form.add_error(None, str(problem))
        else:
            return _onward(request, row, is_filing=is_filing, to_next=typed.get("file") == "next")
    return _page(request, row, criteria, form, status=422)


def _onward(request: UserRequest, row: Review, *, is_filing: bool, to_next: bool) -> HttpResponse:
    messages.success(request, _("The review is filed. Thank you.") if is_filing else _("Saved, not filed."))
    following = next((other for other in _mine(request, row) if other.is_to_do), None) if to_next else None
    if to_next and following is None:
        messages.info(request, _("Nothing else waits for you in this round."))
        return redirect("reviews:queue")
    return redirect("reviews:review", pk=following.pk if following else row.pk)


def _mine(request: UserRequest, row: Review) -> list[Review]:
    """The person's reviews of the round, in turn, beginning after this one."""
    rows = list(Review.objects.visible_to(request.user).in_round(row.application.round).in_turn())
    place = next((number for number, other in enumerate(rows) if other.pk == row.pk), -1) + 1
    return rows[place:] + rows[:place]


def _page(
    request: UserRequest,
    row: Review,
    criteria: Sequence[Criterion],
    form: ReviewForm,
    *,
    status: int = 200,
    remark: RemarkForm | None = None,
    back: HandBackForm | None = None,
) -> HttpResponse:
    application = row.application
    context: dict[str, Any] = {"review": row, "application": application, "form": form, "is_changing": isinstance(form, ChangeForm)}
    context["answers"] = answers_of(application.current, application.round.kind)
    context["handing_back"] = back or HandBackForm()
    context |= {"files_at": files_of_review(row.pk), "pages_at": pages_of_review(row.pk)}
    context |= _place(_mine(request, row), row)
    if row.is_filed:
        talk = talk_about(application, criteria, reader=request.user) if is_discussion_open(row) else None
        own = ReviewForm(review=row, criteria=criteria)
        context |= {"talk": talk, "remark": remark or RemarkForm(), "own": own, "filings": list(row.filings.all())}
    return render(request, "reviews/review.html", context, status=status)


def _place(mine: Sequence[Review], row: Review) -> dict[str, Any]:
    """Where this review stands among the person's own of the round, and the ones beside it."""
    in_turn = sorted(mine, key=lambda other: other.pk)
    place = [other.pk for other in in_turn].index(row.pk)
    return {
        "place": place + 1,
        "own_count": len(in_turn),
        "previous_review": in_turn[place - 1] if place else None,
        "next_review": in_turn[place + 1] if place + 1 < len(in_turn) else None,
    }


@require_http_methods(["GET", "POST"])
@login_required_keeping_text
def change(request: UserRequest, pk: int) -> HttpResponse:
    """File a filed review anew, with the reason; the state before stays in the record."""
    row = _opened(request, pk)
    criteria = list(row.application.round.criteria.all())
    typed = request.POST if request.method == "POST" else kept_text(request)
    if not row.is_changeable:
        messages.error(request, str(ReviewsClosed() if row.is_filed else NotPossibleNow()))
        return redirect("reviews:review", pk=pk)
    form = ChangeForm(typed, review=row, criteria=criteria)
    if typed is not None and form.is_valid():
        try:
            refile_review(row, by=request.user, **form.words())
        except Unscored as problem:
            form.add_error(None, str(problem))
            form.name_missing(problem.missing)
        except (ReasonNeeded, ReviewsClosed, NotPossibleNow) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The changed review is filed. The earlier one stays in the record."))
            return redirect("reviews:review", pk=pk)
    return _page(request, row, criteria, form, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required_keeping_text
def remark(request: UserRequest, pk: int) -> HttpResponse:
    """Say something to those who discuss the application; without an open discussion there is no such page."""
    row = _opened(request, pk)
    if not is_discussion_open(row):
        raise Http404(_("The discussion is not open."))
    typed = request.POST if request.method == "POST" else kept_text(request)
    form = RemarkForm(typed)
    if typed is not None and form.is_valid():
        try:
            add_remark(row.application, by=request.user, text=form.cleaned_data["text"])
        except (ReviewsClosed, ReasonNeeded) as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("reviews:review", pk=pk)
    criteria = list(row.application.round.criteria.all())
    return _page(request, row, criteria, ReviewForm(review=row, criteria=criteria), remark=form, status=422 if form.errors else 200)


@require_POST
@login_required
def hand_back(request: UserRequest, pk: int) -> HttpResponse:
    """The expert gives the application back: no time, not the field, or a conflict."""
    row = own_review(request, pk)
    form = HandBackForm(request.POST)
    if not form.is_valid():
        if row.awaits_declaration:
            return render(request, "reviews/declare.html", {"review": row, "application": row.application, "form": ConflictForm()}, status=422)
        criteria = list(row.application.round.criteria.all())
        return _page(request, row, criteria, ReviewForm(review=row, criteria=criteria), back=form, status=422)
    note = form.cleaned_data["note"]
    try:
        if form.is_conflict:
            declare_conflict(row, by=request.user, note=note)
        else:
            hand_back_review(row, by=request.user, reason=HandBackReason(form.cleaned_data["reason"]), note=note)
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The application is handed back. Thank you for telling us."))
    return redirect("reviews:queue")
