"""The columns of a file of memberships: their labels and how their cells are read."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance.imports.tiers import Tiers
from alliance.models import EndReason
from alliance.rows import MEMBERSHIP_COLUMNS
from registry import cells
from registry.cells import Vocabulary
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
_INCLUSIVE_END = ["有效期至", "Valid until", "valid_until", "上届到期日", "会籍有效期至", "届满日期", "到期日"]
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
    group = _p("columns", "Membership")
    columns.append(FileColumn("valid_until", _INCLUSIVE_END, cells.parse_date, "date", group=group))
    return [*columns, *key_columns(_p("columns", "Names and codes"))]


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
