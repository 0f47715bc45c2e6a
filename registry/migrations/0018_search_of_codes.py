"""Search by codes, words with signs, readings that stop at the end of a place, invisible characters, one form of
organization codes. Stored values that follow from the old rules are computed again."""

import importlib

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from registry.values.pinyin import OVER_PLACE_ENDS, OWN_READINGS, PLACES, pinyin_key, readings

search = importlib.import_module("registry.migrations.0011_search")
cheaper = importlib.import_module("registry.migrations.0015_cheaper_search")
folding = importlib.import_module("registry.migrations.0010_fold_names_faster")
CHINESE = search.CHINESE

# --- Names fold without any invisible character (registry.values.validators.INVISIBLE; a test compares the two)

INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
OLD_SIGNS = r"translate(name, U&'\00ad\200b\200c\200d\200e\200f\2060\feff', '')"
QUICK = folding.QUICK
FOLD_NAME = QUICK.replace(OLD_SIGNS, f"regexp_replace(name, '[{INVISIBLE}]+', '', 'g')")
# A generated column is computed anew when its row is written.
REFOLD = f"""
UPDATE registry_organization SET name_zh = name_zh
WHERE (name_zh ~ '[{INVISIBLE}]' AND name_zh_key <> registry_fold_name(name_zh))
   OR (name_en ~ '[{INVISIBLE}]' AND name_en_key <> registry_fold_name(name_en));
UPDATE registry_name SET name = name WHERE name ~ '[{INVISIBLE}]' AND name_key <> registry_fold_name(name);
DELETE FROM registry_distinction d WHERE name_key ~ '[{INVISIBLE}]' AND EXISTS (
    SELECT 1 FROM registry_distinction x WHERE x.organization_id = d.organization_id AND x.id <> d.id
    AND registry_fold_name(x.name_key) = registry_fold_name(d.name_key) AND (x.name_key !~ '[{INVISIBLE}]' OR x.id < d.id)
);
UPDATE registry_distinction SET name_key = registry_fold_name(name_key) WHERE name_key ~ '[{INVISIBLE}]'
"""

# --- One form of organization codes: with the hyphen

# Each row that can be written with the hyphen, the first of each organization that means one code, and those beside it.
CODES = """
CREATE TEMP TABLE organization_code ON COMMIT DROP AS
SELECT id, organization_id, value, code, row_number() OVER (
    PARTITION BY organization_id, code ORDER BY value <> code, id
) AS nth
FROM (
    SELECT *, regexp_replace(upper(regexp_replace(value, '[^0-9A-Za-z]', '', 'g')), '.$', '-\\&') AS code
    FROM registry_identifier WHERE scheme = 'organization_code'
) one
WHERE code ~ '^[0-9A-Z]{8}-[0-9X]$'
"""
DROP_DOUBLE = """
DELETE FROM registry_identifier USING organization_code c WHERE registry_identifier.id = c.id AND c.nth > 1
"""
HYPHENATE = """
UPDATE registry_identifier i SET value = c.code
FROM organization_code c
WHERE i.id = c.id AND c.nth = 1 AND c.value <> c.code AND NOT EXISTS (
    SELECT 1 FROM organization_code x WHERE x.code = c.code AND x.organization_id <> c.organization_id
)
"""
LEFT = """
SELECT c.code, o.registry_no, x.registry_no FROM organization_code c
JOIN registry_organization o ON o.id = c.organization_id
JOIN organization_code d ON d.code = c.code AND d.organization_id <> c.organization_id AND d.nth = 1
JOIN registry_organization x ON x.id = d.organization_id
WHERE c.nth = 1 AND c.value <> c.code ORDER BY 1, 2, 3
"""

# --- What search looks through

