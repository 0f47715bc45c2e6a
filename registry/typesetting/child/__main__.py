"""Sets one paper in a throw-away process and writes it as PDF or PNG.

Run as a script by `registry.typesetting`, isolated (`-I`) and without Django. Standard input: one JSON object with the
path of the template, the folders of the fonts, and the document that the template reads. Standard output: the file.
Last line of standard error: a JSON object, with the seconds of processor time or why there is no file.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

MEBIBYTE = 1 << 20
MEMORY = 700 * MEBIBYTE
SECONDS = 30
OUTPUT = 64 * MEBIBYTE
PIXELS_PER_INCH = 110


def limit_process() -> None:
    """Limit memory, processor time and output of this process. The system ends a process that exceeds them."""
    if sys.platform != "darwin":  # macOS takes no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 2))  # first a signal of its own, then the end
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)  # those who look at pages go first


def typeset(job: dict[str, Any]) -> bytes:
    """Return the PDF of the job, or its first page as PNG."""
    os.environ["RAYON_NUM_THREADS"] = "1"  # each thread would take address space for itself
    import typst

    template = Path(str(job["template"]))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=job["fonts"])
    if "Noto Sans SC" not in fonts.families():  # without any font, typst would leave the texts out
        raise RuntimeError("The fonts are not there.")
    options: dict[str, Any] = {"format": "pdf", "pdf_standards": ["a-2u"], "pdf_tags": bool(job["tagged"])}
    if job["form"] == "png":
        options = {"format": "png", "ppi": PIXELS_PER_INCH}
    made: Any = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=fonts,
        sys_inputs={"document": str(job["document"])},
        **options,
    )
    page: bytes = made[0] if isinstance(made, list) else made
    return page


def main() -> None:
    job = json.load(sys.stdin)
    sys.excepthook = lambda *_exception: None
    limit_process()
    report: dict[str, object] = {}
    try:
        sys.stdout.buffer.write(typeset(job))
        sys.stdout.buffer.flush()
    except MemoryError:
        report["failed"] = "memory"
    except BaseException as error:  # a panic of typst is no Exception
        report["failed"], report["reason"] = "broke_off", f"{type(error).__name__}: {error}"[:500]
    report["seconds"] = round(time.process_time(), 2)
    print("\n" + json.dumps(report), file=sys.stderr, flush=True)
    os._exit(0)  # what stands in the buffers could not be written


if __name__ == "__main__":
    main()
