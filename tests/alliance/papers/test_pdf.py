"""Member lists as PDF: what stands in them, who is given them, and what cannot be printed."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from alliance.models import Alliance, Member, Membership
from alliance.papers.layouts import LAYOUTS
from alliance.papers.pdf import TEMPLATES
from registry import slots
from registry.disclosure.models import Disclosure, Receipt
from registry.typesetting import TypesettingFailed, fonts, typeset
from tests import factories

needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is missing")
pytestmark = [pytest.mark.django_db, needs_pdftotext]

MEMBERS = "/api/v1/alliances/test/members/"
PUBLIC = "/public/v1/alliances/test/members/"
PRIVATE_USE, EXTENSION_B = "\ue000", "\U00020bb7"
INTERNAL = ("alliance.export_internal_roster", "alliance.view_representative")
READING = ("alliance.view_alliance", "alliance.view_membership", "alliance.view_member", "registry.view_organization")


def text_of(pdf: bytes) -> str:
    """Return the text of a PDF without white space, as a name may be broken into lines."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s+", "", done.stdout.decode())


def content(answer: Any) -> bytes:
    assert answer.status_code == 200, getattr(answer, "content", answer)
    return b"".join(answer.streaming_content)


def logged_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


Paper = Callable[..., str]


@pytest.fixture
def paper(reference: None) -> Paper:
    """Ask for a paper with these parameters, and return its text."""
    boss = logged_in(factories.superuser())

    def ask(address: str = MEMBERS, **parameters: str) -> str:
        return text_of(content(boss.get(address, {"format": "pdf", "lang": "zh", **parameters})))

    return ask


@pytest.fixture
def of(reference: None) -> Alliance:
    """Two council units and three members, one of them not published; one has left."""
    alliance = factories.alliance(name_zh="虚构市人工智能联盟", name_en="Fictional AI Alliance")
    council = factories.tier(alliance, "council", rank=1, in_council=True)
    plain = factories.tier(alliance, "member", rank=2)
    for name, english, tier, published in (
        ("乙机器人有限公司", "Second Robots Ltd.", council, True),
        ("甲视觉有限公司", "First Vision Ltd.", council, True),
        ("丙#strong[芯片]_*$有限公司", "", plain, True),
        ("丁语音有限公司", "", plain, True),
        ("戊未公开有限公司", "", plain, False),
    ):
        who = factories.enterprise(name_zh=name, name_en=english, published=published)
        factories.membership(factories.member(alliance, who), "2020-01-01", tier=tier)
    factories.tag(
        Member.objects.get(organization__name_zh__startswith="甲").organization, "core.vision", is_primary=True
    )
    gone = factories.member(alliance, factories.enterprise(name_zh="己离会有限公司", published=True))
    factories.membership(gone, "2020-01-01", tier=plain, ended_on="2022-01-01", end_reason="withdrawal")
    first = Member.objects.get(organization__name_zh__startswith="甲")
    factories.representative(first, name="虚构代表")
    factories.representative(first, name="虚构联络", role="liaison", phone="0760-88880001")
    return alliance


# --- What stands in them


def test_roster_has_every_member_of_the_day_and_their_number(of: Alliance, paper: Paper) -> None:
    for day in ("2021-06-30", "2024-12-31"):
        held = Membership.objects.as_of(day).filter(alliance=of)  # type: ignore[arg-type]
        text = paper(as_of=day, edition="full")
        names = [*held.values_list("member__organization__name_zh", flat=True)]
        assert [name for name in names if name not in text] == []
        assert f"合计{len(names)}家" in text
        assert ("己离会有限公司" in text) is (day == "2021-06-30")
    assert "截至2024年12月31日" in text
    assert "虚构市人工智能联盟会员名录" in text
    assert "第1页" not in text, "the cover has no number"
    assert "第2页共2页" in text


def test_texts_are_never_taken_for_markup(of: Alliance, paper: Paper) -> None:
    assert "丙#strong[芯片]_*$有限公司" in paper(edition="full")


def test_public_edition_has_published_members_and_says_how_many_there_are(of: Alliance, paper: Paper) -> None:
    for text in (paper(edition="public"), paper(), paper(PUBLIC)):
        assert "丁语音有限公司" in text
        assert "戊未公开" not in text
        assert "公开4家，全部5家。" in text


def test_public_list_says_how_many_members_there_are_whatever_is_searched_for(of: Alliance) -> None:
    client = Client()
    assert client.get(PUBLIC).json()["count"] == 4
    for query in ({}, {"search": "戊"}, {"tier": "council"}):
        assert client.get(PUBLIC, query).json()["members_total"] == 5
    assert client.get(PUBLIC, {"as_of": "2021-06-30"}).json()["members_total"] == 6


def test_names_are_those_of_the_day(of: Alliance, paper: Paper) -> None:
    who = Member.objects.get(organization__name_zh__startswith="甲").organization
    factories.name(who, "甲曾用名有限公司", kind="former", valid_to="2023-01-01")
    assert "甲曾用名有限公司" in paper(as_of="2022-06-30")
    assert "甲曾用名有限公司" not in paper(as_of="2023-06-30")


