"""The pages of certificates: who needs one, issued to many at once, shown on member and organization, ended."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from alliance.members.operations import actions
from alliance.models import Alliance, Certificate, Member
from registry.models import Organization
from registry.organizations.admin.uscc import page_url
from tests import factories

pytestmark = pytest.mark.django_db
ISSUE = "/admin/alliance/certificate/issue/"
LIST = "/admin/alliance/certificate/"


@pytest.fixture(autouse=True)
def of(reference: None) -> Alliance:
    alliance = factories.alliance("test")
    for name in ("甲厂", "乙厂", "丙厂"):
        factories.membership(factories.member(alliance, factories.enterprise(name_zh=name)), "2020-01-01")
    return alliance


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(factories.with_role("秘书处"))
    return client


def form(**changed: Any) -> dict[str, Any]:
    today = localdate()
    return {
        "alliance": "test",
        "issued_on": str(today),
        "valid_from": str(today),
        "valid_to": str(today + datetime.timedelta(days=365)),
        "until": str(today),
        "why": ["none"],
        "reason": "",
        **changed,
    }


def shown(page: Any) -> str:
    return page.content.decode()


def test_the_page_proposes_who_needs_one_and_issues_to_the_ticked(office, of):
    page = office.get(ISSUE)
    text = shown(page)
    assert "有效期首日共有会员3家" in text
    assert f"下一个编号为{localdate():%Y}-0001" in text
    assert [row["ticked"] for row in page.context["page"].rows] == [True] * 3
    chosen = list(Member.objects.filter(organization__name_zh__in=("甲厂", "丙厂")).values_list("pk", flat=True))
    answer = office.post(ISSUE, form(members=chosen), follow=True)
    assert {one.organization_name for one in Certificate.objects.all()} == {"甲厂", "丙厂"}
    assert Certificate.objects.count() == 2
    assert "已发出证书2份" in shown(answer)
    assert f"first={localdate():%Y}-0001&amp;last={localdate():%Y}-0002" in shown(answer)
    assert [row["one"].printed["organization_name"] for row in office.get(ISSUE).context["page"].rows] == ["乙厂"]
    everybody = office.get(ISSUE, {"everybody": "on"}).context["page"].rows
    assert {row["one"].printed["organization_name"]: row["ticked"] for row in everybody} == {
        "甲厂": False,
        "乙厂": True,
        "丙厂": False,
    }


@pytest.mark.parametrize(
    ("changed", "zh", "en"),
    [
        ({"members": []}, "没有勾选任何会员", "Nobody is ticked"),
        ({"valid_to": "2019-01-01"}, "有效期至早于有效期自", "lies before the first one"),
        ({"valid_from": "2019-06-01"}, "不是该联盟会员", "Not a member of this alliance"),
        ({"issued_on": "某日"}, "某日", "某日"),
    ],
)
def test_what_cannot_be_issued_is_told_in_both_languages_and_nothing_is_stored(office, of, changed, zh, en):
    everybody = list(of.members.values_list("pk", flat=True))
    for language, told in (("zh-hans", zh), ("en", en)):
        office.cookies["django_language"] = language
        page = office.post(ISSUE, form(**{"members": everybody} | changed), headers={"accept-language": language})
        assert page.status_code == 200
        assert told in shown(page), language
    assert not Certificate.objects.exists()


def test_a_script_in_a_name_stays_text(office, of):
    Organization.objects.filter(name_zh="甲厂").update(name_zh="<script>alert(1)</script>厂")
    assert "<script>alert(1)" not in shown(office.get(ISSUE))
    office.post(ISSUE, form(members=list(of.members.values_list("pk", flat=True))))
    assert "<script>alert(1)" not in shown(office.get(LIST))


def test_the_number_of_queries_does_not_grow_with_the_members(office, of):
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert office.get(address).status_code == 200
        return len(found)

    for address in (ISSUE, LIST, "/admin/falling-due/"):
        queries(address)
        before = queries(address)
        for _number in range(4):
            held = factories.membership(factories.member(of), "2020-01-01")
            factories.certificate(held, valid_to=localdate())
        assert queries(address) <= before + 1, address


def test_member_and_organization_show_their_certificates(office, of):
    member = Member.objects.get(organization__name_zh="甲厂")
    factories.certificate(member.memberships.get(), "甲-1", organization_name="甲老厂")
    for address in (f"/admin/alliance/member/{member.pk}/change/", page_url(member.organization)):
        text = shown(office.get(address))
        assert "甲-1" in text
        assert "甲老厂" in text
    assert f"{ISSUE}?alliance=test&amp;member={member.pk}" in shown(
        office.get(f"/admin/alliance/member/{member.pk}/change/")
    )
    history = shown(office.get(f"/admin/alliance/member/{member.pk}/history/"))
    assert "甲-1" in history


def test_page_for_one_member_asks_for_the_days_alone_and_replaces(office, of):
    member = Member.objects.get(organization__name_zh="甲厂")
    old = factories.certificate(member.memberships.get(), "甲-1")
    address = f"{ISSUE}?alliance=test&member={member.pk}"
    assert "换发证书" in shown(office.get(f"{LIST}{old.pk}/change/"))
    text = shown(office.get(address))
    assert "有效期首日共有会员" not in text
    assert "有效期首日共有会员" in shown(office.get(f"{ISSUE}?alliance=test"))
    page = office.get(address).context["page"]
    assert [field.name for field in page.filters] == ["issued_on", "valid_from", "valid_to"]
    values = {name: page.form[name].value() for name in ("issued_on", "valid_from", "valid_to", "until")}
    asked = {"alliance": "test", "members": member.pk, "why": page.form["why"].value(), "reason": "证书污损"}
    office.post(address, values | asked, follow=True)
    old.refresh_from_db()
    assert (old.end_kind, old.end_reason) == ("replaced", "证书污损")
    text = shown(office.get(f"{LIST}{old.pk}/change/"))
    assert old.replaced_by.number in text
    assert "换发证书" not in text


def test_a_certificate_is_ended_and_its_paper_comes_back(office, of):
    member = Member.objects.get(organization__name_zh="甲厂")
    made = factories.certificate(member.memberships.get(), "甲-1")
    page = f"{LIST}{made.pk}"
    wrong = office.post(f"{page}/end/", {"kind": "lost", "on": "2019-01-01", "reason": "x"})
    assert "该证书于" in shown(wrong)
    answer = office.post(f"{page}/end/", {"kind": "lost", "on": "2021-01-01", "reason": "登报声明"}, follow=True)
    assert "证书甲-1：遗失，自2021-01-01起失效" in shown(answer)
    again = office.post(f"{page}/end/", {"kind": "void", "on": "2021-01-02", "reason": "x"})
    assert "该证书已失效：遗失" in shown(again)
    office.post(f"{page}/returned/", {"on": "2021-02-01"})
    made.refresh_from_db()
    assert (made.end_kind, made.returned_on) == ("lost", datetime.date(2021, 2, 1))
    assert "登报声明" in shown(office.get(f"{page}/change/"))


def test_what_was_issued_is_read_only_and_what_was_recorded_can_be_corrected(office, of):
    member = Member.objects.get(organization__name_zh="甲厂")
    issued = factories.certificate(member.memberships.get(), "甲-1", valid_to="2021-01-01")
    assert office.post(f"{LIST}{issued.pk}/change/", {"organization_name": "乙"}).status_code == 403
    listed = factories.certificate(member.memberships.get(), "旧-1", valid_from="2021-01-01", from_list=True)
    page = office.get(f"{LIST}{listed.pk}/change/")
    fields = page.context["adminform"].form
    data = {name: fields[name].value() or "" for name in fields.fields} | {"organization_name": "甲老厂"}
    version = {page.context["version_name"]: page.context["version"]}
    assert office.post(f"{LIST}{listed.pk}/change/", data | version).status_code == 302
    listed.refresh_from_db()
    assert (listed.organization_name, listed.from_list) == ("甲老厂", True)


def test_the_list_is_filtered_by_state(office, of):
    gone = Member.objects.get(organization__name_zh="甲厂")
    factories.certificate(gone.memberships.get(), "甲-1")
    actions.end(gone, localdate(), "withdrawal")
    factories.certificate(Member.objects.get(organization__name_zh="乙厂").memberships.get(), "乙-1")
    for state, numbers in (("to_return", ["甲-1"]), ("valid", ["乙-1"]), ("expired", []), ("ended", [])):
        found = office.get(LIST, {"state": state}).context["cl"].result_list
        assert [one.number for one in found] == numbers, state


def test_the_settings_refuse_a_format_without_digits(office, of):
    add = "/admin/alliance/certificatesettings/add/"
    page = office.post(add, {"alliance": of.pk, "number_format": "ZS", "signature": ""})
    assert "请用#表示每一位流水号" in shown(page)
    assert office.post(add, {"alliance": of.pk, "number_format": "ZS-###", "signature": ""}).status_code == 302
    of_alliance = office.get("/admin/alliance/certificatesettings/of/test/", follow=True)
    assert "ZS-###" in shown(of_alliance)
