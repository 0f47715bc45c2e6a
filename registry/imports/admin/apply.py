"""The last step of an import: write its rows together with its new state, or discard the import."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from registry.imports import batches
from registry.imports.admin.access import back, not_open, on_open_batch, own_batch, posted
from registry.imports.admin.preview import examine_again, save_choices
from registry.imports.models import ImportBatch
from registry.imports.reading.refusals import UnreadableFile


@posted
@on_open_batch
def apply_view(model_admin: Any, request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Apply the import. The request is a POST with confirmed=<the `fingerprint()` of what the page showed>."""
    if batches.is_large(batch):
        return back(batch)
    if save_choices(request, batch):
        return _new_preview(request, batch, _("The way of importing was changed. This is what would happen now."))
    try:
        batches.apply(batch, request.user, request.POST.get("confirmed", ""))  # type: ignore[arg-type]
    except batches.AlreadyApplied:
        return not_open(request, batch)
    except batches.RegistryChanged:
        message = _("Nothing was imported: the registry has changed since the preview. This is the new one.")
        return _new_preview(request, batch, message)
    except (UnreadableFile, batches.FileDeleted):
        return examine_again(request, batch) or back(batch)
    except ValidationError as error:
        messages.error(request, _("Nothing was imported.") + " " + " ".join(error.messages))
        return back(batch)
    undo = reverse("admin:registry_importbatch_undo", args=[batch.pk])
    messages.success(request, format_html('{} <a href="{}">{}</a>', _("Imported."), undo, _("Undo the import")))
    return back(batch)


def _new_preview(request: HttpRequest, batch: ImportBatch, message: str) -> HttpResponse:
    refused = examine_again(request, batch)
    if refused is None:
        messages.warning(request, message)
    return refused or back(batch)


@posted
def discard_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Discard an import that has not been applied; its file and its rows are deleted."""
    batch = own_batch(request, pk)
    if not batches.discard(batch):
        return not_open(request, batch)
    messages.success(request, _("“%(file)s” was given up; nothing of it was imported.") % {"file": batch.file_name})
    return HttpResponseRedirect(reverse("admin:registry_importbatch_start"))
