"""Statements are remembered by their shape: other values give other rows, and only plain shapes are remembered."""

from collections.abc import Iterator

import pytest

from registry.api.lists.statements import RememberedStatements
from registry.caches import clear_caches
from registry.models import Kind
from tests import factories
from tests.api import ok, root

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    clear_caches()
    yield
    clear_caches()


@pytest.fixture
def some() -> None:
    for number, (name, sector) in enumerate(
        [
            ("中山市虚构甲机器人有限公司", "robots"),
            ("中山市虚构乙机器人有限公司", "robots.service"),
            ("中山市虚构丙视觉有限公司", "vision"),
            ("中山市虚构100%_丁研究院", "vision"),
        ]
    ):
        one = factories.organization(
            name_zh=name, kind=Kind.RESEARCH if "研究院" in name else Kind.ENTERPRISE, uscc=factories.valid_uscc(number)
        )
        factories.tag(one, sector)


REQUESTS = [
    {"search": "虚构甲"},
    {"search": "虚构丙"},
    {"search": "机器人", "sector": "robots"},
    {"search": "虚构", "sector": "vision"},
    {"search": "100%"},
    {"search": "0%_丁"},
    {"search": "xugou"},
    {"search": "xg"},
    {"search": "虚构 jia"},
    {"sector": "robots"},
    {"sector": "vision"},
    {"sector": "robots", "kind": "enterprise"},
    {"sector": "vision", "kind": "research"},
    {"sector": "vision", "kind": "research,enterprise"},
    {"sector": "vision", "published": "false"},
    {"sector": "vision", "published": "true"},
    {"sector": "vision", "registration_status": "active"},
    {"search": "虚构", "kind": "research"},
    {"search": "虚构", "ordering": "relevance"},
    {"search": "虚构", "sector_not": "vision"},
    {"sector": "vision", "page_size": "1"},
    {"sector": "vision", "page_size": "1", "ordering": "-name"},
    {"search": "虚构", "page_size": "2", "count": "none"},
]


def pages(asked: dict[str, str]) -> list[tuple]:
    read, address, params = [], "organizations/", asked
    while address:
        page = ok(root().get(address, params))
        read.append((page["count"], [row["name_zh"] for row in page["results"]]))
        address, params = page["next"], {}
    return read


def test_a_remembered_statement_gives_the_rows_of_its_own_values(some):
    expected = []
    for one in REQUESTS:
        RememberedStatements.cache_clear()
        expected.append(pages(one))
    RememberedStatements.cache_clear()
    for _round in range(2):
        assert [pages(one) for one in REQUESTS] == expected
        assert [pages(one) for one in reversed(REQUESTS)] == expected[::-1]


def test_values_are_no_part_of_what_is_remembered(some):
    pages({"search": "虚构甲", "sector": "robots"})
    known = dict(RememberedStatements._known)
    assert len(known) == 1
    pages({"search": "机器人", "sector": "vision"})
    assert RememberedStatements._known == known
    assert not any(value in repr(known) for value in ("虚构", "甲", "merged"))


def test_further_pages_are_remembered_too(some):
    pages({"sector": "vision", "page_size": "1"})
    known = dict(RememberedStatements._known)
    assert len(known) == 2  # the first page, and those behind a place
    pages({"sector": "robots", "page_size": "1"})
    assert RememberedStatements._known == known


@pytest.mark.parametrize(
    "asked",
    [
        {"sector": "vision", "sector_not": "robots"},
        {"search": "虚构", "ordering": "relevance"},
        {"sector": "vision", "published": "true"},
    ],
    ids=["subquery", "relevance", "value in the text"],
)
def test_what_depends_on_more_than_its_shape_is_not_remembered(some, asked):
    pages(asked)
    assert RememberedStatements._known == {}
