"""Index tables: true after every kind of write, and a short way to the same rows."""

import io
import tempfile
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Exists, Q
from django.db.models.lookups import IsNull

from registry.api.lists.rows import KeyRange
from registry.database.paths import Path, outer, own_path
from registry.models import Kind, Organization, OrganizationIndex, RegistrationStatus, Sector, SectorIndex, SectorTag
from registry.organizations.models.organizations import sector_tags, size_class
from registry.search.index_table import SECTOR_INDEX
from registry.search.organization_rows import OrganizationRows
from tests import factories

pytestmark = pytest.mark.django_db
PROFILE = """
concat_ws(
    '/', o.kind, o.category, o.registration_status, coalesce(o.township_id::text, ''), coalesce(o.zone_id::text, '')
)
"""
REBUILD = f"""
WITH entry AS (
    SELECT DISTINCT t.organization_id, s.id AS sector_id
    FROM registry_sectortag t JOIN registry_sector own ON own.id = t.sector_id
    JOIN registry_sector s ON s.id IN (own.id, own.parent_id)
), collected AS (
    SELECT organization_id, string_agg(sector_id::text, ' ' ORDER BY sector_id) AS sectors FROM entry GROUP BY 1
)
SELECT o.id, e.sector_id, o.sort_key, o.kind, o.registration_status, o.township_id, o.published, {PROFILE}, c.sectors
FROM entry e JOIN registry_organization o ON o.id = e.organization_id JOIN collected c USING (organization_id)
UNION ALL
SELECT o.id, NULL, NULL, o.kind, o.registration_status, o.township_id, o.published, {PROFILE},
       coalesce(c.sectors, '')
FROM registry_organization o LEFT JOIN collected c ON c.organization_id = o.id
ORDER BY 1, 2
"""
STORED = """
SELECT organization_id, sector_id, sort_key, kind, registration_status, township_id, published, profile, sectors
FROM registry_sectorentry
UNION ALL
SELECT organization_id, NULL, NULL, kind, registration_status, township_id, published, profile, sectors
FROM registry_countentry ORDER BY 1, 2
"""


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def assert_entries_are_true() -> None:
    stored = rows(STORED)
    assert stored
    assert stored == rows(REBUILD)
    searched = rows("SELECT organization_id, sectors FROM registry_searchentry ORDER BY 1")
    assert searched == [(row[0], row[-1]) for row in stored if row[1] is None]


def tagged(*codes: str, **fields) -> Organization:
    made = factories.organization(**fields)
    for code in codes:
        factories.tag(made, code)
    return made


@pytest.fixture
def some(db) -> list[Organization]:
    return [
        tagged("robots.industrial", "robots.service", name_zh="中山市虚构甲机器人有限公司"),
        tagged("robots.industrial", name_zh="中山市虚构乙机器人有限公司", published=True),
        tagged("robots", name_zh="中山虚构研究院", kind=Kind.RESEARCH, township=factories.township()),
        tagged("vision.camera", name_en="Fictional Vision", name_zh=""),
    ]


