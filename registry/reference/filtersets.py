"""Parameters for the lists of the reference data."""

from django.db.models import Q
from django.utils.translation import gettext_lazy

from registry.api.lists.filters import (
    MethodFilter,
    OnceFilter,
    StrictFilterSet,
    ValuesFilter,
    read_boolean,
    read_plan,
    read_text,
)
from registry.database.paths import Path, own_path
from registry.reference.models import Layer, Level, Township
from registry.spreadsheet import choice_vocabulary


class NamedFilterSet(StrictFilterSet):
    """The filterset of records with a Chinese and an English name."""

    search = OnceFilter(read_text, apply="named", help_text=gettext_lazy("Part of a name or a code, or a whole alias."))

    has_aliases = True

    def named(self, value: str, path: Path) -> Q:
        named = Q(name_zh__icontains=value) | Q(name_en__icontains=value) | Q(code__icontains=value)
        return named | Q(aliases__contains=[value]) if self.has_aliases else named


class PlanFilterSet(NamedFilterSet):
    has_aliases = False
    current = OnceFilter(
        read_boolean, "current", lookup_expr="exact", help_text=gettext_lazy("The current plan, or the others.")
    )


class SectorFilterSet(NamedFilterSet):
    plan = OnceFilter(
        read_plan, apply="with_others", help_text=gettext_lazy("Code of the plan; by default the current.")
    )
    parent = ValuesFilter("sectors", "parent", help_text=gettext_lazy("Those directly below one of these sectors."))
    layer = ValuesFilter(
        choice_vocabulary(gettext_lazy("chain position"), Layer.choices),
        "layer",
        Layer.values,
        help_text=gettext_lazy("Chain position."),
    )

    def condition(self, path: Path = own_path) -> Q:
        return Q(plan=self.sector_plan) & super().condition(path)


class TownshipFilterSet(NamedFilterSet):
    kind = ValuesFilter(
        choice_vocabulary(gettext_lazy("kind"), Township.Kind.choices),
        "kind",
        Township.Kind.values,
        help_text=gettext_lazy("Town or subdistrict."),
    )
    current = OnceFilter(read_boolean, apply="that_exist", help_text=gettext_lazy("Exists today, or has ended."))

    def that_exist(self, value: bool, path: Path) -> Q:
        return Q(valid_to__isnull=value)


class ZoneFilterSet(NamedFilterSet):
    pass


class GradingFilterSet(NamedFilterSet):
    level = MethodFilter(
        choice_vocabulary(gettext_lazy("level"), Level.choices),
        "granted_at",
        codes=Level.values,
        help_text=gettext_lazy("Granted at one of these levels."),
    )

    def granted_at(self, value: list[str], path: Path) -> Q:
        return Q(levels__overlap=value)
