import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models



from registry.values.pinyin import HANS, readings
from registry.values.variants import SIMPLIFIED, TRADITIONAL

CHINESE = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff"

# Looking for a traditional character is cheap, replacing is not: hardly a name has one.
SIMPLIFY = f"""
CREATE FUNCTION registry_simplify(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT CASE WHEN name ~ '[{TRADITIONAL}]' THEN translate(name, '{TRADITIONAL}', '{SIMPLIFIED}') ELSE name END
$$
"""

READINGS = """
CREATE TABLE registry_reading (text text COLLATE "C" PRIMARY KEY, start text COLLATE "C" NOT NULL, pinyin text NOT NULL)
"""

# The rules are those of registry.values.pinyin.pinyin_key; a test compares the two.
PINYIN = f"""
CREATE FUNCTION registry_pinyin(name text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT AS $$
DECLARE
    rest text := name;
    words text := '';
    part text;
    known record;
BEGIN
    WHILE rest <> '' LOOP
        part := substring(rest FROM '^[^{HANS}]+');
        IF part IS NOT NULL THEN
            words := words || ' ' || regexp_replace(part, '[^[:alnum:] ]', '', 'g');
        ELSE
            SELECT text, pinyin INTO known FROM registry_reading
            WHERE start IN (left(rest, 2), left(rest, 1)) AND starts_with(rest, text) ORDER BY length(text) DESC LIMIT 1;
            part := coalesce(known.text, left(rest, 1));
            words := words || ' ' || coalesce(known.pinyin, part);
        END IF;
        rest := substr(rest, length(part) + 1);
    END LOOP;
    RETURN btrim(regexp_replace(lower(words), ' +', ' ', 'g'));
END
$$
"""

# A short name that is part of the name has its pinyin there.
SOURCE = rf"""
CREATE VIEW registry_search_source AS
SELECT o.id AS organization_id, o.sort_key, o.kind, o.registration_status, o.township_id, o.published,
    named.names,
    replace(
        regexp_replace(
            (named.names || E'\n' || lower(o.registry_no) || E'\n' || lower(coalesce(o.uscc, ''))) COLLATE "default",
            '([^[:alnum:]\n]|[{CHINESE}])+', ' ', 'g'
        ),
        E'\n', E'\n '
    ) AS words,
    spoken.pinyin,
    regexp_replace(spoken.pinyin, ' ([^ \n])[^ \n]*', '\1', 'g') AS initials
FROM registry_organization o
CROSS JOIN LATERAL (SELECT registry_fold_name(o.short_name) AS key) short
CROSS JOIN LATERAL (
    SELECT string_agg(n.name_key || E'\n', '' ORDER BY n.id) AS names,
           string_agg(E'\n ' || registry_pinyin(n.name), '' ORDER BY n.id) AS pinyin
    FROM registry_name n WHERE n.organization_id = o.id
) other
CROSS JOIN LATERAL (
    SELECT registry_simplify(
        E'\n' || o.name_zh_key || E'\n' || o.name_en_key || E'\n' || short.key || E'\n\t\n' || coalesce(other.names, '')
    ) AS names
) named
CROSS JOIN LATERAL (
    SELECT ' ' || translate(lower(o.pinyin), 'ü', 'v') || coalesce(other.pinyin, '') || CASE
        WHEN short.key <> '' AND strpos(o.name_zh_key, short.key) = 0
        THEN E'\n ' || registry_pinyin(o.short_name) ELSE '' END AS pinyin
) spoken
"""

# Pairs of Chinese characters, words, pairs of syllables, threes of initials (after an equals sign). The last of each
# stands alone or with a space, so that a query of one finds it as the beginning of a token.
TOKENS = rf"""
CREATE FUNCTION registry_search_tokens(names text, words text, pinyin text, initials text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT array_to_tsvector(ARRAY(
        SELECT rtrim(substr(chinese, i, 2), E'\n')
        FROM regexp_replace(names, '[^{CHINESE}]+', E'\n', 'g') chinese, generate_series(1, length(chinese)) i
        WHERE substr(chinese, i, 1) <> E'\n'
        UNION ALL
        SELECT word FROM string_to_table(translate(words, E'\n', ' '), ' ') word WHERE word <> ''
        UNION ALL
        SELECT syllables[i] || ' ' || coalesce(nullif(syllables[i + 1], E'\n'), '')
        FROM string_to_array(replace(pinyin, E'\n', E' \n'), ' ') syllables, generate_series(1, cardinality(syllables)) i
        WHERE syllables[i] NOT IN ('', E'\n')
        UNION ALL
        SELECT '=' || split_part(substr(initials, i, 3), E'\n', 1) FROM generate_series(1, length(initials)) i
        WHERE substr(initials, i, 1) <> E'\n'
    ))
$$
"""
COLUMNS = "organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials"
FILL = f"INSERT INTO registry_searchentry ({COLUMNS}) SELECT {COLUMNS} FROM registry_search_source ORDER BY sort_key"


