"""The office's overview of a round and the case file: everything about one application on one page."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications.answers import answers_of
from applications.models import ApplicationQuerySet
from desk.case import cases_of, open_case, with_case_file, with_requests
from desk.facts import facts_for_office
from desk.work import stages
from reviews.discussions import talk_about
from reviews.forms import RemarkForm
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


def _cases(request: UserRequest, slug: str) -> ApplicationQuerySet:
    """The cases of a round that the reader may open. A person with a tie gets the same answer as for a reference that does not exist."""
    if not may_enter_office(request.user) and not may_read_case(request.user, get_object_or_404(Round.objects.run_here(), slug=slug)):
        raise PermissionDenied
    return cases_of(request.user, slug)


@require_safe
@login_required
def case(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """The case file; the fact sheet comes as a fragment."""
    application = get_object_or_404(with_case_file(_cases(request, slug)), reference=reference)
    criteria = list(application.round.criteria.all())
    case = open_case(application, criteria)
    context = {
        "round": application.round,
        "application": application,
        "answers": answers_of(application.current, application.round.kind),
        "case": case,
        "may_ask": request.user.has_role(Role.OFFICER),
        "files_at": files_of_case(slug, reference),
        "pages_at": pages_of_case(slug, reference),
        "talk": talk_about(application, criteria, reader=request.user, reviews=case.filed_reviews),
        "remark": RemarkForm(),
        "in_office": may_enter_office(request.user),
    }
    return render(request, "desk/case.html", context)


@require_safe
@login_required
def case_facts(request: UserRequest, slug: str, reference: str) -> HttpResponse:
    """The fact sheet of a case: a fragment of the case file, and a page of its own."""
    application = get_object_or_404(with_requests(_cases(request, slug)), reference=reference)
    context = {
        "application": application,
        "back": reverse("desk:case", args=[slug, reference]),
        "facts": facts_for_office(application, reader=request.user),
        "review": None,
    }
    return render(request, "desk/facts.html", context)
