"""Letters and mails for rare maintenance: to be looked at, never changed; without their words, which belong to their readers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from letters.models import Letter, Mail


class ReadOnly(admin.ModelAdmin[Any]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Letter)
class LetterAdmin(ReadOnly):
    list_display = ("number", "printing", "attempts", "problem", "written_at", "printed_at")
    list_filter = ("printing",)
    search_fields = ("number",)
    fields = ("number", "printing", "attempts", "problem", "lease_until", "next_at", "file", "digest", "written_at", "printed_at")
    show_full_result_count = False


@admin.register(Mail)
class MailAdmin(ReadOnly):
    list_display = ("message_id", "state", "attempts", "problem", "next_at", "sent_at")
    list_filter = ("state",)
    search_fields = ("message_id",)
    fields = ("message_id", "state", "attempts", "problem", "lease_until", "next_at", "written_at", "sent_at")
    show_full_result_count = False
