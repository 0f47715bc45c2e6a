"""Facets without a filter, of a common and of a rare sector, of a township and of a search; a cross-table."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from .measure import Line, percentile
from .requests import Asked, asked_of_database, compare
from .sectorpages import by_size
from .server import Site

_LIST = "/api/v1/organizations/"


def lines(site: Site) -> Iterator[Line]:
    common, rare, _parent, few, counted = by_size()
    page = Asked("sector page, common", f"{_LIST}?sector={common.code}")
    asked = [
        _counted(f"facets, common sector ({counted[common.pk]:,})", f"facets/?sector={common.code}"),
        _counted(f"facets, rare sector ({counted[rare.pk]:,})", f"facets/?sector={rare.code}"),
        _counted("facets, no filter", "facets/?lang=zh"),
        _counted("facets, rare township", f"facets/?township={few}"),
        _counted("facets, search", f"facets/?search={quote('机器人')}"),
        _counted("cross-table, township by branch", "crosstab/?lang=zh", goal=""),
        _counted("cross-table, township by branch, common sector", f"crosstab/?sector={common.code}", goal=""),
    ]
    yield from compare(site, [page, *asked], "bare WSGI view, same SQL alone")
    floor = percentile(page.floor_cpu, 0.5)
    for one, goal in zip(asked[:2], ("≤ 130", "≤ 25"), strict=True):
        ratio = percentile(one.cpu, 0.5) / floor
        yield Line(one.what, f"{percentile(one.cpu, 0.5) * 1e3:.0f} ms CPU", ratio, "floor of the sector page", goal)


def _counted(what: str, path: str, goal: str = "≤ 1.5 (CPU)") -> Asked:
    return Asked(what, _LIST + path, goal=goal, floor=_statements)


def _statements(token: str, path: str) -> dict[str, Any]:
    """The look-up of the token, and what counts."""
    said = [sql.strip() for sql in asked_of_database(token, path)]
    counts = [sql for sql in said if "count(" in sql.lower() and sql.startswith(("SELECT", "WITH"))]
    return {"queries": [*(sql for sql in said if "registry_apitoken" in sql), *counts], "columns": ""}
