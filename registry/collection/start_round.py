"""The list action that asks the chosen organizations for figures, in a new round or in an existing one."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from registry.collection.models import CollectionRound, RoundOrganization
from registry.collection.progress import ask, askable
from registry.organizations.admin.bulk import action
from registry.organizations.admin.bulk_changes import BulkChange, BulkOutcome
from registry.organizations.models.organizations import Organization
from registry.site.fields import DayField

_NEW = ("title", "year", "due_on")


def proposed() -> dict[str, Any]:
    """Return the usual values of a round, which asks for the figures of last year."""
    year = timezone.localdate().year - 1
    return {"year": year, "title": _("Figures of AI enterprises %(year)d") % {"year": year}}


class AskForm(forms.Form):
    round = forms.ModelChoiceField(
        CollectionRound.objects.none(),
        required=False,
        label=_("Add to the round"),
        empty_label=_("A new round"),
        help_text=_("The fields below are for a new round."),
    )
    title = forms.CharField(label=CollectionRound._meta.get_field("title").verbose_name, max_length=200, required=False)
    year = forms.IntegerField(label=CollectionRound._meta.get_field("year").verbose_name, required=False)
    due_on = DayField(label=CollectionRound._meta.get_field("due_on").verbose_name, required=False)
    notes = forms.CharField(
        label=CollectionRound._meta.get_field("notes").verbose_name,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": proposed(), **kwargs})
        still_open = Q(closed_on=None) | Q(closed_on__gt=timezone.localdate())
        self.fields["round"].queryset = CollectionRound.objects.filter(still_open)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("round"):
            return cleaned
        for name in _NEW:
            if cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, forms.Field.default_error_messages["required"])
        if not self.errors:
            try:
                self.new_round().full_clean()
            except ValidationError as error:
                self.add_error(None, ValidationError(error.messages))
        return cleaned

    def new_round(self) -> CollectionRound:
        return made(self.cleaned_data)


def made(values: dict[str, Any]) -> CollectionRound:
    return CollectionRound(**{name: values[name] for name in (*_NEW, "notes")})


class StartRound(BulkChange):
    name = "start_round"
    title = _("Start a collection round")
    permissions = ("registry.add_collectionround", "registry.change_collectionround")
    operation = "round"

    class Form(AskForm):
        pass

    def sort(self, organizations: list[Organization], values: dict[str, Any]) -> BulkOutcome:
        outcome, ids = BulkOutcome(), [organization.pk for organization in organizations]
        there = set(askable(Organization.objects.filter(pk__in=ids)).values_list("pk", flat=True))
        asked: Iterable[int] = ()
        if values["round"]:
            rows = RoundOrganization.objects.filter(round=values["round"], organization__in=ids)
            asked = set(rows.values_list("organization", flat=True))
        for organization in organizations:
            if organization.pk not in there:
                outcome.leave(_("are deregistered, revoked, moved out or merged"), organization)
            elif organization.pk in asked:
                outcome.leave(_("are asked in this round already"), organization)
            else:
                outcome.changed.append(organization)
        return outcome

    def carry_out(self, organizations: list[Organization], values: dict[str, Any], by: User) -> None:
        asking = values["round"]
        if asking is None:
            asking = made(values)
            asking.created_by = by
            asking.save()
        ask(asking, Organization.objects.filter(pk__in=[organization.pk for organization in organizations]))

    def heading(self, count: int) -> str:
        said = ngettext("%(count)d organization will be asked", "%(count)d organizations will be asked", count)
        return said % {"count": count}

    def button(self, count: int) -> str:
        return ngettext("Ask %(count)d organization", "Ask %(count)d organizations", count) % {"count": count}

    def told(self, count: int) -> str:
        said = ngettext("%(count)d organization is now asked.", "%(count)d organizations are now asked.", count)
        return said % {"count": count}


START_ROUND = action(StartRound())
