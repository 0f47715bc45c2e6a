"""Query parameters: how they are read and applied. Every value is checked: an unknown one is refused."""

import datetime
import difflib
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.timezone import is_naive, localdate, make_aware
from django.utils.translation import gettext as _

from registry.api.errors import InvalidParameters
from registry.api.json_schema import array_schema
from registry.database.paths import Path, own_path
from registry.reference.cache import References, references
from registry.reference.models import Plan
from registry.spreadsheet import Vocabulary


class ValuesFilter(django_filters.Filter):
    """A parameter that may be repeated and may join several values by commas.

    `vocabulary` knows the values, or names the attribute of the filterset that does; `field_name` is their column.
    """

    def __init__(
        self,
        vocabulary: str | Vocabulary[Any],
        field_name: str = "",
        codes: Iterable[str] = (),
        pattern: str = "",
        **options: Any,
    ) -> None:
        self.vocabulary = vocabulary
        self.codes = [*codes]
        self.pattern = pattern
        super().__init__(field_name=field_name or None, **options)

    @property
    def schema(self) -> dict[str, Any]:
        """The OpenAPI schema: codes that are known beforehand are listed, but a name is as good."""
        named = {"type": "string", "pattern": self.pattern} if self.pattern else {"type": "string", "minLength": 1}
        codes = [{"type": "string", "enum": self.codes}] if self.codes else []
        return {**array_schema({"anyOf": [*codes, named]} if codes else named), "minItems": 1}

    def known(self, filterset: "StrictFilterSet") -> Any:
        """Return what knows the values; it remembers the texts of this request alone."""
        return getattr(filterset, self.vocabulary) if isinstance(self.vocabulary, str) else self.vocabulary.fresh()

    def texts(self, given: list[str]) -> list[str]:
        """Return each value as it is given."""
        return [part.strip() for several in given for part in several.split(",")]

    def read(self, given: list[str], filterset: "StrictFilterSet") -> list[object]:
        """Return what the vocabulary finds, each once. Raises ValidationError, which names all that are unknown."""
        vocabulary = self.known(filterset)
        found, errors = [], []
        for text in self.texts(given):
            try:
                found.append(vocabulary.find(text))
            except ValidationError as error:
                errors += error.error_list
        if errors:
            raise ValidationError(errors)
        return list(dict.fromkeys(found))

    def condition(self, value: list[object], path: Path, filterset: "StrictFilterSet") -> Q:
        """Return the condition on rows whose fields the path names."""
        return Q(**{f"{path(self.field_name)}__in": value})


class MethodFilter(ValuesFilter):
    """Values of a vocabulary, applied by a method of the filterset."""

    def __init__(self, vocabulary: str | Vocabulary[Any], method: str, **options: Any) -> None:
        super().__init__(vocabulary, **options)
        self.apply = method

    def condition(self, value: list[object], path: Path, filterset: "StrictFilterSet") -> Q:
        condition: Q = getattr(filterset, self.apply)(value, path)
        return condition


class OnceFilter(django_filters.Filter):
    """One value, given once: read by `find` and compared by the lookup, or applied by a method of the filterset."""

    def __init__(self, find: Callable[[str], object], field_name: str = "", apply: str = "", **options: Any) -> None:
        self.find = find
        self.apply = apply
        super().__init__(field_name=field_name or None, **options)

    @property
    def schema(self) -> dict[str, Any]:
        """Return the schema of the parameter, as in OpenAPI."""
        return SCHEMAS[self.find]

    def texts(self, given: list[str]) -> list[str]:
        """Return the value as it is given; several where it is given more than once."""
        return given

    def read(self, given: list[str], filterset: "StrictFilterSet") -> object:
        """Return the value. Raises ValidationError."""
        if len(given) != 1 or not given[0].strip():
            raise ValidationError(_("Give one value."))
        return self.find(given[0].strip())

    def condition(self, value: object, path: Path, filterset: "StrictFilterSet") -> Q:
        """Return the condition on rows whose fields the path names."""
        if self.apply:
            condition: Q = getattr(filterset, self.apply)(value, path)
            return condition
        return Q(**{f"{path(self.field_name)}__{self.lookup_expr}": value})


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


TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
SCHEMAS: dict[Callable[[str], object], dict[str, Any]] = {
    read_date: {"type": "string", "format": "date"},
    read_boolean: {"type": "boolean"},
    read_moment: {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]},
    read_plan: {"type": "string", "minLength": 1, "maxLength": 200},
    read_text: TEXT,
}
"""The OpenAPI schema of a parameter by the function that reads it."""


class StrictFilterSet(django_filters.FilterSet):
    """Reads the parameters that a request names. django-filter collects what the classes declare, and no more.

    Its forms and its copies of the filters would cost more than many a search.
    """

    def __init__(self, data: QueryDict, queryset: QuerySet[Model], *, request: Any, names: Iterable[str] = ()) -> None:
        """Raises InvalidParameters, which names all values that are refused."""
        known = self.base_filters
        allowed = set(names or known)
        self.data: Any = data
        self.queryset, self.request = queryset, request
        self.filters = {name: known[name] for name in data if name in known and name in allowed}
        self.values: dict[str, Any] = {}
        """The values of the request by parameter."""
        errors: dict[str, list[str]] = {}
        for name, one in self.filters.items():
            try:
                self.values[name] = one.read(self.data.getlist(name), self)
            except ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise InvalidParameters(errors)

    def with_others(self, value: object, path: Path) -> Q:
        """For parameters that `condition` takes together with others, or by default too."""
        return Q()

    def condition(self, path: Path = own_path) -> Q:
        """Return the one condition by which rows are chosen, for lists, files and statistics alike."""
        condition = Q()
        for name, value in self.values.items():
            condition &= self.filters[name].condition(value, path, self)
        return condition

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
        """Return what the answer should tell of how it read the request."""
        return []


def nearest(name: str, known: Iterable[str]) -> str:
    """The names that are written most alike, or all where none is."""
    known = sorted(known)
    return ", ".join(difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known)
