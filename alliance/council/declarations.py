"""Declares the council to the registry: its imports, retention, and columns that show persons."""

from functools import partial

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from alliance.council.imports.office_holders import OfficeHolderImport
from alliance.council.imports.tables import COUNCIL_TABLES
from alliance.council.models import OfficeHolder
from registry.erasure import processing
from registry.imports import import_tables
from registry.retention import kinds
from registry.retention.kinds import RetentionKind
from registry.retention.persons import clear_ended

_OFFICE_HOLDERS = RetentionKind(
    "office-holders",
    _("Persons who no longer hold an office of the alliance"),
    lambda: settings.KEEP_DAYS["office_holders"],
    _("Who led the alliance belongs to its archive (Archives Law, article 13)"),
    partial(clear_ended, OfficeHolder, OfficeHolder.personal, "ends_on"),
    "REGISTRY_ENDED_OFFICE_DAYS",
)


def declare() -> None:
    for table in COUNCIL_TABLES:
        import_tables.add(table)
    kinds.add(_OFFICE_HOLDERS)
    processing.add_columns(lambda: OfficeHolderImport.shown)
