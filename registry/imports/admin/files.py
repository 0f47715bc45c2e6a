"""Workbooks to download: an empty template to fill in, and the refused rows of an import."""

from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from registry.imports import batches, import_tables
from registry.imports.admin import rows
from registry.imports.admin.access import back, default_options, own_batch
from registry.imports.models import ImportBatch, ImportRow
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.refused import RowReason, write_refused
from registry.imports.template import write_template
from registry.spreadsheet.output import download_name
from registry.values.punctuation import bracketed, listed

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, download_name(name))
    return response


def template_view(model_admin: Any, request: HttpRequest, table: str) -> HttpResponse:
    """Send an empty workbook with the columns that the account may fill in."""
    found = import_tables.get(table)
    if found is None:
        raise Http404
    if not found.allows(request.user):
        raise PermissionDenied
    book = BytesIO()
    try:
        run = found.make(user=request.user, **default_options(found, request.GET))
        write_template(book, found, run)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("admin:registry_importbatch_start"))
    return workbook(book.getvalue(), _("%(table)s, template.xlsx") % {"table": found.label})


def refused_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Send the refused rows in the layout of the uploaded file.

    Only the owner may: nobody else knows what the file holds.
    """
    batch = own_batch(request, pk)
    try:
        with batches.stored_file(batch) as path, batches.table(batch, request.user, path) as table:  # type: ignore[arg-type]
            book = BytesIO()
            write_refused(book, table, _reasons(batch))
    except batches.FileDeleted:
        messages.error(request, _("The file of this import has been deleted: upload it again."))
        return back(batch)
    except UnreadableFile as refusal:
        messages.error(request, str(refusal))
        return back(batch)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back(batch)
    stem = PurePath(batch.file_name).stem
    return workbook(book.getvalue(), _("%(file)s, refused rows.xlsx") % {"file": stem})


def _reasons(batch: ImportBatch) -> dict[tuple[str, int], list[RowReason]]:
    left_out = batch.rows.filter(outcome__in=[ImportRow.Outcome.REFUSED, ImportRow.Outcome.UNDECIDED])
    reasons: dict[tuple[str, int], list[RowReason]] = {}
    for row in left_out:
        row_reasons = [RowReason(problem["column"], [rows.spoken(problem["message"])]) for problem in row.problems]
        if row.outcome == ImportRow.Outcome.UNDECIDED and row.candidates:
            names = listed(bracketed(one["name"], one["registry_no"]) for one in row.candidates)
            message = _("May be the same as %(names)s: not decided.")
            if any("other_name" in one["reasons"] for one in row.candidates):
                message = _("The code belongs to %(names)s: renamed, or a wrong code? Not decided.")
            row_reasons.append(RowReason("", [message % {"names": names}]))
        reasons[row.sheet, row.number] = row_reasons
    return reasons
