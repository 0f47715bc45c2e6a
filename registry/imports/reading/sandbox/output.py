"""Prints rows as lines of JSON on the standard output."""

import datetime
import sys
from collections.abc import Iterator, Sequence

from registry.imports.reading.sandbox.limits import MAX_COLUMNS, MAX_DATE_RUNS, MAX_ROWS, Refused


class Dates:
    """Writes dates as ISO text, without the midnight that spreadsheets add, and remembers which cells were dates."""

    def __init__(self) -> None:
        self.met = 0
        self.runs: dict[int, list[list[int]]] = {}
        """Column -> runs of rows (first and last number) whose cells are dates; after the limit, dates are plain
        text.
        """
        self._count = 0

    def plain(self, value: object) -> str:
        self.met += 1
        if isinstance(value, datetime.datetime):
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
        return str(value)

    def keep(self, number: int, row: Sequence[object]) -> None:
        for column, value in enumerate(row):
            if isinstance(value, datetime.date):
                runs = self.runs.setdefault(column, [])
                if runs and runs[-1][1] == number - 1:
                    runs[-1][1] = number
                elif self._count < MAX_DATE_RUNS:
                    runs.append([number, number])
                    self._count += 1


def print_rows(rows: Iterator[Sequence[object]]) -> tuple[int, dict[int, list[list[int]]]]:
    """Print the rows; return how many there are, and the first and last rows of each run of dates, by column."""
    from orjson import OPT_APPEND_NEWLINE, OPT_PASSTHROUGH_DATETIME, dumps

    option, write = OPT_APPEND_NEWLINE | OPT_PASSTHROUGH_DATETIME, sys.stdout.buffer.write
    count, dates = 0, Dates()
    for row in rows:
        count += 1
        if count > MAX_ROWS or len(row) > MAX_COLUMNS:
            raise Refused("too_many_cells", rows=MAX_ROWS, columns=MAX_COLUMNS)
        met = dates.met
        write(dumps(row, dates.plain, option))
        if dates.met > met:
            dates.keep(count, row)
    return count, dates.runs
