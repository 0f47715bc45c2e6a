"""What is remembered of columns, end to end: set by one account, told to the next, and closed to who may not see it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.imports import batches
from registry.imports.recognising.layout import IGNORED, Layout, signature
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.organizations import OrganizationImport
from registry.models import AnnualFigures, Contact, ImportBatch, ImportMapping, Organization
from tests import factories
from tests.registry.imports.importing import csv_file

pytestmark = pytest.mark.django_db

WRITER = ("registry.view_organization", "registry.add_organization", "registry.change_organization")
CONTACTS = ("registry.view_contact", "registry.add_contact", "registry.change_contact")
FIGURES = ("registry.view_annualfigures", "registry.add_annualfigures", "registry.change_annualfigures")
LABELS = ["名头", "企业规模说明", "所在片区", "联系电话", "找谁"]
PHONE = "0760-00000001"


@pytest.fixture(autouse=True)
def _reference(reference):
    """Townships and sectors."""


def account(*permissions: str, **fields: Any) -> tuple[Client, User]:
    user = factories.user(*permissions, **fields)
    client = Client()
    client.force_login(user)
    return client, user


def owner() -> tuple[Client, User]:
    return account(*WRITER, *CONTACTS, username="zhang", last_name="张", first_name="三")


def bring(client: Client, rows: list[list[str]], table: str = "organizations", **fields: Any) -> Any:
    content = "\n".join(map(",".join, rows)).encode("utf-8-sig")
    data = {"table": table, "file": SimpleUploadedFile("名单.csv", content), **fields}
    return client.post("/admin/imports/", data, follow=True)


def batch() -> ImportBatch:
    return ImportBatch.objects.latest("pk")


def url(name: str) -> str:
    return reverse(f"admin:registry_importbatch_{name}", args=[batch().pk])


def columns(client: Client, meant: dict[str, str], **fields: Any) -> Any:
    """Say on the page of the columns what labels mean."""
    lines = client.get(url("columns")).context["lines"]
    data = {f"column-{line['number']}": line["column"].name for line in lines}
    data |= {f"column-{line['number']}": meant[line["column"].label] for line in lines if line["column"].label in meant}
    return client.post(url("columns"), data | fields, follow=True)


def apply(client: Client) -> None:
    confirmed = client.get(url("page")).context["confirmed"]
    client.post(url("apply"), {"confirmed": confirmed}, follow=True)
    assert batch().state == "applied"


def set_by_owner() -> None:
    """One account says what two columns and a value mean, and what all rows have, and imports."""
    client, _user = owner()
    bring(client, [LABELS, ["香山一厂", "大", "榄乡", PHONE, "虚构甲"]])
    columns(
        client,
        {"名头": "name_zh", "企业规模说明": "remarks", "所在片区": "township", "找谁": "contact_name"},
        **{"constant-name": ["kind", "source"], "constant-value": ["企业", "第一批"]},
    )
    columns(client, {}, **{"value-column": ["township"], "value-text": ["榄乡"], "value-meant": ["小榄镇"],
                           "constant-name": ["kind", "source"], "constant-value": ["企业", "第一批"]})  # fmt: skip
    apply(client)
    one = Organization.objects.get()
    assert (one.kind, one.source, str(one.township), one.remarks) == ("enterprise", "第一批", "小榄镇", "大")
    assert Contact.objects.get().name == "虚构甲"


def test_memory_of_one_account_is_told_to_the_next_and_changed_with_one_click():
    set_by_owner()
    assert ImportMapping.objects.get().layout["constants"] == {"kind": "企业"}, "a source is that of one file"
    client, _user = account(*WRITER)
    bring(client, [LABELS, ["香山二厂", "小", "榄乡", "0760-00000002", "虚构乙"]])
    answer = client.get(url("page"))
    html = answer.content.decode()
    said = [one["said"] for one in answer.context["remembered"]]
    day = timezone.localdate(ImportMapping.objects.get().used_at).isoformat()
    assert [words.split("（")[0] for words in said] == [
        "列“名头”按上次的设置读作“单位名称”",
        "列“企业规模说明”按上次的设置读作“备注”",
        "列“所在片区”按上次的设置读作“所在镇街”",
        "所有行的“单位类型”按上次的设置为“企业”，单元格另有内容的除外",
        "“所在镇街”中的“榄乡”按上次的设置读作“小榄镇”",
    ]
    assert all(words.endswith(f"（张三 {day}）。") for words in said)
    assert "0760" not in html
    assert "虚构乙" not in html
    assert any("联系电话、找谁" in words for words in answer.context["notices"])
    assert batch().permissions == []
    changes = {change["column"]: change["new"] for change in batch().rows.get().changes}
    assert (changes["township"], changes["remarks"]) == ("小榄镇", "小")
    assert "source" not in changes
    assert f'href="{url("columns")}#columns:%E4%BC%81%E4%B8%9A%E8%A7%84%E6%A8%A1%E8%AF%B4%E6%98%8E"' in html

    page = client.get(url("columns"))
    lines = {line["column"].label: line for line in page.context["lines"]}
    assert {label: line["how"] or line["column"].how for label, line in lines.items()} == {
        "名头": "remembered",
        "企业规模说明": "remembered",
        "所在片区": "remembered",
        "联系电话": "withheld",
        "找谁": "withheld",
    }
    assert 'id="columns:企业规模说明"' in page.content.decode()
    assert "0760" not in page.content.decode()
    assert "虚构乙" not in page.content.decode()
    columns(client, {"企业规模说明": "introduction"}, **{"constant-name": ["kind"], "constant-value": ["企业"]})
    changes = {change["column"]: change["new"] for change in batch().rows.get().changes}
    assert changes["introduction"] == "小"
    assert "企业规模说明" not in "".join(one["said"] for one in client.get(url("page")).context["remembered"])
    kept = ImportMapping.objects.get().layout["columns"]
    assert (kept["企业规模说明"], kept["找谁"]) == ("introduction", "contact_name"), "what is hidden from them stays"


def test_file_is_read_without_the_memory_with_one_click():
    set_by_owner()
    client, _user = account(*WRITER, *CONTACTS)
    bring(client, [LABELS, ["香山二厂", "小", "榄乡", PHONE, "虚构乙"]])
    assert 'name="forget"' in client.get(url("page")).content.decode()
    answer = client.post(url("examine"), {"forget": "1"}, follow=True)
    assert answer.redirect_chain[-1][0] == url("columns"), "without it, no column is a name"
    assert batch().layout == {}
    assert ImportMapping.objects.count() == 1


def test_file_read_without_the_memory_does_not_show_what_is_hidden():
    set_by_owner()
    client, _user = account(*WRITER)
    bring(client, [LABELS, ["香山二厂", "小", "榄乡", PHONE, "虚构乙"]])
    client.post(url("examine"), {"forget": "1"})
    assert batch().layout == {"columns": {"找谁": "contact_name"}}
    lines = {line["column"].label: line["column"].how for line in client.get(url("columns")).context["lines"]}
    assert (lines["找谁"], lines["名头"]) == ("withheld", "")
    answer = client.post(url("columns"), {"column-0": "name_zh", "column-4": "remarks"})
    assert "列“找谁”是不公开的数据，不能读作“备注”。" in answer.content.decode()
    assert batch().layout == {"columns": {"找谁": "contact_name"}}


def test_using_what_is_remembered_does_not_change_who_has_set_it():
    set_by_owner()
    mapping = ImportMapping.objects.get()
    client, _user = account(*WRITER)
    bring(client, [LABELS, ["香山二厂", "小", "榄乡", "", ""]])
    apply(client)
    again = ImportMapping.objects.get()
    assert again.used_at > mapping.used_at
    assert (again.created_by, again.events.count()) == (mapping.created_by, mapping.events.count())


def test_command_tells_what_is_remembered_and_how_to_leave_it_out(tmp_path, capsys):
    set_by_owner()
    path = csv_file(tmp_path, [LABELS, ["香山二厂", "小", "榄乡", PHONE, "虚构乙"]])
    call_command("import_organizations", str(path), "--apply")
    out = capsys.readouterr().out
    assert "列“企业规模说明”按上次的设置读作“备注”（张三 " in out
    assert "“所在镇街”中的“榄乡”按上次的设置读作“小榄镇”（张三 " in out
    assert "--no-mapping" in out
    assert (Organization.objects.get(name_zh="香山二厂").source, Contact.objects.count()) == ("", 2)
    with pytest.raises(CommandError):
        call_command("import_organizations", str(path), "--no-mapping")


def test_year_for_all_rows_holds_for_one_file(tmp_path, capsys):
    for name in ("香山一厂", "香山二厂"):
        factories.enterprise(name_zh=name)
    client, _user = account(*WRITER, *FIGURES)
    rows = [["名头", "从业人员"], ["香山一厂", "12"]]
    bring(client, rows, "figures")
    html = client.get(url("columns")).content.decode()
    assert "年度 （只用于本文件）" in html
    columns(client, {"名头": "name_zh"}, **{"constant-name": ["year"], "constant-value": ["2023"]})
    apply(client)
    assert ImportMapping.objects.get().layout == {"columns": {"名头": "name_zh"}}
    answer = bring(client, [rows[0], ["香山二厂", "7"]], "figures")
    assert answer.redirect_chain[-1][0] == url("columns")
    assert "缺少关键列：年度" in answer.content.decode()
    path = csv_file(tmp_path, [rows[0], ["香山二厂", "7"]])
    with pytest.raises(CommandError, match="年度"):
        call_command("import_figures", str(path), "--apply")
    call_command("import_figures", str(path), "--apply", "--constant", "year=2024")
    assert set(AnnualFigures.objects.values_list("year", "employees")) == {(2023, 12), (2024, 7)}


def test_large_list_takes_its_year_along_to_the_command(monkeypatch):
    client, _user = account(*WRITER, *FIGURES)
    monkeypatch.setattr(batches, "MOST_ROWS", 1)
    bring(client, [["企业名称", "从业人员"], ["香山一厂", "12"], ["香山二厂", "7"]], "figures")
    answer = columns(client, {}, **{"constant-name": ["year"], "constant-value": ["2023"]})
    assert "--constant year=2023" in answer.content.decode()


def test_year_that_was_remembered_before_is_not_taken_over(tmp_path):
    factories.enterprise(name_zh="香山一厂")
    labels = ["名头", "从业人员"]
    layout = {"columns": {"名头": "name_zh"}, "constants": {"year": "2023"}}
    factories.import_mapping(signature=signature(labels), table="figures", labels=labels, layout=layout)
    path = csv_file(tmp_path, [labels, ["香山一厂", "12"]])
    with pytest.raises(CommandError, match="年度"):
        call_command("import_figures", str(path))


# --- Confidential columns

CLOSED = [["企业名称", "联系电话", "员工人数"], ["香山一厂", PHONE, "12"]]


@pytest.mark.parametrize("permissions", [WRITER, (*WRITER, *CONTACTS), None], ids=["clerk", "with contacts", "command"])
@pytest.mark.parametrize("header_rows", [{}, {"": []}, {"": [2]}], ids=["own header", "no header", "another header"])
def test_confidential_column_is_never_read_as_a_public_one(tmp_path, permissions, header_rows):
    """Whoever says so, and also where the label is no header any more: then the columns go by their letters."""
    user = None if permissions is None else factories.user(*permissions)
    keys = {
        "联系电话": "remarks",
        "#b": "remarks",
        PHONE: "remarks",
        "员工人数": "source",
        "#c": "source",
        "12": "source",
    }
    names = {"企业名称": "name_zh", "#a": "name_zh", "香山一厂": "name_zh"}
    layout = Layout(header_rows=header_rows, columns=names | keys, constants={"kind": "企业"})
    run = OrganizationImport(user=user)
    rows = [*CLOSED, ["香山二厂", "0760-00000002", "7"]]
    with run.run(csv_file(tmp_path, rows), apply=True, layout=layout).table:
        pass
    assert Organization.objects.exists()
    assert not Organization.objects.exclude(remarks="", source="").exists()


def test_confidential_column_is_offered_as_its_kind_only():
    client, _user = owner()
    bring(client, CLOSED)
    lines = {line["column"].label: line for line in client.get(url("columns")).context["lines"]}
    offered = {target.name for _group, targets in lines["联系电话"]["groups"] for target in targets}
    assert offered == {"legal_representative", "contact_name", "contact_title", "contact_phone", "contact_email"}
    assert (lines["员工人数"]["groups"], lines["员工人数"]["column"].how) == ([], "withheld")
    answer = columns(client, {"联系电话": "remarks"})
    assert "列“联系电话”是不公开的数据，不能读作“备注”。" in answer.content.decode()
    assert not ImportMapping.objects.exists()
    assert batch().permissions == ["registry.view_contact"]


def test_correction_by_command_does_not_open_a_column(tmp_path):
    path = csv_file(tmp_path, CLOSED)
    for label in ("联系电话", "员工人数"):
        with pytest.raises(CommandError, match="不能读作“备注”"):
            call_command("import_organizations", str(path), "--apply", "--column", f"{label}=remarks")
    call_command("import_organizations", str(path), "--apply", "--column", "联系电话=ignored")
    assert not Contact.objects.exists()
    assert batch().permissions == ["registry.view_annualfigures", "registry.view_contact"]


def test_old_mapping_that_opens_a_column_is_not_followed_and_told(tmp_path, capsys):
    labels = CLOSED[0]
    layout = {"columns": {"联系电话": "remarks"}}
    factories.import_mapping(signature=signature(labels), labels=labels, layout=layout)
    call_command("import_organizations", str(csv_file(tmp_path, CLOSED)), "--apply")
    assert "列“联系电话”是不公开的数据，不能读作“备注”。" in capsys.readouterr().out
    assert (Organization.objects.get().remarks, Contact.objects.get().phone) == ("", PHONE)


def test_columns_page_shows_no_withheld_cell_whatever_the_header():
    client, _user = account(*WRITER)
    bring(client, [["企业名称", "联系人", ""], ["", "姓名", "电话"], ["香山一厂", "虚构甲", PHONE]])
    for header in ("", "1", "2", "3"):
        data = {"encoding": "", "sheet-0": "1", "read-0": "on", "header-0": header}
        client.post(url("columns"), data)
        answer = client.get(url("columns"), follow=True)
        rest = [
            cell
            for sheet in answer.context["sheets"]
            for _n, head, cells in sheet["rows"]
            if not head
            for cell in cells
        ]
        assert "虚构甲" not in rest
        assert PHONE not in rest
        samples = [sample for line in answer.context["lines"] for sample in line["column"].samples]
        assert not {"虚构甲", PHONE} & set(samples)


def test_ignoring_a_confidential_column_is_remembered():
    client, _user = owner()
    bring(client, CLOSED)
    columns(client, {"联系电话": IGNORED})
    assert ImportMapping.objects.get().layout == {"columns": {"联系电话": ""}}
    assert batch().rows.get().outcome == "new"


def test_figures_are_closed_in_their_own_list_too(tmp_path):
    factories.enterprise(name_zh="香山一厂")
    path = csv_file(tmp_path, [["企业名称", "年度", "从业人员", "营收（万元）"], ["香山一厂", "2023", "12", "8"]])
    layout = Layout(columns={"从业人员": "name_en", "营收(万元)": "assets"})
    run = FiguresImport(user=factories.user(*WRITER, *FIGURES))
    with run.run(path, apply=True, layout=layout).table:
        pass
    one = AnnualFigures.objects.get()
    assert (one.employees, int(one.assets)) == (12, 80000)
