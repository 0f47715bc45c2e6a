"""Reads CSV and tab-separated text."""

import codecs
import collections
import csv
import io
import itertools
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from registry.imports.reading.sandbox.limits import MAX_CELL, MEBIBYTE, Refused
from registry.imports.reading.sandbox.output import print_rows

_BOMS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]


def find_encoding(file: BinaryIO, head: bytes) -> str:
    """Return the encoding by the byte order mark, else UTF-8 if the whole file is valid, else GB 18030 if it is."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    for encoding in ("utf-8", "gb18030"):
        if decodes(file, encoding):
            return encoding
    raise Refused("encoding")


def known_encoding(name: str) -> str:
    """Return the usual name of the text encoding that somebody gave."""
    try:
        b"x".decode(name)
    except UnicodeError:
        pass
    except LookupError:  # nobody knows it, or it is none of text
        raise Refused("codec", encoding=name) from None
    return name


def decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(MEBIBYTE):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def find_delimiter(sample: str) -> str:
    """Return the delimiter that cuts most rows of the sample into equally many cells, preferring more cells."""
    best, best_score = ",", (0.0, 0)
    for delimiter in (",", "\t", ";", "|"):
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        rows = [row for row in itertools.islice(reader, 200) if any(row)]
        widths = collections.Counter(len(row) for row in rows if len(row) > 1)
        if widths:
            width, count = widths.most_common(1)[0]
            best, best_score = max(
                (best, best_score), (delimiter, (count / len(rows), width)), key=lambda pair: pair[1]
            )
    return best


def text_lines(path: str, encoding: str) -> Iterator[str]:
    """Yield the lines of a text file with their line ends, limited in length;

    NUL raises an error, since no text has it.
    """
    with open(path, encoding=encoding, newline="") as file:
        while line := file.readline(4 * MAX_CELL):
            if "\0" in line:
                raise Refused("binary")
            if len(line) == 4 * MAX_CELL:
                raise Refused("line_too_long", limit=4 * MAX_CELL)
            yield line


def read_text(path: str, head: bytes, encoding: str | None, delimiter: str | None) -> dict[str, Any]:
    """Print the rows of a CSV or tab-separated file; row numbers are those that Excel shows for it."""
    with open(path, "rb") as file:
        if encoding is None and head.count(b"\0") and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise Refused("binary")
        encoding = known_encoding(encoding) if encoding else find_encoding(file, head)
    csv.field_size_limit(MAX_CELL)
    try:
        with open(path, encoding=encoding, newline="") as file:
            sample = file.read(65_536)
        hint = re.match(r"sep=(.)\r?\n", sample)
        delimiter = delimiter or (hint[1] if hint else find_delimiter(sample))
        rows, _dates = print_rows(strict_rows(path, encoding, delimiter))
    except UnicodeError:
        raise Refused("encoding") from None
    sheet = {"name": "", "visible": True, "offset": 0, "rows": rows, "merged": [], "hidden": [], "dates": {}}
    kind = "text" if delimiter == "\t" else "csv"
    return {"kind": kind, "encoding": encoding, "delimiter": delimiter, "date_1904": False, "sheets": [sheet]}


def strict_rows(path: str, encoding: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(text_lines(path, encoding), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, start=1):  # noqa: B007 - the number serves the message
            yield [_unguarded(cell) if cell.startswith('="') else cell for cell in row]
    except csv.Error as error:
        code = "cell_too_long" if "field larger" in str(error) else "quotes"
        raise Refused(code, row=number + 1, limit=MAX_CELL) from None


# Programs write ="914..." into text files, so that Excel does not take a long code for a number and round it. It means
# the text alone. Nothing else that begins with = is read so: a formula's result is not in the file.
_GUARDED_RE = re.compile(r'="((?:[^"]|"")*)"')


def _unguarded(cell: str) -> str:
    """Return the text in a cell that is only a formula of one text, such as ="007"; inner quotation marks are
    doubled.
    """
    guarded = _GUARDED_RE.fullmatch(cell)
    return guarded[1].replace('""', '"') if guarded else cell
