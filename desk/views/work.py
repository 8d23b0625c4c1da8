"""What I must do, by when: one page for each person, whatever the roles."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from accounts.models import Role
from applications.models import Application
from desk.work import answers_to_read, office_work, rounds_to_prepare, undelivered_mails
from institutions.models import Institution
from loans.models import overdue_for, to_sign_by
from reviews.models import Review


@require_safe
@login_required
def desk(request: UserRequest) -> HttpResponse:
    user = request.user
    in_office = user.has_role(Role.OFFICER, Role.APPROVER)
    keeps_register = user.has_role(Role.OFFICER, Role.ADMINISTRATOR)
    context = {
        "applications": list(Application.objects.visible_to(user).with_part_of(user).for_list()[:20]),
        "reviews": list(Review.objects.visible_to(user).for_list()[:20]) if user.has_role(Role.EXPERT) else None,
        "office_rounds": office_work(user) if in_office else None,
        "answers_to_read": answers_to_read(user) if user.has_role(Role.OFFICER) else [],
        "undelivered": undelivered_mails(user) if user.has_role(Role.OFFICER) else [],
        "to_sign": to_sign_by(user),
        "overdue": overdue_for(user) if user.has_role(Role.OFFICER) else [],
        "admin_rounds": rounds_to_prepare() if user.has_role(Role.ADMINISTRATOR) else None,
        "unverified": list(Institution.objects.for_list().to_be_checked()[:10]) if keeps_register else None,
        "is_curator": user.has_role(Role.CURATOR),
        "keeps_register": keeps_register,
    }
    return render(request, "desk/desk.html", context)
