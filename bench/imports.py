"""Import of as many organizations as the registry has, by the command, against a raw COPY of the very rows it writes.

Each round takes two empty registries: the command fills one, COPY the other. Then the same file comes again, and once
more with a tenth of its rows changed. What is written is told by the statistics of the database, not by the command.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from registry.imports.reading.sandbox import __main__ as sandbox
from registry.models import Contact, Identifier, Name, Organization, Qualification, SectorTag

from . import databases, importfiles
from .command import Run, here, manage, run
from .measure import Line, ratio_of_pairs
from .server import Site

TABLES = [Organization, Name, SectorTag, Identifier, Qualification, Contact]
"""What an import of organizations writes, in an order that foreign keys allow."""
ROUNDS = 3
PEER_ROWS = 2_000
"""django-import-export is given only so many: it takes minutes for more, and is no faster."""
PACKAGES = databases.ROOT / "var" / "bench" / "packages"
CREATE, AGAIN, CHANGED, COPY = "create", "unchanged", "changed", "copy"


class Round:
    """The figures of one round."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.written_by_unchanged = 0


def lines(site: Site) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        files = Path(folder)
        rows = importfiles.write_new(files / "new.csv")
        importfiles.write_changed(files / "changed.csv", files / "new.csv")
        importfiles.write_workbook(files / "new.xlsx", files / "new.csv")
        resting = _resting(site.postmaster)
        rounds = [_round(files, site.postmaster, rows) for _number in range(ROUNDS)]
        yield from _speed(rounds, rows)
        yield from _memory(rounds, resting)
        yield from _workbook(files, site.postmaster, rows, rounds)
        yield from _peer(files, site.postmaster, rows, rounds)


def _round(files: Path, postmaster: int, rows: int) -> Round:
    done = Round()
    with ExitStack() as stack:
        ours = stack.enter_context(databases.empty("bench_import"))
        done.runs[CREATE] = _import(ours, postmaster, files / "new.csv", f"new {rows}, changed 0, unchanged 0")
        _dump(ours, files)
        copied = stack.enter_context(databases.empty("bench_copy"))
        _settle(copied)
        done.runs[COPY] = here(postmaster, lambda: _copy(copied, files))
        before = _written(ours)
        done.runs[AGAIN] = _import(ours, postmaster, files / "new.csv", f"new 0, changed 0, unchanged {rows}")
        done.written_by_unchanged = _written(ours) - before
        tenth = (rows + 9) // 10
        said = f"new 0, changed {tenth}, unchanged {rows - tenth}"
        done.runs[CHANGED] = _import(ours, postmaster, files / "changed.csv", said)
    return done


def _import(database: str, postmaster: int, path: Path, expected: str) -> Run:
    _settle(database)
    done = manage(database, postmaster, "import_organizations", str(path), "--apply")
    if done.last_line != f"{expected}, refused 0":
        raise RuntimeError(f"The import said: {done.output[-1000:]}")
    return done


