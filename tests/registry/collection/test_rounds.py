"""Rounds of collecting figures: who is asked, who has answered, the workbooks that go out, and what comes back."""

import datetime
import io

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from python_calamine import CalamineWorkbook

from registry.collection import progress, workbook
from registry.imports import import_tables
from registry.models import AnnualFigures, Contact, RoundOrganization, Township
from tests import factories
from tests.registry.imports.importing import csv_file, told

HERE, THERE = "442000001", "442000002"


@pytest.fixture(autouse=True)
def _chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def bodies(reference):
    """甲 and 乙 here, 丙 there, 丁 without a township."""
    here, there = factories.township(HERE), factories.township(THERE)
    return [
        factories.enterprise(name_zh=f"中山市虚构{name}有限公司", township=town)
        for name, town in (("甲", here), ("乙", here), ("丙", there), ("丁", None))
    ]


@pytest.fixture
def asking(bodies):
    return factories.collection_round(*bodies, title="虚构2023年填报")


def form_of(asking, code=HERE, contacts=True):
    file = io.BytesIO()
    workbook.write_form(file, asking, "虚构街道", progress.of_township(asking, code, None), contacts=contacts)
    file.seek(0)
    return file


def sheets(file):
    book = CalamineWorkbook.from_filelike(file)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def filled(asking, code=HERE):
    """The form as a table of its labels and rows, for changing cells by label."""
    _title, _lead, labels, *rows = sheets(form_of(asking, code))["填报表"]
    return labels, [dict(zip(labels, map(_whole, row), strict=True)) for row in rows]


def _whole(cell):
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def returned(folder, asking, rows, *, user=None, apply=True, **more):
    labels = list(rows[0])
    table = [labels, *([row.get(label, "") for label in labels] for row in rows)]
    make = import_tables.get("figures").make
    report = make(user=user, round=asking.pk, **more).run(csv_file(folder, table), apply=apply)
    report.table.close()
    return report


def counts(report):
    return report.new, report.changed, report.unchanged, report.refused


# --- Who is asked


def test_townships_are_asked_for_those_who_can_answer(bodies):
    town = Township.objects.get(code=HERE)
    gone = factories.enterprise(township=town, registration_status="deregistered")
    institute = factories.institute(township=town)
    factories.tag(bodies[0], "robots")
    asked = progress.of_townships([town])
    assert {row.pk for row in asked} == {bodies[0].pk, bodies[1].pk, institute.pk}
    assert gone.pk not in {row.pk for row in asked}
    assert {row.pk for row in progress.of_townships([town], ["research"])} == {institute.pk}
    assert {row.pk for row in progress.of_townships([town], tagged_only=True)} == {bodies[0].pk}


def test_asking_twice_adds_each_organization_once(bodies):
    asking = factories.collection_round()
    everybody = progress.askable(type(bodies[0]).objects.all())
    assert progress.ask(asking, everybody) == 4
    assert progress.ask(asking, everybody) == 0
    assert RoundOrganization.objects.filter(round=asking).count() == 4


def test_who_has_figures_of_the_year_has_answered(asking, bodies):
    factories.figures(bodies[0], 2023)
    factories.figures(bodies[1], 2022)
    rows = progress.by_township(asking, None)
    assert [(row.code, row.asked, row.answered, row.unanswered) for row in rows] == [
        (HERE, 2, 1, 1),
        (THERE, 1, 0, 1),
        ("none", 1, 0, 1),
    ]
    assert [row.organization_id for row in progress.of_township(asking, "none", None)] == [bodies[3].pk]
    assert RoundOrganization.objects.unanswered().count() == 3


# --- What goes out


def test_the_form_holds_what_is_known_and_marks_last_year_apart(asking, bodies):
    factories.figures(bodies[0], 2022, employees=90, revenue=50_000_000, assets=None)
    factories.figures(bodies[0], 2023, employees=100, revenue=None, assets=0)
    factories.contact(bodies[0], name="虚构某", title="经理")
    labels, rows = filled(asking)
    first = next(row for row in rows if row["单位名称"] == bodies[0].name_zh)
    assert first["名录编号"] == bodies[0].registry_no
    assert first["统一社会信用代码"] == bodies[0].uscc
    assert (first["年度"], first["从业人员（人）"], first["上年从业人员（人）"]) == (2023, 100, 90)
    assert (first["营业收入（万元）"], first["上年营业收入（万元）"]) == ("", 5000)
    assert (first["资产总计（万元）"], first["上年资产总计（万元）"]) == (0, ""), "0 and not reported differ"
    assert (first["联系人"], first["职务"], first["联系电话"]) == ("虚构某", "经理", factories.PHONE)
    assert labels[-1] == "填报情况"
    assert len(rows) == 2, "only those of the township"


