"""How the rows of a search are found: it changes nothing but the time that it takes."""

from collections.abc import Iterator, Sequence

import pytest
from django.db import connection
from django.db.models import Q, QuerySet

from registry.api.lists.rows import KeyRange
from registry.database.paths import Path
from registry.models import Organization, SearchIndex
from registry.search.conditions import find
from registry.search.index_table import SEARCH_INDEX, WordMatch
from registry.search.organization_rows import OrganizationRows
from registry.search.planner import RowSample
from registry.search.text import SearchText
from tests import factories
from tests.api import ok, root

pytestmark = pytest.mark.django_db
SIZE = 900


@pytest.fixture(autouse=True)
def sampled(monkeypatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    RowSample.cache_clear()


def sample(*names: str) -> list[SearchIndex]:
    """A sample of a large registry with these names in this order."""
    entries = [
        SearchIndex(organization_id=1024 * n, sort_key=f"{n:04}", names=name, kind="enterprise", published=n % 2 == 0)
        for n, name in enumerate(names)
    ]
    for n, entry in enumerate(entries):
        entry.sectors = "7" if n % 3 else "7 8"  # nobody in 8 has a word of every third name
    RowSample._last = RowSample(reversed(entries))
    return entries


def spread(word: str, every: int) -> list[str]:
    """Names of which one in so many has the word."""
    return [f"中山市{word if n % every == every // 2 else ''}公司" for n in range(SIZE)]


def rows(text: str, **fields) -> OrganizationRows:
    searched = SearchText(text)

    def condition(path: Path) -> Q:
        return Q(**{path(name): value for name, value in fields.items()}) & Q(WordMatch(searched.words, path))

    return OrganizationRows(Organization.objects.all(), condition, SEARCH_INDEX, searched)


def ways(text: str, **fields) -> Sequence[str]:
    """How the page is found, and how the count."""
    order = ("sort_key", "id")
    page, counted = queries(rows(text, **fields), KeyRange(order, 51, cap=1001))
    assert first(text, order, **fields) == how(page)
    return [how(page), how(counted) if counted is not None else ""]


def queries(rows: OrganizationRows, wanted: KeyRange) -> tuple[QuerySet, QuerySet | None]:
    return rows.key_queries(wanted, rows.key_conditions(wanted))


def how(queryset: QuerySet) -> str:
    return "index" if "registry_search_tokens" in str(queryset.query) else "walk"


def first(text: str, order: tuple[str, ...], place: Sequence = (), **fields) -> str:
    return how(queries(rows(text, **fields), KeyRange(order, 51, place))[0])


def test_rare_words_are_looked_up_and_their_rows_counted(db):
    sample(*spread("机器人", SIZE * 2))
    assert ways("机器人") == ["index", ""]


def test_common_words_are_walked_to_the_count(db):
    sample(*spread("机器人", 2))
    assert ways("机器人") == ["walk", ""]


def test_the_count_of_middling_words_is_looked_up(db):
    sample(*spread("机器人", 30))
    assert ways("机器人") == ["walk", "index"]


def test_words_behind_a_gap_are_looked_up(db):
    sample(*["中山市公司"] * (SIZE - 40), *["珠海机器人"] * 40)
    assert ways("机器人") == ["index", ""]
    assert first("机器人", ("-sort_key", "-id")) == "walk"


def test_behind_a_page_the_walk_is_what_is_left(db):
    sample(*["中山市公司"] * (SIZE - 40), *["珠海机器人"] * 40)
    assert first("机器人", ("sort_key", "id"), (f"{SIZE - 40:04}", 0)) == "walk"


def test_other_conditions_make_a_walk_longer(db):
    sample(*spread("机器人", 3))
    assert ways("机器人", kind="enterprise", published=True)[0] == "walk"
    assert ways("机器人", registration_status="suspended")[0] == "index"


def test_conditions_that_the_sample_does_not_know_are_taken_to_leave_few(db):
    sample(*spread("机器人", 80))
    assert ways("机器人")[0] == "walk"
    assert ways("机器人", category="sme")[0] == "index"


def test_sectors_of_the_sample_are_known(db):
    sample(*spread("机器人", 3))

    def plan(sector: int) -> str:
        searched = SearchText("机器人")
        rows = OrganizationRows(
            Organization.objects.all(),
            lambda path: Q(**{f"{path('sectors')}__has_any": [str(sector)]}) & Q(WordMatch(searched.words, path)),
            SEARCH_INDEX,
            searched,
        )
        return how(queries(rows, KeyRange(("sort_key", "id"), 51))[0])

    assert [plan(7), plan(8)] == ["walk", "index"]


def test_a_search_within_a_sector_is_looked_up_with_the_sector(db):
    """Of a common word, few are in the sector: the index of tokens leads to these alone."""
    entries = sample(*spread("机器人", 3))
    for entry in entries[::90]:
        entry.sectors = "7 9"
    rows_within = OrganizationRows(
        Organization.objects.all(),
        lambda path: Q(**{f"{path('sectors')}__has_any": ["9"]}) & Q(WordMatch(SearchText("机器人").words, path)),
        SEARCH_INDEX,
        SearchText("机器人"),
    )
    page, counted = queries(rows_within, KeyRange(("sort_key", "id"), 51, cap=1001))
    assert (how(page), counted) == ("index", None)


def test_few_of_a_kind_are_walked(db):
    sample(*spread("机器人", 3))
    assert ways("机器人", kind="research") == ["walk", ""]


def test_all_rows_are_looked_up_unless_they_are_most(db):
    sample(*spread("机器人", 20))
    assert "registry_search_tokens" in str(find(Organization.objects.all(), "机器人").query)
    assert "registry_search_tokens" not in str(find(Organization.objects.all(), "中山").query)


def test_one_plan_serves_all_words_where_no_other_table_is_joined(db):
    sample(*spread("机器人", SIZE * 2))

    def one_plan(*order: str, **fields) -> bool:
        return rows("机器人", **fields).key_conditions(KeyRange((*order, "id"), 51)).one_plan

    assert one_plan("sort_key")
    assert one_plan("-sort_key", kind="enterprise", published=True)
    assert not one_plan("sort_key", category="sme")
    assert not one_plan("updated_at")
    sample(*spread("机器人", 2))
    assert not one_plan("sort_key")  # a walk


@pytest.mark.parametrize("order", ["name", "updated_at"])
def test_rare_words_are_planned_once_for_each_connection(db, order):
    sample()
    Organization.objects.bulk_create(Organization(kind="other", name_zh=f"中山{number}公司") for number in range(3000))
    factories.organization(name_zh="中山市虚构视觉科技有限公司")

    def search(count: int) -> None:
        for number in range(count):
            ok(root().get("organizations/", {"search": f"虚构{'视觉'[: number % 3]}", "ordering": order}))

    def plans() -> dict[str, tuple[int, int]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement, custom_plans, generic_plans FROM pg_prepared_statements")
            return {text: (custom, generic) for text, custom, generic in cursor.fetchall()}

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_searchentry")  # as in life: PostgreSQL knows which tokens are rare
    search(12)  # five without a plan that is kept, five to see that it is no dearer than those for one word
    before = plans()
    search(6)
    again = {text: used for text, used in plans().items() if used != before[text]}
    assert all(custom == before[text][0] for text, (custom, _generic) in again.items())
    assert any(text.startswith("WITH found") for text in again) == (order == "name")
    assert any(text.startswith('SELECT "registry_organization"') for text in again)


def test_a_registry_without_a_sample_is_looked_up(db):
    sample()
    assert ways("机器人") == ["index", ""]


def test_the_sample_is_of_some_organizations_in_the_order_of_the_list(db):
    Organization.objects.bulk_create(
        Organization(pk=pk, kind="other", name_zh=name)
        for pk, name in ((1024, "珠海虚构"), (2048, "北京虚构"), (2049, "上海虚构"))
    )
    assert [entry.names.split()[0] for entry in RowSample.kept().rows] == ["北京虚构", "珠海虚构"]
    Organization.objects.all().delete()
    assert len(RowSample.kept().rows) == 2


def test_all_plans_give_the_same_pages(db):
    vision = factories.organization(name_zh="中山市虚构视觉ABC科技有限公司", uscc=factories.valid_uscc(7))
    factories.name(vision, "中山市旧日光电厂")
    for name in ("中山市智慧机器人有限公司", "单县虚构研究院", "中山市虚构控股集团（总部）"):
        factories.organization(name_zh=name, name_en="Fictional Body")
    factories.tag(vision, "vision.camera")
    listed: dict[str, list] = {}
    entries = list(SearchIndex.objects.all())
    for chosen in ([], entries, entries * 40, entries[:1] * 100 + entries[1:]):
        RowSample._last = RowSample(chosen)
        for text in ("中", "虚构", "fictional", "xugou", "xg", "中 xugou", "9144", "虚构&sector=vision"):
            listed.setdefault(text, []).append(pages(text))
    assert all(one == read[0] for read in listed.values() for one in read)
    assert len(listed["中"][0]) == 3
    assert listed["虚构&sector=vision"][0] == [(1, ["中山市虚构视觉ABC科技有限公司"])]


def pages(text: str) -> list[tuple]:
    read, api, address = [], root(), f"organizations/?page_size=1&search={text}"
    while address:
        page = ok(api.get(address))
        read.append((page["count"], [row["name_zh"] for row in page["results"]]))
        address = page["next"]
    return read
