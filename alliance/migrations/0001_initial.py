"""All tables and triggers, as three migrations had made them; none of those was ever released."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import registry.database.expressions
import registry.values.validators
from django.db import migrations, models

from registry.database.at_once import AtOnce

# Foreign keys over two columns, which Django cannot declare: a membership's member and tier are of its alliance.
KEYS = {
    "membership_tier_of_alliance": ("(tier_id, alliance_id)", "alliance_tier"),
    "membership_member_of_alliance": ("(member_id, alliance_id)", "alliance_member"),
}


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('alliance', '0001_models'),
        ('alliance', '0002_composite_foreign_keys'),
        ('alliance', '0003_tiers_in_memory'),
    ]

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0001_initial'),
    ]

    operations = [AtOnce([
        migrations.CreateModel(
            name='Alliance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh', models.CharField(max_length=200, verbose_name='Chinese name')),
                ('name_en', models.CharField(blank=True, max_length=300, verbose_name='English name')),
                ('slug', models.SlugField(help_text='Names the alliance in addresses.', unique=True, verbose_name='short address')),
                ('short_name', models.CharField(blank=True, max_length=100, verbose_name='short name')),
                ('legal_person', models.BooleanField(default=False, help_text='Registered as a body of its own, with the civil affairs office.', verbose_name='legal person')),
                ('founded_on', models.DateField(blank=True, null=True, verbose_name='founded on')),
                ('dissolved_on', models.DateField(blank=True, help_text='The first day on which it no longer exists.', null=True, verbose_name='dissolved on')),
                ('member_no_prefix', models.CharField(default='M', help_text='Begins every member number, so that Excel keeps the zeros.', max_length=10, verbose_name='prefix of member numbers')),
                ('website', models.CharField(blank=True, max_length=500, validators=[registry.values.validators.validate_website], verbose_name='website')),
                ('introduction', models.TextField(blank=True, verbose_name='introduction')),
                ('published', models.BooleanField(default=False, help_text='Shown in the public directory and the public API.', verbose_name='published')),
            ],
            options={
                'verbose_name': 'alliance',
                'verbose_name_plural': 'alliances',
                'ordering': ['slug'],
                'constraints': [models.CheckConstraint(condition=models.Q(('dissolved_on__isnull', True), ('founded_on__isnull', True), ('dissolved_on__gt', models.F('founded_on')), _connector='OR'), name='alliance_dissolved_after_founded', violation_error_message='The end must be later than the beginning: the period would be empty or reversed.')],
                'triggers': [pgtrigger.compiler.Trigger(name='reference_state', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        INSERT INTO registry_referencestate (id, version) VALUES (1, gen_random_uuid())\n        ON CONFLICT (id) DO UPDATE SET version = excluded.version;\n        RETURN NULL;\n    ', hash='b39c437afabaea71192cbbc1854893c9cfe9808c', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE OR TRUNCATE', pgid='pgtrigger_reference_state_9c65a', table='alliance_alliance', when='AFTER')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_allianceevent" ("dissolved_on", "founded_on", "id", "introduction", "legal_person", "member_no_prefix", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published", "short_name", "slug", "website") SELECT new_values."dissolved_on", new_values."founded_on", new_values."id", new_values."introduction", new_values."legal_person", new_values."member_no_prefix", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."published", new_values."short_name", new_values."slug", new_values."website" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f46be60682ec6f374d777950ebd2d33c94b99afe', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e47b7', referencing='REFERENCING NEW TABLE AS new_values ', table='alliance_alliance', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_allianceevent" ("dissolved_on", "founded_on", "id", "introduction", "legal_person", "member_no_prefix", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published", "short_name", "slug", "website") SELECT new_values."dissolved_on", new_values."founded_on", new_values."id", new_values."introduction", new_values."legal_person", new_values."member_no_prefix", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."published", new_values."short_name", new_values."slug", new_values."website" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cb86a8672a233e7b82ef4e9c81a92e8098052c0b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7f346', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='alliance_alliance', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_allianceevent" ("dissolved_on", "founded_on", "id", "introduction", "legal_person", "member_no_prefix", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published", "short_name", "slug", "website") SELECT old_values."dissolved_on", old_values."founded_on", old_values."id", old_values."introduction", old_values."legal_person", old_values."member_no_prefix", old_values."name_en", old_values."name_zh", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."published", old_values."short_name", old_values."slug", old_values."website" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='98ca1afff8171e9a28c0d2e03a4b8a511bac9adf', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_ca452', referencing='REFERENCING OLD TABLE AS old_values ', table='alliance_alliance', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='StandardTier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh', models.CharField(max_length=200, verbose_name='Chinese name')),
                ('name_en', models.CharField(blank=True, max_length=300, verbose_name='English name')),
                ('code', models.SlugField(unique=True, verbose_name='code')),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None, verbose_name='aliases')),
                ('rank', models.PositiveSmallIntegerField(unique=True, verbose_name='rank')),
            ],
            options={
                'verbose_name': 'standard tier',
                'verbose_name_plural': 'standard tiers',
                'ordering': ['rank'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_standardtierevent" ("aliases", "code", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rank") SELECT new_values."aliases", new_values."code", new_values."id", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."rank" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1524cc535eee1bad162f0f9c214d4ea59002cc85', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_23206', referencing='REFERENCING NEW TABLE AS new_values ', table='alliance_standardtier', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_standardtierevent" ("aliases", "code", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rank") SELECT new_values."aliases", new_values."code", new_values."id", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."rank" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8129aa33023324c7b3c9477bf8f82d92e931d09a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b14fc', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='alliance_standardtier', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_standardtierevent" ("aliases", "code", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rank") SELECT old_values."aliases", old_values."code", old_values."id", old_values."name_en", old_values."name_zh", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."rank" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='1b769bb5f428714eb3aca1b67133fdc07b5a83f4', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_98856', referencing='REFERENCING OLD TABLE AS old_values ', table='alliance_standardtier', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='AllianceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name_zh', models.CharField(max_length=200, verbose_name='Chinese name')),
                ('name_en', models.CharField(blank=True, max_length=300, verbose_name='English name')),
                ('slug', models.SlugField(db_index=False, help_text='Names the alliance in addresses.', verbose_name='short address')),
                ('short_name', models.CharField(blank=True, max_length=100, verbose_name='short name')),
                ('legal_person', models.BooleanField(default=False, help_text='Registered as a body of its own, with the civil affairs office.', verbose_name='legal person')),
                ('founded_on', models.DateField(blank=True, null=True, verbose_name='founded on')),
                ('dissolved_on', models.DateField(blank=True, help_text='The first day on which it no longer exists.', null=True, verbose_name='dissolved on')),
                ('member_no_prefix', models.CharField(default='M', help_text='Begins every member number, so that Excel keeps the zeros.', max_length=10, verbose_name='prefix of member numbers')),
                ('website', models.CharField(blank=True, max_length=500, validators=[registry.values.validators.validate_website], verbose_name='website')),
                ('introduction', models.TextField(blank=True, verbose_name='introduction')),
                ('published', models.BooleanField(default=False, help_text='Shown in the public directory and the public API.', verbose_name='published')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='alliance.alliance')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='18c1a2ab82af39f18cb67d1510bf303ba11a60ea', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_59fb5', table='alliance_allianceevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member_no', models.CharField(blank=True, help_text='Left empty, the next free number of the alliance is given.', max_length=30, verbose_name='member number')),
                ('alliance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='alliance.alliance', verbose_name='alliance')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alliance_members', to='registry.organization', verbose_name='organization')),
                ('sectors', models.ManyToManyField(blank=True, help_text="The sectors in which it takes part in the alliance's work.", related_name='members', to='registry.sector', verbose_name='sectors of participation')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
                'ordering': ['alliance', 'member_no'],
                'permissions': [('export_internal_roster', 'Can export the internal edition of the member roster')],
                'constraints': [models.UniqueConstraint(fields=('alliance', 'organization'), name='member_once_in_alliance', violation_error_message="The organization is on the alliance's list already."), models.UniqueConstraint(fields=('alliance', 'member_no'), name='member_no_unique_in_alliance', violation_error_message='Another member of the alliance has this number.'), models.UniqueConstraint(fields=('id', 'alliance'), name='member_id_alliance')],
                'triggers': [pgtrigger.compiler.Trigger(name='number', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."member_no" = \'\')', declare='DECLARE prefix text; n integer;', func="\n        SELECT member_no_prefix INTO prefix FROM alliance_alliance WHERE id = NEW.alliance_id;\n        LOOP\n            INSERT INTO alliance_membernumber AS counter (alliance_id, last) VALUES (NEW.alliance_id, 1)\n                ON CONFLICT (alliance_id) DO UPDATE SET last = counter.last + 1\n                RETURNING last INTO n;\n            NEW.member_no = prefix || lpad(n::text, greatest(4, length(n::text)), '0');\n            EXIT WHEN NOT EXISTS (\n                SELECT 1 FROM alliance_member m WHERE m.alliance_id = NEW.alliance_id AND m.member_no = NEW.member_no\n            );\n        END LOOP;\n        RETURN NEW;\n    ", hash='a5f289f6477e3e9fdac0f2581caadde66480f8ed', operation='INSERT', pgid='pgtrigger_number_96878', table='alliance_member', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_memberevent" ("alliance_id", "id", "member_no", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."alliance_id", new_values."id", new_values."member_no", new_values."organization_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='458e94719f314ab5f71a021dce1e4e154c5eddec', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0e1da', referencing='REFERENCING NEW TABLE AS new_values ', table='alliance_member', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_memberevent" ("alliance_id", "id", "member_no", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."alliance_id", new_values."id", new_values."member_no", new_values."organization_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0859bcb999df4dacb11f1580c909f7f2b649af42', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0f725', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='alliance_member', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_memberevent" ("alliance_id", "id", "member_no", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."alliance_id", old_values."id", old_values."member_no", old_values."organization_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c973f33c193bdfdd4a87563d243a4d7dbcf3c92e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c6659', referencing='REFERENCING OLD TABLE AS old_values ', table='alliance_member', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='StandardTierEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name_zh', models.CharField(max_length=200, verbose_name='Chinese name')),
                ('name_en', models.CharField(blank=True, max_length=300, verbose_name='English name')),
                ('code', models.SlugField(db_index=False, verbose_name='code')),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None, verbose_name='aliases')),
                ('rank', models.PositiveSmallIntegerField(verbose_name='rank')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='alliance.standardtier')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c3969b8ca2d9b6173b4cc6d4f5c82881289f18bd', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c42c6', table='alliance_standardtierevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Supporter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('guiding', 'guiding unit'), ('supporting', 'supporting unit')], default='guiding', max_length=20, verbose_name='role')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('alliance', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='supporters', to='alliance.alliance', verbose_name='alliance')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supported_alliances', to='registry.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'guiding or supporting unit',
                'verbose_name_plural': 'guiding and supporting units',
                'ordering': ['alliance', 'role', 'position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('alliance', 'organization', 'role'), name='supporter_once', violation_error_message='The organization is listed in this role already.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_supporterevent" ("alliance_id", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "role") SELECT new_values."alliance_id", new_values."id", new_values."organization_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."position", new_values."role" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='69c793d316389183f5c4a013c9b9a87663cd2b13', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d1cc1', referencing='REFERENCING NEW TABLE AS new_values ', table='alliance_supporter', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_supporterevent" ("alliance_id", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "role") SELECT new_values."alliance_id", new_values."id", new_values."organization_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."position", new_values."role" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='85092ee01dece25d97ace3e82e702261a1f13daf', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_51ef0', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='alliance_supporter', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_supporterevent" ("alliance_id", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "role") SELECT old_values."alliance_id", old_values."id", old_values."organization_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."position", old_values."role" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6aaedbea1e14b4e0c3e17127d83c4c20e837a943', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_588ed', referencing='REFERENCING OLD TABLE AS old_values ', table='alliance_supporter', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Tier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh', models.CharField(max_length=200, verbose_name='Chinese name')),
                ('name_en', models.CharField(blank=True, max_length=300, verbose_name='English name')),
                ('code', models.SlugField(verbose_name='code')),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None, verbose_name='aliases')),
                ('rank', models.PositiveSmallIntegerField(help_text='1 is the highest.', verbose_name='rank')),
                ('disabled_on', models.DateField(blank=True, null=True, verbose_name='disabled on')),
                ('alliance', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tiers', to='alliance.alliance', verbose_name='alliance')),
            ],
            options={
                'verbose_name': 'tier',
                'verbose_name_plural': 'tiers',
                'ordering': ['alliance', 'rank', 'code'],
                'constraints': [models.UniqueConstraint(fields=('alliance', 'code'), name='tier_code_unique_in_alliance', violation_error_message='The alliance has a tier with this code already.'), models.UniqueConstraint(fields=('alliance', 'name_zh'), name='tier_name_unique_in_alliance', violation_error_message='The alliance has a tier with this name already.'), models.UniqueConstraint(fields=('id', 'alliance'), name='tier_id_alliance')],
                'triggers': [pgtrigger.compiler.Trigger(name='reference_state', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        INSERT INTO registry_referencestate (id, version) VALUES (1, gen_random_uuid())\n        ON CONFLICT (id) DO UPDATE SET version = excluded.version;\n        RETURN NULL;\n    ', hash='37bccfb8f6d7c673acce914cc1887c0042947169', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE OR TRUNCATE', pgid='pgtrigger_reference_state_b9f70', table='alliance_tier', when='AFTER')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_tierevent" ("aliases", "alliance_id", "code", "disabled_on", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rank") SELECT new_values."aliases", new_values."alliance_id", new_values."code", new_values."disabled_on", new_values."id", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."rank" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3b4ee8e5ed81faf0563dc86d17fbf89da087920c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_56259', referencing='REFERENCING NEW TABLE AS new_values ', table='alliance_tier', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_tierevent" ("aliases", "alliance_id", "code", "disabled_on", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rank") SELECT new_values."aliases", new_values."alliance_id", new_values."code", new_values."disabled_on", new_values."id", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."rank" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='beb3c9d7e7b07d29eb8a353f96a263b2adb81d04', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_c13b8', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='alliance_tier', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_tierevent" ("aliases", "alliance_id", "code", "disabled_on", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rank") SELECT old_values."aliases", old_values."alliance_id", old_values."code", old_values."disabled_on", old_values."id", old_values."name_en", old_values."name_zh", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."rank" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='feb14a66a28b8645d2a89d1dd8c30d9f1f3a6432', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_2a1a8', referencing='REFERENCING OLD TABLE AS old_values ', table='alliance_tier', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='MemberNumber',
            fields=[
                ('alliance', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='alliance.alliance')),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='MemberEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('member_no', models.CharField(blank=True, help_text='Left empty, the next free number of the alliance is given.', max_length=30, verbose_name='member number')),
                ('alliance', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='alliance.alliance', verbose_name='alliance')),
                ('organization', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.organization', verbose_name='organization')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='alliance.member')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ffe144e768949e0d8d920a3bf81f63dbe87288ce', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_733a1', table='alliance_memberevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('admitted_on', models.DateField(verbose_name='start date')),
                ('ended_on', models.DateField(blank=True, help_text='From this day on it is no longer a member.', null=True, verbose_name='end date')),
                ('end_reason', models.CharField(blank=True, choices=[('tier_change', 'change of tier'), ('withdrawal', 'voluntary withdrawal'), ('lapse', 'lapse of membership'), ('expulsion', 'expulsion'), ('dissolution', 'dissolution of the organization'), ('succession', 'merger of the organization'), ('other', 'other reason')], max_length=20, verbose_name='reason of the end')),
                ('remarks', models.TextField(blank=True, verbose_name='remarks')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                ('alliance', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='alliance.alliance', verbose_name='alliance')),
                ('member', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='alliance.member', verbose_name='member')),
                ('tier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='alliance.tier', verbose_name='tier')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
                'ordering': ['alliance', 'member', 'admitted_on'],
                'indexes': [models.Index(fields=['alliance', 'admitted_on', 'ended_on'], name='membership_alliance_period')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('admitted_on__isnull', True), ('ended_on__gt', models.F('admitted_on')), _connector='OR'), name='membership_period_not_empty', violation_error_message='The end must be later than the beginning: the period would be empty or reversed.'), models.CheckConstraint(condition=models.Q(('end_reason', ''), ('ended_on__isnull', False), _connector='OR'), name='membership_reason_only_with_end', violation_error_message='A reason of the end needs the end date.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.F('member'), '='), (registry.database.expressions.Period('admitted_on', 'ended_on'), '&&')], name='membership_no_overlap', violation_error_message='The organization is a member in a part of this period already.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_membershipevent" ("admitted_on", "alliance_id", "end_reason", "ended_on", "id", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remarks", "tier_id") SELECT new_values."admitted_on", new_values."alliance_id", new_values."end_reason", new_values."ended_on", new_values."id", new_values."member_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."remarks", new_values."tier_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7c233d85f0dc1b3ed7b8457ae7a4f6e51af48631', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_9a48e', referencing='REFERENCING NEW TABLE AS new_values ', table='alliance_membership', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_membershipevent" ("admitted_on", "alliance_id", "end_reason", "ended_on", "id", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remarks", "tier_id") SELECT new_values."admitted_on", new_values."alliance_id", new_values."end_reason", new_values."ended_on", new_values."id", new_values."member_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."remarks", new_values."tier_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."admitted_on" IS DISTINCT FROM (new_values."admitted_on") OR old_values."alliance_id" IS DISTINCT FROM (new_values."alliance_id") OR old_values."end_reason" IS DISTINCT FROM (new_values."end_reason") OR old_values."ended_on" IS DISTINCT FROM (new_values."ended_on") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."member_id" IS DISTINCT FROM (new_values."member_id") OR old_values."remarks" IS DISTINCT FROM (new_values."remarks") OR old_values."tier_id" IS DISTINCT FROM (new_values."tier_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4170a249e833d04c2223512e0dafa998be943f61', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_10321', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='alliance_membership', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_membershipevent" ("admitted_on", "alliance_id", "end_reason", "ended_on", "id", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remarks", "tier_id") SELECT old_values."admitted_on", old_values."alliance_id", old_values."end_reason", old_values."ended_on", old_values."id", old_values."member_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."remarks", old_values."tier_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='1f0706a3acd6e71b7e88b29f7b68e289481400b9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_da63c', referencing='REFERENCING OLD TABLE AS old_values ', table='alliance_membership', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Representative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('representative', 'member representative'), ('liaison', 'liaison')], default='representative', max_length=20, verbose_name='role')),
                ('name', models.CharField(max_length=100, verbose_name="person's name")),
                ('title', models.CharField(blank=True, max_length=100, verbose_name='job title')),
                ('phone', models.CharField(blank=True, max_length=50, validators=[registry.values.validators.validate_phone], verbose_name='phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, help_text='The first day on which it no longer holds.', null=True, verbose_name='valid to')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='representatives', to='alliance.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'representative',
                'verbose_name_plural': 'representatives',
                'ordering': ['member', 'role', 'valid_from', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_from__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='representative_period_not_empty', violation_error_message='The end must be later than the beginning: the period would be empty or reversed.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_representativeevent" ("email", "id", "member_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "role", "title", "valid_from", "valid_to") SELECT new_values."email", new_values."id", new_values."member_id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."role", new_values."title", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cf18c9795d24c73dcc5ee2765cd40a944a01c5ac', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_bb0de', referencing='REFERENCING NEW TABLE AS new_values ', table='alliance_representative', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_representativeevent" ("email", "id", "member_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "role", "title", "valid_from", "valid_to") SELECT new_values."email", new_values."id", new_values."member_id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."role", new_values."title", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='700cfad6b2fa274e6fe79b547868f67763ac8d71', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b58a1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='alliance_representative', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_representativeevent" ("email", "id", "member_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "role", "title", "valid_from", "valid_to") SELECT old_values."email", old_values."id", old_values."member_id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."role", old_values."title", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6e170dec209879bf1f5b9357136218dbf5f4e31a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_a65e7', referencing='REFERENCING OLD TABLE AS old_values ', table='alliance_representative', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='SupporterEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('role', models.CharField(choices=[('guiding', 'guiding unit'), ('supporting', 'supporting unit')], default='guiding', max_length=20, verbose_name='role')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('alliance', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='alliance.alliance', verbose_name='alliance')),
                ('organization', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.organization', verbose_name='organization')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='alliance.supporter')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7ddcabb55559238d2dcf2c6c3b36ca9e91423da3', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_941a7', table='alliance_supporterevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='TierEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name_zh', models.CharField(max_length=200, verbose_name='Chinese name')),
                ('name_en', models.CharField(blank=True, max_length=300, verbose_name='English name')),
                ('code', models.SlugField(db_index=False, verbose_name='code')),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None, verbose_name='aliases')),
                ('rank', models.PositiveSmallIntegerField(help_text='1 is the highest.', verbose_name='rank')),
                ('disabled_on', models.DateField(blank=True, null=True, verbose_name='disabled on')),
                ('alliance', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='alliance.alliance', verbose_name='alliance')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='alliance.tier')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ec36266103fd585d29594b244bea859e179f27fd', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_58e76', table='alliance_tierevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='MemberSector',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
            },
            bases=('alliance.member_sectors',),
        ),
        migrations.CreateModel(
            name='MemberSectorEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('member', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='alliance.member')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('sector', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.sector')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='alliance.membersector')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='821709f1ba9e3377f39ff8561f15634448925281', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8d35e', table='alliance_membersectorevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='MembershipEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('admitted_on', models.DateField(verbose_name='start date')),
                ('ended_on', models.DateField(blank=True, help_text='From this day on it is no longer a member.', null=True, verbose_name='end date')),
                ('end_reason', models.CharField(blank=True, choices=[('tier_change', 'change of tier'), ('withdrawal', 'voluntary withdrawal'), ('lapse', 'lapse of membership'), ('expulsion', 'expulsion'), ('dissolution', 'dissolution of the organization'), ('succession', 'merger of the organization'), ('other', 'other reason')], max_length=20, verbose_name='reason of the end')),
                ('remarks', models.TextField(blank=True, verbose_name='remarks')),
                ('alliance', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='alliance.alliance', verbose_name='alliance')),
                ('member', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='alliance.member', verbose_name='member')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='alliance.membership')),
                ('tier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='alliance.tier', verbose_name='tier')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3d499be4cf62d4da97de5408fe52255463963930', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_cefc0', table='alliance_membershipevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='RepresentativeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('role', models.CharField(choices=[('representative', 'member representative'), ('liaison', 'liaison')], default='representative', max_length=20, verbose_name='role')),
                ('name', models.CharField(max_length=100, verbose_name="person's name")),
                ('title', models.CharField(blank=True, max_length=100, verbose_name='job title')),
                ('phone', models.CharField(blank=True, max_length=50, validators=[registry.values.validators.validate_phone], verbose_name='phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, help_text='The first day on which it no longer holds.', null=True, verbose_name='valid to')),
                ('member', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='alliance.member', verbose_name='member')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='alliance.representative')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bffd13df785bd6674a100c6935833117fe83d247', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d4227', table='alliance_representativeevent', when='BEFORE'))],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membersector',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_membersectorevent" ("id", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sector_id") SELECT new_values."id", new_values."member_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."sector_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5f9bd9d05f7899c17b30658af1ebd7405792e850', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_061b3', referencing='REFERENCING NEW TABLE AS new_values ', table='alliance_member_sectors', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membersector',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_membersectorevent" ("id", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sector_id") SELECT new_values."id", new_values."member_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."sector_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='224b34365aeaf65852e8eb422e6170ed2dae5220', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_cc3b5', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='alliance_member_sectors', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membersector',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "alliance_membersectorevent" ("id", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sector_id") SELECT old_values."id", old_values."member_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."sector_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='379452efb122f739c11c4542f98fee3f49121b13', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_078b3', referencing='REFERENCING OLD TABLE AS old_values ', table='alliance_member_sectors', when='AFTER')),
        ),
    ]),
        *(
            migrations.RunSQL(
                f"ALTER TABLE alliance_membership ADD CONSTRAINT {name} FOREIGN KEY {columns} REFERENCES {table} (id, alliance_id)",
                f"ALTER TABLE alliance_membership DROP CONSTRAINT {name}",
            )
            for name, (columns, table) in KEYS.items()
        ),
    ]
