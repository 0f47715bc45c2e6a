"""Pages of the reference data: rows with codes, which are disabled and never deleted."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from registry.reference.models import (
    Grading,
    Plan,
    Sector,
    SectorQuerySet,
    SizeStandard,
    Township,
    TownshipQuerySet,
    UsccCategory,
    Zone,
)
from registry.site.admin_site import Heading
from registry.site.base import RegistryAdmin
from registry.site.fields import BoundField
from registry.site.filters import ChoiceFilter, Choices
from registry.site.forms import RegistryForm
from registry.values.pinyin import pinyin_keys
from registry.values.punctuation import bracketed, listed


class ReferenceAdmin(RegistryAdmin):
    """The base of these pages. Files and programs know a row by its code, so a code cannot be changed."""

    heading = Heading.REFERENCE
    search_fields = ("code", "name_zh", "name_en")
    list_display: tuple[str, ...] = ("code", "name_zh", "name_en")
    list_display_links: tuple[str, ...] = ("code", "name_zh")
    fixed: tuple[str, ...] = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, *(self.fixed if obj else ()))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        for word in search_term.split():
            queryset = queryset.filter(self.holds(word))
        return queryset, False

    def holds(self, word: str) -> Q:
        """Return the condition that the word is in the code, a name, an alias, or the pinyin of the Chinese name."""
        holds = Q(code__icontains=word) | Q(name_zh__icontains=word) | Q(name_en__icontains=word)
        holds |= Q(pk__in=self.read_as(word))
        aliased = any(field.name == "aliases" for field in self.opts.get_fields())
        return holds | Q(aliases__icontains=word) if aliased else holds

    def read_as(self, word: str) -> list[int]:
        """Return the keys of rows whose Chinese names contain the word as pinyin or as the initials of syllables."""
        letters = word.lower().replace("ü", "v")
        if not (letters.isascii() and letters.isalpha()):
            return []
        names = dict(self.model._default_manager.values_list("pk", "name_zh"))
        readings = {name: reading.split() for name, reading in pinyin_keys(names.values()).items()}
        return [pk for pk, name in names.items() if _reads(readings[name], letters)]


def _reads(syllables: list[str], letters: str) -> bool:
    if len(letters) > 1 and letters in "".join(syllable[0] for syllable in syllables):
        return True
    return any("".join(syllables[start:]).startswith(letters) for start in range(len(syllables)))


@admin.register(Plan)
class PlanAdmin(ReferenceAdmin):
    list_display = ("code", "name_zh", "document_number", "starts_on", "ends_on", "current")


class PlanFilter(ChoiceFilter):
    title = _("plan")
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return [(plan.code, plan.label()) for plan in Plan.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(plan__code=self.value()) if self.value() else queryset


@admin.register(Sector)
class SectorAdmin(ReferenceAdmin):
    list_display = ("indented_name", "code", "layer", "name_en", "disabled_on")
    list_display_links = ("indented_name",)
    list_filter = (PlanFilter,)
    list_per_page = 100
    sortable_by = ()
    fixed = ("code", "plan", "parent")
    autocomplete_fields = ("parent",)
    ordering = ("-plan__current", "plan", "position", "code")
    fieldsets = (
        (None, {"fields": ("plan", "code", "parent", "layer", ("name_zh", "name_en"), "position", "disabled_on")}),
        (_("Words"), {"fields": ("aliases", "keywords_zh", "keywords_en")}),
        (_("Definition"), {"fields": ("definition", "definition_en", "definition_source")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sector]:
        return super().get_queryset(request).select_related("plan", "parent")

    @admin.display(description=_("sector"))
    def indented_name(self, obj: Sector) -> str:
        return format_html('<span class="{}">{}</span>', "leaf" if obj.parent_id else "branch", obj)

    def autocomplete_queryset(self, queryset: SectorQuerySet) -> SectorQuerySet:
        return queryset.enabled()

    def autocomplete_label(self, obj: Sector) -> str:
        """Return the label with branch and leaf, and with the plan if it is not the current one."""
        path = f"{obj.parent} › {obj}" if obj.parent else str(obj)
        return path if obj.plan.current else bracketed(path, obj.plan)

    def holds(self, word: str) -> Q:
        above = Q(parent__name_zh__icontains=word) | Q(parent__name_en__icontains=word)
        return super().holds(word) | above | Q(parent__in=self.read_as(word))


@admin.register(Township)
class TownshipAdmin(ReferenceAdmin):
    list_display = ("code", "name_zh", "name_en", "kind", "valid_from", "valid_to", "successor")
    list_select_related = ("successor",)
    autocomplete_fields = ("successor",)

    def autocomplete_queryset(self, queryset: TownshipQuerySet) -> TownshipQuerySet:
        return queryset.current()

    def holds(self, word: str) -> Q:
        """Return the condition, including names of townships that have merged into this one."""
        former = Q(predecessors__name_zh__icontains=word) | Q(predecessors__aliases__icontains=word)
        return super().holds(word) | former

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        found, _distinct = super().get_search_results(request, queryset, search_term)
        return found, bool(search_term)  # one with several predecessors would stand there several times


@admin.register(Zone)
class ZoneAdmin(ReferenceAdmin):
    list_display = ("code", "name_zh", "name_en", "disabled_on")

    def autocomplete_queryset(self, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(disabled_on=None)


@admin.register(Grading)
class GradingAdmin(ReferenceAdmin):
    list_display = ("name_zh", "name_en", "code", "shown_levels", "validity", "disabled_on")
    list_display_links = ("name_zh",)

    @admin.display(description=_("levels"))
    def shown_levels(self, obj: Grading) -> str:
        names = dict(Grading._meta.get_field("levels").base_field.choices)  # type: ignore[arg-type]
        return listed(str(names.get(level, level)) for level in obj.levels)

    def autocomplete_queryset(self, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(disabled_on=None)


@admin.register(UsccCategory)
class UsccCategoryAdmin(ReferenceAdmin):
    list_display = ("code", "name_zh", "department_zh", "name_en")


BOUNDS = ("large_min", "medium_min", "small_min")


class SizeStandardForm(RegistryForm):
    """Reads the bounds as the chosen indicator asks for: as money, or as numbers of persons."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "indicator" in self.fields and self["indicator"].value() == SizeStandard.Indicator.EMPLOYEES:
            for name in BOUNDS:
                cast(BoundField, self.fields[name]).of_persons()


@admin.register(SizeStandard)
class SizeStandardAdmin(ReferenceAdmin):
    list_display = ("code", "name_zh", "indicator", "shown_industries")
    form = SizeStandardForm

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in BOUNDS:
            kwargs["form_class"] = BoundField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def _shown(self, name: str, full: bool) -> str | Callable[[Model], object]:
        if name not in BOUNDS:
            return super()._shown(name, full)

        @admin.display(description=BoundField(label=cast(Field, self.opts.get_field(name)).verbose_name).label)
        def shown(obj: Any) -> object:
            field = BoundField()
            if obj.indicator == SizeStandard.Indicator.EMPLOYEES:
                field.of_persons()
            return field.prepare_value(getattr(obj, name))

        shown.__name__ = f"shown_{name}"
        return shown

    @admin.display(description=_("industries"))
    def shown_industries(self, obj: SizeStandard) -> str:
        return listed(obj.industries)
