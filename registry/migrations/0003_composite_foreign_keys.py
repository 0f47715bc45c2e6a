"""Foreign keys over two columns, which Django cannot declare: a tag's plan is its sector's, a parent is of the same plan."""

from django.db import migrations

KEYS = {
    "registry_sectortag": ("sector_tag_sector_of_plan", "(sector_id, plan_id)"),
    "registry_sector": ("sector_parent_of_plan", "(parent_id, plan_id)"),
}


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_models")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY {columns} REFERENCES registry_sector (id, plan_id)",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, (name, columns) in KEYS.items()
    ]