def test_english_paper_has_english_names_where_there_are_some(of: Alliance, paper: Paper) -> None:
    text = paper(lang="en")
    for part in ("FictionalAIAlliance", "FirstVisionLtd.", "丁语音有限公司", "Page2of2", "4showntothepublic,5inall."):
        assert part in text


def test_members_stand_by_pinyin_unless_the_secretariat_has_given_places(of: Alliance, paper: Paper) -> None:
    """In the order of pinyin, jia stands before yi; bing, ding before wu."""

    def order(text: str) -> list[str]:
        return sorted("甲乙丙丁戊", key=lambda sign: text.index(f"{sign}{NEXT[sign]}"))

    text = paper(edition="full")
    assert order(text) == ["甲", "乙", "丙", "丁", "戊"]
    assert text.count("同级单位按名称拼音排序，排名不分先后") == 1
    Member.objects.filter(organization__name_zh__startswith="乙").update(position=1)
    text = paper(edition="full")
    assert order(text) == ["乙", "甲", "丙", "丁", "戊"]
    assert "会员单位（3家）同级单位按名称拼音排序，排名不分先后" in text, "of this tier it still holds"
    assert "理事单位（2家）同级" not in text
    Member.objects.filter(organization__name_zh__startswith="戊").update(position=3)
    assert "同级单位按名称拼音排序" not in paper(edition="full")


NEXT = {"甲": "视觉", "乙": "机器人", "丙": "#strong", "丁": "语音", "戊": "未公开"}


def test_roster_by_sector_has_each_member_once(of: Alliance, paper: Paper) -> None:
    text = paper(edition="full", group="sector")
    assert "未标注领域（4家）" in text
    assert "领域core（1家）" in text
    assert text.index("甲视觉") < text.index("乙机器人")
    assert "合计5家" in text


def test_filtered_roster_says_that_it_is_not_the_whole(of: Alliance, paper: Paper) -> None:
    text = paper(tier="council")
    assert "本名录为部分名单，筛选条件：会员级别：理事单位。" in text
    assert "丁语音" not in text


def test_council_ballot_and_sign_in_sheet(of: Alliance, paper: Paper) -> None:
    council, ballot, sheet = (paper(layout=name) for name in ("council", "voting", "signin"))
    for text in (council, ballot):
        assert "甲视觉有限公司" in text
        assert "乙机器人有限公司" in text
        assert "丁语音有限公司" not in text
    assert "同意反对弃权" in ballot
    assert "无记名" in ballot
    assert "代表（签名）" in sheet
    assert "戊未公开有限公司" in sheet, "who may vote need not be published"


def test_pdf_is_an_archive_file_with_all_its_fonts(of: Alliance) -> None:
    pdf = content(logged_in(factories.superuser()).get(MEMBERS, {"format": "pdf"}))
    assert b"pdfaid:part>2<" in pdf
    assert b"pdfaid:conformance>U<" in pdf
    listed = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    assert all(line.split()[-5] == "yes" for line in listed.splitlines()[2:]), listed


# --- What cannot be printed


def test_names_that_no_font_can_print_are_shown_by_code_point_and_listed(of: Alliance, paper: Paper) -> None:
    for name in (f"中山{PRIVATE_USE}科技有限公司", f"中山{EXTENSION_B}科技有限公司"):
        who = factories.enterprise(name_zh=name, published=True)
        factories.membership(factories.member(of, who), "2020-01-01", tier=factories.tier(of, "member"))
    text = paper()
    assert text.count("中山〔U+E000〕科技有限公司") == 2, "in its row, and in the list at the end"
    assert "无法印出的字" in text
    assert f"中山{EXTENSION_B}科技" in text or "中山〔U+20BB7〕科技" in text
    assert "合计6家" in text
    page = logged_in(factories.superuser()).get("/admin/alliance/member/papers/").content.decode()
    assert "中山〔U+E000〕科技有限公司" in page


def test_only_what_a_font_has_is_printed() -> None:
    assert [fonts.can_print(sign) for sign in ("中", "ă", "A", "\ue000", "\ud800", "\x07")] == [True] * 3 + [False] * 3
    assert fonts.printable("甲\ue000\n乙") == ("甲〔U+E000〕 乙", ["\ue000"])


def test_font_of_ones_own_prints_rare_characters(settings: Any, tmp_path: Path) -> None:
    """The folder that the setting names is looked into; here with the usual font under another name."""
    usual = fonts.usual_folder()
    assert usual is not None
    (tmp_path / "own.otf").symlink_to(usual / "NotoSansSC-Regular.otf")
    settings.PAPER_FONTS = str(tmp_path)
    assert tmp_path in fonts.additional_folders()
    assert fonts.folders_for("中山") == [usual]
    assert tmp_path in fonts.folders_for(EXTENSION_B)


# --- Who is given them


