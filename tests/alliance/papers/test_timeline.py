"""The timeline of a member and of an organization: the same periods in picture, table and API."""

import datetime
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alliance.members.operations import actions
from alliance.members.operations.renaming import rename
from alliance.models import Member
from alliance.papers.svg import NARROW, WIDE
from alliance.papers.timeline import timeline
from alliance.papers.timeline_picture import picture
from tests import factories
from tests.api import api, ok, problem, root

pytestmark = pytest.mark.django_db
D = datetime.date
TODAY = D(2024, 3, 1)
PEOPLE = ("alliance.view_representative", "alliance.view_officeholder")
READER = ("registry.view_organization", "alliance.view_alliance", "alliance.view_member", "alliance.view_membership")


@pytest.fixture
def member(reference: None) -> Member:
    """Joined in 2019, council in 2020, left in 2021, back since 2022; the tier was renamed in July 2020."""
    alliance = factories.alliance("test", name_zh="测试人工智能产业联盟")
    plain = factories.tier(alliance, "member", rank=4, name_zh="会员单位")
    council = factories.tier(alliance, "council", rank=2, name_zh="常务理事单位")
    of = factories.enterprise(name_zh="中山市虚构视觉科技有限公司", township=factories.township())
    actions.admit(of, alliance, plain, D(2019, 3, 1))
    member = Member.objects.get()
    actions.change_tier(member, council, D(2020, 1, 1))
    actions.end(member, D(2021, 7, 1), "lapse")
    actions.admit(of, alliance, plain, D(2022, 2, 1))
    rename(council, D(2020, 7, 1), "副会长单位", "Vice chair")
    factories.name(of, "中山市旧虚构电子厂", language="zh", valid_to=D(2020, 5, 1))
    factories.representative(member, name="虚构甲", valid_from=D(2019, 3, 1), valid_to=D(2020, 3, 1))
    factories.representative(member, name="虚构乙", valid_from=D(2020, 3, 1))
    factories.suspension(
        member.memberships.get(ended_on=None), "2023-01-01", resumed_on=D(2023, 4, 1), reason="虚构原因"
    )
    group = factories.group(alliance, name_zh="标准工作组")
    factories.seat(member.memberships.get(ended_on=None), group, begins_on=D(2022, 3, 1))
    return member


def spans(answer: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (span["kind"], span["label"], span["start"], span["end"]) for of in answer["alliances"] for span in of["spans"]
    ] + [("name", span["label"], span["start"], span["end"]) for span in answer["names"]]


TIERS = [
    ("tier", "会员单位", "2019-03-01", "2020-01-01"),
    ("tier", "常务理事单位", "2020-01-01", "2020-07-01"),
    ("tier", "副会长单位", "2020-07-01", "2021-07-01"),
    ("gap", "不在会", "2021-07-01", "2022-02-01"),
    ("tier", "会员单位", "2022-02-01", None),
]
SUSPENSIONS = [("suspension", "暂停会籍", "2023-01-01", "2023-04-01")]
SEATS = [("seat", "标准工作组", "2022-03-01", None)]
REPRESENTATIVES = [
    ("representative", "虚构甲", "2019-03-01", "2020-03-01"),
    ("representative", "虚构乙", "2020-03-01", None),
]
NAMES = [("name", "中山市旧虚构电子厂", None, "2020-05-01"), ("name", "中山市虚构视觉科技有限公司", "2020-05-01", None)]


def test_timeline_has_tiers_gaps_seats_people_and_names(member: Member) -> None:
    for path in (
        f"alliances/test/members/{member.member_no}/timeline/",
        f"organizations/{member.organization.registry_no}/memberships/timeline/",
    ):
        answer = ok(root().get(path, {"lang": "zh"}))
        assert spans(answer) == TIERS + SUSPENSIONS + SEATS + REPRESENTATIVES + NAMES
        assert [span["number"] for of in answer["alliances"] for span in of["spans"]] == [*range(1, 10)]


