"""Contact data in texts that everybody may read: held back with cell and remedy, and taken once that is chosen."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from alliance.members.imports.memberships import MembershipImport
from alliance.models import Membership
from registry.collection.importer import figures_import
from registry.imports.options import Choices, ContactsInText
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.report import Report
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.qualifications import QualificationImport
from registry.models import Contact, ImportBatch, Organization
from tests import factories
from tests.registry.imports.importing import csv_file, imported

pytestmark = pytest.mark.django_db

MOBILE, MAIL = "13800000000", "li@example.com"
KEEP = Choices(contacts_in_text=ContactsInText.KEEP)
LIST = [
    ["企业名称", "注册地址", "备注", "主导产品", "联系电话"],
    ["中山市香山甲有限公司", f"中山市某路1号（{MOBILE}）", "", "机器人", ""],
    ["中山市香山乙有限公司", "中山市某路2号", f"找李某 {MAIL}", f"{MOBILE}", ""],
    ["中山市香山丙有限公司", "中山市某路3号", "总机0760-88880000", "138系列机器人", MOBILE],
]


def held(report: Report) -> list[tuple[int, str, str]]:
    with translation.override("en"):
        return [(one.row, one.column, str(one.message).split("”")[0].strip("“")) for one in report.held]


def test_contacts_in_texts_are_held_back_with_their_cells(tmp_path):
    report = imported(tmp_path, LIST)
    assert held(report) == [(2, "注册地址", MOBILE), (3, "主导产品", f"{MOBILE}, {MAIL}")]
    assert (report.exit_code, report.new, report.undecided) == (1, 1, 2)
    assert Organization.objects.get().remarks == "总机0760-88880000"
    assert Contact.objects.get().phone == MOBILE


def test_texts_are_kept_where_that_is_chosen_and_not_asked_again(tmp_path):
    report = imported(tmp_path, LIST, choices=KEEP)
    assert (report.exit_code, report.new) == (0, 3)
    assert imported(tmp_path, LIST).unchanged == 3, "the registry has them as they stand"
    other = [LIST[0], [LIST[2][0], "", f"另找 {MAIL}", "", ""]]
    assert held(imported(tmp_path, other)) == [(2, "备注", MAIL)]


def test_codes_and_amounts_of_other_columns_are_left_alone(tmp_path):
    labels = ["企业名称", "统一社会信用代码", "注册号", "股票代码", "成立日期", "注册资本（元）", "网址"]
    row = ["中山市香山丁有限公司", factories.valid_uscc(1), "138000000000001", "301380", "2013-08-01", "13800000000"]
    report = imported(tmp_path, [labels, [*row, "https://example.com/@foo.bar"]])
    assert (report.new, held(report)) == (1, [])


def run_of(made: Import, path: Any, **options: Any) -> Report:
    report = made.run(path, apply=True, **options)
    report.table.close()
    return report


def test_every_table_holds_them_back(tmp_path, reference):
    name = factories.enterprise(name_zh="中山市香山戊有限公司").name_zh
    alliance = factories.alliance()
    factories.tier(alliance, "member")
    asking = factories.collection_round(Organization.objects.get(), year=2023)
    figures = [["单位名称", "年度", "从业人员", "来源"], [name, "2023", "7", f"李某{MOBILE}"]]
    members = [["单位名称", "会员级别", "起始日期", "备注"], [name, "会员单位", "2020-01-01", MAIL]]
    graded = [["单位名称", "资质名称", "认定机构"], [name, "高新技术企业", f"某厅 {MOBILE}"]]
    for made, rows, column in (
        (FiguresImport, figures, "来源"),
        (lambda: figures_import(round=asking.pk), figures, "来源"),
        (lambda: MembershipImport(slug=alliance.slug), members, "备注"),
        (QualificationImport, graded, "认定机构"),
    ):
        path = csv_file(tmp_path, rows)
        report = run_of(made(), path)
        assert [(row, label) for row, label, _found in held(report)] == [(2, column)]
        assert (report.exit_code, report.new) == (1, 0)
    assert run_of(MembershipImport(slug=alliance.slug), csv_file(tmp_path, members), choices=KEEP).new == 1
    assert Membership.objects.get().remarks == MAIL


def test_command_names_cell_and_remedy(tmp_path, capsys):
    path = csv_file(tmp_path, LIST)
    with pytest.raises(SystemExit) as stopped:
        call_command("import_organizations", str(path), "--apply")
    out = capsys.readouterr().out
    assert stopped.value.code == 1
    assert "第 2 行 · 注册地址 · 中山市某路1号" in out
    assert "--contacts-in-text keep" in out
    call_command("import_organizations", str(path), "--apply", "--contacts-in-text", "keep")
    assert Organization.objects.count() == 3
    assert ImportBatch.objects.latest("pk").choices["contacts_in_text"] == "keep"


def test_page_offers_to_keep_them(client, reference):
    client.force_login(factories.superuser())
    content = "\n".join(map(",".join, LIST)).encode("utf-8-sig")
    data = {"table": "organizations", "file": SimpleUploadedFile("名单.csv", content)}
    html = client.post("/admin/imports/", data, follow=True).content.decode()
    batch = ImportBatch.objects.get()
    assert (batch.counts["new"], batch.counts["undecided"]) == (1, 2)
    assert "像是手机号码或电子邮箱" in html
    assert html.count('<a href="#choices">') == 2
    page = reverse("admin:registry_importbatch_examine", args=[batch.pk])
    chosen = {"take": "good_rows", "stored": "overwrite", "lists": "replace", "contacts_in_text": "keep"}
    html = client.post(page, chosen, follow=True).content.decode()
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["undecided"]) == (3, 0)
    assert 'name="contacts_in_text"' in html, "the choice can be taken back"


def test_page_asks_nothing_where_there_are_none(client, reference):
    client.force_login(factories.superuser())
    content = "企业名称\n香山甲有限公司\n".encode()
    data = {"table": "organizations", "file": SimpleUploadedFile("a.csv", content)}
    assert 'name="contacts_in_text"' not in client.post("/admin/imports/", data, follow=True).content.decode()
