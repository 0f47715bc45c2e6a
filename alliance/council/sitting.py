"""Who sat in the council 理事会 and the standing council 常务理事会 on a day.

No table says it: a member sits there as long as it holds a tier that says so (`Tier.in_council`).
"""

import datetime

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from alliance.models import Alliance, Membership, MembershipQuerySet


class Body(TextChoices):
    """A body of an alliance in which members sit by their tier."""

    COUNCIL = "council", _("council")
    STANDING_COUNCIL = "standing_council", _("standing council")

    def by_tier(self) -> Q:
        """Return the condition that a membership's tier sits in the body."""
        return Q(**{f"tier__in_{self.value}": True})


def sitting(alliance: Alliance, on: datetime.date, body: Body = Body.COUNCIL) -> MembershipQuerySet:
    """Return the memberships by which members sat in the body on the day `on`, the highest tier first."""
    held = Membership.objects.as_of(on).filter(body.by_tier(), alliance=alliance)
    return held.select_related("tier", "member__organization").order_by(
        "tier__rank", "member__organization__sort_key", "id"
    )
