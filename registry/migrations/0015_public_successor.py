from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0014_workplace'),
    ]

    operations = [
        migrations.RunSQL(
            (Path(__file__).parent / "public_successor.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION registry_public_successor",
        ),
    ]
