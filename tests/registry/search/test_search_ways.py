"""By which way the rows of a search are found: it changes nothing but the time that it takes."""

from collections.abc import Iterator, Sequence

import pytest
from django.db.models import QuerySet

from registry.models import Organization, SearchEntry
from registry.search.find import find
from registry.search.planner import Sample, Ways
from registry.search.use_index_table import keyed
from tests import factories
from tests.api import ok, root

pytestmark = pytest.mark.django_db
SIZE = 900


@pytest.fixture(autouse=True)
def sampled(monkeypatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    Sample._last = None


def sample(*names: str) -> list[SearchEntry]:
    """A sample of a large registry with these names in this order."""
    entries = [
        SearchEntry(organization_id=1024 * n, sort_key=f"{n:04}", names=name, kind="enterprise", published=n % 2 == 0)
        for n, name in enumerate(names)
    ]
    Sample._last = Sample(reversed(entries))
    return entries


def spread(word: str, every: int) -> list[str]:
    """Names of which one in so many has the word."""
    return [f"中山市{word if n % every == every // 2 else ''}公司" for n in range(SIZE)]


def asked(text: str, **fields) -> Organization:
    return keyed(find(Organization.objects.filter(**fields), text).order_by("sort_key", "id"), "sort_key", "id")


def ways(text: str, **fields) -> Sequence[str]:
    """How the page is found, and how the count."""
    found = Ways(asked(text, **fields))
    way = found.choose(51, 1001)
    assert found.choose(51).looked_up == way.looked_up
    return [how(found.first(way)), how(found.counted(1001)) if way.others_counted else ""]


def how(queryset: QuerySet) -> str:
    return "index" if "registry_search_tokens" in str(queryset.query) else "walk"


def first(queryset: QuerySet) -> str:
    found = Ways(queryset)
    return how(found.first(found.choose(51)))


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
    backwards = asked("机器人").order_by("-sort_key", "-organization_id")
    assert first(backwards) == "walk"


def test_behind_a_page_the_walk_is_what_is_left(db):
    sample(*["中山市公司"] * (SIZE - 40), *["珠海机器人"] * 40)
    beyond = asked("机器人").filter(sort_key__gte=f"{SIZE - 39:04}")
    assert first(beyond) == "walk"


def test_other_conditions_make_a_walk_longer(db):
    sample(*spread("机器人", 3))
    assert ways("机器人", kind="enterprise", published=True)[0] == "walk"
    assert ways("机器人", registration_status="suspended")[0] == "index"


def test_conditions_that_the_sample_does_not_know_are_taken_to_leave_few(db):
    sample(*spread("机器人", 80))
    assert ways("机器人")[0] == "walk"
    assert ways("机器人", category="sme")[0] == "index"


def test_few_of_a_kind_are_walked(db):
    sample(*spread("机器人", 3))
    assert ways("机器人", kind="research") == ["walk", ""]


def test_all_rows_are_looked_up_unless_they_are_most(db):
    sample(*spread("机器人", 20))
    assert "registry_search_tokens" in str(find(Organization.objects.all(), "机器人").query)
    assert "registry_search_tokens" not in str(find(Organization.objects.all(), "中山").query)


def test_a_registry_without_a_sample_is_looked_up(db):
    sample()
    assert ways("机器人") == ["index", ""]


def test_the_sample_is_of_some_organizations_in_the_order_of_the_list(db):
    Organization.objects.bulk_create(
        Organization(pk=pk, kind="other", name_zh=name)
        for pk, name in ((1024, "珠海虚构"), (2048, "北京虚构"), (2049, "上海虚构"))
    )
    assert [entry.names.split()[0] for entry in Sample.kept().entries] == ["北京虚构", "珠海虚构"]
    Organization.objects.all().delete()
    assert len(Sample.kept().entries) == 2


def test_all_ways_give_the_same_pages(db):
    vision = factories.organization(name_zh="中山市虚构视觉ABC科技有限公司", uscc=factories.valid_uscc(7))
    factories.name(vision, "中山市旧日光电厂")
    for name in ("中山市智慧机器人有限公司", "单县虚构研究院", "中山市虚构控股集团（总部）"):
        factories.organization(name_zh=name, name_en="Fictional Body")
    listed: dict[str, list] = {}
    entries = list(SearchEntry.objects.all())
    for chosen in ([], entries, entries * 40, entries[:1] * 100 + entries[1:]):
        Sample._last = Sample(chosen)
        for text in ("中", "虚构", "fictional", "xugou", "xg", "中 xugou", "9144"):
            listed.setdefault(text, []).append(pages(text))
    assert all(one == read[0] for read in listed.values() for one in read)
    assert len(listed["中"][0]) == 3


def pages(text: str) -> list[tuple]:
    read, api, address = [], root(), f"organizations/?page_size=1&search={text}"
    while address:
        page = ok(api.get(address))
        read.append((page["count"], [row["name_zh"] for row in page["results"]]))
        address = page["next"]
    return read
