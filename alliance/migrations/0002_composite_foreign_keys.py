"""Foreign keys over two columns, which Django cannot declare: a membership's member and tier are of its alliance."""

from django.db import migrations

KEYS = {
    "membership_tier_of_alliance": ("(tier_id, alliance_id)", "alliance_tier"),
    "membership_member_of_alliance": ("(member_id, alliance_id)", "alliance_member"),
}


class Migration(migrations.Migration):
    dependencies = [("alliance", "0001_models")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE alliance_membership ADD CONSTRAINT {name} FOREIGN KEY {columns} REFERENCES {table} (id, alliance_id)",
            f"ALTER TABLE alliance_membership DROP CONSTRAINT {name}",
        )
        for name, (columns, table) in KEYS.items()
    ]
