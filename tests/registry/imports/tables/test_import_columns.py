"""What columns of lists say beyond those of exported files: types, identifiers by scheme, English lists, countries."""

import pytest
from django.utils import translation

from registry.imports.recognising.headers import Recogniser
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.organizations import OrganizationImport
from registry.imports.tables.qualifications import QualificationImport
from registry.models import Organization
from registry.organizations.countries import country_of_address, parse_country
from registry.organizations.vocabularies import read_nature
from tests import factories
from tests.registry.imports.importing import imported, reasons, told

pytestmark = pytest.mark.django_db
ROR = "05dxps055"


@pytest.mark.parametrize(
    ("text", "kind", "category", "registration_type"),
    [
        ("民营企业", "enterprise", "", ""),
        ("高校", "research", "university", ""),
        ("专精特新中小企业", "enterprise", "sme", ""),
        ("incubator", "", "incubator", ""),
        ("education", "research", "", ""),
        ("funder|government", "government", "", ""),
        ("healthcare", "other", "hospital", ""),
        ("funder", "other", "", ""),
        ("有限责任公司（自然人投资或控股）", "", "", "有限责任公司（自然人投资或控股）"),
        ("education|something", "", "", "education|something"),
    ],
)
def test_nature_is_a_kind_a_category_or_what_the_licence_says(text, kind, category, registration_type):
    assert read_nature(text) == (kind, category, registration_type)


def test_types_of_the_research_organization_registry_are_read(tmp_path):
    rows = [
        ["ror_id", "display_name", "name_zh", "types", "country_code"],
        [f"https://ror.org/{ROR}", "Institute of Robots", "机器人研究所", "facility|funder", "CN"],
        ["https://ror.org/000190731", "Hospital of Robots", "", "healthcare", "HK"],
    ]
    report = imported(tmp_path, rows)
    assert report.new == 2, reasons(report)
    institute = Organization.objects.get(name_zh="机器人研究所")
    assert (institute.kind, institute.name_en, str(institute.identifiers.get())) == (
        "research",
        "Institute of Robots",
        f"ror:{ROR}",
    )
    hospital = Organization.objects.get(name_en="Hospital of Robots")
    assert (hospital.kind, hospital.category, hospital.country) == ("other", "hospital", "HK")
    assert imported(tmp_path, rows).unchanged == 2


def test_kind_column_rules_over_the_nature(tmp_path):
    rows = [["单位名称", "单位类型", "单位性质"], ["香山大学", "社会组织", "高校"]]
    report = imported(tmp_path, rows)
    assert report.new == 1, reasons(report)
    assert list(Organization.objects.values_list("kind", "category")) == [("social", "")]


def test_kind_of_a_new_record_follows_from_its_category(tmp_path):
    rows = [["单位名称", "主体类别"], ["香山实验室", "实验室"], ["香山孵化器", "孵化器"]]
    report = imported(tmp_path, rows)
    assert Organization.objects.get().kind == "research"
    assert [row for row, _column, words in told(report) if "needs a kind" in words] == [3]


@pytest.mark.parametrize(
    ("label", "cell", "stored"),
    [
        ("ROR", f"https://ror.org/{ROR}", f"ror:{ROR}"),
        ("LEI", "529900T8BM49AURSDO55", "lei:529900T8BM49AURSDO55"),
        ("股票代码", "000001", "stock_code:000001"),
        ("ROR", "14414", None),
        ("注册号", "442000000012345", "registration_no:442000000012345"),
        ("ROR", f"ror:{ROR}", f"ror:{ROR}"),
        ("海关编码", 4420960001, "customs_code:4420960001"),
    ],
)
def test_identifier_has_a_column_of_its_own(tmp_path, label, cell, stored):
    report = imported(tmp_path, [["企业名称", label], ["香山一厂", cell]])
    if stored is None:
        assert "should look like" in reasons(report)
    else:
        assert report.new == 1, reasons(report)
        assert str(Organization.objects.get().identifiers.get()) == stored


def test_identifier_columns_find_the_record_and_join_the_column_for_all(tmp_path):
    record = factories.enterprise()
    factories.identifier(record, "stock_code", "000001")
    rows = [["股票代码", "LEI", "其他证照编号"], ["000001", "529900T8BM49AURSDO55", "customs_code:4420960001"]]
    assert imported(tmp_path, rows).changed == 1
    assert record.identifiers.count() == 3
    assert imported(tmp_path, rows).unchanged == 1


# --- English lists


