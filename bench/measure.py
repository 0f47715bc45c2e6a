"""What is measured, and how: pairs of a thing and its reference, taken in turns, so that both meet the same weather."""

import contextlib
import os
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    what: str
    figure: str
    ratio: float | None = None
    against: str = ""
    goal: str = ""


def ratio_of_pairs(pairs: Iterable[tuple[float, float]]) -> float:
    """The median of first / second: a disturbed pair does not carry the result."""
    return statistics.median(first / second for first, second in pairs)


def take_pairs(first: Callable[[], float], second: Callable[[], float], rounds: int) -> list[tuple[float, float]]:
    return [(first(), second()) for _round in range(rounds)]


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def parent_of(pid: int) -> int:
    return int(_stat(pid)[1])


def cpu_of_tree(pid: int) -> float:
    """Seconds of processor time of a process, its children, and those that have ended."""
    total = 0
    for one in _tree(pid):
        with contextlib.suppress(OSError, IndexError):
            total += sum(map(int, _stat(one)[11:15]))
    return total / TICKS


def resident_of_tree(pid: int) -> float:
    """MiB of resident memory of a process and its children."""
    pages, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError):  # it has ended meanwhile
            waiting += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * PAGE / (1 << 20)


def _tree(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            parents.setdefault(parent_of(int(entry.name)), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += parents.get(found[-1], [])
    return found


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on; the second, the name, may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


class Peak:
    """Growth of a process's resident memory to its peak, in MiB."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # forget the peak of before
        self.before = self._read("VmRSS")

    def growth(self) -> float:
        return (self._read("VmHWM") - self.before) / 1024

    def resting(self) -> float:
        return self.before / 1024

    def _read(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
