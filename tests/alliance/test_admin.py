"""The secretariat's pages: alliances, members, admission, change of tier, end, correction."""

import datetime
import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIRequestFactory, force_authenticate

from alliance.members.operations import actions
from alliance.models import Alliance, Member, Membership, Representative
from alliance.views.memberships import MemberViewSet
from alliance.views.organizations import EnterpriseInAllianceViewSet, OrganizationInAllianceViewSet
from tests import factories
from tests.pages import add_row, errors, form_data

D = datetime.date
MEMBERS = "/admin/alliance/member/"
ADMIT = "/admin/alliance/member/admit/"
ADD = "/admin/alliance/alliance/add/"


@pytest.fixture
def client(reference):
    client = Client()
    client.force_login(factories.superuser())
    client.cookies["django_language"] = "zh-hans"
    return client


def in_role(role):
    user = factories.user()
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


@pytest.fixture
def alliance(db):
    return factories.alliance(founded_on=D(2019, 1, 1))


@pytest.fixture
def ordinary(alliance):
    return factories.tier(alliance, "member", rank=5)


@pytest.fixture
def council(alliance):
    return factories.tier(alliance, "council", rank=4)


def page(member, operation="change"):
    return f"{MEMBERS}{member.pk}/{operation}/"


# --- Alliances


def test_a_new_alliance_is_offered_the_five_standard_tiers(client):
    opened = client.get(ADD)
    data = form_data(opened) | {"name_zh": "中山市虚构联盟", "slug": "fiction"}
    assert [data[f"tiers-{n}-name_zh"] for n in range(5)] == [
        "理事长单位",
        "副理事长单位",
        "常务理事单位",
        "理事单位",
        "会员单位",
    ]
    data = {key: value for key, value in data.items() if not key.startswith("tiers-2-")}
    answer = client.post(ADD, data)
    assert answer.status_code == 302, errors(answer)
    tiers = Alliance.objects.get().tiers.order_by("rank")
    assert [tier.name_zh for tier in tiers] == ["理事长单位", "副理事长单位", "理事单位", "成员单位"]
    assert "会长单位" in tiers[0].aliases


def test_an_alliance_lists_who_guides_it(client, alliance):
    guide = factories.organization(kind="government", name_zh="中山市虚构某局")
    path = f"/admin/alliance/alliance/{alliance.pk}/change/"
    data = add_row(form_data(client.get(path)), "supporters", role="guiding", organization=guide.pk, position=1)
    answer = client.post(path, data)
    assert answer.status_code == 302, errors(answer)
    assert [s.organization for s in alliance.supporters.all()] == [guide]
    assert not Membership.objects.exists()


def test_the_same_tier_twice_is_an_error_of_the_row(client, alliance, ordinary):
    path = f"/admin/alliance/alliance/{alliance.pk}/change/"
    data = add_row(form_data(client.get(path)), "tiers", rank=9, code="member", name_zh="另一级")
    assert list(errors(client.post(path, data))) == ["tiers-1-__all__"]


def test_the_list_of_alliances_counts_the_members_of_today(client, alliance, ordinary):
    for ended_on in (None, None, "2021-01-01"):
        factories.membership(factories.member(alliance), tier=ordinary, ended_on=ended_on)
    (row,) = client.get("/admin/alliance/alliance/").context["cl"].result_list
    assert row.members_today == 2


# --- Admission


def test_an_enterprise_is_admitted_from_the_button_on_its_page(client, alliance, ordinary):
    organization = factories.enterprise()
    html = client.get(f"/admin/registry/enterprise/{organization.pk}/").content.decode()
    (address,) = re.findall(rf'href="({ADMIT}\?organization={organization.pk})"', html)
    opened = client.get(address)
    assert opened.context["form"].initial["organization"] == str(organization.pk)
    assert opened.context["form"].initial["alliance"] == alliance.pk, "the only one"
    values = {"alliance": alliance.pk, "organization": organization.pk, "tier": ordinary.pk, "on": "2020.1.1"}
    answer = client.post(address, values | {"remarks": "理事会决议"}, follow=True)
    membership = Membership.objects.get()
    assert (membership.member.organization_id, membership.tier, membership.admitted_on) == (
        organization.pk,
        ordinary,
        D(2020, 1, 1),
    )
    assert answer.redirect_chain == [(page(membership.member), 302)]
    assert "已登记" in answer.content.decode()
    assert "理事会决议" in answer.content.decode()
    summary = client.get(f"/admin/registry/enterprise/{organization.pk}/").content.decode()
    assert "M0001" in summary
    assert "2020-01-01" in summary


