"""The files of a round as they are downloaded, each with its receipt."""

import io
import mimetypes
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from registry.collection import progress, workbook
from registry.collection.models import CollectionRound, RoundOrganization
from registry.columns import chosen
from registry.disclosure import receipts
from registry.disclosure.log import by_whom, handed_over, log_file
from registry.disclosure.models import REVEAL, Disclosure, Receipt
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.spreadsheet.output import download_name
from registry.values.people import Account

VIEW_CONTACTS = "registry.view_contact"
_PIECE = 64 * 1024
Write = Callable[[IO[bytes], Receipt | None], None]


def forms(request: HttpRequest, asking: CollectionRound) -> StreamingHttpResponse:
    """Return the form of one township, or a ZIP file with the forms of all townships."""
    contacts = request.user.has_perm(VIEW_CONTACTS)
    if code := request.GET.get("township"):
        asked = progress.of_township(asking, code, request.user)
        place = _place(asked)
        return _sent(
            request,
            f"{asking.title}-{place}.xlsx",
            len(asked),
            lambda file, receipt: workbook.write_form(file, asking, place, asked, contacts=contacts, receipt=receipt),
        )
    rows = sum(row.asked for row in progress.by_township(asking, request.user))
    return _sent(request, f"{asking.title}.zip", rows, partial(_write_zip, asking, request.user))


def unanswered(request: HttpRequest, asking: CollectionRound) -> StreamingHttpResponse:
    asked = progress.of_township(asking, request.GET.get("township", ""), request.user)
    place = f"-{_place(asked)}" if request.GET.get("township") else ""
    contacts = request.user.has_perm(VIEW_CONTACTS)
    return _sent(
        request,
        _("%(title)s: not answered") % {"title": asking.title} + f"{place}.xlsx",
        sum(not row.answered for row in asked),  # type: ignore[attr-defined]
        lambda file, receipt: workbook.write_unanswered(file, asking, asked, contacts, receipt),
    )


def _place(asked: list[RoundOrganization]) -> str:
    township = asked[0].organization.township if asked else None
    return township.label() if township else _("without township")


def _write_zip(asking: CollectionRound, user: Account, file: IO[bytes], receipt: Receipt | None) -> None:
    contacts = user.has_perm(VIEW_CONTACTS)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for row in progress.by_township(asking, user):
            asked = progress.of_township(asking, row.code, user)
            book, place = io.BytesIO(), _place(asked)
            workbook.write_form(book, asking, place, asked, contacts=contacts, receipt=receipt)
            archive.writestr(_safe(f"{asking.title}-{place}.xlsx"), book.getvalue())


def _safe(name: str) -> str:
    """Replace each character that a file name may not hold by an underscore."""
    return "".join("_" if character in '\\/:*?"<>|' or not character.isprintable() else character for character in name)


def _sent(request: HttpRequest, name: str, rows: int, write: Write) -> StreamingHttpResponse:
    """Write the file and send it. Raises ValidationError where purpose or recipient is missing."""
    receipt = _receipt(request, name) if request.method == "GET" else None
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it ends with its pieces
    write(file, receipt)
    sent = receipts.SentFile(_pieces(file), receipt, lambda: rows)
    sent.begin()  # from here on the file is closed with the answer
    name = _safe(download_name(name))
    response = StreamingHttpResponse(sent, mimetypes.guess_type(name)[0])
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    if receipt:
        response["X-Receipt"] = receipt.number
    add_never_cache_headers(response)
    return response


def _receipt(request: HttpRequest, name: str) -> Receipt:
    columns = ("registry_no", "uscc", "name_zh", *(workbook.CONTACTS if request.user.has_perm(VIEW_CONTACTS) else ()))
    purpose, recipient = handed_over(request.GET)
    full = bool(purpose) and request.user.has_perm(VIEW_CONTACTS)
    if full and not request.user.has_perm(REVEAL):
        raise PermissionDenied
    who = by_whom(request)
    receipt = receipts.begin(
        who,
        name,
        receipts.labels(chosen(ORGANIZATION_COLUMNS, columns)),
        path=request.path,
        query=request.GET.urlencode(),
        format=name.rpartition(".")[2],
        purpose=purpose,
        recipient=recipient,
        full_numbers=full,
    )
    if full:
        log_file(who, Disclosure.What.CONTACTS, receipt)
    return receipt


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
