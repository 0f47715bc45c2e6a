"""Pages of roles: everybody with the permission sees what a role may do; only superusers change it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from registry.accounts import log
from registry.accounts.admin.history import LoggedAdmin
from registry.accounts.forms import permission_field
from registry.accounts.roles import role_description, role_label
from registry.second_factor.rules import RULES, START, roles_that_need_it, rule_of, set_rule
from registry.site.forms import RegistryForm
from registry.values.punctuation import labelled

READ = ("label", "about", "factor_rule", "permission_names")
"""The fields of a role that are shown to accounts that may not change it."""


# Django's word is groups, and alliances have groups of their own.
Group._meta.verbose_name = pgettext_lazy("account", "role")
Group._meta.verbose_name_plural = gettext_lazy("roles")


class RoleForm(RegistryForm):
    second_factor = forms.ChoiceField(
        label=gettext_lazy("second factor"),
        choices=RULES,
        required=False,
        help_text=gettext_lazy(
            "A code of an app beside the password. It holds from the next click of every account on."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["second_factor"] = rule_of(self.instance) if self.instance.pk else START


@admin.register(Group)
class RoleAdmin(LoggedAdmin):
    """The page of a role.

    Only superusers change its permissions: a person who could extend a role could extend their own.
    """

    list_display = ("label", "about")
    search_fields = ("name",)
    form = RoleForm
    fields = ("name", "second_factor", "permissions")
    ordering = ("pk",)
    sortable_by = ()

    def page_heading(self, obj: models.Model | None) -> tuple[object, object]:
        return (role_label(obj.name), "") if isinstance(obj, Group) else super().page_heading(obj)

    @admin.display(description=pgettext_lazy("account", "role"))
    def label(self, obj: Group) -> str:
        return role_label(obj.name)

    @admin.display(description=gettext_lazy("may see and do"))
    def about(self, obj: Group) -> str:
        return role_description(obj.name)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def own_fieldsets(self, request: HttpRequest, obj: Any) -> Any:
        if request.user.is_superuser:
            return super().own_fieldsets(request, obj)
        return [(None, {"fields": READ})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if request.user.is_superuser else READ

    @admin.display(description=gettext_lazy("second factor"))
    def factor_rule(self, obj: Group) -> str:
        said = str(dict(RULES)[rule_of(obj)])
        needed = roles_that_need_it().filter(pk=obj.pk).exists()
        return labelled(said, _("needed") if needed else _("not needed"))

    @admin.display(description=gettext_lazy("permissions"))
    def permission_names(self, obj: Group) -> str:
        return "\n".join(log.label_of(one) for one in obj.permissions.select_related("content_type"))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return permission_field(db_field)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        role = form.instance
        old = {log.name_of(one) for one in role.permissions.select_related("content_type")}
        super().save_related(request, form, formsets, change)
        new = {log.name_of(one) for one in role.permissions.select_related("content_type")}
        rule = form.cleaned_data["second_factor"] or START
        if rule != rule_of(role):
            set_rule(role, rule)
            log.record(request.user, role, "factor_rule", rule=rule)
        log.record(request.user, role, granted=sorted(new - old), revoked=sorted(old - new))
