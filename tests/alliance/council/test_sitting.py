"""Who sits in the council on a day follows from the tiers held on that day."""

import datetime

import pytest
from django.core.management import call_command

from alliance.council.sitting import sitting
from alliance.members.operations import actions
from alliance.models import Body, StandardTier, Tier
from tests import factories

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 7, 1)
BEFORE = DAY - datetime.timedelta(days=1)


def test_who_sits_in_a_body_is_who_holds_its_tiers_on_the_day():
    alliance = factories.alliance()
    vice = factories.tier(alliance, "vice-chair", in_council=True, in_standing_council=True)
    council = factories.tier(alliance, "council", in_council=True)
    plain = factories.tier(alliance)
    first = factories.membership(tier=vice)
    second = factories.membership(tier=plain)
    elsewhere = factories.alliance("other")
    factories.membership(factories.member(elsewhere), tier=factories.tier(elsewhere, "council", in_council=True))
    actions.change_tier(first.member, council, DAY)
    actions.change_tier(second.member, council, DAY)
    seated = {
        (body, day): [held.member for held in sitting(alliance, day, body)] for body in Body for day in (BEFORE, DAY)
    }
    assert seated == {
        (Body.COUNCIL, BEFORE): [first.member],
        (Body.COUNCIL, DAY): [first.member, second.member],
        (Body.STANDING_COUNCIL, BEFORE): [first.member],
        (Body.STANDING_COUNCIL, DAY): [],
        (Body.ASSEMBLY, BEFORE): [first.member, second.member],
        (Body.ASSEMBLY, DAY): [first.member, second.member],
    }


def test_standard_tiers_say_which_body_they_sit_in():
    call_command("load_reference", verbosity=0)
    said = {tier.code: (tier.in_council, tier.in_standing_council) for tier in StandardTier.objects.all()}
    assert said == {
        "chair": (True, True),
        "vice-chair": (True, True),
        "executive-council": (True, True),
        "council": (True, False),
        "member": (False, False),
    }
    offered = Tier(alliance=factories.alliance(), **StandardTier.objects.get(code="council").values())
    offered.full_clean()
    assert (offered.in_council, offered.in_standing_council) == (True, False)
