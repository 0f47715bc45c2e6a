"""Sends an attachment to somebody who may open a record that holds it."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.attachments import holders, storage
from registry.attachments.kinds import FileKind
from registry.attachments.models import Attachment
from registry.disclosure import receipts
from registry.disclosure.log import by_whom
from registry.site.error_pages import page


@require_safe
def download(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Send the content as a download, never to be shown in the page's own origin, and write its receipt.

    One page serves all tables that are declared to hold attachments; the account must see a record that holds this one.
    """
    attachment = get_object_or_404(Attachment, key=key)
    found = holders.find(attachment, request.user)  # type: ignore[arg-type]
    if found is None:
        raise PermissionDenied
    holder, record = found
    try:
        pieces = storage.read(attachment)
    except OSError:
        said = _("The file “%(name)s” is not on the disk any more: restore it from a backup.")
        return page(request, 404, _("The file is missing"), [said % {"name": attachment.name}])
    title = _("Attachment: %(name)s") % {"name": attachment.name}
    receipt = receipts.begin(
        by_whom(request), title, (), path=request.path, format=attachment.kind, full_numbers=holder.personal
    )
    holder.opened(request, record, receipt)
    sent = receipts.SentFile(pieces, receipt, lambda: None)
    response = StreamingHttpResponse(sent, content_type=FileKind(attachment.kind).content_type)
    response["Content-Disposition"] = content_disposition_header(True, attachment.name)
    response["Content-Length"] = str(attachment.size)
    response["X-Content-Type-Options"] = "nosniff"
    return response
