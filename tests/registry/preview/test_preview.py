"""The preview shows just what its audience gets, is read and no more, and nobody sees in it more than they may."""

import datetime
import re
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from alliance.models import Alliance, Member
from registry.directory.asking import Counts
from registry.models import Enterprise, Organization, Proposal, PublicChange
from tests import factories

pytestmark = pytest.mark.django_db
COMPANY = quote("公司")
PUBLIC, VIEWER = "/admin/preview/public", "/admin/preview/viewer"
BANNER_RE = re.compile(
    r'<link rel="stylesheet" href="[^"]*preview\.css">\n<section class="preview".*?</section>\n', re.S
)
TOKEN_RE = re.compile(r'(name="csrfmiddlewaretoken" value|data-version|name="_version" value)="[^"]*"')


@pytest.fixture(autouse=True)
def no_kept_counts() -> None:
    Counts.cache_clear()


@pytest.fixture
def world(reference: None) -> tuple[Enterprise, Enterprise, Alliance]:
    """A published member and one that is not, each with everything that has a permission of its own."""
    alliance = factories.alliance("open", name_zh="公开联盟")
    made = []
    for name in ("公开公司", "未公开公司"):
        of = factories.enterprise(
            name_zh=name,
            published=name == "公开公司",
            township=factories.township(),
            remarks="秘密备注",
            verified_on=datetime.date(2024, 5, 6),
        )
        member = factories.member(alliance, of)
        factories.membership(member)
        factories.due(member)
        factories.representative(member, name="秘密代表", phone="0760-00009999")
        factories.contact(of, name="秘密联系人", phone="0760-00009999", email="secret@example.com")
        factories.figures(of, 2022, employees=76543)
        factories.figures(of, 2023, employees=76543)
        factories.tag(of, "robots.industrial", evidence="秘密依据")
        factories.qualification(of, certificate_no="秘密证书")
        factories.name(of, "公司原名", kind="former")
        factories.name(of, "秘密别名", kind="alias")
        made.append(of)
    return made[0], made[1], alliance


def client(user: User) -> Client:
    one = Client()
    one.force_login(user)
    return one


def banner(page: str) -> str:
    found = BANNER_RE.search(page)
    assert found, page[:500]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


def without_banner(page: str, root: str) -> str:
    return BANNER_RE.sub("", page).replace(f"{root}/", "/")


# --- As the public


ADDRESSES = (
    "/",
    "/en/",
    "/list/",
    "/list/?search=公司",
    "/list/?sector=robots.industrial&kind=enterprise",
    "/t/442000118/",
    "/en/s/robots/",
    "/institutes/",
    "/landscape/",
    "/statistics/",
    "/alliances/",
    "/alliances/open/",
    "/alliances/open/?as_of=2021-06-30",
    "/en/alliances/open/",
    "/list/?nonsense=1",
    "/o/ZSAI-999999/",
    "/privacy/",
)


@pytest.mark.parametrize("role", ["", "秘书处", "查询员", "镇街填报员"])
def test_the_public_is_shown_what_anybody_gets(world: tuple[Enterprise, Enterprise, Alliance], role: str) -> None:
    shown, _kept, _alliance = world
    one = client(factories.with_role(role) if role else factories.superuser())
    for url in (*ADDRESSES, f"/o/{shown.registry_no}/", f"/en/o/{shown.registry_no}/"):
        anybody, seen = Client().get(url), one.get(f"{PUBLIC}{url}")
        assert seen.status_code == anybody.status_code, url
        assert without_banner(seen.content.decode(), PUBLIC) == anybody.content.decode(), url
        assert "no-store" in seen["Cache-Control"], url
        assert "当前以“公众”的身份查看" in banner(seen.content.decode())


def test_files_of_the_directory_are_fetched_where_everybody_gets_them(world: tuple[Enterprise, ...]) -> None:
    url = f"/o/{world[0].registry_no}.json"
    assert client(factories.superuser()).get(f"{PUBLIC}{url}")["Location"] == url


