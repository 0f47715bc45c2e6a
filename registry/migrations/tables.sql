-- What Django cannot declare of the tables. Run when they are made (0001_initial).

-- Foreign keys over two columns: a tag's plan is its sector's, and a parent is of the same plan.
ALTER TABLE registry_sectortag ADD CONSTRAINT sector_tag_sector_of_plan
    FOREIGN KEY (sector_id, plan_id) REFERENCES registry_sector (id, plan_id);
ALTER TABLE registry_sector ADD CONSTRAINT sector_parent_of_plan
    FOREIGN KEY (parent_id, plan_id) REFERENCES registry_sector (id, plan_id);

-- Counts of requests are lost when the server crashes, and are quick to write.
ALTER TABLE registry_requestcount SET UNLOGGED;

CREATE VIEW registry_sector_ancestor AS
WITH RECURSIVE above (sector_id, ancestor_id) AS (
    SELECT id, id FROM registry_sector
    UNION
    SELECT above.sector_id, s.parent_id FROM above JOIN registry_sector s ON s.id = above.ancestor_id
    WHERE s.parent_id IS NOT NULL
)
SELECT sector_id, ancestor_id FROM above;

-- What search looks through (registry.search.text). Pinyin may be typed by the staff: signs of it are read as spaces. The line
-- break between two names stands as a syllable of its own. A syllable that is no syllable is cut where two could be too long
-- for a token. OFFSET 0 keeps what is used twice from being computed twice.
--
-- Signs that belong to a Latin word stay with it: + and # behind it (c++, c#, 5g+), a full stop before it (.net) as a word of
-- its own. Codes stand there from their beginning and, behind ~, from their end; the organization code is in a USCC from its
-- ninth character on.
CREATE VIEW registry_search_source AS
SELECT o.id AS organization_id, o.sort_key, o.kind, o.registration_status, o.township_id, o.published,
    named.names,
    replace(
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
    SELECT regexp_replace(
        (named.names || E'\n' || lower(o.registry_no)) COLLATE "default", '([^[:alnum:]\n+#.]|[\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff])+', ' ', 'g'
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
    SELECT ' ' || translate(lower(o.pinyin), E'ü''’:\\-·\t\n', 'v       ') || coalesce(other.pinyin, '') || CASE
        WHEN short.key <> '' AND strpos(o.name_zh_key, short.key) = 0
        THEN E' \n ' || registry_pinyin(o.short_name) ELSE '' END AS whole
    OFFSET 0
) said
CROSS JOIN LATERAL (
    SELECT CASE WHEN octet_length(said.whole) > 2000 THEN regexp_replace(said.whole, '([^ ]{100})[^ ]+', '\1', 'g')
        ELSE said.whole END AS pinyin
    OFFSET 0
) spoken;

CREATE INDEX search_entry_tokens ON registry_searchentry
    USING gin (registry_search_tokens(names, words, pinyin, initials));
-- New entries go into the index at once: what waits in a list beside it would be read again for every key.
CREATE INDEX search_entry_match_keys ON registry_searchentry
    USING gin (registry_match_keys(names, pinyin)) WITH (fastupdate = off);
CREATE INDEX search_entry_sample ON registry_searchentry (organization_id) WHERE organization_id % 1024 = 0;

CREATE TRIGGER roles_stay_apart AFTER INSERT OR UPDATE ON auth_user_groups
    FOR EACH ROW EXECUTE FUNCTION registry_roles_stay_apart();

INSERT INTO registry_referencestate (id, version) VALUES (1, gen_random_uuid());
INSERT INTO registry_changeorigin (id, cluster) SELECT 1, system_identifier::text FROM pg_control_system();
