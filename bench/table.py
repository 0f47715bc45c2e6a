"""Runs the sections and prints their lines as a table."""

import importlib
import time
from collections.abc import Sequence

from .database import prepare
from .measure import Line
from .server import serving

MODULES = {
    "export": "bench.export",
    "imports": "bench.imports",
    "preview": "bench.preview",
    "sector_pages": "bench.sectorpages",
    "search": "bench.searches",
    "facets": "bench.facets",
    "match": "bench.matches",
    "members": "bench.members",
}


def run(size: int, sections: Sequence[str]) -> list[Line]:
    began = time.monotonic()
    token = prepare(size)
    print(f"\n{size:,} organizations; database ready after {time.monotonic() - began:.0f} s\n", flush=True)
    print("| what | figure | ratio | against | goal |\n|---|---|---|---|---|", flush=True)
    done = []
    with serving(token) as site:
        for section in sections:
            for line in importlib.import_module(MODULES[section]).lines(site):
                done.append(line)
                print(_row(line), flush=True)
    return done


def _row(line: Line) -> str:
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}x"
    return f"| {line.what} | {line.figure} | {ratio} | {line.against} | {line.goal} |"
