import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0015_public_successor'),
    ]

    operations = [
        # The column stays as it is.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name='publicchange', name='organization_id'),
                migrations.AddField(
                    model_name='publicchange',
                    name='organization',
                    field=models.OneToOneField(
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True,
                        related_name='public_change', serialize=False, to='registry.organization',
                    ),
                ),
            ],
        ),
    ]