def _settle(database: str) -> None:
    """What was written before shall not be brought to the disk at the cost of what is measured next."""
    with psycopg.connect(databases.url(database), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def _columns(model: Any) -> str:
    """Moments are left to their defaults, as in the import: an old one would make triggers write each row again."""
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    return ", ".join(field.column for field in fields if field.name not in ("created_at", "updated_at"))


def _dump(database: str, files: Path) -> None:
    """The rows that the import has written, as text for COPY."""
    with psycopg.connect(databases.url(database)) as connection:
        for model in TABLES:
            table = model._meta.db_table
            statement = f"COPY (SELECT {_columns(model)} FROM {table} ORDER BY id) TO STDOUT"
            with (files / f"{table}.copy").open("wb") as file, connection.cursor().copy(statement) as source:
                file.writelines(source)


def _copy(database: str, files: Path) -> None:
    with psycopg.connect(databases.url(database)) as connection:
        for model in TABLES:
            table = model._meta.db_table
            with (
                (files / f"{table}.copy").open("rb") as file,
                connection.cursor().copy(f"COPY {table} ({_columns(model)}) FROM STDIN") as target,
            ):
                while block := file.read(1 << 20):
                    target.write(block)


def _written(database: str) -> int:
    """How many rows the tables of the registry have seen inserted, updated or deleted, history included.

    All but the record of the import and who made it.
    """
    with psycopg.connect(databases.url(database)) as connection:
        row = connection.execute(
            """
            SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables
            WHERE schemaname = 'public'
                AND relname NOT IN ('registry_importbatch', 'registry_importbatchevent', 'pghistory_context')
            """
        ).fetchone()
    return int(row[0]) if row else 0


def _resting(postmaster: int) -> float:
    """MiB of a command of this project that has opened its database and does nothing."""
    with databases.empty("bench_import") as database:
        code = "from django.db import connection; connection.ensure_connection(); import time; time.sleep(0.5)"
        return manage(database, postmaster, "shell", "-v0", "-c", code).peak


# --- Lines


def _speed(rounds: Sequence[Round], rows: int) -> Iterator[Line]:
    def line(name: str, against: str, words: str, goal: str) -> Iterator[Line]:
        seconds = _median(rounds, lambda done: done.runs[name].seconds)
        cpu = _median(rounds, lambda done: done.runs[name].cpu)
        said = f"import {name}, {rows:,} rows"
        yield Line(
            said,
            f"{seconds:.1f} s, {rows / seconds:,.0f} rows/s",
            ratio_of_pairs((done.runs[name].seconds, done.runs[against].seconds) for done in rounds),
            words,
            goal,
        )
        client = _median(rounds, lambda done: done.runs[name].client)
        yield Line(
            f"{said}, processor time",
            f"{cpu:.1f} s ({client:.1f} command, {cpu - client:.1f} database)",
            ratio_of_pairs((done.runs[name].cpu, done.runs[against].cpu) for done in rounds),
            words,
            goal,
        )

    copy = _median(rounds, lambda done: done.runs[COPY].seconds)
    cpu = _median(rounds, lambda done: done.runs[COPY].cpu)
    yield Line("raw COPY FROM of the same rows", f"{copy:.1f} s, {rows / copy:,.0f} rows/s; {cpu:.1f} s processor time")
    yield from line(CREATE, COPY, "raw COPY FROM", "≤ 2")
    yield from line(AGAIN, CREATE, "create", "≤ 0.33")
    yield Line("rows written by it, history included", str(max(done.written_by_unchanged for done in rounds)), goal="0")
    yield from line(CHANGED, CREATE, "create", "≤ 1")


def _memory(rounds: Sequence[Round], resting: float) -> Iterator[Line]:
    peak = max(done.runs[CREATE].peak for done in rounds)
    yield Line(f"import, memory over resting ({resting:.0f} MiB)", f"{peak - resting:.0f} MiB", goal="≤ 200 MiB")


def _workbook(files: Path, postmaster: int, rows: int, rounds: Sequence[Round]) -> Iterator[Line]:
    """The workbook adds the time that its reading takes beyond that of the CSV file."""
    with databases.empty("bench_import") as database:
        whole = _import(database, postmaster, files / "new.xlsx", f"new {rows}, changed 0, unchanged 0")
    csv, xlsx = (here(postmaster, partial(_read, files / f"new.{kind}")).seconds for kind in ("csv", "xlsx"))
    create = _median(rounds, lambda done: done.runs[CREATE].seconds)
    added = whole.seconds - create
    yield Line(
        f"import create from XLSX, {rows:,} rows",
        f"{whole.seconds:.1f} s, {rows / whole.seconds:,.0f} rows/s",
        whole.seconds / create,
        "create from CSV",
    )
    yield Line(
        "what XLSX adds, and its reading alone",
        f"{added:.1f} s; reading takes {xlsx:.1f} s, that of CSV {csv:.1f} s",
    )


def _peer(files: Path, postmaster: int, rows: int, rounds: Sequence[Round]) -> Iterator[Line]:
    if not (PACKAGES / "import_export").exists():
        return
    count = min(rows, PEER_ROWS)
    with databases.empty("bench_import") as database:
        peer = run(database, postmaster, "-m", "bench.peer", str(files / "new.csv"), str(count), path=str(PACKAGES))
    speed = rows / _median(rounds, lambda done: done.runs[CREATE].seconds)
    theirs = count / peer.seconds
    yield Line(
        f"import create, rows per second of django-import-export on {count:,} rows of the file",
        f"{theirs:,.0f} rows/s",
        speed / theirs,
        "create is so many times as fast",
        "≥ 40",
    )


def _read(path: Path) -> None:
    command = [sys.executable, "-I", sandbox.__file__, str(path), "", ""]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def _median(rounds: Sequence[Round], figure: Callable[[Round], float]) -> float:
    return statistics.median(map(figure, rounds))
