"""Marks a message of success with the operation that it tells of, so that the page offers to take it back.

The mark is the id of the request's history context; the template of messages makes a button of it
(`registry.workplace.undo`).
"""

import pghistory
from django.contrib import messages
from django.http import HttpRequest
from pghistory.models import Context

_OFFERED = "_undo_offered"


def mark(request: HttpRequest) -> str:
    """Return the mark for the first message of a request that has written something; empty for all others."""
    if request.method != "POST" or hasattr(request, _OFFERED):
        return ""
    with pghistory.context() as context:
        written = Context.objects.filter(pk=context.id).exists()
    if not written:
        return ""
    setattr(request, _OFFERED, True)
    return str(context.id)


def success(request: HttpRequest, text: object) -> None:
    """Tell that something was done, with the button that takes it back."""
    messages.success(request, str(text), extra_tags=mark(request))
