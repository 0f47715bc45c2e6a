"""Accounts of townships: what they see of other towns' organizations, and what they may write."""

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.models import AnnualFigures, Contact, Name, Organization, SectorTag, Township
from registry.organizations.models.reach import reach_of, reaches
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def towns(reference: None) -> tuple[Township, Township]:
    return factories.township("442000105"), factories.township("442000103")


@pytest.fixture
def clerk(towns: tuple[Township, Township]) -> User:
    return factories.of_township(towns[0])


def test_only_a_limited_account_has_a_reach(towns: tuple[Township, Township], clerk: User) -> None:
    assert reach_of(clerk) == {towns[0].pk}
    assert reach_of(factories.with_role("录入员")) is None
    assert reach_of(factories.user(is_superuser=True)) is None
    assert reach_of(factories.of_township()) == set(), "who is bound to no township works on nothing"


def test_a_township_that_has_ended_belongs_to_what_it_has_become(reference: None) -> None:
    old = Township.objects.exclude(successor=None)[0]
    assert reach_of(factories.of_township(old.successor)) >= {old.pk, old.successor_id}


def test_the_queryset_holds_what_the_account_works_on(towns: tuple[Township, Township], clerk: User) -> None:
    mine, theirs, nowhere = (factories.organization(township=town) for town in (*towns, None))
    assert set(Organization.objects.within_reach_of(clerk)) == {mine}
    assert [reaches(clerk, one) for one in (mine, theirs, nowhere)] == [True, False, False]


WRITES = {
    "organization": lambda o: Organization.objects.filter(pk=o.pk).update(remarks="X"),
    "move": lambda o: Organization.objects.filter(pk=o.pk).update(township=factories.township("442000105")),
    "deleted": lambda o: Organization.objects.filter(pk=o.pk).delete(),
    "contact": lambda o: Contact.objects.filter(organization=o).update(title="X"),
    "contact deleted": lambda o: Contact.objects.filter(organization=o).delete(),
    "figures": lambda o: AnnualFigures.objects.create(organization=o, year=2020, employees=1),
    "name": lambda o: Name.objects.create(organization=o, kind="alias", name="测试"),
    "sector": lambda o: factories.tag(o),
    "relation": lambda o: factories.relation(o, factories.organization(township=factories.township("442000105"))),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("place", ["442000103", None])
def test_the_database_refuses_what_is_written_past_the_reach(clerk: User, write: str, place: str | None) -> None:
    theirs = factories.organization(township=factories.township(place) if place else None)
    factories.contact(theirs)
    with (
        pytest.raises(Conflict, match="镇街"),
        integrity_errors_as_conflicts(),
        transaction.atomic(),
        pghistory.context(user=clerk.pk),
    ):
        WRITES[write](theirs)


def test_the_database_lets_the_account_work_in_its_town(towns: tuple[Township, Township], clerk: User) -> None:
    mine = factories.organization(township=towns[0])
    with pghistory.context(user=clerk.pk):
        for write in ("organization", "figures", "name", "sector", "relation"):
            WRITES[write](mine)
        factories.organization(township=towns[0])
        with pytest.raises(DatabaseError), transaction.atomic():
            Organization.objects.filter(pk=mine.pk).update(township=towns[1])
    with pghistory.context(user=factories.with_role("录入员").pk):
        Organization.objects.filter(pk=mine.pk).update(township=towns[1])
    assert SectorTag.objects.get().organization == mine
