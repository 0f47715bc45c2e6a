"""Keys by which records are found whose names resemble a given one, in one index over the entries of search.

They replace the coarse names. A record of 14 keys is found by each of them alone, so one character that is wrong, missing, too
many or swapped leaves keys that still fit (ADR 0017).
"""

import json

from django.db import migrations

from registry.matching.vocabulary import (
    CITIES,
    LATIN_FORMS,
    LATIN_PLACES,
    LATIN_TRADES,
    LATIN_WIDE_PLACES,
    PLACE_INITIALS,
    PROVINCES,
    TOWNS,
)

CHINESE = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff"
WINDOW = 7
"""So many characters behind the place are compared but for one."""


def _any_of(words):
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def _array(words):
    return "{" + ",".join(sorted(words)) + "}"


def _hash(text):
    return f"hashtextextended({text}, 0)"


PLACE = (
    f"(?:(?:{_any_of(PROVINCES)})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?)?"
    f"(?:(?:{_any_of(CITIES)})市?)?"
)
TOWN = f"(?:(?:{_any_of(TOWNS)})(?:镇|街道|区)?)?"
BRACKETED_PLACE = rf"\((?:{_any_of(PROVINCES | CITIES)})(?:省|市)?\)"
BUT_ONE = ", ".join(_hash(f"'c' || left(start, {n}) || substr(start, {n + 2})") for n in range(WINDOW))
ACCENTED, PLAIN = (
    "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüâäãåçêëîïñôöõûýÿ",
    "aaaaeeeeiiiioooouuuuuuuuuaaaaceeiinooouyy",
)

