"""Files of all organizations: the list's own CSV and XLSX over HTTP, against raw COPY and bare XlsxWriter."""

import datetime
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import xlsxwriter
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import OuterRef

from registry.api.lists.files import Export
from registry.columns import Column, RenderContext
from registry.models import Contact, Organization, Qualification, SectorTag
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS

from .measure import Line, Peak, cpu_of_tree, ratio_of_pairs
from .server import Site

ROUNDS = 3
SOME = 20_000
"""Rows that XlsxWriter is given; its speed does not depend on how many there are."""
CONTACTS = tuple(column.name for column in ORGANIZATION_COLUMNS if column.permission == "registry.view_contact")
Cost = tuple[float, float]
"""Of one export of a number of rows: seconds on the clock, and of processor time, application and database together."""


def lines(site: Site) -> Iterator[Line]:
    fill()
    rows = Organization.objects.unmerged().count()
    named, own = "raw COPY of the same facts, names joined", "raw COPY of the export's own query"
    for what, omit in (("csv", ()), ("csv without contacts", CONTACTS)):
        references = {named: (copier(named_table(omit)), 1.0), own: (copier(table(omit=omit)), 1.0)}
        yield from _format(site, f"csv&omit={','.join(omit)}" if omit else "csv", what, rows, references, "≤ 1.5")
    some = min(SOME, rows)
    cells = list(table(SOME).cells())
    references = {
        "XlsxWriter constant_memory, rows from a cursor": (lambda: workbook(table(SOME).cells()), rows / some),
        "XlsxWriter constant_memory, rows in memory": (lambda: workbook(cells), rows / some),
    }
    yield from _format(site, "xlsx", "xlsx", rows, references, "≤ 0.33")


def _format(
    site: Site, asked: str, what: str, rows: int, references: dict[str, tuple[Callable[[], None], float]], goal: str
) -> Iterator[Line]:
    """Lines of one kind of file; each reference with the factor by which it has fewer rows."""
    path = f"/api/v1/organizations/?format={asked}"
    site.get("/api/v1/organizations/?page_size=1")  # loads what every request needs, and nothing of the export
    answers, growth = [], []
    pairs: dict[str, list[tuple[Cost, Cost]]] = {name: [] for name in references}
    for _round in range(ROUNDS):
        peak, cpu = Peak(site.worker()), site.cpu()
        answers.append(site.get(path, keep=False))
        cost = answers[-1].seconds, site.cpu() - cpu
        growth.append(peak.growth())
        for name, (reference, factor) in references.items():
            seconds, used = _cost(site, reference)
            pairs[name].append((cost, (seconds * factor, used * factor)))
    answers.sort(key=lambda answer: answer.seconds)
    middle = answers[len(answers) // 2]
    what = f"export {what}"
    for name, costs in pairs.items():
        least = min(one[1] for one, _other in costs)
        figures = {"on the clock": f"{rows / middle.seconds:,.0f} rows/s", "processor time": f"{least:.1f} s"}
        for position, (measure, figure) in enumerate(figures.items()):
            ratio = ratio_of_pairs((one[position], other[position]) for one, other in costs)
            yield Line(f"{what}, {rows:,} rows, {measure}", figure, ratio, name, goal)
    yield Line(f"{what}, size", f"{middle.size / 1e6:,.1f} MB")
    yield Line(f"{what}, memory growth", f"{max(growth):.1f} MiB", goal="≤ 20 MiB")
    yield Line(f"{what}, first byte", f"{min(answer.first_byte for answer in answers):.2f} s", goal="≤ 0.2 s")


def _cost(site: Site, work: Callable[[], None]) -> Cost:
    began, own, database = time.perf_counter(), time.process_time(), cpu_of_tree(site.postmaster)
    work()
    used = time.process_time() - own + cpu_of_tree(site.postmaster) - database
    return time.perf_counter() - began, used


def fill() -> None:
    """Two contacts for each organization; the generator makes none."""
    if Contact.objects.exists():
        return
    liaison, legal = Contact.Role.LIAISON, Contact.Role.LEGAL_REPRESENTATIVE
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_contact (organization_id, role, name, title, phone, email, purpose, source) "
            "SELECT id, role, '虚构' || id, '经理', '0760-00000000', 'liaison' || id || '@example.com', '', '' "
            "FROM registry_organization, unnest(%s::text[]) AS role",
            [[liaison, legal]],
        )
        cursor.execute("VACUUM ANALYZE registry_contact")


# --- The references


def table(limit: int | None = None, omit: Sequence[str] = ()) -> Export:
    """What an administrator's request for all organizations exports."""
    return _table([column for column in ORGANIZATION_COLUMNS if column.in_file and column.name not in omit], limit)


def named_table(omit: Sequence[str] = ()) -> Export:
    """The same with the names of sectors, places and gradings joined by the database, for who has no tables of them."""
    tags = SectorTag.objects.filter(organization=OuterRef("pk"), plan=RenderContext().plan)
    held = Qualification.objects.filter(organization=OuterRef("pk")).order_by("-granted_on", "id")
    joined: dict[str, Any] = {
        "township": "township__name_zh",
        "zone": "zone__name_zh",
        "sectors": ArraySubquery(tags.order_by("-is_primary", "sector__position").values_list("sector__name_zh")),
        "qualifications": ArraySubquery(held.values_list("grading__name_zh")),
    }
    columns = [replace(one, expression=joined.get(one.name, one.expression)) for one in table(omit=omit).columns]
    return _table(columns, None)


def _table(columns: Sequence[Column], limit: int | None) -> Export:
    return Export("", Organization.objects.unmerged().order_by("sort_key", "id")[:limit], columns, RenderContext())


def copier(read: Export) -> Callable[[], None]:
    sql, parameters = read._rows.query.sql_with_params()

    def copy() -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT", parameters) as source:
            for _piece in source:
                pass

    return copy


def workbook(rows: Iterable[Sequence[Any]]) -> None:
    with tempfile.TemporaryFile() as file, transaction.atomic():
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for position, value in enumerate(row):
                if isinstance(value, datetime.date):
                    sheet.write_datetime(number, position, value, day)
                elif value is not None and value != "":
                    sheet.write(number, position, value)
        book.close()
