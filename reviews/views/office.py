"""The round, the case and the navigation that every office page begins with."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.http import UserRequest
from accounts.keyset import LONGEST_KEY, Page
from accounts.models import Role
from applications.models import Application
from reviews.models import CaseLine, cases_visible_to
from rounds.models import Round
from workflow.transitions import NotPossibleNow


def round_for(request: UserRequest, slug: str, *roles: Role) -> Round:
    """The round, for somebody with one of the roles."""
    if not request.user.has_role(*roles):
        raise PermissionDenied
    return get_object_or_404(Round.objects.run_here().select_related("mission"), slug=slug)


def case_for(request: UserRequest, slug: str, reference: str) -> Application:
    """A case this person may handle; one with a tie does not exist."""
    if not request.user.has_role(Role.OFFICER):
        raise PermissionDenied
    return get_object_or_404(cases_visible_to(request.user).with_case(), round__slug=slug, reference=reference)


def refuse_stale(request: UserRequest, application: Application) -> None:
    """Refuse a button that was pressed on a page which shows an earlier state of the case: another text, another decision."""
    if request.POST.get("seen", str(application.version)) != str(application.version):
        raise NotPossibleNow


def list_of(request: UserRequest, round: Round, page: Page[CaseLine], list_name: str) -> dict[str, Any]:
    """The page of a list of cases: its lines, the way to the next ones, and where a line leads: on in the list, or to the case file."""
    leads_on = request.user.has_role(Role.OFFICER)
    cases_at = reverse(list_name, args=[round.slug]) if leads_on else reverse("desk:case", args=[round.slug, "-"]).removesuffix("-/")
    return page_of(round, lines=page.rows, cases_at=cases_at, next_url=f"?after={page.next_after}" if page.next_after else "")


def page_of(round: Round, **more: Any) -> dict[str, Any]:
    return {"round": round, **more}


def whole_number(text: str) -> int:
    """The key that a button sent; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_KEY else 0
