"""Declares the council to the registry: its imports, retention, and columns that show persons."""

from alliance.council import retention
from alliance.council.imports.office_holders import OfficeHolderImport
from alliance.council.imports.tables import COUNCIL_TABLES
from registry.erasure import processing
from registry.imports import import_tables


def declare() -> None:
    for table in COUNCIL_TABLES:
        import_tables.add(table)
    retention.declare()
    processing.add_columns(lambda: OfficeHolderImport.shown)
