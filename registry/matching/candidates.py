"""Finds the records that a name may be about, by keys, and ranks them by a score.

Nothing here decides: `registry.matching.decisions` says which matches are safe.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from registry.matching.gloss import gloss
from registry.matching.names import NameParts, parse_name
from registry.matching.score import ScorePart, compare, part, total
from registry.matching.successors import successors_of
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.organizations import Organization
from registry.values.pinyin import pinyin_key
from registry.values.punctuation import listed
from registry.values.validators import uscc_check_character_ok

MOST = 5
"""The most candidates shown for one name."""
HOLD_SCORE = 60
"""The score from which a record is a possible duplicate: an import holds the row back, the API answers 409."""
_COMPARED = 12
"""The most records of one name that are compared; records that share the rarest keys with it come first."""
_COMMON = 40
"""A key that more records have is not read further, because it is not distinctive."""
_AT_ONCE = 1_000
_AT_ONCE_BY_JOIN = 50_000
_RECORDS_FOR_EACH = 5
"""The number of records per name from which the keys of all names are computed instead of looked up for each name."""
_MANY = 200
"""The number of names from which dictionaries in Python compute their pinyin; for fewer, the database does."""

# A name has about 14 keys. Each is looked up by itself, so that one that many records have costs little.
_BY_INDEX = """
hit AS (
    SELECT a.n, h.organization_id, count(*) OVER (PARTITION BY a.n, a.key) AS sharing
    FROM asked a CROSS JOIN LATERAL (
        SELECT organization_id FROM registry_searchentry
        WHERE registry_match_keys(names, pinyin) @> ARRAY[a.key] LIMIT %(common)s
    ) h
)
"""
# For many names it is quicker to work out the keys of all records once; names with USCCs only concern records without.
_BY_JOIN = """
known AS MATERIALIZED (
    SELECT DISTINCT e.organization_id, k.key
    FROM registry_organization o JOIN registry_searchentry e ON e.organization_id = o.id
    CROSS JOIN LATERAL unnest(registry_match_keys(e.names, e.pinyin)) AS k (key)
    WHERE k.key IS NOT NULL AND (o.uscc IS NULL OR NOT %(coded)s)
),
hit AS (
    SELECT a.n, u.organization_id, u.sharing
    FROM asked a JOIN (
        SELECT organization_id, key, count(*) OVER (PARTITION BY key) AS sharing FROM known
    ) u ON u.key = a.key AND u.sharing <= %(common)s
)
"""
# Readings are asked for where a name has other than Latin letters.
_FOUND = """
WITH asked AS MATERIALIZED (
    SELECT DISTINCT a.n, k.key
    FROM unnest(%(n)s::integer[], %(folded)s::text[], %(gloss)s::text[], %(reading)s::text[])
        AS a (n, folded, gloss, reading)
    CROSS JOIN LATERAL unnest(
        registry_match_keys(
            E'\\n' || a.folded || E'\\n' || a.gloss,
            ' ' || coalesce(
                a.reading, CASE WHEN a.folded ~ '[^\\u0001-\\u02ff]' THEN registry_pinyin(a.folded) END, ''
            )
        )
    ) AS k (key)
    WHERE k.key IS NOT NULL
),
{hit},
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
SELECT f.n, o.id, o.registry_no, o.name_zh, o.name_en, o.short_name, o.pinyin, o.uscc, o.registration_status,
       o.township_id, o.website,
       ARRAY(SELECT ARRAY[x.kind, x.name] FROM registry_name x WHERE x.organization_id = o.id)
FROM found f
JOIN registry_organization o ON o.id = f.id
JOIN unnest(%(n)s::integer[], %(name)s::text[], %(uscc)s::text[]) AS a (n, name, uscc) ON a.n = f.n
WHERE o.uscc = a.uscc OR (
    NOT (%(codes_apart)s AND coalesce(o.uscc <> a.uscc, false)) AND NOT EXISTS (
        SELECT 1 FROM registry_distinction d WHERE d.organization_id = o.id AND d.name_key = registry_fold_name(a.name)
    )
)
ORDER BY f.n, o.id
"""
"""SQL of the records found. If somebody has said that a record is not the body of a name, only its code finds it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A body that may be in the registry, with its known properties."""

    name: str
    uscc: str = ""
    township: int | None = None
    host: str = ""
    """The host of its website without www."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that the name may be about. `parts` are the reasons with points;

    `score` is their sum within 0 to 100.
    """

    pk: int
    registry_no: str
    name_zh: str
    name_en: str
    uscc: str | None
    registration_status: str
    parts: tuple[ScorePart, ...] = ()
    weight: int = field(default=0, compare=False)
    """Return the sum of the points, which orders candidates."""

    @property
    def name(self) -> str:
        return self.name_zh or self.name_en

    @property
    def score(self) -> int:
        return max(0, min(100, self.weight))

    @property
    def merged(self) -> bool:
        return self.registration_status == RegistrationStatus.MERGED

    @property
    def reasons(self) -> str:
        """Return the reasons as a text in the active language."""
        return listed(str(one.label) for one in self.parts)

    def led_to(self, successor: Organization) -> "Candidate":
        """Return the record that this one was merged into, as a candidate found by this one's names and codes."""
        return Candidate(
            successor.pk,
            successor.registry_no,
            successor.name_zh,
            successor.name_en,
            successor.uscc,
            successor.registration_status,
            (*self.parts, part("successor")),
            self.weight,
        )

    @property
    def by_former_name(self) -> "Candidate":
        """Return this candidate, marked as found by a former name of the body."""
        return replace(self, parts=tuple(part("former_name") if one.code == "name" else one for one in self.parts))

    def has(self, *codes: str) -> bool:
        return any(one.code in codes for one in self.parts)


