"""Counts of organizations: the dimensions that they can be counted by, for facets and cross-tables of any list.

Organizations are grouped by the texts `profile` and `sectors` of the index tables (`index_tables.CountColumns`), in one
pass; the few different texts are taken apart after that. So each organization counts once, with all its values.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.api.lists.filters import StrictFilterSet
from registry.organizations.completeness import FIELDS, EachMissing, missing
from registry.organizations.freshness import Freshness, freshness
from registry.organizations.models.choices import Category, Kind, RegistrationStatus, Size
from registry.organizations.models.details import Qualification
from registry.organizations.models.organizations import Organization, size_class
from registry.reference.models import Sector
from registry.search.organization_rows import OrganizationRows

Key = Any


@dataclass(frozen=True)
class Entry:
    """A value that organizations are counted by; `parent` is the key of what it is below."""

    key: Key
    code: str | None
    name: str
    parent: Key = None
    more: tuple[tuple[str, str], ...] = ()
    """Further names and values that tell it from others with its code: the alliance of a tier."""

    def shown(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name, **dict(self.more)}


@dataclass(frozen=True)
class Holding:
    """Values in a table of their own: its rows for the filterset of a request, and the path to the organization."""

    rows: Callable[[StrictFilterSet], QuerySet[Model]]
    organization: str
    value: str
    once: bool = False
    """Whether no organization has two rows of one value."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One of `part`, `sectors` and `held` says where the values are."""

    name: str
    label: Promise
    entries: Callable[[StrictFilterSet], Iterable[Entry]]
    """All values in their order, for the filterset of the request."""
    part: int = 0
    """The part of the profile that it is counted in."""
    column: str = ""
    """The column of the entries that has it too."""
    sectors: bool = False
    held: Holding | None = None
    counts_none: bool = True
    """Whether those without any value are counted too."""
    merged: Callable[[StrictFilterSet], Mapping[Key, Key]] = lambda filterset: {}
    """Stored values that count as others."""
    permission: str = ""
    """The permission that it takes to see the dimension at all."""
    chosen: bool = False
    """Whether the request chooses the values, and not only its plan."""

    @property
    def several(self) -> bool:
        """Whether an organization may have several of the values."""
        return self.sectors or self.held is not None

    def all_entries(self, filterset: StrictFilterSet) -> list[Entry]:
        none = [Entry(None, None, _("not given"))] if self.counts_none else []
        return [*self.entries(filterset), *none]


Numbered = list[tuple[Entry, int]]
"""Values in their order, each with its number."""
Facets = tuple[int, dict[str, Numbered]]


class _Values:
    """The values of a dimension, and what the texts of the database mean among them."""

    def __init__(self, dimension: Dimension, filterset: StrictFilterSet) -> None:
        self.entries = dimension.all_entries(filterset)
        self.keys: dict[str | None, Key] = {None: None, "": None}
        self.keys |= {str(entry.key): entry.key for entry in self.entries if entry.key is not None}
        self.known = [text for text in self.keys if text]
        self.keys |= {str(old): new for old, new in dimension.merged(filterset).items()}

    def numbered(self, found: Mapping[Key, int]) -> Numbered:
        return [(entry, found.get(entry.key, 0)) for entry in self.entries]


def _values(dimension: Dimension, filterset: StrictFilterSet) -> _Values:
    if dimension.chosen:
        return _Values(dimension, filterset)
    plan = filterset.sector_plan
    return filterset.references.kept((dimension.name, plan and plan.pk), lambda: _Values(dimension, filterset))


def facets(rows: OrganizationRows, dimensions: Sequence[Dimension], filterset: StrictFilterSet) -> Facets:
    """Return the number of organizations, and for each dimension how many of them have each value."""
    values = [_values(one, filterset) for one in dimensions]
    total = 0
    found: list[dict[Key, int]] = [defaultdict(int) for _one in dimensions]
    for number, text, size in _rows(*_in_one_pass(rows, dimensions, values, filterset)):
        if number < 0:
            total = size
        elif text in values[number].keys:
            found[number][values[number].keys[text]] += size
    counted = zip(dimensions, values, found, strict=True)
    return total, {one.name: known.numbered(counts) for one, known, counts in counted}


