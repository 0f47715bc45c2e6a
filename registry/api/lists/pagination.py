"""Pages by key: a signed cursor holds the place in a total order, so that deep pages cost as much as the first."""

import datetime
import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core import signing
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from rest_framework.request import Request

from registry.api.errors import InvalidParameters
from registry.api.json_schema import NULLABLE_TEXT, TEXT, Schema, array_schema, object_schema
from registry.api.lists.prepared import Remembered
from registry.search.planner import Way, Ways
from registry.search.text import Text
from registry.search.use_index_table import keyed

PAGE_SIZE, MAX_PAGE_SIZE = 50, 200
CAP = 1_000
"""`count=capped` is exact up to here."""
COUNTS = ("capped", "exact", "none")
PARAMETERS = ("page_size", "cursor", "count", "ordering")

_ADDRESS: Schema = {**NULLABLE_TEXT, "format": "uri"}
ENVELOPE: dict[str, Schema] = {
    "count": {"type": ["integer", "null"], "description": "Rows that the parameters choose."},
    "count_is": {**TEXT, "enum": ["exact", "at_least", "none"]},
    "next": _ADDRESS,
    "previous": _ADDRESS,
}
"""The OpenAPI schema of what every page says beside its rows."""

Orderings = Mapping[str, Sequence[str]]
"""Name of an ordering -> the columns of a total order; `-name` is the same backwards."""


def page_schema(row: Schema, **said: Schema) -> Schema:
    """Return the schema of a page of such rows, given by their properties or by a reference."""
    items = row if "$ref" in row else object_schema(**row)
    page = object_schema(**ENVELOPE, **said, results=array_schema(items))
    return page | {"required": [*ENVELOPE, "results"]}


_PLACES = tuple(f"key {number} of the place" for number in range(4))
"""Stand in the parameters of a query for the keys of the cursor."""


@dataclass
class Choice:
    """A choice says which rows a list has."""

    rows: Callable[[], QuerySet[Any]]
    key: Hashable | None
    """The key that the rows follow from; None where they follow from more than what was read of the parameters."""
    text: Text | None
    """The text that is looked for among them. Then `stand_in` gives the rows of its stand-in, with `key` as key."""
    stand_in: Callable[[], QuerySet[Any]]


@dataclass
class Page:
    pks: list[Any]
    count: int | None
    count_is: str
    next: str | None
    previous: str | None


@dataclass
class _Place:
    """The place where a page begins: after the row with these keys, or before it."""

    keys: list[Any]
    backwards: bool
    count: int | None
    count_is: str


