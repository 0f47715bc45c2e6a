"""Registers applications as a table that files can be imported into."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from alliance.applications.imports.applications import ApplicationImport
from alliance.members.imports.table import option_fields
from registry.imports.import_tables import ImportTable
from registry.values.people import Account


def make(*, user: Account | None = None, alliance: str = "", **options: Any) -> ApplicationImport:
    """Return a run of the import. Raises ValidationError if there is no alliance with that slug."""
    return ApplicationImport(user=user, slug=alliance, **options)


APPLICATIONS = ImportTable(
    "applications",
    _("Applications for membership"),
    make,
    ("alliance.add_application",),
    "import_applications",
    option_fields,
    about=_("Filled-in application forms: every column of organizations, and the tier that they apply for"),
)
