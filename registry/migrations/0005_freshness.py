import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from registry.database.at_once import AtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0004_disclosure'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [AtOnce([
        pgtrigger.migrations.RemoveTrigger(
            model_name='organization',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='organization',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='organization',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='organization',
            name='verified_from',
            field=models.CharField(blank=True, choices=[('phone', 'telephone call'), ('visit', 'visit'), ('reply', 'reply of the organization'), ('public', 'website or public register'), ('other', 'other')], max_length=20, verbose_name='verified from'),
        ),
        migrations.AddField(
            model_name='organizationevent',
            name='verified_from',
            field=models.CharField(blank=True, choices=[('phone', 'telephone call'), ('visit', 'visit'), ('reply', 'reply of the organization'), ('public', 'website or public register'), ('other', 'other')], max_length=20, verbose_name='verified from'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_organizationevent" ("business_address", "capital_currency", "capital_text", "category", "closed_on", "country", "founded_on", "id", "industry", "introduced_on", "introduction", "kind", "main_products", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinyin", "published", "registered_address", "registered_capital", "registration_status", "registration_type", "registry_no", "remarks", "scope", "short_name", "source", "successor_id", "township_id", "uscc", "uscc_override_reason", "verified_by_id", "verified_from", "verified_on", "website", "zone_id") SELECT new_values."business_address", new_values."capital_currency", new_values."capital_text", new_values."category", new_values."closed_on", new_values."country", new_values."founded_on", new_values."id", new_values."industry", new_values."introduced_on", new_values."introduction", new_values."kind", new_values."main_products", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."pinyin", new_values."published", new_values."registered_address", new_values."registered_capital", new_values."registration_status", new_values."registration_type", new_values."registry_no", new_values."remarks", new_values."scope", new_values."short_name", new_values."source", new_values."successor_id", new_values."township_id", new_values."uscc", new_values."uscc_override_reason", new_values."verified_by_id", new_values."verified_from", new_values."verified_on", new_values."website", new_values."zone_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='92ed8d05d6587da0e3e2d2ee0f9da3817f954d46', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_47d51', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_organizationevent" ("business_address", "capital_currency", "capital_text", "category", "closed_on", "country", "founded_on", "id", "industry", "introduced_on", "introduction", "kind", "main_products", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinyin", "published", "registered_address", "registered_capital", "registration_status", "registration_type", "registry_no", "remarks", "scope", "short_name", "source", "successor_id", "township_id", "uscc", "uscc_override_reason", "verified_by_id", "verified_from", "verified_on", "website", "zone_id") SELECT new_values."business_address", new_values."capital_currency", new_values."capital_text", new_values."category", new_values."closed_on", new_values."country", new_values."founded_on", new_values."id", new_values."industry", new_values."introduced_on", new_values."introduction", new_values."kind", new_values."main_products", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."pinyin", new_values."published", new_values."registered_address", new_values."registered_capital", new_values."registration_status", new_values."registration_type", new_values."registry_no", new_values."remarks", new_values."scope", new_values."short_name", new_values."source", new_values."successor_id", new_values."township_id", new_values."uscc", new_values."uscc_override_reason", new_values."verified_by_id", new_values."verified_from", new_values."verified_on", new_values."website", new_values."zone_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."business_address" IS DISTINCT FROM (new_values."business_address") OR old_values."capital_currency" IS DISTINCT FROM (new_values."capital_currency") OR old_values."capital_text" IS DISTINCT FROM (new_values."capital_text") OR old_values."category" IS DISTINCT FROM (new_values."category") OR old_values."closed_on" IS DISTINCT FROM (new_values."closed_on") OR old_values."country" IS DISTINCT FROM (new_values."country") OR old_values."founded_on" IS DISTINCT FROM (new_values."founded_on") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."industry" IS DISTINCT FROM (new_values."industry") OR old_values."introduced_on" IS DISTINCT FROM (new_values."introduced_on") OR old_values."introduction" IS DISTINCT FROM (new_values."introduction") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."main_products" IS DISTINCT FROM (new_values."main_products") OR old_values."name_en" IS DISTINCT FROM (new_values."name_en") OR old_values."name_zh" IS DISTINCT FROM (new_values."name_zh") OR old_values."pinyin" IS DISTINCT FROM (new_values."pinyin") OR old_values."published" IS DISTINCT FROM (new_values."published") OR old_values."registered_address" IS DISTINCT FROM (new_values."registered_address") OR old_values."registered_capital" IS DISTINCT FROM (new_values."registered_capital") OR old_values."registration_status" IS DISTINCT FROM (new_values."registration_status") OR old_values."registration_type" IS DISTINCT FROM (new_values."registration_type") OR old_values."registry_no" IS DISTINCT FROM (new_values."registry_no") OR old_values."remarks" IS DISTINCT FROM (new_values."remarks") OR old_values."scope" IS DISTINCT FROM (new_values."scope") OR old_values."short_name" IS DISTINCT FROM (new_values."short_name") OR old_values."source" IS DISTINCT FROM (new_values."source") OR old_values."successor_id" IS DISTINCT FROM (new_values."successor_id") OR old_values."township_id" IS DISTINCT FROM (new_values."township_id") OR old_values."uscc" IS DISTINCT FROM (new_values."uscc") OR old_values."uscc_override_reason" IS DISTINCT FROM (new_values."uscc_override_reason") OR old_values."verified_by_id" IS DISTINCT FROM (new_values."verified_by_id") OR old_values."verified_from" IS DISTINCT FROM (new_values."verified_from") OR old_values."verified_on" IS DISTINCT FROM (new_values."verified_on") OR old_values."website" IS DISTINCT FROM (new_values."website") OR old_values."zone_id" IS DISTINCT FROM (new_values."zone_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='069f22ba6db6a3fac6d0fb7fbf77309737a7f193', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_6896c', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_organizationevent" ("business_address", "capital_currency", "capital_text", "category", "closed_on", "country", "founded_on", "id", "industry", "introduced_on", "introduction", "kind", "main_products", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinyin", "published", "registered_address", "registered_capital", "registration_status", "registration_type", "registry_no", "remarks", "scope", "short_name", "source", "successor_id", "township_id", "uscc", "uscc_override_reason", "verified_by_id", "verified_from", "verified_on", "website", "zone_id") SELECT old_values."business_address", old_values."capital_currency", old_values."capital_text", old_values."category", old_values."closed_on", old_values."country", old_values."founded_on", old_values."id", old_values."industry", old_values."introduced_on", old_values."introduction", old_values."kind", old_values."main_products", old_values."name_en", old_values."name_zh", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."pinyin", old_values."published", old_values."registered_address", old_values."registered_capital", old_values."registration_status", old_values."registration_type", old_values."registry_no", old_values."remarks", old_values."scope", old_values."short_name", old_values."source", old_values."successor_id", old_values."township_id", old_values."uscc", old_values."uscc_override_reason", old_values."verified_by_id", old_values."verified_from", old_values."verified_on", old_values."website", old_values."zone_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a2ccf08a44644bfd3fec52bc66b95335332462c9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_6a8b1', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_organization', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='organization',
            constraint=models.CheckConstraint(condition=models.Q(('verified_from', ''), ('verified_on__isnull', False), _connector='OR'), name='organization_verified_from_has_day', violation_error_message='Say also on which day it was verified.'),
        ),
    ])]
