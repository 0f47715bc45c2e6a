"""Finds out which sheets of a file hold the table, which row is its header, and what each column means."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from registry.imports.reading.files import RawFile
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.tables import Sheet, SheetColumn, TableFile
from registry.imports.recognising.headers import (
    Recognise,
    column_letter,
    header_label,
    is_reason,
    label_key,
    place_label,
)
from registry.imports.recognising.layout import Layout
from registry.imports.recognising.several_tables import (
    WIDEST,
    Complete,
    Rows,
    end_with,
    is_header,
    second_table,
    split,
    tables_below,
)
from registry.spreadsheet import parse_unit
from registry.values.punctuation import listed_lazily


class CorrectedRecogniser:
    """A recogniser with somebody's corrections; labels that they do not mention are recognised as usual."""

    def __init__(self, recognise: Recognise, corrections: Mapping[str, str], names: Sequence[str]) -> None:
        self._recognise = recognise
        self._corrections = corrections
        self._names = frozenset(names)
        self.beginnings = recognise.beginnings

    def corrects(self, label: str) -> bool:
        return label_key(label) in self._corrections

    def __call__(self, label: str) -> str | None:
        if not self.corrects(label):
            return self._recognise(label)
        name = self._corrections[label_key(label)]
        return name if name in self._names else None

    def rank(self, label: str) -> int:
        return -1 if self.corrects(label) else self._recognise.rank(label)


def recognise_table(
    raw: RawFile,
    recognise: Recognise,
    *,
    complete: Complete = bool,
    layout: Layout | None = None,
    joins: Recognise | None = None,
) -> TableFile:
    """Return the file as a table; `complete` tells whether the recognised names are enough for a sheet.

    `joins` decides how a header in two rows is combined, so that corrections do not change the labels that they are
    about; by default it is `recognise` itself. Raises UnreadableFile if no sheet has a header.
    """
    layout = layout or Layout()
    found, left_out = recognise_sheets(raw, recognise, layout, joins or recognise, complete)
    if not found:
        raise UnreadableFile("no_header" if any(about["rows"] for about in raw.sheets) else "empty")
    forced = {name for name, read in layout.sheets.items() if read}
    chosen, others = _choose_sheets(found, complete, forced) if len(found) > 1 else (found, [])
    for tables in others:
        keyed = any(complete(table.names) and table.last >= table.first_data for table in tables)
        left_out.append((tables[0].name, "other_table" if keyed else "other_header"))
    sheets = [table for tables in chosen for table in tables]
    return TableFile(raw.kind, raw.encoding, raw.delimiter, raw.date_1904, sheets, left_out, raw.spool)


def unread_columns(unread: Sequence[SheetColumn], sheet: str) -> UnreadableFile:
    """Return the error for a sheet with columns of no known meaning that somebody must decide about."""
    columns = listed_lazily(f"{column_letter(column.index)} “{column.label}”" for column in unread)
    return UnreadableFile("unread_columns", sheet=sheet, columns=columns, label=unread[0].label)


def recognise_sheets(
    raw: RawFile, recognise: Recognise, layout: Layout, joins: Recognise, complete: Complete
) -> tuple[list[list[Sheet]], list[tuple[str, str]]]:
    """Return the sheets with a header, each with its tables; and the names of the other sheets with the reasons.

    Each of several tables beside each other becomes a sheet of its own.
    """
    found: list[list[Sheet]] = []
    left_out, abouts = [], list(raw.sheets)
    raw.sheets = []
    while abouts:
        about = abouts.pop(0)
        reason = _unread(about, layout)
        if not reason:
            rows = dict(enumerate(raw.beginning(about), start=1))
            header = _header_of(about, rows, recognise, joins, layout.header_rows.get(about["name"]))
            if header is not None and (column := second_table(header[1], rows, header[0], joins, complete)):
                abouts[:0] = split(about, column, len(header[1]))
                continue
            if header is not None:
                found.append(_tables(raw, about, rows, header, recognise, joins, complete, layout))
            else:
                reason = "no_header"
        raw.sheets.append(about)
        if reason:
            left_out.append((about["name"], reason))
    return found, left_out


