"""Finds with `periods.py`, member by member, the period of each row, and stores it in `import_period`."""

import datetime
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from alliance.members.imports import queries
from alliance.members.imports.list_day import day_of_sheet
from alliance.members.imports.periods import Chooser, HeldPeriod, ListRow, PeriodChoice, PeriodRefused
from alliance.models import Tier
from registry.imports.options import StoredValues
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.report import Message
from registry.values.punctuation import listed_lazily

DATES = ("admitted_on", "joined_on", "changed_on")
"""The columns that identify the period of a row."""
_KEPT = ("n", "id", "admitted_on", "tier", "ended_on", "end_reason", "closes", "follows", "may_rewrite")


def choose_periods(run: Import, alliance: int | None, new_tier: Callable[[int], str]) -> Chooser:
    """Make `import_period` with the period of each row; refuse rows that contradict stored periods."""
    tiers = {tier.pk: tier for tier in Tier.objects.filter(alliance=alliance)}
    chooser = Chooser(
        localdate(),
        lambda pk: tiers.get(pk or 0) or (new_tier(pk) if pk else "–"),
        run.choices.stored == StoredValues.FILL_BLANKS,
    )
    stored: dict[int, list[HeldPeriod]] = {}
    for organization, *values in run.query(queries.STORED_PERIODS, [alliance]):
        stored.setdefault(organization, []).append(HeldPeriod(*values))
    days = _list_days(run)
    choices: list[PeriodChoice] = []
    for organization, rows in groupby(list(run.query(queries.DATED_ROWS)), itemgetter(0)):
        listed = [
            ListRow(n, days.get(run.places[n][0]) or chooser.today, *values) for _organization, n, *values in rows
        ]
        for found in chooser.choose(listed, stored.get(organization, [])):
            if isinstance(found, PeriodChoice):
                choices.append(found)
            else:
                _refuse(run, *found)
    run.make_table("import_period")
    run.copy_rows("import_period", _KEPT, ([getattr(choice, name) for name in _KEPT] for choice in choices))
    run.execute("ANALYZE import_period")
    for choice in choices:
        for column, message in choice.notes:
            run.note(choice.n, column, "", message)
    return chooser


def _list_days(run: Import) -> dict[str, datetime.date]:
    """Return the day of the list in each sheet, if the sheet names one and rows depend on it."""
    if "joined_on" not in run.present:
        return {}
    found = {}
    for sheet in run.report.table.sheets:
        if day := day_of_sheet(run.report.table, sheet, run.report.file):
            found[sheet.name] = day
            message = _("%(sheet)s: read as the list of members on %(day)s, as its title or name says.")
            run.report.notices.append(Message(message, {"sheet": sheet.name or run.report.file, "day": day}))
    return found


def _refuse(run: Import, row: ListRow, refused: PeriodRefused) -> None:
    columns = ("tier", "new_tier") if refused.column == "tier" else (refused.column,)
    run.refuse(row.n, (*columns, *(name for name in DATES if getattr(row, name))), "", refused.message)


def refuse_past(run: Import, chooser: Chooser) -> None:
    """Refuse rows that would change a period that has ended, unless the row itself gives its end."""
    for n, tier, start, end in list(run.query(queries.PAST, [chooser.today])):
        run.refuse(n, ("tier", "new_tier", *DATES), "", chooser.rewrites(tier, start, end))


def tell_changes(run: Import, chooser: Chooser) -> None:
    """Add to each row of `import_final` that changes a stored period a note which one it is."""
    for n, tier, start, end in list(run.query(queries.CHANGED_PERIODS)):
        run.note(n, (), "", chooser.changes(tier, start, end))


def tell_last_days(run: Import) -> None:
    """Report which ends are read as last days: the label of a column decides what its days mean."""
    if "valid_until" not in run.present or not (day := run.value("SELECT max(valid_until) FROM import_row")):
        return
    columns = [column for sheet in run.report.table.sheets for column in sheet.columns]
    labels = dict.fromkeys(f"“{column.label}”" for column in columns if column.name == "valid_until")
    message = _(
        "%(labels)s is read as the last day of the membership: with %(day)s it is no member any more from %(end)s on."
    )
    params = {"labels": listed_lazily(labels), "day": day, "end": day + datetime.timedelta(days=1)}
    run.report.notices.append(Message(message, params))
