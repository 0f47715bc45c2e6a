"""Files of all organizations: the list's own CSV and XLSX over HTTP, against raw COPY and bare XlsxWriter."""

import datetime
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

import xlsxwriter
from django.db import connection

from registry.api.tables import Export
from registry.columns import Reading
from registry.models import Organization
from registry.rows import ORGANIZATION_COLUMNS

from .measure import Line, Peak, ratio_of_pairs, take_pairs
from .server import Site

PATH = "/api/v1/organizations/?format="
ROUNDS = 3


def lines(site: Site) -> Iterator[Line]:
    table = _table()
    rows = Organization.objects.unmerged().count()
    yield from _format(site, "csv", rows, lambda: _copy(table), "raw COPY (same query) TO STDOUT", "≤ 1.5 (time)")
    cells = list(table.cells())
    yield from _format(site, "xlsx", rows, lambda: _workbook(cells), "XlsxWriter constant_memory, rows in memory", "")


def _format(site: Site, kind: str, rows: int, reference: Any, against: str, goal: str) -> Iterator[Line]:
    site.get("/api/v1/organizations/?page_size=1")  # loads what every request needs, and nothing of the export
    answers, growth = [], []

    def export() -> float:
        peak = Peak(site.worker())
        answers.append(site.get(PATH + kind, keep=False))
        growth.append(peak.growth())
        return answers[-1].seconds

    pairs = take_pairs(export, reference, ROUNDS)
    seconds = sorted(answer.seconds for answer in answers)[len(answers) // 2]
    first = min(answer.first_byte for answer in answers)
    yield Line(f"export {kind}, {rows:,} rows", f"{rows / seconds:,.0f} rows/s", ratio_of_pairs(pairs), against, goal)
    yield Line(f"export {kind}, memory growth", f"{max(growth):.1f} MiB")
    yield Line(f"export {kind}, first byte", f"{first:.2f} s")


def _table() -> Export:
    """The table that an administrator's request for all organizations exports."""
    columns = [column for column in ORGANIZATION_COLUMNS if column.in_file]
    return Export("", Organization.objects.unmerged().order_by("sort_key", "id"), columns, Reading())


def _copy(table: Export) -> float:
    sql, parameters = table._rows.query.sql_with_params()
    began = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT", parameters) as source:
        for _piece in source:
            pass
    return time.perf_counter() - began


def _workbook(cells: Sequence[Sequence[Any]]) -> float:
    began = time.perf_counter()
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(cells):
            for position, value in enumerate(row):
                if isinstance(value, datetime.date):
                    sheet.write_datetime(number, position, value, day)
                elif value is not None and value != "":
                    sheet.write(number, position, value)
        book.close()
    return time.perf_counter() - began
