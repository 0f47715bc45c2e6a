"""Import of organizations: what is taken, what is refused and why, what an import leaves alone."""

import datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.utils import translation

from registry.imports.options import Choices, Renames, RowsTaken
from registry.imports.reading.refusals import UnreadableFile
from registry.models import Contact, Identifier, Name, Organization, Qualification, SectorTag
from tests import factories
from tests.registry.imports.importing import imported, reasons, told

pytestmark = pytest.mark.django_db
NAME = "单位名称"


def events() -> int:
    names = (
        "OrganizationEvent",
        "SectorTagEvent",
        "NameEvent",
        "IdentifierEvent",
        "QualificationEvent",
        "ContactEvent",
    )
    return sum(apps.get_model("registry", name).objects.count() for name in names)


# --- New records


def test_import_creates_an_organization_with_everything_about_it(tmp_path, reference):
    code = factories.valid_uscc()
    labels = [
        "单位名称", "英文名称", "统一社会信用代码", "主体类别", "曾用名", "登记状态", "企业类型", "所在镇街",
        "所属园区", "注册地址",
        "通讯地址", "网址", "注册日期", "注册资金（万元）", "所属行业", "所属领域", "主导产品", "资质荣誉",
        "其他证照编号", "经营范围",
        "引进日期", "核实日期", "备注", "法人代表", "联系人", "职务", "联系电话", "电子邮箱",
    ]  # fmt: skip
    cells = [
        "香山机器人有限公司", "Xiangshan Robot Co., Ltd.", code, "专精特新中小企业", "香山机械厂；中山机械厂",
        "存续", "有限责任公司",
        "小榄镇", "火炬开发区", "中山市小榄镇一号路", "中山市小榄镇二号路", "www.example.com", "2019年9月1日",
        "1,200.5", "C3491 机器人",
        "工业机器人、机器视觉", "机械臂", "高新技术企业", "stock_code:X00001;LEI:529900T8BM49AURSDO55",
        "机器人制造；\n销售",
        "2020.1.2", "20210304", "首批", "虚构甲", "虚构乙", "经理", "0760-00000000", "a@example.com",
    ]  # fmt: skip
    report = imported(tmp_path, [labels, cells])
    assert report.summary == "new 1, changed 0, unchanged 0, refused 0", reasons(report)
    record = Organization.objects.get()
    assert record.registry_no.startswith("ZSAI-")
    values = {
        "kind": "enterprise", "category": "sme", "uscc": code, "pinyin": "xiang shan ji qi ren you xian gong si",
        "registration_status": "active", "registration_type": "有限责任公司", "website": "https://www.example.com",
        "founded_on": datetime.date(2019, 9, 1), "registered_capital": Decimal("12005000.00"),
        "capital_currency": "CNY",
        "capital_text": "1,200.5", "industry": "C3491", "scope": "机器人制造；\n销售",
        "introduced_on": datetime.date(2020, 1, 2),
        "verified_on": datetime.date(2021, 3, 4), "remarks": "首批", "business_address": "中山市小榄镇二号路",
        "published": False,
    }  # fmt: skip
    assert {name: getattr(record, name) for name in values} == values
    assert (record.township.name_zh, record.zone.name_zh) == ("小榄镇", "火炬开发区")
    tags = record.sector_tags.values_list("sector__code", "is_primary")
    assert dict(tags) == {"robots.industrial": True, "core-technology.machine-vision": False}
    assert set(record.names.values_list("kind", "name")) == {("former", "香山机械厂"), ("former", "中山机械厂")}
    assert set(map(str, record.identifiers.all())) == {"stock_code:X00001", "lei:529900T8BM49AURSDO55"}
    assert record.qualifications.get().level == "national"
    contacts = {
        contact.role: (contact.name, contact.title, contact.phone, contact.email) for contact in record.contacts.all()
    }
    assert contacts == {
        "legal_representative": ("虚构甲", "", "", ""),
        "liaison": ("虚构乙", "经理", "0760-00000000", "a@example.com"),
    }
    record.full_clean()
    before = events()
    assert imported(tmp_path, [labels, cells]).summary == "new 0, changed 0, unchanged 1, refused 0"
    assert events() == before


def test_trial_writes_nothing(tmp_path):
    report = imported(tmp_path, [["企业名称"], ["香山一厂"]], apply=False)
    assert (report.new, report.applied, Organization.objects.count(), events()) == (1, False, 0, 0)


