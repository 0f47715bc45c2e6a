"""The landscape: every sector with its organizations, with the numbers of lists and facets, for who may see them."""

import hashlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from registry.landscape import layout
from registry.landscape.chart import Band, Card, Chart, SectorEntry, SectorGroup
from registry.landscape.svg import MARK, Caption, Links, draw
from registry.models import Organization, Plan, Receipt, Sector
from tests import factories
from tests.api import api, ok, pointers, problem, public, root

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"
PATH = "organizations/landscape/?lang=zh"


@pytest.fixture
def drawn(reference: None) -> dict[str, Organization]:
    """A member, one that left, one without a sector, one that is not published, and one that is merged."""
    alliance = factories.alliance("test")
    rows = {
        "member": factories.enterprise(name_zh="甲成员<b>公司", published=True),
        "left": factories.enterprise(name_zh="乙离会公司", published=True),
        "plain": factories.institute(name_zh="丙研究院", published=True),
        "untagged": factories.enterprise(name_zh="丁未归类公司", published=True),
        "hidden": factories.enterprise(name_zh="戊未公开公司"),
        "merged": factories.enterprise(name_zh="己并入公司", registration_status="merged", published=True),
    }
    for name in ("member", "left", "hidden", "merged"):
        factories.tag(rows[name], "robots.industrial", is_primary=True)
    factories.tag(rows["member"], "core-technology.machine-vision")
    factories.tag(rows["plain"], "robots")
    factories.membership(factories.member(alliance, rows["member"]), "2020-01-01")
    factories.membership(
        factories.member(alliance, rows["left"]), "2020-01-01", ended_on="2022-01-01", end_reason="withdrawal"
    )
    return rows


