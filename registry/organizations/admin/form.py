"""The form of an organization: its code, its names, and the reason why a name changes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.matching.identity import same_named
from registry.organizations.actions import NAMES, VERIFICATION, NameChange, check_name_change, replaced_names
from registry.organizations.admin import uscc
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches_township
from registry.organizations.parsers import parse_industry
from registry.reference.models import Township
from registry.site.fields import DayField
from registry.site.forms import RegistryForm
from registry.values.industries import industries
from registry.values.validators import normalise_uscc, uscc_check_character_ok, validate_uscc_format


class UsccFormField(forms.CharField):
    """Accepts a USCC as people type it: in lower case, with spaces or hyphens."""

    default_validators = [validate_uscc_format]

    def to_python(self, value: Any) -> str | None:
        return normalise_uscc(super().to_python(value) or "") or None


class IndustryField(forms.CharField):
    """Accepts a code of GB/T 4754 or the name of an industry, as imports do, and shows the code with its name."""

    def prepare_value(self, value: Any) -> Any:
        name = industries().get(value)
        return f"{value} {name}" if name else value

    def to_python(self, value: Any) -> str:
        return parse_industry(super().to_python(value)) or ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != (initial or "")
        except forms.ValidationError:
            return True


class OrganizationForm(RegistryForm):
    another_body = forms.BooleanField(required=False, label=_("This is another body with the same name."))
    name_change = forms.ChoiceField(
        choices=NameChange.choices, required=False, widget=forms.RadioSelect, label=_("Why the name changes")
    )
    renamed_on = DayField(
        required=False,
        label=_("renamed on"),
        help_text=_("The first day of the new name; blank means today. The old name is kept as a former name."),
    )

    moves_to: Township | None = None
    """The township that has to agree before the organization moves there."""

    class Meta:
        labels = {"capital_currency": _("currency")}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        self._check_name_change(cleaned)
        if "uscc" in self.changed_data and cleaned.get("uscc"):
            self._check_uscc(cleaned["uscc"], cleaned)
        self._check_name(cleaned)
        self._check_township(cleaned)
        if cleaned.get("registered_capital") is None and not cleaned.get("capital_text"):
            cleaned["capital_currency"] = ""
        if not {*VERIFICATION}.isdisjoint(self.changed_data):
            self.instance.verified_by = self.request.user if cleaned.get("verified_on") else None
            if "verified_on" in self.changed_data and not cleaned.get("verified_on"):
                cleaned["verified_from"] = ""
        return cleaned

    def _check_uscc(self, code: str, cleaned: dict[str, Any]) -> None:
        existing = Organization.objects.filter(uscc=code).exclude(pk=self.instance.pk).first()
        if existing:
            self.add_error("uscc", uscc.duplicate_uscc_error(existing))
        elif not uscc_check_character_ok(code) and not uscc.may_override(self.request.user):
            self.add_error("uscc", _("The check character does not fit: compare the code with the licence."))
        elif not uscc_check_character_ok(code) and not cleaned.get("uscc_override_reason"):
            self.add_error(
                "uscc_override_reason", _("The check character does not fit. If the licence says so, give the reason.")
            )

    def replaced_names(self) -> dict[str, str]:
        """Return the names of the stored record that the form replaces: field -> old name."""
        if not self.instance.pk:
            return {}
        old = {name: self.initial.get(name) or "" for name in NAMES}
        return replaced_names(old, {name: self.cleaned_data.get(name) or "" for name in NAMES})

    def _check_name_change(self, cleaned: dict[str, Any]) -> None:
        replaced = self.replaced_names()
        change = cleaned.get("name_change", "") if replaced else ""
        try:
            check_name_change(replaced, change, cleaned.get("renamed_on") if change else None)
        except forms.ValidationError as error:
            for field, told in error.error_dict.items():
                self.add_error(field, told)

    def _check_township(self, cleaned: dict[str, Any]) -> None:
        """Refuse a township that the account does not work on; a move of a stored organization is proposed there."""
        township = cleaned.get("township")
        if "township" not in cleaned or reaches_township(self.request.user, township.pk if township else None):
            return
        if not self.instance.pk or township is None:
            self.add_error("township", _("Your account enters organizations of its townships only: name one of them."))
        else:
            self.moves_to, cleaned["township"] = township, self.instance.township

    def _check_name(self, cleaned: dict[str, Any]) -> None:
        """Refuse a name that another record has, unless the person has confirmed that the two are different bodies."""
        if cleaned.get("another_body") or not {"name_zh", "name_en"} & set(self.changed_data):
            return
        kind = cleaned.get("kind") or self.instance.kind or ""
        names = tuple(cleaned.get(name) or "" for name in NAMES if name in self.changed_data)
        others = Organization.objects.exclude(pk=self.instance.pk)
        existing = same_named(names, others, cleaned.get("uscc") or "", kind)[: uscc.MOST_OFFERED]
        if existing:
            self.add_error("another_body", uscc.same_name_error(existing))
