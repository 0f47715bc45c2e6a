"""Lists as JSON, CSV and XLSX. The last two stream: memory does not grow with the list."""

import datetime
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain, islice
from typing import Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer

from registry.api.lists.files import Table, Written
from registry.api.lists.workbook import Pieces, Workbook
from registry.spreadsheet.notation import CSVNotation, SheetNotation


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: object, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


class FileRenderer(BaseRenderer, ABC):
    """Renders a table to pieces of a file. `render()` serves error answers, which are never in this format."""

    charset = None
    render_style = "binary"

    def render(
        self, data: object, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return JSONRenderer().render(data)

    @abstractmethod
    def stream(self, table: Table) -> Iterator[bytes]:
        """The file in pieces."""


class CSVRenderer(FileRenderer):
    """UTF-8 with BOM, which Excel in China needs to read it right; cells that look like formulas are made harmless."""

    media_type = "text/csv"
    format = "csv"

    def stream(self, table: Table) -> Iterator[bytes]:
        notation = CSVNotation()
        pieces = _begun(table.written(notation))
        yield b"\xef\xbb\xbf"
        yield _lines([[notation.cell(column, str(shown.label)) for column, shown in enumerate(table.columns)]])
        try:
            yield from map(_lines, pieces)
        except Exception:
            # The head of the answer is long gone: the last line is the only place left to say that rows are missing.
            yield b"\r\n" + _lines([[notation.cell(0, _incomplete())]])
            raise


def _begun(pieces: Iterator[Written]) -> Iterator[Written]:
    """Take the first piece and yield all: what fails until then fails before anything has been sent."""
    return chain(list(islice(pieces, 1)), pieces)


def _lines(rows: Written) -> bytes:
    # A line that holds one empty cell would be none.
    return "".join([(",".join(cells) or '""') + "\r\n" for cells in rows]).encode("utf-8", "replace")


def _incomplete() -> str:
    return _("THIS FILE IS INCOMPLETE: an error broke it off. Please export it again.")


class XLSXRenderer(FileRenderer):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"

    def stream(self, table: Table) -> Iterator[bytes]:
        pieces, failed = Pieces(), None
        written = _begun(table.written(SheetNotation(len(table.columns))))
        with Workbook(pieces, table.title, table.columns, receipt=table.receipt) as book:
            try:
                for rows in written:
                    book.add(rows)
                    yield pieces.take()
            except Exception as error:
                failed = error
                book.say(_incomplete())
        yield pieces.take()
        if failed:
            raise failed


def file_name(title: str, on: datetime.date, extension: str, number: str = "") -> str:
    return f"{title}-{on:%Y%m%d}{f'-{number}' if number else ''}.{extension}"