def test_one_comes_there_from_the_page_where_one_stands_and_back(
    world: tuple[Enterprise, Enterprise, Alliance],
) -> None:
    shown, _kept, alliance = world
    one = client(factories.with_role("审核员"))
    record = f"/admin/registry/enterprise/{shown.pk}/"
    searched = f"/admin/registry/organization/?q={COMPANY}&sector=robots&freshness=never"
    places = {
        record: f"/o/{shown.registry_no}/?",
        searched: f"/list/?search={COMPANY}&sector=robots&",
        "/admin/registry/enterprise/?township=442000118": "/list/?township=442000118&kind=enterprise&",
        "/admin/alliance/member/?as_of=2021-06-30": "/alliances/open/?as_of=2021-06-30&",
        f"/admin/alliance/alliance/{alliance.pk}/change/": "/alliances/open/?",
        "/admin/alliance/alliance/": "/alliances/?",
    }
    for page, public in places.items():
        begin = f"/admin/preview/?{urlencode({'page': page})}"
        assert begin in one.get(page).content.decode(), page
        answer = one.get(begin)
        assert answer["Location"] == f"{PUBLIC}{public}{urlencode({'_page': page})}", page
        seen = one.get(answer["Location"]).content.decode()
        assert f'class="back" href="{page}"'.replace("&", "&amp;") in seen
    listed = one.get(
        one.get(f"/admin/preview/?{urlencode({'page': '/admin/registry/organization/?freshness=never'})}")["Location"]
    )
    assert "已略去：核实情况" in banner(listed.content.decode())


def test_no_other_address_is_taken_for_a_page_of_the_staff(reference: None) -> None:
    one = client(factories.superuser())
    for page in ("https://example.com/", "//example.com/admin/", "/o/ZSAI-000001/", "javascript:alert(1)", ""):
        assert one.get("/admin/preview/", {"page": page}).status_code == 404
        seen = one.get(f"{PUBLIC}/list/", {"_page": page}).content.decode()
        assert 'class="back" href="/admin/registry/organization/"' in seen


def test_what_the_public_does_not_see_is_told_as_numbers(world: tuple[Enterprise, Enterprise, Alliance]) -> None:
    shown, _kept, _alliance = world
    told = {}
    for role in ("审核员", "秘书处", "查询员"):
        page = client(factories.with_role(role)).get(f"{PUBLIC}/o/{shown.registry_no}/").content.decode()
        assert "秘密" not in page
        assert "76543" not in page
        told[role] = banner(page)
    assert "联系人 2" not in told["审核员"]
    assert "联系人 1" in told["审核员"]
    assert "年度数据 2" in told["审核员"]
    assert "其他名称 1" in told["审核员"]
    assert "会籍" not in told["审核员"]  # the public sees it
    assert "备注" in told["审核员"]
    # Nobody learns a number of what they may not see.
    assert "代表" not in told["审核员"]
    assert "联系人" not in told["秘书处"]
    assert "代表和联络员 1" in told["秘书处"]
    assert "联系人" not in told["查询员"]
    assert "年度数据" not in told["查询员"]
    lists = client(factories.with_role("查询员")).get(f"{PUBLIC}/list/?search=公司").content.decode()
    assert "未公开的单位 1" in banner(lists)
    members = client(factories.with_role("秘书处")).get(f"{PUBLIC}/alliances/open/").content.decode()
    assert "未公开的现有会员 1" in banner(members)
    assert "代表和联络员 2" in banner(members)


def stored() -> list[list[tuple[object, ...]]]:
    """What publishing a record writes."""
    events = Organization.pgh_event_model  # type: ignore[attr-defined]
    return [[*model.objects.order_by("pk").values_list()] for model in (Organization, events, PublicChange, Proposal)]


def test_a_record_that_is_not_published_is_shown_as_it_will_be(world: tuple[Enterprise, Enterprise, Alliance]) -> None:
    _shown, kept, _alliance = world
    url = f"/o/{kept.registry_no}/"
    before = stored()
    reviewer, viewer = factories.with_role("审核员"), factories.with_role("查询员")
    seen = client(reviewer).get(f"{PUBLIC}{url}").content.decode()
    assert "未公开公司 尚未公开：公众现在打开此地址得到“找不到页面”" in banner(seen)
    assert f'href="/admin/registry/enterprise/{kept.pk}/care/edit/"' in seen
    assert "联系人 1" in banner(seen)
    assert "秘密" not in seen
    assert "care/edit" not in client(viewer).get(f"{PUBLIC}{url}").content.decode()
    # Nothing of it has stayed.
    assert Client().get(url).status_code == 404
    assert not Organization.objects.get(pk=kept.pk).published
    assert stored() == before
    Organization.objects.filter(pk=kept.pk).update(published=True)
    anybody = Client().get(url).content.decode()
    moment = re.compile(r"\d{4}-\d\d-\d\d|\d{4}年\d+月\d+日")
    assert moment.sub("", without_banner(seen, PUBLIC)) == moment.sub("", anybody)


