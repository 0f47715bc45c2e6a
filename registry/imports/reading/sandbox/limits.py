"""What a reading may take, and the refusal of a file."""

import os
import resource
import sys

MEBIBYTE = 1 << 20
MEMORY = 512 * MEBIBYTE
SECONDS = 30
OUTPUT = 512 * MEBIBYTE
MAX_FILE = 256 * MEBIBYTE
MAX_ROWS = 500_000
MAX_COLUMNS = 300
MAX_CELL = 100_000
MAX_SHEETS = 100
MAX_DATE_RUNS = 20_000
MAX_MEMBERS = 2_000
MAX_MEMBER = 400 * MEBIBYTE
MAX_UNPACKED = 600 * MEBIBYTE


class Refused(Exception):
    """The file is not read; the arguments say why."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.report = {"refused": code, **params}


def limit_process() -> None:
    """Bound memory, processor time and output of this process; an overrun kills it and nothing else."""
    if sys.platform != "darwin":  # macOS takes no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)  # those who look at pages go first
