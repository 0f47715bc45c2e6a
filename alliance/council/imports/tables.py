"""Registers terms, groups, seats and office holders as tables that files can be imported into."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.council.imports.council import CouncilImport
from alliance.council.imports.groups import GroupImport
from alliance.council.imports.office_holders import OfficeHolderImport
from alliance.council.imports.seats import SeatImport
from alliance.council.imports.terms import TermImport
from alliance.members.imports.table import option_fields
from registry.database.permission_names import permission
from registry.imports.import_tables import ImportTable, MakeImport
from registry.values.people import Account

_ABOUT = {
    TermImport: (_("Terms"), _("Terms of the council of an alliance: number, first and last day, postponement")),
    GroupImport: (_("Groups of the alliance"), _("Supervisory board, committees and working groups of an alliance")),
    SeatImport: (_("Seats"), _("Members of an alliance in its groups, from and until which day")),
    OfficeHolderImport: (_("Office holders"), _("Persons in office: chair, secretary-general and the like")),
}


def _make(kind: type[CouncilImport]) -> MakeImport:
    def make(*, user: Account | None = None, alliance: str = "", **options: Any) -> CouncilImport:
        if not alliance:
            raise ValidationError({"alliance": _("Choose the alliance.")})
        return kind(user=user, slug=alliance, **options)

    return make


def council_table(kind: type[CouncilImport], label: str | Promise, about: str | Promise) -> ImportTable:
    """Return the import table of a list of one alliance."""
    permissions = (permission("add", kind.model), permission("change", kind.model))
    return ImportTable(
        kind.TABLE, label, _make(kind), permissions, f"import_council {kind.TABLE}", option_fields, about=about
    )


COUNCIL_TABLES = tuple(council_table(kind, label, about) for kind, (label, about) in _ABOUT.items())
