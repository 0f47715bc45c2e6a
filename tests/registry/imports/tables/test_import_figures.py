"""Import of annual figures: found by organization and year; units; blank and 0; rules; permissions."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import translation

from registry.imports.options import Choices, StoredValues
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.inspection import inspect
from registry.imports.recognising.layout import Layout
from registry.imports.tables.figures import FiguresImport
from registry.models import AnnualFigures
from tests import factories
from tests.api import api
from tests.registry.imports.importing import csv_file, reasons, told

pytestmark = pytest.mark.django_db
LABELS = ["单位名称", "年度", "从业人员（人）", "营业收入（万元）"]


def imported(folder: Path, rows: list[list[Any]], *, apply: bool = True, user: Any = None, **options: Any) -> Report:
    report = FiguresImport(user=user).run(csv_file(folder, rows), apply=apply, **options)
    report.table.close()
    return report


def events() -> int:
    return apps.get_model("registry", "AnnualFiguresEvent").objects.count()


@pytest.fixture
def factory():
    return factories.enterprise(name_zh="香山一厂")


def test_import_creates_changes_and_leaves_alone(tmp_path, factory):
    rows = [LABELS, ["香山一厂", 2023, 120, 6000], ["香山一厂", "2022年度", "100人", "0.5亿元"]]
    assert imported(tmp_path, rows).summary == "new 2, changed 0, unchanged 0, refused 0"
    found = AnnualFigures.objects.get(year=2023)
    assert (found.organization_id, found.employees, found.revenue) == (factory.pk, 120, 60_000_000)
    assert AnnualFigures.objects.get(year=2022).revenue == 50_000_000
    before = events()
    assert imported(tmp_path, rows).summary == "new 0, changed 0, unchanged 2, refused 0"
    assert events() == before
    report = imported(tmp_path, [LABELS, ["香山一厂", 2023, 121, ""]])
    assert report.summary == "new 0, changed 1, unchanged 0, refused 0"
    assert report.changed_columns == {"从业人员（人）": 1}
    found.refresh_from_db()
    assert (found.employees, found.revenue) == (121, 60_000_000)


def test_zero_is_a_figure_and_a_blank_is_none(tmp_path, factory):
    factories.figures(factory, 2023, employees=5, revenue=None, assets=1)
    imported(tmp_path, [[*LABELS, "资产总计"], ["香山一厂", 2023, 0, "0", "--"]])
    found = AnnualFigures.objects.get()
    assert (found.employees, found.revenue, found.assets) == (0, 0, 1)


@pytest.mark.parametrize(
    ("label", "cell", "amount"),
    [
        ("主营业务收入(202112)", "1693.83亿", "169383000000"),
        ("营业收入（万元）", "1,234.5万元", "12345000"),
        ("营业收入（万元）", "３．５亿元", "350000000"),
        ("营业收入（万元）", "1,234.5", "12345000"),
        ("营业收入（千元）", 12.3456, "12345.60"),
        ("营业收入", "0", "0"),
        ("营业收入（万元）", "--", None),
        ("营业收入（万元）", "N/A", None),
    ],
)
def test_unit_of_the_cell_goes_before_that_of_the_header(tmp_path, factory, label, cell, amount):
    rows = [["单位名称", "年度", "员工人数", label], ["香山一厂", 2021, 3, cell]]
    assert imported(tmp_path, rows).summary == "new 1, changed 0, unchanged 0, refused 0"
    assert AnnualFigures.objects.get().revenue == (amount and Decimal(amount))


@pytest.mark.parametrize(
    ("label", "cell", "words"),
    [
        ("营业收入", "1234.5", "has no unit: write it in the cell"),
        ("营业收入（万元）", "约300万元", "only roughly a number: write the exact one"),
        ("营业收入（万元）", "100-200", "only roughly a number"),
        ("营业收入（万元）", "300万美元", "is not an amount in yuan"),
        ("营业收入（万元）", "-5", "is less than 0"),
        ("营业收入（万元）", "保密", "is not a number"),
        ("营业收入（万元）", "9" * 17, "no more than 20 digits in total"),
        ("从业人员（人）", "约300人", "only roughly a number"),
        ("从业人员（人）", "300余人", "only roughly a number"),
        ("从业人员（人）", "300人左右", "only roughly a number"),
        ("从业人员（人）", "300+", "only roughly a number"),
        ("从业人员（人）", "3.5", "is not a whole number"),
        ("从业人员（人）", "9999999999", "less than or equal to 2147483647"),
    ],
)
def test_cell_that_is_no_exact_figure_is_refused_with_the_reason(tmp_path, factory, label, cell, words):
    report = imported(tmp_path, [["单位名称", "年度", label, "研发人员"], ["香山一厂", 2021, cell, 1]])
    [(row, column, reason)] = told(report)
    assert (row, column) == (2, label)
    assert words in reason
    assert AnnualFigures.objects.count() == 0


@pytest.mark.parametrize(
    ("labels", "year"),
    [
        (["2021年营业收入（万元）"], 2021),
        (["营业收入2021年度（万元）"], 2021),
        (["营业收入（万元）（2021年）"], 2021),
        (["主营业务收入(202112)（万元）", "2021年度研发投入/万元"], 2021),
    ],
)
def test_year_is_read_from_the_labels(tmp_path, factory, labels, year):
    report = imported(tmp_path, [["企业名称", *labels], ["香山一厂", *[5] * len(labels)]])
    assert report.summary == "new 1, changed 0, unchanged 0, refused 0"
    assert AnnualFigures.objects.get().year == year


def test_labels_of_different_years_are_refused_before_any_row(tmp_path, factory):
    with pytest.raises(UnreadableFile, match="2020、2021"):
        imported(tmp_path, [["企业名称", "2020年营业收入（万元）", "2021年营业收入（万元）"], ["香山一厂", 1, 2]])


def test_year_of_the_row_and_of_the_label_must_agree(tmp_path, factory):
    rows = [["企业名称", "年度", "2021年营业收入（万元）"], ["香山一厂", 2020, 1], ["香山一厂", "", 1]]
    report = imported(tmp_path, rows)
    assert [row for row, _column, _words in told(report)] == [2]
    assert "the label of a column says 2021" in reasons(report)
    assert AnnualFigures.objects.get().year == 2021


@pytest.mark.parametrize(
    "labels", [["单位名称", "营业收入（万元）"], ["单位名称", "年度"], ["年度", "营业收入（万元）"]]
)
def test_file_without_year_figure_or_organization_is_refused_as_a_whole(tmp_path, factory, labels):
    with pytest.raises(UnreadableFile) as caught:
        imported(tmp_path, [labels, ["1"] * len(labels)])
    assert caught.value.code == "column_missing"


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        (["香山九厂", 2021, 1, 1, 1, 1], "单位名称", "Import or enter it first"),
        (["香山一厂", "", 1, 1, 1, 1], "年度", "need the year"),
        (["香山一厂", "21年", 1, 1, 1, 1], "年度", "is not a year: write four digits"),
        (["香山一厂", 1921, 1, 1, 1, 1], "年度", "greater than or equal to 1949"),
        (["香山一厂", 2021, 1, 2, 1, 1], "研发人员", "cannot be more R&D staff"),
        (["香山一厂", 2021, 1, 1, 1, 2], "人工智能业务收入", "cannot exceed revenue"),
        (["香山一厂", 2020, "", 6, "", ""], "研发人员", "cannot be more R&D staff"),
    ],
)
def test_row_that_cannot_be_is_refused_with_the_reason(tmp_path, factory, cells, column, words):
    factories.figures(factory, 2020, employees=5, revenue=1)
    labels = ["单位名称", "年度", "从业人员", "研发人员", "营业收入（万元）", "人工智能业务收入（万元）"]
    report = imported(tmp_path, [labels, cells])
    [(row, place, reason)] = told(report)
    assert row == 2
    assert place.startswith(column)
    assert words in reason
    assert AnnualFigures.objects.count() == 1


def test_two_rows_for_one_year_are_refused_unless_alike(tmp_path, factory):
    rows = [
        LABELS,
        ["香山一厂", 2021, 1, 1],
        ["香山 一厂", 2021, 1, 1],
        ["香山一厂", 2021, 2, 1],
        ["香山一厂", 2022, 2, 1],
    ]
    report = imported(tmp_path, rows)
    assert [row for row, _column, _words in told(report)] == [2, 3, 4]
    assert "Row 3, 4 is about the same organization and year" in reasons(report)
    report = imported(tmp_path, [LABELS, ["香山一厂", 2021, 1, 1], ["香山一厂", 2021, 1, 1]])
    assert [row for row, _column, _words in told(report)] == [3]
    assert report.new == 1


def test_row_without_figures_records_nothing_and_is_told(tmp_path, factory):
    report = imported(tmp_path, [LABELS, ["香山一厂", 2021, "", "/"]])
    assert report.summary == "new 0, changed 0, unchanged 1, refused 0"
    assert report.notices[-1].both()[1] == "1 rows give no figure at all: nothing is recorded for them."
    assert AnnualFigures.objects.count() == 0


def test_rows_need_the_permissions_of_figures(tmp_path, factory):
    factories.figures(factory, 2020, employees=5)
    rows = [LABELS, ["香山一厂", 2020, 6, ""], ["香山一厂", 2021, 6, ""]]
    view, add, change = (f"registry.{action}_annualfigures" for action in ("view", "add", "change"))
    for permissions, refused in [((view,), [2, 3]), ((view, add), [2]), ((view, change), [3]), ((add, change), [2, 3])]:
        report = imported(tmp_path, rows, apply=False, user=factories.user(*permissions))
        assert [row for row, _column, _words in told(report)] == refused
    assert imported(tmp_path, rows, user=factories.user(view, add, change)).summary.startswith("new 1, changed 1")


def test_account_that_may_not_see_figures_learns_none(tmp_path, factory):
    factories.figures(factory, 2020, employees=5)
    user = factories.user("registry.add_annualfigures", "registry.change_annualfigures")
    said = set()
    for employees, staff in ((5, 1), (6, 1), (5, 6)):
        report = imported(
            tmp_path, [["单位名称", "年度", "从业人员", "研发人员"], ["香山一厂", 2020, employees, staff]], user=user
        )
        said.add((report.summary, reasons(report)))
    assert len(said) == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_exported_list_imports_without_change(tmp_path, factory, kind, language):
    factories.figures(factory, 2020, revenue=Decimal("123456789012345678.91"), source="=1+1", rd_staff=0)
    factories.figures(factory, 2021, employees=None, ai_revenue=Decimal("0.01"), assets=None)
    client = api(user=factories.superuser())
    answer = client.get(f"organizations/{factory.registry_no}/figures/", {"format": kind, "lang": language})
    path = tmp_path / f"figures.{kind}"
    path.write_bytes(b"".join(answer.streaming_content))
    before = events()
    report = FiguresImport().run(path, apply=True)
    report.table.close()
    assert not report.problems
    assert report.summary == "new 0, changed 0, unchanged 2, refused 0"
    assert events() == before


def test_command_tries_by_default_and_applies_when_asked(tmp_path, factory, capsys):
    path = csv_file(tmp_path, [LABELS, ["香山一厂", 2023, 120, 6000]])
    call_command("import_figures", str(path))
    assert AnnualFigures.objects.count() == 0
    call_command("import_figures", str(path), "--apply")
    assert capsys.readouterr().out.splitlines()[-1] == "new 1, changed 0, unchanged 0, refused 0"
    assert AnnualFigures.objects.count() == 1


def test_organization_is_found_by_a_column_of_one_identifier_scheme(tmp_path, factory):
    factories.identifier(factory, "stock_code", "000099")
    report = imported(tmp_path, [["股票代码", "年度", "员工人数"], ["000099", 2021, 5], ["000098", 2021, 5]])
    assert [(row, column) for row, column, _words in told(report)] == [(3, "股票代码")]
    assert AnnualFigures.objects.get().organization_id == factory.pk


def test_layout_says_which_column_is_meant_and_the_year_of_all_rows(tmp_path, factory):
    rows = [["企业名称", "产值（亿元）", "人"], ["香山一厂", "1.5", "20"], ["香山二厂", "", "--"]]
    factories.enterprise(name_zh="香山二厂")
    layout = Layout(columns={"产值(亿元)": "revenue", "人": "employees"}, constants={"year": "2021年"})
    report = imported(tmp_path, rows, layout=layout)
    assert report.summary == "new 1, changed 0, unchanged 1, refused 0"
    found = AnnualFigures.objects.get()
    assert (found.year, found.revenue, found.employees) == (2021, 150_000_000, 20)
    with pytest.raises(UnreadableFile, match="99"):
        imported(tmp_path, rows, layout=replace(layout, constants={"year": "99"}))


def test_inspection_tells_that_the_year_is_wanting(tmp_path, factory):
    path = csv_file(tmp_path, [["企业名称", "员工人数"], ["香山一厂", "20"]])
    with translation.override("zh-hans"):
        assert str(inspect(FiguresImport(), path).missing) == "年度"
    assert inspect(FiguresImport(), path, Layout(constants={"year": "2021"})).missing is None
    path = csv_file(tmp_path, [["企业名称", "2021年员工人数"], ["香山一厂", "20"]])
    inspection = inspect(FiguresImport(), path)
    assert inspection.missing is None
    assert [(column.label, column.name) for column in inspection.columns][1] == ("2021年员工人数", "employees")
    assert inspection.permissions == {"registry.view_annualfigures"}


def test_only_blanks_are_filled_where_that_is_chosen(tmp_path, factory):
    factories.figures(factory, 2021, employees=5, revenue=None, source="")
    rows = [[*LABELS, "数据来源"], ["香山一厂", 2021, 7, 1, "年报"], ["香山一厂", 2022, 7, "", ""]]
    report = imported(tmp_path, rows, choices=Choices(stored=StoredValues.FILL_BLANKS))
    assert report.summary == "new 1, changed 1, unchanged 0, refused 0"
    found = AnnualFigures.objects.get(year=2021)
    assert (found.employees, found.revenue, found.source) == (5, 10_000, "年报")


def test_outcomes_show_old_and_new_cells_as_a_file_has_them(tmp_path, factory):
    factories.figures(factory, 2021, employees=5, revenue=60_000_000, assets=None)
    rows = [
        LABELS,
        ["香山一厂", 2021, 7, 1],
        ["香山一厂", 2022, 7, ""],
        ["香山一厂", 2020, "", ""],
        ["香山九厂", 2020, 1, ""],
    ]
    outcomes: list[RowOutcome] = []
    imported(tmp_path, rows, record=outcomes.extend)
    assert [outcome.outcome for outcome in outcomes] == ["changed", "new", "unchanged", "refused"]
    assert outcomes[0].changes == [
        {"column": "employees", "old": "5", "new": "7"},
        {"column": "revenue", "old": "6000", "new": "1"},
    ]
    assert outcomes[1].changes == [{"column": "year", "new": "2022"}, {"column": "employees", "new": "7"}]
    assert {outcome.organization for outcome in outcomes[:3]} == {factory.pk}


def test_file_without_rows_is_told_to_be_empty(tmp_path):
    report = imported(tmp_path, [LABELS])
    assert "没有数据行" in report.notices[-1].both()[0]
