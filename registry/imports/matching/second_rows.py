"""Finds rows of one file that are about the same record: of equal rows it takes the first, different ones it refuses.

Works on `import_row`, `import_match`, `import_name` and `import_pair`. The rules that decide whether a row is about a
record (registry.matching.decisions) also decide whether two rows are about the same body.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from django.utils.translation import gettext_lazy as _

from registry.imports.matching.matches import KEYS, NAMES
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.report import Message
from registry.matching.decisions import UNIQUE_SCHEMES, CodeRelation, Evidence, KindRelation, NameRelation, decide

_SAME_RECORD = """
SELECT array_agg(m.n ORDER BY m.n), bool_or(coalesce(p.by_code, false)) FROM import_match m
LEFT JOIN (SELECT n, id, bool_or(number OR code) AS by_code FROM import_pair GROUP BY n, id) p
  ON p.n = m.n AND p.id = m.id
WHERE m.n <> ALL (%s) AND m.id IN (SELECT id FROM import_match WHERE n <> ALL (%s) GROUP BY id HAVING count(*) > 1)
GROUP BY m.id
"""
_SAME_CODE = """
SELECT array_agg(r.n ORDER BY r.n) FROM import_row r JOIN import_match m ON m.n = r.n
WHERE m.id IS NULL AND r.uscc IN (SELECT uscc FROM import_row GROUP BY uscc HAVING count(*) > 1)
GROUP BY r.uscc HAVING count(*) > 1
UNION ALL
SELECT array_agg(DISTINCT g.n ORDER BY g.n) FROM (
    SELECT n, scheme, CASE WHEN scheme = 'organization_code' THEN replace(value, '-', '') ELSE value END AS value
    FROM import_given
    UNION ALL
    SELECT n, 'organization_code', substr(uscc, 9, 9) FROM import_row
    WHERE uscc IS NOT NULL AND EXISTS (SELECT 1 FROM import_given WHERE scheme = 'organization_code')
) g
JOIN import_match m ON m.n = g.n WHERE m.id IS NULL GROUP BY g.scheme, g.value HAVING count(DISTINCT g.n) > 1
"""
_SAME_NAME = """
SELECT k.key, array_agg(r.n ORDER BY r.n) FROM (
    SELECT DISTINCT n, key FROM import_name WHERE key IN (SELECT key FROM import_name GROUP BY key HAVING count(*) > 1)
) k
JOIN import_row r ON r.n = k.n JOIN import_match m ON m.n = k.n
WHERE r.n <> ALL (%s)
GROUP BY k.key HAVING count(*) > 1 AND bool_or(m.id IS NULL)
"""
_CONTENT = """
SELECT r.n, r.uscc, r.identifiers, r.kind, m.id IS NULL FROM import_row r JOIN import_match m ON m.n = r.n
WHERE r.n = ANY (%s)
"""
_IN_USCC = slice(8, 17)
"""The positions of the organization code within a USCC."""


@dataclass(frozen=True)
class _Row:
    """The values of a row that show whether it is about the same body as another row with its name."""

    uscc: str | None
    identifiers: frozenset[str]
    kind: str | None
    new: bool

    @cached_property
    def codes(self) -> dict[str, set[str]]:
        """Return the values of the row's codes by their schemes."""
        codes: dict[str, set[str]] = defaultdict(set)
        for text in self.identifiers:
            scheme, _colon, value = text.partition(":")
            if scheme in UNIQUE_SCHEMES:
                codes[scheme].add(value.replace("-", "") if scheme == "organization_code" else value)
        if self.uscc:
            codes["uscc"] = {self.uscc}
            codes["organization_code"].add(self.uscc[_IN_USCC])
        return dict(codes)

    @cached_property
    def first_scheme(self) -> str:
        """Return the scheme of the row's strongest code; empty if the row has no code."""
        return next((scheme for scheme in ("uscc", *UNIQUE_SCHEMES) if scheme in self.codes), "")

    def same_as(self, other: "_Row") -> bool:
        """Return whether this row and another row of the same name are about one body."""
        return decide(Evidence(self._identifiers(other), NameRelation.EQUAL, self._kind(other))).same

    def _identifiers(self, other: "_Row") -> CodeRelation:
        shared = [bool(self.codes[scheme] & other.codes[scheme]) for scheme in self.codes.keys() & other.codes.keys()]
        if not shared:
            return CodeRelation.ABSENT
        if all(shared):
            return CodeRelation.AGREE
        return CodeRelation.BOTH if any(shared) else CodeRelation.CONTRADICT

    def _kind(self, other: "_Row") -> KindRelation:
        if self.kind is None or other.kind is None:
            return KindRelation.UNKNOWN
        return KindRelation.SAME if self.kind == other.kind else KindRelation.OTHER


