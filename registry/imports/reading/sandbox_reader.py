"""Reads one untrusted spreadsheet in a throw-away process and prints its rows as JSON lines.

Run as a script by `files.py`, isolated (`-I`) and without Django. Standard output: one JSON array for each row. Last
line of standard error: one JSON object, either what was found (kind, encoding, sheets with the offset of their first
row in the output) or why the file is refused (`{"refused": code, ...}`).
"""

import codecs
import collections
import csv
import datetime
import io
import itertools
import json
import os
import re
import resource
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

MEBIBYTE = 1 << 20
MEMORY = 512 * MEBIBYTE
SECONDS = 30
OUTPUT = 512 * MEBIBYTE
MAX_FILE = 256 * MEBIBYTE
MAX_ROWS = 500_000
MAX_COLUMNS = 300
MAX_CELL = 100_000
MAX_SHEETS = 100
MAX_DATE_RUNS = 20_000
MAX_MEMBERS = 2_000
MAX_MEMBER = 400 * MEBIBYTE
MAX_UNPACKED = 600 * MEBIBYTE


class Refused(Exception):
    """The file is not read; the arguments say why."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.report = {"refused": code, **params}


def limit_process() -> None:
    """Bound memory, processor time and output of this process; an overrun kills it and nothing else."""
    if sys.platform != "darwin":  # macOS takes no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)  # those who look at pages go first


# --- What kind of file it is ---------------------------------------------------------------------------------------

_OTHER_KINDS = [
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"{\\rtf", "document"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
]


def refuse_other_kinds(head: bytes) -> None:
    """Raises where the first bytes show that it is neither a workbook nor text, whatever the name says."""
    if not head:
        raise Refused("empty")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("password" if "EncryptedPackage".encode("utf-16-le") in head else "old_excel")
    for magic, code in _OTHER_KINDS:
        if head.startswith(magic):
            raise Refused(code)
    start = head[:4096].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<style", b"<workbook")):
        raise Refused("web_page")


# --- Text: CSV and tab-separated -----------------------------------------------------------------------------------

_BOMS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]


def find_encoding(file: BinaryIO, head: bytes) -> str:
    """By the byte order mark, else strict UTF-8 if the whole file is, else GB 18030 if it is."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    for encoding in ("utf-8", "gb18030"):
        if decodes(file, encoding):
            return encoding
    raise Refused("encoding")


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
    """The sign that cuts the most rows of the sample into equally many cells, more cells before fewer."""
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
    """The lines of a text file with their line ends; bounded, and without the NUL that no text has."""
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
        encoding = encoding or find_encoding(file, head)
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
            yield row
    except csv.Error as error:
        code = "cell_too_long" if "field larger" in str(error) else "quotes"
        raise Refused(code, row=number + 1, limit=MAX_CELL) from None


# --- Workbooks -----------------------------------------------------------------------------------------------------

# Coordinates beyond the limits (columns of three letters, rows of seven digits) match; ordinary cells do not.
_FAR_CELL_RE = re.compile(rb'\br="([A-Z]{3,}[0-9]+|[A-Z]{0,3}[0-9]{7,})"')
_HIDDEN_ROW_RE = re.compile(rb'<(?:\w+:)?row\b(?=[^>]{0,400}\bhidden="(?:1|true)")[^>]{0,400}?\br="([0-9]{1,7})"')
_ENTITY_RE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OVERLAP = 512