# Names and pinyin are columns of registry_searchentry: the Chinese name, the English one and the short one a line each, a
# line with a tab, then the other names; the pinyin of the Chinese name and of the other ones a line each. Each key begins
# with a letter for its kind: c what stands behind the place but for one character, b its beginnings, y pinyin,
# w words and pairs of words of Latin names, a initials.
KEYS = rf"""
CREATE FUNCTION registry_match_keys(names text, pinyin text) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 10000 AS $$
DECLARE
    lines text[] := string_to_array(names, E'\n');
    spoken text[] := string_to_array(pinyin, E'\n');
    keys bigint[] := '{{}}';
    line text;
    place text;
    town text;
    core text;
    start text;
    reading text;
    word text;
    before text;
    letters text;
    initials text;
    whole_initials text;
    place_initials text;
    cut integer;
BEGIN
    FOR i IN 2 .. cardinality(lines) LOOP
        line := lines[i];
        CONTINUE WHEN line IN ('', E'\t');
        IF line ~ '[{CHINESE}]' THEN
            place := substring(line FROM '^{PLACE}');
            IF length(line) < length(place) + 2 THEN
                place := '';
            END IF;
            core := substr(line, length(place) + 1);
            IF strpos(core, '(') > 0 THEN
                core := regexp_replace(core, '{BRACKETED_PLACE}', '');
            END IF;
            core := translate(core, '().,-·&''"’“” ', '');
            cut := strpos(core, '公司');
            IF cut > 2 THEN
                core := regexp_replace(left(core, cut - 1), '(?:股份|集团|有限|责任|总)+$', '');
            END IF;
            reading := translate(CASE WHEN i = 2 THEN spoken[1] WHEN i > 5 THEN spoken[i - 4] END, 'v', 'u');
            IF reading IS NOT NULL THEN
                IF place <> '' THEN
                    reading := regexp_replace(reading, '^(?: [^ ]+){{' || length(place) || '}}', '');
                END IF;
                cut := strpos(reading, ' gong si');
                IF cut > 0 THEN
                    reading := regexp_replace(left(reading, cut - 1), '(?: gu fen| ji tuan| you xian| ze ren| zong)+$', '');
                END IF;
            END IF;
            -- A mistyped town is none: a name that has one is found with it, too.
            town := substring(core FROM '^{TOWN}');
            IF town <> '' AND length(core) > length(town) + 1 THEN
                start := left(core, {WINDOW});
                keys := keys || ARRAY[{_hash("'c' || start")}, {BUT_ONE}];
                core := substr(core, length(town) + 1);
                IF reading IS NOT NULL THEN
                    keys := keys || {_hash("'y' || replace(reading, ' ', '')")};
                    reading := regexp_replace(reading, '^(?: [^ ]+){{' || length(town) || '}}', '');
                END IF;
            END IF;
            start := left(core, {WINDOW});
            keys := keys || ARRAY[
                {_hash("'c' || start")}, {_hash("'b' || left(core, 2)")}, {_hash("'b' || left(core, 3)")}, {_hash("'b' || left(core, 4)")}
            ];
            IF length(start) > 2 THEN
                keys := keys || ARRAY[{BUT_ONE}];
            END IF;
            IF reading IS NOT NULL THEN
                keys := keys || ARRAY[
                    {_hash("'y' || replace(reading, ' ', '')")},
                    {_hash("'y' || replace(substring(reading FROM '^(?: [^ ]+){3}'), ' ', '')")},
                    {_hash("'y' || replace(substring(reading FROM '^(?: [^ ]+){4}'), ' ', '')")}
                ];
            END IF;
        ELSE
            before := NULL;
            letters := '';
            initials := '';
            whole_initials := '';
            place_initials := '';
            line := regexp_replace(translate(line, '{ACCENTED}''', '{PLAIN}'), '[^[:alnum:]]+', ' ', 'g');
            FOREACH word IN ARRAY string_to_array(line, ' ') LOOP
                CONTINUE WHEN word IN ('', 'of', 'and', 'the', 'for', 'in', 'at', 'to');
                whole_initials := whole_initials || left(word, 1);
                CONTINUE WHEN word = ANY ('{_array(LATIN_FORMS)}'::text[]);
                initials := initials || left(word, 1);
                place_initials := place_initials || coalesce('{json.dumps(PLACE_INITIALS)}'::jsonb ->> word, left(word, 1));
                IF before IS NOT NULL THEN
                    keys := keys || {_hash("'w' || left(before, 6) || ' ' || left(word, 6)")};
                END IF;
                IF word <> ALL ('{_array(LATIN_PLACES)}'::text[])
                    OR before IS NOT NULL AND word <> ALL ('{_array(LATIN_WIDE_PLACES)}'::text[]) THEN
                    letters := letters || word;
                END IF;
                before := word;
                CONTINUE WHEN word = ANY ('{_array(LATIN_PLACES)}'::text[]);
                IF word <> ALL ('{_array(LATIN_TRADES)}'::text[]) THEN
                    keys := keys || {_hash("'w' || left(word, 6)")};
                END IF;
            END LOOP;
            letters := translate(letters, 'v', 'u');
            keys := keys || ARRAY[{_hash("'y' || letters")}, {_hash("'a' || initials")}, {_hash("'a' || whole_initials")}, {_hash("'a' || place_initials")}];
            IF length(letters) < 9 THEN
                keys := keys || {_hash("'a' || letters")};
            END IF;
        END IF;
    END LOOP;
    RETURN keys;
END
$$
"""  # fmt: skip
# New entries go into the index at once: what waits in a list beside it would be read again for every key.
INDEX = """
CREATE INDEX search_entry_match_keys ON registry_searchentry
USING gin (registry_match_keys(names, pinyin)) WITH (fastupdate = off)
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0018_search_of_codes")]
    operations = [
        migrations.RunSQL(KEYS, "DROP FUNCTION registry_match_keys"),
        migrations.RunSQL(INDEX, "DROP INDEX search_entry_match_keys"),
        migrations.RemoveIndex("organization", "organization_coarse_zh"),
        migrations.RemoveIndex("organization", "organization_coarse_en"),
    ]
