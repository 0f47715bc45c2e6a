"""Import of standards with their classes: a row is a class, found by the first day of its standard and its name."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from alliance.dues.imports.standards import StandardImport
from alliance.models import Alliance, DuesClass, DuesStandard
from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.undo.undo import undo
from tests import factories
from tests.registry.imports.importing import csv_file, told
from tests.registry.imports.undo.undoing import applied

pytestmark = pytest.mark.django_db
LABELS = ["会费标准起始日期", "会费标准截止日期", "决议", "会费档次", "每年金额（元）", "适用会员级别"]
DECISION = "2019-01-10 关于会费标准的决议"
STANDARD = ("begins_on", "ends_on", "decision", "published_on", "first_year", "last_year", "remarks")
Rows = list[list[Any]]


def imported(folder: Path, rows: Rows, *, apply: bool = True, slug: str = "registered", **options: Any) -> Report:
    report = StandardImport(slug=slug, **options).run(csv_file(folder, rows), apply=apply)
    report.table.close()
    return report


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """A registered alliance with two tiers and a decision of the assembly on its dues."""
    alliance = factories.alliance("registered", legal_person=True)
    factories.tier(alliance, "council", name_zh="理事单位")
    factories.tier(alliance, "member", name_zh="会员单位")
    factories.dues_decision(alliance)
    return alliance


def rows() -> Rows:
    return [
        LABELS,
        ["2019-02-01", "2021-12-31", DECISION, "理事", "5000", "理事单位"],
        ["2019-02-01", "", "", "会员", "2,000.00", "会员单位"],
        ["2022-01-01", "", DECISION, "会员", "3000", "会员单位；理事单位"],
    ]


def values() -> list[tuple[Any, ...]]:
    found = DuesClass.objects.order_by("standard__begins_on", "-amount").prefetch_related("tiers")
    return [
        (str(one.standard.begins_on), str(one.standard.ends_on or ""), one.name, int(one.amount),
         "".join(tier.code for tier in one.tiers.order_by("code")))
        for one in found
    ]  # fmt: skip


def test_standards_are_made_with_their_classes_and_tiers(tmp_path, alliance):
    assert imported(tmp_path, rows(), apply=False).summary == "new 3, changed 0, unchanged 0, refused 0"
    assert not DuesStandard.objects.exists()
    assert imported(tmp_path, rows()).summary == "new 3, changed 0, unchanged 0, refused 0"
    assert values() == [
        ("2019-02-01", "2022-01-01", "理事", 5000, "council"),
        ("2019-02-01", "2022-01-01", "会员", 2000, "member"),
        ("2022-01-01", "", "会员", 3000, "councilmember"),
    ]
    assert {one.decision.subject for one in DuesStandard.objects.all()} == {"关于会费标准的决议"}
    assert imported(tmp_path, rows()).summary == "new 0, changed 0, unchanged 3, refused 0"


def test_stored_standards_and_classes_are_changed(tmp_path, alliance):
    imported(tmp_path, rows())
    changed = [
        [*LABELS, "入会当年会费", "会费标准备注"],
        ["2022-01-01", "2025-12-31", "", "会员", "", "会员单位", "半年", "到期"],
        ["2019-02-01", "", "", "会员", "2500", "", "", ""],
        ["2026-01-01", "", DECISION, "会员", "4000", "", "", ""],
    ]
    report = imported(tmp_path, changed)
    assert report.summary == "new 1, changed 2, unchanged 0, refused 0"
    assert set(report.changed_columns.values()) == {1}
    assert {"会费标准截止日期", "入会当年会费", "会费标准备注", "适用会员级别", "每年金额（元）"} == {
        *report.changed_columns
    }
    assert values()[1:] == [
        ("2019-02-01", "2022-01-01", "会员", 2500, "member"),
        ("2022-01-01", "2026-01-01", "会员", 3000, "member"),
        ("2026-01-01", "", "会员", 4000, ""),
    ]
    assert DuesStandard.objects.get(begins_on="2022-01-01").first_year == "half"


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (["2021-06-01", "", "", "会员", "1", ""], "会费标准起始日期", "Another standard of the alliance applies"),
        (["2018-01-01", "2017-12-31", "", "会员", "1", ""], "会费标准截止日期", "The end must be later"),
        (["2019-02-01", "2020-12-31", "", "某档", "1", ""], "会费标准截止日期", "says something else of the same"),
        (["2019-02-01", "", "", "理事", "1", ""], "会费标准起始日期", "about the same class"),
        (["2019-02-01", "", "", "某档", "", ""], "每年金额（元）", "A new class needs its amount."),
        (["2019-02-01", "", "", "某档", "0", ""], "每年金额（元）", "greater than 0"),
        (["2019-02-01", "", "", "", "1", ""], "会费档次", "A row needs the name of its class."),
        (["2019-02-01", "", "", "", "", "会员单位"], "会费档次", "A row needs the name of its class."),
        (["", "2021-12-31", "", "", "", ""], "会费标准起始日期", "A row needs the first day of its standard."),
        (["", "", "", "某档", "1", ""], "会费标准起始日期", "A row needs the first day of its standard."),
        (["2019-02-01", "", "", "某档", "1", "理事单位"], "适用会员级别", "a tier belongs to one class"),
        (["2019-02-01", "", "", "某档", "1", "不明级别"], "适用会员级别", "is not a known tier"),
        (["2019-02-01", "", "不明决议", "某档", "1", ""], "决议", "is not a known decision"),
    ],
)
def test_row_that_breaks_a_rule_is_refused_at_its_cell(tmp_path, alliance, row, column, words):
    report = imported(tmp_path, [*rows()[:3], row])
    problems = [(place, said) for number, place, said in told(report) if number == 4]
    assert [(place, words in said) for place, said in problems] == [(column, True)], problems
    assert "某档" not in str(values())
    assert DuesStandard.objects.count() <= 1


def test_row_without_a_class_is_about_its_standard_alone(tmp_path, alliance):
    alone = [LABELS, ["2019-02-01", "2021-12-31", DECISION, "", "", ""], ["2022-01-01", "", "", "", "", ""]]
    assert imported(tmp_path, alone, apply=False).summary == "new 2, changed 0, unchanged 0, refused 0"
    assert imported(tmp_path, alone).summary == "new 2, changed 0, unchanged 0, refused 0"
    found = DuesStandard.objects.order_by("begins_on").values_list("begins_on", "ends_on", "decision__subject")
    assert [tuple(map(str, row)) for row in found] == [
        ("2019-02-01", "2022-01-01", "关于会费标准的决议"),
        ("2022-01-01", "None", "None"),
    ]
    assert not DuesClass.objects.exists()
    assert imported(tmp_path, alone).summary == "new 0, changed 0, unchanged 2, refused 0"
    ended = [LABELS, ["2022-01-01", "2025-12-31", "", "", "", ""], ["2019-02-01", "", "", "会员", "2000", ""]]
    report = imported(tmp_path, ended)
    assert report.summary == "new 1, changed 1, unchanged 0, refused 0"
    assert report.changed_columns == {"会费标准截止日期": 1}
    twice = [LABELS, ["2026-01-01", "", "", "", "", ""], ["2026-01-01", "2027-12-31", "", "", "", ""]]
    problems = told(imported(tmp_path, twice))
    assert {place for _number, place, _said in problems} == {"会费标准起始日期"}
    assert all("the same standard alone" in said for _number, _place, said in problems)
    assert DuesStandard.objects.count() == 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_exported_standards_come_in_again_without_loss(tmp_path, alliance, language, kind):
    """With and without classes, into the records that are there and into an alliance that has none."""
    imported(tmp_path, [*rows(), ["2010-01-01", "2011-12-31", DECISION, "", "", ""]])
    DuesStandard.objects.update(remarks="甲；乙", first_year="months", published_on="2019-01-20")
    path = tmp_path / f"standards.{kind}"
    call_command("export_council", "registered", "dues-classes", output=str(path), lang=language)

    def again(**options: Any) -> str:
        report = StandardImport(slug="registered", **options).run(path, apply=True)
        report.table.close()
        return report.summary

    stored = [*values(), *DuesStandard.objects.order_by("begins_on").values_list(*STANDARD)]
    assert again() == "new 0, changed 0, unchanged 4, refused 0"
    DuesClass.objects.all().delete()
    DuesStandard.objects.all().delete()
    assert again() == "new 4, changed 0, unchanged 0, refused 0"
    assert [*values(), *DuesStandard.objects.order_by("begins_on").values_list(*STANDARD)] == stored
    assert len(stored) == 6


def test_what_nothing_may_be_collected_by_is_noted(tmp_path, alliance):
    report = imported(tmp_path, [LABELS, ["2019-02-01", "", "", "会员", "2000", ""]])
    assert [note.row for note in report.notes] == [2]
    with translation.override("en"):
        assert "dues must not be collected. No decision of the assembly is recorded." in str(report.notes[0].message)
    more = [["2019-02-01", "", "", f"第{number}档", str(number), ""] for number in range(1, 5)]
    notes = imported(tmp_path, [LABELS, *more]).notes
    with translation.override("en"):
        noted = [str(note.message) for note in notes]
    assert noted == ["A standard has at most 4 classes as a rule; this one has 5."]


def test_alliance_that_is_not_registered_gets_no_standard(tmp_path, alliance):
    factories.alliance("informal", legal_person=False)
    report = imported(tmp_path, [LABELS, ["2019-02-01", "", "", "会员", "2000", ""]], slug="informal")
    assert told(report)[0][2] == "An alliance that is not registered collects no dues."
    assert not DuesStandard.objects.exists()


def test_each_table_asks_for_its_own_rights(tmp_path, alliance):
    classes = ("alliance.view_duesclass", "alliance.add_duesclass", "alliance.change_duesclass")
    with pytest.raises(UnreadableFile):
        imported(tmp_path, rows(), user=factories.user(*classes))
    reader = factories.user(*classes, "alliance.view_duesstandard")
    assert "may not add dues standards" in told(imported(tmp_path, rows(), user=reader))[0][2]
    imported(tmp_path, rows())
    shorter = [LABELS, ["2022-01-01", "2025-12-31", "", "会员", "", ""]]
    assert "may not change dues standards" in told(imported(tmp_path, shorter, user=reader))[0][2]
    assert DuesStandard.objects.filter(ends_on=None).count() == 1


def test_import_is_undone_as_a_whole(tmp_path, alliance):
    factories.dues_class(factories.dues_standard(alliance, "2010-01-01", ends_on="2011-01-01", decision=None), "旧档")
    before = values()
    batch = applied(csv_file(tmp_path, rows()), StandardImport(slug="registered"))
    assert len(values()) == 4
    outcome = undo(batch.pk, apply=True)
    assert outcome.staying == 0
    assert values() == before


def test_command_tells_first_and_writes_then(tmp_path, alliance, capsys):
    path = csv_file(tmp_path, rows())
    call_command("import_council", "dues_standards", str(path), alliance="registered")
    assert not DuesStandard.objects.exists()
    call_command("import_council", "dues_standards", str(path), alliance="registered", apply=True)
    assert capsys.readouterr().out.strip().endswith("new 3, changed 0, unchanged 0, refused 0")