class Package:
    """The zip archive of a workbook, looked through before anything interprets it."""

    def __init__(self, path: str) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, OSError):
            raise Refused("damaged") from None
        self.members = {member.filename.lstrip("/"): member for member in self.archive.infolist()}
        self.hidden: dict[str, list[int]] = {}

    def check(self) -> None:
        """Raises for what is no plain workbook and for what would unpack too large, first as declared, then in fact."""
        self._check_kind()
        members = self.archive.infolist()
        if len(members) > MAX_MEMBERS or len(members) != len(self.members):
            raise Refused("damaged")
        if any(member.flag_bits & 1 for member in members):
            raise Refused("password")
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise Refused("too_large", limit=MAX_UNPACKED // MEBIBYTE)
        total = 0
        for name, member in self.members.items():
            total += self._scan(name, member, MAX_UNPACKED - total)

    def _check_kind(self) -> None:
        names = {name.lower() for name in self.members}
        if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in names):
            raise Refused("macros")
        if "xl/workbook.bin" in names:
            raise Refused("binary_excel")
        if "xl/workbook.xml" not in names:
            other = "mimetype" in names or any(name.startswith(("word/", "ppt/", "content.xml")) for name in names)
            raise Refused("document" if other else "archive")
        types = self.read("[Content_Types].xml", MEBIBYTE)
        if b"macroEnabled" in types:
            raise Refused("macros")

    def _scan(self, name: str, member: zipfile.ZipInfo, budget: int) -> int:
        """Unpack one member without keeping it; returns its true size."""
        size, tail = 0, b""
        sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
        hidden = self.hidden.setdefault(name, []) if sheet else None
        try:
            with self.archive.open(member) as stream:
                while block := stream.read(MEBIBYTE):
                    size += len(block)
                    if size > min(budget, MAX_MEMBER):
                        raise Refused("too_large", limit=MAX_MEMBER // MEBIBYTE)
                    if name.endswith((".xml", ".rels")):
                        self._look(tail + block, hidden)
                        tail = block[-_OVERLAP:]
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error):
            raise Refused("damaged") from None
        return size

    def _look(self, text: bytes, hidden: list[int] | None) -> None:
        if _ENTITY_RE.search(text):
            raise Refused("entities")
        if hidden is None:
            return
        for far in _FAR_CELL_RE.finditer(text):
            tag = text[text.rfind(b"<", 0, far.start()) : far.start()]
            if b">" not in tag:  # else it is the text of a cell
                raise Refused("far_cell", cell=far[1].decode(), rows=MAX_ROWS, columns=MAX_COLUMNS)
        if b"hidden=" in text:
            for found in _HIDDEN_ROW_RE.finditer(text):
                number = int(found[1])
                if len(hidden) < 10_000 and (not hidden or hidden[-1] < number):
                    hidden.append(number)

    def read(self, name: str, limit: int) -> bytes:
        member = self.members.get(name)
        if member is None:
            return b""
        try:
            with self.archive.open(member) as stream:
                return stream.read(limit)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error):
            raise Refused("damaged") from None

    def date_1904(self) -> bool:
        text = self.read("xl/workbook.xml", 4 * MEBIBYTE)
        return re.search(rb'<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(?:1|true|on)"', text) is not None

    def hidden_rows(self, sheet: str) -> list[int]:
        """Numbers of the hidden rows of a sheet, found through the workbook's relations."""
        book, relations = self.read("xl/workbook.xml", 4 * MEBIBYTE), self.read("xl/_rels/workbook.xml.rels", MEBIBYTE)
        for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", book):
            name, identifier = re.search(rb'\bname="([^"]*)"', tag), re.search(rb'\br?:?id="(rId[^"]*)"', tag)
            if name and identifier and unescape(name[1]) == sheet:
                for relation in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", relations):
                    target = re.search(rb'\bTarget="([^"]*)"', relation)
                    if target and b'Id="' + identifier[1] + b'"' in relation:
                        path = unescape(target[1]).lstrip("/")
                        return self.hidden.get(path if path.startswith("xl/") else f"xl/{path}", [])
        return []


def unescape(text: bytes) -> str:
    from html import unescape as html_unescape

    return html_unescape(text.decode("utf-8", "replace"))


