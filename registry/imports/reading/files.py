"""Reads files in a limited child process, as rows of unchanged cells that have no meaning yet."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.sandbox.limits import FORM_SHEET, MEBIBYTE, MEMORY, SECONDS
from registry.imports.reading.tables import cells_of
from registry.slots import Busy, slot
from registry.spreadsheet import Cell

_CHILD = Path(__file__).parent / "sandbox" / "__main__.py"
_WALL_SECONDS = 60
HEADER_ROWS = 40
"""The number of rows among which the header is searched."""

NOTES_SHEET, LISTS_SHEET = "填写说明 Notes", "选项 Lists"
"""Additional sheets of the workbooks that the site hands out. The import ignores them if such a file comes back."""


@dataclass
class RawFile:
    """The content of a file as rows of unchanged cells that have no meaning yet.

    Closing the `TableFile` made of it closes it.
    """

    kind: str
    encoding: str
    delimiter: str
    date_1904: bool
    sheets: list[dict[str, Any]]
    """The child process's description of each sheet: name, visible, offset, rows, merged, hidden; and `span` if it is
    one of several tables beside each other.
    """
    spool: IO[bytes]

    def close(self) -> None:
        self.spool.close()

    def beginning(self, sheet: dict[str, Any], count: int = HEADER_ROWS) -> list[list[Cell]]:
        """Return the first rows of a sheet."""
        return [cells_of(line, sheet.get("span")) for _number, _offset, line in islice(self.lines(sheet), count)]

    def lines(self, sheet: dict[str, Any]) -> Iterator[tuple[int, int, bytes]]:
        """Yield the rows of a sheet from the spool file: row number, position in bytes, and the cells as JSON."""
        offset = sheet["offset"]
        self.spool.seek(offset)
        for number, line in enumerate(islice(self.spool, sheet["rows"]), start=1):
            yield number, offset, line
            offset += len(line)


def open_file(path: Path | str, *, encoding: str | None = None, delimiter: str | None = None) -> RawFile:
    """Read a CSV, tab-separated or XLSX file; encoding and delimiter are detected unless given.

    Raises UnreadableFile with a reason for people, and OSError if there is no such file.
    """
    Path(path).open("rb").close()  # a file that is not there is an OSError, whatever the child would say
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - the table closes it
    try:
        report = _run_child(path, spool, encoding, delimiter)
    except BaseException:
        spool.close()
        raise
    kept = {key: report[key] for key in ("kind", "encoding", "delimiter", "date_1904")}
    forms = [about for about in report["sheets"] if about["name"] == FORM_SHEET]
    sheets = forms or [about for about in report["sheets"] if about["name"] not in (NOTES_SHEET, LISTS_SHEET)]
    return RawFile(sheets=sheets, spool=spool, **kept)


def _run_child(path: Path | str, spool: IO[bytes], encoding: str | None, delimiter: str | None) -> dict[str, Any]:
    command = [sys.executable, "-I", str(_CHILD), str(path), encoding or "", delimiter or ""]
    environment = {"RUST_BACKTRACE": "0", "LANG": "C.UTF-8"}
    if libraries := os.environ.get("LD_LIBRARY_PATH"):  # some Pythons find themselves by it (software collections)
        environment["LD_LIBRARY_PATH"] = libraries
    try:
        with slot("reading", settings.IMPORT_READERS) as taken:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=spool, stderr=subprocess.PIPE, env=environment,
                timeout=_WALL_SECONDS, check=False, pass_fds=[taken],
            )  # fmt: skip
    except Busy:
        raise UnreadableFile("busy") from None
    except subprocess.TimeoutExpired:
        raise UnreadableFile("time", seconds=_WALL_SECONDS) from None
    last_line = done.stderr.rstrip().rpartition(b"\n")[2]
    try:
        report: dict[str, Any] = json.loads(last_line)
    except ValueError:
        raise _broken_off(done.returncode, done.stderr) from None
    code = report.pop("refused", None)
    if code:
        raise UnreadableFile(code, **report)
    return report


def _broken_off(ended: int, error_output: bytes) -> UnreadableFile:
    """Return why a child process ended that could not report it:

    `ended` is its exit code, or minus the number of a signal.
    """
    if ended == -signal.SIGABRT and b"memory allocation" in error_output:
        return UnreadableFile("memory", limit=MEMORY // MEBIBYTE)
    if ended == -signal.SIGXCPU:
        return UnreadableFile("processor_time", seconds=SECONDS)
    if ended == -signal.SIGKILL:
        return UnreadableFile("killed")
    return UnreadableFile("broke_off", reason=signal.Signals(-ended).name if ended < 0 else f"exit {ended}")
