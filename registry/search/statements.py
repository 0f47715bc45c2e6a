"""Remembers the compiled statements for the keys of lists that are read from an index table.

Requests differ in the values of their conditions far more often than in their shape: which fields are compared, and
how. Building and compiling a statement by the ORM takes longer than most searches take in the database. So it is done
once for each shape: another request of the same shape is the same statement with its own values as parameters.

A statement is remembered only if the parameters that the ORM gave it are exactly the values of the conditions in their
order. Where the ORM makes something else of a value, puts it into the text or leaves it out, nothing is remembered.
Which values are equal is part of the shape: two that the ORM had exchanged would be seen, or make no difference.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import ClassVar

from django.db.models import Q

from registry.api.lists.rows import Statement
from registry.search.index_table import SearchMatch

_MOST = 1_000
"""The number of shapes that are remembered; when there are more, all are forgotten."""


class Statements:
    """The statements that this process remembers: key and shape -> text, and the types of its parameters."""

    _known: ClassVar[dict[Hashable, tuple[str, list[type]]]] = {}

    @classmethod
    def cache_clear(cls) -> None:
        cls._known.clear()

    @classmethod
    def find(cls, key: Hashable, conditions: Iterable[Q], compiled: Callable[[], Statement]) -> Statement:
        """Return the statement with these conditions; `compiled` makes it, and `key` is what else it depends on."""
        values: list[object] = []
        try:
            shapes = [_shape(condition, values) for condition in conditions]
        except _UnknownShape:
            return compiled()
        shape = (key, *shapes, *[values.index(value) for value in values])
        if found := cls._known.get(shape):
            text, types = found
            return text, [one if type(one) is kind else kind(one) for kind, one in zip(types, values, strict=True)]
        text, parameters = compiled()
        if list(parameters) == values:
            if len(cls._known) >= _MOST:
                cls.cache_clear()
            cls._known[shape] = text, [*map(type, parameters)]
        return text, parameters


class _UnknownShape(Exception):
    """The condition has a part, such as a subquery, whose statement may depend on more than its shape."""


def _shape(condition: Q, values: list[object]) -> Hashable:
    """Return what the condition is but for its values, and add these to the list."""
    parts: list[Hashable] = [condition.connector, condition.negated]
    for child in condition.children:
        if isinstance(child, Q):
            parts.append(_shape(child, values))
        elif isinstance(child, SearchMatch):
            parts.append((type(child), child.text("")))
            values += child.parameters()
        elif isinstance(child, tuple):
            path, value = child
            several = path.endswith("__in") and isinstance(value, list | tuple)
            values += value if several else [value]
            parts.append((path, tuple(map(type, value)) if several else type(value)))
        else:
            raise _UnknownShape
    return tuple(parts)
