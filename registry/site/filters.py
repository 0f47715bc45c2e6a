"""Filters of the lists of organizations.

They have the names of the API's parameters, so the export can pass them on.
"""

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from registry.organizations.completeness import EXPECTED, FIELDS, lacks, unusual_uscc
from registry.organizations.freshness import DUE, Freshness, conditions
from registry.organizations.models.choices import (
    ENTERPRISE_CATEGORIES,
    RESEARCH_CATEGORIES,
    Category,
    Kind,
    RegistrationStatus,
)
from registry.organizations.models.organizations import sector_tags
from registry.organizations.models.reach import reach_of
from registry.reference.cache import references
from registry.reference.models import Sector, Township, Zone
from registry.spreadsheet import parse_date
from registry.spreadsheet.base import shorten

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Choices: TypeAlias = "list[tuple[str, str | _StrPromise]]"


class ChoiceFilter(admin.SimpleListFilter):
    """A filter by one of several values. `all_label` is shown without a choice."""

    all_label: str | Promise = _("All")
    is_day = False
    as_tabs = False
    """Whether the values are links above the list, each with a number if `counts` has one."""
    counts: Mapping[str, int] = {}

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label, selected in self.options:
            yield {"selected": selected, "value": value, "display": label}

    @property
    def options(self) -> Iterator[tuple[str, str | Promise, bool]]:
        """Yield value and label of each option, and whether it is the current one."""
        yield "", self.all_label, self.value() is None
        for value, label in self.lookup_choices:
            yield str(value), capfirst(label), self.value() == str(value)

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: type[Model], model_admin: admin.ModelAdmin
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self._other_parameters = request.GET.copy()
        for name in (str(self.parameter_name), "p"):  # the page of the list
            self._other_parameters.pop(name, None)
        given = super().value()
        if given and not self.is_day and self.value() is None:
            text = _("“%(value)s” is no value of “%(filter)s” here: the list is not filtered by it.")
            messages.warning(request, text % {"value": shorten(given), "filter": self.title})

    def value(self) -> str | None:
        """Return the current value.

        An unknown one counts as none, and the page says so: old addresses still open the list.
        """
        given = super().value()
        return given if given in {str(value) for value, _label in self.lookup_choices} else None

    def has_output(self) -> bool:
        return True

    def address_of(self, value: str) -> str:
        """Return the address of the list with another value of this filter."""
        parameters = self._other_parameters.copy()
        if value:
            parameters[str(self.parameter_name)] = value
        return f"?{parameters.urlencode()}"

    def tabs(self) -> Iterator[tuple[str | Promise, str, bool, int | None]]:
        """Yield label and address of each value, whether it is the current one, and its number if it is known."""
        for value, label, selected in self.options:
            yield label, self.address_of(value), selected, self.counts.get(value)

    def api_parameters(self) -> dict[str, str]:
        """Return the parameters that the export gives to the API."""
        value = self.value()
        return {str(self.parameter_name): value} if value else {}


class DayFilter(ChoiceFilter):
    """A filter by a day, typed in any form that imports read.

    For a text that is no day it shows no rows, and the reason.
    """

    is_day = True

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: type[Model], model_admin: admin.ModelAdmin
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.typed = str(self.used_parameters.get(str(self.parameter_name)) or "").strip()
        self.day: datetime.date | None = None
        self.errors: list[str] = []
        try:
            self.day = parse_date(self.typed)
        except ValidationError as error:
            self.errors = error.messages

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return []

    def value(self) -> str | None:
        return self.day.isoformat() if self.day else None

    @property
    def shown(self) -> str:
        """Return the text in the field: the day, or what was typed instead."""
        return self.value() or self.typed

    def named_days(self) -> list[tuple[str | Promise, datetime.date]]:
        """Return label and day of the days that people often need."""
        return []

    def chips(self) -> Iterator[tuple[str | Promise, str, bool]]:
        """Yield label and address of each of these days, and whether it is the current one."""
        for label, day in self.named_days():
            yield label, self.address_of(day.isoformat()), day == self.day

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.none() if self.errors else queryset


def sector_choices() -> Choices:
    """Return the sectors of the current plan, each indented below its branch."""
    sectors = Sector.objects.of_current_plan().enabled().order_by("position", "code")
    below: dict[int | None, list[Sector]] = {}
    for sector in sectors:
        below.setdefault(sector.parent_id, []).append(sector)
    choices: Choices = []
    for branch in below.get(None, []):
        choices.append((branch.code, branch.label()))
        choices += [(leaf.code, f"　　{leaf.label()}") for leaf in below.get(branch.pk, [])]
    return choices


def branch(code: str) -> QuerySet[Sector]:
    """Return the sector of the current plan and the sectors below it."""
    return Sector.objects.of_current_plan().filter(Q(code=code) | Q(parent__code=code))


class SectorFilter(ChoiceFilter):
    title = _("sector")
    parameter_name = "sector"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return sector_choices()

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Model]:
        code = self.value()
        return queryset.in_sector(branch(code).values("pk")) if code else queryset


NO_SECTOR = _("no sector yet")
"""The text shown instead of a sector for an organization without a sector of the current plan."""


