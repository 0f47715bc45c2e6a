"""`attachments/` below a record: what it holds, each file as it was sent, and another one to attach."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.exceptions import NotAcceptable, NotFound, PermissionDenied, UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access.idempotency import idempotent
from registry.api.errors import InvalidItems, InvalidParameters, Unavailable
from registry.api.json_schema import INTEGER, NULLABLE_TEXT, TEXT, Schema, component_schema, object_schema
from registry.api.lists.mixins import UpdateMixin, etag, require_match
from registry.api.lists.pagination import page_schema
from registry.api.lists.renderers import JSONRenderer
from registry.attachments import holders
from registry.attachments.fields import AttachmentField
from registry.attachments.kinds import FileKind
from registry.attachments.models import Attachment
from registry.attachments.sending import missing, send
from registry.attachments.storage import Keep, keeping
from registry.database.db_errors import integrity_errors_as_conflicts
from registry.values.validators import validate_direction

KEY = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ATTACHMENT = component_schema(
    "Attachment",
    key={**TEXT, "format": "uuid"},
    name={**TEXT, "description": "As the sender called the file."},
    kind={**TEXT, "enum": FileKind.values, "description": "By the content."},
    size={**INTEGER, "description": "Bytes."},
    added_at={**TEXT, "format": "date-time"},
    added_by={**NULLABLE_TEXT, "description": "The account that attached it."},
    url={**NULLABLE_TEXT, "format": "uri", "description": "Where it is downloaded; null for who may not open it."},
)
_EXAMPLE = {
    "key": "0f0e4a3f-2b1c-4d5e-8f90-a1b2c3d4e5f6",
    "name": "scan.pdf",
    "kind": "pdf",
    "size": 48213,
    "added_at": "2026-01-31T08:00:00+08:00",
    "added_by": "example",
    "url": None,
}
_SHOWN = {"count": 1, "count_is": "exact", "next": None, "previous": None, "results": [_EXAMPLE]}
UPLOAD: Schema = object_schema(
    file={**TEXT, "format": "binary", "description": "One PDF, JPEG or PNG; its content decides which, not its name."}
) | {"additionalProperties": False}
UPLOAD_WITH_REASON: Schema = object_schema(
    **UPLOAD["properties"], reason={**TEXT, "minLength": 1, "maxLength": 300, "description": "Why it is changed."}
) | {"additionalProperties": False}
_PROBLEMS = {"attachment_size": "body_too_large", "attachment_kind": "unsupported_media_type"}
"""The code of a refused file -> the code of the problem; the others are 400."""


def _renderer(kind: FileKind) -> type[BaseRenderer]:
    about = {"media_type": kind.content_type, "format": kind.value, "charset": None, "render": JSONRenderer.render}
    return type(f"{kind.name}Renderer", (BaseRenderer,), about)


class AttachmentForm(forms.Form):
    file = AttachmentField()
    reason = forms.CharField(max_length=300, required=False, validators=[validate_direction])


class AttachmentsMixin(UpdateMixin):
    """Adds them to the view of a table that is declared to hold attachments. `attach_to()` stores another one."""

    action_renderers: ClassVar[dict[str, tuple[type[BaseRenderer], ...]]] = {
        "attachment": tuple(map(_renderer, FileKind))
    }
    action_uploads: ClassVar[dict[str, Schema]] = {"attach": UPLOAD}
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {
        "attachments": page_schema(ATTACHMENT["properties"]) | {"examples": [_SHOWN]},
        "attach": ATTACHMENT,
    }

    def attach_to(self, record: Model, attachment: Attachment, reason: str) -> None:
        raise NotImplementedError

    @property
    def holder(self) -> holders.Holder:
        return holders.holder_of(self.get_queryset().model)

    def _opens(self, record: Model) -> bool:
        return self.holder.opens(self.request.user, record)  # type: ignore[arg-type]

    @action(detail=True, parser_classes=[MultiPartParser])
    def attachments(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The files that are attached to the record, the first one first; all of them are one page."""
        record: Model = self.get_object()
        opens = self._opens(record)
        rows = [self._row(one, opens) for one in self.holder.attached(record)]
        page = {"count": len(rows), "count_is": "exact", "next": None, "previous": None}
        return Response({**page, "results": rows})

    @attachments.mapping.post
    def attach(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Attaches one file, as `multipart/form-data`: a PDF, JPEG or PNG by its content, of the size that the
        installation allows (20 MB as it comes). 413 for a larger one, 415 for any other kind, also where its name
        says something else. The rights and the states in which a record takes one are those of its page.
        """
        self.get_object()  # 404 before anything is read
        with _files_as_problems(), integrity_errors_as_conflicts():
            file, reason = self._upload(request)  # as a whole, before anything is locked
            with keeping(request.user) as keep:
                return self._attach(request, keep, file, reason)

    @idempotent
    def _attach(self, request: Request, keep: Keep, file: UploadedFile, reason: str) -> Response:
        record: Model = self.lock()
        require_match(request, lambda: self.represent({"pk": record.pk}), required=False)
        attachment = keep(file)
        self.attach_to(record, attachment, reason)
        attachment.refresh_from_db(fields=["added_at"])
        opens = self._opens(record)
        headers = {
            "ETag": etag(self.represent({"pk": record.pk})),
            "Location": request.build_absolute_uri(f"{request.path}{attachment.key}/"),
        }
        return Response(self._row(attachment, opens), 201, headers=headers)

    def _upload(self, request: Request) -> tuple[UploadedFile, str]:
        """Return the file of the body and the reason. Raises ValidationError by field."""
        body = request.data
        if not isinstance(body, QueryDict):
            raise UnsupportedMediaType(request.content_type or "")
        known = self.action_uploads["attach"]["properties"]
        form = AttachmentForm(body, request.FILES)
        wrong: dict[str, Any] = dict(form.errors.as_data())
        for name, values in body.lists():
            if name not in known:
                told = _("There is no such field here. There are: %(fields)s.") % {"fields": ", ".join(known)}
                wrong[name] = ValidationError(told, code="unknown_field")
            elif len(values) > 1:
                wrong[name] = ValidationError(_("Give one only: each file in a request of its own."))
        if wrong:
            raise ValidationError(wrong)
        return form.cleaned_data["file"], form.cleaned_data["reason"]

    @action(detail=True, url_path=f"attachments/(?P<key>{KEY})")
    def attachment(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """One attached file as it was sent. Where files hold personal data, it takes the right to see that in full,
        and the look is logged; each download has its receipt, which `X-Receipt` names.
        """
        record: Model = self.get_object()
        if not self._opens(record):
            needed = ", ".join(self.holder.permissions)
            raise PermissionDenied(_("This needs the permission %(name)s.") % {"name": needed})
        attachment = get_object_or_404(self.holder.attached(record), key=kwargs["key"])
        self._check_format(request, FileKind(attachment.kind))
        try:
            return send(request, attachment, self.holder, record)
        except OSError:
            raise NotFound(missing(attachment)) from None

    def _check_format(self, request: Request, kind: FileKind) -> None:
        """Raises InvalidParameters or NotAcceptable where another format is asked for than the file has."""
        told = _("The file is %(kind)s, and is sent as it is.") % {"kind": kind.label}
        if request.query_params.get("format", kind.value) != kind.value:
            raise InvalidParameters({"format": told})
        if "format" not in request.query_params and not request._request.accepts(kind.content_type):
            raise NotAcceptable(told)

    def _row(self, attachment: Attachment, opens: bool) -> dict[str, Any]:
        """Return an attachment as the list shows it."""
        address = f"{self.request.path}{attachment.key}/"
        return {
            **{name: getattr(attachment, name) for name in ("key", "name", "kind", "size")},
            "added_at": localtime(attachment.added_at).isoformat(),
            "added_by": str(attachment.added_by) if attachment.added_by else None,
            "url": self.request.build_absolute_uri(address) if opens else None,
        }


@contextmanager
def _files_as_problems() -> Iterator[None]:
    """Give the refusal of a file the status that HTTP has for its reason."""
    try:
        yield
    except ValidationError as refused:
        found = chain(*refused.error_dict.values()) if hasattr(refused, "error_dict") else refused.error_list
        for one in found:
            if one.code == "attachment_disk":
                raise Unavailable(one.messages[0]) from None
            if code := _PROBLEMS.get(one.code or ""):
                raise InvalidItems([{"pointer": "/file", "detail": one.messages[0], "code": one.code}], code) from None
        raise
