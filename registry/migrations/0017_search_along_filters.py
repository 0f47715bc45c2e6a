from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0016_counts")]
    operations = [
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["township", "sort_key", "organization"], name="search_entry_township"),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(
                condition=models.Q(("kind", "enterprise"), _negated=True),
                fields=["kind", "sort_key", "organization"],
                name="search_entry_kind",
            ),
        ),
    ]
