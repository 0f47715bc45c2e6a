"""Keeps the content of attachments on the disk, together with their rows or not at all."""

import contextlib
import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from registry.attachments.kinds import check_name, check_size, recognise
from registry.attachments.models import Attachment, path_of
from registry.values.people import Account

Keep = Callable[[UploadedFile], Attachment]
PIECE = 1 << 18


@contextmanager
def keeping(by: Account | None) -> Iterator[Keep]:
    """Provide a function that keeps uploaded files, within one transaction, which is the outermost one.

    If the transaction fails, the files are removed, too. Only a process that is killed in between leaves a file without
    a row, which takes some room and is never served.
    """
    kept: list[Path] = []

    def keep(upload: UploadedFile) -> Attachment:
        name = upload.name or ""
        check_name(name)
        check_size(name, upload.size or 0)
        kind = recognise(name, upload.file)  # type: ignore[arg-type]
        key = uuid.uuid4()
        kept.append(path_of(key))
        size, sha256 = write(path_of(key), upload.chunks(PIECE))
        about: dict[str, Any] = {"name": name, "kind": kind, "size": size, "sha256": sha256}
        return Attachment.objects.create(key=key, added_by_id=by.pk if by else None, **about)

    try:
        with transaction.atomic():
            yield keep
    except BaseException:
        for path in kept:
            with contextlib.suppress(OSError):
                path.unlink()
        raise


def write(path: Path, pieces: Iterator[bytes]) -> tuple[int, str]:
    """Write a file that only the owner can read, whole or not at all; return its size and SHA-256.

    Raises ValidationError if the disk does not take it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    digest, size = hashlib.sha256(), 0
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise ValidationError(
            _("The file could not be stored (%(reason)s). Tell the administrator; nothing was changed.")
            % {"reason": error.strerror or error},
            code="attachment_disk",
        ) from None
    return size, digest.hexdigest()


def remove(attachment: Attachment) -> None:
    """Remove an attachment that no record holds any more: its row, and its content once that is committed."""
    path = attachment.path
    attachment.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def read(attachment: Attachment) -> Iterator[bytes]:
    """Return the content in pieces. Raises OSError if it is not there; who stops early closes the file by `close()`."""

    def pieces() -> Iterator[bytes]:
        with attachment.path.open("rb") as file:
            yield b""
            while piece := file.read(PIECE):
                yield piece

    opened = pieces()
    next(opened)
    return opened
