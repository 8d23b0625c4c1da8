"""Rounds and what was changed in them, to look at."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from rounds.models import Extension, Round, RoundChange


@admin.register(Round)
class RoundAdmin(ReadOnlyAdmin):
    list_display = ("slug", "title_en", "mission", "audience", "kind", "opens_at", "closes_at", "is_public_record")
    list_select_related = ("mission",)
    list_filter = ("is_public_record", "audience", "kind")
    search_fields = ("slug", "title_en", "title_zh")
    exclude = ("samples",)
    show_full_result_count = False


@admin.register(Extension)
class ExtensionAdmin(ReadOnlyAdmin):
    list_display = ("round", "closed_at_before", "closes_at", "by", "at")
    list_select_related = ("round", "by")
    show_full_result_count = False


@admin.register(RoundChange)
class RoundChangeAdmin(ReadOnlyAdmin):
    list_display = ("round", "what", "by", "at")
    list_select_related = ("round", "by")
    list_filter = ("what",)
    show_full_result_count = False
