"""Parameters by which organizations are chosen."""

import datetime
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry import spreadsheet
from registry.api.lists.filters import (
    MethodFilter,
    OnceFilter,
    StrictFilterSet,
    ValuesFilter,
    read_boolean,
    read_date,
    read_moment,
    read_plan,
    read_search,
)
from registry.matching.identity import names_resembled
from registry.organizations.models.choices import Category, Kind, RegistrationStatus, Size
from registry.reference.cache import Townships
from registry.search.did_you_mean import suggest
from registry.search.find import find, rank
from registry.search.text import Text
from registry.spreadsheet import Vocabulary


class _Code(Vocabulary[str]):
    """Codes that are not in any table: taken as they are, in capitals, where they have the right form."""

    def __init__(self, noun: Any, length: int) -> None:
        super().__init__(noun, list)
        self.length = length

    def find(self, text: str) -> str:
        code = text.upper()
        if len(code) != self.length or not (code.isascii() and code.isalpha()):
            return super().find(text)
        return code


class OrganizationFilterSet(StrictFilterSet):
    kind = ValuesFilter("kinds", "kind", Kind.values, help_text=gettext_lazy("Kind of organization."))
    category = ValuesFilter(
        "categories", "category", Category.values, help_text=gettext_lazy("What the plan calls it.")
    )
    sector = MethodFilter(
        "sectors", "in_any_sector", help_text=gettext_lazy("Any of these sectors; a parent means its whole branch.")
    )
    sector_all = MethodFilter("sectors", "in_all_sectors", help_text=gettext_lazy("All of these sectors."))
    sector_not = MethodFilter("sectors", "in_no_sector", help_text=gettext_lazy("None of these sectors."))
    sector_primary = MethodFilter(
        "sectors", "in_primary_sector", help_text=gettext_lazy("One of these is the primary sector.")
    )
    plan = OnceFilter(
        read_plan,
        apply="of_plan",
        help_text=gettext_lazy("Code of the plan whose sectors are meant; by default the current one."),
    )
    township = MethodFilter(
        "townships",
        "in_township",
        help_text=gettext_lazy("Township; the name of one that has ended finds its successor."),
    )
    zone = ValuesFilter("zones", "zone", help_text=gettext_lazy("Functional zone."))
    registration_status = ValuesFilter(
        "registration_statuses",
        "registration_status",
        RegistrationStatus.values,
        help_text=gettext_lazy("Registration status."),
    )
    grading = MethodFilter("gradings", "holding", help_text=gettext_lazy("Holds one of these gradings today."))
    size_class = MethodFilter(
        "sizes",
        "of_size",
        codes=Size.values,
        help_text=gettext_lazy("Size class; for those who may see annual figures."),
    )
    country = ValuesFilter(
        "countries", "country", pattern="^[A-Za-z]{2}$", help_text=gettext_lazy("Country or region, ISO 3166-1.")
    )
    founded_after = OnceFilter(read_date, "founded_on", lookup_expr="gte", help_text=gettext_lazy("This day or later."))
    founded_before = OnceFilter(read_date, "founded_on", lookup_expr="lt", help_text=gettext_lazy("Before this day."))
    verified_before = OnceFilter(
        read_date, apply="not_verified_since", help_text=gettext_lazy("Verified before this day, or never.")
    )
    updated_since = OnceFilter(
        read_moment, "updated_at", lookup_expr="gte", help_text=gettext_lazy("Changed at this moment or later.")
    )
    published = OnceFilter(read_boolean, "published", help_text=gettext_lazy("Published or not."))
    search = OnceFilter(
        read_search,
        apply="found",
        help_text=gettext_lazy(
            "Words, all of them: parts of Chinese names, their pinyin or its initials, beginnings of English words and "
            "of the registry number, the USCC and other identifiers, whole or the first or last characters (at least "
            "four). Another legal form at the end of a name is passed over."
        ),
    )

    PERMISSIONS = {"size_class": "registry.view_annualfigures"}
    """Parameter -> permission without which it is not known."""

    @cached_property
    def kinds(self) -> Vocabulary[str]:
        return spreadsheet.choice_vocabulary(_("kind"), Kind.choices)

    @cached_property
    def categories(self) -> Vocabulary[str]:
        return spreadsheet.choice_vocabulary(_("category"), Category.choices)

    @cached_property
    def registration_statuses(self) -> Vocabulary[str]:
        return spreadsheet.choice_vocabulary(_("registration status"), RegistrationStatus.choices)

    @cached_property
    def sizes(self) -> Vocabulary[str]:
        return spreadsheet.choice_vocabulary(_("size class"), Size.choices)

    @cached_property
    def countries(self) -> Vocabulary[str]:
        return _Code(_("country or region"), 2)

    @cached_property
    def townships(self) -> Townships:
        return self.references.townships

    @cached_property
    def ended_townships(self) -> dict[int, int]:
        """Id of a township that has ended -> id of the one that it has become."""
        return self.townships.ended()

    @cached_property
    def zones(self) -> Vocabulary[int]:
        return self.references.zones

    @cached_property
    def gradings(self) -> Vocabulary[int]:
        return self.references.gradings

    def branch(self, pks: Iterable[int]) -> list[int]:
        return [pk for given in pks for pk in self.references.branches[given]]

    def in_township(self, queryset: Any, value: list[int]) -> Any:
        """Records under a township that has ended belong to the one that it has become."""
        before = [old for old, new in self.ended_townships.items() if new in value]
        return queryset.filter(township__in=[*value, *before])

    def in_any_sector(self, queryset: Any, value: list[int]) -> Any:
        return queryset.in_branch(*value)

    def in_all_sectors(self, queryset: Any, value: list[int]) -> Any:
        for pk in value:
            queryset = queryset.in_sector(self.branch([pk]))
        return queryset

    def in_no_sector(self, queryset: Any, value: list[int]) -> Any:
        return queryset.not_in_sector(self.branch(value))

    def in_primary_sector(self, queryset: Any, value: list[int]) -> Any:
        return queryset.in_sector(self.branch(value), primary=True)

    def of_plan(self, queryset: Any, value: str) -> Any:
        return queryset

    def holding(self, queryset: Any, value: list[int]) -> Any:
        return queryset.with_grading(value, self.on)

    def of_size(self, queryset: Any, value: list[str]) -> Any:
        return queryset.with_size_class().filter(size_class__in=value)

    def not_verified_since(self, queryset: Any, value: datetime.date) -> Any:
        return queryset.filter(Q(verified_on__lt=value) | Q(verified_on__isnull=True))

    def found(self, queryset: Any, value: Text) -> Any:
        found = find(queryset, value)
        return rank(found, value) if self.data.get("ordering", "").endswith("relevance") else found

    def did_you_mean(self, queryset: Any) -> list[str]:
        """Other words to search for among these, or names that the text resembles, where it finds nothing."""
        if not self.text:
            return []
        shown = queryset if "registration_status" in self.filters else queryset.unmerged()
        return suggest(shown, str(self.text)) or names_resembled(str(self.text), shown)

    def filter_queryset(self, queryset: Any) -> Any:
        """Every status unless asked, but merged records only on request."""
        queryset = super().filter_queryset(queryset)
        return queryset if "registration_status" in self.filters else queryset.unmerged()

    def notices(self) -> list[str]:
        if "townships" not in self.__dict__:
            return []
        return [
            _("%(old)s ended on %(day)s; taken as %(new)s.") % {"old": old, "new": new, "day": day}
            for old, new, day in sorted(self.townships.met)
        ]
