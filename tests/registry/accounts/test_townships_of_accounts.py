"""Townships of accounts by page: given with the role, confirmed by a second person, taken away at once."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from registry.models import AccountTownship
from registry.organizations.models.reach import reach_of
from tests import factories
from tests.registry.accounts.test_admin_accounts import (
    decide,
    edit,
    give,
    page_of,
    role,
    roles,
    said,
    session,
    waiting,
)

pytestmark = pytest.mark.django_db
ROLE = "镇街填报员"
HERE, THERE = "442000103", "442000105"


@pytest.fixture
def administrator(reference: None) -> User:
    return factories.with_role("系统管理员")


def bound(account: User) -> set[str]:
    return set(AccountTownship.objects.filter(user=account).values_list("township__code", flat=True))


def ids(*codes: str) -> list[int]:
    return [factories.township(code).pk for code in codes]


def test_role_and_township_take_effect_when_a_registrar_has_confirmed_them(administrator: User) -> None:
    account, registrar = factories.user(), factories.with_role("录入员")
    client = session(administrator)
    edit(client, account, roles=[role(ROLE).pk], townships=ids(HERE))
    assert (roles(account), bound(account)) == (set(), set())
    assert (waiting(account).roles, waiting(account).townships) == ([ROLE], [HERE])
    assert "待授予镇街" in session(registrar).get("/admin/registry/accountrequest/").content.decode()
    assert decide(client, waiting(account)).status_code == 403
    decide(session(registrar), waiting(account))
    assert (roles(account), bound(account)) == ({ROLE}, {HERE})


def test_a_further_township_is_confirmed_and_a_township_taken_at_once(administrator: User) -> None:
    account = factories.of_township(factories.township(HERE))
    client = session(administrator)
    edit(client, account, townships=ids(HERE, THERE))
    assert bound(account) == {HERE}
    decide(session(factories.with_role("录入员")), waiting(account))
    assert bound(account) == {HERE, THERE}
    edit(client, account, townships=ids(THERE))
    assert bound(account) == {THERE}
    assert "收回镇街：东凤镇" in session(factories.superuser()).get("/admin/admin/logentry/").content.decode()


@pytest.mark.parametrize(
    ("names", "codes", "message"),
    [
        ([ROLE], [], "至少要负责一个镇街"),
        (["录入员"], [HERE], "只有镇街填报员按镇街授权"),
        ([ROLE, "录入员"], [HERE], "除查询员外不兼任其他角色"),
        ([ROLE, "审计员"], [HERE], "除查询员外不兼任其他角色"),
    ],
)
def test_role_and_townships_belong_together(
    administrator: User, names: list[str], codes: list[str], message: str
) -> None:
    account = factories.user()
    answer = edit(session(administrator), account, roles=[role(name).pk for name in names], townships=ids(*codes))
    assert message in answer.content.decode()
    assert not account.requests.exists()


def test_a_role_for_the_whole_city_is_new_to_an_account_of_a_township(administrator: User) -> None:
    """By its permissions alone the registrar may do hardly more."""
    account = factories.of_township(factories.township(HERE))
    edit(session(administrator), account, roles=[role("录入员").pk], townships=[])
    assert roles(account) == set()
    assert waiting(account).roles == ["录入员"]


def test_an_account_of_a_township_confirms_nothing(administrator: User) -> None:
    account = factories.user()
    give(session(administrator), account, "录入员")
    limited = factories.of_township(factories.township(HERE))
    assert decide(session(limited), waiting(account)).status_code == 403


def test_the_database_keeps_the_roles_apart(administrator: User) -> None:
    account = factories.of_township(factories.township(HERE))
    with pytest.raises(IntegrityError), transaction.atomic():
        account.groups.add(Group.objects.get(name="审核员"))
    account.groups.add(Group.objects.get(name="查询员"))
    assert reach_of(User.objects.get(pk=account.pk)) == set(ids(HERE))


def test_a_township_that_has_ended_stays_with_its_account(administrator: User) -> None:
    old = factories.township("442000113")
    assert old.valid_to
    account = factories.of_township(old)
    client = session(administrator)
    assert old.label() in client.get(page_of(account)).content.decode()
    edit(client, account, email="x@example.com")
    assert bound(account) == {old.code}
    assert said(client)
