"""Which records a given name may be about: found by keys, told apart by points.

Nothing here decides: `registry.matching.decisions` says where it is safe.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from registry.matching.names import parse_name
from registry.matching.score import Part, compare, part, total
from registry.validators import uscc_check_character_ok

MOST = 5
"""So many candidates are shown of one name."""
HOLD_SCORE = 60
"""From this score on a record is a possible duplicate: an import holds the row back, the API answers 409."""
_COMPARED = 20
"""So many records of one name are compared, those first that share the rarest keys with it."""
_COMMON = 100
"""A key that more records have is read no further: it tells too little."""
_AT_ONCE = 500

# The name of one row gives about 14 keys; each is looked up by itself, so that one that many records have costs little.
_FOUND = """
WITH asked AS MATERIALIZED (
    SELECT DISTINCT a.n, k.key
    FROM unnest(%(n)s::integer[], %(name)s::text[]) AS a (n, name)
    CROSS JOIN LATERAL (SELECT registry_simplify(registry_fold_name(a.name)) AS folded) f
    CROSS JOIN LATERAL unnest(
        registry_match_keys(E'\\n' || f.folded, ' ' || CASE WHEN a.name ~ '[^\\u0001-\\u02ff]' THEN registry_pinyin(a.name) ELSE '' END)
    ) AS k (key)
    WHERE k.key IS NOT NULL
),
hit AS (
    SELECT a.n, h.organization_id, count(*) OVER (PARTITION BY a.n, a.key) AS sharing
    FROM asked a CROSS JOIN LATERAL (
        SELECT organization_id FROM registry_searchentry
        WHERE registry_match_keys(names, pinyin) @> ARRAY[a.key] LIMIT %(common)s
    ) h
),
ranked AS (
    SELECT n, organization_id AS id,
           row_number() OVER (PARTITION BY n ORDER BY sum(1 / (1 + ln(sharing))) DESC, organization_id) AS place
    FROM hit GROUP BY n, organization_id
),
found AS (
    SELECT n, id FROM ranked WHERE place <= %(most)s
    UNION
    SELECT u.n, o.id FROM unnest(%(n)s::integer[], %(uscc)s::text[]) AS u (n, uscc)
    JOIN registry_organization o ON o.uscc = u.uscc
)
SELECT f.n, o.id, o.registry_no, o.name_zh, o.name_en, o.short_name, o.pinyin, o.uscc, o.kind, o.registration_status,
       o.township_id, o.website,
       ARRAY(SELECT ARRAY[x.kind, x.name] FROM registry_name x WHERE x.organization_id = o.id)
FROM found f JOIN registry_organization o ON o.id = f.id
ORDER BY f.n, o.id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a body that may be in the registry."""

    name: str
    uscc: str = ""
    township: int | None = None
    host: str = ""
    """The host of its website without www."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that the name may be about. `parts` is why, in points; `score` is their sum within 0 to 100."""

    pk: int
    registry_no: str
    name_zh: str
    name_en: str
    uscc: str | None
    kind: str
    registration_status: str
    parts: tuple[Part, ...] = ()
    weight: int = field(default=0, compare=False)
    """The sum of the points, by which candidates are ordered."""

    @property
    def name(self) -> str:
        return self.name_zh or self.name_en

    @property
    def score(self) -> int:
        return max(0, min(100, self.weight))

    def has(self, *codes: str) -> bool:
        return any(one.code in codes for one in self.parts)


def find(asked: Sequence[Asked]) -> list[list[Candidate]]:
    """The candidates of each, the best first; merged records among them, and records of every kind."""
    found: list[list[Candidate]] = [[] for _one in asked]
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        for n, candidate in _find(some):
            found[start + n].append(candidate)
    for candidates in found:
        candidates.sort(key=lambda one: (-one.weight, one.registry_no))
    return found


def _find(asked: Sequence[Asked]) -> Iterator[tuple[int, Candidate]]:
    params = {
        "n": [*range(len(asked))],
        "name": [one.name for one in asked],
        "uscc": [one.uscc or None for one in asked],
        "common": _COMMON + 1,
        "most": _COMPARED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, params)
        rows = cursor.fetchall()
    for n, pk, number, name_zh, name_en, short_name, reading, uscc, kind, status, township, website, others in rows:
        parts = (
            *_parts_of_names(asked[n].name, name_zh, name_en, short_name, reading, others),
            *_parts_beside(asked[n], uscc, township, website),
        )
        candidate = Candidate(pk, number, name_zh, name_en, uscc, kind, status, parts, total(parts))
        yield n, candidate


def _parts_of_names(
    name: str, name_zh: str, name_en: str, short_name: str, reading: str, others: Sequence[Any]
) -> list[Part]:
    """The parts of the name that fits best."""
    if not name:
        return []
    asked = parse_name(name)
    best = max((compare(asked, parse_name(known), reading) for known in (name_zh, name_en) if known), key=total)
    if short_name:
        best = max(best, compare(asked, parse_name(short_name)), key=total)
    for kind, other in others:
        parts = compare(asked, parse_name(other))
        if parts[:1] == [part("name")]:
            parts = [part("former_name" if kind == "former" else "alias")]
        best = max(best, parts, key=total)
    return best


def _parts_beside(asked: Asked, uscc: str | None, township: int | None, website: str) -> Iterator[Part]:
    if asked.uscc and uscc:
        if asked.uscc == uscc:
            yield part("uscc")
        else:
            yield part("other_code" if uscc_check_character_ok(asked.uscc) else "wrong_code")
    if asked.township and asked.township == township:
        yield part("town")
    if asked.host and asked.host == host_of(website):
        yield part("website")


def host_of(website: str) -> str:
    """The host without www, from an address with or without its scheme; empty where there is none."""
    try:
        host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
