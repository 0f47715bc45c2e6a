"""Indexes for pages of the staff's workplace: operations by their moment, by person and by import, and unusual USCCs.

The table of operations belongs to another app, and predicates as queries have them are said in SQL.
"""

from django.db import migrations

INDEXES = {
    "registry_context_moment": "pghistory_context (created_at DESC, id DESC)",
    "registry_context_person": "pghistory_context ((metadata -> 'user'), created_at DESC, id DESC)",
    "registry_context_import": "pghistory_context ((metadata -> 'batch'), created_at DESC, id DESC) "
    "WHERE (metadata -> 'batch') IS NOT NULL",
    "registry_organization_unusual_uscc": "registry_organization (id) WHERE uscc_override_reason <> ''",
}


class Migration(migrations.Migration):
    dependencies = [("registry", "0013_sector_definitions"), ("pghistory", "0007_auto_20250421_0444")]

    operations = [
        migrations.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
        for name, columns in INDEXES.items()
    ]
