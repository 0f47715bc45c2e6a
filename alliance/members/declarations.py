"""Declares memberships to the registry: their import, mergers, retention, and columns that show persons."""

from functools import partial

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from alliance.members.columns import MEMBERSHIP_COLUMNS
from alliance.members.imports.table import MEMBERSHIPS
from alliance.members.models import Representative
from alliance.members.operations import merging
from registry.erasure import processing
from registry.imports import import_tables
from registry.retention import kinds
from registry.retention.kinds import RetentionKind
from registry.retention.persons import clear_ended

_REPRESENTATIVES = RetentionKind(
    "representatives",
    _("Representatives who no longer act for their member"),
    lambda: settings.KEEP_DAYS["representatives"],
    _("As long as votes and decisions of their time are asked about (PIPL, article 19)"),
    partial(clear_ended, Representative, Representative.personal, "valid_to"),
    "REGISTRY_ENDED_REPRESENTATIVE_DAYS",
)


def declare() -> None:
    import_tables.add(MEMBERSHIPS)
    merging.declare()
    kinds.add(_REPRESENTATIVES)
    processing.add_columns(lambda: MEMBERSHIP_COLUMNS)
