"""The page on which an alliance or one of its tiers is renamed from a day on, and the rows of former names."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from alliance.members.operations.renaming import rename
from alliance.models import Alliance, FormerName, Tier
from registry.site.base import ChildInline
from registry.site.fields import DayField


class RenameForm(forms.Form):
    title = _("Rename from a day on")
    told = _("Renamed: %(new)s from %(day)s, before %(old)s.")
    permissions = ("alliance.change_alliance", "alliance.change_tier", "alliance.add_formername")

    tier = forms.ModelChoiceField(
        Tier.objects.none(), label=_("What is renamed"), required=False, empty_label=_("the alliance itself")
    )
    name_zh = forms.CharField(label=_("New Chinese name"), max_length=200)
    name_en = forms.CharField(
        label=_("New English name"),
        max_length=300,
        required=False,
        help_text=_("Left empty, the present English name stays."),
    )
    on = DayField(
        label=_("From"),
        help_text=_(
            "The first day of the new name: today or earlier. Lists of earlier days show the former name. To correct "
            "a slip in a name for all days, change the name itself."
        ),
    )

    def __init__(self, *args: Any, alliance: Alliance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alliance = alliance
        self.fields["tier"].queryset = alliance.tiers.order_by("rank", "code")  # type: ignore[attr-defined]

    def operate(self) -> str | None:
        """Rename and return what has been done; None where it is refused, with the reasons as errors of the form."""
        values = self.cleaned_data
        row = values["tier"] or self.alliance
        old = str(row)
        try:
            renamed = rename(row, values["on"], values["name_zh"], values["name_en"] or None)
        except ValidationError as error:
            for field, errors in error.error_dict.items():
                self.add_error(field if field in self.fields else None, errors)
            return None
        return self.told % {"new": renamed, "old": old, "day": values["on"]}


class FormerNameInline(ChildInline):
    model = FormerName
    fields = ("tier", "name_zh", "name_en", "replaced_on")

    def get_formset(self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any) -> Any:
        request.renamed_alliance = obj  # type: ignore[attr-defined]
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "tier":
            field.queryset = Tier.objects.filter(alliance=getattr(request, "renamed_alliance", None))
            field.empty_label = _("the alliance itself")
        return field
