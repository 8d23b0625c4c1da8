"""The catalogue in Django's admin, to look at. Administrators see what the public sees: no earmark, no hold, no movement."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from samples.masses import spell_mg
from samples.models import Mission, Sample


@admin.register(Mission)
class MissionAdmin(ReadOnlyAdmin):
    list_display = ("name_en", "name_zh", "landed_at", "mass_g")


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    list_display = ("number", "mission", "method", "form", "purpose", "standing")
    list_filter = ("mission", "method", "form", "purpose")
    list_select_related = ("mission",)
    search_fields = ("number", "note_en", "note_zh")
    fields = (
        "number",
        "mission",
        "method",
        "form",
        "purpose",
        "parent",
        "is_mass_known",
        "is_synthetic_stock",
        "left_mg",
        "source",
        "note_en",
        "note_zh",
    )
    readonly_fields = ("left_mg",)
    show_full_result_count = False

    @admin.display(description="left, mg")
    def left_mg(self, sample: Sample) -> str:
        return spell_mg(sample.left_ug)
