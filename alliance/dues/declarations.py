"""Declares dues to the registry: the imports, and how the history names operations."""

from alliance.dues.drawing_up import OPERATIONS
from alliance.dues.imports.tables import DUES_TABLES
from registry.history import rendering
from registry.imports import import_tables


def declare() -> None:
    for table in DUES_TABLES:
        import_tables.add(table)
    rendering.OPERATIONS.update(OPERATIONS)
