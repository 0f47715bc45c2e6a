import pytest

from alliance.models import Membership
from registry.models import Organization, Sector, SectorTag
from tests import factories


@pytest.mark.django_db
def test_factories_make_rows_that_pass_their_own_rules(reference):
    robot_maker = factories.enterprise()
    for made in (
        factories.organization(),
        robot_maker,
        factories.institute(),
        factories.name(robot_maker),
        factories.identifier(robot_maker),
        factories.tag(robot_maker, is_primary=True),
        factories.qualification(robot_maker),
        factories.figures(robot_maker),
        factories.relation(robot_maker, factories.institute()),
        factories.contact(robot_maker),
        factories.membership(factories.member(who=robot_maker)),
        factories.representative(),
        factories.supporter(),
        factories.token()[0],
    ):
        made.full_clean()
    assert Sector.objects.get(code="robots.industrial").parent.code == "robots"
    assert SectorTag.objects.get().plan.current
    assert Membership.objects.get().member.member_no == "M0001"
    assert Organization.objects.filter(registry_no__startswith="ZSAI-").count() == Organization.objects.count()
