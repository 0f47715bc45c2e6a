"""Reads the log of an embedded server, to report why it ended."""

import re
from pathlib import Path

_FATAL_RE = re.compile(r"\b(?:FATAL|PANIC):.*")
_MORE_RE = re.compile(r"\b(?:DETAIL|HINT):.*")


class ServerLog:
    """Remembers the length of the log files, to find later what has been added to them."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self._sizes = {path: path.stat().st_size for path in self._files()}

    def _files(self) -> list[Path]:
        """Return the log files: a server writes to the first before it has read its settings, later to the others."""
        return [path for path in (self.base / "start.log", *self.base.glob("pgdata/log/*.log")) if path.exists()]

    def last_word(self) -> str:
        """Return the last fatal error that was added, with its details, or else the last lines; and the log's path."""
        lines = [line for path in self._files() for line in self._added(path)]
        text = " ".join(lines[-3:]) or "it said nothing"
        for number, line in enumerate(lines):
            if found := _FATAL_RE.search(line):
                more = [detail[0] for after in lines[number + 1 : number + 3] if (detail := _MORE_RE.search(after))]
                text = " ".join([found[0], *more])
        return f"{text} (log: {self.base / 'start.log'}, {self.base / 'pgdata' / 'log'})"

    def _added(self, path: Path) -> list[str]:
        content = path.read_bytes()
        size = self._sizes.get(path, 0)
        added = content[size:] if size <= len(content) else content  # it was begun anew
        return [line for line in added.decode(errors="replace").splitlines() if line.strip()]
