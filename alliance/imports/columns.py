"""The columns of a file of memberships: their labels and how their cells are read."""

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance import labels
from alliance.imports.tiers import Tiers
from alliance.models import EndReason
from alliance.rows import MEMBERSHIP_COLUMNS
from registry import cells
from registry.cells import PLAIN, Cell, Context, Vocabulary
from registry.imports.columns import labels_of, parse_code, uscc_parser
from registry.imports.identifiers import key_columns
from registry.imports.matching import KEYS
from registry.imports.signs import signed_list_parser
from registry.imports.staging import FileColumn, Parse
from registry.models import Sector
from registry.references import references
from registry.validators import fold_name

_TYPES = {"admitted_on": "date", "ended_on": "date", "tier": "bigint", "sectors": "bigint[]"}
_LONGEST = {"member_no": 30, "name_zh": 200, "name_en": 300}
_DAY = r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?"
_FROM_TO_RE = re.compile(rf"\s*自?\s*{_DAY}\s*(?:起\s*)?(?:[-–—−~～]+|至|到)\s*(?P<last>\S.*)", re.DOTALL)
_UNTIL_RE = re.compile(r"\s*(?:截?[至止到]|until\b|through\b|to\b)\s*(?P<last>\S.*)", re.IGNORECASE | re.DOTALL)
_REASONS = {
    "tier_change": ["变更级别", "级别变更", "换届", "升级", "降级"],
    "withdrawal": ["退会", "主动退会", "申请退会"],
    "lapse": ["到期", "未续费", "欠费", "视为退会"],
    "expulsion": ["开除"],
    "dissolution": ["注销", "单位解散"],
    "succession": ["合并"],
}


def membership_columns(parse_alliance: Parse, tiers: Tiers) -> list[FileColumn]:
    """All columns of a file of memberships of one alliance."""
    parse: dict[str, Parse] = {
        "alliance": parse_alliance,
        "registry_no": parse_code,
        "uscc": uscc_parser(),
        "admitted_on": cells.parse_date,
        "ended_on": cells.parse_date,
        "remarks": cells.parse_text,
    }
    reasons = cells.choice_vocabulary(_("reason of the end"), EndReason.choices, _REASONS)
    sectors = Vocabulary(_("sector of the plan"), _sectors)
    known: dict[str, tuple[Vocabulary[Any], Callable[[Vocabulary[Any]], Parse]]] = {
        "tier": (tiers, cells.choice_parser),
        "end_reason": (reasons, cells.choice_parser),
        "sectors": (sectors, signed_list_parser),
    }
    columns = []
    for column in MEMBERSHIP_COLUMNS:
        if column.in_file:
            name = column.name
            vocabulary, parser_of = known.get(name, (None, cells.choice_parser))
            columns.append(
                FileColumn(
                    name,
                    labels_of(column),
                    parser_of(vocabulary) if vocabulary is not None else parse.get(name, cells.parse_line),
                    _TYPES.get(name, "text"),
                    _LONGEST.get(name),
                    permission=column.permission,
                    vocabulary=vocabulary,
                    parser_of=parser_of,
                    group=_p("columns", "Names and codes") if name in KEYS else _p("columns", "Membership"),
                )
            )
    return [*columns, *_day_columns(), *_tier_columns(tiers), *key_columns(_p("columns", "Names and codes"))]


def _day_columns() -> list[FileColumn]:
    """Days that are not stored as they stand: they find the period, or tell where one ends and another begins."""
    joined = next(column for column in MEMBERSHIP_COLUMNS if column.name == "joined_on")
    known: list[tuple[str, Sequence[str], Parse]] = [
        ("joined_on", labels_of(joined), cells.parse_date),
        ("changed_on", labels.CHANGED, cells.parse_date),
        ("valid_until", labels.LAST_DAY, parse_last_day),
    ]
    group = _p("columns", "Membership")
    return [FileColumn(name, names, parse, "date", group=group) for name, names, parse in known]


def _tier_columns(tiers: Tiers) -> list[FileColumn]:
    group = _p("columns", "Membership")
    return [
        FileColumn(name, names, cells.choice_parser(tiers), "bigint", vocabulary=tiers, group=group)
        for name, names in (("new_tier", labels.NEW_TIER), ("old_tier", labels.OLD_TIER))
    ]


def parse_last_day(cell: Cell, context: Context = PLAIN) -> datetime.date | None:
    """A day, or the last day of a period such as 2024-01-01至2024-12-31; a period without end has none."""
    if isinstance(cell, str) and (named := _FROM_TO_RE.fullmatch(cell) or _UNTIL_RE.fullmatch(cell)):
        cell = named["last"].strip()
    return cells.parse_date(cell, context)


def _sectors() -> list[tuple[int, list[str]]]:
    """Sectors of the current plan; a sector of another plan where the current one has none of that name."""
    current = references().current_plan
    sectors = sorted(
        Sector.objects.select_related("plan"), key=lambda sector: sector.plan_id != (current and current.pk)
    )
    taken: set[str] = set()
    entries = []
    for sector in sectors:
        names = [name for name in (sector.name_zh, sector.name_en, sector.code, *sector.aliases) if name]
        names = [name for name in names if sector.plan == current or fold_name(name) not in taken]
        if sector.plan == current:
            taken.update(map(fold_name, names))
        entries.append((sector.pk, names))
    return entries
