"""Lists of organizations: filters, search, order, what is done to selected rows."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Category, Organization, SectorTag
from registry.organizations.admin import bulk
from tests import factories

LIST = "/admin/registry/organization/"


@pytest.fixture
def client(reference):
    client = Client()
    client.force_login(factories.superuser())
    return client


def names(client, **query):
    return [row.name_zh for row in client.get(LIST, query).context["cl"].result_list]


def logged_in(*permissions):
    client = Client()
    client.force_login(factories.user("registry.view_organization", *permissions))
    return client


# --- Filters


@pytest.fixture
def registry(reference):
    """甲 and 乙 in the branch of robots, 丙 elsewhere, 丁 merged, 戊 of another plan's sector."""
    a = factories.enterprise(name_zh="甲", township=factories.township("442000001"), category="startup", published=True)
    b = factories.organization(name_zh="乙", kind="financial", zone=factories.zone(), registration_status="suspended")
    c = factories.institute(name_zh="丙", category="laboratory")
    d = factories.enterprise(name_zh="丁", registration_status="merged")
    e = factories.enterprise(name_zh="戊")
    factories.tag(a, "robots.industrial", is_primary=True)
    factories.tag(b, "robots")
    factories.tag(c, "core-technology.machine-vision")
    factories.tag(d, "robots.service")
    later = factories.plan("later", current=False)
    factories.tag(e, factories.sector("robots", later))
    alliance = factories.alliance()
    factories.membership(factories.member(alliance, a))
    factories.membership(factories.member(alliance, b), ended_on="2021-01-01")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "丙甲戊乙"),
        ({"sector": "robots"}, "甲乙"),
        ({"sector": "robots.industrial"}, "甲"),
        ({"sector": "core-technology"}, "丙"),
        ({"sector": "nowhere"}, "丙甲戊乙"),
        ({"township": "442000001"}, "甲"),
        ({"zone": "torch"}, "乙"),
        ({"kind": "research"}, "丙"),
        ({"category": "startup"}, "甲"),
        ({"registration_status": "merged"}, "丁"),
        ({"registration_status": "suspended"}, "乙"),
        ({"published": "true"}, "甲"),
        ({"published": "false"}, "丙戊乙"),
        ({"alliance": "test"}, "甲"),
        ({"alliance": "not:test"}, "丙戊乙"),
        ({"sector": "robots", "published": "false"}, "乙"),
    ],
)
def test_each_filter_of_the_list(client, registry, query, found):
    assert sorted(names(client, **query)) == sorted(found)


def test_the_list_is_in_pinyin_order(client, registry):
    assert names(client) == list("丙甲戊乙"), "bing, jia, wu, yi"


def test_the_filter_by_sector_is_the_tree_of_the_current_plan(client, registry):
    html = client.get(LIST).content.decode()
    options = re.findall(r'<option value="(robots[^"]*)"', html)
    assert options[0] == "robots"
    assert "robots.industrial" in options
    assert len(options) == len(set(options)), "another plan's sectors are not offered"


def test_the_list_of_enterprises_holds_enterprises(client, registry):
    rows = client.get("/admin/registry/enterprise/").context["cl"].result_list
    assert {row.name_zh for row in rows} == {"甲", "戊"}


@pytest.mark.parametrize(
    "text", ["虚构", "市虚", "曾用名", "fictional robot", "ZSAI-", "CODE", "ＦＩＣＴＩＯＮＡＬ", "曾用 虚构"]
)
def test_search_finds_by_any_name_number_or_code(client, text):
    organization = factories.enterprise(name_zh="中山市虚构有限公司", name_en="Fictional Robot Ltd")
    factories.name(organization, "中山市曾用名有限公司")
    query = organization.uscc[:9] if text == "CODE" else text
    assert names(client, q=query) == ["中山市虚构有限公司"]
    assert names(client, q="不存在") == []


