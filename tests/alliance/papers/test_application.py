"""The blank application form: what it asks, and that the import reads what was written into it."""

import datetime
import io
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import translation

from alliance.members.imports.memberships import MembershipImport
from alliance.models import Alliance, Membership
from alliance.papers.application.asked import application_form
from alliance.papers.application.printed import document
from alliance.papers.application.workbook import workbook
from registry.imports.reading.sandbox.limits import FORM_SHEET
from registry.imports.recognising.layout import Layout
from registry.imports.tables.organizations import OrganizationImport
from registry.models import Contact, Organization
from tests import factories

pytestmark = pytest.mark.django_db
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_PART_RE = re.compile(r"""IF\('[^']+'!(\$[A-Z]+\$\d+)="","",(";"&)?""")


@pytest.fixture
def alliance(reference: None) -> Alliance:
    made = factories.alliance("open", name_zh="虚构联盟", admission="提交申请书。", office_address="虚构路1号秘书处")
    factories.tier(made, "member", name_zh="会员单位")
    return made


def filled_in(blank: bytes, answers: dict[str, Any]) -> bytes:
    """Return the form as Excel stores it after somebody has written the answers into its cells, by label."""
    with zipfile.ZipFile(io.BytesIO(blank)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    names = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"].decode())
    texts = ["".join(one.itertext()) for one in ElementTree.fromstring(parts["xl/sharedStrings.xml"]).iter(f"{MAIN}si")]
    path = f"xl/worksheets/sheet{names.index(FORM_SHEET) + 1}.xml"
    table = ElementTree.fromstring(parts[path])
    labels, row = ([*one] for one in table.iter(f"{MAIN}row"))
    for label, cell in zip(labels, row, strict=True):
        formula = cell.findtext(f"{MAIN}f") or ""
        cells = [match[1] for match in _PART_RE.finditer(formula)]
        assert cells, formula
        answer = answers.get(texts[int(label.findtext(f"{MAIN}v") or "")])
        if isinstance(answer, list):
            assert len(answer) <= len(cells)
            answer = ";".join(answer)
        value = cell.find(f"{MAIN}v")
        if answer is not None or value is None or not value.text:
            cell.set("t", "str")
            value = ElementTree.SubElement(cell, f"{MAIN}v") if value is None else value
            value.text = answer or ""
    ElementTree.register_namespace("", MAIN.strip("{}"))
    parts[path] = ElementTree.tostring(table)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return file.getvalue()


ANSWERS = {
    "zh-hans": {
        "单位名称": "中山市虚构视觉有限公司",
        "统一社会信用代码": factories.valid_uscc(777),
        "单位类型": "企业",
        "注册资本（万元）": "1000",
        "成立日期": "2015-03-01",
        "所属领域": ["机器视觉", "工业机器人"],
        "联系人": "虚构人",
        "联系电话": factories.PHONE,
        "会员级别": "会员单位",
    },
    "en": {
        "Organization name": "中山市虚构视觉有限公司",
        "USCC": factories.valid_uscc(777),
        "Kind": "enterprise",
        "Registered capital (10,000 yuan)": "1000",
        "Founded on": "2015-03-01",
        "Sectors": ["Machine vision", "Industrial robots"],
        "Contact": "虚构人",
        "Phone": factories.PHONE,
        "Tier": "会员单位",
    },
}


@pytest.mark.parametrize("language", ANSWERS)
def test_import_reads_what_is_written_into_the_form(alliance: Alliance, tmp_path: Path, language: str) -> None:
    with translation.override(language):
        path = tmp_path / "申请书.xlsx"
        path.write_bytes(filled_in(workbook(application_form(alliance)), ANSWERS[language]))
        report = OrganizationImport().run(path, apply=True)
        report.table.close()
        assert (report.new, report.refused) == (1, 0), [report.problems, report.held, report.notices]
        made = Organization.objects.get()
        assert made.name_zh == "中山市虚构视觉有限公司"
        assert made.registered_capital == 10_000_000
        assert made.founded_on == datetime.date(2015, 3, 1)
        tags = made.sector_tags.order_by("-is_primary")
        assert [one.sector.code for one in tags] == ["core-technology.machine-vision", "robots.industrial"]
        assert Contact.objects.get().phone == factories.PHONE
        # The day of admission is no matter of the form: who imports it says it for all rows.
        admitted = Layout(constants={"admitted_on": "2024-01-01"})
        report = MembershipImport(slug="open").run(path, apply=True, layout=admitted)
        report.table.close()
        assert (report.new, report.refused) == (1, 0), [report.problems, report.held, report.notices]
        assert Membership.objects.get().member.organization_id == made.pk


def test_form_has_choices_and_where_to_send_it(alliance: Alliance) -> None:
    form = application_form(alliance)
    asked = {one.name: one for part in form.parts for one in part.entries}
    assert asked["tier"].values == ["会员单位"]
    assert asked["alliance"].filled == "虚构联盟"
    assert "机器视觉" in asked["sectors"].values
    said = str(document(form))
    for text in ("虚构联盟", "提交申请书。", "虚构路1号秘书处", "会员单位", "机器视觉", "盖章"):
        assert text in said
    with zipfile.ZipFile(io.BytesIO(workbook(form))) as book:
        written = book.read("xl/sharedStrings.xml").decode()
    for text in ("虚构联盟", "提交申请书。", "虚构路1号秘书处", "机器视觉", "盖章"):
        assert text in written


@pytest.mark.parametrize("form", ["xlsx", "pdf"])
def test_everybody_may_fetch_the_form_of_a_published_alliance(alliance: Alliance, form: str) -> None:
    page = Client().get("/alliances/open/").content.decode()
    assert f'href="/alliances/open/application.{form}"' in page
    assert "虚构路1号秘书处" in page
    first = Client().get(f"/alliances/open/application.{form}")
    assert first.status_code == 200
    assert "max-age=60" in first["Cache-Control"]
    assert "attachment" in first["Content-Disposition"]
    again = Client().get(f"/alliances/open/application.{form}", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    english = Client().get(f"/en/alliances/open/application.{form}")
    assert english["ETag"] != first["ETag"]


def test_no_form_of_an_alliance_that_is_not_published_or_dissolved(alliance: Alliance) -> None:
    Alliance.objects.update(published=False)
    assert Client().get("/alliances/open/application.xlsx").status_code == 404
    Alliance.objects.update(published=True, dissolved_on="2021-01-01")
    assert Client().get("/alliances/open/application.xlsx").status_code == 404
    assert "application.xlsx" not in Client().get("/alliances/open/").content.decode()


def test_formulas_of_a_name_are_texts(reference: None) -> None:
    odd = factories.alliance("odd", name_zh='=HYPERLINK("x")', admission="=1+1")
    with zipfile.ZipFile(io.BytesIO(workbook(application_form(odd)))) as book:
        for name in book.namelist():
            assert b"<f>HYPERLINK" not in book.read(name)
            assert b"<f>1+1" not in book.read(name)
