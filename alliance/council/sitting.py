"""Who sat in the council 理事会 and the standing council 常务理事会 on a day.

No table says it: a member sits there as long as it holds a tier that says so (`Tier.in_council`).
"""

import datetime

from alliance.members.states import represented, suspended
from alliance.models import Alliance, Body, Membership, MembershipQuerySet


def sitting(alliance: Alliance, on: datetime.date, body: Body = Body.COUNCIL) -> MembershipQuerySet:
    """Return the memberships by which members sat in the body on the day `on`, the highest tier first."""
    held = Membership.objects.as_of(on).filter(body.by_tier(), alliance=alliance)
    return held.select_related("tier", "member__organization").order_by(
        "tier__rank", "member__organization__sort_key", "id"
    )


def entitled(alliance: Alliance, on: datetime.date, body: Body, of_representatives: bool = False) -> MembershipQuerySet:
    """Return the memberships of those who may vote in the body on the day: who sits there, less the suspended."""
    held = sitting(alliance, on, body).exclude(suspended(on))
    return held.filter(represented(on)) if of_representatives else held
