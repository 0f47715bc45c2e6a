"""Remarks in names: what is recognised, and that such rows are held back, read apart, or left as they stand."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from registry.imports.matching.name_remarks import read_name
from registry.imports.options import Choices, NameRemarks, SectorLists
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Report
from registry.imports.tables.figures import FiguresImport
from registry.models import AnnualFigures, ImportBatch, ImportRow, Organization
from tests import factories
from tests.registry.imports.importing import csv_file, imported, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
SPLIT, KEEP = Choices(name_remarks=NameRemarks.SPLIT), Choices(name_remarks=NameRemarks.KEEP)
CODES = [factories.valid_uscc(n) for n in (7701, 7702, 7703)]
LIST = [
    ["统一社会信用代码", "企业名称"],
    [CODES[0], "中山市香山甲有限公司（原中山市香山旧称甲有限公司）"],
    [CODES[1], "中山市香山乙有限公司(已注销)"],
    [CODES[2], "1、中山市香山丙有限公司"],
]


def held(report: Report) -> list[str]:
    with translation.override("en"):
        return [f"{one.row} {one.column} {one.value}: {one.message}" for one in report.held]


def noted(report: Report) -> list[str]:
    with translation.override("en"):
        return [f"{one.row} {one.column} {one.value}: {one.message}" for one in report.notes]


# --- What is recognised


@pytest.mark.parametrize(
    ("text", "name", "former", "statuses"),
    [
        ("香山甲有限公司（原香山乙有限公司）", "香山甲有限公司", ["香山乙有限公司"], []),
        ("香山甲有限公司（原名：香山乙厂；香山丙厂）", "香山甲有限公司", ["香山乙厂", "香山丙厂"], []),
        ("香山甲有限公司(原名香山乙厂)", "香山甲有限公司", ["香山乙厂"], []),
        ("香山甲有限公司（曾用名：香山乙厂、香山丙厂）", "香山甲有限公司", ["香山乙厂", "香山丙厂"], []),
        ("香山甲有限公司（更名前:香山乙厂）", "香山甲有限公司", ["香山乙厂"], []),
        ("香山甲有限公司（前身为香山乙厂）", "香山甲有限公司", ["香山乙厂"], []),
        ("香山甲有限公司（原香山乙（中山）有限公司）", "香山甲有限公司", ["香山乙（中山）有限公司"], []),
        ("香山甲有限公司（原名香山乙厂，已注销）", "香山甲有限公司", ["香山乙厂"], ["deregistered"]),
        ("香山甲有限公司（原香山乙有限公司）（吊销）", "香山甲有限公司", ["香山乙有限公司"], ["revoked"]),
        ("香山（中山）有限公司 【已迁出】", "香山（中山）有限公司", [], ["moved_out"]),
        ("香山甲合伙企业（有限合伙）（注销）", "香山甲合伙企业（有限合伙）", [], ["deregistered"]),
        ("香山甲有限公司（停业）", "香山甲有限公司", [], ["suspended"]),
        ("香山甲有限公司（歇业）", "香山甲有限公司", [], ["suspended"]),
        ("香山甲有限公司（存续）", "香山甲有限公司", [], ["active"]),
        ("香山甲有限公司（已合并）", "香山甲有限公司", [], ["merged"]),
        ("香山甲有限公司（吊销，未注销）", "香山甲有限公司", [], ["revoked"]),
        ("Xiangshan Co., Ltd. (formerly Foo Co., Ltd.)", "Xiangshan Co., Ltd.", ["Foo Co., Ltd."], []),
        ("Xiangshan Co., Ltd. (deregistered)", "Xiangshan Co., Ltd.", [], ["deregistered"]),
        *(
            (f"{ordinal}香山甲有限公司", "香山甲有限公司", [], [])
            for ordinal in ("1、", "12.", "１．", "3）", "（1）", "(一)", "①", "⑵", "一、", "十二、", "2. ")
        ),
        ("3、香山甲有限公司（已注销）", "香山甲有限公司", [], ["deregistered"]),
    ],
)
def test_remarks_are_told_from_the_name(text, name, former, statuses):
    found = read_name(text)
    assert found is not None
    assert (found.name, found.former_names, found.statuses, found.unread) == (name, former, statuses, [])


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"香山甲{end}"
            for end in ("（中山）", "（有限合伙）", "（普通合伙）", "（特殊普通合伙）", "（集团）", "（筹）")
        ),
        *(f"香山甲研究院{end}" for end in ("（Xiangshan Institute）", "(XSI)", "（香山人工智能研究院）", "（Active）")),
        *("香山（原平）有限公司", "香山酒店（原点）", "香山酒店(原平市)", "香山（注销）代办有限公司", "香山甲（"),
        *("1、", "一、二", "1.5米科技有限公司", "58同城有限公司", "（1）", "三一重工", "百度", "3M中国有限公司", "）"),
    ],
)
def test_what_belongs_to_the_name_stays_in_it(text):
    assert read_name(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "香山甲有限公司（更名为香山乙有限公司）",
        "香山甲有限公司（2021年注销）",
        "香山甲有限公司（已注销，地址不详）",
        "（已注销）",
    ],
)
def test_remark_that_is_not_understood_is_told_as_such(text):
    found = read_name(text)
    assert found is not None
    assert found.unread


# --- What becomes of the rows


def test_rows_are_held_back_and_what_they_would_be_is_told(tmp_path):
    report = imported(tmp_path, LIST)
    assert (report.new, report.undecided, report.refused, report.exit_code) == (0, 3, 0, 1)
    assert not Organization.objects.exists()
    told = held(report)
    assert told[0].startswith(
        "2 企业名称 中山市香山甲有限公司（原中山市香山旧称甲有限公司）: “（原中山市香山旧称甲有限公司）” looks like"
    )
    assert "name 中山市香山甲有限公司; former name 中山市香山旧称甲有限公司. Choose on the page" in told[0]
    assert "name 中山市香山乙有限公司; registration status deregistered. Choose" in told[1]
    assert "“1、” looks like a remark" in told[2]
    assert all("--name-remarks split or keep" in one for one in told)


def test_split_rows_have_clean_names_former_names_and_status_with_notes(tmp_path):
    report = imported(tmp_path, LIST, choices=SPLIT)
    assert (report.new, report.undecided, report.exit_code) == (3, 0, 0), held(report)
    first, second, third = Organization.objects.order_by("uscc")
    assert (first.name_zh, first.registration_status) == ("中山市香山甲有限公司", "active")
    assert [(one.kind, one.name) for one in first.names.all()] == [("former", "中山市香山旧称甲有限公司")]
    assert (second.name_zh, second.registration_status) == ("中山市香山乙有限公司", "deregistered")
    assert (third.name_zh, third.registration_status) == ("中山市香山丙有限公司", "active")
    assert not third.names.exists()
    assert len(report.notes) == 3
    assert noted(report)[1] == (
        "3 企业名称 中山市香山乙有限公司(已注销): “(已注销)” was read as a remark: name 中山市香山乙有限公司; "
        "registration status deregistered."
    )
    again = imported(tmp_path, LIST, choices=SPLIT)
    assert (again.unchanged, again.exit_code) == (3, 0)


def test_kept_names_stand_as_they_are_and_match_later(tmp_path):
    assert imported(tmp_path, LIST, choices=KEEP).new == 3
    assert set(Organization.objects.values_list("name_zh", flat=True)) == {row[1] for row in LIST[1:]}
    for choices in (Choices(), SPLIT):
        report = imported(tmp_path, LIST, choices=choices)
        assert (report.unchanged, report.exit_code, report.notes) == (3, 0, [])


def test_split_row_changes_the_record_that_has_the_name(tmp_path):
    record = factories.enterprise(name_zh="中山市香山乙有限公司", uscc=None)
    report = imported(tmp_path, [["企业名称"], ["中山市香山乙有限公司（已注销）"]], choices=SPLIT)
    record.refresh_from_db()
    assert (report.changed, record.registration_status) == (1, "deregistered"), reasons(report)


def test_former_name_of_a_remark_tells_a_renaming(tmp_path):
    record = factories.enterprise(name_zh="中山市石岐糖厂")
    rows = [["统一社会信用代码", "企业名称"], [record.uscc, "广东大涌家具有限公司（原中山市石岐糖厂）"]]
    report = imported(tmp_path, rows, choices=SPLIT)
    record.refresh_from_db()
    assert (report.changed, record.name_zh) == (1, "广东大涌家具有限公司"), held(report)
    assert record.names.get().name == "中山市石岐糖厂"


def test_kind_is_told_by_the_name_without_its_remarks(tmp_path):
    rows = [["单位名称"], ["香山甲有限公司（原名香山（中山）乙厂）（已注销）"], ["2、香山研究院（停业）"]]
    report = imported(tmp_path, rows, choices=SPLIT)
    assert (report.new, report.refused) == (2, 0), reasons(report)
    assert list(Organization.objects.order_by("id").values_list("kind", flat=True)) == ["enterprise", "research"]


def test_columns_of_the_file_go_before_the_remarks(tmp_path):
    rows = [
        ["企业名称", "登记状态", "曾用名"],
        ["香山甲有限公司（已注销）", "注销", ""],
        ["香山乙有限公司（原名香山旧乙厂）", "", "香山老乙厂"],
        ["香山丙有限公司（已注销）", "存续", ""],
        ["香山丁有限公司（已合并）", "", ""],
        ["香山戊有限公司（更名为香山己有限公司）", "", ""],
    ]
    report = imported(tmp_path, rows, choices=SPLIT)
    assert (report.new, report.undecided) == (2, 3), reasons(report)
    told = held(report)
    assert "the column for the registration status says something else" in told[0]
    assert "a merger needs its successor" in told[1]
    assert "what it says is not understood" in told[2]
    assert Organization.objects.get(name_zh="香山甲有限公司").registration_status == "deregistered"
    assert [one.name for one in Organization.objects.get(name_zh="香山乙有限公司").names.all()] == ["香山老乙厂"]
    assert any("“香山旧乙厂” in the remark is not recorded" in one for one in noted(report))
    assert imported(tmp_path, rows, choices=KEEP).new == 5


def test_english_names_are_read_too(tmp_path):
    rows = [["English name", "Kind"], ["Xiangshan Robots Ltd (formerly Foo Robots Ltd)", "enterprise"]]
    assert imported(tmp_path, rows).undecided == 1
    report = imported(tmp_path, rows, choices=SPLIT)
    assert report.new == 1, reasons(report)
    record = Organization.objects.get()
    assert (record.name_en, record.names.get().name) == ("Xiangshan Robots Ltd", "Foo Robots Ltd")


def test_held_row_is_not_asked_a_second_question(tmp_path):
    record = factories.enterprise(name_zh="中山市石岐糖厂")
    rows = [["统一社会信用代码", "企业名称"], [record.uscc, "广东大涌家具有限公司（停业）"]]
    found: list[RowOutcome] = []
    report = imported(tmp_path, rows, suggest=True, record=found.extend)
    assert (report.undecided, len(report.held)) == (1, 1)
    assert (found[0].outcome, found[0].candidates, len(found[0].problems)) == ("undecided", [], 1)
    assert imported(tmp_path, rows, choices=SPLIT).undecided == 1, "whether it was renamed is asked next"


def test_choice_for_names_leaves_the_way_of_sectors_alone(tmp_path):
    record = factories.enterprise()
    factories.tag(record, "robots.industrial", is_primary=True)
    rows = [["统一社会信用代码", "所属领域"], [record.uscc, "机器视觉"]]
    imported(tmp_path, rows, choices=Choices(lists=SectorLists.ADD, name_remarks=NameRemarks.SPLIT))
    assert record.sector_tags.count() == 2


# --- Lists that only find organizations


def test_list_of_figures_finds_the_record_by_the_name_alone(tmp_path):
    record = factories.enterprise(name_zh="香山甲有限公司")
    rows = [["单位名称", "年度", "从业人员（人）"], ["1、香山甲有限公司（已注销）", "2023", "12"]]
    rows.append(["香山无此有限公司（已注销）", "2023", "12"])
    report = FiguresImport().run(csv_file(tmp_path, rows), apply=True)
    report.table.close()
    assert (report.new, report.refused) == (1, 1), reasons(report)
    assert AnnualFigures.objects.get().organization_id == record.pk
    assert "Looked up as “香山甲有限公司”. The remark “1、 （已注销）” is not recorded" in noted(report)[0]
    assert report.problems[0].value == "香山无此有限公司（已注销）"
    record.refresh_from_db()
    assert record.registration_status == "active"
    report = FiguresImport().run(csv_file(tmp_path, rows), choices=KEEP)
    report.table.close()
    assert report.refused == 2


# --- The command and the page


def command(path: Path, *options: str) -> tuple[int, list[str]]:
    output = io.StringIO()
    try:
        call_command("import_organizations", str(path), "--apply", *options, stdout=output)
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, output.getvalue().splitlines()


def test_command_holds_back_splits_or_keeps(tmp_path):
    path = csv_file(tmp_path, LIST)
    code, lines = command(path)
    assert (code, lines[-1]) == (1, "new 0, changed 0, unchanged 0, refused 0")
    assert lines[-3] == "暂缓、待人工确认的行：3。"
    assert sum("--name-remarks split" in line for line in lines) == 3
    code, lines = command(path, "--name-remarks", "split")
    assert (code, lines[-1]) == (0, "new 3, changed 0, unchanged 0, refused 0")
    assert sum(line.startswith("提示") for line in lines) == 3
    assert ImportBatch.objects.latest("pk").choices["name_remarks"] == "split"
    Organization.objects.all().delete()
    code, lines = command(path, "--name-remarks", "keep")
    assert (code, lines[-1]) == (0, "new 3, changed 0, unchanged 0, refused 0")


def test_page_shows_the_held_rows_and_imports_them_once_a_way_is_chosen(client):
    client.force_login(factories.superuser())
    content = "\n".join(map(",".join, LIST)).encode("utf-8-sig")
    file = SimpleUploadedFile("名单.csv", content)
    client.post("/admin/imports/", {"table": "organizations", "file": file}, follow=True)
    batch = ImportBatch.objects.get()

    def url(name: str) -> str:
        return reverse(f"admin:registry_importbatch_{name}", args=[batch.pk])

    page = client.get(url("page"))
    html = page.content.decode()
    assert batch.counts == {"new": 0, "changed": 0, "unchanged": 0, "refused": 0, "undecided": 3}
    assert "可拆分为：名称 中山市香山乙有限公司；登记状态 注销。" in html
    assert html.count('<a href="#choices">') == 3
    assert 'name="d-' not in html, "there is no record to be the same as"
    assert 'name="name_remarks"' in html
    refused = client.get(url("refused"))
    assert refused.status_code == 200
    chosen = {name: page.context["choices_form"].initial[name] for name in ("take", "stored", "lists")}
    client.post(url("examine"), {**chosen, "name_remarks": "split"}, follow=True)
    batch.refresh_from_db()
    assert batch.counts["new"] == 3
    assert ImportRow.objects.filter(batch=batch).exclude(notes=[]).count() == 3
    page = client.get(url("page"))
    assert 'href="#choices"' not in page.content.decode()
    sent = {**chosen, "name_remarks": "split", "confirmed": page.context["confirmed"]}
    client.post(url("apply"), sent, follow=True)
    batch.refresh_from_db()
    assert batch.state == "applied"
    assert Organization.objects.get(uscc=CODES[1]).registration_status == "deregistered"
    assert "拆分为名称、曾用名和登记状态" in client.get(url("page")).content.decode()


def test_page_asks_nothing_of_names_where_a_list_has_no_remarks(client):
    client.force_login(factories.superuser())
    content = "企业名称\n香山甲有限公司\n".encode()
    answer = client.post(
        "/admin/imports/", {"table": "organizations", "file": SimpleUploadedFile("a.csv", content)}, follow=True
    )
    assert 'name="name_remarks"' not in answer.content.decode()
