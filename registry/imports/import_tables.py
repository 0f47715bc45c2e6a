"""The tables that files can be imported into; each app adds its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser
from django.utils.functional import Promise

from registry.imports.pipeline.engine import Import

MakeImport = Callable[..., Import]
"""Called with `user` and the options of the table by name: a new run. Raises ValidationError where they are wrong."""


@dataclass(frozen=True, slots=True)
class ImportTable:
    name: str
    label: str | Promise
    make: MakeImport
    permissions: tuple[str, ...]
    """One of them is enough to bring a file; what each row needs is checked row by row."""
    command: str
    """The management command that imports files too large for a request."""
    option_fields: Callable[[], dict[str, forms.Field]] = dict
    """Form fields for the options, by their names: what must be known beyond the file."""
    about: str | Promise = ""
    """In a line, what such a file holds."""
    afterwards: Callable[[Any, Any], Iterable[tuple[str, str]]] = lambda batch, user: ()
    """What the page of a batch that was applied says beyond its counts: lines, and the address each leads to."""

    def allows(self, user: AbstractUser) -> bool:
        return any(user.has_perm(permission) for permission in self.permissions)


_tables: dict[str, ImportTable] = {}


def add(table: ImportTable) -> None:
    _tables[table.name] = table


def get(name: str) -> ImportTable | None:
    return _tables.get(name)


def everything() -> list[ImportTable]:
    return list(_tables.values())


def of(user: AbstractUser) -> list[ImportTable]:
    """Return the tables that the account may upload files for, in the order in which they were added."""
    return [table for table in _tables.values() if table.allows(user)]
