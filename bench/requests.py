"""Small requests, many times: processor time and latency of the product, of the floor and of a plain viewset."""

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.organizations.columns.details import ORGANIZATION_DETAIL_COLUMNS
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS

from .measure import Line, percentile, ratio_of_pairs
from .server import Site, serving

ROUNDS = 5
_SECONDS = 0.5
"""A batch of requests takes about so long, because processor time is told in hundredths."""
_SLOW = 0.5
_BEFORE = re.compile(r'FROM "registry_apitoken"')
"""The look-up of the token."""


def page_statements(token: str, path: str) -> dict[str, Any]:
    """What the product asks the database for this page or record, of which the floor asks only the necessary."""
    *others, columns = asked_of_database(token, path)
    keys = [others.pop()] if "?" in path else []
    shown = [c for c in ORGANIZATION_COLUMNS if c.in_list] if keys else ORGANIZATION_DETAIL_COLUMNS
    if any("LIMIT 51" not in sql for sql in keys) or "registry_sectortag" not in columns:
        raise RuntimeError(f"{path}: these are no keys and columns:\n{keys}\n{columns}")
    return {
        "queries": [*(sql for sql in others if sql.startswith("SELECT") and _BEFORE.search(sql)), *keys],
        "columns": columns,
        "names": ["id", *(column.name for column in shown)],
        "order": [row[-1] for row in _rows(keys[0])][:50] if keys else [row[0] for row in _rows(columns)],
    }


@dataclass
class Asked:
    """One address, and what is measured of it."""

    what: str
    path: str
    plain: str = ""
    """The query of the plain viewset; none where it is not compared."""
    goal: str = "≤ 3 (CPU)"
    turns: Sequence[str] = ()
    """Addresses of as much work that the product is asked in turn instead."""
    floor: Callable[[str, str], dict[str, Any]] = page_statements
    """What the floor does for the address, of a token."""
    cpu: list[float] = field(default_factory=list)
    floor_cpu: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def compare(site: Site, asked: Sequence[Asked], against: str = "bare WSGI view, same facts and SQL") -> Iterator[Line]:
    """For each address: the processor time of application and database against the floor, and the latencies."""
    with (
        _floor(site.token, asked) as floor,
        serving(site.token, "bench.plain:application") as plain,
    ):
        for one in asked:
            _measure(one, site, floor)
            yield Line(
                one.what,
                f"{_ms(one.cpu)} CPU; p50 {percentile(one.seconds, 0.5) * 1e3:.1f} ms,"
                f" p95 {percentile(one.seconds, 0.95) * 1e3:.1f} ms; floor {_ms(one.floor_cpu)} CPU",
                ratio_of_pairs(zip(one.cpu, one.floor_cpu, strict=True)),
                against,
                one.goal,
            )
            if one.plain:
                cost = _batch(plain, one.plain, 1)[0]
                cost = cost if cost > _SLOW else _batch(plain, one.plain, 5)[0]
                yield Line(f"{one.what}, plain viewset", f"{cost * 1e3:.0f} ms CPU", cost / min(one.cpu), "the product")


def spread(what: str, site: Site, paths: Sequence[str], goal: str = "") -> Line:
    """The latencies of addresses that are asked once each, and the slowest of them."""
    seconds = {path: site.get(path).seconds for path in paths}
    slowest = max(seconds, key=seconds.__getitem__)
    shares = ", ".join(f"p{share * 100:.0f} {_of(seconds, share)}" for share in (0.5, 0.9, 0.99))
    asked = "".join(f" ({text})" for text in parse_qs(urlsplit(slowest).query).get("search", []))
    return Line(what, f"{shares}, maximum {seconds[slowest] * 1e3:.0f} ms{asked}", goal=goal)


def _of(seconds: Mapping[str, float], share: float) -> str:
    return f"{percentile(list(seconds.values()), share) * 1e3:.0f} ms"


def _ms(costs: Sequence[float]) -> str:
    return f"{sorted(costs)[len(costs) // 2] * 1e3:.2f} ms"


def _measure(one: Asked, site: Site, floor: Site) -> None:
    sizes = [max(5, round(_SECONDS / max(_batch(server, one.path, 10)[0], 1e-3))) for server in (site, floor)]
    paths = cycle(one.turns or [one.path])
    for _round in range(ROUNDS):
        cost, seconds = _batch(site, paths, sizes[0])
        one.cpu.append(cost)
        one.seconds += seconds
        one.floor_cpu.append(_batch(floor, one.path, sizes[1])[0])


def _batch(site: Site, paths: str | Iterator[str], size: int) -> tuple[float, list[float]]:
    """Processor time of one request, and the latency of each."""
    asked = [paths if isinstance(paths, str) else next(paths) for _one in range(size)]
    began = site.cpu()
    seconds = [site.get(path).seconds for path in asked]
    return (site.cpu() - began) / size, seconds


@contextlib.contextmanager
def _floor(token: str, asked: Sequence[Asked]) -> Iterator[Site]:
    plan = {"dsn": _dsn(), "requests": {one.path: one.floor(token, one.path) for one in asked}}
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "floor.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(plan))
        with serving(token, "bench.floor:application", BENCH_FLOOR=str(file), PYTHONPATH=os.getcwd()) as site:
            yield site


def _dsn() -> str:
    settings = connection.settings_dict
    return " ".join(
        f"{key}='{settings[name]}'"
        for key, name in (
            ("host", "HOST"),
            ("port", "PORT"),
            ("user", "USER"),
            ("password", "PASSWORD"),
            ("dbname", "NAME"),
        )
    )


def asked_of_database(token: str, path: str) -> list[str]:
    """The statements of the product's answer to this address."""
    client = Client(headers={"Authorization": f"Bearer {token}", "Accept-Language": "zh-hans", "Host": "127.0.0.1"})
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path}: {response.status_code} {response.content[:500]!r}")
    return [query["sql"] for query in queries.captured_queries]


def _rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
