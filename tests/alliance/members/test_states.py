"""Which members a list is about: pages and the API list the same, one row of each member."""

import csv
import datetime
import io
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client

from alliance.members.operations import actions, standing
from alliance.members.states import State, condition
from alliance.models import Membership
from tests import factories
from tests.api import api, problem, root

D = datetime.date
MEMBERS = "/admin/alliance/member/"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-06-01T12:00:00+08:00", tick=False):
        yield


@pytest.fixture
def alliance(reference):
    """Members by their names: what the letters stand for is beside them."""
    made = factories.alliance("test")
    low, high = factories.tier(made, "member", name_zh="会员单位", rank=5), factories.tier(made, "council", rank=4)

    def admit(name, on, tier=low):
        return actions.admit(factories.enterprise(name_zh=f"中山市{name}"), made, tier, on).member

    admit("老会员", D(2020, 1, 1))
    promoted = admit("升级", D(2021, 1, 1))
    actions.change_tier(promoted, high, D(2026, 2, 1))
    left = admit("退会", D(2022, 1, 1))
    actions.change_tier(left, high, D(2023, 1, 1))
    actions.end(left, D(2026, 3, 1), "withdrawal")
    lapsed = admit("早退", D(2020, 1, 1))
    actions.end(lapsed, D(2022, 1, 1), "lapse")
    back = admit("回来", D(2020, 1, 1))
    actions.end(back, D(2024, 1, 1), "lapse")
    actions.admit(back.organization, made, high, D(2026, 4, 1))
    admit("新会员", D(2026, 5, 1), high)
    ending = admit("将退", D(2020, 1, 1))
    actions.end(ending, D(2026, 12, 31), "other")
    admit("将来", D(2027, 1, 1))
    suspended = admit("停会", D(2020, 1, 1))
    standing.suspend(suspended, D(2026, 1, 1), "欠缴会费")
    return made


CURRENT = {"老会员", "升级", "回来", "新会员", "将退", "停会"}
LISTS = {
    "": CURRENT,
    "state=suspended": {"停会"},
    "state=joined": {"回来", "新会员"},
    "state=joined&year=2020": {"老会员", "早退", "回来", "将退", "停会"},
    "state=joined&year=2027": {"将来"},
    "state=left": {"退会", "将退"},
    "state=left&year=2022": {"早退"},
    "state=left&year=2023": set(),
    "state=left&as_of=2024-12-31": {"回来"},
    "state=former": {"退会", "早退"},
    "state=former&as_of=2025-12-31": {"早退", "回来"},
    "state=any&year=2023": {"老会员", "升级", "退会", "回来", "将退", "停会"},
    "state=any": CURRENT | {"退会", "早退", "将来"},
    "state=any&tier=council": {"升级", "退会", "回来", "新会员"},
    "state=left&end_reason=withdrawal": {"退会"},
    "end_reason=other": {"将退"},
    "as_of=2025-12-31": {"老会员", "升级", "退会", "将退", "停会"},
}


@pytest.fixture
def client():
    client = Client()
    client.force_login(factories.superuser())
    client.cookies["django_language"] = "zh-hans"
    return client


@pytest.mark.parametrize("query", LISTS)
def test_the_list_and_its_file_show_the_same_rows(alliance, client, query):
    page = client.get(f"{MEMBERS}?{query}")
    rows = page.context["cl"].result_list
    assert {row.organization.name_zh.removeprefix("中山市") for row in rows} == LISTS[query]
    address = next(url for _label, url in page.context["exports"] if "format=csv" in url)
    text = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
    written = list(csv.DictReader(io.StringIO(text)))
    told = [(row["会员编号"], row["会员级别"], row["终止日期"], row["终止原因"]) for row in written]
    with_reason = {row.pk: dict(Membership._meta.get_field("end_reason").flatchoices) for row in rows}
    shown = [
        (
            row.member_no,
            row.list_tier,
            row.list_ended.isoformat() if row.list_ended else "",
            str(with_reason[row.pk].get(row.list_reason, "")),
        )
        for row in rows
    ]
    assert sorted(told) == sorted(shown), unquote(address)
    rosters = [url for _label, url in page.context["exports"] if "roster" in url]
    assert bool(rosters) == ("state" not in query), "a roster is of members"
    marked = {row["单位名称"].removeprefix("中山市") for row in written if row["会籍状态"] == "暂停"}
    assert marked == ({"停会"} & LISTS[query] if "as_of=20" not in query else set())


