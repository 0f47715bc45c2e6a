"""The page of an organization: what is typed, what is kept, what is refused, and what it says to whom."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import translation

from registry.models import (
    AnnualFigures,
    Contact,
    Enterprise,
    Identifier,
    Institute,
    Organization,
    Qualification,
    SectorTag,
)
from tests import factories
from tests.pages import add_row, errors, form_data

ADD = "/admin/registry/enterprise/add/"
ALL_CHILDREN = [
    f"registry.{action}_{model}"
    for model in ("sectortag", "name", "identifier", "qualification", "annualfigures", "contact", "relation")
    for action in ("view", "add", "change", "delete")
]
CLERK = ["registry.view_organization", "registry.add_organization", "registry.change_organization", *ALL_CHILDREN]


@pytest.fixture
def client(db):
    client = Client()
    client.force_login(factories.superuser())
    return client


def logged_in(*permissions):
    client = Client()
    client.force_login(factories.user(*permissions))
    return client


def change(obj, kind="enterprise"):
    return f"/admin/registry/{kind}/{obj.pk}/change/"


def read(obj, kind="enterprise"):
    """The address of the page that is read."""
    return f"/admin/registry/{kind}/{obj.pk}/"


def save(client, page, **changes):
    """Open the page, change these fields, send it back."""
    data = form_data(client.get(page)) | changes
    return client.post(page, {key: value for key, value in data.items() if value is not None})


# --- Entering


def test_an_enterprise_is_entered_as_a_clerk_types_it(client, reference):
    code = factories.valid_uscc()
    data = form_data(client.get(ADD)) | {
        "name_zh": "中山市逐字录入机器人有限公司",
        "uscc": f" {code[:8]} {code[8:].lower()}",
        "category": "startup",
        "founded_on": "2019.9.1",
        "registered_capital": "1,234.56",
        "registration_status": "active",
    }
    add_row(data, "sector_tags", sector=factories.sector("robots.industrial").pk, is_primary="on")
    add_row(data, "sector_tags", sector=factories.sector("robots.service").pk)
    add_row(data, "qualifications", grading=factories.grading().pk, granted_on="2020年12月1日", valid_to="2023-11-30")
    add_row(data, "annual_figures", year="2023", employees="120", revenue="5000", ai_revenue="1200.5")
    add_row(data, "contacts", role="liaison", name="虚构联系", phone=factories.PHONE)
    answer = client.post(ADD, data)
    assert answer.status_code == 302, errors(answer)
    made = Enterprise.objects.get(name_zh="中山市逐字录入机器人有限公司")
    assert (made.kind, made.uscc, made.registered_capital, made.capital_currency) == (
        "enterprise",
        code,
        12_345_600,
        "CNY",
    )
    assert made.founded_on == datetime.date(2019, 9, 1)
    assert re.fullmatch(r"ZSAI-\d{6}", made.registry_no)
    assert set(made.sector_tags.values_list("sector__code", "is_primary")) == {
        ("robots.industrial", True),
        ("robots.service", False),
    }
    assert Qualification.objects.get().valid_to == datetime.date(2023, 12, 1), "the day after the last valid one"
    assert AnnualFigures.objects.values_list("revenue", "ai_revenue").get() == (50_000_000, 12_005_000)
    assert Contact.objects.get().name == "虚构联系"


def test_an_institute_is_entered_with_its_kind(client, reference):
    page = "/admin/registry/institute/add/"
    answer = client.post(page, form_data(client.get(page)) | {"name_zh": "中山虚构实验室", "category": "laboratory"})
    assert answer.status_code == 302, errors(answer)
    assert Institute.objects.get().kind == "research"


def test_each_kind_is_offered_its_categories_only(client):
    def offered(kind):
        form = client.get(f"/admin/registry/{kind}/add/").context["adminform"].form
        return {value for value, _label in form.fields["category"].choices}

    assert "startup" in offered("enterprise")
    assert "laboratory" not in offered("enterprise")
    assert "laboratory" in offered("institute")
    assert "backbone" not in offered("institute")
    assert {"startup", "laboratory"} <= offered("organization")


def test_a_constraint_on_the_kind_is_an_error_of_the_form(client):
    """Also on the page of a proxy, which has no field for the kind."""
    page = "/admin/registry/organization/add/"
    data = form_data(client.get(page)) | {"name_zh": "虚构某局", "kind": "government", "category": "startup"}
    assert list(errors(client.post(page, data))) == ["__all__"]
    data = form_data(client.get(ADD)) | {"name_zh": "虚构企业", "category": "laboratory"}
    assert list(errors(client.post(ADD, data))) == ["category"], "no choice of this kind"
    bank = factories.organization(kind="financial", registered_capital=1, capital_currency="CNY")
    assert list(errors(save(client, change(bank, "organization"), kind="government"))) == ["__all__"]
    assert Organization.objects.count() == 1


def test_saving_a_page_unchanged_writes_nothing(client, reference):
    organization = factories.enterprise(registered_capital=12_345_601, capital_currency="CNY")
    factories.qualification(organization)
    factories.figures(organization, revenue=12_345)
    factories.tag(organization)
    factories.name(organization)
    before = [
        model.pgh_event_model.objects.count() for model in (Organization, Qualification, AnnualFigures, SectorTag)
    ]
    assert save(client, change(organization)).status_code == 302
    assert before == [
        model.pgh_event_model.objects.count() for model in (Organization, Qualification, AnnualFigures, SectorTag)
    ]


def test_capital_without_its_currency_is_refused_and_the_currency_without_capital_dropped(client):
    organization = factories.enterprise(registered_capital=10_000, capital_currency="CNY")
    told = errors(save(client, change(organization), capital_currency=""))
    assert list(told) == ["__all__"]
    assert save(client, change(organization), registered_capital="").status_code == 302
    organization.refresh_from_db()
    assert (organization.registered_capital, organization.capital_currency) == (None, "")


@pytest.mark.parametrize(
    ("typed", "yuan"), [("1234.56", 12_345_600), ("２００", 2_000_000), ("2亿元", 200_000_000), ("0", 0)]
)
def test_money_is_typed_in_ten_thousands(client, typed, yuan):
    organization = factories.enterprise(capital_currency="CNY", registered_capital=1)
    assert save(client, change(organization), registered_capital=typed).status_code == 302
    organization.refresh_from_db()
    assert organization.registered_capital == yuan


@pytest.mark.parametrize("typed", ["很多", "-1", "591万美元", "99999999999999999"])
def test_money_that_is_none_is_refused(client, typed):
    organization = factories.enterprise(capital_currency="CNY", registered_capital=1)
    assert list(errors(save(client, change(organization), registered_capital=typed))) == ["registered_capital"]


def test_form_shows_a_dash_where_nothing_is_known(client):
    page = client.get(change(factories.organization(), "organization")).content.decode()
    assert "规模类型" in page
    assert "None" not in page


def test_the_pinyin_follows_the_name_unless_corrected(client):
    organization = factories.enterprise(name_zh="中山市重庆机器人有限公司")
    assert save(client, change(organization), pinyin="zhong shan shi zhong qing").status_code == 302
    organization.refresh_from_db()
    assert organization.pinyin == "zhong shan shi zhong qing"
    save(client, change(organization), name_zh="中山市新名机器人有限公司", name_change="correction")
    organization.refresh_from_db()
    assert "xin ming" in organization.pinyin


def test_verification_names_who_verified(client):
    organization = factories.enterprise()
    save(client, change(organization), verified_on="2024-05-01")
    organization.refresh_from_db()
    assert organization.verified_by.username.startswith("admin")
    save(client, change(organization), verified_on="")
    organization.refresh_from_db()
    assert organization.verified_by is None


# --- Rows


def test_the_primary_mark_moves_from_one_tag_to_another_in_either_order(client, reference):
    organization = factories.enterprise()
    factories.tag(organization, "robots.industrial", is_primary=True)
    factories.tag(organization, "robots.service")
    for old, new in ((0, 1), (0, 1)):  # the primary one stands first
        page = client.get(change(organization))
        data = form_data(page)
        del data[f"sector_tags-{old}-is_primary"]
        data[f"sector_tags-{new}-is_primary"] = "on"
        answer = client.post(change(organization), data)
        assert answer.status_code == 302, errors(answer)
        assert organization.sector_tags.filter(is_primary=True).count() == 1


def test_two_primary_sectors_are_an_error_of_the_row(client, reference):
    data = form_data(client.get(ADD)) | {"name_zh": "中山市两个主要有限公司"}
    for code in ("robots.industrial", "robots.service"):
        add_row(data, "sector_tags", sector=factories.sector(code).pk, is_primary="on")
    assert list(errors(client.post(ADD, data))) == ["sector_tags-1-__all__"]


def test_the_same_sector_twice_is_an_error_of_the_row(client, reference):
    data = form_data(client.get(ADD)) | {"name_zh": "中山市两次有限公司"}
    for _ in range(2):
        add_row(data, "sector_tags", sector=factories.sector("robots.service").pk)
    assert list(errors(client.post(ADD, data))) == ["sector_tags-1-__all__"]
    assert not Organization.objects.exists()


def test_a_contact_is_replaced_in_one_go(client):
    """The one that is removed does not stand in the way of the one that is added."""
    organization = factories.enterprise()
    factories.contact(organization, name="旧联系")
    data = form_data(client.get(change(organization))) | {"contacts-0-DELETE": "on"}
    add_row(data, "contacts", role="liaison", name="新联系")
    answer = client.post(change(organization), data)
    assert answer.status_code == 302, errors(answer)
    assert list(organization.contacts.values_list("name", flat=True)) == ["新联系"]


def test_an_identifier_of_another_organization_is_an_error_of_the_row(client):
    factories.identifier(factories.enterprise(), "lei", "529900T8BM49AURSDO55")
    data = add_row(
        form_data(client.get(ADD)) | {"name_zh": "中山市别家有限公司"},
        "identifiers",
        scheme="lei",
        value="529900T8BM49AURSDO55",
    )
    assert list(errors(client.post(ADD, data))) == ["identifiers-0-__all__"]
    assert Identifier.objects.count() == 1


def test_an_organization_is_not_related_to_itself(client):
    organization = factories.enterprise()
    data = add_row(form_data(client.get(change(organization))), "relations", kind="parent", related=organization.pk)
    assert list(errors(client.post(change(organization), data))) == ["relations-0-__all__"]


def test_figures_keep_to_their_constraints(client):
    organization = factories.enterprise()
    data = add_row(
        form_data(client.get(change(organization))), "annual_figures", year="2023", revenue="1", ai_revenue="2"
    )
    assert list(errors(client.post(change(organization), data))) == ["annual_figures-0-__all__"]


def test_the_last_valid_day_is_shown_as_on_the_certificate(client, reference):
    organization = factories.enterprise()
    factories.qualification(organization, valid_to=datetime.date(2023, 12, 1))
    page = client.get(change(organization))
    assert form_data(page)["qualifications-0-valid_to"] == "2023-11-30"
    with translation.override("zh-hans"):
        assert "有效期至" in page.content.decode()
    viewer = logged_in("registry.view_organization", "registry.view_qualification")
    shown = viewer.get(change(organization)).content.decode()
    assert re.search(r"2023年11月30日|2023-11-30|Nov\. 30, 2023", shown)


# --- USCC and names


def check(client, **query):
    return client.get("/admin/registry/organization/check/", query).json()


def test_check_tells_what_a_uscc_says(client, reference):
    told = check(client, uscc=factories.valid_uscc().lower())["uscc"]
    assert told["level"] == "good"
    assert told["kind"] == "enterprise"
    with translation.override("zh-hans"):
        client.cookies["django_language"] = "zh-hans"
        lines = " ".join(check(client, uscc=factories.valid_uscc())["uscc"]["lines"])
        assert "企业" in lines
        assert "工商" in lines
        assert "广东" in lines
        assert "442000" in lines
        assert "校验码正确" in lines


@pytest.mark.parametrize("code", ["9144200012345678", "91442000IOSVZ000001", "914420000000000O00"])
def test_check_tells_what_is_no_uscc(client, code):
    told = check(client, uscc=code)["uscc"]
    assert told["level"] == "wrong"
    assert told["existing"] == []


def test_check_offers_the_record_that_has_the_uscc_or_the_name(client, reference):
    organization = factories.enterprise(name_zh="中山市（测试）机器人有限公司")
    for query in (
        {"uscc": organization.uscc},
        {"name_zh": "中山市(测试) 机器人有限公司"},
        {"name_en": organization.name_en.upper()},
    ):
        (told,) = check(client, **query).values()
        assert [record["url"] for record in told["existing"]] == [read(organization)]
        (told,) = check(client, own=organization.pk, **query).values()
        assert told["existing"] == [], "a record is no duplicate of itself"


def test_check_needs_the_permission_to_see_organizations(db):
    organization = factories.enterprise()
    assert logged_in().get("/admin/registry/organization/check/", {"uscc": organization.uscc}).status_code == 403


def test_check_bears_what_people_paste(client):
    for text in ("\0", "一" * 2000, "%", "'\"<>", "\ud800".encode("utf-8", "replace").decode()):
        assert (
            client.get("/admin/registry/organization/check/", {"uscc": text, "name_zh": text, "own": "x"}).status_code
            == 200
        )


def test_a_used_uscc_is_refused_with_a_link_to_its_record(client):
    existing = factories.enterprise()
    data = form_data(client.get(ADD)) | {"name_zh": "中山市另一家有限公司", "uscc": existing.uscc}
    told = errors(client.post(ADD, data))
    assert list(told) == ["uscc"]
    assert f'"{read(existing)}"' in told["uscc"][0]
    assert existing.registry_no in told["uscc"][0]


def test_a_used_name_is_taken_only_when_confirmed(client):
    existing = factories.enterprise(name_zh="中山市同名机器人有限公司")
    data = form_data(client.get(ADD)) | {"name_zh": "中山市同名 机器人有限公司"}
    told = errors(client.post(ADD, data))
    assert list(told) == ["another_body"]
    assert f'"{read(existing)}"' in told["another_body"][0]
    assert client.post(ADD, data | {"another_body": "on"}).status_code == 302
    assert Organization.objects.count() == 2


def test_a_name_in_a_message_cannot_become_html(client):
    factories.enterprise(name_zh="<img src=x onerror=alert(1)>")
    data = form_data(client.get(ADD)) | {"name_zh": "<img src=x onerror=alert(1)>"}
    html = client.post(ADD, data).content.decode()
    assert "<img src=x" not in html


WRONG = factories.valid_uscc(4711)[:17] + ("0" if factories.valid_uscc(4711)[17] != "0" else "1")


def test_a_wrong_check_character_needs_the_right_and_a_reason(db):
    clerk, reviewer = logged_in(*CLERK), logged_in(*CLERK, "registry.override_uscc")
    page = clerk.get(ADD)
    assert "uscc_override_reason" not in page.context["adminform"].form.fields
    data = form_data(page) | {"name_zh": "中山市异码有限公司", "uscc": WRONG, "uscc_override_reason": "伪造的理由"}
    assert list(errors(clerk.post(ADD, data))) == ["uscc"]
    data = form_data(reviewer.get(ADD)) | {"name_zh": "中山市异码有限公司", "uscc": WRONG}
    assert list(errors(reviewer.post(ADD, data))) == ["uscc_override_reason"]
    assert reviewer.post(ADD, data | {"uscc_override_reason": "执照原文如此"}).status_code == 302
    made = Organization.objects.get()
    assert (made.uscc, made.uscc_override_reason) == (WRONG, "执照原文如此")
    assert save(clerk, change(made), short_name="异码").status_code == 302, "a clerk may go on editing it"
    other = WRONG[:16] + ("0" if WRONG[16] != "0" else "1") + WRONG[17]
    assert list(errors(save(clerk, change(made), uscc=other))) == ["uscc"], "but not under the old reason enter another"


# --- Permissions


def test_publishing_needs_its_permission(db):
    organization = factories.enterprise()
    save(logged_in(*CLERK), change(organization), published="on")
    organization.refresh_from_db()
    assert not organization.published
    save(logged_in(*CLERK, "registry.publish_organization"), change(organization), published="on")
    organization.refresh_from_db()
    assert organization.published


def test_rows_that_a_clerk_may_not_see_stay_untouched(db):
    organization = factories.enterprise()
    contact = factories.contact(organization)
    clerk = logged_in("registry.view_organization", "registry.change_organization")
    data = form_data(clerk.get(change(organization))) | {
        "contacts-TOTAL_FORMS": 1,
        "contacts-INITIAL_FORMS": 1,
        "contacts-0-id": contact.pk,
        "contacts-0-organization": organization.pk,
        "contacts-0-name": "改掉",
        "contacts-0-role": "liaison",
    }
    assert clerk.post(change(organization), data).status_code == 302
    contact.refresh_from_db()
    assert contact.name == "虚构某"


def test_an_enterprise_has_no_page_as_an_institute(client):
    organization = factories.enterprise()
    assert client.get(change(organization, "institute")).status_code == 302
    assert client.get(change(organization, "organization")).status_code == 200


@pytest.mark.parametrize("field", ["name_zh", "website", "source"])
@pytest.mark.parametrize("sign", ["\u202e", "\u200f", "\u2066", "\u061c"])
def test_sign_that_turns_the_direction_of_a_line_is_refused(client, reference, field, sign):
    record = factories.enterprise()
    text = f"https://{sign}www.example.com" if field == "website" else f"中山{sign}示例有限公司"
    place = text.index(sign) + 1
    said = errors(save(client, change(record), **{field: text}))
    assert any(f"第 {place} 个字符" in one and f"U+{ord(sign):04X}" in one for one in said[field]), said
    record.refresh_from_db()
    assert sign not in getattr(record, field)


def test_long_text_keeps_its_signs_of_direction(client, reference):
    record = factories.enterprise()
    save(client, change(record), introduction="文字\u200f方向")
    record.refresh_from_db()
    assert record.introduction == "文字\u200f方向"


@pytest.mark.parametrize("typed", ["NaN", "nan", "Infinity", "-Infinity"])
def test_amount_that_is_no_number_is_refused(client, reference, typed):
    record = factories.enterprise(registered_capital="100", capital_currency="CNY")
    assert errors(save(client, change(record), registered_capital=typed))
    record.refresh_from_db()
    assert record.registered_capital == 100


def sectors_of(record):
    return set(record.sector_tags.values_list("sector__code", "is_primary"))


def test_the_first_sector_is_primary_where_none_is_chosen(client):
    first, second = factories.sector("a.one"), factories.sector("a.two")
    data = form_data(client.get(ADD)) | {"name_zh": "香山一厂"}
    add_row(data, "sector_tags", sector=first.pk)
    add_row(data, "sector_tags", sector=second.pk)
    assert client.post(ADD, data).status_code == 302
    record = Enterprise.objects.get()
    assert sectors_of(record) == {("a.one", True), ("a.two", False)}

    data = form_data(client.get(change(record))) | {"sector_tags-1-is_primary": "on"}  # the first is still ticked
    assert client.post(change(record), data).status_code == 302
    assert sectors_of(record) == {("a.one", False), ("a.two", True)}

    data = form_data(client.get(change(record))) | {"sector_tags-0-DELETE": "on"}
    assert client.post(change(record), data).status_code == 302
    assert sectors_of(record) == {("a.one", True)}


def test_a_record_without_a_sector_is_saved_with_a_warning(client):
    factories.sector("a.one")
    saved = client.post(ADD, form_data(client.get(ADD)) | {"name_zh": "香山一厂"}, follow=True)
    assert any("香山一厂尚无领域" in str(message) for message in saved.context["messages"])
    record = Enterprise.objects.get()
    assert "尚无领域" in client.get(change(record)).content.decode()
    factories.tag(record, "a.one", is_primary=True)
    page = client.get(change(record))
    assert 'class="lacking"' not in page.content.decode()
    saved = client.post(change(record), form_data(page), follow=True)
    assert not any("尚无领域" in str(message) for message in saved.context["messages"])


@pytest.mark.parametrize(
    ("typed", "code"), [("应用软件开发", "I6513"), ("6513", "I6513"), ("I6513 应用软件开发", "I6513"), ("", "")]
)
def test_an_industry_is_typed_by_code_or_name_and_a_website_without_scheme(client, typed, code):
    data = form_data(client.get(ADD)) | {"name_zh": "香山一厂", "industry": typed, "website": "www.example.com"}
    assert client.post(ADD, data).status_code == 302
    record = Enterprise.objects.get()
    assert (record.industry, record.website) == (code, "https://www.example.com")
    again = form_data(client.get(change(record)))
    assert again.get("industry", "") == (f"{code} 应用软件开发" if code else "")
    assert client.post(change(record), again).status_code == 302
    assert Organization.pgh_event_model.objects.count() == 1, "the name beside the code is no change"


def test_an_unknown_industry_is_told_the_nearest(client):
    data = form_data(client.get(ADD)) | {"name_zh": "香山一厂", "industry": "应用软件开法"}
    assert any("I6513 应用软件开发" in told for told in errors(client.post(ADD, data))["industry"])
    offered = client.get("/admin/registry/organization/check/", {"industry": "软件开发"}).json()["industry"]
    assert "I6513 应用软件开发" in offered
