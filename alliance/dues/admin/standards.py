"""Pages of dues standards with their classes, and the form 社会团体收费情况 of a year."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.admin.filters import AllianceFilter, initial_alliance
from alliance.dues.charges import CHARGES, SUM_COLUMNS, SUMS, charges, relief_text
from alliance.dues.models import DuesClass, DuesClassTier, DuesStandard
from alliance.dues.rules import NOT_BY_PROCEDURE, TIER_TAKEN, too_many, wrong_procedure
from alliance.meetings.choices import Matter
from alliance.models import Decision, Tier
from registry.history.shown import LAST_DAYS
from registry.organizations.models.reach import reach_of
from registry.site import history
from registry.site.admin_site import Heading
from registry.site.base import ChildInline, RegistryAdmin
from registry.site.export import ExportMixin
from registry.site.fields import ONE_DAY
from registry.site.forms import ChildFormSet
from registry.spreadsheet import yuan_text
from registry.values.punctuation import listed

from .shown import MAY_READ_ALL, dues_alliance, files_of, registered

LAST_DAY = gettext_lazy("applies until")
LAST_DAYS[(DuesStandard, "ends_on")] = LAST_DAY
YEARS_BACK = 10


class ClassFormSet(ChildFormSet):
    """The classes of one standard: a tier is proposed for one of them only."""

    def clean(self) -> None:
        super().clean()
        taken: dict[int, str] = {}
        for form in self.forms:
            values = getattr(form, "cleaned_data", {})
            if not values or values.get("DELETE"):
                continue
            for tier in values.get("tiers", ()):
                other = taken.setdefault(tier.pk, values.get("name", ""))
                if other != values.get("name", ""):
                    form.add_error("tiers", TIER_TAKEN % {"tier": tier, "other": other})
                if self.instance.alliance_id and tier.alliance_id != self.instance.alliance_id:
                    form.add_error("tiers", _("%(tier)s is a tier of another alliance.") % {"tier": tier})


class ClassInline(ChildInline):
    model = DuesClass
    formset = ClassFormSet
    fields = ("name", "amount", "tiers")
    ordering = ("-amount", "id")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        match = request.resolver_match
        pk = match.kwargs.get("object_id", "") if match else ""
        tiers = Tier.objects.filter(alliance__legal_person=True).select_related("alliance").order_by("alliance", "rank")
        if str(pk).isdecimal():
            tiers = tiers.filter(alliance__dues_standards=int(pk))
        kwargs |= {"queryset": tiers, "widget": forms.CheckboxSelectMultiple, "help_text": ""}
        return super().formfield_for_manytomany(db_field, request, **kwargs)


history.WORDS[DuesClassTier] = gettext_lazy("tier of a dues class")


@admin.register(DuesStandard)
class DuesStandardAdmin(ExportMixin, RegistryAdmin):
    heading = Heading.ALLIANCES
    after_others = True
    inlines = (ClassInline,)
    parts = ((DuesClass, "standard"), (DuesClassTier, "duesclass__standard"))
    import_table = "dues_standards"
    export_resource = "dues-classes"
    add_label = gettext_lazy("Enter a dues standard")
    list_display = ("name", "alliance", "last_day", "classes_in_words", "published_on", "procedure")
    list_display_links = ("name",)
    list_filter = (AllianceFilter,)
    sortable_by = ()
    ordering = ("alliance", "-begins_on")
    last_days = ("ends_on",)
    labels = {"begins_on": gettext_lazy("applies from"), "ends_on": LAST_DAY}
    help_texts = {"ends_on": gettext_lazy("The last day. Left empty: until another standard applies.")}
    fieldsets = (
        (None, {"fields": ("alliance", ("begins_on", "ends_on"))}),
        (gettext_lazy("How it was decided"), {"fields": ("decision", "published_on")}),
        (gettext_lazy("Members for a part of the year"), {"fields": ("first_year", "last_year")}),
        (gettext_lazy("More"), {"fields": ("remarks",)}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**initial_alliance(request), **super().get_changeform_initial_data(request)}

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related("alliance", "decision__meeting__term")
        return rows.prefetch_related("classes").annotate(classes_number=Count("classes"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("alliance",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "alliance":
            kwargs["queryset"] = registered()
        if db_field.name == "decision":
            match = request.resolver_match
            pk = match.kwargs.get("object_id", "") if match else ""
            decisions = Decision.objects.filter(alliance__legal_person=True)
            if str(pk).isdecimal():
                decisions = decisions.filter(alliance__dues_standards=int(pk))
            of_dues = decisions.filter(matter=Matter.DUES_STANDARD).select_related("meeting__term")
            kwargs["queryset"] = of_dues.order_by("-meeting__held_on", "number")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # --- List

    @admin.display(description=gettext_lazy("dues standard"))
    def name(self, obj: DuesStandard) -> str:
        return str(obj)

    @admin.display(description=LAST_DAY)
    def last_day(self, obj: DuesStandard) -> Any:
        return obj.ends_on and obj.ends_on - ONE_DAY

    @admin.display(description=gettext_lazy("classes (yuan a year)"))
    def classes_in_words(self, obj: DuesStandard) -> str:
        return listed(f"{one.name} {yuan_text(one.amount)}" for one in obj.classes.all())

    @admin.display(description=gettext_lazy("procedure"))
    def procedure(self, obj: DuesStandard) -> str:
        return str(NOT_BY_PROCEDURE) if wrong_procedure(obj) else _("as prescribed")

    def exports(self, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        alliance = dues_alliance(request)
        if alliance is None:
            return []
        return list(files_of(alliance, self.export_resource))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"list_tools": self.list_tools(request), **(extra_context or {})})

    def list_tools(self, request: HttpRequest) -> Iterator[tuple[Any, str]]:
        if request.user.has_perms(MAY_READ_ALL):
            yield CHARGES, reverse("admin:alliance_duesstandard_charges")

    # --- Page

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        return obj, obj.alliance if obj else ""

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and request.user.has_perms(MAY_READ_ALL):
            yield CHARGES, f"{reverse('admin:alliance_duesstandard_charges')}?alliance={obj.alliance.slug}"

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj:
            context = {"reasons": wrong_procedure(obj), "decision": obj.decision, "told": NOT_BY_PROCEDURE}
            context["warnings"] = too_many(obj)
            yield (
                _("May dues be collected by it?"),
                render_to_string("admin/alliance/dues/procedure.html", context, request),
            )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for told in too_many(form.instance):
            self.message_user(request, told, messages.WARNING)

    def get_urls(self) -> list[Any]:
        charges_view = self.admin_site.admin_view(self.charges_view)
        return [path("charges/", charges_view, name="alliance_duesstandard_charges"), *super().get_urls()]

    def charges_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form of a year, as the API gives it as files."""
        if not request.user.has_perms(MAY_READ_ALL) or reach_of(request.user) is not None:
            raise PermissionDenied
        alliance, today = dues_alliance(request), timezone.localdate()
        years = [str(year) for year in range(today.year + 1, today.year - YEARS_BACK, -1)]
        year = request.GET.get("year", "")
        form = YearForm({"year": year if year in years else str(today.year)}, years=years)
        context = {
            **self.admin_site.each_context(request),
            "title": CHARGES,
            "opts": self.opts,
            "alliance": alliance,
            "alliances": _choices(alliance),
            "form": form,
        }
        if alliance:
            context |= _form_of(alliance, int(form.data["year"]))
        return TemplateResponse(request, "admin/alliance/dues/charges.html", context)


class YearForm(forms.Form):
    year = forms.ChoiceField(label=gettext_lazy("Year"))

    def __init__(self, *args: Any, years: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, year) for year in years]  # type: ignore[attr-defined]


def _choices(chosen: Any) -> list[Any]:
    """Return the alliances to choose from: the registered ones, and one that was named all the same."""
    alliances = list(registered())
    if chosen and chosen not in alliances:
        alliances.append(chosen)
    return alliances if len(alliances) > 1 or not chosen else []


def _form_of(alliance: Any, year: int) -> dict[str, Any]:
    found = charges(alliance, year)
    shown = [column.label for column in SUM_COLUMNS if column.name in ("rate", *SUMS)]
    rows = [
        (one.name, yuan_text(one.rate), [_cell(getattr(one, name)) for name in SUMS])
        for one in (*found.classes, found.total)
    ]
    return {
        "found": found,
        "facts": list(found.facts()),
        "heads": shown,
        "rows": rows if found.classes else [],
        "reliefs": [relief_text(one) for one in found.reliefs],
        "files": list(files_of(alliance, "dues/charges", f"year={year}", "pdf", "xlsx")),
    }


def _cell(value: Any) -> str:
    return str(value) if isinstance(value, int) else yuan_text(value)
