"""Checks the zip archive of a workbook before anything interprets it."""

import errno
import re
import shutil
import tempfile
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from registry.imports.reading.sandbox.limits import FORM_SHEET, MAX_MEMBER, MAX_MEMBERS, MAX_UNPACKED, MEBIBYTE, Refused
from registry.imports.reading.sandbox.sheet_xml import SheetWalk

_ENTITY_RE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OVERLAP = 16
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


class Package:
    """The zip archive of a workbook, checked before anything interprets it."""

    def __init__(self, path: str) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            raise Refused("damaged") from None
        self.members = {member.filename.lstrip("/"): member for member in self.archive.infolist()}
        self.paths: list[str] = []
        """The archive members of the sheets in lower case, in the order of the workbook; empty for a hidden sheet."""
        self.sheets: list[SheetWalk] = []
        """The walks that find what calamine leaves out of each sheet, in the order of the workbook."""
        self.date_1904 = False

    def check(self) -> None:
        """Raise an error for a file that is no plain workbook or too large when unpacked (as declared or as
        measured).
        """
        self._check_kind()
        members = self.archive.infolist()
        if len(members) > MAX_MEMBERS or len(members) != len({name.lower() for name in self.members}):
            raise Refused("damaged")
        if any(member.flag_bits & 1 for member in members):
            raise Refused("password")
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise Refused("too_large", limit=MAX_UNPACKED // MEBIBYTE)
        if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
            raise Refused("damaged")
        self.paths = self._sheet_paths()
        walks = {path: SheetWalk() for path in self.paths if path}
        total = 0
        for name, member in self.members.items():
            total += self._scan(name, member, MAX_UNPACKED - total, walks.get(name.lower()))
        self.sheets = [walks.get(path) or SheetWalk() for path in self.paths]

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

    def _scan(self, name: str, member: zipfile.ZipInfo, budget: int, walk: SheetWalk | None) -> int:
        """Unpack one member without storing it, and return its true size."""
        size, tail = 0, b""
        with self._open(member) as stream:
            while block := stream.read(MEBIBYTE):
                size += len(block)
                if size > min(budget, MAX_MEMBER):
                    raise Refused("too_large", limit=MAX_MEMBER // MEBIBYTE)
                if name.lower().endswith((".xml", ".rels")) and _ENTITY_RE.search(tail + block):
                    raise Refused("entities")
                tail = block[-_OVERLAP:]
                if walk:
                    walk.feed(block)
        if walk:
            walk.close()
        return size

    @contextmanager
    def _open(self, member: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
        try:
            with self.archive.open(member) as stream:
                yield stream
        except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error):
            raise Refused("damaged") from None
        except OSError as error:
            if error.errno in (None, errno.EINVAL):  # an offset that is none
                raise Refused("damaged") from None
            raise

    def read(self, name: str, limit: int) -> bytes:
        member = self.members.get(name)
        if member is None:
            return b""
        with self._open(member) as stream:
            return stream.read(limit)

    def _tree(self, name: str) -> ET.Element:
        text = self.read(name, 4 * MEBIBYTE)
        if _ENTITY_RE.search(text):
            raise Refused("entities")
        try:
            return ET.fromstring(text)  # noqa: S314 - without entities
        except ET.ParseError:
            raise Refused("damaged") from None

    def _sheet_paths(self) -> list[str]:
        book, paths = self._tree(_BOOK), []
        targets = {one.get("Id"): one.get("Target", "") for one in self._tree(_RELATIONS).iterfind("{*}Relationship")}
        properties = book.find("{*}workbookPr")
        self.date_1904 = properties is not None and properties.get("date1904") in ("1", "true", "on")
        for sheet in book.iterfind("{*}sheets/{*}sheet"):
            identifier = next((value for name, value in sheet.items() if name.endswith("}id")), None)
            path = targets.get(identifier, "").lower().lstrip("/")
            path = path if path.startswith("xl/") else f"xl/{path}"
            shown = sheet.get("state", "visible") == "visible" or sheet.get("name") == FORM_SHEET
            paths.append(path if shown else "")
        return paths

    def readable_copy(self) -> IO[bytes] | None:
        """Return a temporary copy without the errors that calamine does not know; None if there are none."""
        to_repair = {path for path, walk in zip(self.paths, self.sheets, strict=True) if walk.unknown}
        if not to_repair:
            return None
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as this process lives
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, member in self.members.items():
                if name.lower().endswith((".xml", ".rels")):
                    unknown = self._unknown_errors(member) if name.lower() in to_repair else []
                    with self._open(member) as stream, archive.open(name, "w", force_zip64=True) as target:
                        _copy(stream, target, unknown)
        copy.seek(0)
        return copy

    def _unknown_errors(self, sheet: zipfile.ZipInfo) -> list[tuple[int, int]]:
        walk = SheetWalk(exact=True)
        with self._open(sheet) as stream:
            while block := stream.read(MEBIBYTE):
                walk.feed(block)
        return walk.unknown


def _copy(stream: IO[bytes], target: IO[bytes], unknown: Iterable[tuple[int, int]]) -> None:
    """Copy a member, and replace the error names that calamine does not know by one that it knows."""
    position = 0
    for start, end in unknown:
        while position < start:
            block = stream.read(min(MEBIBYTE, start - position))
            target.write(block)
            position += len(block)
        target.write(b"#N/A")
        stream.read(end - start)
        position = end
    shutil.copyfileobj(stream, target, MEBIBYTE)