def test_history_says_that_an_import_wrote(tmp_path):
    user = factories.superuser()
    imported(tmp_path, [["企业名称"], ["香山一厂"]], user=user)
    event = apps.get_model("registry", "OrganizationEvent").objects.get()
    assert event.pgh_context.metadata == {"operation": "import", "file": "list.csv", "user": user.pk}


@pytest.mark.parametrize(
    ("label", "uscc_start", "kind"),
    [
        ("企业名称", "", "enterprise"),
        ("单位名称", "91", "enterprise"),
        ("单位名称", "52", "social"),
        ("企业名称", "11", "government"),
    ],
)
def test_kind_of_a_new_record_follows_from_its_code_or_the_lists_label(tmp_path, label, uscc_start, kind):
    code = factories.valid_uscc(start=uscc_start) if uscc_start else ""
    imported(tmp_path, [[label, "统一社会信用代码"], ["香山一号", code]])
    assert Organization.objects.get().kind == kind


def test_new_record_without_any_sign_of_its_kind_is_refused(tmp_path):
    report = imported(tmp_path, [[NAME], ["香山一号"]])
    assert "needs a kind" in reasons(report)
    assert report.exit_code == 1


def test_nature_of_a_body_is_its_kind_or_its_type_by_the_values(tmp_path):
    rows = [
        ["单位名称", "统一社会信用代码", "单位性质"],
        ["香山院", "", "科研院所"],
        ["香山厂", factories.valid_uscc(), "有限责任公司"],
    ]
    assert imported(tmp_path, rows).new == 2
    found = dict(Organization.objects.values_list("name_zh", "kind"))
    assert found == {"香山院": "research", "香山厂": "enterprise"}
    assert Organization.objects.get(name_zh="香山厂").registration_type == "有限责任公司"
    assert imported(tmp_path, rows).unchanged == 2


def test_township_is_found_in_the_address_by_the_strict_rule(tmp_path, reference):
    rows = [
        ["企业名称", "注册地址", "镇街"],
        ["香山一厂", "广东省中山市石岐区一号路", ""],
        ["香山二厂", "中山市一号路小榄镇办事处", ""],
        ["香山三厂", "中山市石岐一号路", "小榄镇"],
    ]
    report = imported(tmp_path, rows)
    towns = dict(Organization.objects.values_list("name_zh", "township__name_zh"))
    assert towns == {"香山一厂": "石岐街道", "香山二厂": None, "香山三厂": "小榄镇"}
    with translation.override("en"):
        assert "Townships filled in from the address: 1. Please have them confirmed." in map(str, report.notices)


def test_township_and_address_in_one_column_are_both_read(tmp_path, reference):
    rows = [
        ["企业名称", "所在镇街及地址"],
        ["香山一厂", "小榄镇虚构路1号"],
        ["香山二厂", "中山市石岐街道虚构路2号"],
        ["香山三厂", "石岐 虚构路3号"],
        ["香山四厂", "虚构路4号小榄镇市场"],
    ]
    report = imported(tmp_path, rows)
    towns = dict(Organization.objects.values_list("name_zh", "township__name_zh"))
    assert towns == {"香山一厂": "小榄镇", "香山二厂": "石岐街道", "香山三厂": "石岐街道", "香山四厂": None}
    addresses = dict(Organization.objects.values_list("name_zh", "registered_address"))
    assert addresses == dict(rows[1:])
    assert [(note.row, note.column, note.value) for note in report.notes] == [(5, "所在镇街及地址", rows[4][1])]
    assert imported(tmp_path, rows).unchanged == 4


def test_column_of_townships_leaves_the_address_to_the_other(tmp_path, reference):
    rows = [
        ["企业名称", "镇街", "所在镇街及地址", "注册地址"],
        ["香山一厂", "石岐街道", "小榄镇虚构路1号", ""],
        ["香山二厂", "石岐街道", "小榄镇虚构路2号", "中山市石岐街道虚构路3号"],
    ]
    assert imported(tmp_path, rows).new == 2
    found = Organization.objects.values_list("township__name_zh", "registered_address", "business_address")
    assert list(found.order_by("name_zh")) == [
        ("石岐街道", "小榄镇虚构路1号", ""),
        ("石岐街道", "中山市石岐街道虚构路3号", "小榄镇虚构路2号"),
    ]


def test_township_that_has_ended_is_read_as_its_successor_and_told(tmp_path, reference):
    successor = factories.township()
    factories.township(
        "442000104", name_zh="东升镇", name_en="Dongsheng", valid_to=datetime.date(2021, 7, 19), successor=successor
    )
    report = imported(tmp_path, [["企业名称", "镇街"], ["香山一厂", "东升镇"]])
    assert Organization.objects.get().township == successor
    with translation.override("en"):
        assert any("东升镇 has been 小榄镇 since 2021-07-19" in str(notice) for notice in report.notices)


