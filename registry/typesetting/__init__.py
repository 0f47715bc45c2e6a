"""Sets papers as PDF in a limited child process, which knows neither Django nor the database."""

import json
import logging
import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.api.errors import InvalidParameters, Unavailable
from registry.slots import Busy, slot
from registry.typesetting import fonts

logger = logging.getLogger(__name__)

_CHILD = Path(__file__).parent / "child" / "__main__.py"
_WALL_SECONDS = 60
_REASONS: dict[str, Promise] = {
    "missing": _(
        "PDF needs the packages typst and pylopdf-fonts-zh-cn, which are not installed here: the administrator runs "
        "`make setup`. The list as a workbook (format=xlsx) needs neither."
    ),
    "busy": _("Several other lists are being set as PDF just now. Wait a minute, then try again."),
    "memory": _(
        "The list is too long for a PDF: setting it takes more memory than is allowed. Choose fewer members, for "
        "example one tier, or take the workbook (format=xlsx)."
    ),
    "time": _("The list could not be set as PDF in time, because the server has other work. Try again later."),
    "broke_off": _("Setting the list as PDF broke off. The administrator finds the reason in the log."),
}


class TypesettingFailed(Exception):
    """Says that there is no PDF; `str()` says why in the active language, `detail` holds the child's own words."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return str(_REASONS[self.code])


def typeset(
    template: Path, document: dict[str, Any], *, tagged: bool, public: bool = False, form: str = "pdf"
) -> bytes:
    """Return the PDF/A-2u that a template makes of the document, or with `form="png"` a picture of its first page.

    A tagged PDF can be read aloud, and is several times as large. Raises TypesettingFailed.
    """
    texts = json.dumps(document, ensure_ascii=False)
    folders = [str(folder) for folder in fonts.folders_for(texts)]
    if not folders or find_spec("typst") is None:
        raise TypesettingFailed("missing")
    job = {"template": str(template), "fonts": folders, "document": texts, "tagged": tagged, "form": form}
    # Nobody outside can take the places of the staff.
    kind, count = ("public-papers", 1) if public else ("papers", settings.PAPER_SETTERS)
    try:
        with slot(kind, count) as taken:
            done = subprocess.run(
                [sys.executable, "-I", str(_CHILD)], input=json.dumps(job).encode(), capture_output=True,
                env=_environment(), timeout=_WALL_SECONDS, check=False, pass_fds=[taken],
            )  # fmt: skip
    except Busy:
        raise TypesettingFailed("busy") from None
    except subprocess.TimeoutExpired:
        raise TypesettingFailed("time") from None
    return _result(done)


def _environment() -> dict[str, str]:
    environment = {
        "RUST_BACKTRACE": "0",
        "LANG": "C.UTF-8",
        # Memory that is free again goes back to the system, and no thread reserves some of its own.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_TRIM_THRESHOLD_": "65536",
        "MALLOC_MMAP_THRESHOLD_": "65536",
    }
    if libraries := os.environ.get("LD_LIBRARY_PATH"):  # some Pythons find themselves by it (software collections)
        environment["LD_LIBRARY_PATH"] = libraries
    return environment


def _result(done: subprocess.CompletedProcess[bytes]) -> bytes:
    """Return the PDF. Raises TypesettingFailed where the child says why there is none, or ended before it could."""
    last_line = done.stderr.rstrip().rpartition(b"\n")[2]
    try:
        report: dict[str, Any] = json.loads(last_line)
    except ValueError:
        if done.returncode == -signal.SIGABRT and b"memory allocation" in done.stderr:
            raise TypesettingFailed("memory") from None
        if done.returncode == -signal.SIGXCPU:
            raise TypesettingFailed("time") from None
        raise TypesettingFailed("broke_off", f"exit {done.returncode}: {done.stderr[-500:]!r}") from None
    if code := report.get("failed"):
        raise TypesettingFailed(code, report.get("reason", ""))
    return done.stdout


def typeset_file(template: Path, document: dict[str, Any], **options: Any) -> bytes:
    """Return what `typeset()` returns. Raises InvalidParameters or Unavailable, which tell a caller of the API why."""
    try:
        return typeset(template, document, **options)
    except TypesettingFailed as failed:
        if failed.detail:
            logger.error("A paper could not be set: %s", failed.detail)
        if failed.code == "memory":
            raise InvalidParameters({"format": str(failed)}) from None
        raise Unavailable(str(failed)) from None
