"""Adds to the start page the number of dues of which something is still to be paid."""

from django.utils.translation import gettext_lazy as _

from alliance.dues.models import Due
from registry.workplace.cards.card import StartCard, add, bounded, list_address

from .filters import OPEN
from .shown import VIEW, own

add(
    StartCard(
        "dues-open",
        _("Dues with a balance"),
        (VIEW, "alliance.add_payment"),
        lambda request: bounded(own(request, Due.objects.open(), "member__organization")),
        lambda request: list_address("alliance_due_changelist", state=OPEN),
        if_any=True,
    )
)