def test_record_in_an_ended_township_stays_as_it_is(tmp_path, reference):
    old = factories.township(
        "442000104", name_zh="东升镇", valid_to=datetime.date(2021, 7, 19), successor=factories.township()
    )
    factories.enterprise(name_zh="香山一厂", township=old)
    assert imported(tmp_path, [["企业名称", "镇街"], ["香山一厂", "东升镇"]]).unchanged == 1


def test_capital_keeps_amount_currency_and_text_apart(tmp_path):
    rows = [
        ["企业名称", "注册资本"],
        ["香山一厂", "200(万美元)"],
        ["香山二厂", "30(万)"],
        ["香山三厂", "N/A"],
        ["香山四厂", "200"],
    ]
    report = imported(tmp_path, rows)
    found = list(
        Organization.objects.order_by("id").values_list("registered_capital", "capital_currency", "capital_text")
    )
    assert found == [(2_000_000, "USD", "200(万美元)"), (300_000, "CNY", "30(万)"), (None, "", "")]
    [(row, column, words)] = told(report)
    assert (row, column) == (5, "注册资本")
    assert "has no unit" in words


def test_currency_column_rules_over_a_bare_unit_and_must_not_contradict(tmp_path):
    rows = [["企业名称", "注册资本（万元）", "币种"], ["香山一厂", "200", "美元"], ["香山二厂", "200万美元", "CNY"]]
    report = imported(tmp_path, rows)
    assert Organization.objects.get().capital_currency == "USD"
    assert "currency column says CNY" in reasons(report)


# --- Finding the record


def test_record_is_found_by_number_then_code_then_identifier_then_name(tmp_path):
    one, two, three, _four = (factories.enterprise(name_zh=f"香山{n}厂") for n in "一二三四")
    factories.identifier(three, "stock_code", "X00009")
    labels = ["名录编号", "统一社会信用代码", "其他证照编号", "单位名称", "简称"]
    rows = [
        labels,
        [one.registry_no, "", "", "香山一号厂", "甲"],
        ["", two.uscc, "", "香山二号厂", "乙"],
        ["", "", "stock_code:X00009", "香山三号厂", "丙"],
        ["", "", "", " 香山四\n厂", "丁"],
    ]
    assert imported(tmp_path, rows).summary == "new 0, changed 4, unchanged 0, refused 0"
    assert list(Organization.objects.order_by("id").values_list("short_name", flat=True)) == ["甲", "乙", "丙", "丁"]


@pytest.mark.parametrize("written", ["香山（集团）厂", "香山(集团)厂", "香山〔集团〕 厂", "香山（集團）厂"])
def test_name_matches_after_folding_and_not_beyond(tmp_path, written):
    factories.enterprise(name_zh="香山（集团）厂")
    report = imported(tmp_path, [["企业名称"], [written]])
    assert (report.unchanged + report.changed, report.new) == ((0, 1) if "團" in written else (1, 0))


def test_name_does_not_count_against_another_code_or_kind(tmp_path):
    factories.enterprise(name_zh="香山一厂")
    rows = [
        ["单位名称", "统一社会信用代码", "单位类型"],
        ["香山一厂", factories.valid_uscc(), "企业"],
        ["香山一厂", "", "社会组织"],
    ]
    assert imported(tmp_path, rows).new == 2


def test_name_finds_a_merged_record_without_successor_only_for_a_row_that_says_so(tmp_path):
    rows = [["企业名称", "登记状态"], ["香山虚构机器人有限公司", "合并"]]
    assert imported(tmp_path, rows).summary == "new 1, changed 0, unchanged 0, refused 0"
    assert imported(tmp_path, rows).summary == "new 0, changed 0, unchanged 1, refused 0"
    rows[1][1] = "存续"
    report = imported(tmp_path, rows)
    assert report.summary == "new 0, changed 0, unchanged 0, refused 1"
    assert "does not know into which record" in reasons(report)


def test_name_of_several_records_is_refused(tmp_path):
    factories.enterprise(name_zh="香山一厂")
    factories.enterprise(name_zh="香山一厂")
    report = imported(tmp_path, [["企业名称"], ["香山一厂"]])
    assert "Several records fit this name: " in reasons(report)


