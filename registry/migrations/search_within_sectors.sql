-- The sectors of each organization stand in the search index, too, and in its index of tokens: a search within a sector reads no
-- organization of others. The rows are written anew in the order of the list, which leaves none of before.
DROP INDEX search_entry_tokens;
DROP INDEX search_entry_match_keys;
CREATE TEMPORARY TABLE searchentry_before ON COMMIT DROP AS TABLE registry_searchentry;
TRUNCATE registry_searchentry;
INSERT INTO registry_searchentry (organization_id, sort_key, kind, registration_status, township_id, published,
    names, words, pinyin, initials, sectors)
SELECT e.organization_id, e.sort_key, e.kind, e.registration_status, e.township_id, e.published,
    e.names, e.words, e.pinyin, e.initials, c.sectors
FROM searchentry_before e JOIN registry_countentry c USING (organization_id) ORDER BY e.sort_key;
CREATE INDEX search_entry_tokens ON registry_searchentry
    USING gin (registry_search_tokens(names, words, pinyin, initials), string_to_array(sectors, ' '));
CREATE INDEX search_entry_match_keys ON registry_searchentry
    USING gin (registry_match_keys(names, pinyin)) WITH (fastupdate = off);
ANALYZE registry_searchentry;
