from django.db import migrations


class Migration(migrations.Migration):
    """Remove a content type that earlier migrations left behind; nothing refers to it."""

    dependencies = [("alliance", "0001_initial"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [
        migrations.RunSQL(
            "DELETE FROM django_content_type WHERE app_label = 'alliance' AND model = 'member_sectors'",
            migrations.RunSQL.noop,
        )
    ]
