"""The second step of an import: the page shows how the file was understood, and people correct it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.imports import batches, import_tables
from registry.imports.admin.access import back, default_options, on_open_batch, table_of
from registry.imports.admin.columns_form import ENCODINGS, NO_HEADER, OPEN, Submitted
from registry.imports.admin.preview import examine_again
from registry.imports.models import ImportBatch, ImportMapping
from registry.imports.pipeline.report import LEFT_OUT
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.headers import column_letter, label_key
from registry.imports.recognising.inspection import InspectedColumn, Inspection, inspect
from registry.imports.recognising.layout import LASTING, Layout
from registry.spreadsheet import shown as shown_cell
from registry.values.punctuation import listed

CONSTANTS = 3
"""The number of empty lines in which people can enter a constant for all rows."""
_WIDEST = 30
"""The number of cells of a raw row that the page shows."""
HOW = {
    "recognised": gettext_lazy("recognised"),
    "remembered": gettext_lazy("remembered"),
    "chosen": gettext_lazy("chosen"),
    "doubled": gettext_lazy("the same as another column"),
    "withheld": gettext_lazy("not read: your account may not see it"),
    "closed": gettext_lazy("not read: such data has no place in this list"),
}
_UNREAD = ("doubled", "withheld", "closed")


def inspected(batch: ImportBatch, user: User, layout: Layout | None = None) -> Inspection:
    """Return how the file is understood with this layout. Raises UnreadableFile, FileDeleted and ValidationError."""
    with batches.stored_file(batch) as path:
        chosen = Layout.from_json(batch.layout) if layout is None else layout
        return inspect(batches.make(batch, user), path, chosen)


def needs_a_look(inspection: Inspection) -> bool:
    """Return whether somebody has to look at this page before the rows are examined.

    Nobody has to if no column is missing, every column of the file has a meaning, and every value is known.
    """
    if inspection.missing or any(column.stops for column in inspection.columns):
        return True
    if any(sheet.reason == "other_table" for sheet in inspection.sheets):
        return True
    if inspection.remembered:
        return False
    return bool(inspection.unknown) or any(map(_strange, inspection.columns))


def _strange(column: InspectedColumn) -> bool:
    """Return whether no field takes the column and nobody has decided about the column yet."""
    return not (column.name or column.how or column.passed_over)


def adopt(batch: ImportBatch, inspection: Inspection) -> None:
    """Store with a new import the properties of its file, and the mapping that is remembered for its labels."""
    batch.layout = inspection.layout.to_json()
    batch.findings = {"rows": inspection.rows}
    batch.permissions = sorted(inspection.permissions)
    batch.save(update_fields=["layout", "findings", "permissions"])


def remember(batch: ImportBatch, inspection: Inspection, layout: Layout, user: User) -> None:
    """Remember the corrections: the next file with the same labels is read in the same way."""
    corrections = layout.remembered()
    known = ImportMapping.objects.filter(table=batch.table, signature=inspection.signature)
    if not corrections:
        known.delete()
        return
    if known.filter(layout=corrections).exists():
        return  # somebody else has set it so
    labels = [batches.stored_text(label, 200) for label in inspection.labels]
    values = {"labels": labels, "layout": corrections, "created_by": user}
    ImportMapping.objects.update_or_create(
        table=batch.table, signature=inspection.signature, defaults=values | {"used_at": timezone.now()}
    )


@on_open_batch
def columns_view(model_admin: Any, request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    try:
        inspection = inspected(batch, user)
        if request.method == "POST":
            answer = _save(request, batch, inspection)
            if answer is not None:
                return answer
            inspection = inspected(batch, user)
    except (UnreadableFile, batches.FileDeleted, ValidationError) as error:
        return _unreadable(request, batch, error)
    return TemplateResponse(request, "admin/imports/columns.html", _context(model_admin, request, batch, inspection))


def _save(request: HttpRequest, batch: ImportBatch, inspection: Inspection) -> HttpResponse | None:
    """Store the corrections that were sent and return the next step; return None to show the page again."""
    user: User = request.user  # type: ignore[assignment]
    submitted = Submitted(request.POST, inspection)
    before = Layout.from_json(batch.layout)
    reading = submitted.reading(before)
    plain = inspected(batch, user, replace(reading, columns={}, constants={}, values={}))
    if (reading.encoding, reading.sheets, reading.header_rows) != (before.encoding, before.sheets, before.header_rows):
        batches.forget_decisions(batch)
        _store(batch, reading)
        if [column.label_key for column in plain.columns] != [column.label_key for column in inspection.columns]:
            messages.info(request, _("The file is read differently now. Check what its columns mean."))
            return HttpResponseRedirect(reverse("admin:registry_importbatch_columns", args=[batch.pk]))
    try:
        columns = submitted.columns(plain, before)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return None
    layout = replace(reading, columns=columns, constants=submitted.constants(), values=submitted.values(before))
    _store(batch, layout)
    if plain.rows > batches.MOST_ROWS:
        now = inspected(batch, user, layout)
        if now.missing or _stopping(now):
            messages.error(request, _missing(now) if now.missing else _stopping(now))
            return None
        batch.findings, batch.permissions = {"rows": now.rows}, sorted(now.permissions)
        batch.save(update_fields=["findings", "permissions"])
    elif refused := examine_again(request, batch):
        return refused
    remember(batch, plain, layout, user)
    return back(batch)


def _store(batch: ImportBatch, layout: Layout) -> None:
    batch.layout = layout.to_json()
    batch.save(update_fields=["layout"])


def _missing(inspection: Inspection) -> str:
    return _("A key column is missing: %(column)s. Say which column of the file it is.") % {
        "column": inspection.missing
    }


def _stopping(inspection: Inspection) -> str:
    labels = [f"{column_letter(column.index)} “{column.label}”" for column in inspection.columns if column.stops]
    if not labels:
        return ""
    return _("Nothing takes these columns, which look like an end or a key: %(labels)s. Say what each means.") % {
        "labels": listed(labels)
    }


def _context(model_admin: Any, request: HttpRequest, batch: ImportBatch, inspection: Inspection) -> dict[str, Any]:
    layout = Layout.from_json(batch.layout)
    used = {column.name for column in inspection.columns}
    constants = [(name, value) for name, value in layout.constants.items()]
    return {
        **model_admin.page_context(request),
        "title": batch.file_name,
        "step": 2,
        "batch": batch,
        "table": table_of(batch),
        "inspection": inspection,
        "missing": _missing(inspection) if inspection.missing else "",
        "stopping": _stopping(inspection),
        "open": OPEN,
        "encodings": ENCODINGS,
        "encoding": layout.encoding,
        "sheets": list(_sheets(inspection)),
        "reading_said": _reading_said(inspection),
        "groups": groups(inspection),
        "lines": list(_lines(inspection)),
        "other_tables": [sheet.name for sheet in inspection.sheets if sheet.reason == "other_table"],
        "guessed": any(column.guess for column in inspection.columns),
        "has_constants": bool(constants),
        "lasting": LASTING,
        "kept_names": [target.label for target in inspection.targets if target.name in LASTING],
        "memory": layout.memory,
        "constants": constants + [("", "")] * max(1, CONSTANTS - len(constants)),
        "free": [target for target in inspection.targets if target.name not in used],
        "unknown": list(_unknown(inspection, layout)),
    }


def _lines(inspection: Inspection) -> Iterator[dict[str, Any]]:
    labels = {target.name: target.label for target in inspection.targets}
    for number, column in enumerate(inspection.columns):
        guess = column.guess
        yield {
            "number": number,
            "column": column,
            "groups": groups(inspection, column.permission),
            "strange": column.stops or _strange(column),
            "guess": guess,
            "offered": labels.get(guess.name) if guess else None,
            "chosen": guess.name if guess and guess.sure and not column.stops else column.name,
            "how": column.how if column.name else "",
            "how_said": HOW[column.how] if column.name or column.how in _UNREAD else _("ignored"),
        }


def groups(inspection: Inspection, permission: str = "") -> list[tuple[str, list[Any]]]:
    """Return the possible meanings of a column, grouped by heading; with a `permission`, only those that need it."""
    found: dict[str, list[Any]] = {}
    for target in inspection.targets:
        if permission in ("", target.permission):
            found.setdefault(str(target.group), []).append(target)
    return list(found.items())


def _unknown(inspection: Inspection, layout: Layout) -> Iterator[dict[str, Any]]:
    """Yield the texts that no vocabulary knows, and then the texts with a meaning set before, which can be changed."""
    for value in inspection.unknown:
        yield {
            "name": value.column,
            "label": value.label,
            "text": value.text,
            "count": value.count,
            "nearest": value.nearest,
            "allowed": value.allowed,
            "meant": "",
        }
    labels = {target.name: target.label for target in inspection.targets}
    for name, meanings in layout.values.items():
        for text, meant in meanings.items():
            yield {"name": name, "label": labels.get(name, name), "text": text, "allowed": [meant], "meant": meant}


def _sheets(inspection: Inspection) -> Iterator[dict[str, Any]]:
    """Yield each sheet with its first rows and the rows that may be its header."""
    for number, sheet in enumerate(inspection.sheets):
        shown = [
            (line, line in sheet.header_rows, [shown_cell(cell) for cell in cells[:_WIDEST]])
            for line, cells in enumerate(sheet.rows, start=1)
        ]
        options: list[list[int]] = [[]]
        for line in range(1, len(shown) + 1):
            options.append([line])
            if line < len(shown):
                options.append([line, line + 1])
        if sheet.header_rows and sheet.header_rows not in options:
            options.append(sheet.header_rows)
        yield {
            "number": number,
            "sheet": sheet,
            "why": LEFT_OUT.get(sheet.reason, ""),
            "rows": shown,
            "options": [("", _("as found"), False)] * (not sheet.read)
            + [
                ("-".join(map(str, rows)) or NO_HEADER, _rows_said(rows), sheet.read and rows == sheet.header_rows)
                for rows in options
            ],
        }


def _reading_said(inspection: Inspection) -> str:
    read = [(sheet.name, sheet.header_rows) for sheet in inspection.sheets if sheet.read]
    said = [f"{name} {_rows_said(rows)}".strip() for name, rows in read]
    return listed([*said, *([inspection.encoding.upper()] if inspection.encoding else [])])


def _rows_said(rows: list[int]) -> str:
    if not rows:
        return _("no row: there are no labels")
    if len(rows) == 1:
        return _("row %(row)d") % {"row": rows[0]}
    return _("rows %(first)d and %(second)d") % {"first": rows[0], "second": rows[-1]}


def _unreadable(request: HttpRequest, batch: ImportBatch, error: Exception) -> HttpResponse:
    """Report that the file cannot be read; if encoding, sheets or header rows were set by hand, drop these settings."""
    layout = Layout.from_json(batch.layout)
    as_found = replace(layout, encoding="", sheets={}, header_rows={})
    if isinstance(error, UnreadableFile) and error.code != "busy" and layout != as_found:
        messages.error(request, str(error))
        _store(batch, as_found)
        return HttpResponseRedirect(reverse("admin:registry_importbatch_columns", args=[batch.pk]))
    message = _("The file of this import has been deleted: upload it again.")
    if isinstance(error, UnreadableFile):
        message = str(error)
    elif isinstance(error, ValidationError):
        message = " ".join(error.messages)
    messages.error(request, message)
    return HttpResponseRedirect(reverse("admin:registry_importbatch_start"))


def in_words(mapping: ImportMapping) -> str:
    """Return the corrections of a remembered mapping in words, one correction on each line."""
    layout = Layout.from_json(mapping.layout)
    labels = {label_key(label): label for label in mapping.labels}
    names = _names(mapping.table)
    lines = [
        f"{labels.get(key, key)} → {names.get(name, name) or _('(ignored)')}" for key, name in layout.columns.items()
    ]
    for name, value in layout.constants.items():
        lines.append(_("all rows: %(column)s = %(value)s") % {"column": names.get(name, name), "value": value})
    for name, meanings in layout.values.items():
        lines += [f"{names.get(name, name)}: {text} → {meant}" for text, meant in meanings.items()]
    return "\n".join(lines)


def _names(table: str) -> dict[str, str]:
    """Return the labels of the columns by their names; empty if the table cannot be imported at present."""
    found = import_tables.get(table)
    try:
        columns = found.make(**default_options(found)).columns if found else ()
    except ValidationError:
        columns = ()
    return {column.name: str(column) for column in columns}
