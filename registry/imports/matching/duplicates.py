"""Finds records that a new row may be about although its name is written differently. Only people decide about them.

Works on the staging table `import_row` and on `import_match`, which the matching makes.
"""

from collections.abc import Iterable, Iterator

from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.outcomes import StoredCandidate
from registry.matching.candidates import MOST, Asked, Candidate, possible_duplicates, ranked
from registry.matching.decisions import UNIQUE_SCHEMES
from registry.matching.score import LABELS
from registry.values.punctuation import bracketed, clauses, listed

_OPEN = """
SELECT r.n, r.name_zh, r.name_en, {former_names}, r.uscc
FROM import_row r JOIN import_match m ON m.n = r.n
WHERE m.id IS NULL AND r.n <> ALL (%s) ORDER BY r.n
"""
# Another number of a register that gives each body one keeps row and record apart.
_OTHER_NUMBERS = """
SELECT DISTINCT f.n, f.id FROM unnest(%s::integer[], %s::bigint[]) AS f (n, id)
JOIN import_row r ON r.n = f.n CROSS JOIN unnest(r.identifiers) AS given
JOIN registry_identifier i ON i.organization_id = f.id AND i.scheme = split_part(given, ':', 1)
WHERE i.scheme = ANY (%s) AND i.value <> substr(given, strpos(given, ':') + 1)
"""


def hold_possible_duplicates(run: Import) -> None:
    """Hold back new rows that have candidates and no decision. For runs that were started with `suggest`."""
    asked = list(_asked_names(run))
    found: dict[int, list[Candidate]] = {}
    for (n, former, _one), records in zip(asked, possible_duplicates([one for *_row, one in asked]), strict=True):
        found.setdefault(n, []).extend(record.by_former_name if former else record for record in records)
    best = {n: ranked(records) for n, records in found.items()}
    pairs = [(n, record.pk) for n, records in best.items() for record in records]
    params: list[list[int] | list[str]] = [[n for n, _pk in pairs], [pk for _n, pk in pairs], list(UNIQUE_SCHEMES)]
    apart = set(run.query(_OTHER_NUMBERS, params)) if pairs else set()
    for n, records in best.items():
        if kept := [record for record in records if (n, record.pk) not in apart]:
            run.hold(n, Candidates(map(_told, kept[:MOST])))


def _asked_names(run: Import) -> Iterator[tuple[int, bool, Asked]]:
    """Yield each name of an undecided row: number of the row, whether the name is a former one, and its search."""
    known = sorted(run.bad | set(run.decisions))
    former_names = "r.former_names" if "former_names" in run.present else "NULL::text[]"
    for n, name_zh, name_en, former, uscc in run.query(_OPEN.format(former_names=former_names), [known]):
        for name in filter(None, (name_zh, name_en)):
            yield n, False, Asked(name, uscc or "")
        for name in former or ():
            yield n, True, Asked(name, uscc or "")


def _told(record: Candidate) -> StoredCandidate:
    reasons = [one.code for one in record.parts]
    return {"id": record.pk, "registry_no": record.registry_no, "name": record.name, "reasons": reasons}


class Candidates(list[StoredCandidate]):
    """The candidates of a row, also as one text for messages: registry number, name and reasons of each."""

    def __init__(self, candidates: Iterable[StoredCandidate]) -> None:
        super().__init__(candidates)

    def __str__(self) -> str:
        texts = []
        for one in self:
            reasons = listed(str(LABELS[reason]) for reason in one["reasons"])
            texts.append(bracketed(f"{one['registry_no']} {one['name']}", reasons))
        return clauses(texts)
