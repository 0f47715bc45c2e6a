"""How much memory the embedded server may use: shares of what this computer, or the container, has.

PostgreSQL's own values, 128 MB of buffers and 4 MB for a sort, are meant for the smallest computer it runs on.
"""

import contextlib
import os
import shutil
from pathlib import Path

MB = 1024 * 1024
# A parallel statement passes its rows through shared memory. Containers have 64 MB of it unless they are given more.
ENOUGH_SHARED = 512 * MB


def settings(memory: int, shared: int) -> dict[str, str]:
    """Return the server's settings for a computer with so many bytes of memory and of /dev/shm.

    Buffers are taken page by page as data are read, so a small registry never fills its quarter. What a sort may take
    is counted against 60 connections; maintenance against the three workers that clear tables at the same time.
    """
    values = {
        "shared_buffers": _share(memory, 4, 128, 4096),
        "effective_cache_size": _share(memory, 2, 256, 1024 * 1024),
        "work_mem": _share(memory, 512, 4, 32),
        "maintenance_work_mem": _share(memory, 32, 64, 512),
    }
    return values | {"dynamic_shared_memory_type": "posix" if shared >= ENOUGH_SHARED else "mmap"}


def _share(memory: int, part: int, least: int, most: int) -> str:
    """Return one part of the memory in megabytes, within limits."""
    return f"{min(max(memory // part // MB, least), most)}MB"


def available(root: Path = Path("/")) -> int:
    """Return the bytes of memory of this computer, or of the control group where that has less.

    A container sees the memory of its host, but is stopped at the limit of its group. Each group above counts too.
    """
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for file in _limits_of_groups(root):
        with contextlib.suppress(OSError, ValueError):  # "max" is no limit; a group may be hidden
            limits.append(int(file.read_text()))
    return min(limits)


def _limits_of_groups(root: Path) -> list[Path]:
    """Return the files that may hold the limit of memory, for version 2 and for version 1 of control groups."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:  # not Linux
        return []
    files = []
    for line in lines:
        _number, controllers, group = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top, name = ("memory", "memory.limit_in_bytes") if controllers else ("", "memory.max")
        path = Path(group.lstrip("/"))
        files += [root / "sys/fs/cgroup" / top / part / name for part in (path, *path.parents)]
    return files


def shared() -> int:
    """Return the bytes of /dev/shm, through which PostgreSQL passes rows between processes; 0 where there is none."""
    try:
        return shutil.disk_usage("/dev/shm").total  # noqa: S108
    except OSError:
        return 0