@pytest.mark.parametrize("layout", [name for name, layout in LAYOUTS.items() if layout.editions])
def test_internal_edition_needs_both_permissions(of: Alliance, layout: str) -> None:
    query = {"format": "pdf", "layout": layout, "edition": "internal"}
    for permissions in ((), INTERNAL[:1], INTERNAL[1:]):
        one = logged_in(factories.user(*READING, *permissions, is_staff=True))
        assert one.get(MEMBERS, query).status_code == 403
        page = one.get("/admin/alliance/member/papers/")
        assert page.status_code == 200
        assert "edition=internal" not in page.content.decode()
    assert not Receipt.objects.exists(), "a refused file has no receipt"
    assert Client().get(PUBLIC, {**query, "edition": "internal"}).status_code == 400
    one = logged_in(factories.user(*READING, *INTERNAL, is_staff=True))
    text = text_of(content(one.get(MEMBERS, query | {"lang": "zh"})))
    assert "虚构代表" in text
    assert "0760-****0001" in text
    assert "内部资料注意保密" in text
    assert "edition=internal" in one.get("/admin/alliance/member/papers/").content.decode()


def test_internal_edition_is_receipted_and_its_numbers_are_logged(of: Alliance) -> None:
    user = factories.user(*READING, *INTERNAL, "registry.reveal_contact", first_name="虚构员", is_staff=True)
    query = {"format": "pdf", "edition": "internal", "purpose": "meeting", "recipient": "会务组", "lang": "zh"}
    text = text_of(content(logged_in(user).get(MEMBERS, query)))
    receipt = Receipt.objects.get()
    assert (receipt.format, receipt.state, receipt.rows, receipt.full_numbers) == ("pdf", "complete", 5, True)
    assert Disclosure.objects.get().receipt == receipt
    for part in ("0760-88880001", "导出：虚构员", receipt.number, "提供给：会务组"):
        assert part in text


def test_command_writes_what_the_api_gives(of: Alliance, paper: Paper, tmp_path: Path) -> None:
    for options in ({}, {"layout": "signin"}, {"edition": "full", "group": "sector"}):
        path = tmp_path / "paper.pdf"
        call_command("export_members", "test", output=str(path), **options)
        number = Receipt.objects.order_by("-pk")[0].number
        assert text_of(path.read_bytes()).replace(number, "") == re.sub(r"R\d{6}", "", paper(**options))
    with pytest.raises(CommandError):
        call_command("export_members", "test", output=str(tmp_path / "x.xlsx"), format="pdf")


# --- What is refused


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"layout": "table"}, "layout"),
        ({"layout": "voting", "format": "xlsx"}, "layout"),
        ({"layout": "council", "format": "json"}, "layout"),
        ({"layout": "signin", "edition": "full"}, "edition"),
        ({"layout": "voting", "group": "sector"}, "group"),
        ({"format": "json", "group": "tier"}, "group"),
        ({"group": "township"}, "group"),
        ({"ordering": "name"}, "ordering"),
        ({"as_of": "all"}, "as_of"),
    ],
)
def test_paper_that_is_impossible_is_refused(of: Alliance, query: dict[str, str], parameter: str) -> None:
    answer = logged_in(factories.superuser()).get(MEMBERS, {"format": "pdf", **query})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, parameter)


def test_other_formats_do_without_the_packages_of_pdf(of: Alliance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.typesetting.find_spec", lambda name: None)
    one = logged_in(factories.superuser())
    answer = one.get(MEMBERS, {"format": "pdf", "lang": "en"})
    assert (answer.status_code, "make setup" in answer.json()["detail"]) == (503, True)
    assert content(one.get(MEMBERS, {"format": "xlsx", "layout": "roster"})).startswith(b"PK")
    assert Receipt.objects.order_by("pk")[0].state == "failed"


def test_papers_beyond_the_number_of_places_are_told_to_wait(
    of: Alliance, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.PAPER_SETTERS = 1
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where no other worker of the tests sets papers
    monkeypatch.setattr(slots, "WAIT_SECONDS", 0.1)
    one = logged_in(factories.superuser())
    with slots.slot("papers", 1):
        assert one.get(MEMBERS, {"format": "pdf"}).status_code == 503
        assert one.get(PUBLIC, {"format": "pdf"}).status_code == 200, "the public has a place of its own"
    assert one.get(MEMBERS, {"format": "pdf"}).status_code == 200


def test_list_that_needs_too_much_memory_is_refused_with_a_remedy() -> None:
    row = [*"abcdefgh", "中山市虚构机器人有限公司"]
    document: dict[str, Any] = dict.fromkeys(
        ("title", "author", "mark", "alliance", "heading", "day", "edition", "count", "made", "pages", "said"), "x"
    )
    document |= {"lang": "zh", "region": "cn", "date": [2026, 1, 1], "exported": "", "counts": [], "notes": []}
    document |= {"lines": [], "hints": [], "head": row, "widths": [9] * 9, "size": 9, "aligned": ["left"] * 9}
    document |= {"groups": [{"title": "x", "note": "", "rows": [row] * 40_000}], "unprintable": []}
    with pytest.raises(TypesettingFailed) as caught:
        typeset(TEMPLATES / "roster.typ", document, tagged=False)
    assert caught.value.code == "memory"
