"""Shows the changes of an import of memberships as texts of a file, by the columns of exported files."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from alliance.members.columns import MEMBERSHIP_COLUMNS, AllianceRenderContext
from registry.columns import Column
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.outcomes import WrittenRow, change

_NAMES = ("member_no", "tier", "admitted_on", "ended_on", "end_reason", "position", "sectors", "remarks")
_WRITTEN = """
SELECT f.n, f.is_new, f.organization_id,
       NULL, CASE WHEN f.member_id IS NULL THEN r.member_no END, x.tier_id, f.tier_id, x.admitted_on, f.admitted_on,
       x.ended_on, f.ended_on, x.end_reason, f.end_reason,
       mb.position, f.new_position,
       f.sectors, CASE WHEN f.sectors_changed THEN f.new_sectors ELSE f.sectors END, x.remarks, f.remarks
FROM import_final f JOIN import_row r ON r.n = f.n LEFT JOIN alliance_membership x ON x.id = f.id
LEFT JOIN alliance_member mb ON mb.id = f.member_id
WHERE f.is_new OR f.changed OR f.sectors_changed OR f.position_changed ORDER BY f.n
"""


def written_memberships(run: Import, new_tier: Callable[[int], str]) -> Iterator[WrittenRow]:
    context = AllianceRenderContext()
    by_name: dict[str, Column] = {column.name: column for column in MEMBERSHIP_COLUMNS}

    def tier_name(pk: int | None, context: AllianceRenderContext) -> str:
        return "" if pk is None else context.tiers[pk]["name"] if pk in context.tiers else new_tier(pk)

    columns = [replace(by_name[name], write=tier_name) if name == "tier" else by_name[name] for name in _NAMES]
    for n, is_new, organization, *values in run.query(_WRITTEN):
        changes = []
        for column, old, new in zip(columns, values[::2], values[1::2], strict=True):
            empty: list[int] | None = [] if column.name == "sectors" else None
            shown = change(column, empty if old is None else old, empty if new is None else new, context, is_new)
            if shown["new"] != shown.get("old", ""):
                changes.append(shown)
        yield WrittenRow(n, is_new, organization, changes)
