"""The expert's queue and one review, side by side with the application."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications.answers import answers_of
from reviews.actions import ReviewsClosed, StaleReview, Unscored, declare_conflict, declare_no_conflict, file_review, save_review
from reviews.forms import ANCHORS, ConflictForm, ReviewForm
from reviews.models import Review
from reviews.permissions import may_review
from reviews.views.attachments import files_of_review
from workflow.transitions import NotPossibleNow


@require_safe
@login_required
def queue(request: UserRequest) -> HttpResponse:
    """What I must judge, by when."""
    if not request.user.has_role(Role.EXPERT):
        raise PermissionDenied
    return render(request, "reviews/queue.html", {"reviews": list(Review.objects.visible_to(request.user).for_list())})


def _get(request: UserRequest, pk: int) -> Review:
    """The person's own live review without a conflict; anything else does not exist."""
    review = get_object_or_404(Review.objects.visible_to(request.user).with_case(), pk=pk)
    if not may_review(request.user, review):
        raise PermissionDenied
    return review


@require_http_methods(["GET", "POST"])
@login_required
def review(request: UserRequest, pk: int) -> HttpResponse:
    """Before the declaration only what is needed to declare; then the application and the form beside it."""
    row = _get(request, pk)
    if row.awaits_declaration:
        return render(request, "reviews/declare.html", {"review": row, "application": row.application, "form": ConflictForm()})
    criteria = list(row.application.round.criteria.all())
    form = ReviewForm(request.POST or None, review=row, criteria=criteria)
    if request.method == "POST" and form.is_valid():
        call = file_review if "file" in request.POST else save_review
        try:
            call(row, by=request.user, **form.words())
        except Unscored as problem:
            form.add_error(None, str(problem))
            form.name_missing(problem.missing)
        except (StaleReview, ReviewsClosed, NotPossibleNow) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The review is filed. Thank you.") if "file" in request.POST else _("Saved, not filed."))
            return redirect("reviews:review", pk=row.pk)
    filed = ReviewForm(review=row, criteria=criteria).scales() if row.is_filed else []
    application = row.application
    answers = answers_of(application.current, application.round.kind)
    context = {"review": row, "application": application, "answers": answers, "form": form, "filed": filed, "anchors": ANCHORS.items()}
    context["files_at"] = files_of_review(row.pk)
    return render(request, "reviews/review.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def declare(request: UserRequest, pk: int) -> HttpResponse:
    row = _get(request, pk)
    try:
        declare_no_conflict(row, by=request.user)
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    return redirect("reviews:review", pk=pk)


@require_POST
@login_required
def conflict(request: UserRequest, pk: int) -> HttpResponse:
    """The expert steps back; afterwards the application is gone from the expert's pages."""
    row = _get(request, pk)
    form = ConflictForm(request.POST)
    if not form.is_valid():
        return render(request, "reviews/declare.html", {"review": row, "application": row.application, "form": form}, status=422)
    try:
        declare_conflict(row, by=request.user, note=form.cleaned_data["note"])
    except NotPossibleNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Your conflict is noted, and the application is handed back."))
    return redirect("reviews:queue")
