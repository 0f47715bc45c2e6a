"""The form of an account: the person, and the roles as cards that say what each may see and do."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ValidationError
from django.db.models import ManyToManyField
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.accounts.actions import waiting_for
from registry.accounts.log import label_of
from registry.accounts.roles import must_stay_apart, role_description, role_label
from registry.site.forms import RegistryForm
from registry.values.people import person_name


class PermissionField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return label_of(obj)


def permission_field(db_field: ManyToManyField) -> PermissionField:
    permissions = Permission.objects.select_related("content_type")
    return PermissionField(
        permissions.order_by("content_type__app_label", "content_type__model", "codename"),
        label=db_field.verbose_name,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class RoleField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple(attrs={"class": "role-cards"})

    def label_from_instance(self, obj: Any) -> str:
        return format_html("<strong>{}</strong> <span>{}</span>", role_label(obj.name), role_description(obj.name))


class AccountForm(RegistryForm):
    """The form of an account.

    Roles and closing are no fields of the model here: only `actions.arrange()` writes them.
    """

    full_name = forms.CharField(
        label=pgettext_lazy("person", "name"),
        max_length=150,
        required=False,
        help_text=_("The person's name, as pages and history show it."),
    )
    roles = RoleField(
        Group.objects.order_by("pk"),
        label=_("roles"),
        required=False,
        help_text=_(
            "Without a role an account cannot log in. A role by which the account sees or does more than you may "
            "takes effect when somebody who holds it, or a superuser, has confirmed it."
        ),
    )
    active = forms.BooleanField(
        label=pgettext_lazy("account", "open"),
        required=False,
        help_text=_("Untick it when the person leaves: the account stays with what it did, and nobody can log in."),
    )

    class Meta:
        model = User
        fields = ("username", "email")
        field_classes = {"username": UsernameField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account = self.instance
        if account.pk:
            waiting = waiting_for(account)
            roles = Group.objects.filter(user=account.pk)
            if waiting:
                roles = roles | Group.objects.filter(name__in=waiting.roles)
            self.initial.update(
                full_name=person_name(account) if account.first_name or account.last_name else "",
                roles=list(roles.distinct()),
                active=account.is_active or bool(waiting and waiting.reopen),
            )

    def clean_username(self) -> str:
        """Refuse a name that differs from another one only in capitals: people would confuse the two."""
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exclude(pk=self.instance.pk).exists():
            raise ValidationError(self.instance.unique_error_message(User, ["username"]))
        return username

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        data = self.cleaned_data
        if not data.get("is_superuser", self.instance.is_superuser):
            try:
                must_stay_apart([role.name for role in data.get("roles", ())])
            except ValidationError as error:
                self.add_error("roles", error)
        return cleaned

    def save(self, commit: bool = True) -> User:
        """Save the whole name in one field, as people write it."""
        if "full_name" in self.changed_data:
            self.instance.first_name, self.instance.last_name = self.cleaned_data["full_name"], ""
        return super().save(commit)

    def _meanwhile(self, loaded: str) -> Iterator[ValidationError]:
        yield ValidationError(
            _("Not saved: the account was changed after you had opened this page. Open it anew, then change it."),
            code="meanwhile",
        )
