"""Two people who merge at the same moment: one wins, and the other learns that something has changed."""

import pytest
from django.core.exceptions import ValidationError

from registry.duplicates.merging import merge, preview
from registry.models import Merger, Organization
from tests import factories
from tests.registry.duplicates.merging import pair_of
from tests.registry.proposals.test_actions import at_once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("crosswise", [False, True])
def test_of_two_people_who_merge_at_once_one_wins(crosswise):
    one, other = factories.organization(), factories.organization()
    factories.figures(one)
    factories.contact(other)
    pairs = [pair_of(one, other), pair_of(other, one) if crosswise else pair_of(one, other)]
    asked = [(pair, preview(pair).seen) for pair in pairs]

    def work(wanted):
        try:
            return merge(wanted[0], {}, seen=wanted[1])
        except ValidationError as error:
            return error

    found = at_once(work, asked)
    assert sorted(isinstance(one, Merger) for one in found) == [False, True]
    assert Merger.objects.count() == Organization.objects.filter(registration_status="merged").count() == 1