class Paginator:
    """Reads one page of a queryset. `salt` keeps the cursors of one resource from another.

    `fixed` are parameters that the first page took from the day (as_of): the addresses of the others name them.
    """

    def __init__(self, request: Request, orderings: Orderings, salt: str, fixed: Mapping[str, str]) -> None:
        self.request = request
        self.salt = salt
        given = request.query_params
        self.parameters = [(name, value) for name, values in given.lists() for value in values]
        self.parameters += [(name, value) for name, value in fixed.items() if name not in given]
        self.page_size = read_page_size(request)
        self.count_wanted = _one_of(request, "count", COUNTS)
        ordering = _one_of(request, "ordering", [*orderings, *(f"-{name}" for name in orderings)])
        self.descending = ordering.startswith("-")
        self.keys = list(orderings[ordering.removeprefix("-")])
        self._selected = self.keys if self.keys[-1] == "id" else [*self.keys, "pk"]
        self.place = self._place()

    def order(self, queryset: QuerySet[Any], backwards: bool = False) -> QuerySet[Any]:
        sign = "-" if self.descending != backwards else ""
        return queryset.order_by(*(sign + key for key in self.keys))

    def page(self, choice: Choice) -> Page:
        place = self.place
        backwards = place is not None and place.backwards
        counting = place is None and self.count_wanted == "capped"
        rows = self._read(choice, counting)
        if counting:
            found = rows[0][0] if rows else 0
            count, count_is = min(found, CAP), "at_least" if found > CAP else "exact"
        else:
            count, count_is = (place.count, place.count_is) if place else self._count(choice.rows)
        more = len(rows) > self.page_size
        rows = rows[: self.page_size]
        if backwards:
            rows.reverse()
        has_next, has_previous = (True, more) if backwards else (more, place is not None)
        return Page(
            [row[-1] for row in rows],
            count,
            count_is,
            self._link(rows[-1], False, count, count_is) if rows and has_next else None,
            self._link(rows[0], True, count, count_is) if rows and has_previous else None,
        )

    def _read(self, choice: Choice, counting: bool) -> list[Any]:
        """The keys of the first rows, or of those beyond the place; before each, if it counts, how many there are."""
        place = self.place
        # Beyond a place the way of a search depends on the place too.
        text = choice.text if place is None and choice.key else None
        key = choice.key if text or not choice.text else None
        key = key and (key, *self.keys, self.descending, self.page_size, counting, place and place.backwards)
        rows = choice.stand_in if text else choice.rows
        query = _queries.get(key, lambda: self._query(rows(), key is not None, counting))
        try:
            sql, parameters = query.statement(text)
        except EmptyResultSet:
            return []
        if place:
            given = dict(zip(_PLACES, place.keys, strict=False))
            parameters = [given.get(one, one) if isinstance(one, str) else one for one in parameters]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())

    def _query(self, queryset: QuerySet[Any], for_all_places: bool, counting: bool) -> "_Query":
        place = self.place
        ordered = self.order(queryset, bool(place and place.backwards))
        if place:
            keys = [Value(one) for one in _PLACES] if for_all_places else place.keys
            ordered = ordered.filter(self._beyond(keys, place.backwards))
        return _Query(keyed(ordered, *self._selected), self.page_size + 1, CAP + 1 if counting else 0)

    def _beyond(self, keys: Sequence[Any], backwards: bool) -> Q:
        """Rows after the keys in the order; the first key alone bounds the range, which an index can serve."""
        step = "lt" if self.descending != backwards else "gt"
        condition, equal = Q(), Q()
        for name, key in zip(self.keys, keys, strict=False):
            condition |= equal & Q(**{f"{name}__{step}": key})
            equal &= Q(**{name: key})
        return Q(**{f"{self.keys[0]}__{step}e": keys[0]}) & condition

    def _count(self, choose: Callable[[], QuerySet[Any]]) -> tuple[int | None, str]:
        if self.count_wanted == "none":
            return None, "none"
        return keyed(choose().order_by(), "pk").count(), "exact"

    def _link(self, row: Sequence[Any], backwards: bool, count: int | None, count_is: str) -> str:
        keys = [_plain(value) for value in row[-len(self._selected) :][: len(self.keys)]]
        cursor = sealed([self._fingerprint, keys, backwards, count, count_is], self.salt)
        given = [one for one in self.parameters if one[0] != "cursor"]
        return f"{self._address}?{urlencode([*given, ('cursor', cursor)])}"

    def _place(self) -> _Place | None:
        if "cursor" not in self.request.query_params:
            return None
        try:
            fingerprint, keys, backwards, count, count_is = unsealed(self.request.query_params["cursor"], self.salt)
        except (signing.BadSignature, ValueError, TypeError):
            raise InvalidParameters({"cursor": _("This is no cursor of this list.")}) from None
        if fingerprint != self._fingerprint:
            raise InvalidParameters(
                {"cursor": _("The cursor belongs to other filters or another order; begin again without it.")}
            )
        return _Place(keys, backwards, count, count_is)

    @cached_property
    def _fingerprint(self) -> str:
        """The digest of everything that says which rows there are and in what order."""
        said = sorted(
            (name, value)
            for name, value in self.parameters
            if name not in ("cursor", "page_size", "fields", "omit", "lang", "format")
        )
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    @cached_property
    def _address(self) -> str:
        return self.request.build_absolute_uri(self.request.path)


