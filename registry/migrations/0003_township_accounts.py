from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from registry.database.at_once import AtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0002_index_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            Path(__file__).with_name("reach.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION registry_reach(bigint)",
        ),
        AtOnce([
        migrations.CreateModel(
            name='AccountTownship',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'township of an account',
                'verbose_name_plural': 'townships of accounts',
                'ordering': ['user', 'township'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AccountTownshipEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AlterModelOptions(
            name='organization',
            options={'ordering': ['sort_key', 'id'], 'permissions': [('override_uscc', 'Can accept a USCC whose check character is wrong'), ('publish_organization', 'Can publish and unpublish organizations'), ('verify_organization', 'Can verify organizations'), ('limited_to_townships', 'Works only on organizations of the townships of the account')], 'verbose_name': 'organization', 'verbose_name_plural': 'organizations'},
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='accountrequest',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='accountrequest',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='accountrequest',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='accountrequest',
            name='townships',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='townships to give'),
        ),
        migrations.AddField(
            model_name='accountrequestevent',
            name='townships',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='townships to give'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountrequest',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_accountrequestevent" ("account_id", "decided_at", "decided_by_id", "id", "new_password", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by_id", "reopen", "roles", "state", "townships") SELECT new_values."account_id", new_values."decided_at", new_values."decided_by_id", new_values."id", new_values."new_password", new_values."outcome", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."prepared_at", new_values."prepared_by_id", new_values."reopen", new_values."roles", new_values."state", new_values."townships" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e6d2d041aea0b8a9041ded64eacd56a32f44c7ad', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_ced67', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_accountrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountrequest',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_accountrequestevent" ("account_id", "decided_at", "decided_by_id", "id", "new_password", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by_id", "reopen", "roles", "state", "townships") SELECT new_values."account_id", new_values."decided_at", new_values."decided_by_id", new_values."id", new_values."new_password", new_values."outcome", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."prepared_at", new_values."prepared_by_id", new_values."reopen", new_values."roles", new_values."state", new_values."townships" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='678958ab0d953a0df612bd6bca55613523fe483c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_245ad', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='registry_accountrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountrequest',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_accountrequestevent" ("account_id", "decided_at", "decided_by_id", "id", "new_password", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by_id", "reopen", "roles", "state", "townships") SELECT old_values."account_id", old_values."decided_at", old_values."decided_by_id", old_values."id", old_values."new_password", old_values."outcome", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."prepared_at", old_values."prepared_by_id", old_values."reopen", old_values."roles", old_values."state", old_values."townships" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='400f9b00b2af0e6d46e088ee5df11662373b7ff1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_77c6d', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_accountrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='annualfigures',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='ec1b11c6bffc816bcc46a125d196cb72b154c39b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_b777b', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_annualfigures', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='annualfigures',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows) UNION SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='7e8637860aea36dc59291cbaeb409e7e45e65731', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_db0cc', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_annualfigures', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='annualfigures',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='17156defcf2513c0612e7e50345b1449ce5c1069', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_3984b', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_annualfigures', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='150d65a5216c39599595525d00b3148f030867cf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_59eef', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_contact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows) UNION SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='bb3a4e2f7c5114228c6f3ba8d27e263551a384db', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_5a229', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_contact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='b9b7010dd3275f273a4a09a482323dbf52905186', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_e59ec', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_contact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dismissedsuggestion',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='d7d73533d3a361e3a184a3dc7e30078c2e1ecf3a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_95319', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_dismissedsuggestion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dismissedsuggestion',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows) UNION SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='363686850c826b011f64dbc904873f4428aff57c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_03816', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_dismissedsuggestion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dismissedsuggestion',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='9da78c0147ef4c70c644032e5dcd914080fcc5b9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_c96e1', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_dismissedsuggestion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identifier',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='494d6f3259f55ba2eb13d29d5f8284f39bbabdf2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_20f9c', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_identifier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identifier',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows) UNION SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='907ed142a302c67c81ac0a0dd09aa3f0261e531c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_5a961', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_identifier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identifier',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='01b70553b1ef54ab6d6222298c8c21a142a70867', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_1487b', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_identifier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='name',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='bc14c9dcd4c3c8c56db71b623b128f0083b164f4', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_fc05a', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_name', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='name',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows) UNION SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='6c214c2c8e3408803ae2ca361ab1121d3a431eda', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_2d7f3', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_name', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='name',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='5af94589643fd1d7b6620551cf0df86cb401ee02', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_a9b93', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_name', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT township_id FROM new_rows) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='76b1300d1635672e8dc04cac10248518c80a68e5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_8b885', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT township_id FROM old_rows UNION SELECT township_id FROM new_rows) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='32a4227bb14b1776967fe41ccb39e244173435dc', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_6f9ce', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT township_id FROM old_rows) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='051545c367b3bc127ed36d48b0f7e605de217405', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_3ed08', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='4d46784fe6673762170ee0175e947baa59ac44e2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_cde5c', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_qualification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows) UNION SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='c3d1d9a3afed384bfb4f9bee17c7c93a99a12c8f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_1c2a9', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_qualification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='f2b0d1b566871ecc6612a0129ff12e104bb148e0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_6f5b8', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_qualification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relation',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='926e4f8a1245eb3a16b578f61a82a446750ef351', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_11361', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_relation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relation',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows) UNION SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='1be3d1321a0a06fcbbcf07f465871f4f8e1e1443', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_46aad', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_relation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relation',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='0a87055b06b32e697bb019d10145462bc58fae46', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_7b1ab', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_relation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='roundorganization',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='4c69962b1b2788966caa89b27491448f47571c4d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_7d29e', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_roundorganization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='roundorganization',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows) UNION SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='1e2f6c1f1eca0f492aef4dca56fb2ce5ae406398', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_76d54', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_roundorganization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='roundorganization',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='e223d7131e3537cc9c19f8a07e5af8bf95e862b1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_f9980', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_roundorganization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sectortag',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='2435139749ec701232cd84092aea0339fb13d16e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_within_reach_insert_2cef4', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_sectortag', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sectortag',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows) UNION SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM new_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='34247812c7f34ea08db0bb78c2b8ac526cb1cb09', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_within_reach_update_32c00', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_sectortag', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sectortag',
            trigger=pgtrigger.compiler.Trigger(name='within_reach_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE reach bigint[];', func="\n            reach := registry_reach((nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint);\n            IF reach IS NOT NULL AND nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation' IS DISTINCT FROM 'proposal' AND EXISTS (\n                SELECT 1 FROM (SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM old_rows)) written WHERE township_id IS NULL OR township_id <> ALL (reach)\n            ) THEN\n                RAISE EXCEPTION USING ERRCODE = 'RG403', MESSAGE = 'not in the townships of the account';\n            END IF;\n            RETURN NULL;\n        ", hash='45d66ccfd1390ecf029497ec3466bd850a143f7c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_within_reach_delete_5d8b0', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_sectortag', when='AFTER')),
        ),
        migrations.AddField(
            model_name='accounttownship',
            name='township',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.township', verbose_name='township'),
        ),
        migrations.AddField(
            model_name='accounttownship',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_townships', to=settings.AUTH_USER_MODEL, verbose_name='account'),
        ),
        migrations.AddField(
            model_name='accounttownshipevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='accounttownshipevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='registry.accounttownship'),
        ),
        migrations.AddField(
            model_name='accounttownshipevent',
            name='township',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.township', verbose_name='township'),
        ),
        migrations.AddField(
            model_name='accounttownshipevent',
            name='user',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account'),
        ),
        migrations.AddConstraint(
            model_name='accounttownship',
            constraint=models.UniqueConstraint(fields=('user', 'township'), name='accounttownship_once', violation_error_message='The account is bound to this township already.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accounttownship',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_accounttownshipevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "township_id", "user_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."township_id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='84a1e89406994dc6eb346aa379023f0e0a4581a6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0ed88', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_accounttownship', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accounttownship',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_accounttownshipevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "township_id", "user_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."township_id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='26af5ffba9d125f597f5c076bff61a0d6686fdee', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_4baed', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='registry_accounttownship', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accounttownship',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_accounttownshipevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "township_id", "user_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."township_id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b102835271616870f68d3bbe0e66bf7ae706dbf6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_72d4e', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_accounttownship', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accounttownshipevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2aeee47f8ebf8f16dfec3fbb8b77971b05309ac7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b9759', table='registry_accounttownshipevent', when='BEFORE')),
        ),
        ]),
    ]
