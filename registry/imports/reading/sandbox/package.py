"""The zip archive of a workbook."""

import re
import zipfile
import zlib

from registry.imports.reading.sandbox.limits import (
    MAX_COLUMNS,
    MAX_MEMBER,
    MAX_MEMBERS,
    MAX_ROWS,
    MAX_UNPACKED,
    MEBIBYTE,
    Refused,
)

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
