"""Parameters of the reference data's lists."""

from functools import cached_property

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry import spreadsheet
from registry.api.lists.filters import (
    MethodFilter,
    OnceFilter,
    StrictFilterSet,
    ValuesFilter,
    read_boolean,
    read_plan,
    read_text,
)
from registry.reference.models import Layer, Level, Plan, Township, TownshipQuerySet
from registry.spreadsheet import Vocabulary


class NamedFilterSet(StrictFilterSet):
    """The filterset of what has a Chinese and an English name."""

    search = OnceFilter(read_text, apply="found", help_text=gettext_lazy("Part of a name or a code, or a whole alias."))

    def found(self, queryset: QuerySet[Model], value: str) -> QuerySet[Model]:
        named = Q(name_zh__icontains=value) | Q(name_en__icontains=value) | Q(code__icontains=value)
        return queryset.filter(named | Q(aliases__contains=[value]) if hasattr(queryset.model, "aliases") else named)


class PlanFilterSet(NamedFilterSet):
    current = OnceFilter(
        read_boolean, "current", lookup_expr="exact", help_text=gettext_lazy("The current plan, or the others.")
    )


class SectorFilterSet(NamedFilterSet):
    plan = OnceFilter(read_plan, apply="of_plan", help_text=gettext_lazy("Code of the plan; by default the current."))
    parent = ValuesFilter("sectors", "parent", help_text=gettext_lazy("Those directly below one of these sectors."))
    layer = ValuesFilter("layers", "layer", Layer.values, help_text=gettext_lazy("Chain position."))

    @cached_property
    def layers(self) -> Vocabulary[str]:
        return spreadsheet.choice_vocabulary(_("chain position"), Layer.choices)

    def of_plan(self, queryset: QuerySet[Model], value: Plan) -> QuerySet[Model]:
        return queryset  # filter_queryset() does it, for the default too

    def filter_queryset(self, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return super().filter_queryset(queryset.filter(plan=self.sector_plan))


class TownshipFilterSet(NamedFilterSet):
    kind = ValuesFilter("kinds", "kind", Township.Kind.values, help_text=gettext_lazy("Town or subdistrict."))
    current = OnceFilter(read_boolean, apply="that_exist", help_text=gettext_lazy("Exists today, or has ended."))

    @cached_property
    def kinds(self) -> Vocabulary[str]:
        return spreadsheet.choice_vocabulary(_("kind"), Township.Kind.choices)

    def that_exist(self, queryset: TownshipQuerySet, value: bool) -> QuerySet[Township]:
        return queryset.filter(valid_to__isnull=value)


class ZoneFilterSet(NamedFilterSet):
    pass


class GradingFilterSet(NamedFilterSet):
    level = MethodFilter(
        "levels", "granted_at", codes=Level.values, help_text=gettext_lazy("Granted at one of these levels.")
    )

    @cached_property
    def levels(self) -> Vocabulary[str]:
        return spreadsheet.choice_vocabulary(_("level"), Level.choices)

    def granted_at(self, queryset: QuerySet[Model], value: list[str]) -> QuerySet[Model]:
        return queryset.filter(levels__overlap=value)
