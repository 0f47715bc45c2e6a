import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0020_identity"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="roundorganization",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="roundorganization",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="roundorganization",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="roundorganization",
            name="state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("reported", "Reported"),
                    ("out_of_business", "Out of business"),
                    ("deregistered", "Deregistered"),
                    ("moved_away", "Moved away"),
                    ("unreachable", "Cannot be reached"),
                    ("refuses", "Refuses to answer"),
                ],
                max_length=20,
                verbose_name="how it stands",
            ),
        ),
        migrations.AddField(
            model_name="roundorganizationevent",
            name="state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("reported", "Reported"),
                    ("out_of_business", "Out of business"),
                    ("deregistered", "Deregistered"),
                    ("moved_away", "Moved away"),
                    ("unreachable", "Cannot be reached"),
                    ("refuses", "Refuses to answer"),
                ],
                max_length=20,
                verbose_name="how it stands",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="roundorganization",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_roundorganizationevent" ("id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "round_id", "state") SELECT new_values."id", new_values."organization_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."round_id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7c0108e163f262ffb6ef7b432bd0a929bd1f8f34",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a38b0",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="registry_roundorganization",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="roundorganization",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_roundorganizationevent" ("id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "round_id", "state") SELECT new_values."id", new_values."organization_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."round_id", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b473e5a7825e6ea6a58eed5af30a340b3fc7d828",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_83f51",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="registry_roundorganization",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="roundorganization",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_roundorganizationevent" ("id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "round_id", "state") SELECT old_values."id", old_values."organization_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."round_id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="f0bf89be8f8dca21419744418a93b18f9e21213a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4dc62",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="registry_roundorganization",
                    when="AFTER",
                ),
            ),
        ),
    ]
