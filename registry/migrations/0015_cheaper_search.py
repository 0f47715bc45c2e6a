"""Tokens of a search entry by a few replacements in a text instead of rows for each, at a quarter of the cost; the index
takes new entries by many (fastupdate)."""

import importlib

from django.db import migrations

search = importlib.import_module("registry.migrations.0011_search")
CHINESE = search.CHINESE

# Pinyin may be typed by the staff: signs of it are read as spaces. The line break between two names stands as a syllable
# of its own. A syllable that is no syllable is cut where two could be too long for a token. OFFSET 0 keeps what is used twice
# from being computed twice.
SOURCE = rf"""
CREATE OR REPLACE VIEW registry_search_source AS
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
    (SELECT coalesce(string_agg(left(syllable, 1), ''), '') FROM string_to_table(spoken.pinyin, ' ') syllable) AS initials
FROM registry_organization o
CROSS JOIN LATERAL (SELECT registry_fold_name(o.short_name) AS key) short
CROSS JOIN LATERAL (
    SELECT string_agg(n.name_key || E'\n', '' ORDER BY n.id) AS names,
           string_agg(E' \n ' || registry_pinyin(n.name), '' ORDER BY n.id) AS pinyin
    FROM registry_name n WHERE n.organization_id = o.id
) other
CROSS JOIN LATERAL (
    SELECT registry_simplify(
        E'\n' || o.name_zh_key || E'\n' || o.name_en_key || E'\n' || short.key || E'\n\t\n' || coalesce(other.names, '')
    ) AS names
    OFFSET 0
) named
CROSS JOIN LATERAL (
    SELECT ' ' || translate(lower(o.pinyin), E'ü''’:\\-·\t\n', 'v       ') || coalesce(other.pinyin, '') || CASE
        WHEN short.key <> '' AND strpos(o.name_zh_key, short.key) = 0
        THEN E' \n ' || registry_pinyin(o.short_name) ELSE '' END AS whole
    OFFSET 0
) said
CROSS JOIN LATERAL (
    SELECT CASE WHEN octet_length(said.whole) > 2000 THEN regexp_replace(said.whole, '([^ ]{{100}})[^ ]+', '\1', 'g')
        ELSE said.whole END AS pinyin
    OFFSET 0
) spoken
"""

# Pairs of Chinese characters, words, pairs of syllables (zhong-shan-), threes of initials (=zss), each text cut once from
# its beginning and again from each further sign. The last of each stands alone, so that a query of one finds it as
# the beginning of a token. Pairs over the end of a name are of no use and do no harm.
TOKENS = rf"""
CREATE OR REPLACE FUNCTION registry_search_tokens(names text, words text, pinyin text, initials text)
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 10000 AS $$
DECLARE
    chinese text := regexp_replace(names, '[^{CHINESE}]+', '', 'g');
    syllables text := translate(pinyin, E'\n', '') || ' ';
    letters text := translate(initials, E'\n', '');
    pair text := '[^ ]* [^ ]* ';
BEGIN
    RETURN (
        regexp_replace(chinese, '..', '\& ', 'g') || ' ' ||
        regexp_replace(substr(chinese, 2), '..', '\& ', 'g') || ' ' ||
        words || ' ' ||
        translate(regexp_replace(substr(syllables, 2), pair, '\&|', 'g'), ' |', '- ') || ' ' ||
        translate(
            regexp_replace(substr(syllables, strpos(substr(syllables, 2), ' ') + 2), pair, '\&|', 'g'), ' |', '- '
        ) || ' ' ||
        regexp_replace(letters, '.{{1,3}}', '=\& ', 'g') ||
        regexp_replace(substr(letters, 2), '.{{1,3}}', '=\& ', 'g') ||
        regexp_replace(substr(letters, 3), '.{{1,3}}', '=\& ', 'g')
    )::tsvector;
END
$$
"""
INDEX = """
CREATE INDEX search_entry_tokens ON registry_searchentry
USING gin (registry_search_tokens(names, words, pinyin, initials))
"""
WALK = "CREATE INDEX search_entry_walk ON registry_searchentry (sort_key, organization_id)"
# Filled anew, because the pinyin of several names is written otherwise; quicker than to change each row.
REFILL = f"""
DROP INDEX search_entry_tokens;
DROP INDEX search_entry_walk;
TRUNCATE registry_searchentry;
{{functions}}
{search.FILL};
{WALK};
{INDEX}{{options}};
ANALYZE registry_searchentry
"""


def _replacing(sql: str) -> str:
    return sql.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1).replace(
        "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1
    )


class Migration(migrations.Migration):
    dependencies = [("registry", "0014_reference_state")]
    operations = [
        migrations.RunSQL(
            REFILL.format(functions=f"{SOURCE};{TOKENS};", options=""),
            REFILL.format(
                functions=f"{_replacing(search.SOURCE)};{_replacing(search.TOKENS)};",
                options=" WITH (fastupdate = off)",
            ),
        ),
    ]
