from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0019_match_keys")]
    operations = [
        migrations.AddField(
            model_name="importrow",
            name="notes",
            field=models.JSONField(blank=True, default=list, verbose_name="told of the row"),
        ),
    ]