def _in_one_pass(
    rows: OrganizationRows, dimensions: Sequence[Dimension], values: Sequence[_Values], filterset: StrictFilterSet
) -> tuple[str, list[object]]:
    """Position of a dimension, text of a value and number of organizations; position -1 for all of them.

    What is in tables of its own is counted there.
    """
    hits, parameters = _hits(rows)
    sql, more = _sql(rows.index_rows().values_list("profile", "sectors"))
    parameters += more
    statements = ["SELECT -1, NULL, coalesce(sum(n), 0)::bigint FROM tally WHERE profile IS NOT NULL"]
    for position, (one, known) in enumerate(zip(dimensions, values, strict=True)):
        if one.held:
            held, more = _sql(_holders(rows, one.held, filterset))
            statements.append(f"SELECT {position}, value::text, n FROM ({held}) AS held (value, n)")
            parameters += more
            continue
        value, texts = ("each.v", "sectors") if one.sectors else (_part("profile", one.part), "profile")
        source = f"tally {_each(texts, 'each')}" if one.sectors else "tally"
        statements.append(
            f"SELECT {position}, {value}, sum(n)::bigint FROM {source} WHERE {texts} IS NOT NULL GROUP BY 2"
        )
        parameters += [known.known] if one.sectors else []
    return (
        f"""
        WITH {hits} tally AS MATERIALIZED (
            SELECT profile, sectors, count(*) AS n FROM ({sql}) AS chosen (profile, sectors)
            GROUP BY GROUPING SETS ((profile), (sectors))
        )
        {" UNION ALL ".join(statements)}
        """,
        parameters,
    )


def _hits(rows: OrganizationRows) -> tuple[str, list[object]]:
    """Return the beginning of a WITH: what a search finds, found once for the whole statement (see `among()` there)."""
    found = rows.hits()
    if found is None:
        return "", []
    sql, parameters = _sql(found)
    return f"hits AS MATERIALIZED (SELECT ARRAY({sql}) AS ids),", parameters


def _rows_of(rows: OrganizationRows, held: Holding, filterset: StrictFilterSet) -> QuerySet[Model]:
    """Return the rows of the values' own table that belong to the organizations."""
    return held.rows(filterset).filter(rows.among(held.organization)).order_by()


def _holders(rows: OrganizationRows, held: Holding, filterset: StrictFilterSet) -> QuerySet[Model]:
    """How many of the organizations have each value."""
    number = Count("*") if held.once else Count(held.organization, distinct=True)
    return _rows_of(rows, held, filterset).values_list(held.value).annotate(number=number)


@dataclass
class CrossTable:
    """How many organizations have a value of `rows` and one of `columns`; totals count each organization once."""

    rows: Numbered
    columns: Numbered
    cells: dict[tuple[Key, Key], int]
    total: int

    def line(self, row: Entry) -> list[int]:
        return [self.cells.get((row.key, column.key), 0) for column, _count in self.columns]


def cross_table(
    organizations: OrganizationRows, rows: Dimension, columns: Dimension, filterset: StrictFilterSet, *, empty: bool
) -> CrossTable:
    """Values that nobody has are left out unless `empty`."""
    across, down = _values(rows, filterset), _values(columns, filterset)
    cells: dict[tuple[Key, Key], int] = defaultdict(int)
    of_rows: dict[Key, int] = defaultdict(int)
    of_columns: dict[Key, int] = defaultdict(int)
    total = 0
    for what, row, column, number in _crossed(organizations, (rows, columns), (across, down), filterset):
        if row not in across.keys or column not in down.keys:
            continue
        if what == "cell":
            cells[across.keys[row], down.keys[column]] += number
            # Where an organization has one value, numbers may be added up.
            of_rows[across.keys[row]] += number if not columns.several else 0
            of_columns[down.keys[column]] += number if not rows.several else 0
        elif what == "row":
            of_rows[across.keys[row]] += number
        elif what == "column":
            of_columns[down.keys[column]] += number
        else:
            total = number

    def shown(values: _Values, found: dict[Key, int]) -> Numbered:
        return [
            (entry, number) for entry, number in values.numbered(found) if number or (empty and entry.code is not None)
        ]

    return CrossTable(shown(across, of_rows), shown(down, of_columns), cells, total)