def test_an_alliance_that_is_not_published_is_shown_as_it_will_be(reference: None) -> None:
    factories.alliance("quiet", name_zh="安静联盟", published=False)
    seen = client(factories.with_role("秘书处")).get(f"{PUBLIC}/alliances/quiet/").content.decode()
    assert "<h1>安静联盟" in seen
    assert "尚未公开" in banner(seen)
    assert Client().get("/alliances/quiet/").status_code == 404


# --- As a viewer


def pages(world: tuple[Enterprise, Enterprise, Alliance]) -> list[str]:
    shown, kept, alliance = world
    member = Member.objects.get(organization=shown)
    return [
        "/admin/registry/organization/",
        f"/admin/registry/organization/?q={COMPANY}&sector=robots.industrial",
        "/admin/registry/organization/?published=false",
        "/admin/registry/enterprise/?township=442000118",
        f"/admin/registry/enterprise/{shown.pk}/",
        f"/admin/registry/enterprise/{kept.pk}/",
        f"/admin/registry/enterprise/{kept.pk}/history/",
        "/admin/alliance/alliance/",
        f"/admin/alliance/alliance/{alliance.pk}/change/",
        "/admin/alliance/member/?as_of=2021-06-30",
        f"/admin/alliance/member/{member.pk}/change/",
        "/admin/registry/organization/crosstab/",
    ]


def same(page: str, root: str = "") -> str:
    """The page without what is the account's own: its name, its tokens, the audiences that it may look as."""
    plain = without_banner(page, root) if root else page
    plain = plain.replace(f"{VIEWER}/api", "/api")
    plain = re.sub(r'<span class="previews">.*?</span>', "", plain)
    plain = re.sub(r'<span class="who">.*?</span>|<meta name="account" content="\d+"', "", plain)
    return re.sub(r"\n\s*\n+", "\n", TOKEN_RE.sub("", plain))


def test_a_viewer_is_shown_what_a_viewer_gets(world: tuple[Enterprise, Enterprise, Alliance]) -> None:
    viewer = client(factories.with_role("查询员"))
    for previewer in (factories.superuser(), factories.with_role("秘书处"), factories.with_role("审核员")):
        one = client(previewer)
        for url in pages(world):
            real, seen = viewer.get(url), one.get(f"{VIEWER}{url}")
            assert (real.status_code, seen.status_code) == (200, 200), url
            assert same(seen.content.decode(), VIEWER) == same(real.content.decode()), url
            assert "秘密联系人" not in seen.content.decode()
            assert "当前以“查询员”的身份查看" in banner(seen.content.decode())


def test_what_a_viewer_does_not_see_is_told_as_numbers(world: tuple[Enterprise, Enterprise, Alliance]) -> None:
    page = f"{VIEWER}/admin/registry/enterprise/{world[0].pk}/"
    assert "年度数据 2 联系人 1" in banner(client(factories.with_role("审核员")).get(page).content.decode())
    told = banner(client(factories.with_role("秘书处")).get(page).content.decode())
    assert "联系人" not in told
    assert "代表和联络员 1" in told
    assert "会费 1" in told


def test_only_those_look_as_a_viewer_who_see_all_that_a_viewer_sees(world: tuple[Enterprise, ...]) -> None:
    page = f"/admin/registry/enterprise/{world[0].pk}/"
    offered = f'href="{VIEWER}{page}"'
    for role, may in {"审核员": True, "秘书处": True, "系统管理员": True, "审计员": False, "镇街填报员": False}.items():
        one = client(factories.with_role(role))
        assert (offered in one.get(page).content.decode()) is may, role
        assert one.get(f"{VIEWER}{page}").status_code == (200 if may else 403), role


def test_a_viewer_gets_no_page_of_others(world: tuple[Enterprise, ...]) -> None:
    one = client(factories.superuser())
    expected = {
        "/admin/registry/disclosure/": (403, "查询员不能打开此页"),
        f"/admin/registry/enterprise/{world[0].pk}/contacts/edit/": (403, "查询员不能打开此页"),
        "/admin/registry/enterprise/9999999/": (404, "查询员没有这样的页面"),
        "/admin/registry/organization/?nonsense=1": (400, "nonsense"),
        "/admin/password_change/": (404, "查询员没有这样的页面"),
        f"/admin/preview/viewer/admin/registry/enterprise/{world[0].pk}/": (404, "查询员没有这样的页面"),
        "/o/ZSAI-000001/": (404, "查询员没有这样的页面"),
        f"/admin/alliance/alliance/{world[2].pk}/application.xlsx": (403, "预览中不生成文件"),  # type: ignore[misc]
    }
    for url, (status, text) in expected.items():
        answer = one.get(f"{VIEWER}{url}")
        assert (answer.status_code, text in answer.content.decode()) == (status, True), url


