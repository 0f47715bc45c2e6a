"""The history that programs read and the one that people read tell the same of the same events."""

import pytest

from registry.history.rendering import events_of, for_people, for_programs
from registry.models import Name
from tests import factories

pytestmark = pytest.mark.django_db
PARTS = [(Name, "organization")]


def test_a_row_entered_again_under_its_number_was_nothing_before():
    """As the undoing of an import enters what the import had removed."""
    of = factories.enterprise()
    name = factories.name(of, "中山市旧名虚构有限公司", language="zh")
    pk = name.pk
    name.delete()
    Name.objects.create(pk=pk, organization_id=of.pk, name="中山市旧名虚构有限公司", language="zh")

    found = events_of(PARTS, of.pk, factories.superuser())
    told = [event for _key, event in for_programs(found)]
    assert [event["event"] for event in told] == ["insert", "delete", "insert"]
    again, removed, entered = (event["changes"] for event in told)
    assert again == entered
    assert again["name"] == [None, "中山市旧名虚构有限公司"]
    assert removed["name"] == ["中山市旧名虚构有限公司", None]

    shown = [[(one.field, one.old, one.new) for one in event.differences] for event in for_people(found)]
    assert shown[0] == shown[2]
    assert ("名称", "", "中山市旧名虚构有限公司") in shown[0]
