"""What is measured, and how: pairs of a thing and its reference, taken in turns, so that both meet the same weather."""

import os
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


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
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents.setdefault(parent_of(int(entry.name)), []).append(int(entry.name))
        except (OSError, IndexError):
            continue
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        waiting += parents.get(one, [])
        try:
            total += sum(map(int, _stat(one)[11:15]))
        except (OSError, IndexError):
            continue
    return total / TICKS


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