def test_tiers_are_tabs_with_the_numbers_of_the_list(alliance, client):
    def tabs(query):
        specs = client.get(f"{MEMBERS}?{query}").context["cl"].filter_specs
        spec = next(spec for spec in specs if spec.parameter_name == "tier")
        return {str(label): count for label, _url, _chosen, count in spec.tabs()}

    assert tabs("") == {"全部": 6, str(alliance.tiers.get(code="council")): 3, "会员单位": 3}
    assert tabs("tier=member") == tabs("")
    assert sum(tabs("state=any").values()) == 2 * 9
    assert tabs("q=新会员")["全部"] == 1


def test_year_is_a_choice_where_a_list_is_of_one(alliance, client):
    def years(query):
        specs = client.get(f"{MEMBERS}?{query}").context["cl"].filter_specs
        return [[value for value, _l in s.lookup_choices] for s in specs if s.parameter_name == "year"]

    assert years("") == []
    assert years("state=joined") == [["2027", "2026", "2025", "2024", "2023", "2022", "2021", "2020"]]
    html = client.get(f"{MEMBERS}?state=left&year=2022").content.decode()
    assert "2022年退会" in html
    assert "本年退会" in client.get(MEMBERS).content.decode()


def test_who_comes_and_goes_twice_in_a_year_is_one_row(alliance):
    member = alliance.members.get(organization__name_zh="中山市新会员")
    actions.end(member, D(2026, 5, 10), "other")
    actions.admit(member.organization, alliance, alliance.tiers.get(code="member"), D(2026, 5, 20))
    rows = member.memberships.filter(condition(State.JOINED, D(2026, 6, 1)))
    assert [row.admitted_on for row in rows] == [D(2026, 5, 20)]
    actions.end(member, D(2026, 5, 25), "lapse")
    rows = member.memberships.filter(condition(State.LEFT, D(2026, 6, 1)))
    assert [row.end_reason for row in rows] == ["lapse"]


@pytest.mark.parametrize(
    ("query", "blamed"),
    [
        ("state=gone", "state"),
        ("year=2020", "year"),
        ("state=former&year=2020", "year"),
        ("state=joined&year=20", "year"),
        ("state=joined&as_of=all", "state"),
        ("end_reason=boredom", "end_reason"),
        ("suspended=perhaps", "suspended"),
        ("state=any&format=xlsx&layout=roster", "state"),
    ],
)
def test_the_api_refuses_states_that_it_cannot_mean(alliance, query, blamed):
    answer = root().get(f"alliances/test/members/?{query}")
    document = problem(answer, 400)
    assert blamed in str(document["errors"]), document


def test_suspensions_need_a_permission(alliance):
    plain = api("registry.view_organization", "alliance.view_alliance", "alliance.view_membership")
    assert "standing" not in plain.rows("alliances/test/members/")[0]
    problem(plain.get("alliances/test/members/?suspended=true"), 400)
    rows = root().rows("alliances/test/members/", suspended="true")
    assert [row["standing"] for row in rows] == ["suspended"]
    full = root().rows("alliances/test/members/", suspended="false")
    assert {row["standing"] for row in full} == {"full"}
    assert len(full) == len(CURRENT) - 1
    past = root().rows("memberships/", as_of="all")
    assert "" in {row["standing"] for row in past}


@pytest.mark.parametrize(("query", "most"), [("", 16), ("state=left&year=2022&tier=council&end_reason=lapse", 16)])
def test_the_list_takes_as_many_queries_however_many_members_it_has(
    alliance, client, query, most, django_assert_max_num_queries
):
    client.get(f"{MEMBERS}?{query}")
    with django_assert_max_num_queries(most) as few:
        client.get(f"{MEMBERS}?{query}")
    for number in range(5):
        actions.admit(factories.enterprise(), alliance, alliance.tiers.get(code="member"), D(2022, 1, 1 + number))
    with django_assert_max_num_queries(len(few)):
        client.get(f"{MEMBERS}?{query}")