def test_keys_of_different_records_are_refused(tmp_path):
    one, two = factories.enterprise(), factories.enterprise()
    three = factories.enterprise(uscc=None)
    identifier = factories.identifier(two)
    labels = ["名录编号", "统一社会信用代码", "其他证照编号", "单位名称"]
    rows = [
        labels,
        [one.registry_no, two.uscc, "", ""],
        ["", one.uscc, str(identifier), ""],
        [one.registry_no, "", "", three.name_zh],
    ]
    report = imported(tmp_path, rows)
    assert (report.refused, report.changed) == (3, 0)
    assert reasons(report).count("point at different records") == 3


def test_unknown_registry_number_is_refused(tmp_path):
    report = imported(tmp_path, [["名录编号", "企业名称"], ["ZSAI-999999", "香山一厂"]])
    assert "No record has this registry number" in reasons(report)


def test_two_rows_for_one_record_are_refused(tmp_path):
    known = factories.enterprise()
    code = factories.valid_uscc()
    labels = ["企业名称", "统一社会信用代码", "其他证照编号", "简称"]
    rows = [
        labels,
        ["", known.uscc, "", "甲"],
        [known.name_zh, "", "", "乙"],
        ["香山三厂", code, "", "甲"],
        ["香山四厂", code, "", "乙"],
        ["香山五厂", "", "", ""],
        ["香山 五厂", factories.valid_uscc(), "", ""],
        ["香山六厂", "", "stock_code:X00001", ""],
        ["香山七厂", "", "stock_code:X00001", ""],
        ["香山八厂", factories.valid_uscc(), "", ""],
        ["香山八厂", factories.valid_uscc(), "", ""],
    ]
    report = imported(tmp_path, rows)
    assert [row for row, _column, _words in told(report)] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert report.new == 2
    assert "Row 3 is about the same record" in told(report)[0][2]


def test_of_rows_wholly_alike_the_first_is_taken(tmp_path):
    code = factories.valid_uscc()
    report = imported(
        tmp_path, [["序号", "企业名称", "统一社会信用代码"], [1, "香山一厂", code], [2, "香山\n一厂", code]]
    )
    assert report.summary == "new 1, changed 0, unchanged 0, refused 1"
    assert told(report) == [(3, "统一社会信用代码", "The same as row 2: only the first is taken.")]


# --- Changing records


def test_blank_cells_and_absent_columns_change_nothing(tmp_path, reference):
    known = factories.enterprise(short_name="香山", remarks="旧", registered_capital=100, capital_currency="USD")
    factories.tag(known)
    rows = [["统一社会信用代码", "简称", "备注", "所属领域", "注册资本（万元）"], [known.uscc, "", "--", "无", " "]]
    assert imported(tmp_path, rows).unchanged == 1
    known.refresh_from_db()
    assert (known.short_name, known.remarks, known.sector_tags.count()) == ("香山", "旧", 1)


def test_changed_cells_are_counted_by_column(tmp_path):
    known = factories.enterprise(short_name="香山")
    report = imported(tmp_path, [["统一社会信用代码", "简称", "备注"], [known.uscc, "香山二", "新"]])
    assert report.changed_columns == {"简称": 1, "备注": 1}


def test_new_name_brings_its_reading_unless_it_stays(tmp_path):
    known = factories.enterprise(name_zh="重庆厂", pinyin="zhong qing chang")
    imported(tmp_path, [["统一社会信用代码", "简称"], [known.uscc, "重厂"]])
    known.refresh_from_db()
    assert known.pinyin == "zhong qing chang"
    renamed = Choices(renames=Renames.ACCEPT)
    imported(tmp_path, [["统一社会信用代码", "企业名称"], [known.uscc, "香山厂"]], choices=renamed)
    known.refresh_from_db()
    assert known.pinyin == "xiang shan chang"


def test_sectors_of_the_file_replace_those_of_the_current_plan_only(tmp_path, reference):
    known = factories.enterprise()
    other = factories.plan("next", starts_on=datetime.date(2023, 1, 1), ends_on=None)
    factories.tag(known, factories.sector("old.kept", other), is_primary=True)
    factories.tag(known, "robots.service", is_primary=True)
    kept = factories.tag(known, "robots.industrial", evidence="产品目录")
    imported(tmp_path, [["统一社会信用代码", "所属领域"], [known.uscc, "core-technology.machine-vision;工业机器人"]])
    tags = set(SectorTag.objects.values_list("sector__code", "is_primary"))
    assert tags == {("old.kept", True), ("core-technology.machine-vision", True), ("robots.industrial", False)}
    kept.refresh_from_db()
    assert kept.evidence == "产品目录"


