"""Triggers on organizations and their child tables, which work for every way of writing.

They maintain `updated_at`, the version of the reference data, the pinyin, and the index tables for lists of sectors,
counts and search.
"""

import pgtrigger

TOUCH_ON_UPDATE = pgtrigger.Trigger(
    name="touch",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func="NEW.updated_at = greatest(now(), OLD.updated_at); RETURN NEW;",
)


def _touch(operation: pgtrigger.Operation, name: str, rows: str, **referencing: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"touch_organization_{name}",
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(**referencing),
        # An organization written in this transaction already has its time; the condition spares it a second version.
        func=f"""
            UPDATE registry_organization o SET updated_at = now()
            WHERE (o.updated_at < now() OR o.xmin <> pg_current_xact_id()::xid) AND o.id IN ({rows});
            RETURN NULL;
        """,
    )


def touch_organization() -> list[pgtrigger.Trigger]:
    """Return triggers for a table whose rows are shown as a part of their organization (`organization_id`)."""
    old, new = "SELECT organization_id FROM old_rows", "SELECT organization_id FROM new_rows"
    return [
        _touch(pgtrigger.Insert, "insert", new, new="new_rows"),
        _touch(pgtrigger.Update, "update", f"{old} UNION {new}", old="old_rows", new="new_rows"),
        _touch(pgtrigger.Delete, "delete", old, old="old_rows"),
    ]


REFERENCE_STATE = pgtrigger.Trigger(
    name="reference_state",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
    level=pgtrigger.Statement,
    # Not counted up: a transaction that is rolled back would leave its number to another state.
    func="""
        INSERT INTO registry_referencestate (id, version) VALUES (1, gen_random_uuid())
        ON CONFLICT (id) DO UPDATE SET version = excluded.version;
        RETURN NULL;
    """,
)
"""Changes the version of the reference data, which ends the validity of all caches (registry.reference.cache)."""

# --- Entries of the lists of one sector


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{column}" for column in columns.split(", "))


def _changed(columns: str) -> str:
    """Return SQL for the updated rows that differ in the columns.

    It does not join old and new rows: a session keeps the plan of its first call, and a plan made for one row would
    compare every row with every other row.
    """
    return f"SELECT id, {columns} FROM new_rows EXCEPT SELECT id, {columns} FROM old_rows"


_LISTED = "sort_key, kind, registration_status, township_id, published"
_PROFILE = "concat(kind, '/', category, '/', registration_status, '/', township_id, '/', zone_id) AS profile"
_ENTRY_COLUMNS = f"{_LISTED}, profile"
_ENTRY_SOURCE = f"{_LISTED}, {_PROFILE}"
_COUNT_COLUMNS, _COUNT_SOURCE = _ENTRY_COLUMNS.replace("sort_key, ", ""), _ENTRY_SOURCE.replace("sort_key, ", "")
_NEW, _OLD = "SELECT organization_id, sector_id FROM new_rows", "SELECT organization_id, sector_id FROM old_rows"


def _lock(rows: str) -> str:
    """Return SQL that makes transactions changing tags of one organization wait for each other.

    Each then sees the tags that the other has left. Rows that this transaction has written are locked already.
    """
    return f"""
        PERFORM 1 FROM registry_organization
        WHERE id IN (SELECT organization_id FROM ({rows}) changed) AND xmin <> pg_current_xact_id()::xid
        ORDER BY id FOR NO KEY UPDATE;
    """


def _collect(rows: str) -> str:
    """Return SQL that updates `sectors` in the rows for counts of organizations whose tags have changed.

    It must run before the SQL for the entries of sector lists, which copy this value.
    """
    return f"""
        UPDATE registry_countentry c SET sectors = n.sectors
        FROM (
            SELECT organization_id, coalesce(string_agg(ancestor_id::text, ' ' ORDER BY ancestor_id), '') AS sectors
            FROM (
                SELECT DISTINCT changed.organization_id, above.ancestor_id
                FROM (SELECT DISTINCT organization_id FROM ({rows}) tag) changed
                LEFT JOIN registry_sectortag t ON t.organization_id = changed.organization_id
                LEFT JOIN registry_sector_ancestor above ON above.sector_id = t.sector_id
            ) a GROUP BY organization_id
        ) n
        WHERE c.organization_id = n.organization_id AND c.sectors <> n.sectors;
    """


def _enter(rows: str) -> str:
    """Return SQL that adds the entries for tags, which are given as pairs of organization and sector."""
    return f"""
        INSERT INTO registry_sectorentry (organization_id, sector_id, {_ENTRY_COLUMNS}, sectors)
        SELECT t.organization_id, t.ancestor_id, o.sort_key, {_of("c", _COUNT_COLUMNS)}, c.sectors
        FROM (
            SELECT DISTINCT tag.organization_id, above.ancestor_id
            FROM ({rows}) tag JOIN registry_sector_ancestor above ON above.sector_id = tag.sector_id
        ) t
        JOIN registry_organization o ON o.id = t.organization_id
        JOIN registry_countentry c ON c.organization_id = t.organization_id
        ORDER BY t.ancestor_id, o.sort_key
        ON CONFLICT DO NOTHING;
    """


