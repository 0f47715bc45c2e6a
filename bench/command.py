"""Commands as their users run them: time, processor time and memory of the whole process."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import databases
from .measure import cpu_of_tree, resident_of_tree


@dataclass(frozen=True)
class Run:
    seconds: float
    client: float
    """Seconds of processor time of the command, its child processes included."""
    database: float
    """The same of the database server; nothing else uses it."""
    peak: float
    """MiB of resident memory of the command and its child processes together, at their highest."""
    output: str

    @property
    def cpu(self) -> float:
        return self.client + self.database

    @property
    def last_line(self) -> str:
        return self.output.rstrip().rpartition("\n")[2]


def manage(database: str, postmaster: int, *arguments: str) -> Run:
    """Run a management command on the database. Raises RuntimeError where it fails or refuses rows."""
    return run(database, postmaster, "manage.py", *arguments)


def run(database: str, postmaster: int, *arguments: str, path: str = "") -> Run:
    """Run Python with the arguments; `path` is one more place for packages."""
    before = cpu_of_tree(postmaster)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=databases.ROOT,
        env=databases.environment(database) | ({"PYTHONPATH": path} if path else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with _Watch(process.pid) as watch:
        output = "".join(process.stdout or ())
        _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}:\n{output[-2000:]}")
    seconds = time.perf_counter() - began
    client = used.ru_utime + used.ru_stime
    return Run(seconds, client, cpu_of_tree(postmaster) - before, watch.peak, output)


def here(postmaster: int, work: Callable[[], None]) -> Run:
    """The same for something done in this process."""
    before, own, began = cpu_of_tree(postmaster), time.process_time(), time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    return Run(seconds, time.process_time() - own, cpu_of_tree(postmaster) - before, 0, "")


class _Watch:
    """Looks at the memory of a process tree every 20 ms."""

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.02):
            if Path(f"/proc/{self._pid}").exists():
                self.peak = max(self.peak, resident_of_tree(self._pid))