def test_list_whose_only_names_are_english_is_read(tmp_path):
    rows = [["Name", "Website", "Kind"], ["Fictional Robots, Inc.", "", "enterprise"], ["香山一厂", "", "enterprise"]]
    assert imported(tmp_path, rows).new == 2
    assert set(Organization.objects.values_list("name_zh", "name_en")) == {
        ("", "Fictional Robots, Inc."),
        ("香山一厂", ""),
    }
    assert imported(tmp_path, rows).unchanged == 2
    assert imported(tmp_path, [["name_en", "kind"], ["Other Robots", "enterprise"]]).new == 1


def test_latin_name_below_a_chinese_label_stays_the_chinese_name(tmp_path):
    imported(tmp_path, [["企业名称"], ["ABC"]])
    assert list(Organization.objects.values_list("name_zh", "name_en")) == [("ABC", "")]


# --- Countries


def test_country_follows_from_the_address_where_no_column_names_it(tmp_path):
    rows = [
        ["name_en", "address", "kind"],
        ["Fictional Robots", "1 Example Street, Example City, USA", "enterprise"],
        ["Fictional Lamps", "", "enterprise"],
        ["Fictional Locks", "中山市小榄镇一号路", "enterprise"],
    ]
    report = imported(tmp_path, [["name_en", "注册地址", "kind"], *rows[1:]])
    found = dict(Organization.objects.values_list("name_en", "country"))
    assert found == {"Fictional Robots": "US", "Fictional Lamps": "CN", "Fictional Locks": "CN"}
    with translation.override("en"):
        notices = [str(notice) for notice in report.notices]
    assert "Countries filled in from the address: 1. Please have them confirmed." in notices
    assert any("taken for Chinese bodies, though only the name is known: 2." in notice for notice in notices)


def test_lists_of_chinese_bodies_are_told_nothing_of_countries(tmp_path):
    report = imported(tmp_path, [["企业名称", "注册地址"], ["香山一厂", "中山市一号路"]])
    assert report.notices == []


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("美国加利福尼亚州", "US"),
        ("香港中路1号", None),
        ("香港九龙", "HK"),
        ("中山市小榄镇", None),
        ("1 Main Road, London, United Kingdom", "GB"),
        ("Zhongshan", None),
    ],
)
def test_country_of_an_address(address, code):
    assert country_of_address(address) == code


def test_country_names_are_read_in_both_languages():
    assert [parse_country(text) for text in ("china", "Hong Kong", "韩国", "de", "")] == ["CN", "HK", "KR", "DE", None]


@pytest.mark.parametrize(
    ("make", "labels"),
    [
        (
            OrganizationImport,
            "公司全称=name_zh 机构全称=name_zh 统一社会信用代码/纳税人识别号=uscc 街道=township 镇（街道）=township "
            "主营业务=main_products "
            "主要产品及服务=main_products 企业（机构）类型=registration_type 最新年报地址=business_address "
            "企业注册地址=registered_address 国标行业小类=industry 曾用名=former_names 英文名=name_en 官网=website "
            "经营业务范围=scope 实缴资本= 核准日期= 参保人数= 所属区县= 序号=",
        ),
        (OrganizationImport, "企业电话=contact_phone 更多电话=contact_phone 更多邮箱=contact_email "
            "手机号=contact_phone "
            "法人姓名=legal_representative 企业联系人=contact_name"),
        (FiguresImport, "单位全称=name_zh 公司全称=name_zh 员工数=employees 从业人数=employees 员工人数=employees "
            "2023年销售额（万元）=revenue 研发经费投入=rd_expenditure 研发人员数量=rd_staff 参保人数="),
        (QualificationImport, "申报单位=name_zh 认定类型=grading 批准单位=issuer 入选批次=batch "
            "获证日期=granted_on 到期时间=valid_to"),
    ],
)  # fmt: skip
def test_labels_of_real_lists_are_known(make, labels):
    recognise = Recogniser({column.name: column.labels for column in make().columns})
    for text in labels.split():
        label, _sign, name = text.rpartition("=")
        assert (recognise(label) or "") == name, label


def test_private_labels_mean_private_columns_only():
    private = [
        "电话",
        "手机号",
        "更多电话",
        "企业电话",
        "邮箱",
        "更多邮箱",
        "法定代表人",
        "法人姓名",
        "联系人",
        "经办人",
    ]
    columns = {column.name: column for column in OrganizationImport().columns}
    recognise = Recogniser({column.name: column.labels for column in columns.values()})
    assert {columns[recognise(label) or ""].permission for label in private} == {"registry.view_contact"}
