"""Declares memberships to the registry: their import, mergers, retention, and columns that show persons."""

from alliance.members import retention
from alliance.members.columns import MEMBERSHIP_COLUMNS
from alliance.members.imports.table import MEMBERSHIPS
from alliance.members.operations import merging
from registry.erasure import processing
from registry.imports import import_tables


def declare() -> None:
    import_tables.add(MEMBERSHIPS)
    merging.declare()
    retention.declare()
    processing.add_columns(lambda: MEMBERSHIP_COLUMNS)
