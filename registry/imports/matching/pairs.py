"""Finds by set-based SQL which records each row of a file may be about, with the evidence for each of them.

Works on the staging table `import_row` (n, registry_no, uscc, identifiers, name_zh, name_en; also kind, registration
status and former names if the rows describe organizations). The tables that it makes are listed in `temporary_tables`.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils import timezone

from registry.imports.pipeline.engine import Import
from registry.matching.decisions import (
    UNIQUE_SCHEMES,
    CodeRelation,
    Decision,
    Evidence,
    KindRelation,
    NameRelation,
    PossibleRecord,
    Status,
    decide,
)
from registry.matching.relations import is_abbreviation, relation_of
from registry.matching.successors import successors_of
from registry.values.validators import fold_name

_GIVEN = """
SELECT r.n, split_part(given, ':', 1), substr(given, strpos(given, ':') + 1)
FROM import_row r CROSS JOIN unnest(r.identifiers) AS given WHERE r.identifiers IS NOT NULL
"""
_BY_CODES = """
INSERT INTO import_pair (n, id, number, code)
SELECT r.n, o.id, true, false FROM import_row r JOIN registry_organization o ON o.registry_no = r.registry_no
UNION ALL
SELECT r.n, o.id, false, true FROM import_row r JOIN registry_organization o ON o.uscc = r.uscc
UNION ALL
SELECT g.n, i.organization_id, false, true
FROM import_given g JOIN registry_identifier i ON i.scheme = g.scheme AND i.value = g.value
"""
# Characters 9 to 17 of a USCC are the organization code.
_CODE_IN_USCC = """
INSERT INTO import_pair (n, id, code)
SELECT g.n, o.id, true FROM import_given g
JOIN registry_organization o ON substr(o.uscc, 9, 9) = replace(g.value, '-', '')
WHERE g.scheme = 'organization_code'
"""
_USCC_IN_CODE = """
INSERT INTO import_pair (n, id, code)
SELECT r.n, i.organization_id, true FROM import_row r
JOIN registry_identifier i ON i.scheme = 'organization_code'
 AND i.value IN (substr(r.uscc, 9, 9), substr(r.uscc, 9, 8) || '-' || substr(r.uscc, 17, 1))
WHERE r.uscc IS NOT NULL
"""
# The names that have to be looked up: of rows without a record yet, and those that differ from their record's.
_NAME_KEYS = """
SELECT r.n, registry_fold_name(given.name)
FROM import_row r LEFT JOIN (SELECT n, min(id) AS id FROM import_pair GROUP BY n) p ON p.n = r.n
LEFT JOIN registry_organization o ON o.id = p.id
CROSS JOIN LATERAL (VALUES (r.name_zh, o.name_zh), (r.name_en, o.name_en)) AS given (name, known)
WHERE given.name IS NOT NULL AND given.name IS DISTINCT FROM given.known
"""
# That a name is not a record's, although it was once, may have been decided.
_BY_NAMES = """
INSERT INTO import_pair (n, id, named, former)
SELECT k.n, o.id, true, false FROM import_name k JOIN registry_organization o ON o.name_zh_key = k.key
UNION ALL
SELECT k.n, o.id, true, false FROM import_name k JOIN registry_organization o ON o.name_en_key = k.key
UNION ALL
SELECT k.n, x.organization_id, false, true FROM import_name k JOIN registry_name x ON x.name_key = k.key
WHERE x.kind <> 'acronym' AND NOT EXISTS (
    SELECT 1 FROM registry_distinction d WHERE d.organization_id = x.organization_id AND d.name_key = k.key
)
"""
# What each pair says. `plain` pairs are most of them: the only one of its row, found by its code, with the same name.
_EVIDENCE = """
SELECT p.n, p.id, p.found_by_code, p.number OR p.found_by_code OR coalesce(x.agree, false) AS agree,
       (NOT p.number AND r.uscc <> o.uscc) IS TRUE OR coalesce(x.contradict, false) OR coalesce({implied}, false)
           AS contradict,
       p.named, p.former, {succeeds} AS succeeds,
       CASE WHEN {kind} IS NULL THEN 'unknown' WHEN o.kind = {kind} THEN 'same' ELSE 'other' END AS kind,
       o.registration_status = 'merged' AS merged, coalesce({status} = 'merged', false) AS says_merged,
       r.name_zh, r.name_en, o.name_zh AS own_zh, o.name_en AS own_en,
       p.found_by_code AND count(*) OVER (PARTITION BY p.n) = 1 AND o.registration_status <> 'merged'
           AND r.name_zh IS NOT DISTINCT FROM o.name_zh AS plain
