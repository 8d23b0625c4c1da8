"""The table of working days: looked at and maintained year by year, and which open agreements it would move."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from loans.actions import DayChanged, SameAsBefore, set_day
from loans.forms import DayForm
from loans.models import DayRule, moved_by_table, newest_rule, table_of_year
from loans.permissions import may_keep_days
from loans.workdays import FIRST_YEAR, LAST_YEAR, beijing_date

SHOWN = 50  # changes of a year


@require_http_methods(["GET", "POST"])
@login_required
def days(request: UserRequest, year: int | None = None) -> HttpResponse:
    """A year, and the form that writes down what a day is. Changing it moves no day that was told to an applicant."""
    if not may_keep_days(request.user):
        raise PermissionDenied
    year = year or beijing_date(timezone.now()).year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    form = DayForm(request.POST if request.method == "POST" else None, initial={"seen": newest_rule()})
    if form.is_bound and form.is_valid():
        try:
            rule = set_day(by=request.user, **form.words())
        except (DayChanged, SameAsBefore) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved. Last days that were told to applicants stay as they are."))
            return redirect("loans:days_of_year", year=rule.day.year)
    context = {
        "table": table_of_year(year),
        "years": [other for other in range(year - 1, year + 2) if FIRST_YEAR <= other <= LAST_YEAR],
        "changes": list(DayRule.objects.of_year(year).for_list()[:SHOWN]),
        "moved": moved_by_table(request.user) if request.user.is_officer else [],
        "form": form,
    }
    return render(request, "loans/days.html", context, status=422 if form.errors else 200)
