"""How many files are read at once on this machine: each reading may take half a gigabyte and a whole processor."""

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
"""So long somebody waits for a place: not longer, because who waits keeps a thread from everybody else."""


@contextmanager
def reading() -> Iterator[int]:
    """Hold one of the places; the number is a file descriptor to pass to the process that reads.

    The place is free again when all who have the descriptor are gone, however they ended. Raises UnreadableFile where
    all places stay taken.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while (place := _take()) is None:
        if time.monotonic() > deadline:
            raise UnreadableFile("busy")
        time.sleep(0.05)
    try:
        yield place
    finally:
        os.close(place)


def _take() -> int | None:
    folder = _folder()
    for number in range(settings.IMPORT_READERS):
        place = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return place
        os.close(place)
    return None


def _folder() -> Path:
    """One for all processes of this account."""
    folder = Path(tempfile.gettempdir()) / f"registry-reading-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat(follow_symlinks=False).st_uid != os.getuid():  # somebody else's, who could keep all places
        raise PermissionError(1, "belongs to another user", str(folder))
    return folder