def test_who_is_a_member_already_is_refused_with_the_reason(client, alliance, ordinary):
    member = factories.member(alliance)
    factories.membership(member, "2020-01-01", tier=ordinary)
    values = {"alliance": alliance.pk, "organization": member.organization_id, "tier": ordinary.pk, "on": "2021-1-1"}
    answer = client.post(ADMIT, values)
    assert answer.status_code == 200
    assert "该单位已是会员：自 2020-01-01 起为会员单位。" in answer.content.decode()
    assert Membership.objects.count() == 1


def test_errors_of_an_operation_stand_beside_its_fields(client, alliance, ordinary):
    foreign = factories.tier(factories.alliance("other"))
    values = {"alliance": alliance.pk, "organization": factories.enterprise().pk, "tier": foreign.pk, "on": "2018-1-1"}
    assert list(client.post(ADMIT, values).context["form"].errors) == ["tier"]
    assert list(client.post(ADMIT, values | {"tier": ordinary.pk}).context["form"].errors) == ["on"]
    assert not Member.objects.exists(), "the member that was to come is gone with the rest"


# --- Operations on a member


@pytest.fixture
def member(alliance, ordinary):
    return actions.admit(factories.enterprise(), alliance, ordinary, D(2020, 1, 1)).member


def test_a_tier_is_changed_by_the_button(client, member, council):
    assert page(member, "change-tier") in client.get(page(member)).content.decode()
    answer = client.post(page(member, "change-tier"), {"tier": council.pk, "on": "2021-7-1"}, follow=True)
    assert answer.redirect_chain == [(page(member), 302)]
    assert list(member.memberships.order_by("admitted_on").values_list("tier", "ended_on", "end_reason"))[1] == (
        council.pk,
        None,
        "",
    )
    assert "级别调整" in answer.content.decode()
    repeated = client.post(page(member, "change-tier"), {"tier": council.pk, "on": "2021-8-1"})
    assert list(repeated.context["form"].errors) == ["tier"]


def test_a_membership_is_ended_by_the_button_and_begun_again(client, member):
    opened = client.get(page(member, "end"))
    assert "自该日起不再是会员" in opened.content.decode()
    assert "tier_change" not in dict(opened.context["form"].fields["reason"].choices)
    assert list(client.post(page(member, "end"), {"on": "2022-1-1"}).context["form"].errors) == ["reason"]
    client.post(page(member, "end"), {"on": "2022-1-1", "reason": "withdrawal", "remarks": "来函"})
    assert member.memberships.values_list("ended_on", "end_reason", "remarks").get() == (
        D(2022, 1, 1),
        "withdrawal",
        "来函",
    )
    html = client.get(page(member)).content.decode()
    assert page(member, "end") not in html
    assert f"{ADMIT}?organization={member.organization_id}&amp;alliance={member.alliance_id}" in html
    assert "该会籍已经终止" in client.post(page(member, "end"), {"on": "2023-1-1", "reason": "lapse"}).content.decode()


def test_a_mistake_is_corrected(client, member):
    membership = member.memberships.get()
    path = f"{MEMBERS}correct/{membership.pk}/"
    assert path in client.get(page(member)).content.decode()
    values = {"tier": membership.tier_id, "admitted_on": "2020-2-2", "remarks": ""}
    assert "reason" in client.post(path, values).context["form"].errors, "the past is not changed without one"
    values |= {"reason": "入会批复为准"}
    assert client.post(path, values).status_code == 302
    membership.refresh_from_db()
    assert membership.admitted_on == D(2020, 2, 2)
    refused = client.post(path, values | {"ended_on": "2019-1-1", "end_reason": "lapse"})
    assert "ended_on" in refused.context["form"].errors


def test_memberships_cannot_be_edited_past_the_rules(client, member, council):
    """The page of a member has no fields for them: what is sent all the same is not taken."""
    data = form_data(client.get(page(member)))
    assert not any("admitted_on" in key or "tier" in key for key in data)
    sent = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0, "memberships-0-tier": council.pk}
    client.post(page(member), data | sent | {"alliance": 1, "organization": 1})
    assert Membership.objects.count() == 1
    member.refresh_from_db()
    assert member.alliance.slug == "test"


