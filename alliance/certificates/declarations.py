"""Declares the import of certificates to the registry."""

from alliance.certificates.imports.tables import CERTIFICATES
from registry.imports import import_tables


def declare() -> None:
    import_tables.add(CERTIFICATES)
