"""Files of the site outside the database: logs are blackened in place, others that hold the person are reported."""

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from registry.erasure.finding.traces import Traces

MOST = 256 << 20
"""Larger files are not read."""
LEFT_OUT = ("postgres", "static")
"""Folders left out: the database's own files lose the person with its rows, and static files belong to the program."""
BACKUPS = (".tar",)


def _files() -> Iterator[Path]:
    base = Path(settings.VAR_DIR)
    for folder, folders, names in os.walk(base):
        if Path(folder) == base:
            folders[:] = [name for name in folders if name not in LEFT_OUT]
        for name in names:
            path = Path(folder) / name
            if path.suffix not in BACKUPS and path.is_file() and path.stat().st_size <= MOST:
                yield path


def logs() -> Iterator[Path]:
    """Yield the logs, with the logs of the embedded database."""
    base = Path(settings.VAR_DIR)
    yield from (path for path in _files() if path.suffix == ".log")
    yield from (path for path in (base / "postgres").glob("**/*.log") if path.is_file())


def others_with(traces: Traces) -> Iterator[str]:
    """Yield the paths of other files that hold the person, such as a list that somebody has exported to there."""
    for path in _files():
        if path.suffix != ".log":
            try:
                content = path.read_bytes()
            except OSError:
                continue
            if traces.kinds(content.decode("utf-8", "ignore")):
                yield str(path)


def blacken_logs(traces: Traces) -> list[str]:
    """Put asterisks over the person in logs, in place: programs that write to them go on.

    Return what could not be done.
    """
    told = []
    for path in logs():
        try:
            _blacken(path, traces)
        except OSError:
            told.append(_("The log %(path)s cannot be written: look there for the person.") % {"path": path})
    return told


def _blacken(path: Path, traces: Traces) -> None:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    spans = traces.spans(text)
    if not spans:
        return
    with path.open("r+b") as file:
        for first, last, _kind in spans:
            place = len(text[:first].encode("utf-8", "surrogateescape"))
            os.pwrite(file.fileno(), b"*" * len(text[first:last].encode("utf-8", "surrogateescape")), place)
