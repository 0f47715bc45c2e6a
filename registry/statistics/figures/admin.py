"""The pages of releases: what would be shown is looked at first, then released once, and only withdrawn after that."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.columns import RenderContext
from registry.organizations.columns.parts import FIGURES
from registry.reference.cache import references
from registry.site.admin_site import Heading, Task
from registry.site.base import RegistryAdmin
from registry.statistics.figures.files import crossed_table, shown_table
from registry.statistics.figures.models import FiguresRelease
from registry.statistics.figures.releasing import released_table, tables_of, years_to_release
from registry.statistics.figures.sums import CUTS

_RELEASED = ("year", "plan", "released_at", "released_by")


@admin.register(FiguresRelease)
class FiguresReleaseAdmin(RegistryAdmin):
    heading = Heading.ORGANIZATIONS
    after_others = True
    add_label = gettext_lazy("Release figures")
    list_display = ("year", "released_at", "released_by", "withdrawn_on")
    list_select_related = ("released_by",)
    sortable_by = ()

    def get_fields(self, request: HttpRequest, obj: FiguresRelease | None = None) -> Any:
        return (*_RELEASED, "withdrawn_on", "withdrawal_reason") if obj else ("year",)

    def get_readonly_fields(self, request: HttpRequest, obj: FiguresRelease | None = None) -> Any:
        """Return what cannot be changed: of a withdrawn release nothing can."""
        if obj is None:
            return ()
        return (*_RELEASED, "withdrawn_on", "withdrawal_reason") if obj.withdrawn_on else _RELEASED

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "year":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        years = years_to_release() if references().current_plan else []
        return forms.TypedChoiceField(
            label=db_field.verbose_name,
            choices=[(year, str(year)) for year in reversed(years)],
            coerce=int,
            help_text=db_field.help_text,
        )

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if request.user.has_perm("registry.view_organization"):
            yield Task("query", _("Statistics"), reverse("admin:registry_organization_statistics"))

    def panels(self, request: HttpRequest, obj: models.Model | None) -> Iterator[tuple[str | Promise, str]]:
        if isinstance(obj, FiguresRelease):
            yield from _tables(obj.tables)
            return
        years = [str(year) for year in reversed(years_to_release())]
        links = [(f"?year={year}", _("What a release of %(year)s would show") % {"year": year}) for year in years]
        none = _("No published organization has figures of a year that is not released yet.")
        drawn = format_html("<p>{}</p>", format_html_join(" · ", '<a class="short" href="{}">{}</a>', links) or none)
        yield _("Look first"), drawn
        if (year := request.GET.get("year", "")) in years:
            yield from _tables(tables_of(int(year)))

    def save_model(self, request: HttpRequest, obj: FiguresRelease, form: Any, change: bool) -> None:
        if not change:
            plan = references().current_plan
            assert plan is not None  # noqa: S101 - without a plan there was no year to choose
            obj.plan, obj.tables, obj.released_by = plan, tables_of(obj.year), request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)


def _tables(tables: dict[str, Any]) -> Iterator[tuple[str, str]]:
    context = RenderContext()
    for cut in CUTS:
        table = shown_table(released_table(tables, cut, FIGURES, context), FIGURES[0].name)
        yield table["label"], render_to_string("admin/registry/figures_table.html", {"table": table})
    crossed = [crossed_table(tables, column, context) for column in FIGURES if tables["crossed"].get(column.name)]
    if crossed:
        heading = _("Branches by township: sums that are shown")
        yield heading, render_to_string("admin/registry/crossed_tables.html", {"tables": crossed})