def test_order_of_sectors_changes_the_primary_one(tmp_path, reference):
    known = factories.enterprise()
    factories.tag(known, "robots.service", is_primary=True)
    factories.tag(known, "robots.industrial")
    assert imported(tmp_path, [["统一社会信用代码", "所属领域"], [known.uscc, "工业机器人;服务机器人"]]).changed == 1
    assert SectorTag.objects.get(is_primary=True).sector.code == "robots.industrial"


def test_record_without_a_primary_sector_stays_so_for_the_same_sectors(tmp_path, reference):
    known = factories.enterprise()
    factories.tag(known, "robots.service")
    factories.tag(known, "robots.industrial")
    assert imported(tmp_path, [["统一社会信用代码", "所属领域"], [known.uscc, "工业机器人;服务机器人"]]).unchanged == 1
    assert not SectorTag.objects.filter(is_primary=True).exists()


def test_names_identifiers_and_qualifications_are_only_added(tmp_path, reference):
    known = factories.enterprise()
    factories.name(known, "香山（一）厂")
    factories.identifier(known, "stock_code", "X00001")
    factories.qualification(known)
    rows = [
        ["统一社会信用代码", "曾用名", "其他证照编号", "资质荣誉"],
        [known.uscc, "香山(一)厂;香山二厂", "stock_code:X00002", "高新技术企业"],
    ]
    assert imported(tmp_path, rows).changed == 1
    assert set(Name.objects.values_list("name", flat=True)) == {"香山（一）厂", "香山二厂"}
    assert Identifier.objects.count() == 2
    assert Qualification.objects.count() == 1


# --- Contacts and masked values


def test_masked_contact_never_replaces_a_full_one(tmp_path):
    known = factories.enterprise()
    factories.contact(known, name="欧阳虚构", phone="0760-00000000", email="a@example.com")
    rows = [
        ["统一社会信用代码", "联系人", "联系电话", "电子邮箱"],
        [known.uscc, "欧阳**", "0760-0****000", "a***@example.com"],
    ]
    before = events()
    assert imported(tmp_path, rows).summary == "new 0, changed 0, unchanged 1, refused 0"
    assert events() == before


def test_masked_contact_fills_an_empty_one_and_gives_way_to_a_full_one(tmp_path):
    known = factories.enterprise()
    for cell, stored, counts in (
        ("欧**", "欧**", 1),
        ("李**", "李**", 1),
        ("李虚构", "李虚构", 1),
        ("李**", "李虚构", 0),
    ):
        assert imported(tmp_path, [["统一社会信用代码", "法人代表"], [known.uscc, cell]]).changed == counts
        assert Contact.objects.get().name == stored


def test_masked_name_is_refused(tmp_path):
    assert "hidden" in reasons(imported(tmp_path, [["企业名称"], ["中山市**有限公司"]]))


def test_contact_columns_leave_the_other_data_of_the_contact(tmp_path):
    known = factories.enterprise()
    contact = factories.contact(known, purpose="年报")
    imported(tmp_path, [["统一社会信用代码", "联系电话"], [known.uscc, "0760-00000001"]])
    contact.refresh_from_db()
    assert (contact.phone, contact.name, contact.purpose) == ("0760-00000001", "虚构某", "年报")


# --- Refusals


def test_all_problems_of_all_rows_are_told_at_once(tmp_path, reference):
    rows = [
        ["企业名称", "统一社会信用代码", "成立日期", "镇街", "所属领域", "所属行业", "网址"],
        ["香山一厂", "91350100M000100Y44", "1997年9月", "石歧街道", "工业机器;天文", "机器人", "javascript:alert(1)"],
        ["香山二厂", 914420001234567890.0, "2019-02-30", "", "", "", ""],
        ["香山三厂", "", "2019-02-28", "", "", "", ""],
    ]
    report = imported(tmp_path, rows)
    found = [(row, column) for row, column, _words in told(report)]
    assert found == [
        (2, "统一社会信用代码"), (2, "成立日期"), (2, "镇街"), (2, "所属领域"), (2, "所属领域"),
        (2, "所属行业"), (2, "网址"),
        (3, "统一社会信用代码"), (3, "成立日期"),
    ]  # fmt: skip
    assert "Did you mean 石岐街道" in reasons(report)
    assert "Did you mean 工业机器人" in reasons(report)
    assert report.summary == "new 1, changed 0, unchanged 0, refused 2"
    chinese, english = report.problems[0].message.both()
    assert "校验码" in chinese
    assert "check character" in english


