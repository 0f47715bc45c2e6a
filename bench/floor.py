"""The floor: a bare WSGI view that gives the same facts by the same SQL, with psycopg rows and orjson.

It looks the token up and counts as the product does, and resolves reference data from memory. Everything else that a
product needs is left out: reading and checking parameters, permissions, languages, cursors.
"""

import datetime
import decimal
import json
import os
from pathlib import Path
from typing import Any

import orjson
import psycopg

_PLAN: dict[str, Any] = json.loads(Path(os.environ["BENCH_FLOOR"]).read_text())
_connection = psycopg.connect(_PLAN["dsn"], autocommit=True, prepare_threshold=5)
_connection.execute("SET jit = off; SET max_parallel_workers_per_gather = 0")


def _references(table: str) -> dict[int, dict[str, str]]:
    rows = _connection.execute(f"SELECT id, code, name_zh FROM registry_{table}")
    return {pk: {"code": code, "name": name} for pk, code, name in rows}


_SECTORS, _TOWNSHIPS, _ZONES, _GRADINGS = map(_references, ("sector", "township", "zone", "grading"))


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    query = environ["QUERY_STRING"]
    request = _PLAN["requests"][environ["PATH_INFO"] + (f"?{query}" if query else "")]
    answers = [_connection.execute(sql).fetchall() for sql in request["queries"]]
    body = orjson.dumps(_records(request, query, answers[-1]) if request["columns"] else answers, default=_plain)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _records(request: dict[str, Any], query: str, keys: list[Any]) -> dict[str, Any]:
    """A page, or one record."""
    names = request["names"]
    rows = {row[0]: row for row in _connection.execute(request["columns"]).fetchall()}
    results = [_shown(dict(zip(names, rows[pk], strict=True))) for pk in request["order"]]
    return {"count": keys[0][0] if keys else 0, "results": results} if query else results[0]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    del row["id"]
    row["township"] = _TOWNSHIPS.get(row["township"])
    row["zone"] = _ZONES.get(row["zone"])
    row["sectors"] = [_sector(one) for one in row["sectors"]]
    row["qualifications"] = [{**one, "grading": _GRADINGS[one["grading"]]} for one in row["qualifications"]]
    return row


def _sector(one: Any) -> dict[str, Any]:
    """Of a page, its id, negative where it is primary; of a detail more."""
    if isinstance(one, int):
        return {**_SECTORS[abs(one)], "primary": one < 0}
    return {**_SECTORS[one["sector"]], "primary": one["primary"], "evidence": one["evidence"]}


def _plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError
