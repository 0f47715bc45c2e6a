"""How a condition calls the fields of the rows that it chooses.

One list may be read from several tables. A filter does not know from which: it asks for the path of each field and
makes its condition of that.
"""

from collections.abc import Callable

from django.db.models import OuterRef

Path = Callable[[str], str]
"""Name of a field of the list's model -> how the query calls it; `pk` is its key."""


def own_path(field: str) -> str:
    """Return the path of a field in a query of the list's own model, which is its name."""
    return field


def order_path(name: str, path: Path) -> str:
    """Return the path of a field to order by; a "-" before the name, which means descending, stays."""
    return f"-{path(name[1:])}" if name.startswith("-") else path(name)


def outer(path: Path) -> OuterRef:
    """Return the key of the row of the outer query, for subqueries."""
    return OuterRef(path("pk"))
