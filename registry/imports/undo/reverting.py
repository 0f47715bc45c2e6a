"""Reverts what an import wrote into one table: what was stored before, what is reverted, what stays; by set-based SQL.

A temporary table has one row for each row that the import wrote, with its future values. `act` is the action, `why` the
reason why something stays, `whole` whether all of it stays, `kept` and `restored` are columns, and `done` says whether
the action was done.
"""

import enum
import uuid
from collections.abc import Collection, Iterator, Mapping

from django.db import IntegrityError, models, transaction

from registry.database.personal import MARK, personal_of
from registry.database.tracking import FRESH_PLANS
from registry.imports.pipeline.statements import FRESH_STATISTICS, Database
from registry.imports.undo.outcome import KeptReason, KeptRecord, RevertedRow, TableOutcome
from registry.imports.undo.tracked_tables import TrackedTable, condition_sql

SHOWN = 300
"""The number of records of each table that are named if they stay; all are counted."""


class Action(enum.StrEnum):
    """A way in which a write is reverted."""

    REMOVE = "remove"
    UPDATE = "update"
    INSERT = "insert"


_ACT = """
CASE WHEN f.pgh_label = 'insert' THEN CASE WHEN a.pgh_label <> 'delete' AND x.id IS NOT NULL THEN 'remove' END
     WHEN a.pgh_label = 'delete' THEN CASE WHEN x.id IS NULL THEN 'insert' END
     ELSE 'update' END
"""