def test_lists_show_the_primary_sector_and_the_alliances(client, registry):
    html = client.get(LIST, {"sector": "robots.industrial"}).content.decode()
    assert "工业机器人</td>" in html
    assert "测试人工智能产业联盟" in re.sub(r"(?s)<form id=\"changelist-search.*?</form>", "", html)


def test_exports_take_the_filters_as_they_stand(client, registry):
    client.cookies["django_language"] = "zh-hans"
    exports = client.get(LIST, {"q": "甲", "sector": "robots", "alliance": "not:test"}).context["exports"]
    assert [label for label, _url in exports] == ["导出 Excel", "导出 CSV"]
    for _label, url in exports:
        for parameter in ("search=%E7%94%B2", "sector=robots", "alliance=test", "member=false"):
            assert parameter in url


# --- Selected rows


def run(client, action, rows, step="", **values):
    data = {"action": action, "_selected_action": [row.pk for row in rows], "select_across": "0", **values}
    if not step:
        data["index"] = "0"
    return client.post(LIST, data | {"step": step} if step else data)


def apply(client, action, rows, expected, **values):
    return run(client, action, rows, "apply", expected=expected, **values)


@pytest.fixture
def three(reference):
    return [factories.enterprise(name_zh=f"中山市第{n}有限公司") for n in "一二三"]


def test_sectors_are_added_after_a_page_that_counts(client, three):
    sector = factories.sector("robots.industrial")
    factories.tag(three[0], sector)
    client.cookies["django_language"] = "zh-hans"
    assert "已选择 3 个单位" in run(client, "add_sectors", three).content.decode()
    page = run(client, "add_sectors", three, "show", sectors=[sector.pk])
    html = page.content.decode()
    assert "将修改 2 个单位" in html
    assert "1 个单位不作修改：已有所选领域" in html
    assert "中山市第一有限公司" in html
    assert SectorTag.objects.count() == 1, "nothing is done yet"
    done = apply(client, "add_sectors", three, 2, sectors=[sector.pk])
    assert done.status_code == 302
    assert SectorTag.objects.filter(sector=sector, is_primary=False).count() == 3


def test_an_added_sector_becomes_primary_only_where_there_is_none(client, three):
    factories.tag(three[0], "robots.service", is_primary=True)
    sector = factories.sector("robots.industrial")
    apply(client, "add_sectors", three, 3, sectors=[sector.pk], primary="on")
    assert set(SectorTag.objects.filter(sector=sector).values_list("organization", "is_primary")) == {
        (three[0].pk, False),
        (three[1].pk, True),
        (three[2].pk, True),
    }
    both = [sector.pk, factories.sector("robots.service").pk]
    assert "primary" in run(client, "add_sectors", three, "show", sectors=both, primary="on").context["form"].errors


def test_sectors_are_removed(client, three):
    for organization in three[:2]:
        factories.tag(organization, "robots.industrial")
        factories.tag(organization, "robots")
    sector = factories.sector("robots")
    apply(client, "remove_sectors", three, 2, sectors=[sector.pk])
    assert set(SectorTag.objects.values_list("sector__code", flat=True)) == {"robots.industrial"}


def test_the_township_is_set(client, three):
    township = factories.township("442000001")
    Organization.objects.filter(pk=three[0].pk).update(township=township)
    page = run(client, "set_township", three, "show", township=township.pk)
    assert len(page.context["outcome"].changed) == 2
    apply(client, "set_township", three, 2, township=township.pk)
    assert Organization.objects.filter(township=township).count() == 3


def test_a_category_is_set_only_where_the_kind_allows(client, three):
    institute = factories.institute(category="")
    page = run(client, "set_category", [*three, institute], "show", category="startup")
    assert [count for _why, count, _first, _more in page.context["outcome"].reasons()] == [1]
    apply(client, "set_category", [*three, institute], 3, category="startup")
    assert Organization.objects.filter(category="startup").count() == 3
    assert len(run(client, "set_category", [institute], "show", category="laboratory").context["outcome"].changed) == 1


