"""Sends an attachment to somebody who may open a record that holds it."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.attachments import holders
from registry.attachments.models import Attachment
from registry.attachments.sending import missing, send
from registry.site.error_pages import page


@require_safe
def download(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Send the content of an attachment.

    One page serves all tables that are declared to hold attachments; the account must see a record that holds this one.
    """
    attachment = get_object_or_404(Attachment, key=key)
    found = holders.find(attachment, request.user)  # type: ignore[arg-type]
    if found is None:
        raise PermissionDenied
    try:
        return send(request, attachment, *found)
    except OSError:
        return page(request, 404, _("The file is missing"), [missing(attachment)])
