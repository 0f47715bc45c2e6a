"""Pages of accounts: the person, the roles, and new passwords by one-time links."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from registry.accounts import actions, links, log
from registry.accounts.admin import factor
from registry.accounts.admin.history import LoggedAdmin
from registry.accounts.forms import AccountForm, permission_field
from registry.accounts.models import AccountRequest
from registry.accounts.rights import may_look_after
from registry.accounts.roles import role_label
from registry.database.db_errors import Conflict
from registry.disclosure.log import Subject
from registry.disclosure.models import REVEAL, Disclosure
from registry.disclosure.page import RevealAdmin
from registry.retention.accounts import closed_soon
from registry.second_factor.rules import standing
from registry.site.base import NOTHING
from registry.site.filters import ChoiceFilter, Choices
from registry.site.forms import VERSION
from registry.values.masking import mask_phone
from registry.values.people import person_name
from registry.values.punctuation import clauses, listed

DONE = "_account_done"
CLOSED_SOON = "closed-soon"


class RoleFilter(ChoiceFilter):
    title = pgettext_lazy("account", "role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(role.pk), role_label(role.name)) for role in Group.objects.order_by("pk")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(groups=self.value()) if self.value() else queryset


class OpenFilter(ChoiceFilter):
    title = pgettext_lazy("account", "open")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("true", pgettext_lazy("account", "Open")), ("false", pgettext_lazy("account", "Closed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(is_active=self.value() == "true") if self.value() else queryset


class LoginFilter(ChoiceFilter):
    title = gettext_lazy("log-in")
    parameter_name = "login"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [
            ("never", gettext_lazy("has never logged in")),
            (CLOSED_SOON, gettext_lazy("will be closed soon, because it is not used")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == CLOSED_SOON:
            return queryset.filter(pk__in=closed_soon())
        return queryset.filter(last_login=None) if self.value() else queryset


@admin.register(User)
class AccountAdmin(LoggedAdmin, RevealAdmin):
    """The page of an account. It saves by `actions.arrange()`, which prepares what a second person has to confirm."""

    disclosed = Disclosure.What.ACCOUNTS
    people_permission = "auth.view_user"
    form = AccountForm
    add_label = gettext_lazy("New account")
    list_display = ("username", "full_name", "role_names", "township_names", "active", "waits", "email", "last_login")
    list_filter = (RoleFilter, OpenFilter, LoginFilter)
    search_fields = ("username", "first_name", "last_name", "email")
    sortable_by = ("username", "last_login")
    ordering = ("username",)
    readonly_fields = ("password_state", "factor_state", "last_login", "date_joined")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_look_after(request.user, obj))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups", "requests", "account_townships__township")

    # --- What is shown

    def own_fieldsets(self, request: HttpRequest, obj: Any) -> Any:
        person = (None, {"fields": ("username", "full_name", "phone", "email")})
        roles = (_("Roles"), {"fields": ("roles", "townships", "active") if obj else ("roles", "townships")})
        if obj is None:
            return [person, roles]
        fieldsets = [person, roles, (_("Password and log-in"), {"fields": self.readonly_fields})]
        if request.user.is_superuser:
            rights = {"fields": ("is_superuser", "user_permissions"), "classes": ("collapse",)}
            fieldsets.append((_("Superuser and single permissions"), rights))
        return fieldsets

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return permission_field(db_field)

    @admin.display(description=pgettext_lazy("person", "name"))
    def full_name(self, obj: User) -> str:
        return person_name(obj) if obj.first_name or obj.last_name else ""

    @admin.display(description=gettext_lazy("phone"))
    def phone(self, obj: User) -> str:
        return mask_phone(actions.phone_of(obj)) or NOTHING

    @admin.display(description=gettext_lazy("roles"))
    def role_names(self, obj: User) -> str:
        names = [_("Superuser")] if obj.is_superuser else []
        return listed([*names, *(role_label(group.name) for group in obj.groups.all())])

    roles = role_names

    @admin.display(description=gettext_lazy("townships"))
    def township_names(self, obj: User) -> str:
        return listed(one.township.label() for one in obj.account_townships.all())

    townships = township_names

    @admin.display(description=pgettext_lazy("account", "open"), boolean=True)
    def active(self, obj: User) -> bool:
        return obj.is_active

    @admin.display(description=gettext_lazy("to confirm"))
    def waits(self, obj: User) -> str:
        waiting = [one for one in obj.requests.all() if one.outcome == AccountRequest.Outcome.WAITING]
        return clauses(map(log.asked, waiting))

    @admin.display(description=gettext_lazy("password"))
    def password_state(self, obj: User) -> str:
        return _("has been set") if obj.has_usable_password() else _("not set: the owner sets it by a one-time link")

    @admin.display(description=gettext_lazy("second factor"))
    def factor_state(self, obj: User) -> str:
        device, needed = standing(obj)
        if device:
            return _("is set up")
        return _("not set up; the next log-in leads to it") if needed else _("not set up, not needed")

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and self.has_change_permission(request, obj):
            yield _("New password: one-time link"), reverse("admin:auth_user_password_change", args=[obj.pk])
            if standing(obj)[0] and obj.pk != request.user.pk:
                yield _("Reset the second factor"), reverse("admin:auth_user_reset_factor", args=[obj.pk])

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and (reveal := self.reveal_of(request, obj)):
            yield _("Telephone"), render_to_string("admin/registry/reveal.html", {"reveal": reveal})
        if obj and (waiting := actions.waiting_for(obj)):
            said = {"what": log.asked(waiting), "who": log.account_name(waiting.prepared_by)}
            yield _("To be confirmed"), _("%(what)s (prepared by %(who)s)") % said

    def autocomplete_queryset(self, queryset: Any) -> Any:
        return queryset.filter(is_active=True)

    def autocomplete_label(self, obj: User) -> str:
        return log.account_name(obj)

    def subject(self, obj: User) -> Subject:
        return "", log.account_name(obj), ""

    def may_reveal(self, request: HttpRequest, obj: Any) -> bool:
        may = request.user.has_perms((REVEAL, self.people_permission)) and may_look_after(request.user, obj)
        return may and bool(actions.phone_of(obj))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.revealed = getattr(request, "revealed", False)  # type: ignore[attr-defined]
        return form

    # --- What is done

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj: Any = super().get_object(request, object_id, from_field)
        if obj is not None:
            if request.method == "POST":
                actions.locked(obj.pk)
                obj = super().get_object(request, object_id, from_field)
            setattr(request, VERSION, actions.state_of(obj))
        return obj

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        form.was = actions.before(obj) if change else actions.AccountBefore()
        if not change:
            obj.set_unusable_password()
        obj.save()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        data = form.cleaned_data
        shown = ("username", "full_name", "phone", "email", "user_permissions")
        labels = [str(form.fields[name].label) for name in shown if change and name in form.changed_data]
        form.done = actions.arrange(
            form.instance,
            form.was,
            data["roles"],
            townships=data["townships"],
            active=data["active"] if change else True,
            by=request.user,
            fields=labels,
        )
        actions.keep_phone(form.instance, data["phone"])
        setattr(request, DONE, form.done)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        return self._done(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        return self._done(request, obj) or super().response_change(request, obj)

    def _done(self, request: HttpRequest, obj: User) -> HttpResponse | None:
        """Show the link to hand over in this one answer only, or say what a second person must confirm."""
        done = getattr(request, DONE)
        if done.link:
            return links.page(request, self.admin_site, obj)
        if done.waiting:
            self.message_user(request, log.to_be_confirmed(done.waiting), messages.WARNING)
        return None

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[Any]:
        own = path("<id>/password/", self.admin_site.admin_view(self.password_view), name="auth_user_password_change")
        reset = path("<id>/reset-factor/", self.admin_site.admin_view(self.factor_view), name="auth_user_reset_factor")
        return [own, reset, *super().get_urls()]

    def site_urls(self) -> list[Any]:
        return [path("new-password/", lambda request: links.view(request, self.admin_site), name="new_password")]

    def factor_view(self, request: HttpRequest, id: str) -> HttpResponse:
        """Reset the second factor of somebody else; one's own is replaced on the page of one's own."""
        account = admin.ModelAdmin.get_object(self, request, unquote(id))
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        if account is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, id)  # type: ignore[attr-defined]
        if account.pk == request.user.pk:
            return HttpResponseRedirect(reverse("admin:second_factor"))
        return factor.page(request, self.admin_site, account)

    def password_view(self, request: HttpRequest, id: str) -> HttpResponse:
        """Make or prepare a one-time link. Nobody types a password for another account."""
        account = admin.ModelAdmin.get_object(self, request, unquote(id))
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        if account is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, id)  # type: ignore[attr-defined]
        if account.pk == request.user.pk:
            return HttpResponseRedirect(reverse("admin:password_change"))  # which asks for the old one
        if request.method == "POST":
            try:
                done = actions.renew_password(account, request.user)
            except Conflict as conflict:
                self.message_user(request, " ".join(conflict.messages), messages.ERROR)
            else:
                if done.link:
                    account.refresh_from_db()
                    return links.page(request, self.admin_site, account)
                self.message_user(request, log.to_be_confirmed(done.waiting), messages.WARNING)
            return HttpResponseRedirect(reverse("admin:auth_user_change", args=[account.pk]))
        return links.page(request, self.admin_site, account, ask=True)
