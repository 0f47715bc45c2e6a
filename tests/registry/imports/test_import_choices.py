"""What may be overwritten, and what a list of sectors does to the sectors that are there."""

import datetime

import pytest
from django.utils import translation

from registry.imports.options import Choices, SectorLists, StoredValues
from registry.models import Organization
from tests import factories
from tests.registry.imports.importing import imported, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
FILL, VERIFIED = Choices(stored=StoredValues.FILL_BLANKS), Choices(stored=StoredValues.KEEP_VERIFIED)
ROBOTS, VISION, SPEECH = "robots.industrial", "core-technology.machine-vision", "core-technology.speech-recognition"


def tags(of) -> list[tuple[str, bool]]:
    found = of.sector_tags.order_by("-is_primary", "sector__code").values_list("sector__code", "is_primary")
    return list(found)


def tagged(*codes: str, first: bool = True, **fields):
    record = factories.enterprise(**fields)
    for place, code in enumerate(codes):
        factories.tag(record, code, is_primary=first and place == 0)
    return record


# --- What is stored


def test_filling_blanks_changes_nothing_that_stands_there(tmp_path):
    record = tagged(ROBOTS, short_name="旧", registered_capital=100, capital_currency="USD")
    factories.contact(record, role="liaison", name="虚构甲", phone="")
    rows = [
        [
            "统一社会信用代码",
            "简称",
            "备注",
            "成立日期",
            "注册资本（万元）",
            "所属领域",
            "联系人",
            "联系电话",
            "曾用名",
        ],
        [record.uscc, "新", "补", "2020-01-01", "300", "机器视觉", "虚构乙", "0760-00000000", "香山旧厂"],
    ]
    report = imported(tmp_path, rows, choices=FILL)
    assert report.changed == 1, reasons(report)
    record.refresh_from_db()
    assert (record.short_name, record.remarks, record.founded_on) == ("旧", "补", datetime.date(2015, 3, 1))
    assert (record.registered_capital, record.capital_currency) == (100, "USD")
    assert tags(record) == [(ROBOTS, True)]
    contact = record.contacts.get()
    assert (contact.name, contact.phone) == ("虚构甲", "0760-00000000")
    assert record.names.get().name == "香山旧厂"
    with translation.override("en"):
        assert any("which stay because of your choice: 3." in str(notice) for notice in report.notices)
    assert imported(tmp_path, rows, choices=FILL).unchanged == 1


def test_filling_blanks_takes_capital_with_its_currency(tmp_path):
    record = factories.enterprise()
    imported(tmp_path, [["统一社会信用代码", "注册资本"], [record.uscc, "200(万美元)"]], choices=FILL)
    record.refresh_from_db()
    assert (record.registered_capital, record.capital_currency, record.capital_text) == (
        2_000_000,
        "USD",
        "200(万美元)",
    )


def test_verified_records_are_kept_and_others_overwritten(tmp_path):
    verified = tagged(ROBOTS, short_name="旧", verified_on=datetime.date(2024, 1, 1))
    factories.contact(verified, role="liaison", name="虚构甲")
    other = tagged(ROBOTS, short_name="旧")
    factories.contact(other, role="liaison", name="虚构甲")
    labels = ["统一社会信用代码", "简称", "备注", "所属领域", "联系人"]
    rows = [labels, *([record.uscc, "新", "补", "机器视觉", "虚构乙"] for record in (verified, other))]
    assert imported(tmp_path, rows, choices=VERIFIED).changed == 2
    found = [
        (record.short_name, record.remarks, tags(record), record.contacts.get().name)
        for record in Organization.objects.order_by("id")
    ]
    assert found == [("旧", "补", [(ROBOTS, True)], "虚构甲"), ("新", "补", [(VISION, True)], "虚构乙")]


# --- Sectors


