"""Declares applications to the registry: their import, who opens attachments, and how the history names operations."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.applications.imports.table import APPLICATIONS
from alliance.models import Application
from registry.attachments import holders
from registry.disclosure.log import LONGEST, by_whom
from registry.disclosure.models import REVEAL, Disclosure, Receipt
from registry.duplicates import references
from registry.duplicates.rows import Rows
from registry.history.rendering import OPERATIONS
from registry.imports import import_tables
from registry.organizations.models.reach import within

_OPERATIONS: dict[str, str | Promise] = {
    "enter_application": gettext_lazy("application entered"),
    "change_application": gettext_lazy("application completed"),
    "submit_application": gettext_lazy("application submitted"),
    "send_back_application": gettext_lazy("application sent back"),
    "accept_application": gettext_lazy("application put to the decision"),
    "withdraw_application": gettext_lazy("application withdrawn"),
    "reject_application": gettext_lazy("application not passed"),
    "confirm_application": gettext_lazy("application confirmed"),
    "decide_applications": gettext_lazy("applications decided"),
}


def log_opened(request: HttpRequest, application: Application, receipt: Receipt) -> None:
    """Log that somebody saw the people of a form with their numbers in full."""
    organization = application.organization
    Disclosure.objects.create(
        what=Disclosure.What.REPRESENTATIVES,
        registry_no=organization.registry_no,
        name=str(organization)[:300],
        reason=_("attachment of an application")[:LONGEST],
        receipt=receipt,
        **by_whom(request),
    )


class Applications(Rows):
    """Move with the organization. Two open ones of a kind stay two: one of them stays with the merged record."""

    def sameness(self, row: Any) -> tuple[object, ...]:
        return (row.alliance_id, row.kind) if row.is_open else (row.pk,)

    def text(self, row: Any) -> str:
        said = {"alliance": row.alliance, "kind": row.kind_name(), "state": row.get_state_display()}
        return _("%(alliance)s: %(kind)s, %(state)s") % said


def declare() -> None:
    import_tables.add(APPLICATIONS)
    OPERATIONS.update(_OPERATIONS)
    references.declare(Applications(Application, same=("alliance", "kind")))
    holders.declare(
        holders.Holder(
            Application,
            "attachments",
            ("alliance.view_application", REVEAL),
            visible=lambda user: within(user, lambda field: f"organization__{field}"),
            opened=log_opened,
            personal=True,
        )
    )
