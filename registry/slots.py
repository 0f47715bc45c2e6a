"""Limits how many costly child processes of one kind run at once on this machine: each may take much memory."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WAIT_SECONDS = 3.0
"""The time to wait for a free slot, in seconds. It is short because a waiting request keeps a thread from others."""


class Busy(Exception):
    """Says that no slot has become free in time."""


@contextmanager
def slot(kind: str, count: int) -> Iterator[int]:
    """Hold one of `count` slots of this kind; the value is a file descriptor to pass to the child process.

    The slot is free again when all processes with the descriptor have ended. Raises Busy.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while (taken := _take(kind, count)) is None:
        if time.monotonic() > deadline:
            raise Busy
        time.sleep(0.05)
    try:
        yield taken
    finally:
        os.close(taken)


def _take(kind: str, count: int) -> int | None:
    folder = _folder(kind)
    for number in range(count):
        taken = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return taken
        os.close(taken)
    return None


def _folder(kind: str) -> Path:
    """Return the directory of the slots, which all processes of this account share."""
    folder = Path(tempfile.gettempdir()) / f"registry-{kind}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat(follow_symlinks=False).st_uid != os.getuid():  # somebody else's, who could keep all places
        raise PermissionError(1, "belongs to another user", str(folder))
    return folder
