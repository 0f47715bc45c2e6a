"""How long the alliance keeps persons who do not act for a member or hold an office any more."""

from functools import partial

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from alliance.members.models import Representative
from registry.retention.kinds import RetentionKind, add
from registry.retention.persons import clear_ended


def declare() -> None:
    add(
        RetentionKind(
            "representatives",
            _("Representatives who no longer act for their member"),
            lambda: settings.KEEP_DAYS["representatives"],
            _("As long as votes and decisions of their time are asked about (PIPL, article 19)"),
            partial(clear_ended, Representative, Representative.personal, "valid_to"),
            "REGISTRY_ENDED_REPRESENTATIVE_DAYS",
        )
    )