def load_readings(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        with cursor.copy("COPY registry_reading (text, start, pinyin) FROM STDIN") as copy:
            for text, pinyin in readings():
                copy.write_row((text, text[:2], pinyin))
        cursor.execute("CREATE INDEX registry_reading_start ON registry_reading (start)")
        cursor.execute("ANALYZE registry_reading")


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0010_fold_names_faster'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(SIMPLIFY, "DROP FUNCTION registry_simplify"),
        migrations.RunSQL(READINGS, "DROP TABLE registry_reading"),
        migrations.RunPython(load_readings, migrations.RunPython.noop),
        migrations.RunSQL(PINYIN, "DROP FUNCTION registry_pinyin"),
        migrations.RunSQL(SOURCE, "DROP VIEW registry_search_source"),
        migrations.RunSQL(TOKENS, "DROP FUNCTION registry_search_tokens"),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('sort_key', models.CharField(db_collation='C', editable=False, max_length=400)),
                ('kind', models.CharField(choices=[('enterprise', 'enterprise'), ('research', 'university or research institute'), ('financial', 'financial institution'), ('social', 'social organization'), ('government', 'government department'), ('other', 'other body')], editable=False, max_length=20)),
                ('registration_status', models.CharField(choices=[('active', 'active'), ('suspended', 'suspended business'), ('deregistered', 'deregistered'), ('revoked', 'licence revoked'), ('moved_out', 'moved out'), ('merged', 'merged')], editable=False, max_length=20)),
                ('published', models.BooleanField(editable=False)),
                ('organization', models.OneToOneField(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='search_entry', serialize=False, to='registry.organization')),
                ('names', models.TextField(editable=False)),
                ('words', models.TextField(editable=False)),
                ('pinyin', models.TextField(editable=False)),
                ('initials', models.TextField(editable=False)),
                ('township', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='registry.township')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='organization',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('name_en_key', ''), _negated=True), fields=['name_en_key'], name='organization_name_en_alike', opclasses=['gin_trgm_ops']),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='name',
            trigger=pgtrigger.compiler.Trigger(name='search_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        PERFORM 1 FROM registry_organization\n        WHERE id IN (SELECT organization_id FROM (SELECT organization_id FROM new_rows) changed) AND xmin <> pg_current_xact_id()::xid\n        ORDER BY id FOR NO KEY UPDATE;\n    \n        INSERT INTO registry_searchentry AS e (organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials)\n        SELECT organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials FROM registry_search_source WHERE organization_id IN (SELECT organization_id FROM new_rows)\n        ON CONFLICT (organization_id) DO UPDATE\n        SET (sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials) = (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials)\n        WHERE (e.sort_key, e.kind, e.registration_status, e.township_id, e.published, e.names, e.words, e.pinyin, e.initials) IS DISTINCT FROM (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials);\n     RETURN NULL;', hash='194c4fe62e42ae132a70e6d4f9260cde613a0514', level='STATEMENT', operation='INSERT', pgid='pgtrigger_search_insert_f3880', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_name', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='name',
            trigger=pgtrigger.compiler.Trigger(name='search_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        PERFORM 1 FROM registry_organization\n        WHERE id IN (SELECT organization_id FROM (SELECT organization_id FROM old_rows UNION SELECT organization_id FROM new_rows) changed) AND xmin <> pg_current_xact_id()::xid\n        ORDER BY id FOR NO KEY UPDATE;\n    \n        INSERT INTO registry_searchentry AS e (organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials)\n        SELECT organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials FROM registry_search_source WHERE organization_id IN (SELECT organization_id FROM old_rows UNION SELECT organization_id FROM new_rows)\n        ON CONFLICT (organization_id) DO UPDATE\n        SET (sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials) = (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials)\n        WHERE (e.sort_key, e.kind, e.registration_status, e.township_id, e.published, e.names, e.words, e.pinyin, e.initials) IS DISTINCT FROM (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials);\n     RETURN NULL;', hash='52ba9332bc177298d81ec584d14c0f5a60374feb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_search_update_09c53', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_name', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='name',
            trigger=pgtrigger.compiler.Trigger(name='search_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        PERFORM 1 FROM registry_organization\n        WHERE id IN (SELECT organization_id FROM (SELECT organization_id FROM old_rows) changed) AND xmin <> pg_current_xact_id()::xid\n        ORDER BY id FOR NO KEY UPDATE;\n    \n        INSERT INTO registry_searchentry AS e (organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials)\n        SELECT organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials FROM registry_search_source WHERE organization_id IN (SELECT organization_id FROM old_rows)\n        ON CONFLICT (organization_id) DO UPDATE\n        SET (sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials) = (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials)\n        WHERE (e.sort_key, e.kind, e.registration_status, e.township_id, e.published, e.names, e.words, e.pinyin, e.initials) IS DISTINCT FROM (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials);\n     RETURN NULL;', hash='4f81661456f0d71ceeda5f0544f16d60af9b72fd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_search_delete_c2f01', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_name', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='pinyin_insert', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.pinyin = '' AND NEW.name_zh <> '')", func='NEW.pinyin = left(registry_pinyin(NEW.name_zh), 1200); RETURN NEW;', hash='397b2af8be8bff4b6ecaaad8e6fddc990b648d9a', operation='INSERT', pgid='pgtrigger_pinyin_insert_5d805', table='registry_organization', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='pinyin_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.name_zh <> OLD.name_zh AND NEW.pinyin = OLD.pinyin)', func='NEW.pinyin = left(registry_pinyin(NEW.name_zh), 1200); RETURN NEW;', hash='7c8d9b4eb472c006bc03519bf7f12639a3ad53ce', operation='UPDATE OF "name_zh"', pgid='pgtrigger_pinyin_update_19380', table='registry_organization', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='search_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        INSERT INTO registry_searchentry AS e (organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials)\n        SELECT organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials FROM registry_search_source WHERE organization_id IN (SELECT id FROM new_rows)\n        ON CONFLICT (organization_id) DO UPDATE\n        SET (sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials) = (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials)\n        WHERE (e.sort_key, e.kind, e.registration_status, e.township_id, e.published, e.names, e.words, e.pinyin, e.initials) IS DISTINCT FROM (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials);\n     RETURN NULL;', hash='90baa7b7c7b0bdbb93abeaa9e364648de1a3db3f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_search_insert_81f79', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='search_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        INSERT INTO registry_searchentry AS e (organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials)\n        SELECT organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials FROM registry_search_source WHERE organization_id IN (\n    SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id\n    WHERE (n.name_zh, n.name_en, n.short_name, n.pinyin, n.uscc, n.registry_no) IS DISTINCT FROM (o.name_zh, o.name_en, o.short_name, o.pinyin, o.uscc, o.registry_no)\n)\n        ON CONFLICT (organization_id) DO UPDATE\n        SET (sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials) = (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials)\n        WHERE (e.sort_key, e.kind, e.registration_status, e.township_id, e.published, e.names, e.words, e.pinyin, e.initials) IS DISTINCT FROM (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials);\n    \n    UPDATE registry_searchentry e SET (sort_key, kind, registration_status, township_id, published) = (n.sort_key, n.kind, n.registration_status, n.township_id, n.published)\n    FROM new_rows n JOIN old_rows o ON o.id = n.id\n    WHERE e.organization_id = n.id AND (n.sort_key, n.kind, n.registration_status, n.township_id, n.published) IS DISTINCT FROM (o.sort_key, o.kind, o.registration_status, o.township_id, o.published)\n      AND (n.sort_key, n.kind, n.registration_status, n.township_id, n.published) IS DISTINCT FROM (e.sort_key, e.kind, e.registration_status, e.township_id, e.published);\n RETURN NULL;', hash='7032cdd8dd51f81032d8f6c43669ec29af575062', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_search_update_7d6e8', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='search_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='DELETE FROM registry_searchentry e USING old_rows o WHERE e.organization_id = o.id; RETURN NULL;', hash='ef63bd6e00f6d8641f2b507ce215bdaa6fb4c70a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_search_delete_43661', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_organization', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['sort_key', 'organization'], name='search_entry_walk'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(
            "CREATE INDEX search_entry_tokens ON registry_searchentry"
            " USING gin (registry_search_tokens(names, words, pinyin, initials)) WITH (fastupdate = off)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "CREATE INDEX search_entry_sample ON registry_searchentry (organization_id) WHERE organization_id % 1024 = 0",
            migrations.RunSQL.noop,
        ),
    ]
