"""The choices of meetings and decisions."""

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _


class Body(TextChoices):
    """A body of an alliance that decides. Who belongs to it on a day follows from memberships and tiers."""

    ASSEMBLY = "assembly", _("general assembly")
    COUNCIL = "council", _("council")
    STANDING_COUNCIL = "standing_council", _("standing council")

    def by_tier(self) -> Q:
        """Return the condition that a membership's tier sits in the body; in the assembly sits every member."""
        return Q() if self == Body.ASSEMBLY else Q(**{f"tier__in_{self.value}": True})


class Delegates(TextChoices):
    """Who is called to the assembly."""

    MEMBERS = "members", _("all members")
    REPRESENTATIVES = "representatives", _("members that have a representative")


class FormOfMeeting(TextChoices):
    MEETING = "meeting", _("meeting in person")
    CORRESPONDENCE = "correspondence", _("vote by correspondence")


class Ballot(TextChoices):
    SHOW_OF_HANDS = "show_of_hands", _("show of hands")
    OPEN = "open", _("open ballot")
    SECRET = "secret", _("secret ballot")


class Matter(TextChoices):
    """The subject of a decision."""

    ADMISSION = "admission", _("admission of members")
    TIER_CHANGE = "tier_change", _("change of tier")
    EXPULSION = "expulsion", _("expulsion of members")
    WITHDRAWAL = "withdrawal", _("withdrawal of members")
    DUES_STANDARD = "dues_standard", _("standard of dues")
    DUES_RELIEF = "dues_relief", _("relief of dues")
    ELECTION = "election", _("election")
    RULES = "rules", _("charter and rules")
    OTHER = "other", _("other matter")