def _tables(
    raw: RawFile,
    about: dict[str, Any],
    rows: Rows,
    header: tuple[list[int], list[str]],
    recognise: Recognise,
    joins: Recognise,
    complete: Complete,
    layout: Layout,
) -> list[Sheet]:
    """Return the tables of a sheet, from its first header on."""
    numbers, labels = header
    if numbers and about["name"] not in layout.header_rows:
        for number in range(1, numbers[0]):
            above = _labels(rows, [number], about, joins)
            if is_header(above, joins, complete):  # a table of fewer columns, above the one with the most
                numbers, labels = [number], above
                break
    tables = [_sheet(about, rows, numbers, labels, recognise)]
    if numbers:
        head = [rows[number] for number in numbers]
        found, titles = tables_below(raw, about, tables[0], head, joins, complete)
        for below in found:
            numbers = _find_header(below.rows, about, recognise, joins) or [min(below.rows)]
            labels = _labels(below.rows, numbers, about, joins)
            table = _sheet(about, below.rows, numbers, labels, recognise, below.first, below.offset)
            table.titles |= below.titles
            table.keyless = not complete(table.names)
            end_with(tables[-1], below.first - 1)
            tables.append(table)
        for table in tables:
            table.titles |= titles
    return [table for table in tables if table.last >= table.first_data] or tables[:1]


def possible_headers(raw: RawFile, joins: Recognise) -> Iterator[list[str]]:
    """Yield the labels of every row, and of every two rows, that may be the header of a sheet."""
    for about in raw.sheets:
        if not _unread(about, Layout()):
            rows = dict(enumerate(raw.beginning(about), start=1))
            for number in rows:
                yield _labels(rows, [number], about, joins)
                if number + 1 in rows:
                    yield _labels(rows, [number, number + 1], about, joins)


def own_header(raw: RawFile, name: str, joins: Recognise) -> tuple[list[int], list[str]]:
    """Return row numbers and labels of the header that a sheet has without corrections; both empty if it has none."""
    about = next(about for about in raw.sheets if about["name"] == name)
    rows = dict(enumerate(raw.beginning(about), start=1)) if about["rows"] else {}
    return _header_of(about, rows, joins, joins, None) or ([], [])


def _unread(about: dict[str, Any], layout: Layout) -> str:
    """Return why a sheet is not read, regardless of its header; empty if it may be."""
    if not about["visible"]:
        return "hidden"
    if not about["rows"]:
        return "empty"
    return "not_chosen" if layout.sheets.get(about["name"]) is False else ""


def _choose_sheets(
    sheets: list[list[Sheet]], complete: Complete, forced: Container[str]
) -> tuple[list[list[Sheet]], list[list[Sheet]]]:
    """Choose the sheets that hold one table in parts, and return them and the rest.

    A chosen sheet is as complete as the best one and has at least half of its columns.
    """

    def names(tables: list[Sheet]) -> set[str]:
        return max((table.names for table in tables), key=lambda names: (complete(names), len(names)))

    def rows(tables: list[Sheet]) -> int:
        return sum(table.rows for table in tables)

    best = max(sheets, key=lambda one: (one[0].name in forced, complete(names(one)), len(names(one)), rows(one)))
    most = names(best)
    chosen = [
        tables
        for tables in sheets
        if tables is best
        or tables[0].name in forced
        or (complete(own := names(tables)) and complete(most) and 2 * len(own & most) >= len(most))
    ]
    return chosen, [tables for tables in sheets if tables not in chosen]


def _sheet(
    about: dict[str, Any],
    rows: Rows,
    numbers: list[int],
    labels: list[str],
    recognise: Recognise,
    first: int = 1,
    offset: int | None = None,
) -> Sheet:
    """Return the table from a header to the end of the sheet."""
    columns, doubled = _assign(labels, recognise)
    merged, last = _merged(about), numbers[-1] if numbers else 0
    down = [(top, bottom, left) for (top, left), (bottom, _right) in merged if bottom > top > last]
    titles = {top for (top, left), (_bottom, right) in merged if top > last and right - left > 1 and left == 0}
    head = [cell for number in numbers for cell in rows[number]]
    return Sheet(
        name=about["name"],
        offset=about["offset"] if offset is None else offset,
        first=first,
        rows=about["rows"] - first + 1,
        header_rows=numbers,
        header=labels,
        columns=columns,
        doubled=doubled,
        reasons=frozenset(index for number in numbers for index, cell in enumerate(rows[number]) if is_reason(cell)),
        hidden=[number for number in about["hidden"] if number >= first],
        merged=down,
        titles=titles,
        labels={header_label(cell) for cell in head} - {""},
        width=max(len(rows[number]) for number in numbers) if numbers else WIDEST,
        span=about.get("span"),
        dates=about["dates"],
        merged_head=[(*begin, *end) for begin, end in merged if begin[0] >= first and end[0] <= last],
    )


