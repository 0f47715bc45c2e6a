import pgtrigger.compiler
import pgtrigger.migrations
import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from registry.database.at_once import AtOnce

_AS_WRITTEN = {"registry.0002_index_tables"}
"""Renames models, and so needs the models in between."""


def _operations() -> list[migrations.operations.base.Operation]:
    function = pgtrigger.compiler.UpsertTriggerSql(
        func="RETURN NEW;", hash="1", operation="INSERT", pgid="pgtrigger_new_1", table="registry_tried", when="BEFORE"
    )
    return [
        migrations.CreateModel("Tried", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel("Part", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("part", "whole", models.ForeignKey("registry.Tried", models.CASCADE)),
        migrations.AddField("tried", "year", models.IntegerField(default=2026)),
        migrations.AddConstraint("tried", models.CheckConstraint(condition=models.Q(year__gt=2000), name="tried_year")),
        migrations.AddIndex("tried", models.Index(fields=["year"], name="tried_by_year")),
        pgtrigger.migrations.AddTrigger("tried", pgtrigger.compiler.Trigger(name="new", sql=function)),
        migrations.RunSQL("INSERT INTO registry_tried (year) VALUES (2026)", migrations.RunSQL.noop),
    ]


def _later() -> list[migrations.operations.base.Operation]:
    return [
        pgtrigger.migrations.RemoveTrigger("tried", "new"),
        migrations.AddField("tried", "note", models.TextField(default="")),
        migrations.RemoveConstraint("tried", "tried_year"),
        migrations.AddConstraint("tried", models.CheckConstraint(condition=models.Q(year__gt=1990), name="tried_year")),
        migrations.AlterField("tried", "year", models.BigIntegerField(default=2026)),
    ]


def _stored() -> list[str]:
    """What the catalogue says of the tables: columns, constraints, indexes and triggers."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull)
            FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped
                AND attrelid IN (SELECT oid FROM pg_class WHERE relname IN ('registry_tried', 'registry_part'))
            UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
            WHERE conrelid IN (SELECT oid FROM pg_class WHERE relname IN ('registry_tried', 'registry_part'))
            UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename IN ('registry_tried', 'registry_part')
            UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger
            WHERE NOT tgisinternal AND tgrelid = to_regclass('registry_tried')
            ORDER BY 1
        """)
        return [row[0] for row in cursor.fetchall()]


def _migrate(*files: list[migrations.operations.base.Operation]) -> list[list[str]]:
    """Apply each list as a migration of its own, and then take them back; what is stored after each step."""
    steps, state, before = [], ProjectState(), []
    applied = []
    for operations in files:
        migration = migrations.Migration("tried", "registry")
        migration.operations = operations
        before.append(state.clone())
        state.apps  # noqa: B018 (as `migrate` has it)
        with connection.schema_editor() as editor:
            state = migration.apply(state, editor)
        applied.append(migration)
        steps.append(_stored())
    for migration, earlier in zip(reversed(applied), reversed(before), strict=True):
        with connection.schema_editor() as editor:
            migration.unapply(earlier, editor)
        steps.append(_stored())
    return steps


@pytest.mark.unrecorded
def test_operations_at_once_make_the_database_that_they_make_one_by_one(db):
    one_by_one = _migrate(_operations(), _later())
    at_once = _migrate([AtOnce(_operations())], [AtOnce(_later())])

    assert at_once == one_by_one
    assert len(at_once[0]) > 10
    assert at_once[0] == at_once[2] != at_once[1]
    assert at_once[3] == []


def test_models_are_built_once():
    state = ProjectState()
    state.apps  # noqa: B018 (as `migrate` has it)
    AtOnce(_operations()).state_forwards("registry", state)

    assert "apps" not in vars(state)
    assert {model.__name__ for model in state.apps.get_models()} == {"Tried", "Part"}


def test_migrations_change_many_models_at_once():
    """Each change by itself costs every new database 0.1 to 0.3 s: put the operations into an AtOnce."""
    by_themselves = {
        f"{app}.{name}": sum(not isinstance(one, (AtOnce, migrations.RunSQL)) for one in migration.operations)
        for (app, name), migration in MigrationLoader(None).graph.nodes.items()
        if app in ("registry", "alliance")
    }
    assert by_themselves.keys() > _AS_WRITTEN
    assert {name: count for name, count in by_themselves.items() if count > 5}.keys() == _AS_WRITTEN
