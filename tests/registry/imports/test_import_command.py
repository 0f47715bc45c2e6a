"""The command import_organizations: options, output, exit codes, the workbook of refused rows."""

import hashlib
import io
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from python_calamine import CalamineWorkbook

from registry.imports.command import _Bar
from registry.imports.recognising.headers import REASON
from registry.imports.recognising.layout import signature
from registry.models import ImportBatch, ImportMapping, Organization
from tests import factories
from tests.registry.imports.importing import csv_file, xlsx_file

pytestmark = pytest.mark.django_db
ROWS = [["企业名称", "成立日期", "颜色"], ["香山一厂", "2019-09-01", "红"], ["香山二厂", "1997年9月", "蓝"]]


def run(path: Path | str, *options: str) -> tuple[int, list[str]]:
    """The exit code and the lines of the output."""
    output = io.StringIO()
    try:
        call_command("import_organizations", str(path), *options, stdout=output)
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, output.getvalue().splitlines()


def test_command_tries_by_default_and_applies_when_asked(tmp_path):
    path = csv_file(tmp_path, ROWS[:2])
    assert run(path)[1][-1] == "new 1, changed 0, unchanged 0, refused 0"
    assert Organization.objects.count() == 0
    assert run(path, "--apply")[0] == 0
    assert Organization.objects.count() == 1
    assert run(path, "--apply")[1][-1] == "new 0, changed 0, unchanged 1, refused 0"


def test_command_tells_refusals_in_one_language_and_exits_with_1(tmp_path):
    path = csv_file(tmp_path, ROWS)
    code, lines = run(path)
    assert code == 1
    [line] = [line for line in lines if "1997年9月" in line]
    assert line == "第 3 行 · 成立日期 · 1997年9月: “1997年9月”不是完整日期，请补上“日”。"
    with translation.override("en"):
        assert any(line.startswith("row 3 · 成立日期 · 1997年9月: “1997年9月” is not") for line in run(path)[1])
    assert any("颜色" in line for line in lines)
    assert lines[-1] == "new 1, changed 0, unchanged 0, refused 1"


def test_command_writes_refused_rows_with_reasons_into_a_workbook(tmp_path):
    run(csv_file(tmp_path, ROWS), "--report", str(tmp_path / "out.xlsx"))
    book = CalamineWorkbook.from_path(tmp_path / "out.xlsx")
    labels, row = book.get_sheet_by_index(0).to_python()
    assert labels == [*ROWS[0], REASON]
    assert row[:3] == ["香山二厂", "1997年9月", "蓝"]
    assert row[3].splitlines() == [
        "成立日期: “1997年9月”不是完整日期，请补上“日”。",
        "成立日期: “1997年9月” is not a full date: add the day.",
    ]
    assert book.get_sheet_by_index(1).to_python()[-1][0] == "new 1, changed 0, unchanged 0, refused 1"


def test_workbook_of_refused_rows_is_read_again(tmp_path):
    run(csv_file(tmp_path, ROWS), "--apply", "--report", str(tmp_path / "out.xlsx"))
    code, lines = run(tmp_path / "out.xlsx", "--apply")
    assert (code, lines[-1]) == (1, "new 0, changed 0, unchanged 0, refused 1")
    assert any("第 2 行 · 成立日期" in line for line in lines)


def test_command_with_all_or_nothing_writes_nothing(tmp_path):
    code, _lines = run(csv_file(tmp_path, ROWS), "--apply", "--all-or-nothing")
    assert (code, Organization.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("rows", "words"), [([["成立日期", "备注"], ["2019-01-01", "x"]], "单位名称"), ([["a", "b"], ["1", "2"]], "40")]
)
def test_command_exits_with_2_where_the_file_cannot_be_used(tmp_path, rows, words):
    with pytest.raises(CommandError, match=words) as caught:
        run(csv_file(tmp_path, rows))
    assert caught.value.returncode == 2


def test_command_exits_with_2_for_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match=r"nothing\.csv") as caught:
        run(tmp_path / "nothing.csv")
    assert caught.value.returncode == 2


def test_command_names_the_plans_there_are(tmp_path, reference):
    with pytest.raises(CommandError, match="zs-ai-2019") as caught:
        run(csv_file(tmp_path, ROWS), "--plan", "nope")
    assert caught.value.returncode == 2


def test_command_reads_sectors_of_another_plan_where_asked(tmp_path, reference):
    other = factories.plan("next", starts_on="2023-01-01", ends_on=None)
    factories.sector("vision", other, name_zh="视觉")
    path = csv_file(tmp_path, [["企业名称", "所属领域"], ["香山一厂", "视觉"]])
    assert run(path)[0] == 1
    assert run(path, "--plan", "next", "--apply")[0] == 0
    assert Organization.objects.get().sector_tags.get().plan == other


def test_progress_is_a_bar_that_ends_with_its_line(capsys):
    bar = _Bar()
    for done in (0, 50, 100):
        bar("read", done, 100)
    drawn = capsys.readouterr().err
    assert drawn.startswith("\r")
    assert drawn.endswith(f"[{'#' * 30}] 100/100\n")


