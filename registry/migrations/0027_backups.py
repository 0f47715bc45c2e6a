from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0026_change_origin'),
    ]

    operations = [
        migrations.CreateModel(
            name='LastBackup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('taken_at', models.DateTimeField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='changeorigin',
            name='numbered_in',
            field=models.BigIntegerField(db_default=0),
        ),
    ]
