"""The columns of a file of memberships: their labels and the way their cells are read."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from alliance.members import labels
from alliance.members.columns import MEMBERSHIP, MEMBERSHIP_COLUMNS
from alliance.members.imports.tiers import Tiers
from alliance.models import Alliance, Membership
from registry import spreadsheet
from registry.imports.pipeline.columns import FileColumn, file_columns, key_columns, labels_of
from registry.organizations.columns.template_help import NAMES
from registry.spreadsheet import PLAIN, Cell, Context, Parse
from registry.values.validators import fold_name

_DAY = r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?"
_FROM_TO_RE = re.compile(rf"\s*自?\s*{_DAY}\s*(?:起\s*)?(?:[-–—−~～]+|至|到)\s*(?P<last>\S.*)", re.DOTALL)
_UNTIL_RE = re.compile(r"\s*(?:截?[至止到]|until\b|through\b|to\b)\s*(?P<last>\S.*)", re.IGNORECASE | re.DOTALL)


def membership_columns(parse_alliance: Parse, tiers: Tiers) -> list[FileColumn]:
    """Return all columns of a file of memberships of one alliance."""
    own = [
        replace(column, parse=parse_alliance) if column.name == "alliance" else column
        for column in file_columns(Membership, MEMBERSHIP_COLUMNS, {"tier": tiers})
    ]
    return [*own, *file_only(tiers)]


def file_only(tiers: Tiers) -> list[FileColumn]:
    """Return the columns of files that are stored in other columns or identify the organization."""
    return [*_day_columns(), *_tier_columns(tiers), *key_columns(NAMES)]


def _day_columns() -> list[FileColumn]:
    """Return the columns of days that identify a period, or at which one period ends and another begins."""
    joined = next(column for column in MEMBERSHIP_COLUMNS if column.name == "joined_on")
    known: list[tuple[str, Sequence[str], Parse]] = [
        ("joined_on", labels_of(joined), spreadsheet.parse_date),
        ("changed_on", labels.CHANGED.split("、"), spreadsheet.parse_date),
        ("valid_until", labels.LAST_DAY.split("、"), parse_last_day),
    ]
    return [FileColumn(name, names, parse, "date", group=MEMBERSHIP) for name, names, parse in known]


def _tier_columns(tiers: Tiers) -> list[FileColumn]:
    return [
        FileColumn(name, names.split("、"), sql_type="bigint", vocabulary=tiers, group=MEMBERSHIP)
        for name, names in (("new_tier", labels.NEW_TIER), ("old_tier", labels.OLD_TIER))
    ]


def parse_last_day(cell: Cell, context: Context = PLAIN) -> datetime.date | None:
    """Return a day, or the last day of a period such as 2024-01-01至2024-12-31; None for a period without end."""
    if isinstance(cell, str) and (named := _FROM_TO_RE.fullmatch(cell) or _UNTIL_RE.fullmatch(cell)):
        cell = named["last"].strip()
    return spreadsheet.parse_date(cell, context)


def settle_last_day(values: dict[str, Any], last_day: str, end: str) -> None:
    """Set the column of the end to the day after the last day. Raises ValidationError if the row gives another end."""
    if last_day in values:
        after = values[last_day] + datetime.timedelta(days=1)
        if values.setdefault(end, after) != after:
            raise ValidationError({last_day: _("The last day and the end date contradict each other.")})


def is_named(alliance: Alliance, text: str) -> bool:
    """Return whether the text is the slug or a name of the alliance."""
    names = (alliance.slug, alliance.name_zh, alliance.name_en, alliance.short_name)
    return fold_name(text) in map(fold_name, filter(None, names))