def test_member_number_and_sectors_are_edited_on_the_page(client, member):
    other = factories.member(member.alliance)
    sector = factories.sector("robots.industrial")
    data = form_data(client.get(page(member))) | {"sectors": [sector.pk], "member_no": "M0100"}
    assert client.post(page(member), data).status_code == 302
    member.refresh_from_db()
    assert (member.member_no, list(member.sectors.all())) == ("M0100", [sector])
    client.post(page(member), form_data(client.get(page(member))) | {"member_no": " "})
    member.refresh_from_db()
    assert member.member_no == "M0100", "a number once given stays"
    taken = errors(client.post(page(member), form_data(client.get(page(member))) | {"member_no": other.member_no}))
    assert list(taken) == ["__all__"]
    html = client.get(page(member, "history")).content.decode()
    for words in ("参与领域", "工业机器人", "M0100", "会籍", "会员单位", "入会"):
        assert words in html, words


def test_each_operation_needs_its_permissions(reference, member, council):
    viewer, secretariat = in_role("查询员"), in_role("秘书处")
    membership = member.memberships.get()
    operations = {
        ADMIT: {},
        page(member, "change-tier"): {"tier": council.pk, "on": "2021-7-1"},
        page(member, "end"): {"on": "2022-1-1", "reason": "lapse"},
        f"{MEMBERS}correct/{membership.pk}/": {"tier": council.pk, "admitted_on": "2020-1-2"},
    }
    shown = viewer.get(page(member)).content.decode()
    for path, values in operations.items():
        assert path not in shown
        assert viewer.get(path).status_code == 403
        assert viewer.post(path, values).status_code == 403
        assert secretariat.get(path).status_code == 200
    assert list(Membership.objects.values_list("tier", "ended_on")) == [(membership.tier_id, None)]


def test_representatives_need_their_permission_everywhere(reference, member):
    factories.representative(member, name="秘密代表")
    for role, sees in (("查询员", False), ("录入员", False), ("秘书处", True), ("审计员", True)):
        client = in_role(role)
        for what in ("change", "history"):
            assert ("秘密代表" in client.get(page(member, what)).content.decode()) == sees, (role, what)
    secretariat = in_role("秘书处")
    data = add_row(form_data(secretariat.get(page(member))), "representatives", role="liaison", name="虚构联络")
    answer = secretariat.post(page(member), data)
    assert answer.status_code == 302, errors(answer)
    assert Representative.objects.count() == 2


# --- The list


@pytest.fixture
def listed(reference, alliance, ordinary, council):
    """甲 from 2019 (council from 2021), 乙 2019 to 2022, 丙 from 2023, 丁 in another alliance, 戊 from 2099."""
    of = {}
    for name in "甲乙丙戊":
        who = factories.institute(name_zh=name) if name == "丙" else factories.enterprise(name_zh=name)
        of[name] = factories.member(alliance, who)
    factories.membership(of["甲"], "2019-01-01", tier=ordinary, ended_on="2021-01-01", end_reason="tier_change")
    factories.membership(of["甲"], "2021-01-01", tier=council)
    factories.membership(of["乙"], "2019-01-01", tier=ordinary, ended_on="2022-01-01", end_reason="withdrawal")
    factories.membership(of["丙"], "2023-01-01", tier=ordinary)
    factories.membership(of["戊"], "2099-01-01", tier=ordinary)
    other = factories.alliance("other")
    factories.membership(factories.member(other, factories.enterprise(name_zh="丁")), tier=factories.tier(other))
    factories.tag(of["甲"].organization, "robots.industrial")
    of["丙"].organization.township = factories.township("442000001")
    of["丙"].organization.save()
    return of


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "甲丙丁"),
        ({"as_of": "2021-12-31"}, "甲乙丁"),
        ({"as_of": "2022-01-01"}, "甲丁"),
        ({"as_of": "2021.12.31"}, "甲乙丁"),
        ({"as_of": "20211231"}, "甲乙丁"),
        ({"as_of": "2021年12月31日"}, "甲乙丁"),
        ({"as_of": ""}, "甲丙丁"),
        ({"as_of": "nonsense"}, ""),
        ({"as_of": "2021-02-30"}, ""),
        ({"alliance": "test"}, "甲丙"),
        ({"state": "former"}, "乙"),
        ({"state": "any"}, "甲乙丙丁戊"),
        ({"tier": "council"}, "甲"),
        ({"tier": "member", "as_of": "2020-06-01", "alliance": "test"}, "甲乙"),
        ({"kind": "research"}, "丙"),
        ({"township": "442000001"}, "丙"),
        ({"sector": "robots"}, "甲"),
        ({"q": "丙"}, "丙"),
        ({"q": "M0001"}, "甲丁"),
    ],
)
def test_each_filter_of_the_list_of_members(client, listed, query, found):
    rows = client.get(MEMBERS, query).context["cl"].result_list
    assert sorted(row.organization.name_zh for row in rows) == sorted(found)