class Revert(Database):
    """Reverts the writes into one table. Call the methods in the order of this class."""

    def __init__(self, trace: TrackedTable, context: uuid.UUID | None) -> None:
        self.trace, self.context = trace, context
        self.name = f"undo_{trace.table}"

    # --- What is concerned

    def organizations(self) -> Iterator[int]:
        """Yield the organizations that the rows are about."""
        expression = self.trace.to_organization()
        if expression:
            query = f"SELECT DISTINCT {expression} FROM {self.trace.event_table} x WHERE pgh_context_id = %s"
            yield from (pk for (pk,) in self.query(query, [self.context]) if pk is not None)

    def lock(self) -> None:
        if self._many():
            # Tables that an import has just filled look empty to the planner, which compares every row with every row.
            self.execute(f"ANALYZE {self.trace.table}; ANALYZE {self.trace.event_table}")
        mine = f"SELECT pgh_obj_id FROM {self.trace.event_table} WHERE pgh_context_id = %s"
        self.execute(f"SELECT 1 FROM {self.trace.table} WHERE id IN ({mine}) ORDER BY id FOR UPDATE", [self.context])

    def _many(self) -> bool:
        query = f"SELECT 1 FROM {self.trace.event_table} WHERE pgh_context_id = %s OFFSET {FRESH_STATISTICS} LIMIT 1"
        return any(self.query(query, [self.context]))

    def compare(self) -> None:
        """Make the temporary table.

        In its SQL, `b` is the event with the state before the import, `a` the state that the import wrote, `x` the
        stored row.
        """
        events, table = self.trace.event_table, self.trace.table
        self.execute(f"DROP TABLE IF EXISTS pg_temp.{self.name}")
        self.execute(
            f"""
            CREATE TEMP TABLE {self.name} ON COMMIT DROP AS
            WITH mine AS MATERIALIZED (
                SELECT pgh_obj_id AS id, min(pgh_id) AS first, max(pgh_id) AS last
                FROM {events} WHERE pgh_context_id = %s GROUP BY pgh_obj_id
            ), compared AS (
                SELECT m.id, k.act, x.id IS NULL AND k.act = 'update' AS gone,
                       (b.pgh_id IS NULL AND k.act = 'update') OR ({self._erased()}) AS unknown,
                       {self._kept()} AS kept, {self._restored()} AS restored, {self._values()}
                FROM mine m
                JOIN {events} f ON f.pgh_id = m.first
                JOIN {events} a ON a.pgh_id = m.last
                LEFT JOIN LATERAL (
                    SELECT max(p.pgh_id) AS pgh_id FROM {events} p
                    WHERE p.pgh_obj_id = m.id AND p.pgh_id < m.first AND f.pgh_label = 'update'
                ) prior ON true
                LEFT JOIN {events} b ON b.pgh_id = CASE f.pgh_label WHEN 'delete' THEN f.pgh_id ELSE prior.pgh_id END
                LEFT JOIN {table} x ON x.id = m.id
                CROSS JOIN LATERAL (SELECT {_ACT} AS act) k
                WHERE k.act IS NOT NULL
            )
            SELECT *, gone OR unknown OR (act = 'remove' AND kept <> '{{}}') AS whole, false AS done,
                   '{{}}'::text[] AS others,
                   CASE WHEN gone THEN 'gone' WHEN unknown THEN 'unknown' WHEN kept <> '{{}}' THEN 'changed' END AS why
            FROM compared
            """,
            [self.context],
        )
        self.execute(f"CREATE INDEX ON {self.name} (id); ANALYZE {self.name}")

    def _values(self) -> str:
        """Return SQL for the future row; columns that are not reverted keep their stored values."""
        values = []
        for group in self.trace.groups():
            untouched = _same("a", "x", group)
            values += [
                f"CASE WHEN k.act = 'insert' OR (k.act = 'update' AND {untouched}) THEN b.{column} ELSE x.{column} END "
                f"AS {column}"
                for column in group
            ]
        return ", ".join(values)

    def _erased(self) -> str:
        """Return SQL for whether the state before names somebody who was erased: nobody brings them back."""
        data = personal_of(self.trace.model)
        if data is None or not data.names:
            return "false"
        return f"k.act <> 'remove' AND b.{data.names[0]} = '{MARK}'"

    def _kept(self) -> str:
        """Return SQL for the columns that the import set and that have other values by now."""
        conditions = {}
        for group in self.trace.groups():
            for column in group:
                created = f"k.act = 'remove' AND a.{column} IS DISTINCT FROM x.{column}"
                changed = (
                    f"k.act = 'update' AND b.pgh_id IS NOT NULL AND x.id IS NOT NULL "
                    f"AND NOT ({_same('a', 'x', group)}) "
                    f"AND b.{column} IS DISTINCT FROM a.{column} AND x.{column} IS DISTINCT FROM b.{column}"
                )
                conditions[column] = f"({created}) OR ({changed})"
        return _names(conditions)

    def _restored(self) -> str:
        """Return SQL for the columns that the import set and that nobody has changed since."""
        conditions = {
            column: f"k.act = 'update' AND {_same('a', 'x', group)} AND b.{column} IS DISTINCT FROM a.{column}"
            for group in self.trace.groups()
            for column in group
        }
        return _names(conditions)

    def restrict(self, chosen: Mapping[int, Collection[str]]) -> None:
        """Revert these rows alone, and of changed ones only these columns and the columns that belong to them.

        An empty collection of columns means the whole row.
        """
        self.execute(f"DELETE FROM {self.name} WHERE NOT id = ANY(%s)", [list(chosen)])
        for pk, columns in chosen.items():
            taken = [name for group in self.trace.groups() if {*group} & {*columns} for name in group]
            stays = [name for name in self.trace.columns if name not in taken]
            if columns and stays:
                sets = ", ".join(f"{name} = x.{name}" for name in stays)
                self.execute(
                    f"""
                    UPDATE {self.name} u SET {sets},
                           restored = ARRAY(SELECT unnest(u.restored) INTERSECT SELECT unnest(%s::text[])),
                           kept = ARRAY(SELECT unnest(u.kept) INTERSECT SELECT unnest(%s::text[]))
                    FROM {self.trace.table} x WHERE x.id = u.id AND u.id = %s AND u.act = 'update'
                    """,
                    [taken, taken, pk],
                )
        self.execute(f"UPDATE {self.name} SET why = NULL WHERE why = 'changed' AND kept = '{{}}'")

    # --- What cannot go, because of other tables

    def staying(self) -> int:
        return int(self.value(f"SELECT count(*) FROM {self.name} WHERE whole"))

    def keep_referred(self, by_table: Mapping[str, "Revert"]) -> None:
        """Keep a record that the import created if a record that stays refers to it."""
        for reference in self.trace.references():
            if reference.follows:
                continue
            going = "false"
            if other := by_table.get(reference.table):
                part = "t.why = 'part'" if reference.part else "false"  # which stays only because this record does
                going = f"""EXISTS (
                    SELECT 1 FROM {other.name} t WHERE t.id = r.id AND (NOT t.whole OR {part}) AND (
                        t.act = 'remove' OR (t.act = 'update' AND t.{reference.column} IS DISTINCT FROM u.id)
                    )
                )"""
            self.execute(
                f"""
                UPDATE {self.name} u SET whole = true, why = 'referred', others = u.others || %s::text
                WHERE u.act = 'remove' AND (NOT u.whole OR u.why = 'referred') AND NOT %s = ANY(u.others) AND EXISTS (
                    SELECT 1 FROM {reference.table} r WHERE r.{reference.column} = u.id AND NOT {going}
                )
                """,
                [reference.source._meta.label_lower] * 2,
            )

    def keep_parts(self, by_table: Mapping[str, "Revert"]) -> None:
        """Keep the child records that the import wrote if their parent record stays."""
        for reference in self.trace.references():
            part = by_table.get(reference.table)
            if part and part is not self and reference.part:
                self.execute(
                    f"""
                    UPDATE {part.name} t SET whole = true, why = 'part'
                    FROM {self.name} u
                    WHERE t.act = 'remove' AND NOT t.whole
                      AND u.id = t.{reference.column} AND u.act = 'remove' AND u.whole
                    """
                )

    def actions(self) -> list[Action]:
        """Return the actions that will be taken."""
        return [action for action in Action if self._pending(action)]

    def _pending(self, action: Action) -> bool:
        return bool(self.value(f"SELECT EXISTS (SELECT 1 FROM {self.name} u WHERE {_pending(action)})"))

    # --- Writing

    def sweep(self) -> None:
        """Delete rows that are derived from deleted ones and that nobody entered."""
        for reference in self.trace.references():
            if not reference.follows or reference.on_delete is models.DO_NOTHING:
                continue
            going = f"SELECT id FROM {self.name} WHERE act = 'remove' AND NOT whole"
            where = f"WHERE {reference.column} IN ({going})"
            if reference.part:
                self.execute(f"DELETE FROM {reference.table} {where}")
            else:
                self.execute(f"UPDATE {reference.table} SET {reference.column} = NULL {where}")

    def write(self, action: Action) -> None:
        """Revert all rows at once; if the database refuses, revert row by row, so that only the refused rows stay."""
        if not self._pending(action):
            return
        try:
            with transaction.atomic():
                for which in self._phases() if action == Action.UPDATE else ["true"]:
                    self.execute(FRESH_PLANS)
                    self.execute(self._statement(action, which))
        except IntegrityError:
            self._write_one_by_one(action)
        else:
            self.execute(f"UPDATE {self.name} u SET done = true WHERE {_pending(action)}")

    def _phases(self) -> list[str]:
        """Return the order of the work: rows with a conditional unique value go first, such as the old primary tag."""
        leaves = []
        for constraint in self.trace.model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and constraint.condition is not None:
                condition = condition_sql(self.trace.model, constraint)
                now = f"SELECT id FROM {self.trace.table} WHERE {condition}"
                leaves.append(f"(u.id IN ({now}) AND u.id NOT IN (SELECT id FROM {self.name} WHERE {condition}))")
        return [f"({' OR '.join(leaves)})", "true"] if leaves else ["true"]

    def _statement(self, action: Action, which: str) -> str:
        """Return the statement that reverts pending rows `u` which fulfil the condition. Repeating it does no harm."""
        table, columns = self.trace.table, self.trace.columns
        pending = f"{which} AND {_pending(action)}"
        if action == Action.REMOVE:
            return f"DELETE FROM {table} x USING {self.name} u WHERE x.id = u.id AND {pending}"
        if action == Action.UPDATE:
            sets = ", ".join(f"{column} = u.{column}" for column in columns)
            differ = f"({_row('x', columns)}) IS DISTINCT FROM ({_row('u', columns)})"
            return f"UPDATE {table} x SET {sets} FROM {self.name} u WHERE x.id = u.id AND {differ} AND {pending}"
        return (
            f"INSERT INTO {table} (id, {', '.join(columns)}) SELECT u.id, {_row('u', columns)} "
            f"FROM {self.name} u WHERE {pending} ORDER BY u.id"
        )

    def _write_one_by_one(self, action: Action) -> None:
        """Revert row by row until no further row succeeds: a row may succeed after another one has gone."""
        self.execute(
            f"""
            DO $undo$
            DECLARE
                one bigint;
                rule text;
                progress boolean := true;
            BEGIN
                WHILE progress LOOP
                    progress := false;
                    FOR one IN SELECT id FROM {self.name} u WHERE {_pending(action)} ORDER BY id LOOP
                        BEGIN
                            {self._statement(action, "u.id = one")};
                            UPDATE {self.name} SET done = true, why = nullif(why, 'rule') WHERE id = one;
                            progress := true;
                        EXCEPTION WHEN integrity_constraint_violation THEN
                            GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
                            UPDATE {self.name} SET why = 'rule', others = ARRAY[rule] WHERE id = one;
                        END;
                    END LOOP;
                END LOOP;
                UPDATE {self.name} u SET whole = true WHERE {_pending(action)};
            END
            $undo$
            """
        )

    # --- Messages

    def outcome(self) -> TableOutcome:
        counts = f"""
            SELECT count(*) FILTER (WHERE done AND act = 'remove'), count(*) FILTER (WHERE done AND act = 'update'),
                   count(*) FILTER (WHERE done AND act = 'insert'),
                   count(*) FILTER (WHERE why <> 'part'), count(*) FILTER (WHERE why = 'part')
            FROM {self.name}
        """
        removed, changed_back, brought_back, staying, belonging = next(self.query(counts))
        stays = f"""
            SELECT x.id, {self.trace.to_organization() or "NULL::bigint"}, x.why, x.kept, x.others FROM {self.name} x
            WHERE x.why <> 'part' ORDER BY x.id LIMIT {SHOWN}
        """
        model = self.trace.model
        named = [
            KeptRecord(model, pk, organization, KeptReason(why), tuple(columns), tuple(others))
            for pk, organization, why, columns, others in self.query(stays)
        ]
        every = f"SELECT id, act, restored, kept, coalesce(why, ''), others FROM {self.name} ORDER BY id LIMIT {SHOWN}"
        rows = [
            RevertedRow(pk, act, tuple(restored), tuple(kept), why, tuple(others))
            for pk, act, restored, kept, why, others in self.query(every)
        ]
        return TableOutcome(model, removed, changed_back, brought_back, staying, belonging, named, rows)


def _pending(action: Action) -> str:
    """SQL for the rows `u` of a temporary table that are still to be undone by the action."""
    condition = f"u.act = '{action}' AND NOT u.whole AND NOT u.done"
    return f"{condition} AND u.restored <> '{{}}'" if action == Action.UPDATE else condition


def _same(one: str, other: str, columns: tuple[str, ...]) -> str:
    return " AND ".join(f"{one}.{column} IS NOT DISTINCT FROM {other}.{column}" for column in columns)


def _row(alias: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{column}" for column in columns)


def _names(conditions: dict[str, str]) -> str:
    """SQL for the array of those names for which the conditions hold."""
    cases = ", ".join(f"CASE WHEN {condition} THEN '{name}' END" for name, condition in conditions.items())
    return f"array_remove(ARRAY[{cases}]::text[], NULL)"
