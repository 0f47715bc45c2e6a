"""Import of qualifications: found by organization, grading, level, day and batch; last day of validity; permissions."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.layout import Layout
from registry.imports.tables.qualifications import QualificationImport
from registry.models import Qualification
from tests import factories
from tests.api import api
from tests.registry.imports.importing import csv_file, reasons, told

pytestmark = pytest.mark.django_db
LABELS = ["单位名称", "名称", "级别", "发证日期", "有效期至", "证书编号", "批次/年度"]


def imported(folder: Path, rows: list[list[Any]], *, apply: bool = True, user: Any = None, **options: Any) -> Report:
    report = QualificationImport(user=user).run(csv_file(folder, rows), apply=apply, **options)
    report.table.close()
    return report


def held() -> list[tuple[str, str, str, str, str]]:
    rows = Qualification.objects.order_by("granted_on", "id")
    return [(q.grading.code, q.level, str(q.granted_on), str(q.valid_to), q.certificate_no) for q in rows]


def events() -> int:
    return apps.get_model("registry", "QualificationEvent").objects.count()


@pytest.fixture
def factory(reference):
    return factories.enterprise(name_zh="香山一厂")


def test_import_adds_changes_and_leaves_alone(tmp_path, factory):
    rows = [
        LABELS,
        ["香山一厂", "高新技术企业", "国家级", "2020-12-01", "2023-11-30", "GR001", "2020"],
        ["香山一厂", "高企", "", "2023年12月1日", "", "GR002", "2023"],
    ]
    assert imported(tmp_path, rows).summary == "new 2, changed 0, unchanged 0, refused 0"
    assert held() == [
        ("high-tech", "national", "2020-12-01", "2023-12-01", "GR001"),
        ("high-tech", "national", "2023-12-01", "None", "GR002"),
    ]
    before = events()
    assert imported(tmp_path, rows).summary == "new 0, changed 0, unchanged 2, refused 0"
    assert events() == before
    rows[2] = ["香山一厂", "高新技术企业", "", "2023-12-01", "2026-11-30", "", ""]
    report = imported(tmp_path, rows)
    assert report.summary == "new 0, changed 1, unchanged 1, refused 0"
    assert report.changed_columns == {"有效期至": 1}
    assert held()[1] == ("high-tech", "national", "2023-12-01", "2026-12-01", "GR002")


def test_row_dates_the_record_that_has_no_date_yet(tmp_path, factory):
    factories.qualification(factory, granted_on=None, valid_to=None)
    rows = [
        LABELS,
        ["香山一厂", "高新技术企业", "国家", "2020-12-01", "2023-11-30", "", ""],
        ["香山一厂", "高新技术企业", "国家", "2023-12-01", "", "", ""],
    ]
    assert imported(tmp_path, rows).summary == "new 1, changed 1, unchanged 0, refused 0"
    assert [row[2] for row in held()] == ["2020-12-01", "2023-12-01"]
    assert imported(tmp_path, rows).unchanged == 2


def test_row_without_a_date_means_the_only_one_there_is(tmp_path, factory):
    factories.qualification(factory, granted_on=datetime.date(2020, 12, 1), valid_to=None)
    rows = [["单位名称", "资质名称", "证书号"], ["香山一厂", "高新技术企业", "GR009"]]
    assert imported(tmp_path, rows).summary == "new 0, changed 1, unchanged 0, refused 0"
    assert held() == [("high-tech", "national", "2020-12-01", "None", "GR009")]
    factories.qualification(factory, granted_on=datetime.date(2023, 12, 1), valid_to=None)
    assert "several times: give the day" in reasons(imported(tmp_path, rows))


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["香山九厂", "高新技术企业", "", "", "", "", ""], "Import or enter it first"),
        (["香山一厂", "高新技术企", "", "", "", "", ""], "Did you mean 高新技术企业"),
        (["香山一厂", "", "", "", "", "", ""], "does not say which qualification"),
        (["香山一厂", "高新技术企业", "县级", "", "", "", ""], "is not a known level"),
        (["香山一厂", "高新技术企业", "", "2020-12-01", "2020-11-30", "", ""], "empty or reversed"),
        (["香山一厂", "高新技术企业", "", "2020年12月", "", "", ""], "add the day"),
        (["香山一厂", "高新技术企业", "", "", "", "x" * 101, ""], "at most 100"),
    ],
)
def test_row_that_cannot_be_is_refused_with_the_reason(tmp_path, factory, cells, words):
    assert words in reasons(imported(tmp_path, [LABELS, cells]))
    assert Qualification.objects.count() == 0


def test_two_rows_for_one_qualification_are_refused_unless_alike(tmp_path, factory):
    one = ["香山一厂", "高新技术企业", "", "2020-12-01", "", "", ""]
    other = ["香山一厂", "高企", "国家", "2020/12/1", "2023-11-30", "", ""]
    assert [row for row, _column, _words in told(imported(tmp_path, [LABELS, one, other]))] == [2, 3]
    report = imported(tmp_path, [LABELS, one, one])
    assert report.summary == "new 1, changed 0, unchanged 0, refused 1"


def test_file_that_names_no_qualification_is_refused(tmp_path, factory):
    with pytest.raises(UnreadableFile) as caught:
        imported(tmp_path, [["单位名称", "级别"], ["香山一厂", "国家"]])
    assert caught.value.code == "column_missing"


def test_rows_need_the_permissions_of_qualifications(tmp_path, factory):
    factories.qualification(factory)
    rows = [
        LABELS,
        ["香山一厂", "高新技术企业", "国家", "2020-12-01", "", "X", ""],
        ["香山一厂", "高新技术企业", "国家", "2024-12-01", "", "", ""],
    ]
    view, add, change = (f"registry.{action}_qualification" for action in ("view", "add", "change"))
    for permissions, refused in [((view,), [2, 3]), ((view, add), [2]), ((view, change), [3]), ((add, change), [2, 3])]:
        report = imported(tmp_path, rows, apply=False, user=factories.user(*permissions))
        assert [row for row, _column, _words in told(report)] == refused
    assert imported(tmp_path, rows, user=factories.user(view, add, change)).summary.startswith("new 1, changed 1")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_exported_list_imports_without_change(tmp_path, factory, kind, language):
    factories.qualification(factory, issuer="=a", batch="第\t一批 ")
    factories.qualification(factory, granted_on=None, valid_to=None)
    factories.qualification(factory, level="", granted_on=None, valid_to=datetime.date(2024, 1, 1))
    for level in ("provincial", "municipal"):
        factories.qualification(factory, level=level, certificate_no="0012", granted_on=datetime.date(1899, 1, 1))
    client = api(user=factories.superuser())
    answer = client.get(f"organizations/{factory.registry_no}/qualifications/", {"format": kind, "lang": language})
    path = tmp_path / f"qualifications.{kind}"
    path.write_bytes(b"".join(answer.streaming_content))
    before = events()
    report = QualificationImport().run(path, apply=True)
    report.table.close()
    assert not report.problems
    assert report.summary == "new 0, changed 0, unchanged 5, refused 0"
    assert events() == before


def test_file_shows_the_last_day_and_json_the_first_day_without(factory):
    factories.qualification(factory, valid_to=datetime.date(2023, 12, 1))
    client, path = api(user=factories.superuser()), f"organizations/{factory.registry_no}/qualifications/"
    assert client.rows(path)[0]["valid_to"] == "2023-12-01"
    answer = client.get(path, {"format": "csv", "lang": "zh"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert (
        text.splitlines()[0]
        == "名录编号,统一社会信用代码,单位名称,名称,级别,认定部门,批次/年度,证书编号,发证日期,有效期至"
    )
    assert text.splitlines()[1].endswith(",2020-12-01,2023-11-30")


def test_command_exits_with_1_where_a_row_is_refused(tmp_path, factory, capsys):
    path = csv_file(tmp_path, [LABELS, ["香山九厂", "高新技术企业", "", "", "", "", ""]])
    with pytest.raises(SystemExit) as caught:
        call_command("import_qualifications", str(path), "--apply")
    assert caught.value.code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "new 0, changed 0, unchanged 0, refused 1"


def test_outcomes_show_old_and_new_cells_as_a_file_has_them(tmp_path, factory):
    factories.qualification(factory)
    rows = [
        ["单位名称", "名称", "发证日期", "有效期至"],
        ["香山一厂", "高新技术企业", "2020-12-01", "2024-11-30"],
        ["香山一厂", "高新技术企业", "2023-12-01", ""],
    ]
    outcomes: list[RowOutcome] = []
    imported(tmp_path, rows, record=outcomes.extend)
    assert outcomes[0].changes == [{"column": "valid_to", "old": "2023-11-30", "new": "2024-11-30"}]
    assert outcomes[1].changes == [
        {"column": "grading", "new": "高新技术企业"},
        {"column": "level", "new": "国家级"},
        {"column": "granted_on", "new": "2023-12-01"},
    ]


def test_unknown_value_can_be_told_to_mean_a_known_one(tmp_path, factory):
    rows = [["单位名称", "名称"], ["香山一厂", "国高"]]
    report = imported(tmp_path, rows, layout=Layout(values={"grading": {"国高": "高新技术企业"}}))
    assert report.new == 1
    assert held()[0][0] == "high-tech"
