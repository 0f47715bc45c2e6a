"""Values that files write in many ways, or wrongly: separators, days ahead, industries, statuses, countries."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from registry.models import Name, Organization, Qualification
from registry.organizations.countries import country_of_address, parse_country
from registry.organizations.vocabularies import registration_statuses
from tests import factories
from tests.pages import errors, form_data
from tests.registry.imports.importing import imported, reasons, told

pytestmark = pytest.mark.django_db
NAME = "中山市虚构甲有限公司"


@pytest.mark.parametrize("separator", ["，", ",", "\n", "、"])
def test_sectors_and_former_names_are_parted(reference, tmp_path, separator):
    rows = [
        ["单位名称", "单位类型", "领域", "曾用名", "资质"],
        [
            NAME,
            "企业",
            separator.join(["机器视觉", "工业机器人"]),
            separator.join(["中山市旧甲有限公司", "中山市旧乙厂"]),
            separator.join(["高新技术企业", "创新型中小企业"]),
        ],
    ]
    report = imported(tmp_path, rows)
    assert report.new == 1, reasons(report)
    record = Organization.objects.get()
    assert record.sector_tags.count() == 2
    assert set(Name.objects.values_list("name", flat=True)) == {"中山市旧甲有限公司", "中山市旧乙厂"}
    assert Qualification.objects.count() == 2
    assert imported(tmp_path, rows).unchanged == 1


def test_days_in_the_future_are_refused_by_cell(reference, tmp_path):
    ahead = (timezone.localdate() + datetime.timedelta(days=2)).isoformat()
    labels = ["成立日期", "核实日期", "引进日期"]
    rows = [["单位名称", "单位类型", *labels]]
    rows += [[f"中山市虚构{n}有限公司", "企业", *(ahead if n == at else "" for at in range(3))] for n in range(3)]
    report = imported(tmp_path, rows)
    assert (report.new, [(n, label) for n, label, _words in told(report)]) == (
        0,
        list(zip((2, 3, 4), labels, strict=True)),
    )
    assert all("lies in the future" in words for _n, _label, words in told(report))


def test_industries_are_read_by_name_and_without_their_letter(reference, tmp_path):
    given = {"3911": "C3911", "软件和信息技术服务业": "I65", "I65 软件和信息技术服务业": "I65", "65": "I65"}
    rows = [["单位名称", "单位类型", "行业"]]
    rows += [[f"中山市虚构{n}有限公司", "企业", text] for n, text in enumerate(given)]
    report = imported(tmp_path, rows)
    assert report.new == len(given), reasons(report)
    assert list(Organization.objects.order_by("id").values_list("industry", flat=True)) == list(given.values())


def test_unknown_industry_refuses_the_row_with_the_nearest(reference, tmp_path):
    report = imported(tmp_path, [["单位名称", "单位类型", "行业"], [NAME, "企业", "I3911"]])
    assert report.new == 0
    assert "C3911 计算机整机制造" in reasons(report)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        *dict.fromkeys(("吊销，已注销", "吊销,已注销", "吊销已注销", "inactive", "除名"), "deregistered").items(),
        *dict.fromkeys(("吊销，未注销", "吊销,未注销", "吊销", "责令关闭"), "revoked").items(),
        *dict.fromkeys(("在营（开业）", "存续(在营、开业、在册)", "Active"), "active").items(),
        *dict.fromkeys(("迁出", "已迁出"), "moved_out").items(),
    ],
)
def test_statuses_of_lists_are_known(text, status):
    assert registration_statuses().find(text) == status


def test_record_that_its_registry_withdrew_is_refused(reference, tmp_path):
    rows = [
        ["display_name", "types", "status", "country_code"],
        ["Fictional Institute of Robots", "facility", "withdrawn", "CN"],
        ["Fictional Institute of Sensors", "facility", "inactive", "CN"],
    ]
    report = imported(tmp_path, rows)
    assert (report.new, "has withdrawn this record" in reasons(report)) == (1, True)
    assert Organization.objects.get().registration_status == "deregistered"


def test_form_refuses_a_founding_day_in_the_future(client, reference):
    client.force_login(factories.superuser())
    page = "/admin/registry/enterprise/add/"
    ahead = (timezone.localdate() + datetime.timedelta(days=2)).isoformat()
    response = client.post(page, form_data(client.get(page)) | {"name_zh": NAME, "founded_on": ahead})
    assert "founded_on" in errors(response)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *dict.fromkeys(("美国", "USA", "U.S.", "United States of America", "us"), "US").items(),
        *dict.fromkeys(("南韩", "韩国", "Korea (Republic of)", "KOR"), "KR").items(),
        *dict.fromkeys(("香港特别行政区", "中国香港", "Hong Kong SAR"), "HK").items(),
        *dict.fromkeys(("中国台湾", "台湾地区", "Taiwan, Province of China"), "TW").items(),
        *dict.fromkeys(("英国", "UK", "GBR"), "GB").items(),
        ("中国澳门", "MO"),
        ("乌拉圭", "UY"),
        ("Georgia", "GE"),
    ],
)
def test_countries_are_known_by_all_their_names(text, code):
    assert parse_country(text) == code


def test_unknown_or_ambiguous_country_is_refused():
    for text in ("Atlantis", "刚果", "XX"):
        with pytest.raises(ValidationError):
            parse_country(text)
    assert country_of_address("1 Fictional Street, Atlanta, Georgia") is None
