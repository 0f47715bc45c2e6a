import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from registry.database.at_once import AtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('registry', "0003_township_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [AtOnce([
        migrations.AlterModelOptions(
            name='contact',
            options={'ordering': ['organization', 'role', 'id'], 'permissions': [('reveal_contact', 'see telephone numbers and e-mail addresses in full')], 'verbose_name': 'contact', 'verbose_name_plural': 'contacts'},
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='exported at')),
                ('channel', models.CharField(choices=[('page', 'page'), ('api', 'API'), ('command', 'command')], max_length=10, verbose_name='way')),
                ('token', models.CharField(blank=True, max_length=20, verbose_name='token')),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('path', models.CharField(max_length=300, verbose_name='address')),
                ('query', models.TextField(blank=True, verbose_name='filters')),
                ('as_of', models.DateField(null=True, verbose_name='as of')),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None, verbose_name='columns')),
                ('format', models.CharField(max_length=10, verbose_name='format')),
                ('purpose', models.CharField(blank=True, max_length=200, verbose_name='purpose')),
                ('recipient', models.CharField(blank=True, max_length=200, verbose_name='recipient')),
                ('full_numbers', models.BooleanField(default=False, verbose_name='full numbers')),
                ('request_id', models.CharField(blank=True, max_length=64, verbose_name='request')),
                ('state', models.CharField(choices=[('started', 'not ended'), ('complete', 'complete'), ('interrupted', 'broken off'), ('failed', 'failed')], default='started', max_length=20, verbose_name='state')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('rows', models.PositiveIntegerField(null=True, verbose_name='number of rows')),
                ('size', models.PositiveBigIntegerField(null=True, verbose_name='bytes')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'receipt of an export',
                'verbose_name_plural': 'receipts of exports',
                'ordering': ['-pk'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True, editable=False, verbose_name='seen at')),
                ('what', models.CharField(choices=[('contacts', 'contacts'), ('representatives', 'representatives')], max_length=20, verbose_name='what was seen')),
                ('registry_no', models.CharField(blank=True, max_length=20, verbose_name='registry number')),
                ('name', models.CharField(blank=True, max_length=300, verbose_name='organization')),
                ('member_no', models.CharField(blank=True, max_length=120, verbose_name='member number')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('channel', models.CharField(choices=[('page', 'page'), ('api', 'API'), ('command', 'command')], max_length=10, verbose_name='way')),
                ('token', models.CharField(blank=True, max_length=20, verbose_name='token')),
                ('request_id', models.CharField(blank=True, max_length=64, verbose_name='request')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account')),
                ('receipt', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.receipt', verbose_name='receipt')),
            ],
            options={
                'verbose_name': 'look at personal data',
                'verbose_name_plural': 'looks at personal data',
                'ordering': ['-pk'],
                'default_permissions': ('view',),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='receipt',
            trigger=pgtrigger.compiler.Trigger(name='not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='6177b6b21ef05502c4280bd4be23cb9a289dad90', operation='DELETE', pgid='pgtrigger_not_deleted_7bee1', table='registry_receipt', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='receipt',
            trigger=pgtrigger.compiler.Trigger(name='ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (OLD."state" = \'started\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2482c4e5463cf5df5810f87a9ab69696505d5a7d', operation='UPDATE', pgid='pgtrigger_ends_once_8bb46', table='registry_receipt', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='receipt',
            trigger=pgtrigger.compiler.Trigger(name='says_what_it_said', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at") OR OLD."path" IS DISTINCT FROM (NEW."path") OR OLD."query" IS DISTINCT FROM (NEW."query") OR OLD."columns" IS DISTINCT FROM (NEW."columns") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."recipient" IS DISTINCT FROM (NEW."recipient") OR OLD."full_numbers" IS DISTINCT FROM (NEW."full_numbers"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5443d0caf8343aa5b1afb95213905df9dec64652', operation='UPDATE', pgid='pgtrigger_says_what_it_said_7b15c', table='registry_receipt', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disclosure',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c42940b03a8cd741a1760de5a3423f995641fba6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_51543', table='registry_disclosure', when='BEFORE')),
        ),
    ])]
