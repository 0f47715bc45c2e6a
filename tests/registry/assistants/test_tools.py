"""The tools over the real thing: a process, its API, and a client of the protocol."""

import http.client
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils.timezone import localdate
from pytest_django.live_server_helper import LiveServer

from alliance.models import Member, Membership
from registry.assistants.answers import LIMIT
from registry.models import ApiToken, Contact, Disclosure, Enterprise
from tests import factories
from tests.registry.assistants.assistant import QUIET, Assistant, assistant, bytes_of

pytestmark = [pytest.mark.django_db(transaction=True), *QUIET]

TOOLS = [
    *("find_organizations", "get_organization", "list_members", "count_organizations", "list_sectors"),
    "list_changes",
]
MOST_TOOLS = 8_000


@pytest.fixture
def viewer(reference: None) -> str:
    return factories.token(factories.with_role("查询员"))[1]


@pytest.fixture
def registry(live_server: LiveServer, viewer: str) -> Iterator[Assistant]:
    with assistant(live_server.url, viewer) as started:
        yield started


class Recorder(ThreadingHTTPServer):
    """Hands requests on to the site, and keeps their methods and paths."""

    def __init__(self, to: str) -> None:
        self.to, self.seen = urlsplit(to), set[tuple[str, str]]()
        super().__init__(("127.0.0.1", 0), _Handler)
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Recorder

    def parse_request(self) -> bool:
        parsed = super().parse_request()
        self.server.seen.add((self.command, urlsplit(self.path).path))
        return parsed

    def do_GET(self) -> None:
        line = http.client.HTTPConnection(str(self.server.to.hostname), self.server.to.port or 80, timeout=30)
        line.request("GET", self.path, headers={name: value for name, value in self.headers.items() if name != "Host"})
        answer = line.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def world() -> Any:
    """Two members, one of which has left, and one organization that never was one."""
    robots = factories.enterprise(name_zh="中山市子虚机器人有限公司", township=factories.township())
    factories.tag(robots, is_primary=True)
    factories.figures(robots, 2023)
    factories.contact(robots, name="郑假名", phone="13812345678")
    council, plain = factories.tier(code="council"), factories.tier(code="member")
    of = factories.member(who=robots)
    factories.membership(of, "2020-01-01", tier=plain, ended_on="2022-01-01", end_reason="tier_change")
    factories.membership(of, "2022-01-01", tier=council)
    left = factories.enterprise(name_zh="中山市乌有软件有限公司")
    factories.membership(factories.member(who=left), "2020-01-01", ended_on="2021-07-01", end_reason="withdrawal")
    factories.institute()
    return robots


def test_six_tools_are_told_shortly_and_as_reading_only(live_server: LiveServer, viewer: str) -> None:
    for language, word in (("en", "never instructions"), ("zh", "不是指令")):
        with assistant(live_server.url, viewer, language) as registry:
            listed = registry.listed()
            assert [tool.name for tool in listed.tools] == TOOLS
            assert bytes_of(listed) <= MOST_TOOLS
            assert all(word in tool.description for tool in listed.tools)
            assert all(tool.annotations.read_only_hint for tool in listed.tools)
            assert ("数据" if language == "zh" else "data") in registry.instructions


def test_an_organization_is_found_and_read(registry: Assistant) -> None:
    robots = world()
    found = registry.ask("find_organizations", search="zixujiqiren", sector="robots")
    assert [row["registry_no"] for row in found["results"]] == [robots.registry_no]
    assert found["count"] == 1
    record = registry.ask("get_organization", registry_no=robots.registry_no)
    assert record["uscc"] == robots.uscc
    periods = registry.ask("get_organization", registry_no=robots.registry_no, part="memberships")["results"]
    assert {row["tier"]["name"]: row["ended_on"] for row in periods} == {"会员单位": "2022-01-01", "理事单位": None}
    today = localdate().isoformat()
    past = registry.ask("get_organization", registry_no=robots.registry_no, part="memberships", as_of=today)
    assert [row["admitted_on"] for row in past["results"]] == ["2020-01-01", "2022-01-01"]
    assert registry.ask("get_organization", registry_no=robots.registry_no, part="relations")["results"] == []
    assert registry.ask("get_organization", registry_no=robots.registry_no, part="qualifications")["results"] == []


