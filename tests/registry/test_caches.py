"""The list of caches: it is whole, and emptying it empties each."""

import re
from pathlib import Path

import pytest

from registry import caches
from registry.reference import cache
from registry.search.planner import RowSample
from tests.api import ok, root

ROOT = Path(__file__).resolve().parents[2]
DECORATED = re.compile(r"^ *(?:@(?:lru_)?cache\b.*\n(?: *@.*\n)* *def (\w+)|(\w+) = (?:lru_)?cache\b)", re.MULTILINE)


def test_list_names_every_cache_of_the_code(db):
    ok(root().get("organizations/"))
    written = {
        next(filter(None, match.groups()))
        for app in caches.APPS
        for file in (ROOT / app).rglob("*.py")
        if "commands" not in file.parts  # a command is loaded by itself
        for match in DECORATED.finditer(file.read_text(encoding="utf-8"))
    }
    listed = {name.rpartition(".")[2] for name in caches.caches()}
    assert written <= listed
    assert "RowSample" in listed


@pytest.mark.django_db
def test_emptied_caches_keep_nothing_and_are_filled_anew(reference):
    page = ok(root().get("organizations/", {"search": "虚构"}))
    assert cache._of_version.cache_info().currsize == 1
    caches.clear_caches()
    assert cache._of_version.cache_info().currsize == 0
    assert RowSample._last is None
    assert ok(root().get("organizations/", {"search": "虚构"})) == page
