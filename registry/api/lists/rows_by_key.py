"""The columns of records whose keys are known.

What differs from request to request is which records a list has, and in what order: a short query of keys. The long
one, with all columns and the lists in them, is the same for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from registry.api.lists.prepared import AnyOfParameter, EqualsParameter, PreparedQuery
from registry.columns import Column, RenderContext


@dataclass(frozen=True)
class Selection:
    """The columns of a view's records."""

    view: Any
    columns: tuple[Column, ...]
    key: tuple[Any, ...]
    """The key of the render context, which changes the query."""
    context: RenderContext = field(compare=False)

    def rows(self, keys: Sequence[Any]) -> dict[Any, Sequence[Any]]:
        """Key -> values of the columns. What is gone meanwhile, or has become none of the view's, is left out."""
        return {row[0]: row[1:] for row in _statement(self, "").rows(list(keys))} if keys else {}

    def row(self, name: str, value: Any) -> Sequence[Any] | None:
        """Values of the columns of the record whose unique field has the value."""
        return next((row[1:] for row in _statement(self, name).rows(value)), None)


@lru_cache(maxsize=200)
def _statement(selection: Selection, name: str) -> PreparedQuery:
    expressions = [column.selected(selection.context) for column in selection.columns]
    chosen = selection.view.shown().order_by().filter(EqualsParameter(name) if name else AnyOfParameter("pk"))
    return PreparedQuery(chosen.values_list("pk", *expressions))