def refuse_second_rows(run: Import) -> None:
    """Refuse the rows about one record if they differ; if they are all alike, take the first and refuse the others."""
    led = sorted(run.led)
    by_record = list(run.query(_SAME_RECORD, [led, led]))
    groups = [numbers for numbers, by_code in by_record if by_code]
    groups += [numbers for (numbers,) in run.query(_SAME_CODE)]
    apart: list[tuple[list[int], list[int]]] = []
    for numbers in [numbers for numbers, by_code in by_record if not by_code]:
        # Rows that contradict each other cannot all be the one record that has their name: none of them is known to be.
        rows = list(_rows(run, numbers))
        if _apart([row for _n, row in rows]):
            apart.append((numbers, numbers))
        else:
            groups.append(numbers)
    for _key, numbers in list(run.query(_SAME_NAME, [led])):
        unclear, together = _sort_out(dict(_rows(run, numbers)))
        apart += unclear
        groups += together
    run.refuse_groups(groups, KEYS, _("Row %(rows)s is about the same record, and differs: keep one of them."))
    for numbers, others in apart:
        for n in numbers:
            if n not in run.bad:
                rows_text = run.rows_text([other for other in others if other != n], n)
                message = _("Rows %(rows)s are different bodies of this name: add the code or the registry number.")
                run.refuse(n, NAMES, "", Message(message, {"rows": rows_text}))


def _rows(run: Import, numbers: Sequence[int]) -> Iterator[tuple[int, _Row]]:
    for n, uscc, identifiers, kind, new in run.query(f"{_CONTENT} ORDER BY r.n", [list(numbers)]):
        yield n, _Row(uscc, frozenset(identifiers or ()), kind, new)


Numbers = list[int]


def _sort_out(rows: dict[int, _Row]) -> tuple[list[tuple[Numbers, Numbers]], list[Numbers]]:
    """Return unclear rows, each with the rows about the same body as it, and groups of rows about one body.

    A row is unclear if these other rows are about different bodies. Of two rows about one body at least one is new;
    otherwise both would have been matched with one record.
    """
    alike: dict[_Row, Numbers] = defaultdict(list)
    for n, row in rows.items():
        alike[row].append(n)
    by_code = _by_first_code(alike)
    partners = {row: list(_partners(row, by_code)) for row in alike}
    unclear = {row for row, others in partners.items() if _apart(others)}
    unclear_rows = [(alike[row], [n for other in partners[row] for n in alike[other]]) for row in unclear]
    groups = []
    for row, numbers in alike.items():
        if row in unclear:
            continue
        together = [n for other in partners[row] if other not in unclear for n in alike[other]]
        if together or (row.new and len(numbers) > 1):
            groups.append(sorted({*numbers, *together}))
    return unclear_rows, groups


ByCode = dict[str, dict[str, list[_Row]]]


def _by_first_code(rows: Collection[_Row]) -> ByCode:
    """Return the rows by scheme and value of their strongest code."""
    index: ByCode = defaultdict(lambda: defaultdict(list))
    for row in rows:
        scheme = row.first_scheme
        for value in row.codes.get(scheme, {""}):
            index[scheme][value].append(row)
    return index


def _partners(row: _Row, among: ByCode) -> Iterator[_Row]:
    """Yield other rows about the same body, until two of them contradict each other, since the row is unclear then.

    If the rows have codes of one scheme, only rows with the same code are compared.
    """
    found: list[_Row] = []
    for scheme, by_value in among.items():
        values = row.codes[scheme] if scheme and scheme == row.first_scheme else by_value.keys()
        for other in (one for value in values for one in by_value.get(value, ())):
            if other is not row and other not in found and (row.new or other.new) and row.same_as(other):
                yield other
                found.append(other)
                if _apart(found):
                    return


_ENOUGH = 20
"""The most rows with the same body as one row that are compared with each other."""


def _apart(rows: Sequence[_Row]) -> bool:
    """Return whether two of these rows are about different bodies."""
    return any(not one.same_as(other) for one, other in combinations(rows[:_ENOUGH], 2))