# --- Of both


def test_nothing_is_sent_or_stored_in_a_preview(world: tuple[Enterprise, Enterprise, Alliance]) -> None:
    shown = world[0]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factories.superuser())
    page = f"/admin/registry/enterprise/{shown.pk}"
    for url in (f"{VIEWER}{page}/reveal/", f"{VIEWER}{page}/names/edit/", f"{PUBLIC}/o/{shown.registry_no}/correct/"):
        answer = strict.post(url, {"name_zh": "别的名称", "wish": "remove", "origin": "enterprise"})
        assert answer.status_code == 405
        assert "预览只供阅读" in answer.content.decode()
    assert Organization.objects.get(pk=shown.pk).name_zh == "公开公司"


def test_who_gets_which_columns_of_a_file(world: tuple[Enterprise, ...]) -> None:
    listed = client(factories.superuser()).get(f"{VIEWER}/admin/registry/organization/").content.decode()
    address = re.search(r'href="(/admin/preview/viewer/api/v1/organizations/\?format=csv)"', listed)
    assert address
    for role, readers in {"审核员": ["查询员", "公众"], "审计员": ["公众"]}.items():
        one = client(factories.with_role(role))
        page = one.get("/admin/preview/columns/organizations/").content.decode()
        heads = re.findall(r'<th scope="col">([^<]*) <span class="count">', page)
        assert heads[1:] == readers
        rows = {
            row[0]: re.findall(r"<td>([^<]*)</td>", row[1])
            for row in re.findall(r'<th scope="row">([^<]*)</th>(.*?)</tr>', page)
        }
        assert rows["单位名称"] == ["是"] * (len(readers) + 1)
        assert rows["备注"] == ["是", *(["是"] if "查询员" in readers else []), "—"]
        assert rows["法定代表人"][0] == "是"
        assert rows["法定代表人"][-1] == "—"
    members = client(factories.with_role("秘书处")).get("/admin/preview/columns/alliances/open/members/")
    assert "会员编号" in members.content.decode()
    assert client(factories.with_role("查询员")).get("/admin/preview/columns/nonsense/").status_code == 404


def test_asking_the_lists_from_within_leaves_the_reader_their_language(world: tuple[Enterprise, ...]) -> None:
    one = client(factories.with_role("审核员"))
    one.cookies["django_language"] = "en"
    columns = one.get("/admin/preview/columns/organizations/").content.decode()
    assert '<html lang="en"' in columns
    assert '<th scope="row">Organization name</th>' in columns
    lists = banner(one.get(f"{PUBLIC}/en/list/").content.decode())
    assert "You look as: the public" in lists
    assert "Organizations that are not published 1" in lists


def test_where_there_is_no_public_site_the_public_is_not_offered(
    world: tuple[Enterprise, ...], settings: object
) -> None:
    settings.PUBLIC_SITE = False  # type: ignore[attr-defined]
    page = f"/admin/registry/enterprise/{world[0].pk}/"
    assert "以…身份查看" in (seen := client(factories.superuser()).get(page).content.decode())
    assert "/admin/preview/?" not in seen


# --- What it costs


def test_a_preview_costs_the_same_however_much_there_is(world: tuple[Enterprise, Enterprise, Alliance]) -> None:
    shown, kept, alliance = world
    one = client(factories.superuser())
    urls = {
        f"{PUBLIC}/o/{shown.registry_no}/": 22,
        f"{PUBLIC}/o/{kept.registry_no}/": 34,
        f"{PUBLIC}/list/": 17,
        f"{PUBLIC}/alliances/open/": 33,
        f"{VIEWER}/admin/registry/organization/": 16,
        f"{VIEWER}/admin/registry/enterprise/{shown.pk}/": 42,
        "/admin/preview/columns/organizations/": 12,
    }

    def costs() -> dict[str, int]:
        found = {}
        for url in urls:
            Counts.cache_clear()
            with CaptureQueriesContext(connection) as queries:
                assert one.get(url).status_code == 200
            found[url] = len(queries)
        return found

    costs()  # fills what a process keeps
    before = costs()
    for number in range(3):
        for of in (shown, kept):
            factories.contact(of, role="other", name=f"某{number}")
            factories.figures(of, 2000 + number)
            factories.qualification(of, batch=f"第{number}批")
            factories.name(of)
        factories.membership(factories.member(alliance, factories.enterprise(published=True)))
    assert costs() == before
    assert {url: cost for url, cost in before.items() if cost > urls[url]} == {}
