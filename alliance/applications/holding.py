"""What applications declare to the registry: who opens their attachments, and the words of the history."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.models import Application
from registry.attachments.holders import Holder, declare
from registry.disclosure.log import LONGEST, by_whom
from registry.disclosure.models import REVEAL, Disclosure, Receipt
from registry.duplicates import references
from registry.duplicates.rows import Rows
from registry.organizations.models.reach import within

OPERATIONS: dict[str, str | Promise] = {
    "enter_application": gettext_lazy("application entered"),
    "change_application": gettext_lazy("application completed"),
    "attach_to_application": gettext_lazy("files attached to an application"),
    "announce_application": gettext_lazy("application announced"),
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
    """Move with the organization. Two open ones of a kind stay two: that of the merged record stays there."""

    def sameness(self, row: Any) -> tuple[object, ...]:
        return (row.alliance_id, row.kind) if row.is_open else (row.pk,)

    def text(self, row: Any) -> str:
        said = {"alliance": row.alliance, "kind": row.kind_name(), "state": row.get_state_display()}
        return _("%(alliance)s: %(kind)s, %(state)s") % said


def declare_all() -> None:
    """Tell the registry what applications hold: scans that name people, and a foreign key to organizations."""
    references.declare(Applications(Application, same=("alliance", "kind")))
    declare(
        Holder(
            Application,
            "attachments",
            ("alliance.view_application", REVEAL),
            visible=lambda user: within(user, lambda field: f"organization__{field}"),
            opened=log_opened,
            personal=True,
        )
    )