def test_a_day_of_the_list_that_cannot_be_read_is_told_and_not_taken_for_today(client, listed):
    response = client.get(MEMBERS, {"as_of": "2021-02-30", "alliance": "test"})
    assert "没有“2021-02-30”这一天。" in response.content.decode()
    assert response.context["exports"] == []
    assert not response.context["address"]


def test_the_list_shows_tier_and_unbroken_beginning_on_its_day(client, listed):
    def row(**query):
        (row,) = client.get(MEMBERS, {"q": "甲", **query}).context["cl"].result_list
        return row.list_tier, row.list_joined

    assert row() == ("理事单位", D(2019, 1, 1))
    assert row(as_of="2020-06-01") == ("会员单位", D(2019, 1, 1))


def test_exports_of_members_take_day_and_filters_and_offer_the_roster(client, listed):
    query = {"alliance": "test", "as_of": "2021-12-31", "tier": "member"}
    exports = dict(client.get(MEMBERS, query).context["exports"])
    assert list(exports) == ["导出 Excel", "导出 CSV", "会员名录", "会员名录（内部版）"]
    for url in exports.values():
        assert "/alliances/test/members/" in url
        assert "as_of=2021-12-31" in url
        assert "tier=member" in url
    assert list(dict(in_role("查询员").get(MEMBERS, query).context["exports"])) == [
        "导出 Excel",
        "导出 CSV",
        "会员名录",
    ]
    several = client.get(MEMBERS, {"kind": "enterprise"})
    assert several.context["exports"] == [], "of which alliance?"
    lists = [url for _label, url in several.context["choices_before_export"]]
    assert len(lists) == Alliance.objects.count()
    assert all(client.get(f"{MEMBERS}{url}").context["exports"] for url in lists)
    assert all(f'href="{url.replace("&", "&amp;")}"' in several.content.decode() for url in lists)


def test_exports_give_the_rows_of_the_list(client, listed):
    """Every address behind a button is one that the API takes, and gives what the list shows."""

    def exported(url, view, **kwargs):
        request = APIRequestFactory().get(url)
        force_authenticate(request, factories.superuser())
        answer = view.as_view({"get": "list"})(request, **kwargs)
        assert answer.status_code == 200, (url, getattr(answer, "data", ""))
        return b"".join(answer.streaming_content)

    query = {"alliance": "test", "as_of": "2021-12-31", "tier": "member", "kind": "enterprise", "q": "乙"}
    files = dict(client.get(MEMBERS, query).context["exports"])
    table = exported(files.pop("导出 CSV"), MemberViewSet, slug="test").decode("utf-8-sig")
    assert [line.count("乙") for line in table.splitlines()] == [0, 1]
    for url in files.values():
        assert exported(url, MemberViewSet, slug="test").startswith(b"PK")
    query = {"q": "甲", "sector": "robots", "registration_status": "active", "published": "false", "alliance": "test"}
    for kind, view in (("organization", OrganizationInAllianceViewSet), ("enterprise", EnterpriseInAllianceViewSet)):
        page = client.get(f"/admin/registry/{kind}/", query)
        assert [row.name_zh for row in page.context["cl"].result_list] == ["甲"]
        table = exported(dict(page.context["exports"])["导出 CSV"], view).decode("utf-8-sig")
        assert ["甲" in line for line in table.splitlines()] == [False, True]
    query = {
        "township": "442000001",
        "zone": "torch",
        "category": "laboratory",
        "alliance": "not:test",
        "kind": "research",
    }
    page = client.get("/admin/registry/organization/", query)
    exported(dict(page.context["exports"])["导出 Excel"], OrganizationInAllianceViewSet)


