"""Lists of meetings and decisions that are exported can be imported again and change nothing."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.meetings import calling, columns
from alliance.meetings.choices import Ballot, Body, FormOfMeeting, Matter
from alliance.meetings.imports.decisions import DecisionImport
from alliance.meetings.imports.meetings import MeetingImport
from alliance.models import Decision, Meeting
from tests import factories
from tests.round_trip import assert_round_trip, names, texts

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