class _Query:
    """The query for the keys of the first rows and, with a cap, for how many there are up to it."""

    def __init__(self, found: QuerySet[Any], rows: int, cap: int) -> None:
        self._ways, self._rows, self._cap = Ways(found), rows, cap
        self._statements: dict[Way, tuple[str, Sequence[Any]]] = {}

    def statement(self, text: Text | None) -> tuple[str, Sequence[Any]]:
        """Return SQL and parameters, with the text in the place of its stand-in. Raises EmptyResultSet."""
        way = self._ways.choose(self._rows, self._cap, text.words if text else None)
        if way not in self._statements:
            self._statements[way] = self._built(way)
        sql, parameters = self._statements[way]
        return sql, text.fill(parameters) if text else parameters

    def _built(self, way: Way) -> tuple[str, Sequence[Any]]:
        sql, parameters = self._ways.first(way).query.sql_with_params()
        if not self._cap:
            return sql, parameters
        # The first rows, and how many there are up to the cap: mostly both from one walk.
        more, more_parameters = "TABLE found", ()
        if way.others_counted:
            more, more_parameters = self._ways.counted(self._cap).query.sql_with_params()
        # What is read from `found` comes in its order: nothing sorts it or divides the work on the way.
        read = f"WITH found AS MATERIALIZED ({sql}) SELECT (SELECT count(*) FROM ({more}) counted), found.* FROM found"  # noqa: S608
        return f"{read} LIMIT {self._rows}", parameters + more_parameters


_queries: Remembered[_Query] = Remembered(500)
"""The queries of choices that were asked for before: most requests of programs repeat each other."""


def sealed(value: Any, salt: str) -> str:
    """A value that clients carry and cannot change: the same at any time, so that answers with it keep their ETag."""
    return signing.Signer(salt=salt).sign_object(value)


def unsealed(text: str, salt: str) -> Any:
    """Raises BadSignature."""
    return signing.Signer(salt=salt).unsign_object(text)


def read_page_size(request: Request) -> int:
    given = request.query_params.getlist("page_size") or [str(PAGE_SIZE)]
    size = int(given[0]) if len(given) == 1 and given[0].isascii() and given[0].isdigit() and len(given[0]) < 5 else 0
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise InvalidParameters({"page_size": _("Give one whole number from 1 to %(most)d.") % {"most": MAX_PAGE_SIZE}})
    return size


def _one_of(request: Request, name: str, values: Sequence[str]) -> str:
    """The parameter's value; the first of the values is the default."""
    given = request.query_params.getlist(name) or [values[0]]
    if len(given) != 1 or given[0] not in values:
        raise InvalidParameters(
            {
                name: _("“%(value)s” is not possible here; there are: %(values)s.")
                % {"value": ", ".join(given), "values": ", ".join(values)}
            }
        )
    return given[0]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


class KeyPages:
    """Pages of a list that is short enough to be made whole: pairs of a key and what is shown, keys descending."""

    parameters = ("page_size", "cursor", "lang", "format")

    def __init__(self, request: Request, salt: str) -> None:
        self.request = request
        self.salt = salt
        if unknown := [name for name in request.query_params if name not in self.parameters]:
            raise InvalidParameters({name: _("There is no such parameter here.") for name in unknown})
        self.page_size = read_page_size(request)
        self.after = self._after()

    def answer(self, pairs: Sequence[tuple[Any, dict[str, Any]]]) -> dict[str, Any]:
        rest = [pair for pair in pairs if self.after is None or pair[0] < self.after]
        page = rest[: self.page_size]
        following = None
        if len(rest) > len(page):
            parameters = self.request.query_params.copy()
            parameters["cursor"] = sealed(page[-1][0], self.salt)
            following = self.request.build_absolute_uri(f"{self.request.path}?{parameters.urlencode()}")
        return {
            "count": len(pairs),
            "count_is": "exact",
            "next": following,
            "previous": None,
            "results": [shown for _key, shown in page],
        }

    def _after(self) -> Any:
        if "cursor" not in self.request.query_params:
            return None
        try:
            return tuple(unsealed(self.request.query_params["cursor"], self.salt))
        except (signing.BadSignature, ValueError, TypeError):
            raise InvalidParameters({"cursor": _("This is no cursor of this list.")}) from None
