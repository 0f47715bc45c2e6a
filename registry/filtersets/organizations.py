"""Query parameters of the lists. Every value is checked: an unknown one is refused and never widens the list."""

import datetime
import difflib
import re
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.timezone import is_naive, localdate, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry import cells
from registry.cells import Vocabulary
from registry.models import Category, Kind, Plan, RegistrationStatus, Size
from registry.references import References, Townships, references


class ValuesWidget(forms.Widget):
    """A parameter that may be repeated and may join several values by commas."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [part.strip() for given in data.getlist(name) for part in given.split(",")]


class ValuesField(forms.Field):
    """Several values, each brought by `find` to what the query needs; all that are unknown are told at once."""

    widget = ValuesWidget

    def __init__(self, find: Callable[[str], Any], **options: Any) -> None:
        self.find = find
        super().__init__(**options)

    def clean(self, value: list[str]) -> list[Any]:
        found, errors = [], []
        for text in value:
            try:
                found.append(self.find(text))
            except ValidationError as error:
                errors += error.error_list
        if errors:
            raise ValidationError(errors)
        return list(dict.fromkeys(found))


class OnceWidget(forms.Widget):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return data.getlist(name)


class OnceField(forms.Field):
    """One value, given once."""

    widget = OnceWidget

    def __init__(self, find: Callable[[str], Any], **options: Any) -> None:
        self.find = find
        super().__init__(**options)

    def clean(self, value: list[str]) -> Any:
        if len(value) != 1 or not value[0].strip():
            raise ValidationError(_("Give one value."))
        return self.find(value[0].strip())


class ValuesFilter(django_filters.Filter):
    """`vocabulary` names the attribute of the filterset that knows the values, `field_name` their column."""

    field_class = ValuesField

    def __init__(
        self, vocabulary: str, field_name: str = "", codes: Iterable[str] = (), pattern: str = "", **options: Any
    ) -> None:
        self.vocabulary = vocabulary
        self.codes = [*codes]
        self.pattern = pattern
        super().__init__(field_name=field_name or None, **options)

    @property
    def field(self) -> forms.Field:
        vocabulary = getattr(self.parent, self.vocabulary)
        return self.field_class(find=vocabulary.find, required=False)

    @property
    def schema(self) -> dict[str, Any]:
        """As in OpenAPI: codes that are known beforehand are told, but a name is as good."""
        named = {"type": "string", "pattern": self.pattern} if self.pattern else {"type": "string", "minLength": 1}
        codes = [{"type": "string", "enum": self.codes}] if self.codes else []
        return {"type": "array", "items": {"anyOf": [*codes, named]} if codes else named, "minItems": 1}

    def filter(self, queryset: QuerySet[Any], value: list[Any]) -> QuerySet[Any]:
        return queryset.filter(**{f"{self.field_name}__in": value})


class MethodFilter(ValuesFilter):
    """Values of a vocabulary, applied by a method of the filterset."""

    def __init__(self, vocabulary: str, method: str, **options: Any) -> None:
        super().__init__(vocabulary, **options)
        self.apply = method

    def filter(self, queryset: QuerySet[Any], value: list[Any]) -> QuerySet[Any]:
        return getattr(self.parent, self.apply)(queryset, value)


class OnceFilter(django_filters.Filter):
    """One value, read by `find` and compared by the lookup, or applied by a method of the filterset."""

    def __init__(self, find: Callable[[str], Any], field_name: str = "", apply: str = "", **options: Any) -> None:
        self.find = find
        self.apply = apply
        super().__init__(field_name=field_name or None, **options)

    @property
    def field(self) -> forms.Field:
        return OnceField(find=self.find, required=False)

    @property
    def schema(self) -> dict[str, Any]:
        """As in OpenAPI."""
        return SCHEMAS[self.find]

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if self.apply:
            return getattr(self.parent, self.apply)(queryset, value)
        return queryset.filter(**{f"{self.field_name}__{self.lookup_expr}": value})


def read_date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("“%(value)s” is not a date like 2026-12-31.") % {"value": text}) from None


def read_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValidationError(_("“%(value)s” is neither true nor false.") % {"value": text})
    return text == "true"


def read_moment(text: str) -> datetime.datetime:
    """A moment, with its offset; a day alone begins at midnight in Shanghai."""
    # An address that does not escape its plus sign brings a blank instead.
    given = re.sub(r"(T[0-9:.]+) (\d\d:\d\d)$", r"\1+\2", text)
    try:
        moment = datetime.datetime.fromisoformat(given)
        return (make_aware(moment) if is_naive(moment) else moment).astimezone(datetime.UTC)
    except (ValueError, OverflowError):  # the first and last days of the calendar have no other time zones
        raise ValidationError(
            _("“%(value)s” is not a moment like 2026-12-31T08:00:00+08:00.") % {"value": text}
        ) from None


def read_plan(text: str) -> Plan:
    plan = Plan.objects.filter(code=read_text(text)).first()
    if plan is None:
        known = Plan.objects.values_list("code", flat=True)
        raise ValidationError(
            _("“%(value)s” is no plan; there are: %(values)s.") % {"value": text, "values": ", ".join(known)}
        )
    return plan


def read_text(text: str) -> str:
    if "\x00" in text or len(text) > 200:
        raise ValidationError(_("The text is too long, or holds characters that no name has."))
    return text


SCHEMAS: dict[Callable[[str], Any], dict[str, Any]] = {
    read_date: {"type": "string", "format": "date"},
    read_boolean: {"type": "boolean"},
    read_moment: {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]},
    read_plan: {"type": "string", "minLength": 1, "maxLength": 200},
    read_text: {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"},
}
"""What a parameter that is read so may be, as in OpenAPI."""


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


def declared(filterset: type[django_filters.FilterSet]) -> dict[str, Any]:
    return filterset.base_filters


class StrictFilterSet(django_filters.FilterSet):
    """Builds only the filters that the request names: a filter costs 50 µs whether it is used or not."""

    LOOKS: ClassVar[frozenset[str]] = frozenset()
    """Parameters whose query depends on the rows that there are: search chooses its way by a sample."""

    def __init__(self, data: QueryDict, queryset: QuerySet[Any], *, request: Any, names: Iterable[str] = ()) -> None:
        known = declared(type(self))
        allowed = set(names or known)
        self.base_filters = {name: known[name] for name in data if name in known and name in allowed}
        super().__init__(data, queryset, request=request)

    @classmethod
    def parameters(cls) -> list[str]:
        return list(declared(cls))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for name in self.filters:
            queryset = self.filters[name].filter(queryset, self.form.cleaned_data[name])
        return queryset

    def values(self) -> Hashable | None:
        """All that `filter_queryset` follows from; None where it looks into the registry too."""
        if self.references.version is None or not self.LOOKS.isdisjoint(self.filters):
            return None
        read = self.form.cleaned_data
        given = tuple((name, tuple(v) if isinstance(v := read[name], list) else v) for name in self.filters)
        return given, self.on, self.sector_plan, self.references.version

    @cached_property
    def on(self) -> datetime.date:
        """The day for which `as_of` asks; today where it does not."""
        return read_date(self.data["as_of"]) if "as_of" in self.data else localdate()

    @cached_property
    def references(self) -> References:
        return references(getattr(self.request, "references_version", None))

    @cached_property
    def sector_plan(self) -> Plan | None:
        """The plan that the request names, or the current one."""
        known = self.references
        return known.plan(self.data["plan"].strip()) if "plan" in self.data else known.current_plan

    @cached_property
    def sectors(self) -> Vocabulary[int]:
        return self.references.sectors_of(self.sector_plan)

    def notices(self) -> list[str]:
        """What the answer should tell of how it read the request."""
        return []


def nearest(name: str, known: Iterable[str]) -> str:
    """The names that are written most alike, or all where none is."""
    known = sorted(known)
    return ", ".join(difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known)


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
        read_text,
        apply="found",
        help_text=gettext_lazy(
            "Words, all of them: parts of Chinese names, their pinyin or its initials, beginnings of English words, "
            "of the USCC or of the registry number."
        ),
    )

    LOOKS = frozenset(["search"])
    PERMISSIONS = {"size_class": "registry.view_annualfigures"}
    """Parameter -> permission without which it is not known."""

    @cached_property
    def kinds(self) -> Vocabulary[str]:
        return cells.choice_vocabulary(_("kind"), Kind.choices)

    @cached_property
    def categories(self) -> Vocabulary[str]:
        return cells.choice_vocabulary(_("category"), Category.choices)

    @cached_property
    def registration_statuses(self) -> Vocabulary[str]:
        return cells.choice_vocabulary(_("registration status"), RegistrationStatus.choices)

    @cached_property
    def sizes(self) -> Vocabulary[str]:
        return cells.choice_vocabulary(_("size class"), Size.choices)

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
        """What is recorded under a township that has ended belongs to the one that it has become."""
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

    def found(self, queryset: Any, value: str) -> Any:
        found = queryset.search(value)
        return found.with_relevance(value) if self.data.get("ordering", "").endswith("relevance") else found

    def did_you_mean(self, queryset: Any) -> list[str]:
        """Other words to search for among these, where the words given find nothing."""
        return queryset.suggest(self.form.cleaned_data["search"]) if "search" in self.filters else []

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
