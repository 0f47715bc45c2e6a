"""Tokens of programs: issued with a key that is shown once, revoked, never changed.

Everybody issues and revokes their own. Only a superuser issues one of another account: who holds the key acts as the
account, so an administrator who could issue the auditor's token would read what the auditor reads.
"""

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth import get_user_model
from django.db.models import Case, Model, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.api.access.tokens import ApiToken
from registry.second_factor.rules import needs_factor
from registry.second_factor.state import has_passed
from registry.site.base import RegistryAdmin
from registry.site.fields import ChosenSelect
from registry.site.filters import ChoiceFilter, Choices
from registry.values.people import Account

SOON = datetime.timedelta(days=30)


def expiring(user: Account) -> QuerySet[ApiToken]:
    """Return the valid tokens that expire soon, of those that the list shows to an account."""
    now = timezone.now()
    return visible_tokens(user).filter(revoked_at=None, expires_at__gt=now, expires_at__lte=now + SOON)


def visible_tokens(user: Account) -> QuerySet[ApiToken]:
    return ApiToken.objects.all() if user.has_perm("registry.view_apitoken") else ApiToken.objects.filter(user=user.pk)


class ExpiryFilter(ChoiceFilter):
    title = gettext_lazy("expires at")
    parameter_name = "expires"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [("soon", gettext_lazy("within 30 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> Any:
        return queryset.filter(pk__in=expiring(request.user).values("pk")) if self.value() else queryset


class IssueForm(forms.Form):
    user = forms.ModelChoiceField(
        get_user_model().objects.filter(is_active=True),
        label=gettext_lazy("Account"),
        help_text=gettext_lazy("The program can do what the account may do."),
        widget=ChosenSelect(ApiToken._meta.get_field("user"), admin.site),
    )
    label = forms.CharField(
        label=gettext_lazy("Label"), max_length=100, help_text=gettext_lazy("The program that uses it.")
    )
    scope = forms.ChoiceField(label=gettext_lazy("Scope"), choices=ApiToken.Scope.choices, widget=forms.RadioSelect)
    days = forms.IntegerField(label=gettext_lazy("Valid for (days)"), min_value=1, max_value=366, initial=90)

    def __init__(self, *args: Any, issuer: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not issuer.is_superuser:
            del self.fields["user"]


@admin.register(ApiToken)
class ApiTokenAdmin(RegistryAdmin):
    list_display = ("key_start", "user", "label", "scope", "state", "created_at", "expires_at", "last_used_at")
    list_select_related = ("user",)
    add_label = gettext_lazy("Issue a token")
    sortable_by = ("created_at",)
    list_filter = (ExpiryFilter,)
    search_fields = ("label", "user__username")
    actions = ("revoke",)
    fields = ("key_start", "user", "label", "scope", "state", "created_at", "expires_at", "last_used_at", "revoked_at")
    readonly_fields = fields

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow everybody to see their own tokens; the list leaves out other tokens unless the account may see all."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return that nobody may change a token: it has no field to change."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        found = super().get_queryset(request) & visible_tokens(request.user)
        return found.annotate(
            lacks_factor=Case(When(with_factor=True, then=Value(False)), default=needs_factor("user__"))
        )

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: ApiToken) -> str:
        if obj.revoked_at:
            return _("revoked")
        if obj.expires_at <= timezone.now():
            return _("expired")
        if not obj.user.is_active or not obj.belongs_to_password_of(obj.user):
            return _("invalid: account closed or password changed")
        if obj.lacks_factor:  # type: ignore[attr-defined]
            return _("invalid: made without the second factor that the account needs now")
        return _("valid")

    @admin.action(description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        if not request.user.has_perm("registry.change_apitoken"):
            queryset = queryset.filter(user=request.user.pk)
        count = queryset.revoke()  # type: ignore[attr-defined]
        text = ngettext("%(count)d token was revoked.", "%(count)d tokens were revoked.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the key in this one answer and nowhere else: neither session nor log nor history has it."""
        form = IssueForm(request.POST or None, issuer=request.user, initial={"scope": ApiToken.Scope.READ})
        context = {
            **self.admin_site.each_context(request),
            "title": _("Issue a token"),
            "subtitle": None,
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
        }
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            context["token"], context["key"] = ApiToken.objects.issue(
                given.get("user", request.user),
                given["scope"],
                given["days"],
                given["label"],
                with_factor=has_passed(request),
            )
            context["title"] = _("The new token")
        response = TemplateResponse(request, "admin/registry/token.html", context)
        add_never_cache_headers(response)
        return response