def _assign(labels: list[str], recognise: Recognise) -> tuple[list[SheetColumn], list[SheetColumn]]:
    columns: dict[str, SheetColumn] = {}
    doubled = []
    for index, label in enumerate(labels):
        name = recognise(label or place_label(index))
        if name is None:
            continue
        column = SheetColumn(index, name, label or column_letter(index))
        if name in columns and recognise.rank(columns[name].label) <= recognise.rank(label):
            doubled.append(column)
        else:
            if name in columns:
                doubled.append(columns.pop(name))
            columns[name] = column
    return list(columns.values()), doubled


# --- The header ----------------------------------------------------------------------------------------------------

_Merged = list[tuple[tuple[int, int], tuple[int, int]]]


def _merged(about: dict[str, Any]) -> _Merged:
    return [((first[0] + 1, first[1]), (last[0] + 1, last[1])) for first, last in about["merged"]]


def _header_of(
    about: dict[str, Any], rows: Rows, recognise: Recognise, joins: Recognise, chosen: list[int] | None
) -> tuple[list[int], list[str]] | None:
    if chosen is None:
        numbers = _find_header(rows, about, recognise, joins)
        return None if numbers is None else (numbers, _labels(rows, numbers, about, joins))
    if not chosen:  # no row of the sheet is a header
        return [], [""] * max(map(len, rows.values()))
    numbers = [chosen[0], chosen[0] + 1] if len(chosen) > 1 else chosen
    return (numbers, _labels(rows, numbers, about, joins)) if rows.keys() >= {*numbers} else None


def _labels(rows: Rows, numbers: list[int], about: dict[str, Any], joins: Recognise) -> list[str]:
    """Return the labels of a header; a cell merged downwards from a row above counts for its column."""
    if len(numbers) > 1:
        upper, lower = ([header_label(cell) for cell in rows[number]] for number in numbers)
        return _joined(upper, lower, numbers[0], _merged(about), joins)
    labels = [header_label(cell) for cell in rows[numbers[0]]]
    for (top, left), (bottom, _right) in _merged(about):
        if top < numbers[0] <= bottom and left < len(labels) and top in rows:
            labels[left] = labels[left] or header_label(rows[top][left])
    return labels


def _find_header(rows: Rows, about: dict[str, Any], recognise: Recognise, joins: Recognise) -> list[int] | None:
    """Return the numbers of the row, or of the two rows, in which most names are recognised; None if there are none."""
    best: list[int] | None = None
    best_count = 0
    for number in rows:
        count = _count(map(header_label, rows[number]), recognise)
        if count > best_count:
            best, best_count = [number], count
        if number + 1 not in rows:
            break
        lower = [header_label(cell) for cell in rows[number + 1]]
        both = _count(_labels(rows, [number, number + 1], about, joins), recognise)
        if both > max(count, best_count, _count(lower, recognise)) or (best == [number] and _only_units(lower)):
            best, best_count = [number, number + 1], both
    return best


def _count(labels: Iterable[str], recognise: Recognise) -> int:
    """Return how many different columns the labels mean."""
    return len({name for label in labels if label and len(label) < 60 and (name := recognise(label))})


def _only_units(labels: list[str]) -> bool:
    given = [label for label in labels if label]
    return bool(given) and all(parse_unit(label) for label in given)


def _joined(upper: list[str], lower: list[str], number: int, merged: _Merged, recognise: Recognise) -> list[str]:
    """Return the labels of a header in two rows: 联系人 over 姓名 is 联系人姓名; a known lower label may stay alone."""
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    spread = list(upper)
    for (top, left), (bottom, right) in merged:
        if top == number == bottom and left < width:
            spread[left : right + 1] = [upper[left]] * (min(right + 1, width) - left)
    if not merged:
        for index in range(1, width):
            # A cell with nothing below it is a label of its own, such as 序号, and heads no group.
            if not spread[index] and lower[index] and lower[index - 1]:
                spread[index] = spread[index - 1]
    labels = []
    for group, own in zip(spread, lower, strict=True):
        joined = f"{group}({own.strip('()（）')})" if parse_unit(own) else group + own
        labels.append(joined if not own or parse_unit(own) or recognise(joined) or not recognise(own) else own)
    return labels
