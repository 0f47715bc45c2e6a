"""Imports office holders: a row is one person in one office, found by both, the group and the first day.

Personal information: all columns but those that identify the organization need the permission to view it.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from alliance.council import labels
from alliance.council.columns import OFFICE_HOLDER_COLUMNS
from alliance.council.imports.council import LastDays, NoOverlap
from alliance.council.imports.members import OfMembers, by_keys
from alliance.models import OfficeHolder
from registry.imports.pipeline.comparing import clean_line
from registry.imports.reading.tables import Sheet
from registry.values.validators import is_masked


@dataclass
class OfficeHolderImport(OfMembers):
    """Adds and changes office holders, never removes them. A name with hidden characters finds nobody."""

    TABLE: ClassVar[str] = "office_holders"
    NAMED_BY: ClassVar[tuple[str, ...]] = ("name", "name_zh", "name_en")

    model = OfficeHolder
    shown = by_keys(OFFICE_HOLDER_COLUMNS)
    key = ("office", "coalesce(group_id, 0)", "name", "begins_on")
    same = (
        "x.office = r.office AND x.group_id IS NOT DISTINCT FROM r.group "
        f"AND {clean_line('x.name')} = r.name AND (r.begins_on IS NULL OR x.begins_on = r.begins_on)"
    )
    nearer = "x.member_id IS NOT DISTINCT FROM r.member"
    needed: ClassVar = {"office": _("A row needs the office."), "name": _("A row needs the name of the person.")}
    needed_if_new: ClassVar = {"begins_on": _("A new office holder needs the first day in office.")}
    last_days = (LastDays("last_day", labels.LAST_DAY, "ends_on"),)
    no_overlap = NoOverlap(
        "office_held_by_one",
        ("alliance_id", "office"),
        among="x.office IN ('chair', 'secretary_general', 'chief_supervisor')",
    )
    second_message = _("Row %(rows)s is about the same person in this office: keep one of them.")

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        super().finish_row(values, sheet)
        for name in ("name", "title"):
            if is_masked(values.get(name) or ""):
                raise ValidationError(
                    {name: _("Characters are hidden here: give the full text, or leave the row out.")}
                )
