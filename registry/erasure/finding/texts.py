"""Finds the person in the texts of all other tables: remarks, rows of imports, receipts, logs, and their histories.

What has a number, or a name beside an organization of the person, is certain. A name alone may belong to somebody
else: such texts are chosen one by one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model

from registry.erasure.finding.search import rows_with
from registry.erasure.finding.tables import is_fixed, owner_of, searched, table_label
from registry.erasure.finding.traces import NUMBER, Traces
from registry.organizations.models.organizations import Organization
from registry.security.models import SecurityEvent
from registry.values.punctuation import listed


@dataclass(frozen=True)
class TextHit:
    """A row that holds a trace in some of its columns."""

    model: type[Model]
    pk: int | str
    values: dict[str, Any]
    """Column -> its value, of those with a trace."""
    kinds: frozenset[str]
    certain: bool
    excerpt: str
    fixed: bool = False
    """Whether the columns are never blackened: the person's name is a part of the name of a body."""
    row: str = ""
    """The key of the row that an event is about: what is decided about the row holds for its events."""

    @property
    def key(self) -> str:
        return f"{self.model._meta.label_lower}:{self.pk}"

    @property
    def label(self) -> str:
        return table_label(self.model)

    @property
    def is_event(self) -> bool:
        return hasattr(self.model, "pgh_tracked_model")

    @property
    def columns(self) -> str:
        fields = (self.model._meta.get_field(name) for name in self.values)
        return listed(str(getattr(field, "verbose_name", "")) for field in fields)


def find(traces: Traces, organizations: Iterable[Organization] = ()) -> Iterator[TextHit]:
    """Yield every row of every other table with a trace."""
    if not traces:
        return
    known: set[Any] = {value for one in organizations for value in (one.pk, one.registry_no)}
    for model, fields in searched():
        owner, tracked = owner_of(model), getattr(model, "pgh_tracked_model", None)
        more = {owner, "pgh_obj_id" if tracked else "", "kind" if model is SecurityEvent else ""} - {""}
        for row in rows_with(model, traces, *(field.name for field in fields), *more):
            of_row = f"{tracked._meta.label_lower}:{row['pgh_obj_id']}" if tracked else ""
            certain = bool(owner) and row[owner] in known
            for fixed in (False, True):
                values = {f.name: row[f.name] for f in fields if row[f.name] and is_fixed(model, f.name, row) is fixed}
                if hit := _hit(model, row["pk"], values, traces, certain, fixed):
                    yield replace(hit, row=of_row)


def _hit(
    model: type[Model], pk: Any, values: dict[str, Any], traces: Traces, certain: bool, fixed: bool
) -> TextHit | None:
    said = {name: "\n".join(leaves(value)) for name, value in values.items()}
    kinds = {name: found for name, text in said.items() if (found := traces.kinds(text))}
    if not kinds:
        return None
    every = frozenset().union(*kinds.values())
    excerpt = traces.excerpt(next(said[name] for name in kinds))
    certain = not fixed and (certain or NUMBER in every)
    return TextHit(model, pk, {name: values[name] for name in kinds}, every, certain, excerpt, fixed)


def leaves(value: object) -> Iterator[str]:
    """Yield the texts within a text, a list or an object of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(key)
            yield from leaves(one)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
