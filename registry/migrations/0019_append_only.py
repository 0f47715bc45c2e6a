from django.db import migrations

KEEP = """
CREATE FUNCTION registry_keep_context() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'rows of % are not deleted: events name them', TG_TABLE_NAME;
    END IF;
    IF NEW.id <> OLD.id OR NEW.created_at <> OLD.created_at
        OR (OLD.metadata ->> 'user' IS NOT NULL AND OLD.metadata ->> 'user' IS DISTINCT FROM NEW.metadata ->> 'user')
    THEN
        RAISE EXCEPTION 'who did something, and when, is not changed in %', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER registry_keep_context BEFORE UPDATE OR DELETE ON pghistory_context
    FOR EACH ROW EXECUTE FUNCTION registry_keep_context();
"""
UNDO = "DROP TRIGGER registry_keep_context ON pghistory_context; DROP FUNCTION registry_keep_context()"


class Migration(migrations.Migration):
    """Who did something and when stays as it was recorded; an operation may still add to what it says."""

    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("registry", "0018_attachments"),
    ]

    operations = [
        migrations.RunSQL(KEEP, UNDO),
    ]
