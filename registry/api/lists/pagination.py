"""Pages by key: a signed cursor holds the place in a total order, so that deep pages cost as much as the first."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core import signing
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from rest_framework.request import Request

from registry.api.errors import InvalidParameters
from registry.api.json_schema import INTEGER, NULLABLE_TEXT, TEXT, Schema, array_schema, object_schema
from registry.api.lists.rows import KeyRange, Keys, ListRows

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
PAGE_NOTES: dict[str, Schema] = {
    "plan": {**NULLABLE_TEXT, "description": "Code of the plan whose sectors are shown."},
    "as_of": {**TEXT, "description": "The day of which is spoken, or `all`."},
    "notices": {
        **array_schema(TEXT),
        "description": "What the request was taken to mean, where that is not what it says.",
    },
    "members_total": {
        **INTEGER,
        "description": "All members of the alliance on the day, also those not shown; only `as_of` changes it.",
    },
    "did_you_mean": {**array_schema(TEXT), "description": "Other texts to search for, where nothing was found."},
}
"""The OpenAPI schema of what some pages say beside their rows; each list has the notes that apply to it."""

Orderings = Mapping[str, Sequence[str]]
"""Name of an ordering -> the columns of a total order; `-name` is the same backwards."""


def page_schema(row: Schema, **said: Schema) -> Schema:
    """Return the schema of a page of such rows, given by their properties or by a reference."""
    items = row if "$ref" in row else object_schema(**row)
    page = object_schema(**ENVELOPE, **said, results=array_schema(items))
    return page | {"required": [*ENVELOPE, "results"]}


@dataclass
class Page:
    pks: list[object]
    count: int | None
    count_is: str
    next: str | None
    previous: str | None


@dataclass
class _Place:
    """The place where a page begins: after the row with these keys, or before it."""

    keys: list[object]
    backwards: bool
    count: int | None
    count_is: str


class Paginator:
    """Reads one page of a list. `salt` keeps the cursors of one resource from another.

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
        sign = "-" if ordering.startswith("-") else ""
        self.fields = tuple(orderings[ordering.removeprefix("-")])
        self.order = tuple(sign + name for name in self.fields)
        self.place = self._place(given["cursor"]) if "cursor" in given else None

    def page(self, rows: ListRows) -> Page:
        place = self.place
        backwards = place is not None and place.backwards
        counting = place is None and self.count_wanted == "capped"
        found, number = rows.read(
            KeyRange(
                order=tuple(map(_reversed, self.order)) if backwards else self.order,
                rows=self.page_size + 1,
                place=place.keys if place else (),
                cap=CAP + 1 if counting else 0,
            )
        )
        count: int | None = min(number, CAP)
        count_is = "at_least" if number > CAP else "exact"
        if not counting:
            count, count_is = (place.count, place.count_is) if place else self._count(rows)
        more = len(found) > self.page_size
        found = found[: self.page_size]
        if backwards:
            found.reverse()
        has_next, has_previous = (True, more) if backwards else (more, place is not None)
        return Page(
            [keys[-1] for keys in found],
            count,
            count_is,
            self._link(found[-1], False, count, count_is) if found and has_next else None,
            self._link(found[0], True, count, count_is) if found and has_previous else None,
        )

    def _count(self, rows: ListRows) -> tuple[int | None, str]:
        return (None, "none") if self.count_wanted == "none" else (rows.count(), "exact")

    def _link(self, keys: Keys, backwards: bool, count: int | None, count_is: str) -> str:
        place = [_plain(value) for value in keys[: len(self.fields)]]
        cursor = sealed([self._fingerprint, place, backwards, count, count_is], self.salt)
        given = [one for one in self.parameters if one[0] != "cursor"]
        return f"{self._address}?{urlencode([*given, ('cursor', cursor)])}"

    def _place(self, cursor: str) -> _Place:
        try:
            fingerprint, keys, backwards, count, count_is = unsealed(cursor, self.salt)
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


def sealed(value: object, salt: str) -> str:
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


def _reversed(name: str) -> str:
    """Return the field of an order with the opposite sign."""
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _plain(value: object) -> object:
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

    def answer(self, pairs: Sequence[tuple[object, dict[str, Any]]]) -> dict[str, Any]:
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
