"""SQL of the import of memberships, over the tables `import_row`, `import_match` and `import_final`."""

from registry.imports.pipeline.comparing import clean_text

LOCK = """
SELECT 1 FROM registry_organization WHERE id IN (SELECT id FROM import_match) ORDER BY id FOR NO KEY UPDATE
"""


def final(fill_blanks: bool, add_sectors: bool) -> str:
    """Return the statement that makes `import_final`: all memberships of the file with their future values.

    Its parameter is the id of the alliance.
    """

    def either(value: str, stored: str) -> str:
        return f"coalesce({stored}, {value})" if fill_blanks else f"coalesce({value}, {stored})"

    tier, end = either("p.tier", "x.tier_id"), either("p.ended_on", "x.ended_on")
    reason = either("p.end_reason", "nullif(x.end_reason, '')")
    reason = f"coalesce({reason}, '')"
    remarks = f"r.remarks IS NOT NULL AND r.remarks <> x.remarks AND r.remarks <> {clean_text('x.remarks')}"
    known = "coalesce(s.sectors, '{}')"
    sectors = f"{known} || ARRAY(SELECT given FROM unnest(r.sectors) AS given WHERE given <> ALL ({known}))"
    other_sectors = f"r.sector_set IS DISTINCT FROM {known}"
    if add_sectors:
        other_sectors = f"NOT r.sector_set <@ {known}"
    if fill_blanks:
        remarks += " AND x.remarks = ''"
        other_sectors = f"{known} = '{{}}'"
    signed = "r.sector_more IS NOT NULL"  # such cells say what to do, whatever is chosen
    other_sectors = f"CASE WHEN {signed} THEN r.sector_set IS DISTINCT FROM {known} ELSE {other_sectors} END"
    new_sectors = f"CASE WHEN {signed} THEN r.sectors ELSE {sectors} END" if add_sectors else "r.sectors"
    position = either("r.position", "mb.position")
    return f"""
        CREATE TEMP TABLE import_final ON COMMIT DROP AS
        SELECT r.n, m.id AS organization_id, mb.id AS member_id, mb.member_no, x.id, x.id IS NULL AS is_new,
               p.closes, p.follows, p.may_rewrite,
               {tier} AS tier_id, p.admitted_on, {end} AS ended_on, {reason} AS end_reason,
               CASE WHEN x.id IS NULL THEN coalesce(r.remarks, '') WHEN {remarks} THEN r.remarks
                    ELSE x.remarks END AS remarks,
               x.id IS NOT NULL AND ({tier} <> x.tier_id OR {end} IS DISTINCT FROM x.ended_on
                                     OR {reason} <> x.end_reason OR ({remarks})) AS changed,
               r.sector_set IS NOT NULL AND {other_sectors} AS sectors_changed,
               {known} AS sectors, {new_sectors} AS new_sectors,
               {position} IS DISTINCT FROM mb.position AS position_changed, {position} AS new_position
        FROM import_row r
        JOIN import_match m ON m.n = r.n
        JOIN import_period p ON p.n = r.n
        LEFT JOIN alliance_member mb ON mb.alliance_id = %s AND mb.organization_id = m.id
        LEFT JOIN alliance_membership x ON x.id = p.id
        LEFT JOIN LATERAL (
            SELECT array_agg(sector_id ORDER BY sector_id) AS sectors
            FROM alliance_member_sectors WHERE member_id = mb.id
        ) s ON true
        ORDER BY r.n
    """


# A row without a code, whose number and name are those of a member, is about that one: there may be others of the name.
BY_MEMBER_NUMBER = """
UPDATE import_row r SET registry_no = o.registry_no
FROM alliance_member mb JOIN registry_organization o ON o.id = mb.organization_id
WHERE mb.alliance_id = %s AND mb.member_no = r.member_no
  AND r.registry_no IS NULL AND r.uscc IS NULL AND r.identifiers IS NULL
  AND EXISTS (
      SELECT 1 FROM (VALUES (o.name_zh_key), (o.name_en_key)) AS known (key)
      WHERE known.key <> '' AND known.key = registry_fold_name(coalesce(r.name_zh, r.name_en)) COLLATE "C"
      UNION ALL
      SELECT 1 FROM registry_name x
      WHERE x.organization_id = o.id AND x.kind <> 'acronym'
        AND x.name_key = registry_fold_name(coalesce(r.name_zh, r.name_en)) COLLATE "C"
  )
"""

