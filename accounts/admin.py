"""Django's admin: a place to look, for administrators. It writes nothing and grants no role."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import AccountChange, Invitation, Role, RoleChange, User

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows; whatever changes one is an action with a name, on a page of its own."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return isinstance(request.user, User) and request.user.has_role(Role.ADMINISTRATOR)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "full_name", "is_active", "joined_at")
    list_filter = ("groups", "is_active")
    search_fields = ("email", "full_name", "native_name")
    fields = ("email", "full_name", "native_name", "language", "time_zone", "is_active", "is_synthetic", "joined_at", "last_login", "groups")
    show_full_result_count = False


@admin.register(RoleChange)
class RoleChangeAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "words", "by")
    list_select_related = ("user", "by")
    show_full_result_count = False


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "by")
    list_select_related = ("user", "by")
    show_full_result_count = False


@admin.register(AccountChange)
class AccountChangeAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "words", "by")
    list_select_related = ("user", "by")
    show_full_result_count = False
