"""Sends the content of an attachment as a download, with its receipt: to a page of the staff or to a program."""

from django.db import models
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from registry.attachments import storage
from registry.attachments.holders import Holder
from registry.attachments.kinds import FileKind
from registry.attachments.models import Attachment
from registry.disclosure import receipts
from registry.disclosure.log import by_whom
from registry.disclosure.models import Receipt


def send(request: HttpRequest, attachment: Attachment, holder: Holder, record: models.Model) -> StreamingHttpResponse:
    """Send the content as a download, never to be shown in the origin of a page, and write its receipt.

    HEAD sends no file and has no receipt. Raises OSError where the content is not on the disk.
    """
    response = StreamingHttpResponse(content_type=FileKind(attachment.kind).content_type)
    if request.method == "HEAD":
        attachment.path.stat()
    else:
        pieces = storage.read(attachment)
        receipt = _receipt(request, attachment, holder, record)
        response.streaming_content = receipts.SentFile(pieces, receipt, lambda: None)
        response["X-Receipt"] = receipt.number
    response["Content-Disposition"] = content_disposition_header(True, attachment.name)
    response["Content-Length"] = str(attachment.size)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _receipt(request: HttpRequest, attachment: Attachment, holder: Holder, record: models.Model) -> Receipt:
    title = _("Attachment: %(name)s") % {"name": attachment.name}
    receipt = receipts.begin(
        by_whom(request), title, (), path=request.path, format=attachment.kind, full_numbers=holder.personal
    )
    holder.opened(request, record, receipt)
    return receipt


def missing(attachment: Attachment) -> str:
    """Return the words for a file that the database has and the disk has not."""
    told = _("The file “%(name)s” is not on the disk any more: restore it from a backup.")
    return told % {"name": attachment.name}