def read_workbook(path: str) -> dict[str, Any]:
    """Print the rows of all visible sheets of a workbook."""
    package = Package(path)
    package.check()
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    sheets: list[dict[str, Any]] = []
    try:
        book = CalamineWorkbook.from_path(path)
        if len(book.sheets_metadata) > MAX_SHEETS:
            raise Refused("too_many_sheets", limit=MAX_SHEETS)
        offset = 0
        for meta in book.sheets_metadata:
            about = {"name": meta.name, "visible": meta.visible == SheetVisibleEnum.Visible, "offset": offset}
            about |= {"rows": 0, "merged": [], "hidden": package.hidden_rows(meta.name), "dates": {}}
            if about["visible"] and "WorkSheet" in str(meta.typ):
                about |= print_sheet(book.get_sheet_by_name(meta.name))
                offset = sys.stdout.buffer.tell()
            sheets.append(about)
    except PasswordError:
        raise Refused("password") from None
    except CalamineError:
        raise Refused("damaged") from None
    return {"kind": "xlsx", "encoding": "", "delimiter": "", "date_1904": package.date_1904(), "sheets": sheets}


def print_sheet(sheet: Any) -> dict[str, Any]:
    """Print one sheet's rows, from the sheet's first row and column on."""
    if sheet.start is None:
        return {}
    if sheet.end[0] >= MAX_ROWS or sheet.end[1] >= MAX_COLUMNS:
        raise Refused("too_many_cells", rows=MAX_ROWS, columns=MAX_COLUMNS)
    merged = [[first, last] for first, last in sheet.merged_cell_ranges or [] if first != last]
    # calamine gives all rows, but not all columns
    rows, dates = print_rows(sheet.iter_rows(), indent=sheet.start[1])
    return {"rows": rows, "merged": merged[:20_000], "dates": dates}


# --- Output --------------------------------------------------------------------------------------------------------


class Dates:
    """Writes dates as ISO text, without the midnight that spreadsheets add, and keeps where they stand."""

    def __init__(self) -> None:
        self.met = 0
        self.runs: dict[int, list[list[int]]] = {}
        """Column -> runs of rows (first and last number) whose cells are dates; what goes beyond the limit is text."""
        self._count = 0

    def plain(self, value: object) -> str:
        self.met += 1
        if isinstance(value, datetime.datetime):
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
        return str(value)

    def keep(self, number: int, row: list[Any]) -> None:
        for column, value in enumerate(row):
            if isinstance(value, datetime.date):
                runs = self.runs.setdefault(column, [])
                if runs and runs[-1][1] == number - 1:
                    runs[-1][1] = number
                elif self._count < MAX_DATE_RUNS:
                    runs.append([number, number])
                    self._count += 1


def print_rows(rows: Iterator[list[Any]], indent: int = 0) -> tuple[int, dict[int, list[list[int]]]]:
    """The number of rows printed, and where dates stand among them."""
    from orjson import OPT_APPEND_NEWLINE, OPT_PASSTHROUGH_DATETIME, dumps

    option, write = OPT_APPEND_NEWLINE | OPT_PASSTHROUGH_DATETIME, sys.stdout.buffer.write
    margin, count, dates = [""] * indent, 0, Dates()
    for row in rows:
        count += 1
        if count > MAX_ROWS or len(row) > MAX_COLUMNS:
            raise Refused("too_many_cells", rows=MAX_ROWS, columns=MAX_COLUMNS)
        row = margin + row if margin else row
        met = dates.met
        write(dumps(row, dates.plain, option))
        if dates.met > met:
            dates.keep(count, row)
    return count, dates.runs


def main(path: str, encoding: str | None, delimiter: str | None) -> dict[str, Any]:
    with open(path, "rb") as file:
        head = file.read(65_536)
        if file.seek(0, 2) > MAX_FILE:
            raise Refused("too_large", limit=MAX_FILE // MEBIBYTE)
    refuse_other_kinds(head)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return read_workbook(path)
    return read_text(path, head, encoding, delimiter)


if __name__ == "__main__":
    limit_process()
    try:
        report = main(sys.argv[1], sys.argv[2] or None, sys.argv[3] or None)
        sys.stdout.buffer.flush()
    except Refused as refusal:
        report = refusal.report
    except MemoryError:
        report = {"refused": "memory", "limit": MEMORY // MEBIBYTE}
    report["seconds"] = round(time.process_time(), 2)
    print("\n" + json.dumps(report), file=sys.stderr)
