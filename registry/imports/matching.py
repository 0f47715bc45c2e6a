"""Which record a row is about: by registry number, then USCC, then other identifiers, then name.

Works on the staging table `import_row` (n, registry_no, uscc, name_zh, name_en and those of `STAGED`) and makes
`import_match` (n, id), where id is NULL for a row that no record answers to.
"""

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from registry.imports.duplicates import take_decisions
from registry.imports.engine import Import
from registry.imports.identifiers import IDENTIFIER_COLUMNS
from registry.imports.report import Message

FRESH_STATISTICS = 500
KEYS = ("registry_no", "uscc", "identifiers", *IDENTIFIER_COLUMNS, "name_zh", "name_en")

STAGED = {"identifiers": "text[]", "kind": "text", "registration_status": "text"}
"""What else matching reads: for imports of tables whose files do not have these columns."""

_BY_CODES = """
CREATE TEMP TABLE import_match ON COMMIT DROP AS
SELECT r.n, coalesce(a.id, b.id, c.id) AS id, a.id AS by_no, b.id AS by_uscc, c.id AS by_identifier, c.several
FROM import_row r
LEFT JOIN registry_organization a ON a.registry_no = r.registry_no
LEFT JOIN registry_organization b ON b.uscc = r.uscc
LEFT JOIN (
    SELECT r.n, min(i.organization_id) AS id, count(DISTINCT i.organization_id) > 1 AS several
    FROM import_row r CROSS JOIN unnest(r.identifiers) AS given
    JOIN registry_identifier i
      ON i.scheme = split_part(given, ':', 1) AND i.value = substr(given, strpos(given, ':') + 1)
    WHERE r.identifiers IS NOT NULL
    GROUP BY r.n
) c ON c.n = r.n
"""

# The names that have to be looked up: of rows without a record yet, and those that differ from their record's.
_NAME_KEYS = """
CREATE TEMP TABLE import_name ON COMMIT DROP AS
SELECT r.n, registry_fold_name(given.name) COLLATE "C" AS key
FROM import_row r JOIN import_match m ON m.n = r.n LEFT JOIN registry_organization o ON o.id = m.id
CROSS JOIN LATERAL (VALUES (r.name_zh, o.name_zh), (r.name_en, o.name_en)) AS given (name, known)
WHERE given.name IS NOT NULL AND given.name IS DISTINCT FROM given.known
"""

# A name stands for a record only where nothing contradicts it.
_CANDIDATES = " UNION ".join(
    f"""
    SELECT r.n, o.id
    FROM import_name k JOIN import_row r ON r.n = k.n JOIN registry_organization o ON o.{column} = k.key
    WHERE (o.uscc IS NULL OR r.uscc IS NULL OR o.uscc = r.uscc) AND (r.kind IS NULL OR o.kind = r.kind)
      AND (o.registration_status <> 'merged' OR r.registration_status = 'merged')
    """  # noqa: S608 - the two columns below
    for column in ("name_zh_key", "name_en_key")
)
_BY_NAME = f"""
CREATE TEMP TABLE import_named ON COMMIT DROP AS
SELECT c.n, min(c.id) AS id, count(*) AS count, bool_or(c.id = m.id) AS own
FROM ({_CANDIDATES}) c JOIN import_match m ON m.n = c.n GROUP BY c.n
"""  # noqa: S608

_OTHER_RECORD = """
SELECT m.n, a.registry_no, b.registry_no
FROM import_match m
JOIN registry_organization a ON a.id = m.id
LEFT JOIN import_named w ON w.n = m.n AND w.count = 1 AND NOT w.own
JOIN registry_organization b ON b.id = CASE WHEN m.by_uscc <> m.id THEN m.by_uscc
                                            WHEN m.by_identifier <> m.id THEN m.by_identifier ELSE w.id END
WHERE m.by_uscc <> m.id OR m.by_identifier <> m.id OR w.n IS NOT NULL
ORDER BY m.n
"""


_SEVERAL_NAMED = """
SELECT r.n, coalesce(r.name_zh, r.name_en), w.count
FROM import_named w JOIN import_match m ON m.n = w.n JOIN import_row r ON r.n = w.n
WHERE m.id IS NULL AND w.count > 1 AND r.n <> ALL (%s) ORDER BY r.n
"""