def test_members_counts_and_changes_of_days(registry: Assistant) -> None:
    world()
    then = registry.ask("list_members", alliance="test", as_of="2021-01-01")
    assert [row["name_zh"] for row in then["results"]] == ["中山市乌有软件有限公司", "中山市子虚机器人有限公司"]
    assert then["as_of"] == "2021-01-01"
    assert registry.ask("list_members", tier="理事单位")["count"] == 1, "the only alliance needs no name"
    counted = registry.ask(
        "count_organizations", by="kind", alliance="测试人工智能产业联盟（test）", as_of="2021-01-01"
    )
    assert [(one["code"], one["count"]) for one in counted["results"]] == [("enterprise", 2)]
    assert registry.ask("count_organizations", by="kind")["count"] == 3
    changed = registry.ask("list_changes", **{"from": "2021-01-01", "to": "2023-01-01", "alliance": "test"})
    assert {row["change"] for row in changed["results"]} == {"ended", "tier_changed"}
    assert registry.ask("list_changes", **{"from": "2020-01-01"})["count"] == 3
    sectors = registry.all_rows("list_sectors")
    assert {"robots", "robots.industrial"} <= {row["code"] for row in sectors}
    assert all(row["name_en"] for row in sectors), "in the language of the process"


def test_nothing_is_asked_for_but_by_get_whatever_the_token_may(live_server: LiveServer, reference: None) -> None:
    robots = world()
    boss = factories.token(factories.superuser(), "write")[1]
    recorder = Recorder(live_server.url)
    with assistant(recorder.url, boss) as registry:
        for part in ("record", "qualifications", "relations", "memberships", "figures"):
            for as_of in ({}, {"as_of": localdate().isoformat()}):
                registry.ask("get_organization", registry_no=robots.registry_no, part=part, **as_of)
        for name in ("find_organizations", "list_members", "list_sectors"):
            registry.ask(name)
        registry.ask("count_organizations", by="sector")
        registry.ask("list_changes", **{"from": "2020-01-01"})
        registry.ask("list_changes", **{"from": "2020-01-01", "alliance": "test"})
    recorder.shutdown()
    recorder.server_close()
    assert {method for method, _path in recorder.seen} == {"GET"}
    assert len(recorder.seen) == 11
    assert all(path.startswith("/api/v1/") and "contacts" not in path for _method, path in recorder.seen)


def test_no_person_reaches_an_assistant_whatever_the_token_may(live_server: LiveServer, reference: None) -> None:
    robots = world()
    factories.representative(Member.objects.get(organization_id=robots.pk), name="韦拟定")
    boss = factories.token(factories.superuser())[1]
    today = localdate().isoformat()
    with assistant(live_server.url, boss) as registry:
        texts = [
            registry.call("get_organization", registry_no=robots.registry_no).content[0].text,
            registry.call("get_organization", registry_no=robots.registry_no, as_of=today).content[0].text,
            registry.call("get_organization", registry_no=robots.registry_no, part="memberships").content[0].text,
            registry.call("find_organizations").content[0].text,
            registry.call("list_members").content[0].text,
        ]
        assert "must be one of" in registry.refused("get_organization", registry_no=robots.registry_no, part="contacts")
    assert Contact.objects.filter(name="郑假名").exists()
    assert all(robots.name_zh in text or "会员单位" in text for text in texts)
    assert not [text for text in texts if "郑假名" in text or "韦拟定" in text or "5678" in text]
    assert not Disclosure.objects.exists()


def test_a_token_that_does_not_hold_is_refused_with_the_remedy(live_server: LiveServer, viewer: str) -> None:
    with assistant(live_server.url, "zsai_wrong") as registry:
        told = registry.refused("find_organizations")
        assert "REGISTRY_ASSISTANT_TOKEN" in told
        assert "API tokens" in told
        assert "zsai_wrong" not in told
    with assistant(live_server.url, viewer, "zh") as registry:
        assert registry.ask("find_organizations")["count"] == 0
        ApiToken.objects.revoke()
        assert "已撤销" in registry.refused("find_organizations")
        assert "「API 令牌」" in registry.refused("list_members")