def test_the_form_has_no_contacts_for_those_who_may_not_see_them(asking, bodies):
    factories.contact(bodies[0], name="虚构某")
    everything = str(sheets(form_of(asking, contacts=False)))
    assert "虚构某" not in everything
    assert "联系电话" not in everything
    assert "联系人信息" not in everything


def test_instructions_name_the_last_day(asking):
    told_there = dict(row[:2] for row in sheets(form_of(asking))["填写说明"])
    assert told_there["截止日期"] == "2024-03-31"
    assert told_there["事项"] == "虚构2023年填报"


def test_names_that_look_like_formulas_are_texts(asking, bodies):
    factories.contact(bodies[0], name="=1+1", title="\x01甲")
    _labels, rows = filled(asking)
    first = next(row for row in rows if row["单位名称"] == bodies[0].name_zh)
    assert (first["联系人"], first["职务"]) == ("=1+1", " 甲")


def test_those_who_have_not_answered_are_listed(asking, bodies):
    factories.figures(bodies[0], 2023)
    factories.figures(bodies[1], 2022)
    file = io.BytesIO()
    workbook.write_unanswered(file, asking, progress.of_township(asking, "", None), contacts=False)
    file.seek(0)
    title, labels, *rows = sheets(file)["未报"]
    assert "未报清单（3家）" in title[0]
    assert [(row[2], row[labels.index("上年是否已报")]) for row in rows] == [
        (bodies[1].name_zh, "是"),
        (bodies[2].name_zh, "否"),
        (bodies[3].name_zh, "否"),
    ]


# --- What comes back


def test_a_form_that_comes_back_untouched_changes_nothing(asking, bodies, tmp_path):
    factories.figures(bodies[0], 2022)
    factories.figures(bodies[0], 2023, employees=7, revenue="1234567.89")
    factories.contact(bodies[0])
    factories.contact(bodies[1], role="legal_representative", name="虚**", phone="", email="")
    path = tmp_path / "back.xlsx"
    path.write_bytes(form_of(asking).getvalue())
    report = import_tables.get("figures").make(round=asking.pk).run(path, apply=True)
    ignored = [column.label for sheet in report.table.sheets for column in sheet.untaken()]
    report.table.close()
    assert counts(report) == (0, 0, 2, 0)
    assert ignored == [label for label in filled(asking)[0] if label.startswith("上年")]
    assert AnnualFigures.objects.count() == 2


def test_figures_and_contacts_that_come_back_are_recorded(asking, bodies, tmp_path):
    factories.contact(bodies[1], name="虚构旧", phone=factories.PHONE, email="")
    _labels, rows = filled(asking)
    by_name = {row["单位名称"]: row for row in rows}
    by_name[bodies[0].name_zh] |= {"从业人员（人）": "12", "营业收入（万元）": "34.5", "法定代表人": "虚构新"}
    by_name[bodies[1].name_zh] |= {"联系人": "虚构新"}
    report = returned(tmp_path, asking, rows)
    assert counts(report) == (1, 1, 0, 0), "one with figures, one with nothing but another contact"
    figures = AnnualFigures.objects.get(organization=bodies[0].pk, year=2023)
    assert (figures.employees, figures.revenue, figures.assets) == (12, 345_000, None)
    assert Contact.objects.get(organization=bodies[0].pk).name == "虚构新"
    assert Contact.objects.get(organization=bodies[1].pk).phone == factories.PHONE, "a blank cell changes nothing"
    assert counts(returned(tmp_path, asking, rows)) == (0, 0, 2, 0)
    assert progress.by_township(asking, None)[0].answered == 1


def test_a_masked_contact_never_replaces_a_full_one(asking, bodies, tmp_path):
    factories.contact(bodies[0], name="虚构某", phone="0760-00000000")
    _labels, rows = filled(asking)
    for row in rows:
        row |= {"联系人": "虚**", "联系电话": "0760****0000"}
    returned(tmp_path, asking, rows)
    contact = Contact.objects.get(organization=bodies[0].pk)
    assert (contact.name, contact.phone) == ("虚构某", "0760-00000000")
    assert Contact.objects.get(organization=bodies[1].pk).name == "虚**", "better than nothing"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"年度": "2022"}, "the round is about 2023"),
        ({"从业人员（人）": "-1"}, "less than 0"),
        ({"从业人员（人）": "10", "研发人员（人）": "11"}, "more R&D staff than employees"),
        ({"电子邮箱": "虚构"}, "e-mail"),
        ({"职务": "经理"}, "Give a name, a phone number or an e-mail address"),
    ],
)
def test_rows_that_cannot_be_are_refused_with_the_reason(asking, bodies, tmp_path, cells, reason):
    _labels, rows = filled(asking)
    rows[0] |= cells
    report = returned(tmp_path, asking, rows)
    assert report.refused == 1
    assert reason in " ".join(words for _row, _column, words in told(report))