def _crossed(
    rows: OrganizationRows, dimensions: Sequence[Dimension], values: Sequence[_Values], filterset: StrictFilterSet
) -> list[tuple[str, str | None, str | None, int]]:
    """Cells, totals of rows and of columns, and the number of organizations, from one pass through these."""
    hits, parameters = _hits(rows)
    sql, more = _sql(rows.index_rows().values_list("organization_id", "profile", "sectors", *COLUMNS))
    parameters += more
    sides, joins, each, given = [], [], [], []
    for letter, one, known in zip("ab", dimensions, values, strict=True):
        if one.held:
            held, more = _held(rows, one.held, filterset, letter)
            joins.append(held)
            parameters += more
            sides.append(f"{letter}.held")
        else:
            sides.append("sectors" if one.sectors else one.column or _part("profile", one.part))
        each.append(_each(letter, f"each_{letter}") if one.several else "")
        given.append([known.known] if one.several else [])
    a, b = (f"each_{side}.v" if each[n] else f"{side}::text" for n, side in enumerate("ab"))
    totals = ["UNION ALL SELECT 'all', NULL, NULL, coalesce(sum(n), 0)::bigint FROM tally"]
    parameters += given[0] + given[1]
    if each[1]:
        totals.append(f"UNION ALL SELECT 'row', {a}, NULL, sum(n)::bigint FROM tally {each[0]} GROUP BY 2")
        parameters += given[0]
    if each[0]:
        totals.append(f"UNION ALL SELECT 'column', NULL, {b}, sum(n)::bigint FROM tally {each[1]} GROUP BY 3")
        parameters += given[1]
    return _rows(
        f"""
        WITH {hits} tally AS MATERIALIZED (
            SELECT {sides[0]} AS a, {sides[1]} AS b, count(*) AS n
            FROM ({sql}) AS chosen (organization_id, profile, sectors, {", ".join(COLUMNS)}) {" ".join(joins)}
            GROUP BY 1, 2
        )
        SELECT 'cell', {a}, {b}, sum(n)::bigint FROM tally {" ".join(each)} GROUP BY 2, 3
        {" ".join(totals)}
        """,
        parameters,
    )


def _held(rows: OrganizationRows, held: Holding, filterset: StrictFilterSet, alias: str) -> tuple[str, list[object]]:
    """A join that gives each organization its values as one text, as its entry does."""
    sql, parameters = _sql(_rows_of(rows, held, filterset).values_list(held.organization, held.value))
    return (
        f"""
        LEFT JOIN (
            SELECT organization_id, string_agg(DISTINCT value::text, ' ') AS held
            FROM ({sql}) AS holding (organization_id, value) GROUP BY organization_id
        ) {alias} ON {alias}.organization_id = chosen.organization_id
        """,
        parameters,
    )


def _each(texts: str, alias: str) -> str:
    """A join with each of the values that are known; with none where there is not any."""
    return f"LEFT JOIN LATERAL unnest(string_to_array({texts}, ' ')) AS {alias} (v) ON {alias}.v = ANY (%s::text[])"


def _part(profile: str, part: int) -> str:
    return f"split_part({profile}, '/', {part})"


