"""Records that a new row may be about although its name is written otherwise. People decide; nothing matches by itself.

Works on the staging table `import_row`, and on `import_match` and `import_name` of the matching.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.imports.engine import Import
from registry.imports.outcomes import Candidate
from registry.models import Organization
from registry.pinyin import pinyin_key
from registry.traditional import other_script

REASONS = ("other_name", "name", "former_name", "alias", "coarse_name", "pinyin")
"""Why a record is a candidate, the strongest first. `name`: the very name, of several records or of another kind."""
REASON_LABELS: dict[str, Promise] = {
    "other_name": _("the same code, and another name"),
    "name": _("the same name"),
    "former_name": _("a former name"),
    "alias": _("another name of the record"),
    "coarse_name": _("the same name but for place, legal form or script"),
    "pinyin": _("the same pinyin"),
}
MOST = 5
"""Candidates of one row."""
_SORTED_BY = 400
"""So many characters of the pinyin are in `Organization.sort_key`."""

_ASKED = """
CREATE TEMP TABLE import_asked ON COMMIT DROP AS
SELECT r.n, given.name, given.former, ''::text COLLATE "C" AS sort_key, k.key, registry_coarse_name(k.key) AS coarse
FROM import_row r JOIN import_match m ON m.n = r.n
CROSS JOIN LATERAL (VALUES {names}) AS given (name, former)
CROSS JOIN LATERAL (SELECT registry_fold_name(given.name) COLLATE "C" AS key) k
WHERE m.id IS NULL AND given.name <> '' AND r.n <> ALL (%s)
"""
_FORMER = """
INSERT INTO import_asked (n, name, former, key)
SELECT r.n, given.name, true, registry_fold_name(given.name)
FROM import_row r JOIN import_match m ON m.n = r.n CROSS JOIN LATERAL unnest(r.former_names) AS given (name)
WHERE m.id IS NULL AND r.n <> ALL (%s)
"""
_VARIANTS = """
INSERT INTO import_asked (n, name, former, sort_key, key, coarse)
SELECT v.n, '', false, v.sort_key, f.key, registry_coarse_name(f.key)
FROM import_variant v
LEFT JOIN LATERAL (SELECT registry_fold_name(v.name) COLLATE "C" AS key WHERE v.name <> '') f ON true
"""

# Each comparison with a record by an index of its own; a part that never fits costs nothing.
# The API's `match` asks it too.
FOUND = """
SELECT a.n, o.id, CASE WHEN a.former THEN 'former_name' WHEN a.name = '' THEN 'coarse_name' ELSE 'name' END AS reason
FROM import_asked a JOIN registry_organization o ON o.name_zh_key = a.key
UNION ALL
SELECT a.n, o.id, CASE WHEN a.former THEN 'former_name' ELSE 'name' END
FROM import_asked a JOIN registry_organization o ON o.name_en_key = a.key WHERE a.name <> ''
UNION ALL
SELECT a.n, x.organization_id, CASE WHEN x.kind = 'former' THEN 'former_name' ELSE 'alias' END
FROM import_asked a JOIN registry_name x ON x.name_key = a.key
UNION ALL
SELECT a.n, o.id, 'coarse_name'
FROM import_asked a JOIN registry_organization o ON registry_coarse_name(o.name_zh_key) = a.coarse
WHERE length(a.coarse) > 1
UNION ALL
SELECT a.n, o.id, 'coarse_name'
FROM import_asked a JOIN registry_organization o ON registry_coarse_name(o.name_en_key) = a.coarse
WHERE length(a.coarse) > 1 AND a.name <> '' AND o.name_en <> ''
UNION ALL
SELECT a.n, o.id, 'pinyin'
FROM import_asked a JOIN registry_organization o ON o.sort_key = a.sort_key WHERE a.sort_key <> ''
"""

# Another number of one register, or a decision that the two are different, rules a record out.
_CANDIDATES = """
WITH found AS (
    SELECT n, id, array_agg(DISTINCT reason) AS reasons FROM ({found}) f GROUP BY n, id
)
SELECT f.n, o.id, o.registry_no, o.name_zh, o.name_en, f.reasons
FROM found f JOIN import_row r ON r.n = f.n JOIN registry_organization o ON o.id = f.id
WHERE o.registration_status <> 'merged'
  AND (r.uscc IS NULL OR o.uscc IS NULL OR r.uscc = o.uscc)
  AND NOT EXISTS (
      SELECT 1 FROM unnest(r.identifiers) AS given
      JOIN registry_identifier i ON i.organization_id = o.id AND i.scheme = split_part(given, ':', 1)
      WHERE i.scheme = ANY ('{{ror,lei,isni,grid,wikidata,organization_code}}')
        AND i.value <> substr(given, strpos(given, ':') + 1)
  )
  AND NOT EXISTS (
      SELECT 1 FROM registry_distinction d JOIN import_asked a ON a.n = f.n AND a.key = d.name_key
      WHERE d.organization_id = o.id AND NOT a.former AND a.name <> ''
  )
ORDER BY f.n, o.id
"""


def hold_possible_duplicates(run: Import) -> None:
    """Hold back the new rows that have candidates, and no decision."""
    known = sorted(run.bad | set(run.decisions))
    run.execute(_ASKED.format(names="(r.name_zh, false), (r.name_en, false)"), [known])
    if "former_names" in run.present:
        run.execute(_FORMER, [known])
    stage_variants(run)
    run.execute("ANALYZE import_asked")
    candidates: dict[int, list[Candidate]] = {}
    for n, pk, number, name_zh, name_en, reasons in run.query(_CANDIDATES.format(found=FOUND)):
        found: Candidate = {"id": pk, "registry_no": number, "name": name_zh or name_en, "reasons": _ordered(reasons)}
        candidates.setdefault(n, []).append(found)
    for n, several in candidates.items():
        run.hold(n, Candidates(sorted(several, key=lambda one: REASONS.index(one["reasons"][0]))[:MOST]))


class Candidates(list[Candidate]):
    """Records as one text: registry number, name, reasons."""

    def __str__(self) -> str:
        texts = []
        for one in self:
            reasons = "、".join(str(REASON_LABELS[reason]) for reason in one["reasons"])
            texts.append(f"{one['registry_no']} {one['name']}（{reasons}）")
        return "；".join(texts)


def _ordered(reasons: list[str]) -> list[str]:
    """The strongest first; whose name is the same is written alike and sounds alike too."""
    ordered = sorted(reasons, key=REASONS.index)
    return ordered[:1] if ordered[0] == "name" else ordered


def stage_variants(run: Any) -> None:
    """For Chinese names: how they are read, and how they are written in the other script."""
    run.execute("CREATE TEMP TABLE import_variant (n integer, name text, sort_key text) ON COMMIT DROP")
    names = list(run.query("SELECT n, name FROM import_asked WHERE NOT former"))
    with connection.cursor() as cursor, cursor.copy("COPY import_variant FROM STDIN") as copy:
        for row in _variants(names):
            copy.write_row(row)
    run.execute(_VARIANTS)


def _variants(names: list[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    longest = Organization._meta.get_field("pinyin").max_length
    for n, name in names:
        if not name.isascii():
            other = other_script(name)
            yield n, other if other != name else "", pinyin_key(name)[:longest][:_SORTED_BY]
