import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from registry.database.at_once import AtOnce

FILL = """
INSERT INTO registry_publicchange (organization_id, registry_no, changed_at)
SELECT id, registry_no, updated_at FROM registry_organization WHERE published;
INSERT INTO registry_publicchange (organization_id, registry_no, changed_at)
SELECT DISTINCT ON (pgh_obj_id) pgh_obj_id, registry_no, pgh_created_at FROM registry_organizationevent
WHERE published ORDER BY pgh_obj_id, pgh_created_at DESC
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0006_proposals'),
    ]

    operations = [AtOnce([
        migrations.CreateModel(
            name='PublicChange',
            fields=[
                ('organization_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('registry_no', models.CharField(max_length=20, unique=True)),
                ('changed_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        # What the public could see before: as it is now, or as the history last says.
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='organization',
            name='verified_from',
            field=models.CharField(blank=True, choices=[('phone', 'telephone call'), ('visit', 'visit'), ('reply', 'reply of the organization'), ('public', 'website or public register'), ('township', 'check by the township'), ('alliance', 'the alliance'), ('other', 'other')], max_length=20, verbose_name='verified from'),
        ),
        migrations.AlterField(
            model_name='organizationevent',
            name='verified_from',
            field=models.CharField(blank=True, choices=[('phone', 'telephone call'), ('visit', 'visit'), ('reply', 'reply of the organization'), ('public', 'website or public register'), ('township', 'check by the township'), ('alliance', 'the alliance'), ('other', 'other')], max_length=20, verbose_name='verified from'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identifier',
            trigger=pgtrigger.compiler.Trigger(name='public_change_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM (SELECT r.organization_id, r.id, r.scheme, r.value, r.valid_from, r.valid_to FROM new_rows r WHERE true) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;', hash='d07a7ff71305a4462adada9fbfc651ca9e9630c6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_public_change_insert_0586d', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_identifier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identifier',
            trigger=pgtrigger.compiler.Trigger(name='public_change_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM ((SELECT r.organization_id, r.id, r.scheme, r.value, r.valid_from, r.valid_to FROM new_rows r WHERE true EXCEPT SELECT r.organization_id, r.id, r.scheme, r.value, r.valid_from, r.valid_to FROM old_rows r WHERE true) UNION ALL (SELECT r.organization_id, r.id, r.scheme, r.value, r.valid_from, r.valid_to FROM old_rows r WHERE true EXCEPT SELECT r.organization_id, r.id, r.scheme, r.value, r.valid_from, r.valid_to FROM new_rows r WHERE true)) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;', hash='baec41c3da7dedf326f7e2059d1aec92d407838a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_public_change_update_8f612', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_identifier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identifier',
            trigger=pgtrigger.compiler.Trigger(name='public_change_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM (SELECT r.organization_id, r.id, r.scheme, r.value, r.valid_from, r.valid_to FROM old_rows r WHERE true) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;', hash='43c5d6a892f4343e48c34a79c28a397ea87bf968', level='STATEMENT', operation='DELETE', pgid='pgtrigger_public_change_delete_ffeb1', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_identifier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='name',
            trigger=pgtrigger.compiler.Trigger(name='public_change_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM (SELECT r.organization_id, r.id, r.kind, r.name FROM new_rows r WHERE r.kind = 'former') t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;", hash='57990b9313de3301f0707c1f1aace1719a88d1d0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_public_change_insert_fc59c', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_name', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='name',
            trigger=pgtrigger.compiler.Trigger(name='public_change_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM ((SELECT r.organization_id, r.id, r.kind, r.name FROM new_rows r WHERE r.kind = 'former' EXCEPT SELECT r.organization_id, r.id, r.kind, r.name FROM old_rows r WHERE r.kind = 'former') UNION ALL (SELECT r.organization_id, r.id, r.kind, r.name FROM old_rows r WHERE r.kind = 'former' EXCEPT SELECT r.organization_id, r.id, r.kind, r.name FROM new_rows r WHERE r.kind = 'former')) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;", hash='2e1bb7832a221c8d59d421791afb4f04caaa695d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_public_change_update_50144', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_name', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='name',
            trigger=pgtrigger.compiler.Trigger(name='public_change_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM (SELECT r.organization_id, r.id, r.kind, r.name FROM old_rows r WHERE r.kind = 'former') t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;", hash='fe8a276ef84cdf36dd717bba270b8830e53e20af', level='STATEMENT', operation='DELETE', pgid='pgtrigger_public_change_delete_a5483', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_name', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='public_change_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        INSERT INTO registry_publicchange AS c (organization_id, registry_no, changed_at)\n        SELECT DISTINCT r.id, r.registry_no, now() FROM (SELECT id, registry_no, kind, category, uscc, name_zh, name_en, short_name, registration_status, registration_type, township_id, zone_id, registered_address, business_address, country, website, founded_on, registered_capital, capital_currency, industry, main_products, scope, introduction, published, verified_on, verified_from FROM new_rows WHERE published) r ORDER BY r.id\n        ON CONFLICT (organization_id) DO UPDATE SET changed_at = excluded.changed_at;\n     RETURN NULL;', hash='b43bf3f592e4fd255b6b46ab14c43896a7710d2b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_public_change_insert_da745', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='public_change_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        IF EXISTS (SELECT 1 FROM old_rows WHERE published) OR EXISTS (SELECT 1 FROM new_rows WHERE published) THEN\n            \n        INSERT INTO registry_publicchange AS c (organization_id, registry_no, changed_at)\n        SELECT DISTINCT r.id, r.registry_no, now() FROM ((SELECT id, registry_no, kind, category, uscc, name_zh, name_en, short_name, registration_status, registration_type, township_id, zone_id, registered_address, business_address, country, website, founded_on, registered_capital, capital_currency, industry, main_products, scope, introduction, published, verified_on, verified_from FROM new_rows WHERE published EXCEPT SELECT id, registry_no, kind, category, uscc, name_zh, name_en, short_name, registration_status, registration_type, township_id, zone_id, registered_address, business_address, country, website, founded_on, registered_capital, capital_currency, industry, main_products, scope, introduction, published, verified_on, verified_from FROM old_rows WHERE published) UNION ALL (SELECT id, registry_no, kind, category, uscc, name_zh, name_en, short_name, registration_status, registration_type, township_id, zone_id, registered_address, business_address, country, website, founded_on, registered_capital, capital_currency, industry, main_products, scope, introduction, published, verified_on, verified_from FROM old_rows WHERE published EXCEPT SELECT id, registry_no, kind, category, uscc, name_zh, name_en, short_name, registration_status, registration_type, township_id, zone_id, registered_address, business_address, country, website, founded_on, registered_capital, capital_currency, industry, main_products, scope, introduction, published, verified_on, verified_from FROM new_rows WHERE published)) r ORDER BY r.id\n        ON CONFLICT (organization_id) DO UPDATE SET changed_at = excluded.changed_at;\n    \n        END IF;\n         RETURN NULL;', hash='2cd833c3fbb37ef506dc6e40338b6a0b8b15272a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_public_change_update_19194', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='public_change_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        INSERT INTO registry_publicchange AS c (organization_id, registry_no, changed_at)\n        SELECT DISTINCT r.id, r.registry_no, now() FROM (SELECT id, registry_no, kind, category, uscc, name_zh, name_en, short_name, registration_status, registration_type, township_id, zone_id, registered_address, business_address, country, website, founded_on, registered_capital, capital_currency, industry, main_products, scope, introduction, published, verified_on, verified_from FROM old_rows WHERE published) r ORDER BY r.id\n        ON CONFLICT (organization_id) DO UPDATE SET changed_at = excluded.changed_at;\n     RETURN NULL;', hash='bdabf76c1eaee5d8bde23c009fa94c1840a55b23', level='STATEMENT', operation='DELETE', pgid='pgtrigger_public_change_delete_96d76', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='public_change_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM (SELECT r.organization_id, r.id, r.grading_id, r.level, r.granted_on, r.valid_to FROM new_rows r WHERE true) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;', hash='cea213f167e3ef6768c4b2ea39b59094eee04ef7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_public_change_insert_a8e17', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_qualification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='public_change_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM ((SELECT r.organization_id, r.id, r.grading_id, r.level, r.granted_on, r.valid_to FROM new_rows r WHERE true EXCEPT SELECT r.organization_id, r.id, r.grading_id, r.level, r.granted_on, r.valid_to FROM old_rows r WHERE true) UNION ALL (SELECT r.organization_id, r.id, r.grading_id, r.level, r.granted_on, r.valid_to FROM old_rows r WHERE true EXCEPT SELECT r.organization_id, r.id, r.grading_id, r.level, r.granted_on, r.valid_to FROM new_rows r WHERE true)) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;', hash='f5c2dfc4d64897859959e10666123361c9ca6263', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_public_change_update_fbe53', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_qualification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='public_change_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM (SELECT r.organization_id, r.id, r.grading_id, r.level, r.granted_on, r.valid_to FROM old_rows r WHERE true) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;', hash='76cb322bb79484a325f0ad53ab6ef79d5c6945c1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_public_change_delete_0b50c', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_qualification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sectortag',
            trigger=pgtrigger.compiler.Trigger(name='public_change_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM (SELECT r.organization_id, r.id, r.sector_id, r.is_primary FROM new_rows r WHERE true) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;', hash='60fd762e81266a649a0db0409063ac31e0016fca', level='STATEMENT', operation='INSERT', pgid='pgtrigger_public_change_insert_63fa8', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_sectortag', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sectortag',
            trigger=pgtrigger.compiler.Trigger(name='public_change_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM ((SELECT r.organization_id, r.id, r.sector_id, r.is_primary FROM new_rows r WHERE true EXCEPT SELECT r.organization_id, r.id, r.sector_id, r.is_primary FROM old_rows r WHERE true) UNION ALL (SELECT r.organization_id, r.id, r.sector_id, r.is_primary FROM old_rows r WHERE true EXCEPT SELECT r.organization_id, r.id, r.sector_id, r.is_primary FROM new_rows r WHERE true)) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;', hash='1a8f69ab3443c18a333bee9d5b91c35d4f6f312c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_public_change_update_3f6cf', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_sectortag', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sectortag',
            trigger=pgtrigger.compiler.Trigger(name='public_change_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE registry_publicchange c SET changed_at = now()\n            WHERE c.organization_id IN (SELECT t.organization_id FROM (SELECT r.organization_id, r.id, r.sector_id, r.is_primary FROM old_rows r WHERE true) t)\n                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);\n         RETURN NULL;', hash='16767ff92406645ee348771f275ef63926fb6aa9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_public_change_delete_74466', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_sectortag', when='AFTER')),
        ),
    ])]
