"""Parameters by which organizations are chosen."""

import datetime
from collections.abc import Iterable
from functools import cached_property

from django.db.models import Exists, Q
from django.db.models.lookups import In
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.api.lists.filters import (
    SCHEMAS,
    TEXT,
    MethodFilter,
    OnceFilter,
    StrictFilterSet,
    ValuesFilter,
    read_boolean,
    read_date,
    read_moment,
    read_plan,
    read_text,
)
from registry.database.paths import Path, outer, own_path
from registry.matching.identity import names_resembled
from registry.organizations.completeness import FIELDS, lacks, unusual_uscc
from registry.organizations.freshness import Freshness, conditions
from registry.organizations.models.choices import Category, Kind, RegistrationStatus, Size
from registry.organizations.models.details import Qualification
from registry.organizations.models.index_tables import SectorIndex
from registry.organizations.models.organizations import OrganizationQuerySet, sector_tags, size_class
from registry.organizations.models.reach import within
from registry.reference.cache import Townships
from registry.search.did_you_mean import suggest
from registry.search.index_table import SEARCH_INDEX, SECTOR_INDEX, IndexTable, WordMatch, table_of
from registry.search.text import SearchText
from registry.spreadsheet import Vocabulary, choice_vocabulary


def read_search(text: str) -> SearchText:
    return SearchText(read_text(text))


SCHEMAS[read_search] = TEXT


class _Code(Vocabulary[str]):
    """Codes that are not in any table: taken as they are, in capitals, where they have the right form."""

    def __init__(self, noun: str | Promise, length: int) -> None:
        super().__init__(noun, list)
        self.length = length

    def find(self, text: str) -> str:
        code = text.upper()
        if len(code) != self.length or not (code.isascii() and code.isalpha()):
            return super().find(text)
        return code


_KINDS = choice_vocabulary(gettext_lazy("kind"), Kind.choices)
_CATEGORIES = choice_vocabulary(gettext_lazy("category"), Category.choices)
_STATUSES = choice_vocabulary(gettext_lazy("registration status"), RegistrationStatus.choices)
_SIZES = choice_vocabulary(gettext_lazy("size class"), Size.choices)
_COUNTRIES = _Code(gettext_lazy("country or region"), 2)
_FRESHNESSES = choice_vocabulary(gettext_lazy("freshness"), Freshness.choices)
_FIELDS = choice_vocabulary(gettext_lazy("expected field"), [(name, one.label) for name, one in FIELDS.items()])


