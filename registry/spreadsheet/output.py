"""Writes the output files of commands: it checks them before the work begins and renames them once they are complete.

It also gives names to the files that the site sends.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

USAGE = 2
_FORMATS = (".csv", ".xlsx")
_OTHERS = (".xls", ".xlsm", ".xlsb", ".et", ".ods", ".pdf", ".doc", ".docx")
"""Endings of file names that promise another format."""
_REASONS = {
    errno.ENOENT: gettext_lazy("it does not exist"),
    errno.EISDIR: gettext_lazy("it is a folder"),
    errno.EACCES: gettext_lazy("this account may not"),
    errno.EROFS: gettext_lazy("the disk takes no changes"),
    errno.ENOSPC: gettext_lazy("the disk is full"),
}


def reason_of(error: OSError) -> str:
    return str(_REASONS.get(error.errno or 0, error.strerror or error))


def download_name(name: str) -> str:
    """Return the name of a file that the site sends; on the practice copy the name says so."""
    return _("Practice copy") + f"-{name}" if settings.PRACTICE else name


def check_ending(path: str, ending: str, others: tuple[str, ...] = ()) -> None:
    """Check that the ending of a file name fits the format to be written. Raises CommandError."""
    given = Path(path).suffix.lower()
    if given != ending and given in (*_OTHERS, *_FORMATS, *others):
        said = {"file": path, "given": given, "ending": ".xlsx" if given in _OTHERS else ending}
        message = _("%(file)s: %(given)s is not a format that is written here. Name a file that ends in %(ending)s.")
        raise CommandError(message % said, returncode=USAGE)


@contextmanager
def output_file(path: str, source: str = "") -> Iterator[BinaryIO]:
    """Provide a temporary file that replaces the wanted file at the end; if the work fails, the old file stays.

    `source` is a file that must not be overwritten under any of its names. Raises CommandError.
    """
    target = Path(os.path.realpath(path))
    if os.path.isdir(target):
        raise CommandError(_("%(file)s is a folder: name a file in it.") % {"file": path}, returncode=USAGE)
    if not os.path.isdir(target.parent):
        raise CommandError(_("There is no folder %(folder)s.") % {"folder": target.parent}, returncode=USAGE)
    if source and os.path.exists(target) and os.path.exists(source) and target.samefile(source):
        message = _("%(file)s is the file that is read, and would be lost: name another one.")
        raise CommandError(message % {"file": path}, returncode=USAGE)
    # A device or a pipe is written to as it is.
    replaced = os.path.isfile(target) or not os.path.exists(target)
    part = target.with_name(f".{target.name}.part") if replaced else target
    try:
        if os.path.exists(target) and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "")
        file = part.open("wb")
    except OSError as error:
        raise unwritable(path, error) from None
    try:
        with file:
            yield file
        if replaced:
            part.replace(target)
    finally:
        if replaced:
            part.unlink(missing_ok=True)


def unwritable(path: str, error: OSError) -> CommandError:
    said = {"file": path, "reason": reason_of(error)}
    return CommandError(_("%(file)s cannot be written: %(reason)s.") % said, returncode=USAGE)