def _sql(queryset: QuerySet[Model]) -> tuple[str, list[object]]:
    # What can have no rows is a statement too, not an exception.
    sql, parameters = queryset.query.get_compiler(queryset.db, elide_empty=False).as_sql()
    return sql, list(parameters)


def _rows(sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


# --- What organizations are counted by


def choices(options: Any) -> Callable[[StrictFilterSet], Iterable[Entry]]:
    return lambda filterset: [Entry(code, code, str(label)) for code, label in options.choices]


def references(name: str) -> Callable[[StrictFilterSet], Iterable[Entry]]:
    return lambda filterset: [Entry(row.pk, row.code, row.label()) for row in filterset.references.rows[name]]


def _towns(filterset: StrictFilterSet) -> list[Entry]:
    gone = filterset.ended_townships
    return [entry for entry in references("townships")(filterset) if entry.key not in gone]


def _sectors(filterset: StrictFilterSet) -> list[Entry]:
    """The tree from above: each branch and then what is below it."""
    plan = filterset.sector_plan
    below: dict[Key, list[Sector]] = defaultdict(list)
    for row in filterset.references.rows["sectors"] if plan else ():
        if plan and row.plan_id == plan.pk:
            below[row.parent_id].append(row)
    tree = [one for branch in below[None] for one in (branch, *below[branch.pk])]
    return [Entry(row.pk, row.code, row.label(), row.parent_id) for row in tree]


def _computed(value: Callable[[Any], Any], confidential: bool = False) -> Holding:
    def rows(filterset: StrictFilterSet) -> QuerySet[Model]:
        seen = Organization.objects.within_reach_of(filterset.request.user) if confidential else Organization.objects
        return seen.annotate(held=value(filterset))

    return Holding(rows, "pk", "held", once=True)


ORGANIZATION_DIMENSIONS: tuple[Dimension, ...] = (
    Dimension(name="sector", label=gettext_lazy("sector"), entries=_sectors, sectors=True),
    Dimension(
        name="township",
        label=gettext_lazy("township"),
        entries=_towns,
        part=4,
        column="township_id",
        merged=lambda filterset: filterset.ended_townships,
    ),
    Dimension(name="zone", label=gettext_lazy("zone"), entries=references("zones"), part=5),
    Dimension(name="kind", label=gettext_lazy("kind"), entries=choices(Kind), part=1, column="kind", counts_none=False),
    Dimension(name="category", label=gettext_lazy("category"), entries=choices(Category), part=2),
    Dimension(
        name="registration_status",
        label=gettext_lazy("registration status"),
        entries=choices(RegistrationStatus),
        part=3,
        column="registration_status",
        counts_none=False,
    ),
    Dimension(
        name="grading",
        label=gettext_lazy("qualification"),
        entries=references("gradings"),
        held=Holding(lambda filterset: Qualification.objects.held(filterset.on), "organization", "grading"),
        counts_none=False,
    ),
    Dimension(
        name="size_class",
        label=gettext_lazy("size class"),
        entries=choices(Size),
        held=_computed(lambda filterset: size_class(), confidential=True),
        permission="registry.view_annualfigures",
    ),
    Dimension(
        name="freshness",
        label=gettext_lazy("freshness"),
        entries=choices(Freshness),
        held=_computed(lambda filterset: freshness(filterset.on)),
        counts_none=False,
    ),
    Dimension(
        name="missing",
        label=gettext_lazy("missing"),
        entries=lambda filterset: [Entry(name, name, str(one.label)) for name, one in FIELDS.items()],
        held=_computed(lambda filterset: EachMissing(missing(filterset.sector_plan))),
        counts_none=False,
    ),
)
COLUMNS = ("kind", "registration_status", "township_id")

BRANCH = Dimension(
    name="branch",
    label=gettext_lazy("branch of sectors"),
    entries=lambda filterset: [entry for entry in _sectors(filterset) if entry.parent is None],
    sectors=True,
)
"""The upper level of the sectors alone, for tables that fit a page."""