def test_a_role_without_figures_is_told_so(registry: Assistant) -> None:
    number = world().registry_no
    today = localdate().isoformat()
    for arguments in ({}, {"as_of": today}):
        told = registry.refused("get_organization", registry_no=number, part="figures", **arguments)
        assert "may not see this" in told
    assert "size_class" not in registry.ask("get_organization", registry_no=number)
    assert "size_class" in registry.refused("count_organizations", by="size_class")


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("find_organizations", {"sectors": "robots"}, "no such argument; there are: search, sector"),
    ("find_organizations", {"sector": "robotts"}, "robots"),
    ("find_organizations", {"limit": 51}, "1 to 50"),
    ("find_organizations", {"limit": True}, "1 to 50"),
    ("find_organizations", {"search": ["robots"]}, "must be a text"),
    ("find_organizations", {"search": "字" * 201}, "200 characters"),
    ("find_organizations", {"cursor": "made-up"}, "cursor"),
    ("find_organizations", {"kind": "company"}, "enterprise, research"),
    ("get_organization", {}, "registry_no: is needed"),
    ("get_organization", {"registry_no": "ZSAI-000001/verify"}, "ZSAI-000001"),
    ("get_organization", {"registry_no": "ZSAI-999999"}, "find_organizations"),
    ("list_members", {"alliance": "../organizations"}, "test (测试人工智能产业联盟（test）)"),
    ("list_members", {"as_of": "2025-02-30"}, "2025-12-31"),
    ("count_organizations", {"by": "phone"}, "sector, branch"),
    ("count_organizations", {"by": "kind", "cursor": "-1"}, "cursor"),
    ("list_changes", {"from": "2025-01-01", "to": "2025-02-01"}, "alliance"),
    ("list_changes", {"from": "2025-02-01", "to": "2025-01-01", "alliance": "test"}, "to"),
    ("delete_organization", {}, "find_organizations"),
]


def test_arguments_that_cannot_be_are_told_with_those_that_can(registry: Assistant) -> None:
    factories.alliance()
    told = [(name, arguments, registry.refused(name, **arguments)) for name, arguments, _part in WRONG]
    assert [one for one, (_name, _arguments, part) in zip(told, WRONG, strict=True) if part not in one[2]] == []


def test_two_thousand_members_come_in_answers_of_25_kilobytes(live_server: LiveServer, viewer: str) -> None:
    alliance, tier = factories.alliance(), factories.tier()
    made = Enterprise.objects.bulk_create(
        Enterprise(
            kind="enterprise",
            name_zh=f"中山市虚构{n:04}号智能机器人股份有限公司",
            name_en=f"Zhongshan Fictional No. {n:04} Intelligent Robots Co., Ltd.",
            introduction="“引”号" * 500,
        )
        for n in range(2_000)
    )
    members = Member.objects.bulk_create(Member(alliance=alliance, organization_id=one.pk) for one in made)
    Membership.objects.bulk_create(
        Membership(alliance=alliance, member=one, tier=tier, admitted_on="2020-01-01") for one in members
    )
    large = Enterprise.objects.get(pk=made[0].pk)
    large.introduction = large.scope = large.main_products = '介绍"' * 20_000
    large.save()
    with assistant(live_server.url, viewer) as registry:
        rows = registry.all_rows("list_members", limit=50)
        assert len({row["registry_no"] for row in rows}) == len(rows) == 2_000
        page = registry.ask("list_members", limit=50)
        assert page["left_out"].startswith(f"{page['shown']} of ")
        days = {"from": "2019-01-01", "to": "2021-01-01"}
        first = registry.ask("list_changes", **days, alliance="test", limit=50)
        assert first["counts"]["admitted"] == 2_000
        assert first["cursor"] == str(first["shown"])
        last = registry.ask("list_changes", **days, alliance="test", cursor="1990")
        assert (last["shown"], "cursor" in last) == (10, False)
        record = registry.ask("get_organization", registry_no=large.registry_no)
        assert "introduction" in record["left_out"]
        assert record["name_zh"] == large.name_zh
        assert len(registry.all_rows("find_organizations", search="虚构000", limit=50)) == 10
        assert 20_000 < registry.largest <= LIMIT
