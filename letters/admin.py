"""Letters and mails in Django's admin, to look at: how far print and mail have come, never the words, which belong to their readers."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from letters.models import Letter, Mail


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = ("number", "printing", "attempts", "problem", "written_at", "printed_at")
    list_filter = ("printing",)
    search_fields = ("number",)
    fields = ("number", "printing", "attempts", "problem", "lease_until", "next_at", "file", "digest", "written_at", "printed_at")
    show_full_result_count = False


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    list_display = ("message_id", "state", "attempts", "problem", "next_at", "sent_at", "bounced_at")
    list_filter = ("state", ("bounced_at", admin.EmptyFieldListFilter))
    search_fields = ("message_id",)
    fields = ("message_id", "state", "attempts", "problem", "lease_until", "next_at", "written_at", "sent_at", "bounced_at")
    show_full_result_count = False
