"""The register in Django's admin: to look at only."""

from typing import ClassVar

from django.contrib import admin
from django.db import models

from accounts.admin import ReadOnlyAdmin
from institutions.models import Country, CountryAlias, Institution, Membership, Merge


@admin.register(Institution)
class InstitutionAdmin(ReadOnlyAdmin):
    list_display = ("name_en", "name_local", "kind", "country", "is_verified", "merged_into")
    list_select_related = ("country", "merged_into")
    list_filter = ("kind", "is_verified")
    search_fields = ("name_en", "name_local", "aliases__name")
    show_full_result_count = False
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "institution", "may_sign", "since_on", "ended_on")
    list_select_related = ("user", "institution")
    show_full_result_count = False


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    list_display = ("institution", "into", "by", "at", "ended_at")
    list_select_related = ("institution", "into", "by")
    show_full_result_count = False


@admin.register(Country)
class CountryAdmin(ReadOnlyAdmin):
    list_display = ("code", "name_en", "name_zh", "position", "is_renamed")
    search_fields = ("code", "name_en", "name_zh")


@admin.register(CountryAlias)
class CountryAliasAdmin(ReadOnlyAdmin):
    list_display = ("alias", "country")
    list_select_related = ("country",)
    search_fields = ("alias",)