def _leave(rows: str) -> str:
    """Return SQL that removes entries without a tag."""
    return f"""
        DELETE FROM registry_sectorentry e
        WHERE e.organization_id IN (SELECT organization_id FROM ({rows}) tag) AND NOT EXISTS (
            SELECT 1 FROM registry_sectortag t JOIN registry_sector_ancestor above ON above.sector_id = t.sector_id
            WHERE t.organization_id = e.organization_id AND above.ancestor_id = e.sector_id
        );
    """


def _agree(rows: str) -> str:
    """Return SQL that copies the sectors of the organizations to all of their entries."""
    return "".join(
        f"""
        UPDATE {table} e SET sectors = c.sectors
        FROM registry_countentry c
        WHERE e.organization_id IN (SELECT organization_id FROM ({rows}) tag)
          AND c.organization_id = e.organization_id AND e.sectors <> c.sectors;
        """
        for table in ("registry_sectorentry", "registry_searchentry")
    )


def _statement(name: str, operation: pgtrigger.Operation, func: str, **referencing: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(**referencing),
        func=f"{func} RETURN NULL;",
    )


_PAIRS_CHANGED = f"({_OLD} EXCEPT {_NEW}) UNION ALL ({_NEW} EXCEPT {_OLD})"
_BOTH = f"{_OLD} UNION ALL {_NEW}"
ENTRIES_OF_TAGS = [
    _statement(
        "entries_insert",
        pgtrigger.Insert,
        _lock(_NEW) + _collect(_NEW) + _enter(_NEW) + _agree(_NEW),
        new="new_rows",
    ),
    _statement(
        "entries_update",
        pgtrigger.Update,
        f"""
        IF NOT EXISTS ({_PAIRS_CHANGED}) THEN RETURN NULL; END IF;
        {_lock(_BOTH)} {_collect(_BOTH)} {_leave(_OLD)} {_enter(_NEW)} {_agree(_BOTH)}
        """,
        old="old_rows",
        new="new_rows",
    ),
    _statement(
        "entries_delete",
        pgtrigger.Delete,
        _lock(_OLD) + _collect(_OLD) + _leave(_OLD) + _agree(_OLD),
        old="old_rows",
    ),
]


def _update_entries(table: str, columns: str, source: str) -> str:
    return f"""
    UPDATE {table} e SET ({columns}) = ({_of("n", columns)})
    FROM ({_changed(source)}) n WHERE e.organization_id = n.id;
    """


ENTRIES_OF_ORGANIZATIONS = [
    _statement(
        "entries_insert",
        pgtrigger.Insert,
        f"""
        INSERT INTO registry_countentry (organization_id, {_COUNT_COLUMNS})
        SELECT id, {_COUNT_SOURCE} FROM new_rows;
        """,
        new="new_rows",
    ),
    _statement(
        "entries_update",
        pgtrigger.Update,
        _update_entries("registry_countentry", _COUNT_COLUMNS, _COUNT_SOURCE)
        + _update_entries("registry_sectorentry", _ENTRY_COLUMNS, _ENTRY_SOURCE),
        old="old_rows",
        new="new_rows",
    ),
    _statement(
        "entries_delete",
        pgtrigger.Delete,
        "DELETE FROM registry_countentry e USING old_rows o WHERE e.organization_id = o.id;",
        old="old_rows",
    ),
]
_MOVED = "SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.parent_id IS DISTINCT FROM o.parent_id"
_TAGS_BELOW = f"""
    SELECT t.organization_id, t.sector_id
    FROM registry_sectortag t JOIN registry_sector_ancestor above ON above.sector_id = t.sector_id
    WHERE above.ancestor_id IN ({_MOVED})
"""
ENTRIES_OF_SECTORS = _statement(
    "entries_update",
    pgtrigger.Update,
    f"""
    IF EXISTS ({_MOVED}) THEN
        LOCK TABLE registry_sectortag IN SHARE ROW EXCLUSIVE MODE;
        {_collect(_TAGS_BELOW)} {_leave(_TAGS_BELOW)} {_enter(_TAGS_BELOW)} {_agree(_TAGS_BELOW)}
    END IF;
    """,
    old="old_rows",
    new="new_rows",
)


# --- Pinyin and what search looks through

