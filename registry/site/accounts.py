"""Accounts and roles. Superusers are out of reach for everybody else, and nobody else can make one."""

from typing import Any

from axes.models import AccessAttempt, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from registry.site.base import RegistryAdmin

ACTIONS = {"view": _("view"), "add": _("add"), "change": _("change"), "delete": _("delete")}


def reaches(user: Any, account: Any) -> bool:
    """Whether `user` may act on, hence as, the account: who can set its password can log in with it."""
    if user.is_superuser or user.pk == account.pk:
        return True
    return user.has_perm("auth.change_user") and not account.is_superuser


class PermissionField(forms.ModelMultipleChoiceField):
    """Permissions in the reader's language: Django keeps their names in English in the database."""

    def label_from_instance(self, obj: Any) -> str:
        model = obj.content_type.model_class()
        own = dict(model._meta.permissions) if model else {}
        what = own.get(obj.codename) or ACTIONS.get(obj.codename.partition("_")[0], obj.name)
        return f"{capfirst(obj.content_type.name)}｜{what}"


def permission_field(db_field: Any) -> PermissionField:
    permissions = Permission.objects.select_related("content_type")
    return PermissionField(
        permissions.order_by("content_type__app_label", "content_type__model", "codename"),
        label=db_field.verbose_name,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class AccountAdmin(UserAdmin):
    """Django's log stays for accounts and roles: it is their only history, and holds no secrets."""

    lookup_allowed = RegistryAdmin.lookup_allowed
    change_list_template = RegistryAdmin.change_list_template
    list_display = ("username", "last_name", "first_name", "email", "roles", "is_active", "is_staff", "last_login")
    list_filter = ()
    filter_horizontal = ()
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = ("last_login", "date_joined")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What an account did stays with its name: it is closed instead."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or reaches(request.user, obj))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        rights: tuple[str, ...] = ("is_active", "is_staff", "groups")
        if request.user.is_superuser:
            rights = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")
        return (
            (None, {"fields": ("username", "password")}),
            (_("Personal info"), {"fields": (("last_name", "first_name"), "email")}),
            (_("Permissions"), {"fields": rights}),
            (_("Important dates"), {"fields": (("last_login", "date_joined"),)}),
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user_permissions":
            return permission_field(db_field)
        return super().formfield_for_manytomany(db_field, request, **kwargs, widget=forms.CheckboxSelectMultiple)

    @admin.display(description=_("roles"))
    def roles(self, obj: User) -> str:
        return "、".join(group.name for group in obj.groups.all())

    def autocomplete_queryset(self, queryset: Any) -> Any:
        return queryset.filter(is_active=True)

    def autocomplete_label(self, obj: User) -> str:
        return f"{obj.get_username()} {obj.get_full_name()}".strip()


class RoleAdmin(GroupAdmin):
    filter_horizontal = ()
    lookup_allowed = RegistryAdmin.lookup_allowed
    change_list_template = RegistryAdmin.change_list_template
    show_full_result_count = False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        return permission_field(db_field)


class AccountLogAdmin(RegistryAdmin):
    """What was done to accounts and roles, for auditors."""

    list_display = ("action_time", "user", "content_type", "object_repr", "get_change_message")
    list_select_related = ("user", "content_type")
    list_display_links = None
    sortable_by = ()
    ordering = ("-action_time",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LoginsAdmin(RegistryAdmin):
    """Logins, as django-axes keeps them; only to read. Its own pages would be in English."""

    words = (
        gettext_noop("access attempt"),
        gettext_noop("access attempts"),
        gettext_noop("access log"),
        gettext_noop("access logs"),
        gettext_noop("Attempt Time"),
        gettext_noop("Logout Time"),
        gettext_noop("Failed Logins"),
        gettext_noop("IP Address"),
        gettext_noop("User Agent"),
    )
    search_fields = ("username", "ip_address")
    list_display_links = None
    sortable_by = ()
    ordering = ("-attempt_time",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AccessAttemptAdmin(LoginsAdmin):
    """Who guessed passwords. An account is free again for its address once the row is removed."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start", "user_agent")
    actions = ("unlock",)

    @admin.action(description=_("Unlock"), permissions=["delete"])
    def unlock(self, request: HttpRequest, queryset: Any) -> None:
        queryset.delete()
        self.message_user(request, _("Unlocked: the chosen accounts can log in again."), messages.SUCCESS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")


class AccessLogAdmin(LoginsAdmin):
    list_display = ("attempt_time", "logout_time", "username", "ip_address", "user_agent")


admin.site.unregister([User, Group])
admin.site.register(User, AccountAdmin)
admin.site.register(Group, RoleAdmin)
admin.site.register(LogEntry, AccountLogAdmin)
admin.site.register(AccessAttempt, AccessAttemptAdmin)
admin.site.register(AccessLog, AccessLogAdmin)