def test_people_and_seats_are_shown_to_those_who_may_see_them(member: Member) -> None:
    path = f"alliances/test/members/{member.member_no}/timeline/?lang=zh"
    assert spans(ok(api(*READER).get(path))) == TIERS + NAMES
    assert spans(ok(api(*READER, "alliance.view_seat").get(path))) == TIERS + SEATS + NAMES
    assert spans(ok(api(*READER, "alliance.view_suspension").get(path))) == TIERS + SUSPENSIONS + NAMES
    town = factories.user(*READER, *PEOPLE, "registry.limited_to_townships")
    assert spans(ok(api(user=town).get(path))) == TIERS + NAMES, "it works on no township"
    factories.account_township(town, township=member.organization.township)
    assert spans(ok(api(user=type(town).objects.get(pk=town.pk)).get(path))) == TIERS + REPRESENTATIVES + NAMES
    problem(api(*READER[:2]).get(path), 403)
    problem(root().get("alliances/test/members/nobody/timeline/"), 404)
    problem(root().get("alliances/none/members/x/timeline/"), 404)


def test_organization_in_several_alliances_costs_no_more_queries(member: Member) -> None:
    counts = []
    for n in range(3):
        other = factories.alliance(f"other{n}")
        factories.membership(factories.member(other, member.organization), "2020-01-01")
        client = root()
        client.get(path := f"organizations/{member.organization.registry_no}/memberships/timeline/")
        with CaptureQueriesContext(connection) as queries:
            answer = ok(client.get(path))
        assert len(answer["alliances"]) == n + 2
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def drawn(member: Member, width: int) -> ElementTree.Element:
    of = member.organization
    shown = timeline(of, [member], factories.superuser(), TODAY)
    return ElementTree.fromstring(str(picture(shown, width)))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_picture_has_every_period_by_its_number_and_nothing_the_policy_blocks(member: Member, width: int) -> None:
    svg = drawn(member, width)
    names = [element.tag.partition("}")[2] for element in svg.iter()]
    assert {"style", "script", "foreignObject"}.isdisjoint(names)
    assert all("style" not in element.attrib and "class" not in element.attrib for element in svg.iter())
    titles = [element.text or "" for element in svg.iter() if element.tag.endswith("title")][1:]
    numbers = [int(title.split()[0]) for title in titles]
    assert numbers == [*range(1, 12)]
    assert "4 不在会: 不在会, 2021-07-01 – 2022-02-01" in titles
    texts = [element.text or "" for element in svg.iter() if element.tag.endswith("text")]
    assert all(any(re.match(rf"{number}( |$)", text) for text in texts) for number in numbers)
    assert svg.attrib["role"] == "img"
    for element in svg.iter():
        if element.tag.endswith("text"):
            assert 0 <= float(element.attrib["x"]) <= width


def test_gap_is_dashed_and_lies_where_nobody_was_a_member(member: Member) -> None:
    svg = drawn(member, WIDE)
    bars = [element for element in svg.iter() if element.tag.endswith("path")]
    dashed = [bar for bar in bars if bar.attrib.get("stroke-dasharray") == "3 3"]
    assert len(dashed) == 1

    def bounds(bar: ElementTree.Element) -> tuple[float, float]:
        numbers = [float(text) for text in re.findall(r"[MHL]([\d.]+)", bar.attrib["d"])]
        return min(numbers), max(numbers)

    left, right = bounds(dashed[0])
    assert bounds(bars[2])[1] == pytest.approx(left, abs=1.5)
    assert bounds(bars[4])[0] == pytest.approx(right, abs=1.5)


def test_pages_of_member_and_organization_show_picture_and_table(member: Member, client: Client) -> None:
    client.force_login(factories.superuser())
    for path in (
        f"/admin/alliance/member/{member.pk}/change/",
        f"/admin/registry/enterprise/{member.organization_id}/change/",
    ):
        page = client.get(path).content.decode()
        assert page.count('<svg xmlns="http://www.w3.org/2000/svg" role="img"') == 2
        table = page.split("</figure>")[1].split("</table>")[0]
        for words in ("会员级别更名", "不在会", "标准工作组", "中山市旧虚构电子厂", "虚构乙"):
            assert words in table


def test_names_are_escaped_in_the_picture(reference: None) -> None:
    of = factories.enterprise(name_zh='甲<script>"&公司')
    member = factories.membership(factories.member(factories.alliance(name_zh="<b>联盟"), of)).member
    text = str(picture(timeline(of, [member], factories.superuser(), TODAY)))
    assert "<script" not in text
    assert "<b>" not in text
    ElementTree.fromstring(text)


def test_who_was_never_a_member_has_no_picture(reference: None) -> None:
    member = factories.member()
    assert picture(timeline(member.organization, [member], factories.superuser(), TODAY)) == ""
