"""Empty templates: what they show, to whom, and that they are imported as they are once filled in."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from python_calamine import CalamineWorkbook

from registry.imports import import_tables
from registry.imports.reading.files import NOTES_SHEET
from registry.imports.template import template_columns, write_template
from registry.models import ImportBatch, Organization
from tests import factories

pytestmark = pytest.mark.django_db
NAMES = ["organizations", "figures", "qualifications", "memberships"]
FILLED: dict[str, dict[str, Any]] = {
    "figures": {"name_zh": "中山市虚构机器人有限公司", "year": 2024, "employees": 120, "revenue": 6000.5},
    "qualifications": {"name_zh": "中山市虚构机器人有限公司", "grading": "高新技术企业"},
    "memberships": {"name_zh": "中山市虚构机器人有限公司", "tier": "会员单位", "admitted_on": "2020-01-01"},
}


@pytest.fixture
def ready(reference):
    of = factories.alliance()
    factories.tier(of, "member")
    return of


def make(name: str, user: Any = None) -> tuple[import_tables.ImportTable, Any]:
    table = import_tables.get(name)
    assert table is not None
    return table, table.make(user=user, **({"alliance": "test"} if name == "memberships" else {}))


def template(path: Path, name: str, rows: Any = (), user: Any = None, language: str = "zh-hans") -> Path:
    with translation.override(language):
        write_template(path, *make(name, user), rows)
    return path


def imported(path: Path, name: str) -> Any:
    report = make(name)[1].run(path, apply=True)
    report.table.close()
    return report


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_column_of_a_template_is_known_and_its_own_sheets_are_passed_over(tmp_path, ready, name, language):
    path = template(tmp_path / "template.xlsx", name, language=language)
    report = imported(path, name)
    [sheet] = report.table.sheets
    offered = [column.name for column, _hint in template_columns(make(name)[1])]
    assert [column.name for column in sheet.columns] == offered
    assert (sheet.untaken(), sheet.doubled, report.table.left_out) == ([], [], [])
    assert report.summary == "new 0, changed 0, unchanged 0, refused 0"
    hidden = CalamineWorkbook.from_path(path).sheets_metadata[2:]
    assert all("Hidden" in str(sheet.visible) for sheet in hidden)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_template_filled_with_its_examples_and_first_choices_is_imported(tmp_path, ready, language):
    with translation.override(language):
        _table, run = make("organizations")
        row = {
            column.name: next(iter(map(str, hint.values()))) if hint.values else hint.example
            for column, hint in template_columns(run)
        }
    row |= {"registry_no": "", "category": "", "qualifications": "高新技术企业"}
    report = imported(template(tmp_path / "template.xlsx", "organizations", [row], language=language), "organizations")
    assert [(problem.column, str(problem.message)) for problem in report.problems] == []
    assert report.new == 1
    record = Organization.objects.get()
    assert (record.registered_capital, str(record.founded_on)) == (5_000_000, "2019-09-01")
    assert record.sector_tags.count() == 1


@pytest.mark.parametrize("name", FILLED)
def test_template_filled_in_is_imported(tmp_path, ready, name):
    factories.enterprise(name_zh="中山市虚构机器人有限公司")
    report = imported(template(tmp_path / "template.xlsx", name, [FILLED[name]]), name)
    assert report.summary == "new 1, changed 0, unchanged 0, refused 0", [str(p.message) for p in report.problems]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_choice_of_a_list_can_be_read(ready, name, language):
    with translation.override(language):
        for column, hint in template_columns(make(name)[1]):
            for value in hint.values() if hint.values else ():
                assert column.parser()(str(value), None) is not None


def test_columns_that_the_account_may_not_see_are_left_out(tmp_path, ready):
    user = factories.user("registry.add_organization")
    names = [column.name for column, _hint in template_columns(make("organizations", user)[1])]
    assert "remarks" in names
    assert not {"contact_phone", "legal_representative"} & set(names)
    assert "contact_phone" in [column.name for column, _hint in template_columns(make("organizations")[1])]


def test_template_has_lists_formats_comments_and_notes(tmp_path, ready):
    target = io.BytesIO()
    with translation.override("zh-hans"):
        write_template(target, *make("organizations"))
    with zipfile.ZipFile(target) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
        comments = package.read("xl/comments1.xml").decode()
        styles = package.read("xl/styles.xml").decode()
    assert sheet.count('type="list"') == 8
    assert "选项 Lists" in sheet
    assert "名录编号" in comments
    assert "yyyy-mm-dd" in styles
    notes = CalamineWorkbook.from_filelike(io.BytesIO(target.getvalue())).get_sheet_by_name(NOTES_SHEET).to_python()
    [uscc] = [row for row in notes if row[0] == "统一社会信用代码"]
    assert "文本" in uscc[2]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_template_filled_in_goes_straight_to_the_preview(client, tmp_path, ready, name, language):
    client.force_login(factories.superuser())
    factories.enterprise(name_zh="中山市虚构机器人有限公司")
    row = FILLED.get(
        name, {"name_zh": "中山市虚构智能有限公司", "township": "小榄镇", "contact_phone": "0760-00000000"}
    )
    content = template(tmp_path / "a.xlsx", name, [row], language=language).read_bytes()
    fields = {"table": name, "file": SimpleUploadedFile("a.xlsx", content)}
    fields |= {"memberships-alliance": "test"} if name == "memberships" else {}
    answer = client.post("/admin/imports/", fields, follow=True)
    batch = ImportBatch.objects.get()
    assert answer.redirect_chain[-1][0] == f"/admin/imports/{batch.pk}/"
    assert (batch.counts["new"], batch.counts["refused"]) == (1, 0)
