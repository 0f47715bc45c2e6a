"""The comparison of two member lists finds exactly what differs between them, and says why."""

import datetime
import io
import random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from alliance.members.operations import actions
from alliance.members.operations.renaming import rename
from alliance.models import Alliance, Member
from alliance.papers.comparison import ListChange, compare
from registry.models import Receipt
from tests import factories
from tests.api import api, ok, pointers, problem, public, root

pytestmark = pytest.mark.django_db
D = datetime.date
FROM, TO = "2020-12-31", "2022-12-31"
PATH = "alliances/test/members/compare/"


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """甲 stays, 乙 rises, 丙 leaves, 丁 is new, 戊 comes back, 己 is renamed, 庚 left and came back at another tier."""
    made = factories.alliance("test", name_zh="测试人工智能产业联盟", founded_on=None)
    plain = factories.tier(made, "member", name_zh="会员单位", rank=4)
    council = factories.tier(made, "council", name_zh="理事单位", rank=3)
    of = {name: factories.enterprise(name_zh=f"{name}虚构公司", name_en="") for name in "甲乙丙丁戊己庚"}

    def admit(name: str, on: str, tier: Any = plain, **more: str) -> Member:
        return actions.admit(of[name], made, tier, D.fromisoformat(on), **more).member

    admit("甲", "2019-01-01")
    actions.change_tier(admit("乙", "2019-01-01"), council, D(2021, 5, 1), remarks="理事会决议2号")
    actions.end(admit("丙", "2019-01-01"), D(2022, 3, 1), "expulsion", remarks="理事会决议5号")
    admit("丁", "2021-06-01", council, remarks="新增")
    actions.end(admit("戊", "2018-01-01"), D(2019, 1, 1), "withdrawal")
    admit("戊", "2022-01-01")
    admit("己", "2019-01-01")
    factories.name(of["己"], "旧己虚构公司", language="zh", valid_to=D(2021, 9, 1))
    actions.end(admit("庚", "2019-01-01"), D(2021, 2, 1), "lapse")
    admit("庚", "2022-02-01", council)
    return made


def told(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        tuple(row[name] for name in ("change", "name", "before", "after", "on", "reason_code", "remarks"))
        for row in answer["results"]
    ]


EXPECTED = [
    ("admitted", "丁虚构公司", "", "理事单位", "2021-06-01", "first", "新增"),
    ("admitted", "戊虚构公司", "", "会员单位", "2022-01-01", "again", ""),
    ("ended", "丙虚构公司", "会员单位", "", "2022-03-01", "expulsion", "理事会决议5号"),
    ("tier_changed", "庚虚构公司", "会员单位", "理事单位", "2022-02-01", "back", ""),
    ("tier_changed", "乙虚构公司", "会员单位", "理事单位", "2021-05-01", "tier_change", "理事会决议2号"),
    ("renamed", "己虚构公司", "旧己虚构公司", "己虚构公司", "2021-09-01", "", ""),
]


def test_comparison_tells_who_came_left_rose_and_was_renamed(alliance: Alliance) -> None:
    answer = ok(root().get(PATH, {"from": FROM, "to": TO, "lang": "zh"}))
    assert sorted(told(answer)) == sorted(EXPECTED)
    assert answer["members"] == {"before": 5, "after": 6}
    assert answer["counts"] == {"admitted": 2, "ended": 1, "tier_changed": 2, "renamed": 1}
    assert {row["reason"] for row in answer["results"]} >= {"除名", "首次入会", "再次入会", "期间退会后重新入会"}
    assert answer["renamed_tiers"] == []


def test_renamed_tier_is_no_change_of_tier(alliance: Alliance) -> None:
    rename(alliance.tiers.get(code="member"), D(2021, 3, 1), "普通会员单位", "")
    answer = ok(root().get(PATH, {"from": FROM, "to": TO, "lang": "zh"}))
    assert answer["renamed_tiers"] == [{"before": "会员单位", "after": "普通会员单位"}]
    assert answer["counts"]["tier_changed"] == 2
    by_name = {row["name"]: (row["before"], row["after"]) for row in answer["results"]}
    assert by_name["丙虚构公司"] == ("会员单位", "")
    assert by_name["戊虚构公司"] == ("", "普通会员单位")


def listed(day: D) -> dict[str, tuple[str, str, str]]:
    """The list of the day as the API gives it."""
    rows = root().rows("alliances/random/members/", as_of=day.isoformat(), page_size=200, lang="zh")
    return {row["member_no"]: (row["tier"]["name"], row["name_zh"], row["name_en"]) for row in rows}


