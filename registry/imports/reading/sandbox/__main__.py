"""Reads one untrusted spreadsheet in a throw-away process and prints its rows as JSON lines.

Run as a script by `files.py`, isolated (`-I`) and without Django. Standard output: one JSON array for each row. Last
line of standard error: one JSON object, either what was found (kind, encoding, sheets with the offset of their first
row in the output) or why the file is refused (`{"refused": code, ...}`).
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def read(path: str, encoding: str | None, delimiter: str | None) -> dict[str, Any]:
    """Print the rows of the file, and return what was found in it."""
    from registry.imports.reading.sandbox.kinds import refuse_other_kinds
    from registry.imports.reading.sandbox.limits import MAX_FILE, MEBIBYTE, Refused

    with open(path, "rb") as file:
        head = file.read(65_536)
        if file.seek(0, 2) > MAX_FILE:
            raise Refused("too_large", limit=MAX_FILE // MEBIBYTE)
    refuse_other_kinds(head)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        from registry.imports.reading.sandbox.workbooks import read_workbook

        return read_workbook(path)
    from registry.imports.reading.sandbox.text import read_text

    return read_text(path, head, encoding, delimiter)


def main() -> None:
    """Read the file that the command line names, within the limits; report on standard error."""
    from registry.imports.reading.sandbox.limits import limit_process, refusal

    sys.excepthook = lambda *_exception: None
    limit_process()
    try:
        report = read(sys.argv[1], sys.argv[2] or None, sys.argv[3] or None)
        sys.stdout.buffer.flush()
    except BaseException as error:  # a panic of calamine is no Exception
        report = refusal(error)
    report["seconds"] = round(time.process_time(), 2)
    print("\n" + json.dumps(report), file=sys.stderr, flush=True)
    os._exit(0)  # what stands in the buffers could not be written


if __name__ == "__main__":
    # An isolated interpreter looks into no folder of the project. It comes last, so that it hides no library.
    sys.path.append(str(Path(__file__).parents[4]))
    main()