class OrganizationFilterSet(StrictFilterSet):
    kind = ValuesFilter(_KINDS, "kind", Kind.values, help_text=gettext_lazy("Kind of organization."))
    category = ValuesFilter(_CATEGORIES, "category", Category.values, help_text=gettext_lazy("What the plan calls it."))
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
        apply="with_others",
        help_text=gettext_lazy("Code of the plan whose sectors are meant; by default the current one."),
    )
    township = MethodFilter(
        "townships",
        "in_township",
        help_text=gettext_lazy("Township; the name of one that has ended finds its successor."),
    )
    zone = ValuesFilter("zones", "zone", help_text=gettext_lazy("Functional zone."))
    registration_status = ValuesFilter(
        _STATUSES,
        "registration_status",
        RegistrationStatus.values,
        help_text=gettext_lazy("Registration status."),
    )
    grading = MethodFilter("gradings", "holding", help_text=gettext_lazy("Holds one of these gradings today."))
    size_class = MethodFilter(
        _SIZES,
        "of_size",
        codes=Size.values,
        help_text=gettext_lazy("Size class; for those who may see annual figures."),
    )
    country = ValuesFilter(
        _COUNTRIES, "country", pattern="^[A-Za-z]{2}$", help_text=gettext_lazy("Country or region, ISO 3166-1.")
    )
    founded_after = OnceFilter(read_date, "founded_on", lookup_expr="gte", help_text=gettext_lazy("This day or later."))
    founded_before = OnceFilter(read_date, "founded_on", lookup_expr="lt", help_text=gettext_lazy("Before this day."))
    verified_before = OnceFilter(
        read_date, apply="not_verified_since", help_text=gettext_lazy("Verified before this day, or never.")
    )
    freshness = MethodFilter(
        _FRESHNESSES,
        "of_freshness",
        codes=Freshness.values,
        help_text=gettext_lazy("Whether it was verified lately, too long ago or never."),
    )
    missing = MethodFilter(
        _FIELDS,
        "lacking",
        codes=FIELDS,
        help_text=gettext_lazy("Lacks one of these fields, which a record of its kind should have."),
    )
    complete = OnceFilter(
        read_boolean,
        apply="being_complete",
        help_text=gettext_lazy("Whether all that a record of its kind should have is there."),
    )
    unusual_uscc = OnceFilter(
        read_boolean,
        apply="having_unusual_uscc",
        help_text=gettext_lazy("Whether its USCC was accepted with a reason although the check character is wrong."),
    )
    updated_since = OnceFilter(
        read_moment, "updated_at", lookup_expr="gte", help_text=gettext_lazy("Changed at this moment or later.")
    )
    published = OnceFilter(read_boolean, "published", help_text=gettext_lazy("Published or not."))
    search = OnceFilter(
        read_search,
        apply="with_words",
        help_text=gettext_lazy(
            "Words, all of them: parts of Chinese names, their pinyin or its initials, beginnings of English words and "
            "of the registry number, the USCC and other identifiers, whole or the first or last characters (at least "
            "four). Another legal form at the end of a name is passed over."
        ),
    )

    PERMISSIONS = {"size_class": "registry.view_annualfigures"}
    """Parameter -> permission without which it is not known."""

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

    @property
    def text(self) -> SearchText | None:
        """Return the text that is searched for; None if there is none."""
        return self.values.get("search")

    @property
    def index(self) -> IndexTable | None:
        """Return the index table that answers the request; None if it is the table of organizations."""
        if self.text:
            return SEARCH_INDEX
        return SECTOR_INDEX if len(self.values.get("sector") or ()) == 1 else None

    def in_township(self, value: list[int], path: Path) -> Q:
        """Records under a township that has ended belong to the one that it has become."""
        before = [old for old, new in self.ended_townships.items() if new in value]
        return Q(**{f"{path('township')}__in": [*value, *before]})

    def in_any_sector(self, value: list[int], path: Path) -> Q:
        """Records in one of the sectors or in a sector below one, as the table that is read tells it."""
        table = table_of(path)
        if table is SECTOR_INDEX:
            return Q(**{path("sector"): value[0]})
        if table is SEARCH_INDEX:
            return Q(**{f"{path('sectors')}__has_any": [str(pk) for pk in value]})
        return Q(Exists(SectorIndex.objects.filter(organization=outer(path), sector__in=value)))

    def in_all_sectors(self, value: list[int], path: Path) -> Q:
        condition = Q()
        for pk in value:
            condition &= Q(Exists(sector_tags(self.branch([pk]), path)))
        return condition

    def in_no_sector(self, value: list[int], path: Path) -> Q:
        return ~Q(Exists(sector_tags(self.branch(value), path)))

    def in_primary_sector(self, value: list[int], path: Path) -> Q:
        return Q(Exists(sector_tags(self.branch(value), path).filter(is_primary=True)))

    def holding(self, value: list[int], path: Path) -> Q:
        held = Qualification.objects.held(self.on)
        return Q(Exists(held.filter(organization=outer(path), grading__in=value)))

    def of_size(self, value: list[str], path: Path) -> Q:
        return Q(In(size_class(path), value)) & within(self.request.user, path)

    def not_verified_since(self, value: datetime.date, path: Path) -> Q:
        day = path("verified_on")
        return Q(**{f"{day}__lt": value}) | Q(**{f"{day}__isnull": True})

    def of_freshness(self, value: list[str], path: Path) -> Q:
        known, condition = conditions(self.on, path), Q()
        for one in value:
            condition |= known[Freshness(one)]
        return condition

    def lacking(self, value: list[str], path: Path) -> Q:
        return lacks(value, self.sector_plan, path)

    def being_complete(self, value: bool, path: Path) -> Q:
        incomplete = lacks(FIELDS, self.sector_plan, path)
        return ~incomplete if value else incomplete

    def having_unusual_uscc(self, value: bool, path: Path) -> Q:
        return unusual_uscc(path) if value else ~unusual_uscc(path)

    def with_words(self, value: SearchText, path: Path) -> Q:
        """The path must be one of the search index, which `index` is then."""
        return Q(WordMatch(value.words, path)) if value.words else Q(**{f"{path('pk')}__in": []})

    def label_of(self, vocabulary: Vocabulary[object], text: str) -> str:
        """Return the name to show of the value that a text names. Raises ValidationError."""
        return str(vocabulary.label(text))

    def did_you_mean(self, queryset: OrganizationQuerySet) -> list[str]:
        """Other words to search for among these, or names that the text resembles, where it finds nothing."""
        if not self.text:
            return []
        shown = queryset if "registration_status" in self.filters else queryset.unmerged()
        return suggest(shown, str(self.text)) or names_resembled(str(self.text), shown)

    def condition(self, path: Path = own_path) -> Q:
        """Every status unless asked, but merged records only on request."""
        condition = super().condition(path)
        if "registration_status" in self.filters:
            return condition
        return condition & Q(**{f"{path('registration_status')}__ne": RegistrationStatus.MERGED})

    def notices(self) -> list[str]:
        if "townships" not in self.__dict__:
            return []
        return [
            _("%(old)s ended on %(day)s; taken as %(new)s.") % {"old": old, "new": new, "day": day}
            for old, new, day in sorted(self.townships.met)
        ]


class PublicOrganizationFilterSet(OrganizationFilterSet):
    """Means what the public has seen where the staff mean what was written."""

    updated_since = OnceFilter(
        read_moment,
        "public_change__changed_at",
        lookup_expr="gte",
        help_text=gettext_lazy("Changed at this moment or later."),
    )