def happen(chance: random.Random) -> None:
    """An alliance to which things happen at random; what a rule forbids does not happen."""
    alliance = factories.alliance("random", founded_on=None)
    tiers = [factories.tier(alliance, f"t{n}", rank=n, name_zh=f"级别{n}") for n in range(1, 4)]
    of = [factories.enterprise() for _n in range(8)]
    day = D(2019, 1, 1)
    for _step in range(60):
        day += datetime.timedelta(chance.choice([0, 1, 7, 30]))
        who, tier = chance.choice(of), chance.choice(tiers)
        member = Member.objects.filter(organization=who.pk).first()
        action = chance.choice(["admit", "tier", "end", "name", "rename"])
        try:
            with transaction.atomic():
                if action == "admit":
                    actions.admit(who, alliance, tier, day)
                elif action == "tier" and member:
                    actions.change_tier(member, tier, day)
                elif action == "end" and member:
                    actions.end(member, day, chance.choice(["lapse", "withdrawal"]))
                elif action == "rename":
                    rename(tier, day, f"{tier.code}级{day}")
                elif action == "name":
                    factories.name(who, language=chance.choice(["zh", "en"]), valid_to=day)
        except Exception as refused:
            assert type(refused).__name__ in ("ValidationError", "Conflict")  # noqa: PT017


@pytest.mark.parametrize("seed", range(6))
def test_differences_are_those_of_the_two_lists(reference: None, seed: int) -> None:
    chance = random.Random(seed)
    happen(chance)
    alliance = Alliance.objects.get(slug="random")
    seen = dict.fromkeys(ListChange, 0)
    for _pair in range(6):
        days = sorted(D(2019, 1, 1) + datetime.timedelta(chance.randrange(700)) for _n in range(2))
        if days[0] == days[1]:
            continue
        before, after = map(listed, days)
        found = compare(alliance, *days)
        numbers = {change: {one.member_no for one in found.of(change)} for change in ListChange}
        both = before.keys() & after.keys()
        renamed_tiers = dict(found.tiers)
        assert numbers[ListChange.ADMITTED] == after.keys() - before.keys()
        assert numbers[ListChange.ENDED] == before.keys() - after.keys()
        assert numbers[ListChange.TIER] == {
            number for number in both if renamed_tiers.get(before[number][0], before[number][0]) != after[number][0]
        }
        assert numbers[ListChange.NAME] == {number for number in both if before[number][1:] != after[number][1:]}
        assert (found.before, found.after) == (len(before), len(after))
        assert all(one.on and days[0] < one.on <= days[1] for one in found.differences)
        for change, count in found.counts().items():
            seen[change] += count
    assert sum(seen.values()) > 5, "the histories have too little to compare"


def test_comparison_costs_as_many_queries_for_long_lists(alliance: Alliance) -> None:
    counts = []
    for _n in range(2):
        with CaptureQueriesContext(connection) as queries:
            compare(alliance, D.fromisoformat(FROM), D.fromisoformat(TO))
        counts.append(len(queries))
        for _m in range(10):
            factories.membership(factories.member(alliance), "2021-01-01", tier=alliance.tiers.first())
    assert counts[0] == counts[1] <= 8


def test_files_have_the_same_rows_and_a_receipt(alliance: Alliance) -> None:
    answer = root().get(PATH, {"from": FROM, "to": TO, "format": "xlsx", "lang": "zh"})
    content = b"".join(answer.streaming_content)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert len([row for row in rows if row[0] in ("新增", "退会", "级别调整", "更名")]) == len(EXPECTED)
    receipt = Receipt.objects.get()
    assert (receipt.rows, receipt.format, str(receipt.as_of)) == (len(EXPECTED), "xlsx", TO)
    assert answer["X-Receipt"] == receipt.number


def test_pdf_names_everybody(alliance: Alliance) -> None:
    answer = root().get(PATH, {"from": FROM, "to": TO, "format": "pdf", "lang": "zh"})
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"%PDF-")
    assert Receipt.objects.get().rows == len(EXPECTED)


def test_bad_days_are_refused(alliance: Alliance) -> None:
    for query, wrong in (
        ("", {"from"}),
        ("from=2020-13-01", {"from"}),
        ("from=2020-01-01&from=2021-01-01", {"from"}),
        ("from=2021-01-01&to=2021-01-01", {"to"}),
        ("from=2021-01-01&to=2020-01-01", {"to"}),
        ("from=2021-01-01&as_of=2022-01-01", {"as_of"}),
    ):
        assert pointers(problem(root().get(f"{PATH}?{query}"), 400)) == wrong, query
    reader = api("registry.view_organization", "alliance.view_alliance")
    problem(reader.get(f"{PATH}?from=2021-01-01"), 403)
    problem(public().get(PATH), 404)


def test_page_shows_the_comparison_and_offers_the_files(alliance: Alliance, client: Client) -> None:
    client.force_login(factories.superuser())
    page = client.get("/admin/alliance/member/compare/", {"from": FROM, "to": TO}).content.decode()
    for words in ("原有会员 5 家，新增 2 家，退会 1 家，现有会员 6 家", "旧己虚构公司", "理事会决议5号", "format=pdf"):
        assert words in page
    wrong = client.get("/admin/alliance/member/compare/", {"from": TO, "to": FROM}).content.decode()
    assert "后一日期须晚于前一日期" in wrong
    assert "/admin/alliance/member/compare/?alliance=test" in client.get("/admin/alliance/member/").content.decode()
