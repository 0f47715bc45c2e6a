"""Taking back an issue removes the certificate before it restores what that replaced, which points to it until then."""

from django.db import migrations

SUCCESSOR = (
    "ALTER TABLE alliance_certificate DROP CONSTRAINT certificate_successor_of_member,"
    " ADD CONSTRAINT certificate_successor_of_member FOREIGN KEY (replaced_by_id, member_id)"
    " REFERENCES alliance_certificate (id, member_id){}"
)


class Migration(migrations.Migration):
    dependencies = [("alliance", "0015_certificates")]

    operations = [migrations.RunSQL(SUCCESSOR.format(" ON DELETE SET NULL (replaced_by_id)"), SUCCESSOR.format(""))]