# What the rows say of days and tiers, for the choice of their periods.
DATED_ROWS = """
SELECT m.id, r.n, r.admitted_on, r.joined_on, r.changed_on, r.ended_on, r.end_reason, r.tier, r.old_tier
FROM import_row r JOIN import_match m ON m.n = r.n
WHERE m.id IS NOT NULL AND coalesce(r.alliance, '') = ''
ORDER BY m.id, r.n
"""
STORED_PERIODS = """
SELECT mb.organization_id, x.id, x.tier_id, x.admitted_on, x.ended_on, x.end_reason
FROM alliance_membership x JOIN alliance_member mb ON mb.id = x.member_id
WHERE mb.alliance_id = %s AND mb.organization_id IN (SELECT id FROM import_match)
ORDER BY mb.organization_id, x.admitted_on
"""
# What a member takes part in after its cells +x;-y.
SIGNED_SECTORS = """
UPDATE import_row r SET sectors = s.sectors, sector_set = s.sectors
FROM import_match m
LEFT JOIN alliance_member mb ON mb.alliance_id = %s AND mb.organization_id = m.id
CROSS JOIN LATERAL (
    SELECT array_agg(sector_id ORDER BY sector_id) AS stored FROM alliance_member_sectors WHERE member_id = mb.id
) k
CROSS JOIN import_row g
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT x FROM unnest(k.stored) x WHERE x <> ALL (g.sector_less) UNION SELECT unnest(g.sector_more) ORDER BY 1
    ) AS sectors
) s
WHERE r.n = m.n AND g.n = m.n AND g.sector_more IS NOT NULL
"""

# --- Checks: each gives a row and the value to tell

SAME_MEMBERSHIP = """
SELECT n, others FROM (
    SELECT n, array_agg(n) OVER (PARTITION BY organization_id, admitted_on) AS others FROM import_final
) f WHERE cardinality(others) > 1
UNION ALL
SELECT n, others FROM (
    SELECT f.n, array_agg(n) OVER (PARTITION BY coalesce(closes, id)) AS others
    FROM import_final f WHERE closes IS NOT NULL OR (changed AND id IN (SELECT closes FROM import_final))
) f WHERE cardinality(others) > 1
ORDER BY n
"""
# Rows that change a membership otherwise than by ending it because its organization is gone, or by remarks.
_ENDS_ONLY = "NOT f.is_new AND f.closes IS NULL AND f.tier_id = x.tier_id"
_SAME_END = "f.ended_on IS NOT DISTINCT FROM x.ended_on AND f.end_reason = x.end_reason"
_FOR_A_FACT = "x.ended_on IS NULL AND f.end_reason = ANY (%s)"
BY_APPLICATION = f"""
SELECT f.n, NULL FROM import_final f LEFT JOIN alliance_membership x ON x.id = f.id
WHERE (f.is_new OR f.changed OR f.closes IS NOT NULL)
  AND ({_ENDS_ONLY} AND ({_SAME_END} OR {_FOR_A_FACT})) IS NOT TRUE ORDER BY f.n
"""
NO_FACT = f"""
SELECT f.n, NULL FROM import_final f JOIN alliance_membership x ON x.id = f.id
JOIN registry_organization o ON o.id = f.organization_id
WHERE f.changed AND {_ENDS_ONLY} AND NOT ({_SAME_END}) AND {_FOR_A_FACT}
  AND o.registration_status <> ALL (%s) ORDER BY f.n
"""
# Periods that have ended, of rows that do not name both their start and their end.
PAST = """
SELECT f.n, x.tier_id, x.admitted_on, x.ended_on FROM import_final f JOIN alliance_membership x ON x.id = f.id
WHERE f.changed AND NOT f.may_rewrite AND x.ended_on <= %s ORDER BY f.n
"""
# Rows that meet another row in a change of tier which is refused, and that row.
MEETS_REFUSED = """
SELECT n, follows FROM import_final WHERE follows = ANY (%s)
UNION ALL
SELECT f.n, p.n FROM import_final f JOIN import_period p ON p.follows = f.n WHERE p.n = ANY (%s)
ORDER BY 1
"""
# The stored periods that rows change, as they are.
CHANGED_PERIODS = """
SELECT f.n, x.tier_id, x.admitted_on, x.ended_on FROM import_final f JOIN alliance_membership x ON x.id = f.id
WHERE f.changed ORDER BY f.n
"""
# The facts that decide whether a new period may begin, in the order of `rules.Beginning`.
NEW_PERIODS = """
SELECT f.n, f.admitted_on, f.ended_on, a.founded_on, a.dissolved_on, t.disabled_on, o.registration_status, o.closed_on
FROM import_final f JOIN registry_organization o ON o.id = f.organization_id
LEFT JOIN alliance_tier t ON t.id = f.tier_id LEFT JOIN alliance_alliance a ON a.id = %s
WHERE f.is_new ORDER BY f.n
"""
OTHER_NUMBER = """
SELECT f.n, f.member_no FROM import_final f JOIN import_row r ON r.n = f.n
WHERE f.member_id IS NOT NULL AND r.member_no <> f.member_no ORDER BY f.n
"""
TAKEN_NUMBER = """
SELECT f.n, r.member_no FROM import_final f JOIN import_row r ON r.n = f.n
WHERE f.member_id IS NULL AND (
    EXISTS (
        SELECT 1 FROM alliance_member mb JOIN alliance_alliance a ON a.id = mb.alliance_id
        WHERE a.slug = %s AND mb.member_no = r.member_no
    )
    OR EXISTS (
        SELECT 1 FROM import_final g JOIN import_row s ON s.n = g.n
        WHERE s.member_no = r.member_no AND g.organization_id <> f.organization_id
    )
) ORDER BY f.n
"""
TWO_NUMBERS = """
SELECT f.n, r.member_no FROM import_final f JOIN import_row r ON r.n = f.n
WHERE f.member_id IS NULL AND EXISTS (
    SELECT 1 FROM import_final g JOIN import_row s ON s.n = g.n
    WHERE g.organization_id = f.organization_id AND s.member_no <> r.member_no
) ORDER BY f.n
"""
TWO_SECTORS = """
SELECT f.n, NULL FROM import_final f JOIN import_row r ON r.n = f.n
WHERE EXISTS (
    SELECT 1 FROM import_final g JOIN import_row s ON s.n = g.n
    WHERE g.organization_id = f.organization_id AND s.sector_set <> r.sector_set
) ORDER BY f.n
"""