# Signs that belong to a Latin word stay with it: + and # behind it (c++, c#, 5g+), a full stop before it (.net) as a word
# of its own. registry.search.text cuts queries by the same rule. Hardly a name has such a sign beside those of Co., Ltd.
#
# Codes stand there from their beginning and, behind ~, from their end; the organization code is in a USCC from its ninth
# character on.
SOURCE = cheaper.SOURCE
NAMES_AND_NUMBERS = SOURCE[SOURCE.index("    replace(\n"):SOURCE.index("    spoken.pinyin,")]
WORDS = r"""    replace(
        CASE WHEN parted.words ~ '[+#.]' THEN replace(
            regexp_replace(
                regexp_replace(
                    parted.words,
                    '(?<![[:alnum:]+#])[+#]+|\.(?![[:alpha:]])|(?<=[[:alnum:].+#])\.', ' ', 'g'
                ),
                '([+#])(?=[[:alnum:]])', '\1 ', 'g'
            ),
            '.', '. '
        ) ELSE parted.words END,
        E'\n', E'\n '
    ) || coalesce(E'\n ' || lower(o.uscc) || ' ' || lower(substr(o.uscc, 9, 9)) || ' ~' || reverse(lower(o.uscc)), '')
    || coalesce(numbered.words, '') AS words,
"""
LATIN = rf"""
CROSS JOIN LATERAL (
    SELECT regexp_replace(
        (named.names || E'\n' || lower(o.registry_no)) COLLATE "default", '([^[:alnum:]\n+#.]|[{CHINESE}])+', ' ', 'g'
    ) AS words
    OFFSET 0
) parted
CROSS JOIN LATERAL (
    SELECT string_agg(
        E'\n ' || CASE WHEN i.scheme = 'organization_code' THEN bare.code
            ELSE btrim(regexp_replace(lower(i.value) COLLATE "default", '[^[:alnum:]]+', ' ', 'g')) END
        || ' ~' || reverse(bare.code),
        '' ORDER BY i.id
    ) AS words
    FROM registry_identifier i
    CROSS JOIN LATERAL (
        SELECT regexp_replace(lower(i.value) COLLATE "default", '[^[:alnum:]]+', '', 'g') AS code
    ) bare
    WHERE i.organization_id = o.id
) numbered
CROSS JOIN LATERAL (
    SELECT ' ' || translate(lower(o.pinyin)"""
NEW_SOURCE = SOURCE.replace(NAMES_AND_NUMBERS, WORDS, 1).replace(
    "\nCROSS JOIN LATERAL (\n    SELECT ' ' || translate(lower(o.pinyin)", LATIN, 1
)


def read_names_anew(apps, schema_editor):
    """Change the readings, and with them those of names that nobody has corrected by hand."""
    own = OVER_PLACE_ENDS | OWN_READINGS.keys() | PLACES
    with schema_editor.connection.cursor() as cursor:
        ids = _read_by_the_rules(cursor)
        cursor.execute("DELETE FROM registry_reading WHERE text = ANY (%s)", [sorted(own)])
        with cursor.copy("COPY registry_reading (text, start, pinyin) FROM STDIN") as copy:
            for text, pinyin in readings(own):
                copy.write_row((text, text[:2], pinyin))
        cursor.execute(
            """
            UPDATE registry_organization SET pinyin = left(registry_pinyin(name_zh), 1200)
            WHERE id = ANY (%s) AND pinyin <> left(registry_pinyin(name_zh), 1200)
            """,
            [ids],
        )


def _read_by_the_rules(cursor):
    """The organizations whose stored pinyin is what the old rules say, and not what the new ones say."""
    cursor.execute("SELECT id, name_zh, pinyin FROM registry_organization WHERE name_zh <> ''")
    differing = []
    while rows := cursor.fetchmany(10_000):
        differing += [pk for pk, name, pinyin in rows if pinyin_key(name)[:1200] != pinyin]
    cursor.execute(
        "SELECT id FROM registry_organization WHERE id = ANY (%s) AND pinyin = left(registry_pinyin(name_zh), 1200)",
        [differing],
    )
    return [pk for (pk,) in cursor.fetchall()]