DERIVE_PINYIN = [
    # Imports give the pinyin with the name, at a tenth of the cost, and save() does; this is for whoever does not.
    pgtrigger.Trigger(
        name="pinyin_insert",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.pinyin = '' AND NEW.name_zh <> ''"),
        func="NEW.pinyin = left(registry_pinyin(NEW.name_zh), 1200); RETURN NEW;",
    ),
    pgtrigger.Trigger(
        name="pinyin_update",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("name_zh"),
        condition=pgtrigger.Condition("NEW.name_zh <> OLD.name_zh AND NEW.pinyin = OLD.pinyin"),
        func="NEW.pinyin = left(registry_pinyin(NEW.name_zh), 1200); RETURN NEW;",
    ),
]
_SEARCHED = "names, words, pinyin, initials"
_SEARCH_COLUMNS = f"{_LISTED}, {_SEARCHED}"


def _refresh_search(ids: str) -> str:
    """Return SQL that writes the rows for search anew; rows of new organizations have no sector before their tags."""
    return f"""
        INSERT INTO registry_searchentry AS e (organization_id, {_SEARCH_COLUMNS})
        SELECT organization_id, {_SEARCH_COLUMNS} FROM registry_search_source WHERE organization_id IN ({ids})
        ON CONFLICT (organization_id) DO UPDATE
        SET ({_SEARCH_COLUMNS}) = ({_of("excluded", _SEARCH_COLUMNS)})
        WHERE ({_of("e", _SEARCH_COLUMNS)}) IS DISTINCT FROM ({_of("excluded", _SEARCH_COLUMNS)});
    """


_NAMED = "name_zh, name_en, short_name, pinyin, uscc, registry_no"
_RENAMED = f"SELECT id FROM ({_changed(_NAMED)}) renamed"
_LISTED_OTHERWISE = f"""
    UPDATE registry_searchentry e SET ({_LISTED}) = ({_of("n", _LISTED)})
    FROM ({_changed(_LISTED)}) n
    WHERE e.organization_id = n.id AND ({_of("n", _LISTED)}) IS DISTINCT FROM ({_of("e", _LISTED)});
"""
SEARCH_OF_ORGANIZATIONS = [
    _statement("search_insert", pgtrigger.Insert, _refresh_search("SELECT id FROM new_rows"), new="new_rows"),
    _statement(
        "search_update",
        pgtrigger.Update,
        _refresh_search(_RENAMED) + _LISTED_OTHERWISE,
        old="old_rows",
        new="new_rows",
    ),
    _statement(
        "search_delete",
        pgtrigger.Delete,
        "DELETE FROM registry_searchentry e USING old_rows o WHERE e.organization_id = o.id;",
        old="old_rows",
    ),
]
_NAME_OLD, _NAME_NEW = "SELECT organization_id FROM old_rows", "SELECT organization_id FROM new_rows"


def search_of_parts() -> list[pgtrigger.Trigger]:
    """Return the triggers of child tables that search looks through: names and identifiers."""
    both = f"{_NAME_OLD} UNION {_NAME_NEW}"
    return [
        _statement("search_insert", pgtrigger.Insert, _lock(_NAME_NEW) + _refresh_search(_NAME_NEW), new="new_rows"),
        _statement(
            "search_update", pgtrigger.Update, _lock(both) + _refresh_search(both), old="old_rows", new="new_rows"
        ),
        _statement("search_delete", pgtrigger.Delete, _lock(_NAME_OLD) + _refresh_search(_NAME_OLD), old="old_rows"),
    ]


# --- All entries of many new organizations together

ENTERING = (
    "registry.Organization:entries_insert",
    "registry.Organization:search_insert",
    "registry.Name:search_insert",
    "registry.Identifier:search_insert",
    "registry.Name:touch_organization_insert",
    "registry.SectorTag:entries_insert",
    "registry.SectorTag:touch_organization_insert",
)
"""Settings for a session that writes new organizations without these triggers and then runs ENTER_FROM."""
_TAGS_FROM = "SELECT organization_id, sector_id FROM registry_sectortag WHERE organization_id >= %(first)s"
ENTER_FROM = (
    f"""
    INSERT INTO registry_countentry (organization_id, {_COUNT_COLUMNS}, sectors)
    SELECT id, {_COUNT_SOURCE}, coalesce(tagged.sectors, '')
    FROM registry_organization LEFT JOIN (
        SELECT organization_id, string_agg(ancestor_id::text, ' ' ORDER BY ancestor_id) AS sectors
        FROM (
            SELECT DISTINCT tag.organization_id, above.ancestor_id
            FROM ({_TAGS_FROM}) tag JOIN registry_sector_ancestor above ON above.sector_id = tag.sector_id
        ) a GROUP BY organization_id
    ) tagged ON tagged.organization_id = id
    WHERE id >= %(first)s
    """,
    _enter(_TAGS_FROM),
    f"""
    INSERT INTO registry_searchentry (organization_id, {_SEARCH_COLUMNS}, sectors)
    SELECT organization_id, {_SEARCH_COLUMNS}, counted.sectors
    FROM registry_search_source
    JOIN (SELECT organization_id, sectors FROM registry_countentry) counted USING (organization_id)
    WHERE organization_id >= %(first)s ORDER BY sort_key
    """,
)
"""Adds index rows for the organizations from this id on; none of them has any yet."""
