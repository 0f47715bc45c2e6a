"""The kinds of changes of many organizations at once: what each alters, what it leaves and why, how it is written."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from registry.organizations.actions import verification
from registry.organizations.admin.uscc import numbered
from registry.organizations.models.choices import (
    ENTERPRISE_CATEGORIES,
    RESEARCH_CATEGORIES,
    Category,
    RegistrationStatus,
    VerifiedFrom,
)
from registry.organizations.models.details import SectorTag
from registry.organizations.models.organizations import Organization
from registry.proposals.holding import create_all
from registry.reference.models import Sector, Township
from registry.site.fields import ChosenSelect, ChosenSelectMultiple

MOST_NAMED = 10


@dataclass
class BulkOutcome:
    """The numbers of organizations that a change alters or would alter, and of those that it leaves."""

    changed: list[Organization] = field(default_factory=list)
    unchanged: dict[str, list[Organization]] = field(default_factory=lambda: defaultdict(list))
    """Reason -> the organizations that stay unchanged for it."""

    def leave(self, why: str | Promise, organization: Organization) -> None:
        self.unchanged[str(why)].append(organization)

    def reasons(self) -> list[tuple[str, int, list[str], int]]:
        """Return for each reason: its text, the number of organizations, the first of them, and how many more."""
        return [
            (why, len(who), [numbered(o) for o in who[:MOST_NAMED]], max(0, len(who) - MOST_NAMED))
            for why, who in self.unchanged.items()
        ]

    @property
    def first_changed(self) -> list[str]:
        return [numbered(o) for o in self.changed[:MOST_NAMED]]

    @property
    def more_changed(self) -> int:
        return max(0, len(self.changed) - MOST_NAMED)


class BulkChange:
    """A kind of change. `sort()` finds out what would change, `write()` changes it."""

    name = ""
    title: str | Promise = ""
    permissions: tuple[str, ...] = ("registry.change_organization",)
    operation = "bulk"
    """The operation that the history records."""

    class Form(forms.Form):
        """The form of a change that needs no values."""

    def sort(self, organizations: list[Organization], values: dict[str, Any]) -> BulkOutcome:
        raise NotImplementedError

    def write(self, organizations: list[Organization], values: dict[str, Any]) -> None:
        raise NotImplementedError

    def carry_out(self, organizations: list[Organization], values: dict[str, Any], by: Any) -> None:
        """Apply the change; subclasses that record who made it override this method."""
        self.write(organizations, values)

    def told(self, count: int) -> str:
        """Return the message that is shown after the change."""
        return ngettext("%(count)d organization was changed.", "%(count)d organizations were changed.", count) % {
            "count": count
        }

    def heading(self, count: int) -> str:
        """Return the heading of the page that asks for confirmation."""
        return ngettext("%(count)d organization will change", "%(count)d organizations will change", count) % {
            "count": count
        }

    def button(self, count: int) -> str:
        return ngettext("Change %(count)d organization", "Change %(count)d organizations", count) % {"count": count}


def _sectors_field(label: str | Promise, help_text: str | Promise) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        Sector.objects.select_related("plan"),
        label=label,
        help_text=help_text,
        widget=ChosenSelectMultiple(SectorTag._meta.get_field("sector"), admin.site),
    )


class AddSectors(BulkChange):
    name = "add_sectors"
    title = _("Add sectors")
    permissions = ("registry.change_organization", "registry.add_sectortag")

    class Form(forms.Form):
        sectors = _sectors_field(_("Sectors to add"), "")
        primary = forms.BooleanField(
            required=False,
            label=_("As the primary sector of organizations that have none"),
            help_text=_("Only with one sector."),
        )

        def clean(self) -> dict[str, Any] | None:
            cleaned = super().clean() or self.cleaned_data
            if cleaned.get("primary") and len(cleaned.get("sectors") or ()) > 1:
                self.add_error("primary", _("Choose one sector to make it the primary one."))
            return cleaned

    def sort(self, organizations: list[Organization], values: dict[str, Any]) -> BulkOutcome:
        outcome, wanted = BulkOutcome(), {sector.pk for sector in values["sectors"]}
        has = _tags(organizations, wanted)
        for organization in organizations:
            if wanted <= has[organization.pk]:
                outcome.leave(_("have these sectors already"), organization)
            else:
                outcome.changed.append(organization)
        return outcome

    def write(self, organizations: list[Organization], values: dict[str, Any]) -> None:
        sectors = list(values["sectors"])
        has = _tags(organizations, {sector.pk for sector in sectors})
        primary: set[int] = set()
        if values["primary"]:
            taken = SectorTag.objects.filter(
                organization__in=organizations, plan=sectors[0].plan_id, is_primary=True
            ).values_list("organization", flat=True)
            primary = {organization.pk for organization in organizations} - set(taken)
        tags = [
            SectorTag(organization=o, sector=s, plan_id=s.plan_id, is_primary=o.pk in primary)
            for o in organizations
            for s in sectors
            if s.pk not in has[o.pk]
        ]
        create_all(SectorTag, tags)


class RemoveSectors(BulkChange):
    name = "remove_sectors"
    title = _("Remove sectors")
    permissions = ("registry.change_organization", "registry.delete_sectortag")

    class Form(forms.Form):
        sectors = _sectors_field(
            _("Sectors to remove"), _("Only these sectors are removed, not the sectors below them.")
        )

    def sort(self, organizations: list[Organization], values: dict[str, Any]) -> BulkOutcome:
        outcome = BulkOutcome()
        has = _tags(organizations, {sector.pk for sector in values["sectors"]})
        for organization in organizations:
            if has[organization.pk]:
                outcome.changed.append(organization)
            else:
                outcome.leave(_("have none of these sectors"), organization)
        return outcome

    def write(self, organizations: list[Organization], values: dict[str, Any]) -> None:
        SectorTag.objects.filter(organization__in=organizations, sector__in=values["sectors"]).delete()


class SetTownship(BulkChange):
    name = "set_township"
    title = _("Set township")

    class Form(forms.Form):
        township = forms.ModelChoiceField(
            Township.objects.current(),
            label=_("Township"),
            widget=ChosenSelect(Organization._meta.get_field("township"), admin.site),
        )

    def sort(self, organizations: list[Organization], values: dict[str, Any]) -> BulkOutcome:
        outcome = BulkOutcome()
        for organization in organizations:
            if organization.township_id == values["township"].pk:
                outcome.leave(_("are in this township already"), organization)
            else:
                outcome.changed.append(organization)
        return outcome

    def write(self, organizations: list[Organization], values: dict[str, Any]) -> None:
        _rows(organizations).update(township=values["township"])


class SetCategory(BulkChange):
    name = "set_category"
    title = _("Set category")

    class Form(forms.Form):
        category = forms.ChoiceField(
            choices=[("", _("(none)")), *Category.choices], required=False, label=_("Category")
        )

    def sort(self, organizations: list[Organization], values: dict[str, Any]) -> BulkOutcome:
        outcome, category = BulkOutcome(), values["category"]
        for organization in organizations:
            if organization.category == category:
                outcome.leave(_("have this category already"), organization)
            elif category in ENTERPRISE_CATEGORIES and organization.kind != "enterprise":
                outcome.leave(_("are no enterprises: this category is only for enterprises"), organization)
            elif category in RESEARCH_CATEGORIES and organization.kind != "research":
                outcome.leave(
                    _("are no universities or research institutes: this category is only for those"), organization
                )
            else:
                outcome.changed.append(organization)
        return outcome

    def write(self, organizations: list[Organization], values: dict[str, Any]) -> None:
        _rows(organizations).update(category=values["category"])


class Publish(BulkChange):
    name = "publish"
    title = _("Publish")
    permissions = ("registry.publish_organization",)
    published = True
    already: str | Promise = _("are published already")

    def sort(self, organizations: list[Organization], values: dict[str, Any]) -> BulkOutcome:
        outcome = BulkOutcome()
        for organization in organizations:
            if organization.published == self.published:
                outcome.leave(self.already, organization)
            else:
                outcome.changed.append(organization)
        return outcome

    def write(self, organizations: list[Organization], values: dict[str, Any]) -> None:
        _rows(organizations).update(published=self.published)


class Unpublish(Publish):
    name = "unpublish"
    title = _("Unpublish")
    published = False
    already = _("are not published")


class Verify(BulkChange):
    name = "verify"
    title = _("Verify: all correct")
    permissions = ("registry.verify_organization",)
    operation = "verify"

    class Form(forms.Form):
        verified_from = forms.ChoiceField(choices=VerifiedFrom, label=_("verified from"))

    def sort(self, organizations: list[Organization], values: dict[str, Any]) -> BulkOutcome:
        outcome, today = BulkOutcome(), localdate()
        for organization in organizations:
            if organization.registration_status == RegistrationStatus.MERGED:
                outcome.leave(_("were merged into others"), organization)
            elif (organization.verified_on, organization.verified_from) == (today, values["verified_from"]):
                outcome.leave(_("were verified so today already"), organization)
            else:
                outcome.changed.append(organization)
        return outcome

    def carry_out(self, organizations: list[Organization], values: dict[str, Any], by: Any) -> None:
        _rows(organizations).update(**verification(values["verified_from"], by))


def _rows(organizations: list[Organization]) -> Any:
    return Organization.objects.filter(pk__in=[organization.pk for organization in organizations])


def _tags(organizations: Iterable[Organization], sectors: set[int]) -> dict[int, set[int]]:
    """Return for each organization the sectors among these that it has."""
    has: dict[int, set[int]] = defaultdict(set)
    rows = SectorTag.objects.filter(organization__in=[o.pk for o in organizations], sector__in=sectors)
    for organization, sector in rows.values_list("organization", "sector"):
        has[organization].add(sector)
    return has
