"""The form of an account: the person, and the roles as cards that say what each may see and do."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ValidationError
from django.db.models import ManyToManyField, Q
from django.forms.models import ModelChoiceIterator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.accounts.actions import phone_of, waiting_for
from registry.accounts.log import record_label, right_of
from registry.accounts.rights import rights_of_roles
from registry.accounts.roles import must_stay_apart, role_description, role_label
from registry.organizations.models.reach import LIMITED
from registry.reference.models import Township
from registry.site.fields import MaskedField
from registry.site.forms import RegistryForm
from registry.values.masking import mask_phone
from registry.values.people import person_name
from registry.values.validators import validate_phone


class _ByRecord(ModelChoiceIterator):
    """Yields permissions under the name of the records for which they hold."""

    def __iter__(self) -> Iterator[Any]:
        for kind, permissions in groupby(self.queryset, key=lambda permission: permission.content_type):
            model = kind.model_class()
            yield record_label(model) if model else kind.name, [self.choice(one) for one in permissions]


class _PermissionBoxes(forms.CheckboxSelectMultiple):
    template_name = "admin/registry/permissions.html"


class PermissionField(forms.ModelMultipleChoiceField):
    widget = _PermissionBoxes
    iterator = _ByRecord

    def label_from_instance(self, obj: Any) -> str:
        return right_of(obj)


def permission_field(db_field: ManyToManyField) -> PermissionField:
    permissions = Permission.objects.select_related("content_type")
    return PermissionField(
        permissions.order_by("content_type__app_label", "content_type__model", "codename"),
        label=db_field.verbose_name,
        required=False,
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
    phone = MaskedField(
        label=_("phone"),
        mask=mask_phone,
        max_length=50,
        required=False,
        validators=[validate_phone],
        help_text=_("Of the person, for questions about the account. It is masked like the numbers of contacts."),
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
    townships = forms.ModelMultipleChoiceField(
        Township.objects.current(),
        label=_("townships of the account"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Only for township registrars: whose organizations the account enters and changes, and whose contacts and "
            "figures it sees. A further township takes effect when a second person has confirmed it."
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
        account: Any = kwargs.get("instance") or User()
        account.phone = phone_of(account) if account.pk else ""
        super().__init__(*args, **kwargs | {"instance": account})
        self.initial["phone"] = account.phone
        if account.pk:
            waiting = waiting_for(account)
            roles = Group.objects.filter(user=account.pk)
            if waiting:
                roles = roles | Group.objects.filter(name__in=waiting.roles)
            towns = Q(code__in=waiting.townships) if waiting else Q()
            own = Q(pk__in=account.account_townships.values("township"))
            known = Q(pk__in=Township.objects.current().values("pk")) | own | towns
            self.fields["townships"].queryset = Township.objects.filter(known)  # type: ignore[attr-defined]
            self.initial.update(
                townships=list(Township.objects.filter(own | towns)),
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
            self._check_townships(data)
        return cleaned

    def _check_townships(self, data: dict[str, Any]) -> None:
        """Refuse an account of townships without any, and townships of an account for the whole city."""
        limited = LIMITED in rights_of_roles(data.get("roles", ()))
        if limited and not data.get("townships"):
            self.add_error("townships", _("A township registrar needs a township at least: tick whose."))
        if data.get("townships") and not limited:
            self.add_error(
                "townships", _("Townships are for township registrars only: give this role, or untick the townships.")
            )

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