def test_sectors_are_added_where_that_is_chosen(tmp_path):
    record = tagged(ROBOTS)
    bare = factories.enterprise()
    rows = [["统一社会信用代码", "所属领域"], [record.uscc, "机器视觉;工业机器人"], [bare.uscc, "机器视觉;语音识别"]]
    assert imported(tmp_path, rows, choices=Choices(lists=SectorLists.ADD)).changed == 2
    assert tags(record) == [(ROBOTS, True), (VISION, False)]
    assert tags(bare) == [(VISION, True), (SPEECH, False)]
    assert imported(tmp_path, rows, choices=Choices(lists=SectorLists.ADD)).unchanged == 2


@pytest.mark.parametrize("choices", [Choices(), Choices(lists=SectorLists.ADD), FILL])
@pytest.mark.parametrize(
    ("cell", "after"),
    [
        ("+机器视觉", [(ROBOTS, True), (VISION, False), (SPEECH, False)]),
        ("＋机器视觉、－语音识别", [(ROBOTS, True), (VISION, False)]),
        ("-工业机器人;+机器视觉", [(VISION, True), (SPEECH, False)]),
        ("−工业机器人", [(SPEECH, False)]),
        ("-工业机器人;-语音识别", []),
        ("-机器视觉", [(ROBOTS, True), (SPEECH, False)]),
    ],
)
def test_signs_add_and_take_away_whatever_is_chosen(tmp_path, cell, after, choices):
    record = tagged(ROBOTS, SPEECH)
    before = tags(record)
    report = imported(tmp_path, [["统一社会信用代码", "所属领域"], [record.uscc, cell]], choices=choices)
    assert report.refused == 0, reasons(report)
    assert sorted(tags(record)) == sorted(after)
    assert (report.unchanged == 1) == (before == tags(record))


def test_signs_in_a_new_record_and_beside_plain_cells(tmp_path):
    record = tagged(ROBOTS)
    rows = [["企业名称", "所属领域"], ["香山一厂", "+机器视觉;+语音识别"], [record.name_zh, "语音识别"]]
    assert imported(tmp_path, rows).summary == "new 1, changed 1, unchanged 0, refused 0"
    assert tags(Organization.objects.get(name_zh="香山一厂")) == [(VISION, True), (SPEECH, False)]
    assert tags(record) == [(SPEECH, True)]


def test_signed_change_is_told_as_old_and_new(tmp_path):
    record = tagged(ROBOTS)
    found = []
    rows = [["统一社会信用代码", "所属领域"], [record.uscc, "-工业机器人;+机器视觉"]]
    with translation.override("zh-hans"):
        imported(tmp_path, rows, record=found.extend, apply=False)
    assert found[0].changes == [{"column": "sectors", "new": "机器视觉", "old": "工业机器人"}]


@pytest.mark.parametrize(
    ("label", "cell", "reason"),
    [
        ("所属领域", "+机器视觉;语音识别", "mixes values"),
        ("所属领域", "+没有这个", "is not a known"),
        ("资质荣誉", "-高新技术企业", "only adds"),
        ("其他证照编号", "-lei:529900T8BM49AURSDO55", "only adds"),
        ("曾用名", "-香山旧厂", "only added"),
    ],
)
def test_signs_that_cannot_be_followed_are_refused(tmp_path, label, cell, reason):
    record = tagged(ROBOTS)
    factories.name(record, "香山旧厂")
    report = imported(tmp_path, [["统一社会信用代码", label], [record.uscc, cell]])
    assert reason in reasons(report)


def test_former_name_that_begins_with_a_sign_and_is_stored_is_no_instruction(tmp_path):
    record = factories.enterprise()
    factories.name(record, "-香山")
    assert imported(tmp_path, [["统一社会信用代码", "曾用名"], [record.uscc, "-香山"]]).unchanged == 1


def test_plus_before_what_is_only_added_is_read(tmp_path):
    record = factories.enterprise()
    rows = [["统一社会信用代码", "资质荣誉", "其他证照编号"], [record.uscc, "+高新技术企业", "+stock_code:X00001"]]
    report = imported(tmp_path, rows)
    assert report.changed == 1, reasons(report)
    assert record.qualifications.count() == record.identifiers.count() == 1
