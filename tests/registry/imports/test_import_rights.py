"""An account learns and writes by an import what it may see and write by other ways, and nothing more."""

from typing import Any

import pytest

from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.recognising.inspection import inspect
from registry.imports.recognising.layout import Layout
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.organizations import OrganizationImport
from registry.imports.tables.qualifications import QualificationImport
from registry.models import AnnualFigures, Contact, Organization
from tests import factories
from tests.registry.imports.importing import csv_file, told
from tests.registry.imports.undo.undoing import state

pytestmark = pytest.mark.django_db
SECRET = "机密某"
LABELS = ["单位名称", "备注", "联系人", "联系电话"]
WRITER = ("registry.view_organization", "registry.add_organization", "registry.change_organization")


def rows_of(path: Any, made: Import, **options: Any) -> tuple[Any, list[RowOutcome]]:
    """The report of a trial, and what it says of each row."""
    outcomes: list[RowOutcome] = []
    report = made.run(path, record=outcomes.extend, **options)
    report.table.close()
    return report, outcomes


@pytest.fixture
def known():
    one = factories.enterprise(name_zh="香山一厂", remarks="原来")
    factories.contact(one, name=SECRET, phone="0760-88880000")
    return one


def test_each_row_says_what_the_account_may_not_do(tmp_path, known):
    before = state()
    for rights, missing in [
        ((), {2: "change records", 3: "add records"}),
        (WRITER[:2], {2: "change records"}),
        (WRITER[::2], {3: "add records"}),
    ]:
        path = csv_file(tmp_path, [["企业名称", "备注"], ["香山一厂", "新"], ["香山二厂", ""]])
        report, outcomes = rows_of(path, OrganizationImport(user=factories.user(*rights)))
        assert {row: words for row, _column, words in told(report)} == {
            row: f"Your account may not {what}." for row, what in missing.items()
        }
        assert [one.outcome == "refused" for one in outcomes] == [row in missing for row in (2, 3)]
    OrganizationImport(user=factories.user()).run(path, apply=True).table.close()
    assert state() == before


def test_contacts_are_not_read_for_who_may_not_see_them(tmp_path, known):
    path = csv_file(tmp_path, [LABELS, ["香山一厂", "新", "后来某", "0760-88880001"]])
    made = OrganizationImport(user=factories.user(*WRITER))
    report, outcomes = rows_of(path, made)
    assert SECRET not in repr(outcomes)
    assert "0760" not in repr(outcomes)
    assert [change["column"] for change in outcomes[0].changes] == ["remarks"]
    assert any("联系人、联系电话" in str(notice) for notice in report.notices)
    assert made.asked_permissions() == set()
    OrganizationImport(user=factories.user(*WRITER)).run(path, apply=True).table.close()
    assert Contact.objects.get().name == SECRET


@pytest.mark.parametrize("guess", [SECRET, "别的某"])
def test_guessing_at_a_contact_tells_nothing(tmp_path, known, guess):
    """A right guess and a wrong one give the same answer."""
    path = csv_file(tmp_path, [LABELS, ["香山一厂", "", guess, ""]])
    report, outcomes = rows_of(path, OrganizationImport(user=factories.user(*WRITER)))
    assert (report.summary, outcomes[0].outcome) == ("new 0, changed 0, unchanged 1, refused 0", "unchanged")


@pytest.mark.parametrize(
    "layout",
    [
        Layout(columns={"电话甲": "contact_phone", "人": "contact_name"}),
        Layout(constants={"contact_name": "后来某"}),
        Layout(constants={"legal_representative": "后来某"}, values={"contact_name": {"甲": "后来某"}}),
    ],
)
def test_no_choice_of_columns_leads_round_the_right_to_see(tmp_path, known, layout):
    path = csv_file(tmp_path, [["企业名称", "人", "电话甲"], ["香山一厂", "甲", "0760-88880001"]])
    made = OrganizationImport(user=factories.user(*WRITER))
    _report, outcomes = rows_of(path, made, layout=layout)
    assert [one.changes for one in outcomes] == [[]]
    OrganizationImport(user=factories.user(*WRITER)).run(path, apply=True, layout=layout).table.close()
    assert Contact.objects.get().name == SECRET
    names = {target.name for target in inspect(made, path, layout).targets}
    assert names.isdisjoint({"contact_name", "contact_phone", "legal_representative"})


def test_contacts_need_rights_of_their_own_to_be_written(tmp_path, known):
    path = csv_file(
        tmp_path, [["企业名称", *LABELS[1:]], ["香山一厂", "", "后来某", ""], ["香山二厂", "", "新来某", ""]]
    )
    user = factories.user(*WRITER, "registry.view_contact")
    report, _outcomes = rows_of(path, OrganizationImport(user=user))
    assert told(report) == [
        (2, "联系人", "Your account may not change contacts."),
        (3, "联系人", "Your account may not add contacts."),
    ]
    made = OrganizationImport(user=factories.user(*WRITER, "registry.view_contact"))
    _report, outcomes = rows_of(path, made)
    assert made.asked_permissions() == {"registry.view_contact"}
    assert Organization.objects.count() == 1
    assert len(outcomes) == 2


def test_figures_tell_nothing_to_who_may_not_see_them(tmp_path, known):
    factories.figures(known, 2023, employees=98120)
    for employees in ("98120", "7"):
        path = csv_file(tmp_path, [["单位名称", "年度", "从业人员（人）"], ["香山一厂", "2023", employees]])
        rights = ("registry.add_annualfigures", "registry.change_annualfigures")
        report, outcomes = rows_of(path, FiguresImport(user=factories.user(*WRITER, *rights)))
        assert "98120" not in repr(outcomes).replace(repr(employees), "")
        assert report.summary == "new 0, changed 0, unchanged 0, refused 1"


@pytest.mark.parametrize(("right", "year", "lacking"), [("add", "2023", "change"), ("change", "2024", "add")])
def test_figures_need_the_right_for_what_the_row_does(tmp_path, known, right, year, lacking):
    factories.figures(known, 2023, employees=120)
    path = csv_file(tmp_path, [["单位名称", "年度", "从业人员（人）"], ["香山一厂", year, "7"]])
    user = factories.user("registry.view_annualfigures", f"registry.{right}_annualfigures")
    report = FiguresImport(user=user).run(path, apply=True)
    report.table.close()
    assert told(report) == [(2, "", f"Your account may not {lacking} such records.")]
    assert AnnualFigures.objects.get().employees == 120


def test_qualifications_need_the_right_for_what_the_row_does(tmp_path, reference):
    factories.enterprise(name_zh="香山一厂")
    path = csv_file(tmp_path, [["单位名称", "资质名称", "级别"], ["香山一厂", "高新技术企业", "国家级"]])
    report = QualificationImport(user=factories.user("registry.view_qualification")).run(path, apply=True)
    report.table.close()
    assert [words for _row, _column, words in told(report)] == ["Your account may not add such records."]


def test_a_file_asks_only_for_the_permissions_of_its_own_columns(tmp_path, reference):
    """The level of a qualification may follow from the grading: a file without it shows none to anybody."""
    factories.enterprise(name_zh="香山一厂")
    for header, row, asked in (
        (["单位名称", "资质名称"], ["香山一厂", "高新技术企业"], set()),
        (["单位名称", "资质名称", "级别"], ["香山一厂", "高新技术企业", "国家级"], {"registry.view_qualification"}),
    ):
        run = QualificationImport()
        run.run(csv_file(tmp_path, [header, row])).table.close()
        assert run.asked_permissions() == asked