def sectors(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the cards of an answer by code; that of an upper sector itself is the one that is `direct`."""
    cards = (card for layer in answer["layers"] for group in layer["groups"] for card in group["sectors"])
    return {card["code"]: card for card in cards}


def names(card: dict[str, Any]) -> list[str]:
    return [one["name"] for one in card["organizations"]]


def test_every_sector_of_the_plan_is_there(drawn: dict[str, Organization]) -> None:
    answer = ok(root().get(PATH))
    leaves = Sector.objects.filter(children=None).values_list("code", flat=True)
    assert {code for code, card in sectors(answer).items() if not card["direct"]} == set(leaves)
    assert answer["empty"] == len(leaves) - 2
    assert (answer["count"], answer["placed"]) == (5, 4)


def test_numbers_are_those_of_the_list_and_of_the_facets(drawn: dict[str, Organization]) -> None:
    client = root()
    for given in ("", "kind=enterprise", "member=true", "search=公司", "as_of=2021-06-01&member=true"):
        answer = ok(client.get(f"{PATH}&{given}"))
        assert answer["count"] == ok(client.get(f"organizations/?lang=zh&{given}"))["count"]
        for code, card in sectors(answer).items():
            if not card["direct"]:
                listed = ok(client.get(f"organizations/?lang=zh&{given}&sector={code}"))
                assert (card["count"], sorted(names(card))) == (
                    listed["count"],
                    sorted(one["name_zh"] for one in listed["results"]),
                ), (given, code)


def test_members_of_the_day_come_first_and_are_marked(drawn: dict[str, Organization]) -> None:
    client = root()
    card = sectors(ok(client.get(PATH)))["robots.industrial"]
    assert [(one["name"], one["member"]) for one in card["organizations"]] == [
        ("甲成员<b>公司", True),
        ("戊未公开公司", False),
        ("乙离会公司", False),
    ]
    card = sectors(ok(client.get(f"{PATH}&as_of=2021-06-01")))["robots.industrial"]
    assert {one["name"] for one in card["organizations"] if one["member"]} == {"甲成员<b>公司", "乙离会公司"}


def test_who_may_not_see_memberships_sees_no_mark(drawn: dict[str, Organization]) -> None:
    user = factories.user("registry.view_organization")
    card = sectors(ok(api(user=user).get(PATH)))["robots.industrial"]
    assert not any(one["member"] for one in card["organizations"])


def test_public_sees_what_is_published(drawn: dict[str, Organization]) -> None:
    card = sectors(ok(public().get(PATH)))["robots.industrial"]
    assert [(one["name"], one["member"]) for one in card["organizations"]] == [
        ("甲成员<b>公司", True),
        ("乙离会公司", False),
    ]
    picture = body(public().get(f"{PATH}&format=svg"))
    assert "戊未公开公司" not in picture
    assert MARK in picture


def test_private_change_changes_no_byte_of_the_public_picture(drawn: dict[str, Organization]) -> None:
    urls = [PATH, f"{PATH}&format=svg", f"{PATH}&format=svg&paper=A3"]
    before = [body(public().get(url)) for url in urls]
    factories.tag(drawn["hidden"], "core-technology.machine-vision")
    hidden = factories.alliance("secret", published=False)
    factories.membership(factories.member(hidden, drawn["left"]), "2020-01-01")
    factories.contact(drawn["member"], name="虚构联系人")
    factories.figures(drawn["member"], revenue=123)
    assert [body(public().get(url)) for url in urls] == before


def test_picture_says_what_it_shows(drawn: dict[str, Organization]) -> None:
    plan = Plan.objects.get(current=True)
    url = f"{PATH}&format=svg&kind=enterprise&as_of=2021-06-01&sector=robots.industrial"
    texts = [one.text or "" for one in ElementTree.fromstring(body(root().get(url))).iter()]
    said = "\n".join(texts)
    assert plan.name_zh in said
    assert "2021-06-01" in said
    assert "\n类型：企业；重点领域：工业机器人\n" in said
    assert "会员和名称为当日，领域、镇街为现状" in said
    assert "甲成员<b>公司" in texts
    assert "中山市人工智能产业单位名录" in said


@pytest.mark.parametrize("given", ["paper=A9", "pages=none", "sector=nonsense", "layout=roster", "plan=x"])
def test_wrong_parameter_is_told(drawn: dict[str, Organization], given: str) -> None:
    answer = problem(root().get(f"{PATH}&{given}"), 400)
    assert pointers(answer) == {given.partition("=")[0]}


def test_number_of_queries_does_not_grow(drawn: dict[str, Organization]) -> None:
    client = root()
    client.get(PATH)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ok(client.get(PATH))
        return len(queries)

    before = queries()
    for _number in range(5):
        factories.tag(factories.enterprise(), "robots.service")
    assert queries() == before


def test_page_leads_to_records_lists_and_candidates(client: Client, drawn: dict[str, Organization]) -> None:
    factories.enterprise(name_zh="虚构手术机器人公司", scope="手术机器人研发、生产")
    client.force_login(factories.superuser())
    page = client.get("/admin/registry/organization/landscape/").content.decode()
    assert f'href="/admin/registry/organization/{drawn["member"].pk}/"' in page
    assert 'href="/admin/registry/organization/?sector=robots.industrial"' in page
    assert "甲成员&lt;b&gt;公司" in page
    assert "<style" not in page
    assert 'href="/admin/registry/organization/candidates/?sector=robots.surgical"' in page
    near = client.get("/admin/registry/organization/candidates/?sector=robots.surgical").content.decode()
    assert "虚构手术机器人公司" in near
    assert "<mark>手术机器人</mark>" in near
    beside = client.get("/admin/registry/organization/candidates/?sector=robots.nursing").content.decode()
    assert "没有单位的文字提到该领域" in beside
    assert "甲成员&lt;b&gt;公司" in beside


# --- Drawing alone


def chart(names_of_a_sector: int, sectors: int = 40) -> Chart:
    entries = tuple(
        SectorEntry(n, f"ZSAI-{n:06}", f"虚构第{n}号智能装备制造有限公司", n < names_of_a_sector // 4)
        for n in range(names_of_a_sector)
    )
    bands = []
    for layer in ("foundation", "technology", "product", "application"):
        cards = tuple(
            Card(
                f"{layer}.{n}", f"示例领域{n}", layer, 0 if n % 5 == 0 else names_of_a_sector, entries if n % 5 else ()
            )
            for n in range(sectors // 4)
        )
        bands.append(Band(layer, layer, (SectorGroup(layer, "示例大类", 9, cards),)))
    return Chart(Plan(code="x", name_zh="规划"), tuple(bands), 2000, 1900)


CAPTION = Caption("图谱", ("一", "二"), ("三",))


@pytest.mark.parametrize("names_of_a_sector", [0, 1, 7, 62, 200])
@pytest.mark.parametrize("paper", [(1190.55, 841.89), (841.89, 595.28)])
def test_sheet_of_paper_holds_all_in_letters_that_can_be_read(
    names_of_a_sector: int, paper: tuple[float, float]
) -> None:
    of = chart(names_of_a_sector)
    sheet = layout.on_paper(of, *paper, 60, 20)
    with translation.override("zh-hans"):
        picture = ElementTree.fromstring(draw(of, sheet, CAPTION, Links()))
    width, height = paper
    for text in picture.iter(f"{SVG}text"):
        assert float(text.get("font-size", "0")) >= layout.SMALLEST * 0.9
    for box in picture.iter(f"{SVG}rect"):
        x, y = float(box.get("x", "0")), float(box.get("y", "0"))
        assert 0 <= x <= x + float(box.get("width", "0")) <= width + 0.2
        assert 0 <= y <= y + float(box.get("height", "0")) <= height + 0.2
    boxes = [
        tuple(float(box.get(name, "0")) for name in ("x", "y", "width", "height"))
        for box in picture.iter(f"{SVG}rect")
        if box.get("rx") == "4"
    ]
    for one, (x, y, wide, high) in enumerate(boxes):
        for x2, y2, wide2, high2 in boxes[one + 1 :]:
            assert x + wide <= x2 + 0.2 or x2 + wide2 <= x + 0.2 or y + high <= y2 + 0.2 or y2 + high2 <= y + 0.2


def test_sheet_says_how_many_are_not_shown() -> None:
    of = chart(200)
    sheet = layout.on_paper(of, 1190.55, 841.89, 60, 20)
    with translation.override("zh-hans"):
        picture = draw(of, sheet, CAPTION, Links())
    for band in sheet.bands:
        for run in band.runs:
            for card in run.cards:
                assert len(card.entries) + card.more == card.card.count
                assert card.entries == card.card.entries[: len(card.entries)]
    told = re.findall(r"另有 (\d+) 家|共 (\d+) 家", picture)
    assert len(told) == 32


def test_too_many_sectors_for_a_sheet_are_refused() -> None:
    with pytest.raises(layout.DoesNotFit):
        layout.on_paper(chart(3, sectors=2_000), 841.89, 595.28, 60, 20)


def body(answer: Any) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


# --- Files


def test_files_are_pictures_that_name_their_receipt(drawn: dict[str, Organization]) -> None:
    user = factories.superuser()
    client = api(user=user)
    for more, start in (
        ("format=pdf&paper=A3", b"%PDF"),
        ("format=pdf&paper=A4&pages=layer", b"%PDF"),
        ("format=png", b"\x89PNG"),
        ("format=svg", b"<svg"),
    ):
        answer = client.get(f"{PATH}&{more}")
        content = b"".join(answer.streaming_content)
        assert content.startswith(start), more
        receipt = Receipt.objects.latest("pk")
        assert (receipt.rows, receipt.sha256) == (5, hashlib.sha256(content).hexdigest())
        assert receipt.number.encode() in content or receipt.number in answer["Content-Disposition"]


def test_several_sheets_are_no_picture(drawn: dict[str, Organization]) -> None:
    assert pointers(problem(root().get(f"{PATH}&format=png&pages=layer"), 400)) == {"pages"}


def test_name_that_no_font_has_is_printed_as_its_code_point(drawn: dict[str, Organization]) -> None:
    rare = factories.enterprise(name_zh="虚构\ue000公司", published=True)
    factories.tag(rare, "robots.nursing")
    text = _text_of(b"".join(root().get(f"{PATH}&format=pdf&paper=A3").streaming_content))
    assert "虚构〔U+E000〕公司" in text
    assert "甲成员<b>公司" in text


def _text_of(pdf: bytes) -> str:
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