def find(asked: Sequence[Asked], *, codes_apart: bool = False) -> list[list[Candidate]]:
    """Return the candidates of each body, the best first, including merged records and records of every kind.

    With `codes_apart`, records with another USCC than the body are left out.
    """
    found: list[list[Candidate]] = [[] for _one in asked]
    for places, coded, hits in _portions(asked, codes_apart):
        for n, candidate in _find([asked[place] for place in places], codes_apart, coded, hits):
            found[places[n]].append(candidate)
    _lead_to_successors(found)
    return [ranked(candidates) for candidates in found]


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return each record once, as its best candidate, ordered by score."""
    best: dict[int, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (-one.weight, one.registry_no)):
        best.setdefault(one.pk, one)
    return list(best.values())


def _lead_to_successors(found: list[list[Candidate]]) -> None:
    """Replace merged records by the records that they were merged into; if this is not known, they stay."""
    leads = successors_of({one.pk for candidates in found for one in candidates if one.merged})
    if not leads:
        return
    successors = Organization.objects.in_bulk(set(leads.values()))
    for candidates in found:
        candidates[:] = [one.led_to(successors[leads[one.pk]]) if one.pk in leads else one for one in candidates]


def possible_duplicates(asked: Sequence[Asked]) -> list[list[Candidate]]:
    """Return for each new body the similar records that hold an import back, without records of another USCC.

    A merged record without a known successor is included only if it has exactly the same name.
    """
    return [
        [one for one in candidates if one.score >= HOLD_SCORE and (one.has("name") or not one.merged)]
        for candidates in find(asked, codes_apart=True)
    ]


def _portions(asked: Sequence[Asked], codes_apart: bool) -> Iterator[tuple[list[int], bool, str]]:
    """Yield groups of names that are looked up together: their positions, whether all have a USCC, and the SQL."""
    indexes: dict[bool, list[int]] = {True: [], False: []}
    for index, item in enumerate(asked):
        indexes[codes_apart and item.uscc != ""].append(index)
    for coded, some in indexes.items():
        records = Organization.objects.filter(uscc=None) if coded else Organization.objects.all()
        by_join = len(some) >= _MANY and records.count() <= _RECORDS_FOR_EACH * len(some)
        size = _AT_ONCE_BY_JOIN if by_join else _AT_ONCE
        for start in range(0, len(some), size):
            yield some[start : start + size], coded, _BY_JOIN if by_join else _BY_INDEX


def _find(asked: Sequence[Asked], codes_apart: bool, coded: bool, hits: str) -> Iterator[tuple[int, Candidate]]:
    params: dict[str, Any] = {
        "n": [*range(len(asked))],
        "name": [one.name for one in asked],
        "folded": [parse_name(one.name).folded for one in asked],
        "reading": [None if len(asked) < _MANY else pinyin_key(one.name) for one in asked],
        "gloss": [gloss(parse_name(one.name)) for one in asked],
        "uscc": [one.uscc or None for one in asked],
        "codes_apart": codes_apart,
        "coded": coded,
        "common": _COMMON + 1,
        "most": _COMPARED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND.format(hit=hits), params)
        rows = cursor.fetchall()
    for n, pk, number, name_zh, name_en, short_name, reading, uscc, status, township, website, others in rows:
        parts = (
            *_parts_of_names(asked[n].name, name_zh, name_en, short_name, reading, others),
            *_parts_beside(asked[n], uscc, township, website),
        )
        parts = tuple(sorted(parts, key=lambda one: -one.points))
        candidate = Candidate(pk, number, name_zh, name_en, uscc, status, parts, total(parts))
        yield n, candidate


def _parts_of_names(
    name: str, name_zh: str, name_en: str, short_name: str, reading: str, others: Sequence[tuple[str, str]]
) -> list[ScorePart]:
    """Return the parts of the record's name that fits best."""
    if not name:
        return []
    asked, home = parse_name(name), parse_name(name_zh)
    best: list[ScorePart] = []
    for known in _told_apart(asked, name_zh, name_en, short_name):
        parts = compare(asked, parse_name(known).at_home_of(home), reading if known == name_zh else "")
        if known == short_name and parts == [part("name")]:
            parts = [part("short_name")]
        best = max(best, parts, key=total) if best else parts
    if name_en and (in_english := gloss(asked)):
        best = max(best, compare(parse_name(in_english), parse_name(name_en)), key=total)
    for kind, other in others:
        parts = compare(asked, parse_name(other).at_home_of(home))
        if parts[:1] == [part("name")]:
            parts = [part("former_name" if kind == "former" else "alias")]
        best = max(best, parts, key=total)
    return best


def _told_apart(asked: NameParts, name_zh: str, name_en: str, short_name: str) -> Iterator[str]:
    """Yield the names in use that add information: one of the same script, and a short name of its own."""
    if name_zh:
        yield name_zh
    if name_en and not (asked.chinese and name_zh):
        yield name_en
    if short_name and short_name not in name_zh:
        yield short_name


def _parts_beside(asked: Asked, uscc: str | None, township: int | None, website: str) -> Iterator[ScorePart]:
    if asked.uscc and uscc:
        if asked.uscc == uscc:
            yield part("uscc")
        else:
            yield part("other_code" if uscc_check_character_ok(asked.uscc) else "wrong_code")
    if asked.township and township:
        yield part("town" if asked.township == township else "other_town")
    if asked.host and asked.host == host_of(website):
        yield part("website")


def host_of(website: str) -> str:
    """Return the host without www of an address with or without a scheme; empty if there is none."""
    try:
        host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
