"""How long the alliance keeps who held an office."""

from functools import partial

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from alliance.council.models import OfficeHolder
from registry.retention.kinds import RetentionKind, add
from registry.retention.persons import clear_ended


def declare() -> None:
    add(
        RetentionKind(
            "office-holders",
            _("Persons who no longer hold an office of the alliance"),
            lambda: settings.KEEP_DAYS["office_holders"],
            _("Who led the alliance belongs to its archive (Archives Law, article 13)"),
            partial(clear_ended, OfficeHolder, OfficeHolder.personal, "ends_on"),
            "REGISTRY_ENDED_OFFICE_DAYS",
        )
    )