def match_organizations(run: Import) -> None:
    """Make `import_match`; refuse rows whose keys contradict each other or fit several records.

    Where duplicates are looked for, several records of one name are candidates, and no reason to refuse.
    """
    if len(run.places) > FRESH_STATISTICS:
        # A table that has just been filled looks empty to the planner, which would compare every row with every row.
        run.execute("ANALYZE registry_organization (id, registry_no, uscc, name_zh_key, name_en_key)")
        run.execute("ANALYZE registry_identifier, registry_sectortag, registry_contact")
    run.execute(_BY_CODES)
    run.execute("ANALYZE import_match")
    run.execute(_NAME_KEYS)
    run.execute("ANALYZE import_name")
    run.execute(_BY_NAME)
    for n, one, other in run.query(_OTHER_RECORD):
        params = {"one": one, "other": other}
        run.refuse(
            n, KEYS, "", Message(_("The keys of this row point at different records: %(one)s and %(other)s."), params)
        )
    for n, name, count in [] if run.suggest else run.query(_SEVERAL_NAMED, [list(run.decisions)]):
        message = _("%(count)d records have this name: add the registry number or the USCC.")
        run.refuse(n, ("name_zh", "name_en"), name, Message(message, {"count": count}))
    for n, number in run.query(
        """
        SELECT r.n, r.registry_no FROM import_row r JOIN import_match m ON m.n = r.n
        WHERE r.registry_no IS NOT NULL AND m.by_no IS NULL ORDER BY r.n
        """
    ):
        message = _(
            "No record has this registry number. The registry gives the numbers: leave the cell empty for a new record."
        )
        run.refuse(n, "registry_no", number, Message(message))
    for (n,) in run.query("SELECT n FROM import_match WHERE several ORDER BY n"):
        run.refuse(n, "identifiers", "", Message(_("These identifiers belong to different records.")))
    run.execute(
        "UPDATE import_match m SET id = w.id FROM import_named w WHERE w.n = m.n AND m.id IS NULL AND w.count = 1"
    )
    take_decisions(run)


def refuse_second_rows(run: Import) -> None:
    """Refuse all rows about one record, except the first of rows that are wholly alike."""
    groups = [numbers for (numbers,) in run.query(_SAME_KEY)]
    groups += _same_name(run)
    if not groups:
        return
    involved = sorted({n for group in groups for n in group})
    contents = dict(
        run.query("SELECT n, md5((to_jsonb(r) - 'n')::text) FROM import_row r WHERE n = ANY(%s)", [involved])
    )
    told: set[int] = set()
    for group in groups:
        alike = len({contents[n] for n in group}) == 1
        for n in group[1:] if alike else group:
            if n not in told:
                told.add(n)
                _refuse_second(run, n, [other for other in group if other != n], alike)


def _refuse_second(run: Import, n: int, others: list[int], alike: bool) -> None:
    sheet = run.places[n][0]
    places = [(name, number) for name, number in (run.places[other] for other in others[:5])]
    rows = "、".join(str(number) if name == sheet else f"{name} {number}" for name, number in places)
    message = (
        _("The same as row %(rows)s: only the first is taken.")
        if alike
        else _("Row %(rows)s is about the same record, and differs: keep one of them.")
    )
    run.refuse(n, KEYS, "", Message(message, {"rows": rows}))


_SAME_KEY = """
SELECT array_agg(n ORDER BY n) FROM import_match
WHERE id IN (SELECT id FROM import_match GROUP BY id HAVING count(*) > 1) GROUP BY id
UNION ALL
SELECT array_agg(r.n ORDER BY r.n) FROM import_row r JOIN import_match m ON m.n = r.n
WHERE m.id IS NULL AND r.uscc IN (SELECT uscc FROM import_row GROUP BY uscc HAVING count(*) > 1)
GROUP BY r.uscc HAVING count(*) > 1
UNION ALL
SELECT array_agg(DISTINCT r.n ORDER BY r.n) FROM import_row r JOIN import_match m ON m.n = r.n
CROSS JOIN unnest(r.identifiers) AS given
WHERE m.id IS NULL AND r.identifiers IS NOT NULL GROUP BY given HAVING count(DISTINCT r.n) > 1
"""


def _same_name(run: Import) -> Iterable[list[int]]:
    """Groups of rows of one name that would be one record: one of them new, no USCC and no kind contradicting."""
    query = """
        SELECT k.key, array_agg(r.n ORDER BY r.n), array_agg(r.uscc ORDER BY r.n), array_agg(r.kind ORDER BY r.n),
               array_agg(m.id IS NULL ORDER BY r.n)
        FROM (
            SELECT DISTINCT n, key FROM import_name
            WHERE key IN (SELECT key FROM import_name GROUP BY key HAVING count(*) > 1)
        ) k
        JOIN import_row r ON r.n = k.n JOIN import_match m ON m.n = k.n
        GROUP BY k.key HAVING count(*) > 1 AND bool_or(m.id IS NULL)
    """
    for _key, numbers, codes, kinds, new in run.query(query):
        members = list(zip(numbers, codes, kinds, new, strict=True))
        everyone = Counter((kind, is_new) for _n, _code, kind, is_new in members)
        by_code: dict[str | None, Counter[tuple[str | None, bool]]] = {}
        for _n, code, kind, is_new in members:
            by_code.setdefault(code, Counter())[kind, is_new] += 1
        without_code = by_code.get(None, Counter())
        group = [
            n
            for n, code, kind, is_new in members
            if _has_partner(everyone if code is None else by_code[code] + without_code, kind, is_new)
        ]
        if group:
            yield group


def _has_partner(others: Counter[tuple[str | None, bool]], kind: str | None, new: bool) -> bool:
    """Whether among the rows whose codes do not contradict there is another one, itself counted among them."""
    partners = sum(
        count
        for (other_kind, other_new), count in others.items()
        if (new or other_new) and (kind is None or other_kind is None or kind == other_kind)
    )
    return partners > (1 if new else 0)
