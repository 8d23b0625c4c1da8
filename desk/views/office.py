"""The office's overview of a round and the case file: everything about one application on one page."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications.answers import answers_of
from desk.case import open_case
from desk.facts import facts_for_office
from desk.work import stages
from reviews.discussions import talk_about
from reviews.forms import RemarkForm
from reviews.models import cases_visible_to
from reviews.permissions import may_announce, may_enter_office, may_read_case
from reviews.views.attachments import files_of_case
from reviews.views.pages import pages_of_case
from rounds.models import Round


@require_safe
@login_required
def overview(request: UserRequest, slug: str) -> HttpResponse:
    """Where the round stands, for each role its own part."""
    if not request.user.has_role(Role.OFFICER, Role.APPROVER, Role.ADMINISTRATOR):
        raise PermissionDenied
    round = get_object_or_404(Round.objects.run_here().select_related("mission"), slug=slug)
    in_office = may_enter_office(request.user)
    context = {
        "round": round,
        "stage": stages(request.user, [round])[0] if in_office else None,
        "may_announce": may_announce(request.user, round),
        "is_approver": request.user.has_role(Role.APPROVER),
    }
    return render(request, "desk/office.html", context)


@require_safe
@login_required
def case(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """The case file. A person with a tie gets the same answer as for a reference that does not exist."""
    round = get_object_or_404(Round.objects.run_here(), slug=slug)
    if not may_read_case(request.user, round):
        raise PermissionDenied
    application = get_object_or_404(cases_visible_to(request.user).of_round(round).with_case().with_drawn_pages(), reference=reference)
    criteria = list(round.criteria.all())
    case = open_case(application)
    context = {
        "round": application.round,
        "application": application,
        "answers": answers_of(application.current, application.round.kind),
        "case": case,
        "may_ask": request.user.has_role(Role.OFFICER),
        "files_at": files_of_case(slug, reference),
        "pages_at": pages_of_case(slug, reference),
        "facts": facts_for_office(application, reader=request.user),
        "talk": talk_about(application, criteria, reader=request.user, reviews=case.filed_reviews),
        "remark": RemarkForm(),
        "in_office": may_enter_office(request.user),
    }
    return render(request, "desk/case.html", context)
