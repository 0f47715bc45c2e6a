"""The pages of releases: what would be shown is looked at first, then released once, and only withdrawn after that."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.columns import RenderContext
from registry.organizations.columns.parts import FIGURES
from registry.reference.cache import references
from registry.site.admin_site import Heading
from registry.site.base import RegistryAdmin
from registry.statistics.figures import CUTS
from registry.statistics.figures_files import shown_table
from registry.statistics.models import FiguresRelease
from registry.statistics.releasing import released_table, tables_of, years_to_release

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

    def tools(self, request: HttpRequest, obj: models.Model | None) -> Iterator[tuple[str | Promise, str]]:
        """Yield what a release of each year would show."""
        for year in () if obj else reversed(years_to_release()):
            yield _("Look at %(year)d first") % {"year": year}, f"?year={year}"

    def panels(self, request: HttpRequest, obj: models.Model | None) -> Iterator[tuple[str | Promise, str]]:
        if isinstance(obj, FiguresRelease):
            yield from _tables(obj.tables)
        elif (year := request.GET.get("year", "")) in {str(one) for one in years_to_release()}:
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
        table = shown_table(released_table(tables, cut, FIGURES, context), released=True)
        yield table["label"], render_to_string("admin/registry/figures_table.html", {"table": table})