def test_lists_bear_any_address(client, listed):
    for value in ("\0", "'", "%", "一" * 500, "9999999999999999999"):
        for name in ("as_of", "alliance", "state", "tier", "sector", "township", "kind", "q", "p", "o"):
            assert client.get(MEMBERS, {name: value}).status_code in (200, 302), (name, value)
        for name in (
            "sector",
            "township",
            "zone",
            "kind",
            "category",
            "published",
            "registration_status",
            "alliance",
            "q",
        ):
            assert client.get("/admin/registry/organization/", {name: value}).status_code in (200, 302), (name, value)


# --- What the page says afterwards, and of an end that lies ahead


def tools_of(client, member):
    return [str(label) for label, _address in client.get(page(member)).context["tools"]]


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def test_each_operation_says_what_was_done(client, alliance, ordinary, council):
    one = factories.enterprise(name_zh="香山说明有限公司")
    values = {"organization": one.pk, "alliance": alliance.pk, "tier": ordinary.pk, "on": "2020-01-01"}
    said = messages_of(client.post(ADMIT, values, follow=True))
    assert said == [f"已登记入会：香山说明有限公司，自 2020-01-01 起为{ordinary}。"]
    member = Member.objects.get()
    said = messages_of(client.post(page(member, "change-tier"), {"tier": council.pk, "on": "2021-01-01"}, follow=True))
    assert said == [f"已调整级别：香山说明有限公司，自 2021-01-01 起为{council}。"]
    said = messages_of(client.post(page(member, "end"), {"on": "2022-01-01", "reason": "withdrawal"}, follow=True))
    assert said == ["已终止会籍：香山说明有限公司，自 2022-01-01 起不再是会员（自愿退会）。"]
    last = Membership.objects.get(tier=council)
    values = {"tier": council.pk, "admitted_on": "2021-01-01", "ended_on": "2022-02-01", "end_reason": "lapse"}
    values |= {"reason": "录入有误"}
    said = messages_of(client.post(f"{MEMBERS}correct/{last.pk}/", values, follow=True))
    assert said == [f"已更正：香山说明有限公司，{council}，起始 2021-01-01，终止 2022-02-01，原因：自动退会。"]


def test_member_that_ends_later_is_still_a_member_and_the_end_can_be_cancelled(client, alliance, ordinary):
    member = factories.member(alliance)
    factories.membership(member, tier=ordinary, admitted_on=D(2020, 1, 1))
    ahead = timezone.localdate() + datetime.timedelta(days=40)
    assert tools_of(client, member) == [
        "级别调整",
        "终止会籍",
        "暂停会籍",
        "合并承继",
        "发放证书",
        "录入申请",
        "当时的样子",
    ]
    client.post(page(member, "end"), {"on": ahead.isoformat(), "reason": "withdrawal"})
    assert tools_of(client, member) == ["级别调整", "取消终止", "暂停会籍", "发放证书", "录入申请", "当时的样子"]
    shown = client.get(page(member)).content.decode()
    assert f"{ordinary}，将于 {ahead} 终止（自愿退会）" in shown
    assert 'class="ended"' not in shown
    said = messages_of(client.post(page(member, "cancel-end"), {}, follow=True))
    assert said == [f"已取消终止：{member.organization}仍为会员（{ordinary}）。"]
    assert Membership.objects.get().ended_on is None
    late = client.post(page(member, "cancel-end"), {})
    assert "没有可取消的终止" in late.content.decode()


def test_member_that_has_ended_can_only_be_admitted_again(client, alliance, ordinary):
    member = factories.member(alliance)
    factories.membership(member, tier=ordinary, admitted_on=D(2020, 1, 1), ended_on=D(2021, 1, 1), end_reason="lapse")
    assert tools_of(client, member) == ["再次入会", "录入申请", "当时的样子"]
    told = messages_of(client.get(page(member, "cancel-end"), follow=True))
    assert told == [
        "该会籍已于 2021-01-01 终止：已过的终止不能取消。登记有误的，请更正会籍；重新加入的，请再次办理入会。"
    ]
    assert f"已于 2021-01-01 终止：{ordinary}（自动退会）" in client.get(page(member)).content.decode()
