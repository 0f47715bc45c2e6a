"""Lists as JSON, CSV and XLSX. The last two stream: memory does not grow with the list."""

import csv
import datetime
import io
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Protocol

import orjson
import xlsxwriter
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer

from registry.cells import csv_text, date_text, decimal_text, xlsx_text
from registry.columns import Column

XLSX_ROWS = 1_048_575
"""Rows of a sheet below its header."""
_CHUNK = 500


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


class Table(Protocol):
    """What a file is made of."""

    title: str
    columns: Sequence[Column]

    def cells(self) -> Iterator[Sequence[Any]]:
        """The cells of each row: text, numbers, dates, booleans or None."""
        ...


class FileRenderer(BaseRenderer, ABC):
    """Renders a table to pieces of a file. `render()` serves error answers, which are never in this format."""

    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return JSONRenderer().render(data)

    @abstractmethod
    def stream(self, table: Table) -> Iterator[bytes]:
        """The file in pieces."""


class CSVRenderer(FileRenderer):
    """UTF-8 with BOM, which Excel in China needs to read it right; cells that look like formulas are made harmless."""

    media_type = "text/csv"
    format = "csv"

    def stream(self, table: Table) -> Iterator[bytes]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        yield b"\xef\xbb\xbf"
        writer.writerow(str(column.label) for column in table.columns)
        try:
            for number, row in enumerate(table.cells(), 1):
                writer.writerow([cell_text(value) for value in row])
                if number % _CHUNK == 0:
                    yield _drain(buffer)
        except Exception:
            # The head of the answer is long gone: the last line is the only place left to say that rows are missing.
            writer.writerow([])
            writer.writerow([_("THIS FILE IS INCOMPLETE: an error broke it off. Please export it again.")])
            yield _drain(buffer)
            raise
        yield _drain(buffer)


def cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return csv_text(value)
    if isinstance(value, datetime.date):
        return date_text(value)
    return decimal_text(value) if isinstance(value, Decimal) else str(value)


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


class XLSXRenderer(FileRenderer):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"

    def stream(self, table: Table) -> Iterator[bytes]:
        """The workbook is written to a temporary file row by row, then sent in pieces."""
        with tempfile.TemporaryFile() as file:
            book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
            self.write(book, table)
            book.close()
            file.seek(0)
            while piece := file.read(64 * 1024):
                yield piece

    def write(self, book: xlsxwriter.Workbook, table: Table) -> None:
        write_sheet(book, table)


def write_sheet(book: xlsxwriter.Workbook, table: Table) -> None:
    """One sheet with a frozen header and filter buttons; more rows than a sheet holds go on in further sheets."""
    header = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "border_color": "#C9D3E3"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet, line, number = None, 0, 0
    for row in table.cells():
        if sheet is None or line > XLSX_ROWS:
            number += 1
            sheet, line = _sheet(book, table, number, header), 1
        for position, value in enumerate(row):
            write_cell(sheet, line, position, value, day)
        line += 1
    if sheet is None:
        _sheet(book, table, 1, header)
    elif number == 1:
        sheet.autofilter(0, 0, line - 1, len(table.columns) - 1)


def _sheet(book: xlsxwriter.Workbook, table: Table, number: int, header: Any) -> Any:
    title = table.title[:25]
    sheet = book.add_worksheet(title if number == 1 else f"{title} {number}")
    sheet.freeze_panes(1, 0)
    for position, column in enumerate(table.columns):
        sheet.set_column(position, position, column.width)
    for position, column in enumerate(table.columns):
        sheet.write_string(0, position, str(column.label), header)
    return sheet


def write_cell(sheet: Any, line: int, position: int, value: Any, day: Any, plain: Any = None) -> None:
    """`day` is the format of dates, `plain` of all else; without it empty cells are left out."""
    if value is None or value == "":
        if plain is not None:
            sheet.write_blank(line, position, None, plain)
    elif isinstance(value, str):
        sheet.write_string(line, position, xlsx_text(value)[0], plain)
    elif isinstance(value, bool):
        sheet.write_boolean(line, position, value, plain)
    elif isinstance(value, datetime.datetime):
        sheet.write_string(line, position, value.isoformat(), plain)
    elif isinstance(value, datetime.date) and value.year >= 1900:
        sheet.write_datetime(line, position, datetime.datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
    elif isinstance(value, datetime.date):
        sheet.write_string(line, position, value.isoformat(), plain)  # Excel's calendar begins in 1900
    else:
        sheet.write_number(line, position, value, plain)


def file_name(title: str, on: datetime.date, extension: str) -> str:
    return f"{title}-{on:%Y%m%d}.{extension}"
