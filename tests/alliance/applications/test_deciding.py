"""From the draft to the membership: by a decision of the body that the rules name, or by a second person."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from alliance.applications import deciding, operations
from alliance.applications.models import Application, ApplicationState
from alliance.applications.transitions import ACCEPT, SEND_BACK, SUBMIT, WITHDRAW
from alliance.members.operations import actions
from alliance.members.operations.succession import succeed
from alliance.models import Alliance, Decision, Meeting, Member
from registry.database.db_errors import Conflict
from registry.models import Organization
from tests import factories
from tests.registry.attachments.files import upload

pytestmark = pytest.mark.django_db
D = datetime.date
DAY = D(2021, 7, 1)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def alliance() -> Alliance:
    """Registered: its council of three decides on admissions, two of whom must be present."""
    made = factories.alliance(legal_person=True)
    high = factories.tier(made, "vice_chair", rank=1, in_council=True)
    factories.tier(made, "member", rank=2)
    for _number in range(3):
        factories.membership(factories.member(made), tier=high)
    return made


def council(of: Alliance, present: int = 3) -> Meeting:
    meeting = factories.meeting(of, body="council")
    for row in meeting.attendance.order_by("pk")[:present]:
        row.present = True
        row.save()
    return meeting


def waiting(of: Alliance, **fields: Any) -> Application:
    values: dict[str, Any] = {"entered_by": factories.user(), "state": "to_decide"} | fields
    return factories.application(of, **values)


def test_an_application_becomes_a_member_by_a_decision(reference: None, alliance: Alliance) -> None:
    clerk, general = factories.with_role("秘书处"), factories.with_role("秘书长")
    tier = alliance.tiers.get(code="member")
    draft = Application(
        alliance=alliance, organization=factories.enterprise(), kind="admission", tier=tier, applied_on=D(2021, 6, 1)
    )
    draft = operations.enter(draft, clerk, [upload()])
    assert draft.attachments.get().name == "入会申请书.pdf"
    operations.act(draft, SUBMIT, clerk)
    operations.act(draft, SEND_BACK, clerk, reason="缺营业执照")
    draft.refresh_from_db()
    assert (draft.state, draft.answer) == ("returned", "缺营业执照")
    operations.act(operations.change(draft, clerk, [upload("营业执照.pdf")], remarks="已补"), SUBMIT, clerk)
    operations.act(draft, ACCEPT, clerk, seen="submitted")
    with pytest.raises(PermissionDenied):
        deciding.decide(council(alliance), [draft], clerk, DAY, subject="接纳", votes_for=3)
    decision = deciding.decide(council(alliance), [draft], general, DAY, subject="关于接纳新会员的决议", votes_for=3)
    draft.refresh_from_db()
    assert (draft.state, draft.decision, draft.effective_on) == ("passed", decision, DAY)
    assert decision.matter == "admission"
    assert draft.membership
    assert draft.membership.tier == tier
    assert draft.membership.remarks == decision.reference()
    assert list(draft.membership.applications.all()) == [draft]
    said = draft.events.latest("pgh_id").pgh_context.metadata
    assert (said["operation"], said["user"]) == ("decide_applications", general.pk)


def test_votes_that_are_not_enough_reject_it_and_too_few_present_record_nothing(alliance: Alliance) -> None:
    one, other = waiting(alliance), waiting(alliance)
    general = factories.superuser()
    with pytest.raises(ValidationError, match="到会"):
        deciding.decide(council(alliance, 1), [one], general, DAY, subject="接纳", votes_for=1)
    assert not Decision.objects.exists()
    overridden = deciding.decide(
        council(alliance, 1), [one], general, DAY, subject="接纳", votes_for=1, override_reason="会后书面补签"
    )
    assert overridden.override_reason == "会后书面补签"
    deciding.decide(council(alliance), [other], general, DAY, subject="接纳", votes_for=1, votes_against=2)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, other.state, other.membership) == ("passed", "rejected", None)
    assert Member.objects.filter(organization=other.organization).count() == 0


def test_several_are_decided_at_once_or_none(alliance: Alliance) -> None:
    first, second = waiting(alliance), waiting(alliance)
    second.organization.registration_status = "deregistered"
    second.organization.save()
    meeting = council(alliance)
    with pytest.raises(ValidationError) as refused:
        deciding.decide(meeting, [first, second], None, DAY, subject="接纳两家", votes_for=3)
    (why,) = refused.value.messages
    assert why.startswith(f"{second}：该单位登记状态为")
    assert not Decision.objects.exists()
    first.refresh_from_db()
    assert first.state == "to_decide"
    second.organization.registration_status = "active"
    second.organization.save()
    deciding.decide(meeting, [first, second], None, DAY, subject="接纳两家", votes_for=3)
    assert {one.state for one in Application.objects.all()} == {"passed"}


@pytest.mark.parametrize("case", ["other body", "other alliance", "two kinds", "decided already", "none"])
def test_what_a_meeting_may_not_decide(alliance: Alliance, case: str) -> None:
    one, meeting = waiting(alliance), council(alliance)
    chosen = [one]
    if case == "other body":
        meeting = factories.meeting(alliance, body="assembly")
    elif case == "other alliance":
        meeting = factories.meeting(factories.alliance("other", legal_person=True), body="council")
    elif case == "two kinds":
        member = Member.objects.filter(alliance=alliance).first()
        chosen.append(waiting(alliance, kind="tier_change", organization=member and member.organization))
    elif case == "decided already":
        deciding.decide(meeting, chosen, None, DAY, subject="接纳", votes_for=3)
    else:
        chosen = []
    with pytest.raises(ValidationError) as refused:
        deciding.decide(meeting, chosen, None, DAY, subject="接纳", votes_for=0)
    assert isinstance(refused.value, Conflict) == (case == "decided already")


def test_where_no_body_decides_a_second_person_confirms(reference: None) -> None:
    alliance = factories.alliance(legal_person=False)
    clerk, other = factories.with_role("秘书处"), factories.with_role("秘书处")
    one = waiting(alliance, entered_by=clerk, submitted_by=clerk)
    with pytest.raises(ValidationError, match="第二人"):
        deciding.confirm(one, clerk, DAY)
    with pytest.raises(PermissionDenied):
        deciding.confirm(one, factories.with_role("录入员"), DAY)
    with pytest.raises(ValidationError):
        deciding.decide(factories.meeting(alliance), [one], None, DAY, subject="接纳", votes_for=0)
    made = deciding.confirm(one, other, DAY, seen="to_decide")
    assert made.membership
    assert made.membership.admitted_on == DAY
    assert (made.confirmed_by, made.decision, made.state) == (other, None, "passed")
    with pytest.raises(Conflict, match="已通过"):
        deciding.confirm(one, other, DAY)


def test_two_persons_in_any_case_keep_a_decision_waiting(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, admission_body="council", two_persons=True)
    general, other = factories.superuser(), factories.superuser()
    one = waiting(alliance)
    decision = deciding.decide(council(alliance), [one], general, DAY, subject="接纳", votes_for=3)
    one.refresh_from_db()
    assert (one.state, one.decision, one.membership) == ("to_decide", decision, None)
    with pytest.raises(Conflict):
        deciding.decide(council(alliance), [one], general, DAY, subject="再次", votes_for=3)
    with pytest.raises(Conflict):
        operations.act(one, WITHDRAW, general)
    with pytest.raises(ValidationError, match="决议由您登记"):
        deciding.confirm(one, general, DAY)
    with pytest.raises(ValidationError, match="2021-07-01") as refused:  # the meeting has decided on the day, too
        deciding.confirm(one, other, D(2022, 1, 1))
    assert [*refused.value.message_dict] == ["on"]
    assert deciding.confirm(one, other, DAY).effective_on == DAY


def test_the_second_person_may_not_pass_what_a_body_has_decided(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, admission_body="council", two_persons=True)
    general, other = factories.superuser(), factories.superuser()
    one = waiting(alliance)
    decision = deciding.decide(council(alliance), [one], general, DAY, subject="接纳", votes_for=3)
    one.organization.registration_status = "deregistered"
    one.organization.save()
    with pytest.raises(ValidationError):
        deciding.confirm(one, other, DAY)
    with pytest.raises(ValidationError, match="决议由您登记"):
        deciding.reject(one, general, "单位已注销")
    made = deciding.reject(one, other, "单位已注销")
    assert (made.state, made.answer, made.effective_on, made.decision) == ("rejected", "单位已注销", None, decision)
    waiting(alliance, organization=one.organization)  # it may apply anew


def test_a_body_decides_and_no_person_confirms_or_rejects_instead(alliance: Alliance) -> None:
    one = waiting(alliance)
    for refused in (
        lambda: deciding.confirm(one, factories.superuser(), DAY),
        lambda: deciding.reject(one, factories.superuser(), "不符"),
    ):
        with pytest.raises(ValidationError, match="理事会"):
            refused()


def test_rejected_by_a_person_with_the_reason() -> None:
    one = waiting(factories.alliance())
    with pytest.raises(ValidationError):
        deciding.reject(one, None, " ")
    assert deciding.reject(one, None, "不属于本行业").answer == "不属于本行业"


def test_withdrawal_ends_the_membership_and_expulsion_is_decided(alliance: Alliance) -> None:
    first, second, third = Member.objects.filter(alliance=alliance).order_by("pk")
    leaving = waiting(
        alliance, kind="withdrawal", organization=first.organization, notice_on=D(2021, 6, 2), certificate_returned=True
    )
    deciding.confirm(leaving, factories.superuser(), DAY)
    expelled = waiting(alliance, kind="expulsion", organization=second.organization)
    deciding.decide(council(alliance, 2), [expelled], None, D(2021, 8, 1), subject="除名", votes_for=2)
    ends = [(one.memberships.get().ended_on, one.memberships.get().end_reason) for one in (first, second, third)]
    assert ends == [(DAY, "withdrawal"), (D(2021, 8, 1), "expulsion"), (None, "")]


def test_change_of_representative_ends_the_one_before(alliance: Alliance) -> None:
    member = Member.objects.filter(alliance=alliance).first()
    assert member
    old = factories.representative(member, valid_from=None)
    clerk = factories.superuser()
    one = waiting(alliance, kind="representative", organization=member.organization, entered_by=clerk)
    made = deciding.confirm(one, clerk, DAY, representative={"name": "虚构新代表", "title": "总经理"})
    old.refresh_from_db()
    assert old.valid_to == DAY
    assert made.representative
    assert (made.representative.name, made.representative.valid_from) == ("虚构新代表", DAY)


def test_only_applications_change_memberships_where_the_alliance_says_so(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, admission_body="council", direct_entry=False)
    tier = alliance.tiers.get(code="member")
    member = Member.objects.filter(alliance=alliance).first()
    assert member
    for refused in (
        lambda: actions.admit(factories.enterprise(), alliance, tier, DAY),
        lambda: actions.change_tier(member, tier, DAY),
        lambda: actions.end(member, DAY, "expulsion"),
        lambda: actions.end(member, DAY, "withdrawal"),
        lambda: actions.end(member, DAY, "lapse"),
        lambda: actions.end(member, DAY, "dissolution"),
        lambda: actions.end(member, DAY, "succession"),
        lambda: actions.correct(member.memberships.get(), ended_on=DAY, end_reason="lapse", reason="录错"),
        lambda: succeed(member, factories.enterprise(), DAY),
    ):
        with pytest.raises(ValidationError, match="申请"):
            refused()
    one = waiting(alliance)
    deciding.decide(council(alliance), [one], None, DAY, subject="接纳", votes_for=3)
    one.refresh_from_db()
    assert one.state == ApplicationState.PASSED
    Organization.objects.filter(pk=member.organization_id).update(registration_status="deregistered")
    ended = actions.end(member, DAY, "dissolution")
    with pytest.raises(ValidationError, match="申请"):
        actions.correct(ended, end_reason="expulsion", reason="录错")


def test_correction_changes_no_tier_where_changes_go_by_application(alliance: Alliance) -> None:
    held = alliance.memberships.first()
    assert held
    tier, other = held.tier, factories.tier(alliance, "other", rank=9)
    rules = factories.alliance_rules(alliance, direct_entry=False)
    with pytest.raises(ValidationError, match="入会、级别调整、退会、自动退会和除名须经申请办理"):
        actions.correct(held, tier=other, reason="录错")
    held.refresh_from_db()
    assert held.tier == tier
    earlier = held.admitted_on - datetime.timedelta(days=1)
    actions.correct(held, tier=tier, admitted_on=earlier, remarks="更正", reason="录错")
    held.refresh_from_db()
    assert (held.admitted_on, held.remarks) == (earlier, "更正")
    rules.direct_entry = True
    rules.save()
    actions.correct(held, tier=other, reason="录错")
    held.refresh_from_db()
    assert held.tier == other


def test_merged_organization_ends_directly_and_its_successor_applies(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, direct_entry=False)
    first, second = Member.objects.filter(alliance=alliance)[:2]
    Organization.objects.filter(pk=first.organization_id).update(registration_status="merged")
    with pytest.raises(ValidationError, match="承继单位的入会或级别调整须经申请办理"):
        succeed(first, factories.enterprise(), DAY)
    assert first.memberships.open().exists()
    assert second.memberships.get().tier.rank <= first.memberships.get().tier.rank
    succeed(first, second.organization, DAY)  # who is a member at such a tier stays one
    assert first.memberships.get().end_reason == "succession"


def test_lapse_is_decided_by_the_body_that_decides_on_expulsion(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, expulsion_body="council", direct_entry=False)
    member = Member.objects.filter(alliance=alliance).first()
    assert member
    one = waiting(alliance, kind="lapse", organization=member.organization)
    with pytest.raises(ValidationError, match="理事会"):
        deciding.confirm(one, None, DAY)
    decision = deciding.decide(council(alliance), [one], None, DAY, subject="自动退会", votes_for=3)
    assert decision.matter == "withdrawal"
    ended = member.memberships.get()
    assert (ended.ended_on, ended.end_reason) == (DAY, "lapse")


def test_what_is_applied_for_must_be_possible(alliance: Alliance) -> None:
    member = Member.objects.filter(alliance=alliance).first()
    assert member
    for kind, organization in (("admission", member.organization), ("withdrawal", factories.enterprise())):
        draft = Application(alliance=alliance, organization=organization, kind=kind, applied_on=timezone.localdate())
        with pytest.raises(ValidationError) as refused:
            operations.enter(draft, None)
        assert "organization" in refused.value.message_dict


def test_a_certificate_handed_back_with_the_notice_ends_with_the_membership(
    reference: None, alliance: Alliance
) -> None:
    leaving, keeping = (factories.membership(factories.member(alliance), "2020-01-01") for _number in range(2))
    for held in (leaving, keeping):
        factories.certificate(held, issued_on="2020-01-01", valid_from="2020-01-01", valid_to="2024-01-01")
        notice = {"notice_on": D(2021, 6, 2), "certificate_returned": held is leaving}
        one = waiting(alliance, kind="withdrawal", organization=held.member.organization, **notice)
        deciding.confirm(one, factories.with_role("秘书处"), DAY)
    returned, kept = leaving.member.certificates.get(), keeping.member.certificates.get()
    assert (returned.ended_on, returned.end_kind, returned.returned_on) == (DAY, "withdrawn", DAY)
    assert (kept.ended_on, kept.returned_on) == (None, None)


def test_a_certificate_handed_back_holds_until_a_later_day_of_leaving(reference: None, alliance: Alliance) -> None:
    today = timezone.localdate()
    later = today + datetime.timedelta(days=30)
    leaving = factories.membership(factories.member(alliance), "2020-01-01")
    factories.certificate(leaving, issued_on="2020-01-01", valid_from="2020-01-01", valid_to=None)
    fields = {"notice_on": today, "applied_on": today, "certificate_returned": True}
    one = waiting(alliance, kind="withdrawal", organization=leaving.member.organization, **fields)
    deciding.confirm(one, factories.with_role("秘书处"), later)
    kept = leaving.member.certificates.get()
    assert (kept.ended_on, kept.returned_on) == (later, today)


def test_a_decision_before_the_end_of_the_announcement_is_told(alliance: Alliance) -> None:
    meeting, week = council(alliance), datetime.timedelta(days=7)
    late = waiting(alliance, announced_from=meeting.held_on - week, announced_until=meeting.held_on)
    early = waiting(alliance, announced_from=meeting.held_on, announced_until=meeting.held_on + week)
    deciding.decide(meeting, [late, early], None, meeting.held_on, subject="接纳", votes_for=3)
    for one in (late, early):
        one.refresh_from_db()
    assert deciding.still_announced(late) == ""
    assert "2021-07-07" in deciding.still_announced(early)
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    assert deciding.still_announced(waiting(alliance, announced_from=DAY, announced_until=tomorrow))
    assert not deciding.still_announced(waiting(alliance, announced_from=DAY, announced_until=timezone.localdate()))