def test_command_keeps_a_record_of_what_it_applied(tmp_path):
    path = csv_file(tmp_path, [["企业名称"], ["香山一厂"]])
    call_command("import_organizations", str(path))
    assert not ImportBatch.objects.exists()
    call_command("import_organizations", str(path), "--apply", "--stored", "fill_blanks")
    batch = ImportBatch.objects.get()
    assert (batch.table, batch.state, batch.created_by, batch.file_name) == (
        "organizations",
        "applied",
        None,
        "list.csv",
    )
    assert (batch.sha256, batch.size) == (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
    assert (batch.counts["new"], batch.choices["stored"]) == (1, "fill_blanks")
    assert not hasattr(batch, "file")


def test_command_leaves_out_a_remembered_mapping_where_asked(tmp_path):
    layout = {"columns": {"名头": "name_zh"}, "constants": {"kind": "企业"}}
    labels = ["名头", "序号"]
    ImportMapping.objects.create(table="organizations", signature=signature(labels), labels=labels, layout=layout)
    path = csv_file(tmp_path, [labels, ["香山一厂", "1"]])
    with pytest.raises(CommandError):
        call_command("import_organizations", str(path), "--apply", "--no-mapping")
    call_command("import_organizations", str(path), "--apply")
    assert Organization.objects.get().name_zh == "香山一厂"
    kept = ImportBatch.objects.get().layout
    assert {name: kept[name] for name in layout} == layout


def test_command_says_before_the_last_line_whether_it_has_written(tmp_path):
    path, refused = csv_file(tmp_path, ROWS[:2]), csv_file(tmp_path, ROWS, "refused.csv")
    assert run(path)[1][-2] == "试运行，未写入。加 --apply 即写入。"
    applied = run(path, "--apply")[1][-2]
    number = ImportBatch.objects.get().pk
    assert applied == f"已写入，导入编号 {number}。如需撤销：undo_import {number}"
    assert run(path, "--apply")[1][-2].startswith("没有需要写入的内容，已记录，导入编号 ")
    assert run(refused, "--apply", "--all-or-nothing")[1][-2].startswith("未写入：")


def test_undo_says_whether_it_was_a_trial_and_explains_the_signs(tmp_path):
    run(csv_file(tmp_path, ROWS[:2]), "--apply")
    number = ImportBatch.objects.get().pk
    for options, outcome in (((), "试运行，未撤销。加 --apply 即撤销。"), (("--apply",), f"导入 {number} 已撤销。")):
        output = io.StringIO()
        call_command("undo_import", number, *options, stdout=output)
        legend, *_tables, said, _summary = output.getvalue().splitlines()
        assert (legend, said) == ("- 删除，~ 恢复原值，+ 找回，= 保留不动", outcome)


@pytest.mark.parametrize("name", ["list.xlsx", "other/../list.xlsx", "link.xlsx", "hard.xlsx", "LINKED/list.xlsx"])
def test_command_never_writes_the_refused_rows_over_its_file(tmp_path, name):
    path = xlsx_file(tmp_path, {"一": ROWS})
    (tmp_path / "other").mkdir()
    (tmp_path / "link.xlsx").symlink_to(path)
    (tmp_path / "hard.xlsx").hardlink_to(path)
    (tmp_path / "LINKED").symlink_to(tmp_path)
    before = path.read_bytes()
    with pytest.raises(CommandError, match="请换一个文件名") as caught:
        run(path, "--apply", "--report", f"{tmp_path}/{name}")
    assert (caught.value.returncode, path.read_bytes() == before, Organization.objects.count()) == (2, True, 0)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere/out.xlsx", "没有文件夹"),
        ("folder.xlsx", "是文件夹"),
        ("out.xls", r"\.xls 格式"),
        ("out.csv", r"\.csv 格式"),
        ("out", r"\.xlsx"),
        (f"{'x' * 300}.xlsx", "无法写入"),
    ],
)
def test_command_looks_at_the_place_of_the_workbook_before_it_writes(tmp_path, name, told):
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(CommandError, match=told) as caught:
        run(csv_file(tmp_path, ROWS), "--apply", "--report", str(tmp_path / name))
    assert (caught.value.returncode, Organization.objects.count()) == (2, 0)


def test_command_leaves_an_older_workbook_where_the_file_cannot_be_used(tmp_path):
    (tmp_path / "out.xlsx").write_text("old")
    with pytest.raises(CommandError):
        run(csv_file(tmp_path, [["a"], ["1"]]), "--report", str(tmp_path / "out.xlsx"))
    assert (tmp_path / "out.xlsx").read_text() == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["list.csv", "out.xlsx"]


@pytest.mark.parametrize(
    "make", [lambda folder: csv_file(folder, ROWS), lambda folder: xlsx_file(folder, {"一": ROWS})]
)
def test_command_reads_standard_input_whatever_it_is(tmp_path, monkeypatch, make):
    with make(tmp_path).open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        code, lines = run("-", "--apply")
    assert (code, lines[-1]) == (1, "new 1, changed 0, unchanged 0, refused 1")
    assert ImportBatch.objects.get().file_name == "标准输入"
