"""The kinds of files that can be attached, recognised by their content and not by their names."""

import os
from pathlib import PurePath
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

LONGEST_NAME = 200
_HEAD, _TAIL = 16, 1024
_ARCHIVE_END, _ARCHIVE_TAIL = b"PK\x05\x06", 22
"""The first bytes of the last part of a ZIP archive, and its length without the remark that may follow."""
_LAST = _ARCHIVE_TAIL + (1 << 16)
_FORBIDDEN = '<>:"/\\|?*'
"""Signs that Windows allows in no file name; some of them mean something in a page."""


class FileKind(models.TextChoices):
    PDF = "pdf", "PDF"
    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"

    @property
    def endings(self) -> tuple[str, ...]:
        return _ENDINGS[self]

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPES[self]


_ENDINGS = {FileKind.PDF: (".pdf",), FileKind.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"), FileKind.PNG: (".png",)}
_CONTENT_TYPES = {FileKind.PDF: "application/pdf", FileKind.JPEG: "image/jpeg", FileKind.PNG: "image/png"}
ACCEPTED = ",".join(ending for endings in _ENDINGS.values() for ending in endings)
"""The endings that the file dialog of the browser offers. It is only an offer."""


def check_name(name: str) -> None:
    """Raise ValidationError for a name that no file has: with signs of markup, of paths, or that are not seen."""
    wrong = dict.fromkeys(sign for sign in name if sign in _FORBIDDEN or not sign.isprintable())
    if wrong:
        signs = " ".join(sign if sign.isprintable() else f"U+{ord(sign):04X}" for sign in wrong)
        raise ValidationError(
            _("The name of the file holds what no file name may hold (%(signs)s). Rename it, and choose it again.")
            % {"signs": signs},
            code="attachment_name",
        )
    if len(name) > LONGEST_NAME:
        raise ValidationError(
            _("The name of the file has %(length)d characters; %(most)d are the most. Rename the file.")
            % {"length": len(name), "most": LONGEST_NAME},
            code="attachment_name",
        )


def check_size(name: str, size: int) -> None:
    if size > settings.ATTACHMENT_MAX_BYTES:
        params = {"name": name, "size": filesizeformat(size), "most": filesizeformat(settings.ATTACHMENT_MAX_BYTES)}
        raise ValidationError(
            _(
                "“%(name)s” has %(size)s; an attached file may have %(most)s at most. Scan it in grey with 200 dpi, or "
                "attach its parts one by one."
            )
            % params,
            code="attachment_size",
        )


def recognise(name: str, content: BinaryIO) -> FileKind:
    """Return what the file is. Raises ValidationError if it is nothing of ours, is cut off, or is called otherwise."""
    content.seek(0)
    head = content.read(_HEAD)
    size = content.seek(0, os.SEEK_END)
    content.seek(max(0, size - _LAST))
    last = content.read(_LAST)
    tail = last[-_TAIL:]
    content.seek(0)
    kind = _kind(head)
    if kind is None:
        raise ValidationError(
            _(
                "“%(name)s” is no PDF, JPEG or PNG by its content, whatever its name says. Scan it anew, or save it as "
                "PDF."
            )
            % {"name": name},
            code="attachment_kind",
        )
    if (kind == FileKind.PDF and b"%%EOF" not in tail) or (kind == FileKind.PNG and b"IEND" not in tail):
        raise ValidationError(
            _("“%(name)s” is cut off: its end is missing. Save or fetch it again.") % {"name": name},
            code="attachment_cut_off",
        )
    if _ends_as_archive(last):
        raise ValidationError(
            _("“%(name)s” is a %(kind)s and an archive (ZIP) in one. Scan it anew, or save it anew as PDF.")
            % {"name": name, "kind": kind.label},
            code="attachment_kind",
        )
    ending = PurePath(name).suffix.lower()
    if ending not in kind.endings:
        params = {"name": name, "kind": kind.label, "ending": kind.endings[0]}
        raise ValidationError(
            _("“%(name)s” is a %(kind)s by its content, but is called otherwise: let its name end in %(ending)s.")
            % params,
            code="attachment_kind",
        )
    return kind


def _ends_as_archive(last: bytes) -> bool:
    """Return whether programs for archives would open the file, which begins as something else."""
    at = last.rfind(_ARCHIVE_END)
    if at < 0 or at + _ARCHIVE_TAIL > len(last):
        return False
    remark = int.from_bytes(last[at + _ARCHIVE_TAIL - 2 : at + _ARCHIVE_TAIL], "little")
    return at + _ARCHIVE_TAIL + remark == len(last)


def _kind(head: bytes) -> FileKind | None:
    if head.startswith((b"%PDF-1.", b"%PDF-2.")):
        return FileKind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return FileKind.PNG
    return None
