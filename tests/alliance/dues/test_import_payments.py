"""The bank's list: payments found by name and amount; whatever leaves a doubt is refused with the remedy."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from alliance.dues.imports.payments import PaymentImport
from alliance.models import Alliance, Due, Payment
from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from tests import factories
from tests.api import root
from tests.registry.imports.importing import csv_file, told, xlsx_file

pytestmark = pytest.mark.django_db
BANK = ["交易日期", "对方户名", "借方发生额", "贷方发生额", "附言", "交易流水号"]
Rows = list[list[Any]]


def imported(folder: Path, rows: Rows, *, apply: bool = True, user: Any = None) -> Report:
    report = PaymentImport(user=user, slug="registered").run(csv_file(folder, rows), apply=apply)
    report.table.close()
    return report


def line(name: str, amount: str = "2,000.00", text: str = "会费", serial: str = "", day: str = "20250310") -> list[Any]:
    return [day, name, "", amount, text, serial or f"虚构{name}"]


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """A registered alliance with 40 members, each with dues of 2,000 yuan for 2025."""
    alliance = factories.alliance("registered", legal_person=True)
    of_dues = factories.dues_class(factories.dues_standard(alliance))
    for number in range(1, 41):
        who = factories.enterprise(name_zh=f"香山{number:02d}厂")
        member = factories.membership(factories.member(alliance, who), "2020-01-01").member
        factories.due(member, 2025, dues_class=of_dues)
    return alliance


def due(name: str, year: int = 2025) -> Due:
    return Due.objects.with_balance().get(member__organization__name_zh=name, year=year)


def test_list_of_40_lines_takes_35_and_tells_of_the_5_doubtful_ones(tmp_path, alliance):
    former = factories.enterprise(name_zh="香山新名厂")
    factories.name(former, "香山旧名厂")
    factories.due(factories.membership(factories.member(alliance, former)).member, 2025)
    second = due("香山39厂")
    factories.due(second.member, 2024, dues_class=second.dues_class)
    rows = [BANK, *(line(f"香山{number:02d}厂") for number in range(1, 35)), line("香山旧名厂")]
    rows += [
        line("虚构的某人"),
        line("香山36厂", "1,500.00"),
        line("香山39厂"),
        line("香山01厂", serial="虚构第二次"),
        line("香山37厂", serial="虚构香山02厂"),
    ]
    assert len(rows) == 41
    report = imported(tmp_path, rows)
    assert report.summary == "new 35, changed 0, unchanged 0, refused 5"
    problems = told(report)
    assert [(row, column) for row, column, _words in problems] == [
        (37, "对方户名"),
        (38, "贷方发生额"),
        (39, "贷方发生额"),
        (40, "贷方发生额"),
        (41, "交易流水号"),
    ]
    words = [said for _row, _column, said in problems]
    assert words[0].startswith("The registry has no such organization.")
    assert words[1].startswith("The amount 1,500 fits no open dues of 香山36厂, which are: 2025: 2,000. Write the year")
    assert words[2].startswith("The amount 2,000 fits the open dues of 2024, 2025. Write the year")
    assert words[3].startswith("Row 2 of this file pays the dues of 2025 of 香山01厂 already.")
    assert words[4] == "Row 3 has the same serial number: find out whether it is one payment."
    assert Payment.objects.count() == 35
    assert {due(f"香山{number:02d}厂").balance for number in range(1, 35)} == {0}
    paid = Payment.objects.get(payer="香山旧名厂")
    assert (str(paid.due.member.organization), paid.paid_on, paid.amount) == (
        "香山新名厂",
        datetime.date(2025, 3, 10),
        Decimal(2000),
    )
    assert Payment.objects.exclude(payer="").count() == 1, "the member's own name is not kept twice"


def test_same_list_read_twice_changes_nothing(tmp_path, alliance):
    rows = [BANK, line("香山01厂"), line("香山02厂")]
    assert imported(tmp_path, rows).summary == "new 2, changed 0, unchanged 0, refused 0"
    assert imported(tmp_path, rows).summary == "new 0, changed 0, unchanged 2, refused 0"
    rows[1][3] = "1,999.00"
    problems = told(imported(tmp_path, rows))
    assert problems == [
        (
            2,
            "交易流水号",
            "A line with this serial number was read before, with other values: 2025-03-10 2,000 香山01厂 2025.",
        )
    ]
    assert Payment.objects.count() == 2


def test_line_without_serial_number_is_recognised_by_day_name_and_amount(tmp_path, alliance):
    rows = [[label for label in BANK if label != "交易流水号"], line("香山01厂")[:5], line("香山02厂")[:5]]
    assert imported(tmp_path, rows).summary == "new 2, changed 0, unchanged 0, refused 0"
    assert imported(tmp_path, rows).summary == "new 0, changed 0, unchanged 2, refused 0"
    twice = [rows[0], line("香山03厂")[:5], line("香山03厂")[:5]]
    report = imported(tmp_path, twice)
    assert told(report) == [
        (3, "贷方发生额", "The same payer, day and amount as row 2, without serial numbers: is it one payment?")
    ]


def test_text_of_the_bank_or_a_column_says_which_year_is_meant(tmp_path, alliance):
    first, second, third = (due(f"香山{number:02d}厂") for number in (1, 2, 3))
    for one in (first, second, third):
        factories.due(one.member, 2024, dues_class=one.dues_class)
    rows = [
        [*BANK, "会费年度"],
        [*line("香山01厂", text="2024年度会费"), ""],
        [*line("香山02厂", "500"), "2024"],
        [*line("香山03厂", text="补缴2023年会费"), ""],
    ]
    report = imported(tmp_path, rows)
    assert report.summary == "new 2, changed 0, unchanged 0, refused 1"
    assert (due("香山01厂", 2024).balance, due("香山01厂").balance) == (0, 2000)
    assert (due("香山02厂", 2024).balance, due("香山02厂").balance) == (1500, 2000)
    assert "The text names 2023, but the amount 2,000 fits the dues of 2024, 2025" in told(report)[0][2]
    notes = [str(note.message) for note in report.notes]
    assert notes == ["2024 年度会费的一部分：尚欠 1,500 元。"]


@pytest.mark.parametrize("text", ["补缴2023年会费", "预缴2026年度会费"])
def test_dues_of_a_year_that_are_not_drawn_up_are_no_dues_of_another(tmp_path, alliance, text):
    report = imported(tmp_path, [BANK, line("香山01厂", text=text), line("香山02厂", text="20250310转账2025会费")])
    assert report.summary == "new 1, changed 0, unchanged 0, refused 1"
    assert "fits the dues of 2025" in told(report)[0][2]
    assert due("香山01厂").balance == 2000


@pytest.mark.parametrize(
    ("name", "amount", "year", "words"),
    [
        ("香山01厂", "2001", "2025", "2,001 is more than is open for 2025: 2,000."),
        ("香山01厂", "2000", "2019", "香山01厂 has no dues of 2019."),
        ("", "2000", "", "The row names no payer."),
        ("香山01厂", "", "", "A payment needs its day and its amount."),
        ("香山01厂", "-2000", "", "is less than 0"),
    ],
)
def test_line_that_fits_nothing_is_refused(tmp_path, alliance, name, amount, year, words):
    rows = [[*BANK, "会费年度"], [*line(name, amount, serial="虚构1"), year]]
    assert words in told(imported(tmp_path, rows))[0][2]
    assert not Payment.objects.exists()


def test_money_that_went_out_is_passed_over(tmp_path, alliance):
    rows = [BANK, ["20250310", "虚构印刷店", "300.00", "", "印刷费", "虚构9"], line("香山01厂")]
    report = imported(tmp_path, rows)
    assert report.summary == "new 1, changed 0, unchanged 1, refused 0"
    assert [str(note.message) for note in report.notes] == ["支出款项：无需登记。"]


def test_workbook_with_a_title_and_numbers_is_read_and_a_trial_writes_nothing(tmp_path, alliance):
    rows: Rows = [["虚构银行账户交易明细"], ["记账日期", "付款人名称", "收入金额（元）", "摘要", "流水号"]]
    rows += [[20250310, "香山01厂", 2000, "2025会费", "虚构1"]]
    path = xlsx_file(tmp_path, {"明细": rows})
    call_command("import_council", "payments", str(path), "--alliance", "registered")
    assert not Payment.objects.exists()
    call_command("import_council", "payments", str(path), "--alliance", "registered", "--apply")
    assert due("香山01厂").balance == 0


def test_receipt_number_is_added_to_a_payment_read_before(tmp_path, alliance):
    imported(tmp_path, [BANK, line("香山01厂")])
    rows = [[*BANK, "会费票据号码"], [*line("香山01厂"), "虚构00000001"]]
    assert imported(tmp_path, rows).summary == "new 0, changed 1, unchanged 0, refused 0"
    assert Payment.objects.get().receipt_no == "虚构00000001"


def test_who_may_not_see_payments_learns_nothing_by_a_file(tmp_path, alliance):
    factories.payment(due("香山01厂"), serial_no="虚构香山01厂", amount=1)
    viewer = factories.user("alliance.add_payment", "registry.view_organization")
    with pytest.raises(UnreadableFile, match="缺少关键列：缴费日期"):
        imported(tmp_path, [BANK, line("香山01厂"), line("香山02厂")], user=viewer)
    assert Payment.objects.count() == 1


def test_exported_list_is_imported_again_and_changes_nothing(tmp_path, alliance):
    imported(tmp_path, [BANK, line("香山01厂"), line("香山02厂", text="2025年度会费")])
    factories.payment(due("香山03厂"), amount=100, payer="虚构付款人", receipt_no="虚构1")
    path = tmp_path / "payments.csv"
    path.write_bytes(b"".join(root().get("alliances/registered/payments/?format=csv&lang=zh").streaming_content))
    report = PaymentImport(slug="registered").run(path, apply=True)
    report.table.close()
    assert report.summary == "new 0, changed 0, unchanged 3, refused 0"
    assert not report.unread_columns()


def test_a_day_on_which_no_money_can_have_come_in_is_refused(tmp_path, alliance):
    rows = [BANK, line("香山01厂", day="20620310"), line("香山02厂", day="1925-03-10"), line("香山03厂")]
    report = imported(tmp_path, rows)
    assert report.summary == "new 1, changed 0, unchanged 0, refused 2"
    assert [(row, column) for row, column, _words in told(report)] == [(2, "交易日期"), (3, "交易日期")]
    assert all("come in already" in words for _row, _column, words in told(report))