def raw(sql: str) -> Callable[[list[Organization]], None]:
    def write(some: list[Organization]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return write


def import_file(some: list[Organization]) -> None:
    text = (
        "单位名称,单位类型,所属领域\n中山市虚构丁机器人有限公司,企业,vision.camera;robots.service\n"
        "中山市虚构甲机器人有限公司,企业,vision.camera\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        said = io.StringIO()
        call_command("import_organizations", file.name, "--apply", stdout=said, stderr=said)
    assert "new 1, changed 1, unchanged 0, refused 0" in said.getvalue()


WRITES: dict[str, Callable[[list[Organization]], object]] = {
    "nothing": lambda some: None,
    "save": lambda some: Organization.objects.get(pk=some[0].pk).save(),
    "new name": lambda some: setattr(some[0], "name_zh", "安徽虚构") or some[0].save(),
    "bulk update": lambda some: Organization.objects.update(published=True, registration_status="revoked"),
    "moved to another category, town and zone": lambda some: Organization.objects.filter(pk=some[0].pk).update(
        category="startup", township=factories.township("442000118"), zone=factories.zone()
    ),
    "organization created": lambda some: factories.organization(),
    "merge": lambda some: Organization.objects.filter(pk=some[0].pk).update(
        registration_status=RegistrationStatus.MERGED, successor=some[1]
    ),
    "bulk create": lambda some: SectorTag.objects.bulk_create(
        SectorTag(organization=one, sector=factories.sector("vision.lidar"), plan=factories.plan()) for one in some
    ),
    "tags moved to another organization": lambda some: SectorTag.objects.filter(organization=some[0]).update(
        organization=some[3]
    ),
    "tags moved to another sector": lambda some: SectorTag.objects.filter(sector__code="robots.industrial").update(
        sector=factories.sector("vision.lidar")
    ),
    "only evidence": lambda some: SectorTag.objects.update(evidence="X"),
    "one of two tags of a branch deleted": lambda some: SectorTag.objects.filter(
        organization=some[0], sector__code="robots.service"
    ).delete(),
    "tags deleted": lambda some: SectorTag.objects.filter(organization__in=some[:2]).delete(),
    "organization deleted": lambda some: some[0].delete(),
    "raw insert": raw(
        "INSERT INTO registry_sectortag (organization_id, plan_id, sector_id, is_primary, evidence, evidence_url) "
        "SELECT o.id, s.plan_id, s.id, false, '', '' FROM registry_organization o, registry_sector s "
        "ON CONFLICT DO NOTHING"
    ),
    "raw update": raw("UPDATE registry_organization SET pinyin = 'a ' || pinyin, kind = 'social', township_id = NULL"),
    "raw delete": raw("DELETE FROM registry_sectortag WHERE sector_id % 2 = 0"),
    "sector below another parent": lambda some: Sector.objects.filter(code="robots.industrial").update(
        parent=factories.sector("vision"), code="vision.industrial"
    ),
    "import": import_file,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_entries_equal_a_rebuild_after(some, write):
    write(some)
    assert_entries_are_true()


def test_entry_of_a_branch_stands_once_and_until_its_last_tag(some):
    branch = SectorIndex.objects.filter(organization=some[0], sector__code="robots")
    assert branch.count() == 1
    SectorTag.objects.filter(organization=some[0]).first().delete()
    assert branch.count() == 1
    SectorTag.objects.filter(organization=some[0]).delete()
    assert not branch.exists()


@pytest.mark.django_db(transaction=True)
def test_entry_stands_while_one_removes_a_tag_of_the_branch_and_another_adds_one():
    one = tagged("robots.industrial")
    service = factories.sector("robots.service")
    deleted, go = threading.Event(), threading.Event()

    def add() -> None:
        try:
            deleted.wait(10)
            go.set()
            factories.tag(one, service)
        finally:
            connection.close()

    other = threading.Thread(target=add)
    other.start()
    with transaction.atomic():
        SectorTag.objects.all().delete()
        deleted.set()
        go.wait(10)
        other.join(0.5)
        assert other.is_alive()  # waits for the organization
    other.join(10)
    assert_entries_are_true()
    with transaction.atomic():
        factories.tag(one, "robots.industrial")
        deleter = threading.Thread(target=_delete, args=(service.pk,))
        deleter.start()
        deleter.join(0.5)
        assert deleter.is_alive()
    deleter.join(10)
    assert_entries_are_true()
    assert SectorIndex.objects.count() == 2


def _delete(sector: int) -> None:
    try:
        SectorTag.objects.filter(sector=sector).delete()
    finally:
        connection.close()


# --- Lists that are read from them


def q(**lookups: Any) -> Callable[[Path], Q]:
    """The condition of these lookups, of which each begins with the name of a field of organizations."""

    def condition(path: Path) -> Q:
        named = {lookup: lookup.partition("__") for lookup in lookups}
        return Q(**{"".join((path(name), *rest)): lookups[lookup] for lookup, (name, *rest) in named.items()})

    return condition


def in_branches(sectors: list[int], path: Path) -> Q:
    return Q(Exists(SectorIndex.objects.filter(organization=outer(path), sector__in=sectors)))


CONDITIONS: dict[str, Callable[[Path], Q]] = {
    "all": lambda path: Q(),
    "unmerged": q(registration_status__in=["active", "suspended"]),
    "published": q(published=True),
    "kind": q(kind__in=["research", "social"]),
    "township": lambda path: q(township__in=[factories.township().pk])(path),
    "either": lambda path: q(kind="research")(path) | q(published=False)(path),
    "keys": q(sort_key__gte="y", pk__gt=0),
}
BEYOND: dict[str, Callable[[Path], Q]] = {
    "remarks": q(remarks="X"),
    "zone": q(zone__isnull=True),
    "size class": lambda path: Q(IsNull(size_class(path), True)),
    "other branch": lambda path: in_branches([factories.sector("robots.service").pk], path),
    "tags": lambda path: Q(Exists(sector_tags([factories.sector("robots.industrial").pk], path))),
    "nothing": q(pk__in=[]),
}


def of_sector(condition: Callable[[Path], Q]) -> OrganizationRows:
    """The list of one sector by the sector index."""
    sector = factories.sector("robots").pk
    return OrganizationRows(
        Organization.objects.all(), lambda path: Q(**{path("sector"): sector}) & condition(path), SECTOR_INDEX
    )


def of_registry(condition: Callable[[Path], Q]) -> OrganizationRows:
    return OrganizationRows(Organization.objects.all(), condition)


def plainly(condition: Callable[[Path], Q], *, within: bool) -> Any:
    """The same organizations without any index table."""
    found = Organization.objects.filter(condition(own_path))
    tagged = SectorTag.objects.filter(Q(sector__code="robots") | Q(sector__parent__code="robots"))
    return found.filter(pk__in=tagged.values("organization")) if within else found


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS.keys())
def test_list_of_a_sector_gives_the_same_rows_and_reads_no_organization_for_its_keys(some, condition):
    some[1].registration_status = "merged"
    some[1].save()
    for order in (("sort_key", "id"), ("-sort_key", "-id")):
        listed = plainly(condition, within=True).order_by(*order)
        rows = of_sector(condition)
        wanted = KeyRange(order, 50, cap=60)
        keys, number = rows.read(wanted)
        assert keys == list(listed.values_list("sort_key", "id"))
        assert number == rows.count() == listed.count()
        assert "registry_organization" not in str(rows.key_queries(wanted, rows.key_conditions(wanted))[0].query)
        files = rows.in_order(order)
        assert list(files.values_list("pk", flat=True)) == list(listed.values_list("pk", flat=True))
        assert '"registry_organization"."sort_key"' not in str(files.values("pk").query)


@pytest.mark.parametrize("within", [True, False], ids=["sector", "registry"])
@pytest.mark.parametrize("condition", [one for name, one in CONDITIONS.items() if name != "keys"])
def test_what_is_counted_has_one_row_and_no_organization_is_read_to_find_it(some, condition, within):
    found = (of_sector if within else of_registry)(condition).index_rows()
    assert found.model is (SectorIndex if within else OrganizationIndex)
    assert "registry_organization" not in str(found.query)
    assert sorted(found.values_list("organization_id", flat=True)) == sorted(
        plainly(condition, within=within).values_list("pk", flat=True)
    )


@pytest.mark.parametrize("within", [True, False], ids=["sector", "registry"])
@pytest.mark.parametrize("condition", BEYOND.values(), ids=BEYOND.keys())
def test_conditions_beyond_the_index_table_choose_and_count_the_same(some, condition, within):
    some[0].remarks = "X"
    some[0].save()
    rows, listed = (of_sector if within else of_registry)(condition), plainly(condition, within=within)
    expected = list(listed.order_by("sort_key", "id").values_list("sort_key", "id"))
    assert rows.read(KeyRange(("sort_key", "id"), 50))[0] == expected
    assert rows.count() == len(expected)
    assert sorted(rows.index_rows().values_list("organization_id", flat=True)) == sorted(pk for _key, pk in expected)
    assert list(rows.in_order(("sort_key", "id")).values_list("sort_key", "id")) == expected


def test_several_sectors_give_each_organization_once(some):
    both = [factories.sector("robots").pk, factories.sector("robots.industrial").pk]
    rows = of_registry(lambda path: in_branches(both, path))
    assert rows.count() == len(rows.read(KeyRange(("sort_key", "id"), 50))[0]) == 3
