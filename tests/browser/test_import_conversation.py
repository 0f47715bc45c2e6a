"""A dirty workbook from the upload to a true registry: columns, questions, applying, refused rows corrected, undone."""

from pathlib import Path

import pytest
import xlsxwriter
from django.core.management import call_command
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from registry.models import Enterprise, ImportBatch, ImportMapping, Organization
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOOD, NUMERIC, MISSPELT = (factories.valid_uscc(n) for n in (77_001, 77_002, 77_003))
ODD = "搞什么的"
"""A label that nobody can know."""


@pytest.fixture
def reference(transactional_db):
    call_command("load_reference", verbosity=0)


def dirty_workbook(path: Path, changed: Organization) -> Path:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("摸底表")
    sheet.merge_range(0, 0, 0, 6, "人工智能企业摸底表（虚构）")
    for column, label in enumerate(["序号", "企业名称", "统一社会信用代码", "所在镇街"]):
        sheet.merge_range(1, column, 2, column, label)
    sheet.merge_range(1, 4, 1, 5, "联系人")
    sheet.write_row(2, 4, ["姓名", "电话"])
    sheet.merge_range(1, 6, 2, 6, ODD)
    rows = [
        ["中山市对话机器人有限公司", GOOD, "小榄镇", "虚构甲", factories.PHONE, "焊接机器人"],
        ["中山市数字代码有限公司", 914420001234567890, "东区街道", "", "", "控制器"],
        ["中山市错镇科技有限公司", MISSPELT, "小揽镇", "", "", "传感器"],
        ["近似智能装备股份有限公司", "", "小榄镇", "", "", "机床"],
        [changed.name_zh, changed.uscc, "", "", "", "新产品"],
    ]
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number + 2, 0, [number, *row])
    sheet.write_row(len(rows) + 3, 0, ["合计", f"{len(rows)}家"])
    sheet.write_row(len(rows) + 4, 0, ["填表人：虚构"])
    book.close()
    return path


def corrected(refused: Path, path: Path) -> list[list[object]]:
    """The refused rows with their mistakes put right, in a new workbook; what came back is returned."""
    sheet = CalamineWorkbook.from_path(str(refused)).get_sheet_by_index(0)
    rows = sheet.to_python(skip_empty_area=False)
    book = xlsxwriter.Workbook(path)
    target = book.add_worksheet(sheet.name)
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            right = {"小揽镇": "小榄镇"}.get(str(cell), cell)
            if column == 2 and "中山市数字代码有限公司" in row:
                right = NUMERIC
            target.write(line, column, right)
    book.close()
    return rows


def upload(page: Page, path: Path) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="导入名单").click()
    page.locator("#id_file").set_input_files(path)
    expect(page.locator("#chosen")).to_contain_text(path.name)
    page.get_by_role("button", name="上传并检查").click()


