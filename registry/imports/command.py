"""The common parts of the import commands: options, progress bar, output and exit codes."""

import re
import shutil
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from xlsxwriter.exceptions import FileCreateError

from registry.database.db_errors import Conflict
from registry.imports.models import ImportBatch
from registry.imports.options import Choices, ContactsInText, NameRemarks, Renames, RowsTaken, SectorLists, StoredValues
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.recognition import NEVER_READ
from registry.imports.pipeline.report import LANGUAGES, Message, Report
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.confidential import Confidential
from registry.imports.recognising.headers import label_key
from registry.imports.recognising.layout import IGNORED, Layout
from registry.imports.recording import batch_of_file
from registry.spreadsheet.output import USAGE, check_ending, output_file, reason_of, unwritable

__all__ = ["USAGE", "ImportCommand"]

_FAR = 1_048_576


class ImportCommand(BaseCommand):
    """Examines a file, or imports it with --apply.

    Exit code 0: done; 1: rows were refused; 2: the file cannot be used.
    """

    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="CSV, tab-separated text or XLSX; - reads standard input")
        parser.add_argument(
            "--apply", action="store_true", help="write; without it the command only tells what would happen"
        )
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="write nothing where a row is refused or held back"
        )
        parser.add_argument(
            "--report", metavar="OUT.xlsx", help="write the refused rows with the reasons into a workbook"
        )
        parser.add_argument("--encoding", help="encoding of a text file, where the guess is wrong")
        parser.add_argument(
            "--no-mapping", action="store_true", help="do not use the mapping remembered for files with the same labels"
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="LABEL=NAME",
            help="what a column of the file means: name or label of a known column, or “ignored”; a column without "
            "label is named by its letter, as in B=uscc; may be repeated",
        )
        parser.add_argument(
            "--header-row",
            type=_header_rows,
            metavar="N",
            help="the row with the labels, where the guess is wrong; N-M for a header in two rows, none without one",
        )
        parser.add_argument(
            "--sheet", action="append", default=[], metavar="NAME", help="read only this sheet; may be repeated"
        )
        parser.add_argument(
            "--strict",
            action="store_true",
            help="write nothing, and exit with 1, where nothing takes a column with filled cells",
        )
        parser.add_argument(
            "--constant",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="what all rows have in a column that the file lacks, or whose cell is blank; may be repeated",
        )
        _add_choices(parser)

    def make_import(self, **options: Any) -> Import:
        raise TypeError("An import command makes its import.")

    def kept_options(self, **options: Any) -> dict[str, Any]:
        """Return the options of the table that are stored with the import, by name."""
        return {}

    def handle(self, *args: Any, **options: Any) -> None:
        with ExitStack() as stack:
            workbook = None
            if path := options["report"]:
                check_ending(path, ".xlsx", (".csv", ".txt", ""))
                workbook = stack.enter_context(output_file(path, "" if options["file"] == "-" else options["file"]))
            try:
                if options["file"] == "-":
                    options["file"] = stack.enter_context(_standard_input())
                report, batch = self._examine(**options)
            except (UnreadableFile, Conflict, OSError) as error:
                raise CommandError(_words(error), returncode=USAGE) from None
            with report.table:
                *lines, summary = report.lines()
                for line in (*lines, _outcome(report, batch), summary):
                    self.stdout.write(line)
                if workbook:
                    _write_workbook(report, workbook, path)
        if report.exit_code:
            sys.exit(report.exit_code)

    def _examine(self, **options: Any) -> tuple[Report, ImportBatch | None]:
        run = self.make_import(progress=_Bar() if sys.stderr.isatty() else _silent, **options)
        run.corrections = _corrections(run, options["column"])
        run.only_sheets, run.strict = options["sheet"], options["strict"]
        run.constants, run.header_rows = _constants(run, options["constant"]), options["header_row"]
        take = RowsTaken.ALL_OR_NOTHING if options["all_or_nothing"] else RowsTaken.GOOD_ROWS
        chosen = {
            name: str(options[name]) for name in ("stored", "lists", "renames", "name_remarks", "contacts_in_text")
        }
        choices = Choices(take.value, **chosen)
        layout = Layout(encoding=options["encoding"] or "") if options["no_mapping"] else None
        batch = None
        if options["apply"]:
            kept = {"choices": choices.to_json(), "options": self.kept_options(**options)}
            batch = batch_of_file(options["file"], run.TABLE, **kept)
        report = run.run(
            options["file"],
            apply=options["apply"],
            choices=choices,
            layout=layout,
            batch=batch,
            suggest=options["duplicates"],
            encoding=options["encoding"],
        )
        return report, batch


@contextmanager
def _standard_input() -> Iterator[Path]:
    """Copy standard input into a temporary file; the content tells what kind of file it is. Raises OSError."""
    with TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / _("standard input")
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield path


def _outcome(report: Report, batch: ImportBatch | None) -> str:
    """Return the line before the summary: whether rows were written, and how to write or undo them."""
    if batch is None:
        return _("A trial: nothing was written. --apply writes it.")
    if not report.applied:
        return _("Nothing was written: --all-or-nothing or --strict asks for that where something is left over.")
    if report.new or report.changed:
        return _("Written as import %(number)d. To undo it: undo_import %(number)d") % {"number": batch.pk}
    return _("There was nothing to write. Kept as import %(number)d.") % {"number": batch.pk}


