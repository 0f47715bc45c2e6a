"""Prepares the rows of a list for files: cell by cell, or written at once for one kind of file."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice, product
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from psycopg import adapters, pq
from psycopg.adapt import Transformer
from psycopg.sql import SQL, Identifier
from psycopg.types.string import TextLoader

from registry.columns import Column, RenderContext, write_row
from registry.disclosure.models import Receipt
from registry.spreadsheet.notation import Notation
from registry.values.masking import Mask

EXPORT_TIMEOUT = "30min"
"""A whole list may take longer to send than the statement of a web request may run."""
_ROWS = 250
"""Read and written together."""
_AHEAD = 2
"""How many times as many the database reads meanwhile."""
_TEXTS = frozenset(adapters.types[name].oid for name in ("text", "varchar"))
_DATE = adapters.types["date"].oid
_KEPT = 8_192
"""Distinct texts of a column that are remembered."""
Written = Iterable[Sequence[str]]
_Writer = Callable[[Sequence[str | None]], Iterable[str]]


class Table(ABC):
    title: str
    columns: Sequence[Column]
    count: int = 0
    """How many rows have been taken so far."""
    receipt: Receipt | None = None
    """The receipt that the file names; None for the public."""

    @property
    def reveals(self) -> bool:
        """Whether it has values in full that are masked elsewhere."""
        return False

    @abstractmethod
    def cells(self) -> Iterator[Sequence[object]]:
        """The cells of each row: text, numbers, dates, booleans or None."""

    def written(self, notation: Notation) -> Iterator[Written]:
        """The rows in pieces, as they are written to a file."""
        cells = self.cells()
        while rows := list(islice(cells, _ROWS)):
            self.count += len(rows)
            yield [[notation.cell(column, value) for column, value in enumerate(row)] for row in rows]


class Export(Table):
    """All rows of a list as a file, read through a server-side cursor while it is sent."""

    def __init__(
        self, title: str, queryset: QuerySet[Model], columns: Sequence[Column], context: RenderContext
    ) -> None:
        self.title = title
        self.columns = columns
        self._rows = queryset.values_list(*(column.selected(context) for column in columns))
        self._context = context

    @property
    def reveals(self) -> bool:
        return self._context.revealed and any(column.mask for column in self.columns)

    def cells(self) -> Iterator[Sequence[object]]:
        with transaction.atomic():
            for number, row in enumerate(self._rows.iterator(chunk_size=_ROWS)):
                if number == 0:
                    _set("statement_timeout", EXPORT_TIMEOUT)
                self.count = number + 1
                yield write_row(row, self.columns, self._context)

    def written(self, notation: Notation) -> Iterator[Written]:
        """Yield the rows of `cells`, made from the texts that the database sends.

        Texts and dates that a column shows as they are go from there to the file, many at a time; of all else each
        distinct one becomes a value and is written once.
        """
        compiler = self._rows.query.get_compiler(self._rows.db)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return
        with transaction.atomic():
            _set("datestyle", "ISO")
            with connection.chunked_cursor() as cursor:
                cursor.execute(sql, parameters)
                types = [column.type_code for column in cursor.description]
                writers = self._writers(notation, compiler, types)
                for rows in _fetched(cursor.cursor.name, types):
                    self.count += len(rows)
                    columns = zip(writers, zip(*rows, strict=True), strict=False)
                    yield zip(*[write(texts) for write, texts in columns], strict=True)

    def _writers(self, notation: Notation, compiler: SQLCompiler, types: Sequence[int]) -> list[_Writer]:
        """Return for each column a function that writes the texts of the database."""
        converters = compiler.get_converters([selected[0] for selected in compiler.select])
        loaders = Transformer.from_context(connection.connection)
        writers = []
        for number, (column, kind) in enumerate(zip(self.columns, types, strict=False)):
            converts, expression = converters.get(number, ((), None))
            if column.hides(self._context) and column.mask and kind in _TEXTS and not (column.write or converts):
                writers.append(_masked(column.mask, _as_they_are(partial(notation.texts, number))))
            elif column.write or converts or kind not in (*_TEXTS, _DATE):
                load = [loaders.get_loader(kind, pq.Format.TEXT).load]
                load += [partial(convert, expression=expression, connection=connection) for convert in converts]
                writers.append(_distinct(partial(self._cell, notation, number, load)))
            else:
                writers.append(_as_they_are(partial(notation.texts if kind in _TEXTS else notation.days, number)))
        return writers

    def _cell(
        self, notation: Notation, number: int, load: Sequence[Callable[[bytes], object]], text: str | None
    ) -> str:
        value: Any = None if text is None else text.encode()
        for step in load[value is None :]:
            value = step(value)
        return notation.cell(number, self.columns[number].cell(value, self._context))


def _set(name: str, value: str) -> None:
    """For the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def _fetched(name: str, types: Iterable[int]) -> Iterator[Sequence[Sequence[str | None]]]:
    """The rows of the cursor of that name, as texts, some at a time: the database reads on while they are written.

    Each FETCH is a statement of its own. The first has the time of any web request: nothing has been sent yet.
    """
    session = connection.connection
    fetch = SQL("FETCH FORWARD {} FROM {}").format(_ROWS, Identifier(name)).as_bytes(session)
    readers = [session.cursor() for _number in range(_AHEAD)]
    for reader, kind in product(readers, types):
        reader.adapters.register_loader(kind, TextLoader)
    with connection.wrap_database_errors:
        rows = readers[0].execute(fetch, prepare=False).fetchall()
        _set("statement_timeout", EXPORT_TIMEOUT)
        if not rows:
            return
        yield rows
        with session.pipeline():
            for reader in readers:
                reader.execute(fetch, prepare=False)
            for reader in cycle(readers):
                if not (rows := reader.fetchall()):
                    return
                reader.execute(fetch, prepare=False)
                yield rows


def _as_they_are(write: Callable[[Sequence[str]], Iterable[str]]) -> _Writer:
    def written(texts: Sequence[str | None]) -> Iterable[str]:
        return write([text or "" for text in texts]) if any(texts) else [""] * len(texts)

    return written


def _masked(mask: Mask, write: _Writer) -> _Writer:
    return lambda texts: write([text and mask(text) for text in texts])


class _Distinct(dict[str | None, str]):
    """The values of the texts of a column. Begins anew when it has grown too large: memory is bounded."""

    def __init__(self, write: Callable[[str | None], str]) -> None:
        self._write = write

    def __missing__(self, text: str | None) -> str:
        if len(self) >= _KEPT:
            self.clear()
        self[text] = written = self._write(text)
        return written


def _distinct(write: Callable[[str | None], str]) -> _Writer:
    known = _Distinct(write)
    return lambda texts: map(known.__getitem__, texts)
