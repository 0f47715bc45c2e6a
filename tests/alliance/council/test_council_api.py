"""Terms, groups, seats and office holders as lists and files, each with a permission of its own."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from alliance.models import Alliance
from tests import factories
from tests.api import api as api_of
from tests.api import ok, problem, root

pytestmark = pytest.mark.django_db
LISTS = ("terms", "groups", "seats", "office-holders")
SECRET = "虚构秘"


@pytest.fixture
def alliance(reference: None) -> Alliance:
    alliance = factories.alliance()
    factories.term(alliance, "2019-01-01", postponed_until="2024-07-01", approval_no="粤民函〔2024〕1号")
    board = factories.group(alliance, "supervisory_board", name_zh="监事会", founded_on="2019-01-01")
    factories.seat(factories.membership(), board, ends_on="2024-07-01", role="lead")
    factories.seat(factories.membership(), board, begins_on="2024-07-01")
    factories.office_holder(alliance, name=SECRET, member=factories.member(alliance))
    other = factories.alliance("other")
    factories.term(other, "2019-01-01")
    factories.group(other, name_zh="别的工作组")
    factories.office_holder(other, name="别的人")
    return alliance


def test_lists_show_what_belongs_to_the_alliance(alliance):
    said = {name: ok(root().get(f"alliances/test/{name}/")) for name in LISTS}
    assert {name: answer["count"] for name, answer in said.items()} == {
        "terms": 1,
        "groups": 1,
        "seats": 2,
        "office-holders": 1,
    }
    assert said["terms"]["results"] == [
        {
            "number": 1,
            "begins_on": "2019-01-01",
            "ends_on": "2024-01-01",
            "postponed_until": "2024-07-01",
            "approval_no": "粤民函〔2024〕1号",
            "decision": None,
        }
    ]
    seat = said["seats"]["results"][0]
    assert (seat["group"], seat["kind"], seat["role"], seat["ends_on"]) == (
        "监事会",
        "supervisory_board",
        "lead",
        "2024-07-01",
    )
    assert said["office-holders"]["results"][0]["name"] == SECRET


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("terms/?as_of=2024-06-30", 1),
        ("terms/?as_of=2024-07-01", 0),
        ("groups/?as_of=2018-12-31", 0),
        ("groups/?kind=监事会", 1),
        ("groups/?kind=working_group", 0),
        ("seats/?as_of=2024-06-30", 1),
        ("seats/?as_of=2019-12-31", 0),
        ("seats/?kind=supervisory_board&as_of=2024-07-01", 1),
        ("office-holders/?office=秘书长", 1),
        ("office-holders/?as_of=2019-12-31", 0),
    ],
)
def test_parameters_choose_by_day_and_kind(alliance, query, count):
    assert ok(root().get(f"alliances/test/{query}"))["count"] == count


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_files_too_and_refuse_unknown_parameters(alliance, name):
    answer = root().get(f"alliances/test/{name}/?format=csv")
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()) == (3 if name == "seats" else 2)
    problem(root().get(f"alliances/test/{name}/?nonsense=1"), 400)
    problem(root().get(f"alliances/nowhere/{name}/"), 404)


@pytest.mark.parametrize("name", LISTS)
def test_lists_cost_as_many_queries_for_three_rows_as_for_one(alliance, name, django_assert_max_num_queries):
    more = {
        "terms": lambda: [factories.term(alliance, f"20{year}-01-01") for year in (30, 40)],
        "groups": lambda: [factories.group(alliance) for _number in range(2)],
        "seats": lambda: [factories.seat(factories.membership()) for _number in range(2)],
        "office-holders": lambda: [factories.office_holder(alliance, office="vice_chair") for _number in range(2)],
    }
    client = root()
    client.get(f"alliances/test/{name}/")
    with django_assert_max_num_queries(8) as before:
        ok(client.get(f"alliances/test/{name}/"))
    more[name]()
    with django_assert_max_num_queries(len(before)):
        assert len(ok(client.get(f"alliances/test/{name}/"))["results"]) >= 3


@pytest.mark.parametrize("name", LISTS)
def test_lists_go_on_from_page_to_page(alliance, name):
    factories.term(alliance, "2030-01-01")
    factories.group(alliance)
    factories.office_holder(alliance, office="vice_chair")
    pages = [ok(root().get(f"alliances/test/{name}/?page_size=1"))]
    while pages[-1]["next"]:
        pages.append(ok(root().get(pages[-1]["next"])))
    rows = [row for page in pages for row in page["results"]]
    assert len(pages) == len(rows) == 2
    assert rows[0] != rows[1]


def test_persons_are_seen_with_the_permission_only(alliance):
    seen = ("alliance.view_alliance", "alliance.view_group", "alliance.view_seat", "registry.view_organization")
    client = api_of(*seen)
    assert ok(client.get("alliances/test/seats/"))["count"] == 2
    problem(client.get("alliances/test/office-holders/"), 403)
    assert SECRET not in client.get("alliances/test/office-holders/").content.decode()
    assert SECRET not in client.get("alliances/test/office-holders/?format=csv").content.decode()


@pytest.mark.parametrize(("role", "sees"), [("秘书处", True), ("系统管理员", False), ("查询员", False)])
def test_pages_and_history_show_persons_to_who_may_see_them(alliance, role, sees):
    client = Client()
    client.force_login(factories.with_role(role))
    for page in ("change", "history"):
        shown = client.get(reverse(f"admin:alliance_alliance_{page}", args=[alliance.pk])).content.decode()
        assert (SECRET in shown) == sees, page


def test_secretariat_enters_a_seat_and_is_told_what_is_wrong_with_it(alliance):
    client = Client()
    client.force_login(factories.with_role("秘书处"))
    group = factories.group(alliance, name_zh="标准工作组")
    member = factories.membership(admitted_on="2021-01-01").member
    url = reverse("admin:alliance_group_change", args=[group.pk])
    version = client.get(url).content.decode().partition('name="_version" value="')[2].partition('"')[0]
    said = {
        "name_zh": "标准工作组",
        "kind": "working_group",
        "_version": version,
        "seats-TOTAL_FORMS": "1",
        "seats-INITIAL_FORMS": "0",
        "seats-0-group": str(group.pk),
        "seats-0-member": str(member.pk),
        "seats-0-role": "member",
        "seats-0-begins_on": "2020-01-01",
    }
    page = client.post(url, said)
    assert "任职须在会籍期间之内" in page.content.decode()
    assert not group.seats.exists()
    answer = client.post(url, said | {"seats-0-begins_on": "2021-01-01"})
    assert answer.status_code == 302
    assert group.seats.get().begins_on == datetime.date(2021, 1, 1)
