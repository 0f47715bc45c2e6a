"""The columns of meetings, attendance, decisions and rules."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import pgettext_lazy as _p

from alliance.models import AllianceRules, Attendance, Decision, Meeting, VotingRule
from registry.api.json_schema import INTEGER, NULLABLE_TEXT
from registry.columns import Column, date_column, field_column, field_columns, text_column

_NULLABLE_NUMBER = {"type": ["integer", "null"]}


def _present_count(reference: str) -> Coalesce:
    """Return how many were present: the typed number, else the ticks."""
    ticks = Attendance.objects.filter(meeting=OuterRef(reference), present=True).order_by()
    counted = Subquery(ticks.values("meeting").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return Coalesce("attended", counted, 0)


MEETING_COLUMNS: tuple[Column, ...] = (
    field_column(Meeting, "id", in_file=False),
    field_column(Meeting, "body", width=16),
    field_column(Meeting, "of_representatives", in_file=False),
    text_column("term", _p("column", "Term"), expression="term__number", schema=_NULLABLE_NUMBER, width=8),
    field_column(Meeting, "number", width=10),
    field_column(Meeting, "held_on"),
    field_column(Meeting, "form"),
    field_column(Meeting, "place", width=24),
    field_column(Meeting, "called", in_file=False),
    text_column(
        "number_called",
        _p("column", "Number called"),
        expression=Coalesce("entitled", "called"),
        schema=INTEGER,
        width=8,
    ),
    field_column(Meeting, "entitled", in_file=False),
    field_column(Meeting, "entitled_reason", width=24),
    text_column(
        "number_present", _p("column", "Number present"), expression=_present_count("pk"), schema=INTEGER, width=8
    ),
    field_column(Meeting, "attended", in_file=False),
    field_column(Meeting, "attended_reason", width=24),
)

_MEETING: tuple[Column, ...] = (
    field_column(Meeting, "body", expression="meeting__body", width=16),
    text_column("term", _p("column", "Term"), expression="meeting__term__number", schema=_NULLABLE_NUMBER, width=8),
    text_column(
        "meeting_number", _p("column", "Number of the meeting"), expression="meeting__number", schema=INTEGER, width=10
    ),
    date_column("held_on", _p("column", "Held on"), expression="meeting__held_on"),
)


def _meeting_id(model: Any) -> Column:
    label = model._meta.get_field("meeting").verbose_name
    return text_column("meeting", label, expression="meeting_id", schema=INTEGER, in_file=False)


ATTENDANCE_COLUMNS: tuple[Column, ...] = (
    field_column(Attendance, "id", in_file=False),
    _meeting_id(Attendance),
    *_MEETING,
    text_column("member_no", _p("column", "Member number"), expression="member__member_no"),
    text_column(
        "registry_no", _p("column", "Registry number"), expression="member__organization__registry_no", in_file=False
    ),
    text_column(
        "name_zh",
        _p("column", "Organization name"),
        expression="member__organization__name_zh",
        schema=NULLABLE_TEXT,
        width=36,
    ),
    field_column(Attendance, "present", width=8),
    field_column(Attendance, "proxy", width=24),
)

DECISION_COLUMNS: tuple[Column, ...] = (
    field_column(Decision, "id", in_file=False),
    _meeting_id(Decision),
    *_MEETING,
    field_column(Decision, "number", width=10),
    field_column(Decision, "subject", width=48),
    field_column(Decision, "matter"),
    field_column(Decision, "ballot"),
    *field_columns(Decision, "entitled", "present", "votes_for", "votes_against", "abstentions", "passed"),
    *(field_column(Decision, name, in_file=False) for name in Decision.SHARES),
    field_column(Decision, "override_reason", width=36),
    text_column("document", _p("column", "Document"), expression="document__name", schema=NULLABLE_TEXT, width=24),
)

VOTING_RULE_COLUMNS: tuple[Column, ...] = (
    field_column(VotingRule, "id", in_file=False),
    *field_columns(VotingRule, "body", *VotingRule.SHARES),
)

ALLIANCE_RULES_COLUMNS: tuple[Column, ...] = (
    field_column(AllianceRules, "id", in_file=False),
    *field_columns(
        AllianceRules,
        "delegates",
        "admission_body",
        "tier_change_body",
        "expulsion_body",
        "two_persons",
        "direct_entry",
        "unpaid_years",
        "absence_counts",
    ),
)