def test_a_dirty_workbook_becomes_a_true_registry(staff_page: Page, reference: None, tmp_path: Path) -> None:
    changed = factories.enterprise(name_zh="中山市要改科技有限公司", main_products="旧产品")
    known = factories.enterprise(name_zh="中山市近似智能装备有限公司", township=factories.township())
    page = staff_page

    upload(page, dirty_workbook(tmp_path / "摸底表.xlsx", changed))
    line = page.locator("tr.unknown", has_text=ODD)
    expect(line).to_contain_text("焊接机器人")
    line.locator("select").select_option(label="主导产品")
    page.get_by_role("button", name="保存并预览").click()

    outcomes = page.locator(".outcomes")
    expect(outcomes).to_contain_text("5 全部")
    expect(outcomes).to_contain_text("1 待确认")
    expect(outcomes).to_contain_text("2 拒收")
    question = page.locator(".row", has_text="近似智能装备股份有限公司")
    expect(question).to_contain_text(known.registry_no)
    question.get_by_label("就是这家单位").check()
    page.get_by_role("button", name="保存确认").click()
    expect(outcomes).to_contain_text("2 变更")
    expect(outcomes).to_contain_text("0 待确认")
    outcomes.get_by_role("link", name="变更").click()
    row = page.locator(".row", has_text="中山市要改科技有限公司")
    expect(row.locator("del")).to_have_text("旧产品")
    expect(row.locator("ins")).to_have_text("新产品")

    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.locator(".result")).to_contain_text("导入完成")
    expect(page.locator(".result")).to_contain_text("新增 1 行，变更 2 行，无变化 0 行，拒收 2 行")
    assert Enterprise.objects.get(uscc=GOOD).contacts.get().phone == factories.PHONE
    known.refresh_from_db()
    assert (Organization.objects.count(), known.main_products) == (3, "机床")

    with page.expect_download() as download:
        page.get_by_role("link", name="下载退回的行").click()
    came_back = corrected(download.value.path(), tmp_path / "摸底表-退回.xlsx")
    assert [row[1] for row in came_back[3:5]] == ["中山市数字代码有限公司", "中山市错镇科技有限公司"]
    assert "小榄镇" in str(came_back[4][-1])

    upload(page, tmp_path / "摸底表-退回.xlsx")
    expect(page.locator(".outcomes")).to_contain_text("2 新增")
    assert ImportMapping.objects.get().layout["columns"] == {ODD: "main_products"}
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.locator(".result")).to_contain_text("新增 2 行")
    assert set(Organization.objects.values_list("uscc", flat=True)) >= {GOOD, NUMERIC, MISSPELT}

    second, first = ImportBatch.objects.all()
    for batch in (second, first):
        page.goto(f"/admin/imports/{batch.pk}/")
        page.get_by_role("link", name="撤销导入").click()
        page.get_by_role("button", name="撤销导入").click()
        expect(page.locator(".result")).to_contain_text("这次导入已撤销")
    assert set(Organization.objects.all()) == {changed, known}
    for organization in (changed, known):
        organization.refresh_from_db()
    assert (changed.main_products, known.main_products) == ("旧产品", "")


def test_rows_are_pasted_and_a_file_is_dropped(staff_page: Page, reference: None, tmp_path: Path) -> None:
    page = staff_page
    page.goto("/admin/imports/")
    rows = f"企业名称\t统一社会信用代码\n中山市粘贴科技有限公司\t{GOOD}"
    page.locator("h1").click()
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        rows,
    )
    expect(page.locator("#pasted-count")).to_have_text("共 2 行、2 列（含表头）")
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator(".outcomes")).to_contain_text("1 新增")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="放弃").click()
    expect(page.locator(".messagelist")).to_contain_text("已放弃")
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "拖来的.csv", { type: "text/csv" }));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        rows.replace("\t", ","),
    )
    expect(page.locator("#chosen")).to_contain_text("拖来的.csv")
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator("h1")).to_have_text("拖来的.csv")
    assert ImportBatch.objects.get().counts["new"] == 1


def test_choices_must_be_tried_before_they_are_applied(staff_page: Page, reference: None, tmp_path: Path) -> None:
    changed = factories.enterprise(name_zh="中山市要改科技有限公司", main_products="旧产品")
    page = staff_page
    list_path = tmp_path / "改.csv"
    list_path.write_text(f"企业名称,统一社会信用代码,主导产品\n{changed.name_zh},{changed.uscc},新产品", "utf-8")
    upload(page, list_path)
    expect(page.get_by_role("button", name="导入", exact=True)).to_be_enabled()
    page.get_by_label("名录中已有的内容").select_option(label="只填空白，不覆盖原值")
    expect(page.get_by_role("button", name="导入", exact=True)).to_be_disabled()
    expect(page.locator("#choices")).to_contain_text("请先重新试算")
    page.get_by_role("button", name="重新试算").click()
    expect(page.locator(".confirm")).to_contain_text("没有需要写入的内容")
