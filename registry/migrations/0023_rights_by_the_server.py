from pathlib import Path

from django.conf import settings
from django.db import migrations

DROP = """
DROP FUNCTION registry_tell_account() CASCADE;
DROP FUNCTION registry_tell_roles() CASCADE;
DROP FUNCTION registry_tell_permissions() CASCADE;
DROP FUNCTION registry_permission_name(bigint);
DROP FUNCTION registry_tell(text, text, jsonb);
DROP FUNCTION registry_one_line(text);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('registry', '0022_accounts_telephone'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            (Path(__file__).parent / "rights_by_the_server.sql").read_text(encoding="utf-8"),
            DROP,
        ),
    ]
