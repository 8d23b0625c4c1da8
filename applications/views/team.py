"""The team of an application: who takes part, invitations and their answers, and handing the application over."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest
from accounts.models import Role, User
from accounts.names import name_in_mail
from applications import permissions
from applications.actions import (
    AlreadyInTeam,
    AlreadyInvited,
    HandOverOpen,
    NotInTeam,
    OwnAddress,
    SignatoryNeeded,
    TooManyMails,
    accept_invitation,
    agree_to_hand_over,
    consent_to_hand_over,
    decline_invitation,
    end_hand_over,
    end_member,
    invite_member,
    propose_hand_over,
    renew_invitation,
)
from applications.models import Application, HandOver, Member, Part
from applications.team_forms import HandOverForm, InviteForm
from applications.team_guide import Team, team_panel
from applications.views.reading import own_application, sent, state_of
from letters.addresses import BadAddress
from workflow.transitions import NotPossibleNow

REFUSED = (BadAddress, OwnAddress, AlreadyInvited, TooManyMails, NotPossibleNow)
JUDGES = (Role.EXPERT, Role.OFFICER, Role.APPROVER, Role.ADMINISTRATOR)


@require_http_methods(["GET", "POST"])
@login_required
def team(request: UserRequest, reference: str) -> HttpResponse:
    """Who takes part and who is invited; the applicant invites here. The answer never tells whether an address has an account."""
    application = own_application(request, reference)
    form = InviteForm(sent(request))
    if request.method == "POST":
        if not permissions.may_invite(request.user, application):
            raise PermissionDenied
        if form.is_valid():
            try:
                member = invite_member(application, by=request.user, **form.cleaned_data)
            except REFUSED as problem:
                form.add_error("email", str(problem))
            else:
                messages.success(request, _("The invitation to %(address)s is on its way.") % {"address": member.email})
                return redirect("applications:team", reference=reference)
    panel = team_panel(request.user, application)
    context = state_of(application) | panel | {"form": form, "asked_at": panel["team"].endorsement.asked_at()}
    return render(request, "applications/team_page.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def member(request: UserRequest, reference: str, pk: int) -> HttpResponse:
    """Send an invitation again, withdraw it, remove a member, or leave."""
    application = own_application(request, reference)
    row = get_object_or_404(application.members.asked().select_related("application__round"), pk=pk)
    is_own = row.user_id == request.user.pk
    if not permissions.may_invite(request.user, application) and not (is_own and "end" in request.POST):
        raise PermissionDenied
    try:
        if "end" in request.POST:
            end_member(row)
        else:
            renew_invitation(row, by=request.user)
    except (TooManyMails, NotPossibleNow) as problem:
        messages.error(request, str(problem))
        return redirect("applications:team", reference=reference)
    if is_own:
        messages.success(request, _("You no longer take part in application %(reference)s.") % {"reference": reference})
        return redirect("applications:list")
    told = _("%(address)s no longer takes part.") if row.takes_part else _("The invitation to %(address)s is withdrawn.")
    told = told if "end" in request.POST else _("The invitation to %(address)s is on its way again.")
    messages.success(request, told % {"address": row.email})
    return redirect("applications:team", reference=reference)


# --- The invited ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """What the link of an invitation leads to. Looking changes nothing; only the owner of the address learns more and answers."""
    row = get_object_or_404(Member.objects.with_application(), code=code)
    here = reverse("applications:invitation", args=[code])
    if not isinstance(request.user, User):
        if request.method == "POST":
            return redirect_to_login(here)
        context = {"invitation": row, "inviter": name_in_mail(row.invited_by.full_name), "query": urlencode({"next": here})}
        return render(request, "applications/invitation_stranger.html", context)
    if not permissions.may_answer(request.user, row):
        context = {"invitation": row, "inviter": name_in_mail(row.invited_by.full_name)}
        return render(request, "applications/invitation_other.html", context, status=403)
    problem: Exception | None = None
    if request.method == "POST":
        try:
            return _answer(request, row)
        except (NotPossibleNow, AlreadyInTeam) as refusal:
            problem = refusal
            row.refresh_from_db()
    context = {
        "invitation": row,
        "application": row.application,
        "version": row.application.current or row.application.versions.first(),
        "problem": problem,
        "is_mine": row.user_id == request.user.pk,
        "is_own": row.application.owner_id == request.user.pk,
        "is_closed": not row.application.takes_members,
        "is_judge": request.user.has_role(*JUDGES),
    }
    return render(request, "applications/invitation.html", context, status=409 if problem else 200)


def _answer(request: HttpRequest, row: Member) -> HttpResponse:
    assert isinstance(request.user, User)
    if "decline" in request.POST:
        decline_invitation(row)
        messages.success(request, _("You have declined the invitation. The applicant sees it on the page of the team."))
        return redirect("desk:desk")
    accept_invitation(row, by=request.user)
    messages.success(request, _("You take part in this application."))
    if row.part == Part.SIGN:
        return redirect("applications:endorse", reference=row.application.reference)
    return redirect("applications:application", reference=row.application.reference)


# --- Handing over ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@login_required
def hand_over(request: UserRequest, reference: str) -> HttpResponse:
    """The applicant proposes a member of the team, who agrees; the signatory consents where the round asks for the endorsement."""
    application = own_application(request, reference)
    team = Team(request.user, application)
    row = team.hand_over
    is_asked = team.waits_for_me
    if not permissions.may_hand_over(request.user, application) and not is_asked:
        raise PermissionDenied
    form = HandOverForm(sent(request) if row is None else None, members=team.followers)
    problem: Exception | None = None
    if request.method == "POST" and (row is not None or form.is_valid()):
        try:
            return _hand_over(request, application, row, form)
        except (NotPossibleNow, NotInTeam, SignatoryNeeded, HandOverOpen) as refusal:
            problem = refusal
            application = own_application(request, reference)
            team = Team(request.user, application)
    context = state_of(application) | {
        "form": form,
        "team": team,
        "hand_over": team.hand_over,
        "is_asked": team.waits_for_me,
        "is_new_applicant": team.hand_over is not None and team.hand_over.to_id == request.user.pk,
        "may_hand_over": team.may_hand_over,
        "problem": problem,
    }
    return render(request, "applications/hand_over.html", context, status=409 if problem else 422 if form.errors else 200)


def _hand_over(request: UserRequest, application: Application, row: HandOver | None, form: HandOverForm) -> HttpResponse:
    here = redirect("applications:hand_over", reference=application.reference)
    there = redirect("applications:application", reference=application.reference)
    if row is None:
        if not permissions.may_hand_over(request.user, application):
            raise PermissionDenied
        propose_hand_over(application, by=request.user, to=form.chosen)
        messages.success(request, _("The mails are on their way. Nothing changes before everybody who is asked has agreed."))
        return here
    if "yes" not in request.POST:
        end_hand_over(row, by=request.user)
        messages.success(request, _("The application is not handed over. It stays as it is."))
        return there
    if row.accepted_at is None and permissions.may_take_over(request.user, row, application):
        is_done = agree_to_hand_over(row, by=request.user)
    elif row.consented_at is None and permissions.may_consent(request.user, row, application):
        is_done = consent_to_hand_over(row, by=request.user)
    else:
        raise PermissionDenied
    waits = _("Thank you. The application is handed over when the others have agreed as well.")
    messages.success(request, _("The application has a new applicant.") if is_done else waits)
    return there
