"""The child records on the page of an organization."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from registry.columns import editable_names
from registry.organizations.columns.parts import (
    CONTACT_COLUMNS,
    FIGURES_COLUMNS,
    QUALIFICATION_COLUMNS,
    RELATION_COLUMNS,
)
from registry.organizations.models.choices import Kind
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.organizations.models.details import Identifier, Name, Qualification, Relation, SectorTag
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.site.base import ChildInline
from registry.site.forms import ChildFormSet

KINDS_WITH_SECTOR = (Kind.ENTERPRISE, Kind.RESEARCH)
"""The kinds whose organizations need a sector; a bank or a public office has none."""


def lacks_sector(organization: Organization) -> bool:
    """Return whether the organization still needs a sector of the current plan. It may be saved without one."""
    if organization.kind not in KINDS_WITH_SECTOR:
        return False
    return not SectorTag.objects.filter(organization=organization, plan__current=True).exists()


class SectorTagFormSet(ChildFormSet):
    """Keeps one sector of each plan primary: the sector chosen last, or the first one if none is chosen."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        tag = form.instance
        if tag.pk and not tag.sector.plan.current and "is_primary" in form.fields:
            form.fields["is_primary"].widget.attrs["class"] = "other-plan"  # the script leaves it alone

    def clean(self) -> None:
        plans: dict[int, list[Any]] = {}
        for form in self.kept_forms():
            plans.setdefault(form.instance.plan_id, []).append(form)
        for forms_of_plan in plans.values():
            chosen = [form for form in forms_of_plan if form.instance.is_primary]
            newly = [form for form in chosen if "is_primary" in form.changed_data]
            if not chosen and self.has_changed():
                _mark(forms_of_plan[0], primary=True)
            for form in chosen if newly else ():
                if form not in newly:
                    _mark(form, primary=False)
        super().clean()


def _mark(form: Any, *, primary: bool) -> None:
    form.instance.is_primary = form.cleaned_data["is_primary"] = primary
    form.changed_data.append("is_primary")  # or Django would not save the row


class SectorTagInline(ChildInline):
    model = SectorTag
    formset = SectorTagFormSet
    # The primary tag first: where the mark moves to another row, it is taken off before it is put on.
    ordering = ("-is_primary", "pk")
    autocomplete_fields = ("sector",)
    fields = ("sector", "is_primary", "evidence", "evidence_url")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj and obj.pk else 1

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("sector__plan")

    class Media:
        js = ("registry/primary.js",)


class NameInline(ChildInline):
    model = Name
    fields = ("kind", "name", "language", "valid_from", "valid_to")


class IdentifierInline(ChildInline):
    model = Identifier
    fields = ("scheme", "value", "valid_from", "valid_to")


class QualificationInline(ChildInline):
    model = Qualification
    wrapped = True
    autocomplete_fields = ("grading",)
    fields = editable_names(QUALIFICATION_COLUMNS, Qualification)
    last_days = ("valid_to",)
    labels = {"valid_to": _("valid until")}
    help_texts = {"valid_to": _("The last valid day, as on the certificate.")}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("grading")


class ConfidentialInline(ChildInline):
    """Rows that an account sees only of organizations that it works on."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and _works_on(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and _works_on(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _works_on(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _works_on(request, obj)


def _works_on(request: HttpRequest, organization: Organization | None) -> bool:
    return organization is None or reaches(request.user, organization)


class AnnualFiguresInline(ConfidentialInline):
    model = AnnualFigures
    wrapped = True
    fields = editable_names(FIGURES_COLUMNS, AnnualFigures)
    labels = {
        "employees": _("employees (persons)"),
        "rd_staff": _("R&D staff (persons)"),
        "valid_invention_patents": _("valid invention patents (number)"),
    }

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the account may add figures.

        It needs the right to change them, too, to correct what it entered.
        """
        return super().has_add_permission(request, obj) and self.has_change_permission(request, obj)


class ContactInline(ConfidentialInline):
    model = Contact
    wrapped = True
    fields = editable_names(CONTACT_COLUMNS, Contact)


class RelationInline(ChildInline):
    model = Relation
    fk_name = "organization"
    autocomplete_fields = ("related",)
    fields = editable_names(RELATION_COLUMNS, Relation)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "remarks":
            kwargs["widget"] = forms.TextInput(attrs={"class": "vTextField"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("organization", "related")


ORGANIZATION_INLINES = (
    SectorTagInline,
    NameInline,
    IdentifierInline,
    QualificationInline,
    AnnualFiguresInline,
    ContactInline,
    RelationInline,
)
ORGANIZATION_PARTS = tuple((inline.model, "organization") for inline in ORGANIZATION_INLINES)