@pytest.mark.parametrize("category", Category.values)
def test_no_category_can_be_set_that_the_database_refuses(client, reference, category):
    rows = [factories.organization(kind=kind) for kind in ("enterprise", "research", "financial", "government")]
    changed = run(client, "set_category", rows, "show", category=category).context["outcome"].changed
    assert apply(client, "set_category", rows, len(changed), category=category).status_code == 302
    assert Organization.objects.filter(category=category).count() == len(changed) > 0


def test_rows_are_published_and_unpublished(client, three):
    Organization.objects.filter(pk=three[0].pk).update(published=True)
    assert len(run(client, "publish", three).context["outcome"].changed) == 2
    apply(client, "publish", three, 2)
    assert Organization.objects.published().count() == 3
    apply(client, "unpublish", three[:1], 1)
    assert Organization.objects.published().count() == 2


def test_a_change_is_not_done_where_the_count_no_longer_holds(client, three):
    assert len(run(client, "publish", three).context["outcome"].changed) == 3
    Organization.objects.filter(pk=three[0].pk).update(published=True)
    page = apply(client, "publish", three, 3)
    assert page.status_code == 200
    assert page.context["moved_on"]
    assert Organization.objects.published().count() == 1


def test_all_rows_of_a_filtered_list_are_meant_when_all_are_selected(client, three):
    factories.institute()
    data = {"action": "publish", "_selected_action": [three[0].pk], "select_across": "1", "index": "0"}
    page = client.post(LIST + "?kind=enterprise", data)
    assert len(page.context["outcome"].changed) == 3


def test_a_change_of_many_is_in_the_history_with_its_author(client, three):
    apply(client, "publish", three, 3)
    events = Organization.pgh_event_model.objects.filter(pgh_label="update").select_related("pgh_context")
    assert {event.pgh_obj_id for event in events} == {row.pk for row in three}
    assert {event.pgh_context.metadata["operation"] for event in events} == {"bulk"}
    assert all(event.pgh_context.metadata["user"] for event in events)


@pytest.mark.parametrize("change", bulk.CHANGES, ids=lambda change: change.name)
def test_each_bulk_change_needs_its_permissions(three, change):
    for missing in change.permissions:
        client = logged_in(*(permission for permission in change.permissions if permission != missing))
        html = client.get(LIST).content.decode()
        assert f'value="{change.name}"' not in html
        answer = run(client, change.name, three, "apply", expected=3, sectors=[1], township=1, category="startup")
        assert answer.status_code in (200, 302, 403)
    client = logged_in(*change.permissions)
    assert f'value="{change.name}"' in client.get(LIST).content.decode()
    assert not Organization.objects.published().exists()
    assert not Organization.objects.exclude(category="").exists()


def test_bulk_changes_take_as_many_queries_for_three_rows_as_for_one(client, three):
    sector = factories.sector("robots.industrial")

    def count(rows):
        with CaptureQueriesContext(connection) as queries:
            run(client, "add_sectors", rows, "show", sectors=[sector.pk])
        return len(queries)

    count(three)
    assert count(three[:1]) == count(three)


def test_those_without_a_sector_are_marked_and_can_be_listed(client, registry):
    """戊 has a sector of another plan only; the file holds the same rows as the list."""
    bare = factories.enterprise(name_zh="己")
    page = client.get(LIST, {"sector": "none"})
    assert {row.name_zh for row in page.context["cl"].result_list} == {"戊", "己"}
    assert page.content.decode().count('class="lacking"') == 2
    url = dict(page.context["exports"])["导出 CSV"]
    answer = client.get(url)
    exported = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert bare.registry_no in exported.decode("utf-8-sig")
    assert len(exported.decode("utf-8-sig").splitlines()) == 3
