"""Declares of alliances what taking back and reading the past need.

What they did is taken back by their own operations, which keep the rules of memberships.
"""

from django.utils.translation import gettext_lazy as _

from alliance.models import (
    Alliance,
    Application,
    ApplicationAttachment,
    Attendance,
    Certificate,
    Decision,
    Due,
    Meeting,
    Member,
    Membership,
    Payment,
    Seat,
    Suspension,
    Term,
)
from registry.history import past
from registry.workplace.undo import ways
from registry.workplace.undo.ways import Way

_OF_ALLIANCES = ("alliance", "member__alliance", "application__alliance", "duesclass__alliance")
"""The paths by which tables belong to an alliance."""
_MEMBERS = "admin:alliance_member_changelist"
_MEMBERSHIP = Way(
    _(
        "Memberships are put right by their own operations, which check days, tiers and suspensions: on the page of "
        "the member by “Correct”, or an end by “Cancel the end”."
    ),
    _MEMBERS,
)
_TERM = Way(
    _("A change of council is undone on the page of its term, and a term is put right there."),
    "admin:alliance_term_changelist",
)
_DECISION = Way(
    _("A decision is put right on its own page, with a reason, as long as nothing has taken effect by it."),
    "admin:alliance_decision_changelist",
)
_MEETING = Way(
    _("A meeting, and who was called and present, is put right on the page of the meeting."),
    "admin:alliance_meeting_changelist",
)
_APPLICATION = Way(
    _("An application goes on, back or out by its own steps, on its page."), "admin:alliance_application_changelist"
)
_DUES = Way(
    _("Dues are taken back for a whole year, and payments put right on their pages."), "admin:alliance_due_changelist"
)


def declare() -> None:
    past.ROOTS[Alliance] = _OF_ALLIANCES
    ways.OPERATIONS |= {"change_council": _TERM, "undo_change_council": _TERM, "correct_decision": _DECISION}
    ways.TABLES |= {
        Member: _MEMBERSHIP,
        Membership: _MEMBERSHIP,
        Suspension: Way(
            _("A suspension is ended or put right on the page of the member, within its membership."), _MEMBERS
        ),
        Term: _TERM,
        Decision: _DECISION,
        Meeting: _MEETING,
        Attendance: _MEETING,
        Application: _APPLICATION,
        ApplicationAttachment: _APPLICATION,
        Due: _DUES,
        Payment: _DUES,
        Certificate: Way(
            _("A certificate that was handed out is revoked and issued anew on its page."),
            "admin:alliance_certificate_changelist",
        ),
        Seat: Way(_("A seat is put right on the page of its group."), "admin:alliance_group_changelist"),
    }
