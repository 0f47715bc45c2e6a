"""Lists of meetings and decisions that are exported can be imported again and change nothing."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.meetings import calling, columns
from alliance.meetings.choices import Ballot, Body, FormOfMeeting, Matter
from alliance.meetings.imports.decisions import DecisionImport
from alliance.meetings.imports.meetings import MeetingImport
from alliance.models import Attendance, Decision, Meeting, VotingRule
from tests import factories
from tests.round_trip import assert_round_trip, assert_unchanged, export, names, texts

pytestmark = pytest.mark.django_db
TABLES = {MeetingImport: columns.MEETING_COLUMNS, DecisionImport: columns.DECISION_COLUMNS}
ROWS = st.lists(
    st.tuples(
        names,
        texts,
        st.sampled_from(Body.values),
        st.sampled_from(FormOfMeeting.values),
        st.sampled_from(Ballot.values),
        st.sampled_from(Matter.values),
    ),
    min_size=2,
    max_size=4,
)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_exported_lists_import_without_change(tmp_path, kind, language, rows):
    with transaction.atomic():
        fill(rows)
        assert_round_trip(tmp_path, kind, language, TABLES)
        transaction.set_rollback(True)


def fill(rows):
    """Two meetings of each row, within a term and without one, with typed numbers and with ticks; what they decided."""
    alliance = factories.alliance("test", legal_person=True)
    term = factories.term(alliance, "2019-01-01")
    tier = factories.tier(alliance, "council", in_council=True, in_standing_council=True)
    members = [factories.membership(factories.member(alliance), "2018-01-01", tier=tier).member for _row in range(3)]
    for number, (subject, place, body, form, ballot, matter) in enumerate(rows, 1):
        ticked = factories.meeting(
            alliance, "2020-05-01", body=body, form=form, place=place[:200], term=term, number=number
        )
        calling.sign_in(ticked, {member.pk: "" for member in members})
        typed = factories.meeting(
            alliance,
            "2020-06-01" if number % 2 else "2024-06-01",  # one within a term that its record leaves out
            body=body,
            number=number,
            entitled=30,
            entitled_reason=subject[:300],
            attended=number,
            attended_reason=f"据{subject}"[:300],
        )
        values = {"ballot": ballot, "matter": matter}
        factories.decision(ticked, subject=subject, votes_for=2, abstentions=1, **values)
        factories.decision(typed, subject=f"{subject}二", votes_for=number, override_reason=subject[:300], **values)
    assert Meeting.objects.count() == Decision.objects.count() == 2 * len(rows)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_decision_comes_back_with_the_rule_by_which_it_was_taken(tmp_path, language):
    """Also where the alliance has another rule by now."""
    alliance = factories.alliance("test", legal_person=True)
    meetings = [factories.meeting(alliance, attended=0, attended_reason="虚构") for _row in range(4)]
    members = [factories.membership(factories.member(alliance), "2018-01-01").member for _row in range(4)]
    rules = [(2, 3, 2, 3, False), (1, 2, 1, 2, True), (None, None, None, None, False), (None, None, 3, 4, True)]
    for meeting, rule in zip(meetings, rules, strict=True):
        Meeting.objects.filter(pk=meeting.pk).update(called=4, attended=None, attended_reason="", body="assembly")
        Attendance.objects.bulk_create(
            Attendance(alliance=alliance, meeting=meeting, member=member, present=True) for member in members
        )
        VotingRule.objects.filter(alliance=alliance).delete()
        factories.voting_rule(alliance, "assembly", **dict(zip(VotingRule.SHARES, rule, strict=True)))
        factories.decision(meeting, votes_for=4)
    path = export(tmp_path / "decisions.csv", language, Decision.objects.order_by("id"), columns.DECISION_COLUMNS)
    assert_unchanged(path, DecisionImport(slug="test"), 4)
    Decision.objects.all().delete()
    report = DecisionImport(slug="test").run(path, apply=True)
    report.table.close()
    assert report.summary == "new 4, changed 0, unchanged 0, refused 0", report.problems
    assert list(Decision.objects.order_by("meeting__number").values_list(*Decision.SHARES)) == rules