FROM (
    SELECT n, id, bool_or(number) AS number, bool_or(number OR code) AS found_by_code, bool_or(named) AS named,
           bool_or(former) AS former
    FROM import_pair GROUP BY n, id
) p
JOIN import_row r ON r.n = p.n JOIN registry_organization o ON o.id = p.id
LEFT JOIN import_compared x ON x.n = p.n AND x.id = p.id
"""
PLAIN = "plain AND NOT contradict"
PLAIN_KINDS = [
    kind.value
    for kind in KindRelation
    if decide(Evidence(CodeRelation.AGREE, NameRelation.EQUAL, kind)).decision is Decision.SAME
]
"""The relations of kinds with which the table of decisions matches a plain pair: codes agree, names are equal."""
_OTHERS = f"SELECT * FROM import_evidence WHERE NOT ({PLAIN}) ORDER BY n, id"
# A scheme agrees where the values of both sides meet, and contradicts where both have some and they do not.
_COMPARED = """
SELECT n, id, bool_or(shared) AS agree, bool_or(NOT shared) AS contradict FROM (
    SELECT g.n, p.id, g.scheme, bool_or(s.value = replace(g.value, '-', '')) AS shared
    FROM import_given g JOIN (SELECT DISTINCT n, id FROM import_pair) p ON p.n = g.n
    CROSS JOIN LATERAL (
        SELECT replace(i.value, '-', '') AS value FROM registry_identifier i
        WHERE i.organization_id = p.id AND i.scheme = g.scheme
          AND (i.valid_to IS NULL OR i.valid_to > %s)
        UNION ALL
        SELECT substr(o.uscc, 9, 9) FROM registry_organization o
        WHERE o.id = p.id AND o.uscc IS NOT NULL AND g.scheme = 'organization_code'
    ) s
    WHERE g.scheme = ANY (%s)
    GROUP BY g.n, p.id, g.scheme
) by_scheme GROUP BY n, id
"""
_IMPLIED = """
CASE WHEN r.uscc IS NOT NULL AND o.uscc IS NULL THEN (
    SELECT bool_and(replace(i.value, '-', '') <> substr(r.uscc, 9, 9)) FROM registry_identifier i
    WHERE i.organization_id = o.id AND i.scheme = 'organization_code'
) END
"""
_SUCCEEDS = """
EXISTS (
    SELECT 1 FROM unnest(r.former_names) AS f (name) WHERE registry_fold_name(f.name) IN (o.name_zh_key, o.name_en_key)
)
"""


class Pair(NamedTuple):
    """A record that a row may be about, as stored in the database."""

    pk: int
    by_code: bool
    merged: bool
    name_zh: str
    name_en: str


def stage_pairs(run: Import) -> None:
    """Make the tables `import_pair`, `import_name` and `import_compared`."""
    run.make_table("import_pair")
    run.make_table("import_given", _GIVEN)
    run.execute(_BY_CODES)
    if run.value("SELECT EXISTS (SELECT 1 FROM import_given WHERE scheme = 'organization_code')"):
        run.execute(_CODE_IN_USCC)
    if run.value("SELECT EXISTS (SELECT 1 FROM registry_identifier WHERE scheme = 'organization_code')"):
        run.execute(_USCC_IN_CODE)
    run.execute("ANALYZE import_pair")
    run.make_table("import_name", _NAME_KEYS)
    run.execute(_BY_NAMES)
    run.execute("ANALYZE import_pair")
    run.make_table("import_compared", _COMPARED, [timezone.localdate(), list(UNIQUE_SCHEMES)])


def candidates_of_rows(run: Import) -> Iterator[tuple[int, list[PossibleRecord[int]], dict[int, Pair]]]:
    """Yield each row that needs a closer look, with the records it may be about and their stored values."""
    described = {"kind": "r.kind", "status": "r.registration_status", "succeeds": _SUCCEEDS}
    unknown = {"kind": "NULL::text", "status": "NULL::text", "succeeds": "false"}
    evidence = described if run.describes_organizations else unknown
    run.make_table("import_evidence", _EVIDENCE.format(implied=_IMPLIED, **evidence))
    pairs = list(run.query(_OTHERS))
    if not pairs:
        return
    leads = successors_of({pair[1] for pair in pairs if pair[9]})
    for n, rows in groupby(pairs, key=itemgetter(0)):
        candidates, stored = [], {}
        for row in rows:
            # Whoever decided that the row is another body has seen the names.
            decided_new = n in run.decisions and run.decisions[n] is None
            if decided_new and not row[2]:
                continue
            stored[row[1]] = Pair(row[1], row[2], row[9], row[13], row[14])
            candidates.append(_candidate(row, leads))
        if candidates:
            yield n, candidates, stored


def _candidate(row: tuple[Any, ...], leads: dict[int, int]) -> PossibleRecord[int]:
    _n, pk, _found, agree, contradict, named, former, succeeds, kind, merged, says_merged, *names, _plain = row
    identifiers = CodeRelation.ABSENT
    if agree or contradict:
        identifiers = (CodeRelation.BOTH if contradict else CodeRelation.AGREE) if agree else CodeRelation.CONTRADICT
    leads_to = leads.get(pk)
    status = Status.CURRENT
    if merged and not says_merged:  # a row that says so itself is about the merged record
        status = Status.LOST if leads_to is None else Status.MERGED
    evidence = Evidence(identifiers, _name_relation(named, former, succeeds, names), KindRelation(kind), status=status)
    return PossibleRecord(pk, evidence, leads_to if status is Status.MERGED else None)


def _name_relation(named: bool, former: bool, succeeds: bool, names: list[str | None]) -> NameRelation:
    zh, en, own_zh, own_en = names
    if zh == own_zh or (zh is None and en is None):
        return NameRelation.EQUAL if zh else NameRelation.ABSENT
    if named and not (zh and own_zh):  # in one language, or the name of one language in the column of the other
        return NameRelation.EQUAL
    relation = relation_of((zh, en), (own_zh, own_en))
    if relation in (NameRelation.EQUAL, NameRelation.ABSENT):
        return relation
    if succeeds:
        return NameRelation.SUCCEEDS
    if named and fold_name(zh or "") == fold_name(own_en or ""):
        return NameRelation.EQUAL
    if former:
        return NameRelation.ABBREVIATED if is_abbreviation(zh or en or "") else NameRelation.FORMER
    return relation
