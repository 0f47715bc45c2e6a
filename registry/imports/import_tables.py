"""The register of the tables that files can be imported into.

`ready()` of `registry/apps.py` adds the tables of the registry; packages of `alliance` add theirs in `declarations.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise

from registry.imports.pipeline.engine import Import
from registry.values.people import Account

MakeImport = Callable[..., Import]
"""A function that makes a new run from `user` and the options by name. It raises ValidationError for wrong options."""


@dataclass(frozen=True, slots=True)
class ImportTable:
    name: str
    label: str | Promise
    make: MakeImport
    permissions: tuple[str, ...]
    """An account that has one of these may upload a file; what each row needs is checked row by row."""
    command: str
    """The management command that imports files too large for a web request."""
    option_fields: Callable[[], dict[str, forms.Field]] = dict
    """Form fields for the options, by name. An option says what the file itself does not, such as the alliance."""
    about: str | Promise = ""
    """One line that says what such a file holds."""
    afterwards: Callable[[Any, Any], Iterable[tuple[str, str]]] = lambda batch, user: ()
    """Returns lines with links that the page of an applied import shows in addition to its counts."""

    def allows(self, user: Account) -> bool:
        return any(user.has_perm(permission) for permission in self.permissions)


_tables: dict[str, ImportTable] = {}


def add(table: ImportTable) -> None:
    _tables[table.name] = table


def get(name: str) -> ImportTable | None:
    return _tables.get(name)


def everything() -> list[ImportTable]:
    return list(_tables.values())


def of(user: Account) -> list[ImportTable]:
    """Return the tables that the account may import into, in the order in which they were registered."""
    return [table for table in _tables.values() if table.allows(user)]
