"""Published lists and the public record, to look at."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from results.models import DomesticRound, ResultList


@admin.register(ResultList)
class ResultListAdmin(ReadOnlyAdmin):
    list_display = ("round", "number", "announced_on", "published_at", "by")
    list_select_related = ("round", "by")
    ordering = ("-published_at",)
    show_full_result_count = False


@admin.register(DomesticRound)
class DomesticRoundAdmin(ReadOnlyAdmin):
    list_display = ("batch", "mission", "mark", "mass_ug")
    show_full_result_count = False