def _write_workbook(report: Report, file: BinaryIO, path: str) -> None:
    try:
        with translation.override(LANGUAGES[0]):  # what is in one language only, as in any file for the staff
            report.write_workbook(file)
    except (OSError, FileCreateError) as error:
        cause = error if isinstance(error, OSError) else OSError(str(error))
        raise unwritable(path, cause) from None


def _corrections(run: Import, texts: list[str]) -> dict[str, str]:
    """Return the corrections in texts such as 会员期限=valid_until: `label_key()` of the label -> name of the column.

    Raises CommandError.
    """
    names = run.recogniser()
    closed = Confidential(run.columns, names, {}, run.allows)
    columns = {column.name: column for column in run.columns}
    found = {}
    for text in texts:
        label, sign, meant = text.rpartition("=")
        name = IGNORED if meant.strip().lower() in ("", "ignored", "忽略") else names(meant)
        if not sign or not label.strip() or name is None:
            known = ", ".join(column.name for column in run.columns)
            message = gettext_lazy("--column %(text)s: write LABEL=NAME with one of %(known)s, or ignored.")
            raise CommandError(str(Message(message, {"text": text, "known": known})), returncode=USAGE)
        if not closed.may_mean(label_key(label), name):
            raise CommandError(str(Message(NEVER_READ, {"label": label, "meant": columns[name]})), returncode=USAGE)
        found[label_key(label)] = name
        if re.fullmatch("[A-Z]{1,3}", label.strip()):
            found[label_key(f"#{label}")] = name
    return found


def _constants(run: Import, texts: list[str]) -> dict[str, str]:
    """Return the constants in texts such as year=2024: name of the column -> value for all rows.

    Raises CommandError.
    """
    names = run.recogniser()
    found = {}
    for text in texts:
        named, _sign, value = text.partition("=")
        name = names(named)
        if name is None or not value.strip():
            known = ", ".join(column.name for column in run.columns)
            message = gettext_lazy("--constant %(text)s: write NAME=VALUE with one of %(known)s.")
            raise CommandError(str(Message(message, {"text": text, "known": known})), returncode=USAGE)
        found[name] = value.strip()
    return found


def _header_rows(text: str) -> list[int]:
    """Return the row numbers in a text such as 3, 3-4 or none. Raises ArgumentTypeError."""
    if text.strip().lower() in ("none", "0", "无"):
        return []
    numbers = [int(part) for part in text.split("-") if part.isdecimal() and 0 < int(part) < _FAR]
    if not numbers or numbers != list(range(numbers[0], numbers[0] + text.count("-") + 1)) or len(numbers) > 2:
        raise ArgumentTypeError("write the number of a row, of two rows as in 3-4, or none")
    return numbers


def _words(error: Exception) -> str:
    if isinstance(error, Conflict):
        return " ".join(error.messages)
    if isinstance(error, OSError):
        return _("%(file)s cannot be read: %(reason)s") % {"file": error.filename, "reason": reason_of(error)}
    return str(error)


def _silent(phase: str, done: int, total: int) -> None:
    """Show no progress: the output is not a terminal."""


class _Bar:
    """Draws a progress bar on the terminal, at most ten times a second."""

    def __init__(self) -> None:
        self._drawn = 0.0

    def __call__(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._drawn < 0.1:
            return
        self._drawn = now
        names = {"read": _("reading"), "match": _("finding records"), "check": _("checking"), "write": _("writing")}
        filled = round(30 * done / total) if total else 30
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r{names[phase]:<12} [{'#' * filled}{'.' * (30 - filled)}] {done}/{total}{end}")
        sys.stderr.flush()


def _add_choices(parser: ArgumentParser) -> None:
    """Add an option for each choice that the page of an import offers."""
    parser.add_argument(
        "--stored",
        choices=StoredValues.values,
        default=StoredValues.OVERWRITE,
        help="what the file does to values that the record has already; keep_verified overwrites only in records "
        "that were never verified (default: overwrite)",
    )
    parser.add_argument(
        "--lists",
        choices=SectorLists.values,
        default=SectorLists.REPLACE,
        help="whether the sectors of a cell replace those of the record or are added to them (default: replace)",
    )
    parser.add_argument(
        "--renames",
        choices=Renames.values,
        default=Renames.HOLD,
        help="what becomes of rows with the code of a record that has another name, with nothing in common: accept "
        "takes them as renamed (default: hold)",
    )
    parser.add_argument(
        "--name-remarks",
        choices=NameRemarks.values,
        default=NameRemarks.HOLD,
        help="what becomes of names with remarks, such as （原…有限公司）, （已注销） or 1、: split reads name, "
        "former name and registration status, keep takes the name as it stands (default: hold)",
    )
    parser.add_argument(
        "--contacts-in-text",
        choices=ContactsInText.values,
        default=ContactsInText.HOLD,
        help="what becomes of rows with a mobile number or an e-mail address in a text that everybody may read, such "
        "as an address or an introduction: keep takes the text as it stands (default: hold)",
    )
    parser.add_argument(
        "--duplicates",
        action="store_true",
        help="hold back new rows that may be about a record with a similar name, and list them",
    )