# Rows of the file that would hold at once with another row or a stored membership, and that one's period.
OVERLAPS = """
WITH period (n, organization_id, admitted_on, ended_on) AS (
    SELECT f.n, f.organization_id, f.admitted_on, coalesce(c.admitted_on, f.ended_on)
    FROM import_final f LEFT JOIN import_final c ON c.closes = f.id
    UNION ALL
    SELECT NULL, mb.organization_id, x.admitted_on, coalesce(c.admitted_on, x.ended_on)
    FROM alliance_membership x JOIN alliance_member mb ON mb.id = x.member_id
    LEFT JOIN import_final c ON c.closes = x.id
    WHERE mb.id IN (SELECT member_id FROM import_final)
      AND x.id NOT IN (SELECT id FROM import_final WHERE id IS NOT NULL)
)
SELECT f.n, p.admitted_on, p.ended_on
FROM import_final f JOIN period p ON p.organization_id = f.organization_id AND p.n IS DISTINCT FROM f.n
WHERE (f.is_new OR f.changed)
  AND f.admitted_on < coalesce(p.ended_on, 'infinity') AND p.admitted_on < coalesce(f.ended_on, 'infinity')
ORDER BY f.n, p.admitted_on
"""

TWO_POSITIONS = """
SELECT f.n, r.position::text FROM import_final f JOIN import_row r ON r.n = f.n
WHERE EXISTS (
    SELECT 1 FROM import_final g JOIN import_row s ON s.n = g.n
    WHERE g.organization_id = f.organization_id AND s.position <> r.position
) ORDER BY f.n
"""

# --- Writing

NEW_MEMBERS = """
INSERT INTO alliance_member (alliance_id, organization_id, member_no)
SELECT %s, organization_id, member_no FROM (
    SELECT f.organization_id, coalesce(max(r.member_no), '') AS member_no, min(f.n) AS n
    FROM import_final f JOIN import_row r ON r.n = f.n WHERE f.member_id IS NULL GROUP BY f.organization_id
) new ORDER BY member_no = '', n
"""
MEMBER_IDS = """
UPDATE import_final f SET member_id = mb.id FROM alliance_member mb
WHERE f.member_id IS NULL AND mb.organization_id = f.organization_id AND mb.alliance_id = %s
"""
CHANGES = """
UPDATE alliance_membership x
SET tier_id = f.tier_id, ended_on = f.ended_on, end_reason = f.end_reason, remarks = f.remarks
FROM import_final f WHERE x.id = f.id AND f.changed
"""
CLOSED = """
UPDATE alliance_membership x SET ended_on = f.admitted_on, end_reason = 'tier_change'
FROM import_final f WHERE x.id = f.closes
"""
NEW_MEMBERSHIPS = """
INSERT INTO alliance_membership (alliance_id, member_id, tier_id, admitted_on, ended_on, end_reason, remarks)
SELECT %s, member_id, tier_id, admitted_on, ended_on, end_reason, remarks
FROM import_final WHERE is_new ORDER BY admitted_on, n
"""
POSITIONS = """
UPDATE alliance_member mb SET position = f.new_position
FROM import_final f WHERE f.position_changed AND mb.id = f.member_id
"""
SHORTER_SUSPENSIONS = """
UPDATE alliance_suspension s SET resumed_on = upper(held.span)
FROM (
    SELECT m.member_id, unnest(range_agg(daterange(m.admitted_on, m.ended_on))) AS span
    FROM alliance_membership m WHERE m.member_id IN (SELECT member_id FROM import_final) GROUP BY m.member_id
) held
WHERE held.member_id = s.member_id AND held.span @> s.suspended_on
    AND upper(held.span) < coalesce(s.resumed_on, 'infinity')
"""
GONE_SECTORS = """
DELETE FROM alliance_member_sectors s USING import_final f
WHERE f.sectors_changed AND s.member_id = f.member_id AND s.sector_id <> ALL (f.new_sectors)
"""
NEW_SECTORS = """
INSERT INTO alliance_member_sectors (member_id, sector_id)
SELECT DISTINCT f.member_id, given.sector
FROM import_final f JOIN import_row r ON r.n = f.n CROSS JOIN LATERAL unnest(r.sectors) AS given (sector)
WHERE f.sectors_changed AND NOT EXISTS (
    SELECT 1 FROM alliance_member_sectors s WHERE s.member_id = f.member_id AND s.sector_id = given.sector
)
ORDER BY f.member_id, given.sector
"""
