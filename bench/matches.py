"""1,000 names matched by one request, against a search for each of them; one name alone; the cost of the index."""

import statistics
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction

from registry.models import Name, Organization

from .measure import Line, percentile
from .server import Site

NAMES, SEARCHED, ROUNDS = 1_000, 50, 3
REWRITTEN = 2_000
_PLACES = ("广东省中山市", "广东中山", "中山市", "广东", "中山")


def lines(site: Site) -> Iterator[Line]:
    items = names()
    few = [item["name"] for item in items if item.get("name")][:: NAMES // SEARCHED]
    match, search, seconds = [], [], []
    site.post("/api/v1/organizations/match/", items)
    for _round in range(ROUNDS):
        before = site.cpu()
        seconds.append(site.post("/api/v1/organizations/match/", items).seconds)
        match.append(site.cpu() - before)
        before = site.cpu()
        for name in few:
            site.get(f"/api/v1/organizations/?search={quote(name)}")
        search.append((site.cpu() - before) / len(few) * len(items))
    cost = statistics.median(match)
    yield Line(
        f"match, {len(items):,} names",
        f"{cost:.2f} s CPU, {len(items) / statistics.median(seconds):.0f} names/s",
        statistics.median(search) / cost,
        f"a search for each name: {statistics.median(search):.1f} s CPU by {len(few)} of them",
        "≥ 300 names/s at 100,000, ≥ 150 at 1,000,000",
    )
    alone = [site.post("/api/v1/organizations/match/", [item]).seconds * 1000 for item in items[:: NAMES // SEARCHED]]
    yield Line(
        "match, one name",
        f"p50 {statistics.median(alone):.1f} ms, p95 {percentile(alone, 0.95):.1f} ms",
        goal="≤ 30 ms",
    )
    yield _index()


def _index() -> Line:
    """Entries of search written with the index of match keys and without it, in a transaction that is taken back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('search_entry_match_keys'), count(*) FROM registry_searchentry")
        size, entries = cursor.fetchone()
        with_index = statistics.median(_rewrite() for _round in range(ROUNDS))
        cursor.execute("DROP INDEX search_entry_match_keys")
        without = statistics.median(_rewrite() for _round in range(ROUNDS))
        transaction.set_rollback(True)
    return Line(
        "an entry of search written with the index of match keys",
        f"{with_index:.0f} µs, {size / entries:.0f} bytes of index",
        with_index / without,
        f"without it {without:.0f} µs",
    )


def _rewrite() -> float:
    """Microseconds for an entry whose names change."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_searchentry SET names = replace(names, E'\t', E'\t\n虚构重写名称')
            WHERE organization_id IN (SELECT id FROM registry_organization ORDER BY id LIMIT %s)
            """,
            [REWRITTEN],
        )
        return (time.perf_counter() - began) * 1e6 / cursor.rowcount


def names() -> list[dict[str, Any]]:
    """Names as they come: of records exactly, with a code or a town, former, shortened, misspelt, and unknown ones."""
    rows = list(
        Organization.objects.exclude(name_zh="").order_by("pk").values("name_zh", "uscc", "township__name_zh")[:NAMES]
    )
    former = list(Name.objects.order_by("pk").values_list("name", flat=True)[: NAMES // 20])
    items: list[dict[str, Any]] = [{"name": name} for name in former]
    for position, row in enumerate(rows[: NAMES - len(former)]):
        items.append(_written(position % 10, row))
    return items


def _written(way: int, row: dict[str, Any]) -> dict[str, Any]:
    name: str = row["name_zh"]
    middle = len(name) // 2
    match way:
        case 0 | 1:
            return {"name": name, "uscc": row["uscc"]}
        case 2:
            return {"name": name, "town": row["township__name_zh"]}
        case 3:
            short = next((name.removeprefix(place) for place in _PLACES if name.startswith(place)), name)
            return {"name": short.removesuffix("有限公司")}
        case 4:
            return {"name": name[:middle] + name[middle + 1 :]}
        case 5:
            return {"name": name.replace("智", "志").replace("明", "铭")}
        case 6:
            return {"name": f"虚构{name[::-1]}"}
    return {"name": name}
