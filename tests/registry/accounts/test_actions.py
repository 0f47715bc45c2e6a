"""Two people at once at what waits for an account."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection

from registry.accounts import actions
from registry.database.db_errors import Conflict
from registry.models import AccountRequest
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_request_confirmed_twice_at_once_takes_effect_once() -> None:
    call_command("load_reference", verbosity=0)
    viewer = factories.with_role("查询员")
    request = factories.account_request(viewer, "录入员")
    people = [factories.with_role("录入员") for _ in range(4)]

    def confirm(person: User) -> bool:
        try:
            return actions.confirm(request, User.objects.get(pk=person.pk)).link
        except Conflict:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        links = list(pool.map(confirm, people))
    assert sorted(links) == [False, False, False, True], "one of them hands the link over"
    assert AccountRequest.objects.get().outcome == "confirmed"
    assert set(viewer.groups.all()) == set(Group.objects.filter(name__in=("查询员", "录入员")))
