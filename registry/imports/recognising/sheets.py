"""Which sheets of a file hold the table, where its header is, and what each column means."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from registry.imports.reading.files import Column, RawFile, Sheet, Table
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.headers import column_letter, header_label, is_running_number, label_key
from registry.imports.recognising.layout import Layout
from registry.spreadsheet import Cell, parse_unit


class Recognise(Protocol):
    """Knows labels: `__call__` gives the name that one stands for, `rank` how well it says it (0 is best)."""

    def __call__(self, label: str) -> str | None: ...

    def rank(self, label: str) -> int: ...


class Corrected:
    """A recogniser that somebody has corrected: what the corrections do not mention stays as recognised."""

    def __init__(self, recognise: Recognise, corrections: Mapping[str, str], names: Sequence[str]) -> None:
        self._recognise = recognise
        self._corrections = corrections
        self._names = frozenset(names)

    def corrects(self, label: str) -> bool:
        return label_key(label) in self._corrections

    def __call__(self, label: str) -> str | None:
        if not self.corrects(label):
            return self._recognise(label)
        name = self._corrections[label_key(label)]
        return name if name in self._names else None

    def rank(self, label: str) -> int:
        return -1 if self.corrects(label) else self._recognise.rank(label)


def place_label(index: int) -> str:
    """What stands for the label of a column that has none."""
    return f"#{column_letter(index)}"


def recognise_table(
    raw: RawFile,
    recognise: Recognise,
    *,
    complete: Callable[[set[str]], bool] = bool,
    layout: Layout | None = None,
    joins: Recognise | None = None,
) -> Table:
    """The file as a table. `recognise` knows the labels; `complete` tells whether names found are enough for a sheet.

    `joins` decides how a header in two rows is put together, so that corrections do not change the labels that they
    are about; by default `recognise` itself. Raises UnreadableFile where no sheet has a header.
    """
    layout = layout or Layout()
    sheets, left_out = recognise_sheets(raw, recognise, layout, joins or recognise)
    if not sheets:
        raise UnreadableFile("no_header" if any(about["rows"] for about in raw.sheets) else "empty")
    forced = [sheet for sheet in sheets if layout.sheets.get(sheet.name)]
    sheets, others = _choose_sheets(sheets, complete, forced)
    left_out += [(sheet.name, "other_header") for sheet in others]
    return Table(raw.kind, raw.encoding, raw.delimiter, raw.date_1904, sheets, left_out, raw.spool)


def unread_columns(unread: Sequence[Column], sheet: str) -> UnreadableFile:
    """The error for a sheet with columns that nothing takes and that must not be passed over."""
    columns = "、".join(f"{column_letter(column.index)} “{column.label}”" for column in unread)
    return UnreadableFile("unread_columns", sheet=sheet, columns=columns, label=unread[0].label)


def recognise_sheets(
    raw: RawFile, recognise: Recognise, layout: Layout, joins: Recognise
) -> tuple[list[Sheet], list[tuple[str, str]]]:
    """The sheets with a header, and the names of the others, each with the reason."""
    sheets, left_out = [], []
    for about in raw.sheets:
        reason = _unread(about, layout)
        if not reason:
            rows = raw.beginning(about)
            header = _header_of(about, rows, recognise, joins, layout.header_rows.get(about["name"]))
            if header is not None:
                sheets.append(_sheet(about, rows, *header, recognise))
                continue
            reason = "no_header"
        left_out.append((about["name"], reason))
    return sheets, left_out


def possible_headers(raw: RawFile, joins: Recognise) -> Iterator[list[str]]:
    """The labels of every row, and of every two rows, that may be the header of a sheet."""
    for about in raw.sheets:
        if not _unread(about, Layout()):
            rows = raw.beginning(about)
            for number in range(1, len(rows) + 1):
                yield _labels(rows, [number], about, joins)
                if number < len(rows):
                    yield _labels(rows, [number, number + 1], about, joins)


def _unread(about: dict[str, Any], layout: Layout) -> str:
    """Why a sheet is not read, whatever its header; empty if it may be."""
    if not about["visible"]:
        return "hidden"
    if not about["rows"]:
        return "empty"
    return "not_chosen" if layout.sheets.get(about["name"]) is False else ""


def _choose_sheets(
    sheets: list[Sheet], complete: Callable[[set[str]], bool], forced: list[Sheet]
) -> tuple[list[Sheet], list[Sheet]]:
    """The sheets that hold one table in parts, and the rest: as complete as the best, half of its columns at least."""
    best = max(sheets, key=lambda sheet: (sheet in forced, complete(sheet.names), len(sheet.names), sheet.rows))
    chosen = [
        sheet
        for sheet in sheets
        if sheet is best
        or sheet in forced
        or (complete(sheet.names) and complete(best.names) and 2 * len(sheet.names & best.names) >= len(best.names))
    ]
    return chosen, [sheet for sheet in sheets if sheet not in chosen]


def _sheet(
    about: dict[str, Any], rows: list[list[Cell]], numbers: list[int], labels: list[str], recognise: Recognise
) -> Sheet:
    columns, doubled, ignored = _assign(labels, recognise)
    merged, last = _merged(about), numbers[-1] if numbers else 0
    down = [(top, bottom, left) for (top, left), (bottom, _right) in merged if bottom > top > last]
    titles = {top for (top, left), (_bottom, right) in merged if top > last and right - left > 1 and left == 0}
    return Sheet(
        name=about["name"], offset=about["offset"], rows=about["rows"], header_rows=numbers, header=labels,
        columns=columns, ignored=ignored, doubled=doubled, hidden=about["hidden"], merged=down, titles=titles,
        labels={header_label(cell) for number in numbers for cell in rows[number - 1]} - {""}, dates=about["dates"],
        merged_head=[(*first, *end) for first, end in merged if end[0] <= last],
    )  # fmt: skip


def _assign(labels: list[str], recognise: Recognise) -> tuple[list[Column], list[Column], list[str]]:
    columns: dict[str, Column] = {}
    doubled, ignored = [], []
    for index, label in enumerate(labels):
        name = recognise(label or place_label(index))
        column = Column(index, name or "", label or column_letter(index))
        if name is None:
            if label and not is_running_number(label):
                ignored.append(label)
        elif name in columns and recognise.rank(columns[name].label) <= recognise.rank(label):
            doubled.append(column)
        else:
            if name in columns:
                doubled.append(columns.pop(name))
            columns[name] = column
    return list(columns.values()), doubled, ignored


# --- The header ----------------------------------------------------------------------------------------------------

_Merged = list[tuple[tuple[int, int], tuple[int, int]]]


def _merged(about: dict[str, Any]) -> _Merged:
    return [((first[0] + 1, first[1]), (last[0] + 1, last[1])) for first, last in about["merged"]]


def _header_of(
    about: dict[str, Any], rows: list[list[Cell]], recognise: Recognise, joins: Recognise, given: list[int] | None
) -> tuple[list[int], list[str]] | None:
    if given is None:
        numbers = _find_header(rows, about, recognise, joins)
        return None if numbers is None else (numbers, _labels(rows, numbers, about, joins))
    if not given:  # no row of the sheet is a header
        return [], [""] * max(map(len, rows))
    numbers = [given[0], given[0] + 1] if len(given) > 1 else given
    return (numbers, _labels(rows, numbers, about, joins)) if numbers[0] > 0 and numbers[-1] <= len(rows) else None


def _labels(rows: list[list[Cell]], numbers: list[int], about: dict[str, Any], joins: Recognise) -> list[str]:
    """The labels of a header; one that is merged downwards over a row above is that of its column."""
    if len(numbers) > 1:
        upper, lower = (_own_labels(rows[number - 1]) for number in numbers)
        return _joined(upper, lower, numbers[0], _merged(about), joins)
    labels = _own_labels(rows[numbers[0] - 1])
    for (top, left), (bottom, _right) in _merged(about):
        if top < numbers[0] <= bottom and left < len(labels):
            labels[left] = labels[left] or header_label(rows[top - 1][left])
    return labels


def _own_labels(row: list[Cell]) -> list[str]:
    return [header_label(cell) for cell in row]


def _find_header(
    rows: list[list[Cell]], about: dict[str, Any], recognise: Recognise, joins: Recognise
) -> list[int] | None:
    """Numbers of the row, or of the two rows, under which the most names are recognised."""
    best: list[int] | None = None
    best_count = 0
    for number in range(1, len(rows) + 1):
        count = _count(_own_labels(rows[number - 1]), recognise)
        if count > best_count:
            best, best_count = [number], count
        if number == len(rows):
            break
        lower = _own_labels(rows[number])
        both = _count(_labels(rows, [number, number + 1], about, joins), recognise)
        if both > max(count, best_count, _count(lower, recognise)) or (best == [number] and _only_units(lower)):
            best, best_count = [number, number + 1], both
    return best


def _count(labels: list[str], recognise: Recognise) -> int:
    return len({name for label in labels if label and len(label) < 60 and (name := recognise(label))})


def _only_units(labels: list[str]) -> bool:
    given = [label for label in labels if label]
    return bool(given) and all(parse_unit(label) for label in given)


def _joined(upper: list[str], lower: list[str], number: int, merged: _Merged, recognise: Recognise) -> list[str]:
    """Labels of a header in two rows: 联系人 over 姓名 is 联系人姓名; a lower label that is known may stand alone."""
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
