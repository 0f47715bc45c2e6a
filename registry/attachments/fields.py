"""Form fields for files to attach, checked before anything is stored."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from registry.attachments.kinds import ACCEPTED, check_name, check_size, recognise


class AttachmentInput(forms.FileInput):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": ACCEPTED, **(attrs or {})})


class SeveralInput(AttachmentInput):
    allow_multiple_selected = True


class AttachmentField(forms.FileField):
    """One file: a PDF, JPEG or PNG of at most ATTACHMENT_MAX_BYTES. `storage.keeping()` stores it."""

    widget = AttachmentInput
    default_error_messages = {"empty": _("The file is empty. Choose another one.")}

    def __init__(self, **kwargs: Any) -> None:
        most = settings.ATTACHMENT_MAX_BYTES >> 20
        kwargs.setdefault("help_text", format_lazy(_("PDF, JPEG or PNG, {most} MB at most."), most=most))
        super().__init__(**kwargs)

    def to_python(self, data: Any) -> UploadedFile | None:
        file: Any = super().to_python(data)
        if file is not None:
            name = file.name or ""
            check_name(name)
            check_size(name, file.size or 0)
            recognise(name, file.file)
        return file


class AttachmentsField(AttachmentField):
    """Any number of files; its value is their list."""

    widget = SeveralInput

    def clean(self, data: object, initial: object = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given:
            super().clean(None, initial)  # which says that one is required
        return [super(AttachmentsField, self).clean(one, initial) for one in given]
