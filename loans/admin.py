"""Agreements and the table of working days, to look at."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from loans.models import DayRule


@admin.register(DayRule)
class DayRuleAdmin(ReadOnlyAdmin):
    list_display = ("day", "number", "is_working", "name_en", "source", "by", "at")
    list_select_related = ("by",)
    ordering = ("-day", "-number")
    show_full_result_count = False
