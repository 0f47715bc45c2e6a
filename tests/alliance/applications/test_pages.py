"""Pages of applications: who sees what, what is refused, and where members show where they come from."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alliance.applications import deciding
from alliance.models import Alliance, Application, Membership
from registry.models import Disclosure, Organization, Receipt
from tests import factories
from tests.registry.attachments.files import PDF, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any, reference: None) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def alliance() -> Alliance:
    made = factories.alliance()
    factories.tier(made, "member")
    return made


def client(*roles: str) -> Client:
    found = Client()
    found.force_login(factories.with_role(*roles))
    return found


def form(alliance: Alliance, **more: Any) -> tuple[str, dict[str, Any]]:
    address = f"{reverse('admin:alliance_application_form')}?alliance={alliance.slug}&kind=admission"
    return address, {"tier": alliance.tiers.get().pk, "applied_on": "2021-06-01", **more}


def test_a_new_organization_is_entered_with_its_application_unless_the_registry_has_it(alliance: Alliance) -> None:
    known = factories.enterprise(name_zh="中山市虚构海岳智能科技有限公司")
    registrar = client("录入员")
    address, values = form(alliance, kind="enterprise")
    for name, code, field in (
        (known.name_zh, "", "name_zh"),
        ("中山市虚构海岳科技有限公司", "", "another"),
        ("中山市虚构新星有限公司", "9144", "uscc"),
    ):
        answer = registrar.post(address, values | {"name_zh": name, "uscc": code})
        assert field in answer.context["applicant"].errors, name
    assert not Application.objects.exists()
    assert Organization.objects.count() == 1
    registrar.post(
        address, values | {"name_zh": "中山市虚构海岳科技有限公司", "another": "on", "attachments": upload()}
    )
    one = Application.objects.get()
    assert (one.organization.name_zh, one.organization.published, one.state) == (
        "中山市虚构海岳科技有限公司",
        False,
        "draft",
    )
    assert one.attachments.count() == 1


def test_who_may_not_enter_organizations_is_offered_those_of_the_registry(alliance: Alliance) -> None:
    known = factories.enterprise(name_zh="中山市虚构海岳智能科技有限公司")
    begin = reverse("admin:alliance_application_enter")
    secretariat, registrar = client("秘书处"), client("录入员")
    asked = {"alliance": alliance.slug, "kind": "admission"}
    assert [one[0] for one in secretariat.get(begin, asked | {"q": known.registry_no}).context["offered"]] == [known]
    new = asked | {"q": "中山市虚构新星有限公司"}
    assert secretariat.get(begin, new).context["new_url"] == ""
    assert "organization_kind=enterprise" in registrar.get(begin, new).context["new_url"]
    assert secretariat.get(form(alliance)[0]).status_code == 403


def test_a_member_is_not_offered_for_admission_and_nobody_else_for_the_rest(alliance: Alliance) -> None:
    begin = reverse("admin:alliance_application_enter")
    member, other = (factories.enterprise(name_zh=f"中山市虚构海岳{name}有限公司") for name in ("智能", "精密"))
    factories.membership(factories.member(alliance, member), admitted_on=datetime.date(2020, 3, 1))
    secretariat = client("秘书处")

    def offers(kind: str, q: str) -> Any:
        return secretariat.get(begin, {"alliance": alliance.slug, "kind": kind, "q": q})

    told = "自 2020-03-01 起为会员单位"
    for kind, able, unable, why in (
        ("admission", other, member, told),
        *((kind, member, other, "只能申请入会") for kind in ("withdrawal", "tier_change", "representative", "lapse")),
    ):
        page = offers(kind, "海岳")
        first, second = page.context["offered"]
        assert (first.organization, first.why) == (able, ""), kind
        assert second.organization == unable
        assert why in second.why
        assert f"kind={kind}" not in second.url
        alone = offers(kind, unable.registry_no)
        assert "找到的单位不能申请此事项" in alone.text
        assert why in alone.text
    straight = reverse("admin:alliance_application_form", query={"alliance": alliance.slug, "kind": "admission"})
    led_back = secretariat.get(f"{straight}&organization={member.pk}", follow=True)
    assert told in led_back.text


def test_members_are_found_by_a_word_that_many_others_have(alliance: Alliance) -> None:
    for _n in range(9):
        factories.enterprise(name_zh=f"中山市虚构海岳{_n}有限公司")
    member = factories.enterprise(name_zh="中山市虚构海岳智能有限公司")
    factories.membership(factories.member(alliance, member))
    asked = {"alliance": alliance.slug, "kind": "withdrawal", "q": "海岳"}
    offered = client("秘书处").get(reverse("admin:alliance_application_enter"), asked).context["offered"]
    assert offered[0].organization == member


def test_page_of_a_member_leads_to_what_a_member_can_apply_for(alliance: Alliance) -> None:
    member = factories.member(alliance)
    factories.membership(member)
    secretariat = client("秘书处")
    page = secretariat.get(reverse("admin:alliance_member_change", args=[member.pk]))
    address = reverse("admin:alliance_application_enter")
    query = f"?alliance={alliance.slug}&q={member.organization.registry_no}"
    assert f"{address}{query.replace('&', '&amp;')}" in page.text
    form = secretariat.get(f"{address}{query}").context["form"]
    assert not form.errors
    assert form["kind"].value() == "tier_change"


def test_opening_a_scan_is_logged_and_open_only_to_who_may_see_numbers(alliance: Alliance) -> None:
    address, values = form(alliance, attachments=upload())
    organization = factories.enterprise()
    secretariat = client("秘书处")
    secretariat.post(f"{address}&organization={organization.pk}", values)
    one = Application.objects.get()
    scan = reverse("admin:attachment", args=[one.attachments.get().key])
    assert b"".join(secretariat.get(scan).streaming_content) == PDF
    look = Disclosure.objects.get()
    assert (look.registry_no, look.receipt) == (organization.registry_no, Receipt.objects.get())
    for role in ("审计员", "查询员", "镇街填报员"):
        assert client(role).get(scan).status_code == 403
    assert b"".join(client("审核员").get(scan).streaming_content) == PDF
    page = client("审计员").get(reverse("admin:alliance_application_change", args=[one.pk]))
    assert "入会申请书.pdf" in page.text
    assert scan not in page.text


def test_steps_are_offered_to_whoever_may_take_them_and_refused_to_others(alliance: Alliance) -> None:
    one = factories.application(alliance, state="submitted")
    page = reverse("admin:alliance_application_change", args=[one.pk])
    assert [step.name for step, _form in client("秘书处").get(page).context["steps"]] == [
        "accept",
        "send_back",
        "withdraw",
    ]
    assert [step.name for step, _form in client("录入员").get(page).context["steps"]] == ["withdraw"]
    accept = reverse("admin:alliance_application_step", args=[one.pk, "accept"])
    assert client("录入员").post(accept).status_code == 403
    stale = client("秘书处").post(accept, {"seen": "draft"}, follow=True)
    assert "有人已先处理" in stale.text
    one.refresh_from_db()
    assert one.state == "submitted"
    back = reverse("admin:alliance_application_step", args=[one.pk, "send_back"])
    assert "reason" in dict(client("秘书处").post(back).context["steps"])[_step("send_back")].errors


def test_a_stale_page_does_not_decide_on_fewer_than_were_ticked(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, admission_body="assembly")
    factories.membership(factories.member(alliance))
    meeting = factories.meeting(alliance, body="assembly")
    meeting.attendance.update(present=True)
    stays, gone = (factories.application(alliance, state="to_decide") for _n in range(2))
    Application.objects.filter(pk=gone.pk).update(state="returned")
    general = client("秘书长")
    values = {"application": [stays.pk, gone.pk], "meeting": meeting.pk, "subject": "接纳两家", "ballot": "secret"}
    values |= {"votes_for": 1, "votes_against": 0, "abstentions": 0}
    page = f"{reverse('admin:alliance_application_decide')}?group={alliance.slug}:admission"
    assert f"{gone} 现为“退回补正”。未作任何登记。" in general.post(page, values).text
    assert not alliance.decisions.exists()
    done = general.post(page, values | {"application": [stays.pk], "on": "2021-06-30"}, follow=True)
    assert alliance.decisions.get().applications.get() == stays
    assert "生效日期2021-06-30早于作出决议的会议（2021-07-01）" in done.text


def test_the_day_that_a_meeting_has_decided_on_is_not_typed_again(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, admission_body="assembly", two_persons=True)
    factories.membership(factories.member(alliance))
    meeting = factories.meeting(alliance, body="assembly")
    meeting.attendance.update(present=True)
    one = factories.application(alliance, state="to_decide")
    deciding.decide(meeting, [one], None, meeting.held_on, subject="接纳", votes_for=1)
    secretariat = client("秘书处")
    shown = secretariat.get(reverse("admin:alliance_application_change", args=[one.pk]))
    forms = {step.name: form for step, form in shown.context["steps"]}
    assert {*forms} == {"confirm", "reject"}
    assert forms["confirm"].fields["on"].disabled
    step = reverse("admin:alliance_application_step", args=[one.pk, "confirm"])
    secretariat.post(step, {"seen": "to_decide", "confirm-on": "2030-01-01"})
    one.refresh_from_db()
    assert (one.state, one.effective_on) == ("passed", meeting.held_on)


def _step(name: str) -> Any:
    from alliance.applications.transitions import TRANSITIONS

    return TRANSITIONS[name]


def test_member_and_organization_show_what_the_membership_came_from(alliance: Alliance) -> None:
    one = factories.application(alliance, state="to_decide")
    deciding.confirm(one, factories.superuser(), datetime.date(2021, 7, 1))
    membership = Membership.objects.get()
    link = reverse("admin:alliance_application_change", args=[one.pk])
    member_page = reverse("admin:alliance_member_change", args=[membership.member_id])
    organization_page = reverse("admin:registry_enterprise_page", args=[one.organization_id])
    assert link in client("秘书处").get(member_page).text
    assert link in client("秘书处").get(organization_page).text
    assert link not in client("查询员").get(member_page).text


def test_the_subject_of_a_decision_is_for_who_may_see_decisions(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, admission_body="assembly")
    factories.membership(factories.member(alliance))
    meeting = factories.meeting(alliance, body="assembly")
    meeting.attendance.update(present=True)
    one = factories.application(alliance, state="to_decide")
    decision = deciding.decide(meeting, [one], None, meeting.held_on, subject="虚构的机密议题", votes_for=1)
    own = reverse("admin:alliance_application_change", args=[one.pk])
    member = reverse("admin:alliance_member_change", args=[one.organization.alliance_members.get().pk])
    record = f"/api/v1/organizations/{one.organization.registry_no}/history/"
    files = [f"/api/v1/{name}?format=csv" for name in ("memberships/", f"alliances/{alliance.slug}/members/")]
    for role, addresses in {"录入员": [own, member, record, *files], "查询员": [member, record, *files]}.items():
        account = client(role)
        for address in addresses:
            answer = account.get(address)
            text = b"".join(answer).decode() if answer.streaming else answer.text
            assert answer.status_code == 200
            assert decision.subject not in text, (role, address)
            assert address in (member, files[1]) or decision.reference() in text, (role, address)
    assert decision.subject in client("秘书长").get(own).text


def test_a_representative_is_for_who_may_see_representatives(alliance: Alliance) -> None:
    member = factories.membership(factories.member(alliance)).member
    one = factories.application(alliance, member.organization, kind="representative", state="to_decide")
    deciding.confirm(one, factories.superuser(), datetime.date(2021, 7, 1), representative={"name": "虚构新代表"})
    own = reverse("admin:alliance_application_change", args=[one.pk])
    for role in ("录入员", "审核员"):
        text = client(role).get(own).text
        assert "虚构新代表" not in text, role
        assert f"：#{Application.objects.get().representative_id}<" in text


def test_the_forms_of_direct_entry_lead_to_applications_where_the_alliance_asks_for_them(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, direct_entry=False)
    answer = client("秘书处").post(
        reverse("admin:alliance_member_admit"),
        {
            "alliance": alliance.pk,
            "organization": factories.enterprise().pk,
            "tier": alliance.tiers.get().pk,
            "on": "2021-07-01",
        },
    )
    assert "须经申请办理" in str(answer.context["form"].non_field_errors())
    assert not Membership.objects.exists()


def test_form_of_a_correction_leads_to_applications_for_a_tier_and_takes_the_rest(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, direct_entry=False)
    held = factories.membership(factories.member(alliance))
    other = factories.tier(alliance, "other", rank=9)
    address = reverse("admin:alliance_member_correct", args=[held.pk])
    values = {"admitted_on": held.admitted_on, "remarks": "更正", "reason": "录错"}
    answer = client("秘书处").post(address, values | {"tier": other.pk})
    assert "须经申请办理" in str(answer.context["form"].non_field_errors())
    held.refresh_from_db()
    assert (held.tier_id == other.pk, held.remarks) == (False, "")
    assert client("秘书处").post(address, values | {"tier": held.tier_id}).status_code == 302
    held.refresh_from_db()
    assert held.remarks == "更正"


def test_only_the_end_of_an_organization_that_is_gone_is_entered_directly(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, direct_entry=False)
    gone, there = (factories.membership(factories.member(alliance)).member for _number in range(2))
    Organization.objects.filter(pk=gone.organization_id).update(registration_status="revoked")
    office = client("秘书处")
    for member in (there, gone):
        address = reverse("admin:alliance_member_end", args=[member.pk])
        page = office.get(address)
        assert "这是既成事实，无须表决" in page.text
        assert [value for value, _label in page.context["form"].fields["reason"].choices] == [
            "",
            "dissolution",
            "succession",
        ]
        answer = office.post(address, {"on": "2022-07-01", "reason": "dissolution"})
        assert (answer.status_code == 302) == (member is gone)
        if member is there:
            assert "名录中该单位仍存续" in str(answer.context["form"].errors)
    assert gone.memberships.get().end_reason == "dissolution"
    assert there.memberships.open().exists()
    bulk = {"action": "end", "_selected_action": [there.pk], "step": "show", "reason": "理事会决议"}
    bulk |= {"on": "2022-07-01", "end_reason": "lapse"}
    answer = office.post(reverse("admin:alliance_member_changelist"), bulk)
    assert "自动退会和除名须经申请办理" in answer.text
    assert there.memberships.open().exists()


@pytest.mark.parametrize("many", [2, 6])
def test_list_and_page_need_as_many_queries_for_many(
    alliance: Alliance, many: int, django_assert_max_num_queries: Any
) -> None:
    for _number in range(many):
        one = factories.application(alliance, state="to_decide")
    office = client("秘书处")
    with django_assert_max_num_queries(40):
        office.get(reverse("admin:alliance_application_changelist"))
    with django_assert_max_num_queries(40):
        office.get(reverse("admin:alliance_application_change", args=[one.pk]))
