"""Databases beside the filled one, in the same embedded server: empty ones with the reference data, made by copying."""

import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def url(name: str) -> str:
    """What DATABASE_URL needs to be for a process that shall use the database."""
    connection.ensure_connection()
    known = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        "", host=known["HOST"], port=known["PORT"], user=known["USER"], password=known["PASSWORD"], dbname=name
    )


def environment(name: str) -> dict[str, str]:
    # Requests are counted as in production, but never refused.
    return {**os.environ, "DATABASE_URL": url(name), "PYTHONWARNINGS": "ignore", "REGISTRY_TOKEN_RATE": "999999999"}


@contextlib.contextmanager
def empty(name: str) -> Iterator[str]:
    """An empty registry with the reference data, for the time of the block."""
    template = _template()
    _drop(name)
    _server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        _drop(name)


def _template() -> str:
    sources = sorted([*ROOT.glob("*/migrations/*.[ps]*"), *ROOT.glob("fixtures/*")])
    state = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    name = f"empty_{state}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'empty_')")
        existing = {row[0] for row in cursor.fetchall()}
    if name in existing:
        return name
    for old in existing:
        _drop(old)
    _server(f'CREATE DATABASE "{name}_half"')
    for command in (["migrate", "-v0", "--no-input"], ["load_reference", "-v0"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment(f"{name}_half"), check=True)
    _server(f'ALTER DATABASE "{name}_half" RENAME TO "{name}"')
    return name


def _drop(name: str) -> None:
    _server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _server(statement: str) -> None:
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        server.execute(statement)
