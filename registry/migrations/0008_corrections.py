from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0007_public_directory'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnswerWanted',
            fields=[
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='answer_wanted', serialize=False, to='registry.proposalsource')),
                ('phone', models.CharField(max_length=50, verbose_name='phone')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='proposed at')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.RunSQL(
            (Path(__file__).parent / "corrections.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION registry_correct",
        ),
        # The role that serves the directory alone is given it by name: docs/operations.md.
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION registry_correct FROM PUBLIC", migrations.RunSQL.noop
        ),
    ]
