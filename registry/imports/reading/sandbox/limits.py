"""Limits the memory, time and size that reading a file may take, and defines its refusal."""

import errno
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
FORM_SHEET = "登记内容 Form"
"""The one hidden sheet that is read: it has what is written into a form as a table. Nothing else of a form is read."""


class Refused(Exception):
    """Says that the file is not read; the arguments give the reason."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.report = {"refused": code, **params}


def limit_process() -> None:
    """Limit the memory, processor time and output of this process. The system kills a process that exceeds them."""
    if sys.platform != "darwin":  # macOS takes no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 2))  # first a signal of its own, then the end
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)  # those who look at pages go first


def refusal(error: BaseException) -> dict[str, object]:
    """Return the report for a reading that ended with this error."""
    if isinstance(error, Refused):
        return error.report
    if isinstance(error, MemoryError):
        return {"refused": "memory", "limit": MEMORY // MEBIBYTE}
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return {"refused": "disk_full"}
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return {"refused": "too_much_text", "limit": OUTPUT // MEBIBYTE}
    if type(error).__name__ == "PanicException":  # of calamine
        return {"refused": "damaged"}
    return {"refused": "broke_off", "reason": type(error).__name__}
