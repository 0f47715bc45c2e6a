"""Registers meetings and decisions as tables that files can be imported into."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from alliance.council.imports.tables import council_table
from alliance.meetings.imports.decisions import DecisionImport
from alliance.meetings.imports.meetings import MeetingImport

MEETINGS = council_table(
    MeetingImport,
    _("Meetings"),
    _("Meetings of the bodies of an alliance from old minutes: body, term, number, day, called and present"),
)
DECISIONS = replace(
    council_table(
        DecisionImport,
        _("Decisions"),
        _("What meetings decided, from old minutes: a record, by which nothing takes effect"),
    ),
    permissions=("alliance.record_decision",),
)
