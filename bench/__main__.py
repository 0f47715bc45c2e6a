"""`python -m bench [--organizations N]... [--only NAME]`: how fast the product is, as ratios measured in one run.

Each size has a database of its own below var/bench, which is kept for the next run.
"""

import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

SECTIONS = ("export", "imports", "preview", "sector_pages", "search", "facets", "match", "members")
SIZE = 20_000


def main() -> int:
    arguments = _arguments()
    if len(arguments.organizations) > 1:
        only = ["--only", arguments.only] if arguments.only else []
        # The settings read the environment once: a process for each database.
        commands = [
            [sys.executable, "-m", "bench", "--organizations", str(size), *only] for size in arguments.organizations
        ]
        return max(subprocess.run(command, check=False).returncode for command in commands)
    size = arguments.organizations[0] if arguments.organizations else SIZE
    os.environ["REGISTRY_VAR"] = str(Path(__file__).resolve().parent.parent / "var" / "bench" / str(size))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    # Only this run may use the database, and its processes are read in /proc: never the server of DATABASE_URL.
    for name in ("DATABASE_URL", "REGISTRY_ENV", "REGISTRY_DEBUG"):
        os.environ.pop(name, None)
    import django

    django.setup()
    from bench.table import run

    run(size, [arguments.only] if arguments.only else SECTIONS)
    return 0


def _arguments(arguments: Iterable[str] | None = None) -> Namespace:
    parser = ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--organizations", type=int, action="append", default=[], metavar="N", help=f"default {SIZE}")
    parser.add_argument("--only", choices=SECTIONS)
    return parser.parse_args(None if arguments is None else list(arguments))


if __name__ == "__main__":
    sys.exit(main())
