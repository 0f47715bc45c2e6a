"""Limits how many files are read at once on this machine: each may take half a gigabyte and a whole processor."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from registry.imports.reading.refusals import UnreadableFile

WAIT_SECONDS = 3.0
"""The time to wait for a free slot, in seconds. It is short because a waiting request keeps a thread from others."""


@contextmanager
def reading() -> Iterator[int]:
    """Hold one of the slots; the value is a file descriptor to pass to the process that reads.

    The slot is free again when all processes with the descriptor have ended. Raises UnreadableFile if
    no slot becomes free in time.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while (slot := _take()) is None:
        if time.monotonic() > deadline:
            raise UnreadableFile("busy")
        time.sleep(0.05)
    try:
        yield slot
    finally:
        os.close(slot)


def _take() -> int | None:
    folder = _folder()
    for number in range(settings.IMPORT_READERS):
        slot = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return slot
        os.close(slot)
    return None


def _folder() -> Path:
    """Return the directory of the slots, which all processes of this account share."""
    folder = Path(tempfile.gettempdir()) / f"registry-reading-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat(follow_symlinks=False).st_uid != os.getuid():  # somebody else's, who could keep all places
        raise PermissionError(1, "belongs to another user", str(folder))
    return folder
