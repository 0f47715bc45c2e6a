"""Every named constraint of meetings, decisions and rules, broken in a form and in the database."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from alliance.models import AllianceRules, Attendance, Decision, Meeting, Term, VotingRule
from tests import factories
from tests.constraints import Breaker, assert_database_refuses, assert_form_refuses, insert

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 7, 1)


def meeting(**fields) -> Meeting:
    values = {"alliance": factories.alliance(), "number": 9, "held_on": DAY, "called": 5}
    return Meeting(**values | fields)


def second_meeting() -> Meeting:
    return meeting(number=factories.meeting(held_on="2020-07-01").number)


def attendance(**fields) -> Attendance:
    member, of = factories.membership().member, factories.meeting(body="standing_council")
    return Attendance(**{"alliance": of.alliance, "meeting": of, "member": member} | fields)


def second_attendance() -> Attendance:
    member = factories.membership().member
    of = factories.meeting(body="assembly")
    return Attendance(alliance=of.alliance, meeting=of, member=member)


def decision(**fields) -> Decision:
    of = factories.meeting()
    values = {"number": 9, "subject": "虚构事项", "entitled": 9, "present": 6, "votes_for": 6}
    return Decision(**{"alliance": of.alliance, "meeting": of} | values | fields)


def second_decision() -> Decision:
    first = factories.decision()
    return decision(meeting=first.meeting, number=first.number)


def rule(**fields) -> VotingRule:
    return VotingRule(**{"alliance": factories.alliance(), "body": "council"} | fields)


def second_rule() -> VotingRule:
    rule().save()
    return rule()


BREAKERS: dict[str, Breaker] = {
    "meeting_number_unique_in_term": second_meeting,
    "meeting_representatives_in_assembly": lambda: meeting(of_representatives=True),
    "meeting_entitled_with_reason": lambda: meeting(entitled=4),
    "meeting_attended_with_reason": lambda: meeting(attended=4),
    "meeting_attended_at_most_called": lambda: meeting(attended=6, attended_reason="会议纪要"),
    "attendance_once": second_attendance,
    "attendance_proxy_is_present": lambda: attendance(proxy="虚构某"),
    "decision_number_unique_in_meeting": second_decision,
    "decision_quorum_share": lambda: decision(quorum_numerator=3, quorum_denominator=2, override_reason="台风"),
    "decision_majority_share": lambda: decision(majority_numerator=1),
    "decision_present_at_most_called": lambda: decision(entitled=5),
    "decision_votes_at_most_present": lambda: decision(votes_against=1),
    "decision_quorum_or_reason": lambda: decision(quorum_numerator=3, quorum_denominator=4),
    "voting_rule_once": second_rule,
    "voting_rule_quorum_share": lambda: rule(quorum_denominator=3),
    "voting_rule_majority_share": lambda: rule(majority_numerator=3, majority_denominator=2),
    "alliance_rules_years_positive": lambda: AllianceRules(alliance=factories.alliance(), unpaid_years=0),
}


@pytest.mark.parametrize("name", BREAKERS)
def test_form_refuses_what_breaks(name):
    assert_form_refuses(BREAKERS[name](), name)


@pytest.mark.parametrize("name", BREAKERS)
def test_database_refuses_what_breaks(name):
    row = BREAKERS[name]()
    assert_database_refuses(lambda: insert(row), name)


@pytest.mark.parametrize(("held_on", "inside"), [("2018-12-31", False), ("2019-01-01", True), ("2024-01-01", False)])
def test_a_meeting_lies_within_its_term_whatever_writes(held_on, inside):
    term = factories.term(begins_on="2019-01-01")
    row = meeting(term=term, held_on=datetime.date.fromisoformat(held_on))
    if inside:
        row.full_clean()
    else:
        with pytest.raises(ValidationError, match="不在任期内"):
            row.full_clean()
    assert refused_at_the_end(lambda: insert(row)) == ("" if inside else "meeting_within_term")


def test_a_term_is_not_shortened_before_its_meetings():
    term = factories.term(begins_on="2019-01-01")
    factories.meeting(term=term)
    shorter = Term.objects.filter(pk=term.pk)
    assert refused_at_the_end(lambda: shorter.update(ends_on=DAY)) == "meeting_within_term"
    assert refused_at_the_end(lambda: shorter.update(ends_on=DAY + datetime.timedelta(days=1))) == ""


def test_term_members_and_decisions_are_of_the_alliance_of_the_meeting():
    other = factories.alliance("other")
    term = factories.term(other, begins_on="2019-01-01")
    with pytest.raises(ValidationError, match="另一个联盟"):
        meeting(term=term).full_clean()
    assert refused_at_the_end(lambda: insert(meeting(term=term))) == "meeting_term_of_alliance"
    stranger = factories.member(other)
    row = attendance(member=stranger)
    assert refused_at_the_end(lambda: insert(row)) == "attendance_member_of_alliance"
    row = attendance(alliance=other, member=stranger)
    assert refused_at_the_end(lambda: insert(row)) == "attendance_meeting_of_alliance"
    row = decision(alliance=other)
    assert refused_at_the_end(lambda: insert(row)) == "decision_meeting_of_alliance"


def refused_at_the_end(write) -> str:
    """Return the name of the constraint by which the database refuses at the end of the transaction; empty if none."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            write()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name
    return ""
