"""Compares every tracked table with its history: the last event of each row says what the row holds."""

from dataclasses import dataclass

from django.apps import apps
from django.db import connection

from registry.imports.undo.tracked_tables import TrackedTable, tracked_tables


@dataclass(frozen=True, slots=True)
class Gap:
    """A row that differs from its last event, or one of the two without the other."""

    table: str
    pk: int


def gaps(most: int = 1000) -> list[Gap]:
    """Return what no event tells of, at most so many of each table."""
    with connection.cursor() as cursor:
        cursor.execute(gaps_sql(most))
        return sorted((Gap(*row) for row in cursor.fetchall()), key=lambda gap: (gap.table, gap.pk))


def gaps_sql(most: int = 1000) -> str:
    tables = tracked_tables(also=tuple(apps.get_models()))
    return " UNION ALL ".join(f"({_differing(table, most)})" for table in tables)


def _differing(table: TrackedTable, most: int) -> str:
    stored, told = (", ".join(f"{alias}.{column}" for column in table.columns) for alias in "xe")
    return f"""
        SELECT '{table.table}', coalesce(x.id, e.pgh_obj_id)
        FROM (
            SELECT DISTINCT ON (pgh_obj_id) * FROM {table.event_table} ORDER BY pgh_obj_id, pgh_id DESC
        ) e FULL JOIN {table.table} x ON x.id = e.pgh_obj_id
        WHERE CASE WHEN x.id IS NULL THEN e.pgh_label <> 'delete'
                   ELSE e.pgh_id IS NULL OR e.pgh_label = 'delete' OR ROW({stored}) IS DISTINCT FROM ROW({told}) END
        LIMIT {int(most)}
    """