def hyphenate_organization_codes(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in (CODES, DROP_DOUBLE, HYPHENATE, LEFT):
            cursor.execute(statement)
        for code, one, other in cursor.fetchall():
            print(f"  The organization code {code} of {one} is also that of {other}, written otherwise; both are left as they are.")
        cursor.execute("DROP TABLE organization_code")


class Migration(migrations.Migration):
    dependencies = [("registry", "0017_search_along_filters")]

    operations = [
        migrations.RunPython(read_names_anew, migrations.RunPython.noop),
        migrations.RunSQL(FOLD_NAME, QUICK),
        migrations.RunSQL(REFOLD, migrations.RunSQL.noop),
        migrations.RunPython(hyphenate_organization_codes, migrations.RunPython.noop),
        migrations.RunSQL(
            cheaper.REFILL.format(functions=f"{NEW_SOURCE};", options=""),
            cheaper.REFILL.format(functions=f"{SOURCE};", options=""),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identifier',
            trigger=pgtrigger.compiler.Trigger(name='search_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        PERFORM 1 FROM registry_organization\n        WHERE id IN (SELECT organization_id FROM (SELECT organization_id FROM new_rows) changed) AND xmin <> pg_current_xact_id()::xid\n        ORDER BY id FOR NO KEY UPDATE;\n    \n        INSERT INTO registry_searchentry AS e (organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials)\n        SELECT organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials FROM registry_search_source WHERE organization_id IN (SELECT organization_id FROM new_rows)\n        ON CONFLICT (organization_id) DO UPDATE\n        SET (sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials) = (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials)\n        WHERE (e.sort_key, e.kind, e.registration_status, e.township_id, e.published, e.names, e.words, e.pinyin, e.initials) IS DISTINCT FROM (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials);\n     RETURN NULL;', hash='3f0220b6f620435373773ca950fd91704575da0b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_search_insert_c5cfe', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_identifier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identifier',
            trigger=pgtrigger.compiler.Trigger(name='search_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        PERFORM 1 FROM registry_organization\n        WHERE id IN (SELECT organization_id FROM (SELECT organization_id FROM old_rows UNION SELECT organization_id FROM new_rows) changed) AND xmin <> pg_current_xact_id()::xid\n        ORDER BY id FOR NO KEY UPDATE;\n    \n        INSERT INTO registry_searchentry AS e (organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials)\n        SELECT organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials FROM registry_search_source WHERE organization_id IN (SELECT organization_id FROM old_rows UNION SELECT organization_id FROM new_rows)\n        ON CONFLICT (organization_id) DO UPDATE\n        SET (sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials) = (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials)\n        WHERE (e.sort_key, e.kind, e.registration_status, e.township_id, e.published, e.names, e.words, e.pinyin, e.initials) IS DISTINCT FROM (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials);\n     RETURN NULL;', hash='fba1bb33e320ebf0599d8bc6ada41d9444a03eaf', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_search_update_1e716', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_identifier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identifier',
            trigger=pgtrigger.compiler.Trigger(name='search_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        PERFORM 1 FROM registry_organization\n        WHERE id IN (SELECT organization_id FROM (SELECT organization_id FROM old_rows) changed) AND xmin <> pg_current_xact_id()::xid\n        ORDER BY id FOR NO KEY UPDATE;\n    \n        INSERT INTO registry_searchentry AS e (organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials)\n        SELECT organization_id, sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials FROM registry_search_source WHERE organization_id IN (SELECT organization_id FROM old_rows)\n        ON CONFLICT (organization_id) DO UPDATE\n        SET (sort_key, kind, registration_status, township_id, published, names, words, pinyin, initials) = (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials)\n        WHERE (e.sort_key, e.kind, e.registration_status, e.township_id, e.published, e.names, e.words, e.pinyin, e.initials) IS DISTINCT FROM (excluded.sort_key, excluded.kind, excluded.registration_status, excluded.township_id, excluded.published, excluded.names, excluded.words, excluded.pinyin, excluded.initials);\n     RETURN NULL;', hash='989a71e4079e3ecd9b04da95a0112776ec901097', level='STATEMENT', operation='DELETE', pgid='pgtrigger_search_delete_7307d', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_identifier', when='AFTER')),
        ),
    ]
