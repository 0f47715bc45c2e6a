"""Declares dues to the registry: the import of payments, and how the history names operations."""

from alliance.dues.drawing_up import OPERATIONS
from alliance.dues.imports.tables import PAYMENTS
from registry.history import rendering
from registry.imports import import_tables


def declare() -> None:
    import_tables.add(PAYMENTS)
    rendering.OPERATIONS.update(OPERATIONS)
