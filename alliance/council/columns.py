"""The columns of terms, groups, seats and office holders."""

from django.utils.translation import pgettext_lazy as _p

from alliance.models import Group, OfficeHolder, Seat, Term
from registry.api.json_schema import NULLABLE_TEXT
from registry.columns import Column, choice_column, date_column, field_column, field_columns, text_column

TERM_COLUMNS: tuple[Column, ...] = field_columns(
    Term, "number", "begins_on", "ends_on", "postponed_until", "approval_no"
)

GROUP_COLUMNS: tuple[Column, ...] = (
    field_column(Group, "id", in_file=False),
    *field_columns(Group, "name_zh", "name_en"),
    choice_column("kind", _p("column", "Kind of group"), Group.Kind),
    *field_columns(Group, "founded_on", "dissolved_on"),
)

_GROUP = text_column(
    "group", _p("column", "Group of the alliance"), expression="group__name_zh", schema=NULLABLE_TEXT, width=28
)
_MEMBER = (
    text_column("member_no", _p("column", "Member number"), expression="member__member_no", schema=NULLABLE_TEXT),
    text_column(
        "registry_no",
        _p("column", "Registry number"),
        expression="member__organization__registry_no",
        schema=NULLABLE_TEXT,
    ),
    text_column(
        "name_zh",
        _p("column", "Organization name"),
        expression="member__organization__name_zh",
        schema=NULLABLE_TEXT,
        width=36,
    ),
    text_column(
        "name_en",
        _p("column", "English name"),
        expression="member__organization__name_en",
        schema=NULLABLE_TEXT,
        width=36,
    ),
)
_PERIOD = (
    date_column("begins_on", _p("column", "In office from")),
    date_column("ends_on", _p("column", "In office until")),
)

SEAT_COLUMNS: tuple[Column, ...] = (
    field_column(Seat, "id", in_file=False),
    _GROUP,
    choice_column("kind", _p("column", "Kind of group"), Group.Kind, expression="group__kind"),
    choice_column("role", _p("column", "Role in the group"), Seat.Role, width=16),
    *_MEMBER,
    *_PERIOD,
)

OFFICE_HOLDER_COLUMNS: tuple[Column, ...] = (
    field_column(OfficeHolder, "id", in_file=False),
    choice_column("office", _p("column", "Office"), OfficeHolder.Office, width=16),
    _GROUP,
    text_column("name", _p("column", "Person's name")),
    text_column("title", _p("column", "Job title")),
    *_MEMBER,
    *_PERIOD,
)
"""Personal information: the list needs the permission to view office holders."""