def test_organizations_that_the_round_does_not_ask_are_refused(asking, bodies, tmp_path):
    stranger = factories.enterprise()
    rows = [{"名录编号": stranger.registry_no, "从业人员（人）": "5"}]
    report = returned(tmp_path, asking, rows)
    assert counts(report) == (0, 0, 0, 1)
    assert "does not ask this organization" in told(report)[0][2]
    assert not AnnualFigures.objects.exists()


def test_the_year_of_the_round_stands_in_for_a_missing_column(asking, bodies, tmp_path):
    rows = [{"名录编号": bodies[0].registry_no, "从业人员（人）": "5"}]
    assert counts(returned(tmp_path, asking, rows)) == (1, 0, 0, 0)
    assert AnnualFigures.objects.get().year == 2023


def test_two_rows_that_both_change_a_contact_are_refused(asking, bodies, tmp_path):
    rows = [{"名录编号": bodies[0].registry_no, "从业人员（人）": "", "联系人": name} for name in ("虚构甲", "虚构乙")]
    report = returned(tmp_path, asking, rows)
    assert counts(report) == (0, 0, 0, 2)
    assert not Contact.objects.exists()


RIGHTS = ("registry.view_annualfigures", "registry.add_annualfigures", "registry.change_annualfigures")


def test_contacts_need_their_own_permissions(asking, bodies, tmp_path):
    rows = [{"名录编号": bodies[0].registry_no, "从业人员（人）": "5", "联系人": "虚构某"}]
    report = returned(tmp_path, asking, rows, user=factories.user(*RIGHTS))
    assert counts(report) == (1, 0, 0, 0)
    assert not Contact.objects.exists(), "not read without the right to see contacts"
    seeing = factories.user(*RIGHTS, "registry.view_contact")
    assert counts(returned(tmp_path, asking, rows, user=seeing)) == (0, 0, 0, 1)
    adding = factories.user(*RIGHTS, "registry.view_contact", "registry.add_contact")
    assert counts(returned(tmp_path, asking, rows, user=adding)) == (0, 1, 0, 0)
    rows[0]["联系人"] = "虚构乙"
    assert counts(returned(tmp_path, asking, rows, user=adding)) == (0, 0, 0, 1)


def test_new_figures_with_another_contact_show_and_count_only_what_changes(asking, bodies, tmp_path):
    factories.contact(bodies[0], name="虚构旧", email="old@example.com")
    table = [["名录编号", "从业人员（人）", "联系人"], [bodies[0].registry_no, "12", "虚构新"]]
    outcomes = []
    run = import_tables.get("figures").make(round=asking.pk)
    report = run.run(csv_file(tmp_path, table), record=outcomes.extend)
    report.table.close()
    [outcome] = outcomes
    changes = {change["column"]: change for change in outcome.changes}
    assert changes.keys() == {"year", "employees", "contact_name"}, "personal data that stay are not kept"
    assert changes["contact_name"] == {"column": "contact_name", "old": "虚构旧", "new": "虚构新"}
    assert report.changed_columns == {"联系人": 1}


def test_messages_of_contacts_name_their_column(asking, bodies, tmp_path):
    rows = [{"名录编号": bodies[0].registry_no, "从业人员（人）": "5", "联系人": "虚构某"}]
    report = returned(tmp_path, asking, rows, user=factories.user(*RIGHTS, "registry.view_contact"))
    assert [problem.column for problem in report.problems] == ["联系人"]


def test_a_trial_writes_nothing(asking, bodies, tmp_path):
    rows = [{"名录编号": bodies[0].registry_no, "从业人员（人）": "5", "联系人": "虚构某"}]
    assert counts(returned(tmp_path, asking, rows, apply=False)) == (1, 0, 0, 0)
    assert not AnnualFigures.objects.exists()
    assert not Contact.objects.exists()


def test_a_closed_round_and_one_that_is_not_there_take_nothing(asking):
    make = import_tables.get("figures").make
    asking.closed_on = datetime.date(2024, 4, 1)
    asking.save()
    for wrong in (asking.pk, 0, "x", "9" * 30):
        with pytest.raises(ValidationError):
            make(round=wrong)
    assert make() is not None
