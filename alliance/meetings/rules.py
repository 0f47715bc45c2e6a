"""The rules by which an alliance decides: those that it has saved, else those that its legal form starts with.

A registered alliance starts with the model charter of social organizations 社会团体章程示范文本; one that is not
registered has no quorum and names no body.
"""

from typing import Any

from alliance.models import Alliance, AllianceRules, Body, StandardTier, Tier, VotingRule

TWO_THIRDS = {"quorum_numerator": 2, "quorum_denominator": 3}
MODEL_CHARTER: dict[Body, dict[str, Any]] = {
    Body.ASSEMBLY: {
        **TWO_THIRDS,
        "majority_numerator": 1,
        "majority_denominator": 2,
        "majority_exceeded": True,
    },
    Body.COUNCIL: {**TWO_THIRDS, "majority_numerator": 2, "majority_denominator": 3},
    Body.STANDING_COUNCIL: {**TWO_THIRDS, "majority_numerator": 2, "majority_denominator": 3},
}
REGISTERED: dict[str, Any] = {
    "admission_body": Body.COUNCIL,
    "tier_change_body": Body.COUNCIL,
    "expulsion_body": Body.COUNCIL,
    "unpaid_years": 1,
    "absence_counts": True,
}


MEMBER_UNIT = {"name_zh": "成员单位", "name_en": "Member unit"}
"""The name of the lowest tier where an alliance is not registered: it is no association that could have 会员."""


def name_member_units(alliance: Alliance) -> Tier | None:
    """Give the lowest standard tier of a new alliance that is not registered its own name, and return it."""
    lowest = StandardTier.objects.order_by("rank").last()
    if alliance.legal_person or lowest is None:
        return None
    tier = alliance.tiers.filter(code=lowest.code, name_zh=lowest.name_zh).first()
    if tier is None or alliance.tiers.filter(name_zh=MEMBER_UNIT["name_zh"]).exists():
        return None
    for field, name in MEMBER_UNIT.items():
        setattr(tier, field, name)
    tier.aliases = [lowest.name_zh, *(alias for alias in tier.aliases if alias != MEMBER_UNIT["name_zh"])]
    tier.save()
    return tier


def voting_rule(alliance: Alliance, body: str) -> VotingRule:
    """Return the rule of the body; one that nobody has saved yet has no key."""
    stored = VotingRule.objects.filter(alliance=alliance, body=body).first()
    if stored:
        return stored
    return VotingRule(alliance=alliance, body=body, **(MODEL_CHARTER[Body(body)] if alliance.legal_person else {}))


def rules_of(alliance: Alliance) -> AllianceRules:
    """Return who decides on what in the alliance; rules that nobody has saved yet have no key."""
    stored = AllianceRules.objects.filter(alliance=alliance).first()
    return stored or AllianceRules(alliance=alliance, **(REGISTERED if alliance.legal_person else {}))
