"""撤回录入: a fresh entry goes with what was entered with it; nothing on which something depends does."""

import datetime

import pghistory
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from registry.duplicates.withdrawal import is_offered, obstacles, withdraw
from registry.models import Organization, OrganizationChange
from tests import factories

pytestmark = pytest.mark.django_db
RIGHTS = ("registry.view_organization", "registry.add_organization", "registry.change_organization")


@pytest.fixture
def author():
    return factories.user(*RIGHTS)


def entered(by, **fields):
    with pghistory.context(user=by.pk):
        one = factories.organization(**fields)
        factories.name(one)
        factories.tag(one)
        factories.contact(one)
    return one


def test_a_fresh_entry_goes_and_its_number_with_it(author):
    one = entered(author)
    assert withdraw(one.pk, author) == one.registry_no
    assert not Organization.objects.filter(pk=one.pk).exists()
    assert Organization.pgh_event_model.objects.filter(pgh_obj_id=one.pk, pgh_label="delete").exists()
    assert OrganizationChange.objects.get(organization_id=one.pk).state == "deleted"
    assert factories.organization().registry_no > one.registry_no


@pytest.mark.parametrize(
    ("depends", "named"),
    [
        (lambda one: factories.figures(one), "年度数据"),
        (lambda one: factories.member(factories.alliance(), one), "会员"),
        (lambda one: factories.collection_round(one), "填报单位"),
        (lambda one: factories.relation(factories.organization(), one), "关系"),
        (lambda one: factories.organization(successor=one, registration_status="merged"), "单位"),
    ],
)
def test_what_something_depends_on_stays_and_that_is_named(author, depends, named):
    one = entered(author)
    depends(one)
    assert named in " ".join(obstacles(one, author))
    with pytest.raises(ValidationError):
        withdraw(one.pk, author)


def test_what_was_public_once_stays(author):
    one = entered(author)
    Organization.objects.filter(pk=one.pk).update(published=True)
    Organization.objects.filter(pk=one.pk).update(published=False)
    assert "公开" in obstacles(one, author)[0]


def test_others_do_not_withdraw_it_but_a_reviewer_does(author):
    one = entered(author)
    assert "他人录入" in obstacles(one, factories.user(*RIGHTS))[0]
    assert obstacles(one, factories.user(*RIGHTS, "registry.merge_organization")) == []


def test_it_is_offered_to_whoever_may_do_it(author):
    one = entered(author)
    assert is_offered(one, author)
    assert not is_offered(one, factories.user(*RIGHTS))
    assert is_offered(one, factories.user(*RIGHTS, "registry.merge_organization"))


def test_after_some_days_its_author_does_not(author):
    one = entered(author)
    Organization.objects.filter(pk=one.pk).update(created_at=one.created_at - datetime.timedelta(hours=73))
    one.refresh_from_db()
    assert "72" in obstacles(one, author)[0]


def test_what_somebody_else_has_worked_on_its_author_does_not_withdraw(author):
    one = entered(author)
    with pghistory.context(user=factories.user().pk):
        factories.qualification(one)
    assert "他人又作过修改" in obstacles(one, author)[0]


def test_who_may_not_enter_withdraws_nothing(author):
    one = entered(author)
    with pytest.raises(PermissionDenied):
        withdraw(one.pk, factories.user("registry.change_organization"))