class SectorOrNoneFilter(SectorFilter):
    """Also offers organizations without a sector, so that people can complete them."""

    NONE = "none"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return [(self.NONE, NO_SECTOR), *super().lookups(request, model_admin)]

    def api_parameters(self) -> dict[str, str]:
        """Return the parameters of the API, where "no sector" means: in none of the branches."""
        if self.value() != self.NONE:
            return super().api_parameters()
        branches = Sector.objects.of_current_plan().filter(parent=None).order_by("position", "code")
        return {"sector_not": ",".join(branches.values_list("code", flat=True))}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet[Model]:
        if self.value() == self.NONE:
            return queryset.filter(~Exists(sector_tags(Sector.objects.of_current_plan().values("pk"))))
        return super().queryset(request, queryset)


OWN_TOWNSHIPS = "own"
"""The value of the filter by township for all townships that an account is limited to."""


class TownshipFilter(ChoiceFilter):
    title = _("township")
    parameter_name = "township"
    reach: frozenset[int] = frozenset()

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        self.reach = reach_of(request.user) or frozenset()
        towns: Choices = [(t.code, t.label()) for t in Township.objects.current()]
        return [(OWN_TOWNSHIPS, _("my townships")), *towns] if reach_of(request.user) is not None else towns

    def api_parameters(self) -> dict[str, str]:
        if self.value() != OWN_TOWNSHIPS:
            return super().api_parameters()
        codes = Township.objects.filter(pk__in=self.reach).order_by("code").values_list("code", flat=True)
        return {"township": ",".join(codes)}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        code = self.value()
        if not code:
            return queryset
        if code == OWN_TOWNSHIPS:
            return queryset.filter(township__in=self.reach)
        # Records under a township that has ended belong to the one that it has become.
        towns = references().townships
        now = towns.find(code)
        return queryset.filter(township__in=[now, *(old for old, new in towns.ended().items() if new == now)])


class ZoneFilter(ChoiceFilter):
    title = _("zone")
    parameter_name = "zone"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return [(z.code, z.label()) for z in Zone.objects.filter(disabled_on=None)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(zone__code=self.value()) if self.value() else queryset


class KindFilter(ChoiceFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return list(Kind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


def categories_of(kind: str | None) -> Choices:
    """Return the categories that an organization of the kind can have; all categories for None."""
    closed = {Kind.ENTERPRISE: RESEARCH_CATEGORIES, Kind.RESEARCH: ENTERPRISE_CATEGORIES}
    left_out = [] if kind is None else closed.get(Kind(kind), [*ENTERPRISE_CATEGORIES, *RESEARCH_CATEGORIES])
    return [(value, label) for value, label in Category.choices if value not in left_out]


class CategoryFilter(ChoiceFilter):
    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return categories_of(model_admin.model.KIND)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(category=self.value()) if self.value() else queryset


class StatusFilter(ChoiceFilter):
    """A filter by registration status; merged records are shown only on request."""

    title = _("registration status")
    parameter_name = "registration_status"
    all_label = _("All but merged")

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return list(RegistrationStatus.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Model]:
        if self.value():
            return queryset.filter(registration_status=self.value())
        return queryset.unmerged()


PUBLISHED_WORDS = {True: _("Published"), False: _("Not published")}


class PublishedFilter(ChoiceFilter):
    title = _("published")
    parameter_name = "published"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return [("true", PUBLISHED_WORDS[True]), ("false", PUBLISHED_WORDS[False])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(published=self.value() == "true") if self.value() else queryset


class FreshnessFilter(ChoiceFilter):
    title = _("freshness")
    parameter_name = "freshness"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return [(",".join(DUE), _("waiting to be verified")), *Freshness.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        known, chosen = conditions(localdate()), Q()
        for value in (self.value() or "").split(",") if self.value() else ():
            chosen |= known[Freshness(value)]
        return queryset.filter(chosen)


class MissingFilter(ChoiceFilter):
    """A filter by what a record of its kind should have and lacks."""

    title = _("missing")
    parameter_name = "missing"
    ANY, NONE = "any", "none"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        kind = getattr(model_admin.model, "KIND", None)
        names = [name for name in FIELDS if kind is None or name in EXPECTED[kind]]
        fields: Choices = [(name, str(FIELDS[name].label)) for name in names]
        return [(self.ANY, _("anything")), (self.NONE, _("nothing")), *fields]

    def api_parameters(self) -> dict[str, str]:
        if self.value() == self.NONE:
            return {"complete": "true"}
        return {"missing": ",".join(FIELDS)} if self.value() == self.ANY else super().api_parameters()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        value, plan = self.value(), references().current_plan
        if value == self.NONE:
            return queryset.filter(~lacks(FIELDS, plan))
        return queryset.filter(lacks(FIELDS if value == self.ANY else [value], plan)) if value else queryset


class UnusualUsccFilter(ChoiceFilter):
    """A filter that shows only where it is chosen: the start page leads to it."""

    title = _("check character of the USCC")
    parameter_name = "unusual_uscc"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return [("true", _("does not fit"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(unusual_uscc()) if self.value() else queryset

    def has_output(self) -> bool:
        return self.value() is not None


ORGANIZATION_FILTERS = (
    SectorOrNoneFilter,
    TownshipFilter,
    ZoneFilter,
    CategoryFilter,
    StatusFilter,
    PublishedFilter,
    FreshnessFilter,
    MissingFilter,
    UnusualUsccFilter,
)