@pytest.mark.parametrize(
    ("label", "cell", "words"),
    [
        ("主体类别", "高校", "only for universities"),
        ("币种", "AB1", "three capital letters"),
        ("国别", "火星", "not a known country or region"),
        ("简称", "长" * 101, "at most 100"),
        ("曾用名", "长" * 301, "300"),
        ("联系电话", "=1+1", "telephone"),
    ],
)
def test_rules_of_the_model_speak_in_the_import(tmp_path, label, cell, words):
    report = imported(tmp_path, [["企业名称", "单位类型", label], ["香山一厂", "企业", cell]])
    assert words in reasons(report)
    assert told(report)[0][1] == label


def test_constraint_between_stored_and_new_values_is_told(tmp_path):
    known = factories.enterprise(category="backbone")
    report = imported(tmp_path, [["统一社会信用代码", "单位类型"], [known.uscc, "社会组织"]])
    assert "only for enterprises" in reasons(report)
    known.refresh_from_db()
    assert known.kind == "enterprise"


def test_code_with_a_wrong_check_character_passes_only_where_the_registry_has_it_with_a_reason(tmp_path):
    code = factories.valid_uscc()
    wrong = code[:17] + ("0" if code[17] != "0" else "1")
    rows = [["统一社会信用代码", "企业名称"], [wrong, "香山一厂"]]
    assert "check character" in reasons(imported(tmp_path, rows))
    factories.enterprise(uscc=wrong, uscc_override_reason="执照如此", name_zh="香山一厂")
    assert imported(tmp_path, rows).unchanged == 1


def test_all_or_nothing_writes_nothing_where_a_row_is_refused(tmp_path):
    rows = [["企业名称", "成立日期"], ["香山一厂", "2019-01-01"], ["香山二厂", "去年"]]
    report = imported(tmp_path, rows, choices=Choices(take=RowsTaken.ALL_OR_NOTHING))
    assert (report.applied, report.new, Organization.objects.count()) == (False, 1, 0)


def test_file_without_a_key_column_is_refused_before_its_rows(tmp_path):
    with pytest.raises(UnreadableFile) as caught:
        imported(tmp_path, [["成立日期", "备注"], ["2019-01-01", "x"]])
    assert caught.value.code == "column_missing"


# --- Permissions


def test_account_without_permission_is_told_row_by_row(tmp_path):
    known = factories.enterprise()
    rows = [["企业名称", "统一社会信用代码", "简称"], ["", known.uscc, "新"], ["香山二厂", factories.valid_uscc(), ""]]
    report = imported(tmp_path, rows, user=factories.user("registry.view_organization"))
    assert [(row, words) for row, _column, words in told(report)] == [
        (2, "Your account may not change records."),
        (3, "Your account may not add records."),
    ]
    assert Organization.objects.count() == 1
    adder = factories.user("registry.add_organization")
    assert imported(tmp_path, rows, user=adder).summary == "new 1, changed 0, unchanged 0, refused 1"


def test_contacts_are_not_even_compared_for_those_who_may_not_see_them(tmp_path):
    known = factories.enterprise()
    factories.contact(known, name="虚构甲", role=Contact.Role.LEGAL_REPRESENTATIVE)
    user = factories.user("registry.change_organization", "registry.change_contact", "registry.add_contact")
    for guess in ("虚构甲", "虚构乙"):
        report = imported(tmp_path, [["统一社会信用代码", "法人代表"], [known.uscc, guess]], user=user)
        assert report.summary == "new 0, changed 0, unchanged 1, refused 0"
        with translation.override("en"):
            assert any("may not see" in str(notice) and "法人代表" in str(notice) for notice in report.notices)
    assert Contact.objects.get().name == "虚构甲"


def test_contacts_need_their_own_permission_to_be_written(tmp_path):
    known, other = factories.enterprise(), factories.enterprise()
    factories.contact(known)
    rows = [["统一社会信用代码", "联系人"], [known.uscc, "虚构丙"], [other.uscc, "虚构丁"]]
    user = factories.user("registry.change_organization", "registry.view_contact")
    assert [words for _row, _column, words in told(imported(tmp_path, rows, user=user))] == [
        "Your account may not change contacts.",
        "Your account may not add contacts.",
    ]
    user = factories.user("registry.view_contact", "registry.change_contact", "registry.add_contact")
    assert imported(tmp_path, rows, user=user).changed == 2
