"""Taking back any change of anybody, whole or value by value, and being told why where that cannot be."""

import random
import re
import uuid
from collections.abc import Callable
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alliance.models import Membership, Representative
from registry.imports.undo.tracked_tables import tracked_tables
from registry.models import AnnualFigures, Contact, Organization, Proposal, Qualification, Sector, SectorTag
from registry.workplace.undo import ways
from registry.workplace.undo.undoing import revert
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
QUERIES = 69


def by(user: User | None, write: Callable[[], Any], **said: Any) -> uuid.UUID:
    """Write as an operation of its own, and return its history context."""
    metadata: dict[str, Any] = {"url": "/admin/somewhere/", **said}
    if user:
        metadata["user"] = user.pk
    with pghistory.context(**metadata) as context:
        write()
        return context.id


def session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def page(change: uuid.UUID) -> str:
    return f"/admin/changes/{change}/"


def said(answer: HttpResponse) -> str:
    return answer.content.decode()


@pytest.fixture
def robot(reference: None) -> Organization:
    made = factories.enterprise(
        name_zh="中山市虚构机器人有限公司", short_name="旧简称", remarks="旧备注", township=factories.township()
    )
    factories.tag(made, is_primary=True)
    factories.contact(made, role="liaison", name="虚构人", phone="13800138000")
    factories.figures(made, 2023, employees=120)
    return Organization.objects.get(pk=made.pk)


def change(robot: Organization, user: User | None = None, **values: Any) -> uuid.UUID:
    return by(user, lambda: Organization.objects.filter(pk=robot.pk).update(**values))


def values(robot: Organization) -> tuple[str, str]:
    row = Organization.objects.get(pk=robot.pk)
    return row.short_name, row.remarks


@pytest.fixture
def clerk(reference: None) -> User:
    return factories.with_role("录入员")


# --- Whole


def test_the_change_of_another_person_is_taken_back_by_whoever_has_the_rights(robot: Organization, clerk: User) -> None:
    done = change(robot, factories.with_role("审核员"), short_name="新简称", remarks="新备注")
    client = session(clerk)
    shown = said(client.get(page(done)))
    for words in ("旧简称", "新简称", "旧备注", "新备注", "全部撤销"):
        assert words in shown
    answer = client.post(page(done), {"whole": "1", "reason": "录错了单位"}, follow=True)
    assert values(robot) == ("旧简称", "旧备注")
    assert "已撤销，恢复 1 条记录" in said(answer)
    assert "录错了单位" in said(client.get(f"/admin/registry/enterprise/{robot.pk}/history/"))


def test_what_has_changed_since_is_told_and_nothing_is_overwritten(robot: Organization, clerk: User) -> None:
    done = change(robot, None, short_name="新简称", remarks="新备注")
    change(robot, factories.with_role("审核员", username="laoshi"), remarks="他人的备注")
    client = session(clerk)
    shown = said(client.get(page(done)))
    assert "不能整体撤销" in shown
    assert "之后又有修改：备注" in shown
    assert re.search("laoshi.*将备注由“新备注”改为“他人的备注”", shown)
    assert "全部撤销" not in shown
    refused = client.post(page(done), {"whole": "1"})
    assert refused.status_code == 409
    assert "之后又有修改：备注" in said(refused)
    assert values(robot) == ("新简称", "他人的备注")


def test_a_row_that_came_goes_and_a_row_that_went_comes_back(robot: Organization, clerk: User) -> None:
    came = by(None, lambda: factories.qualification(robot, batch="误录"))
    went = by(None, lambda: SectorTag.objects.filter(organization=robot).delete())
    client = session(clerk)
    for one in (came, went):
        assert client.post(page(one), {"whole": "1"}, follow=True).status_code == 200
    assert not Qualification.objects.filter(batch="误录").exists()
    assert SectorTag.objects.filter(organization=robot, is_primary=True).exists()


def test_taking_back_is_taken_back(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    done = change(robot, None, short_name="新简称")
    client.post(page(done), {"whole": "1"})
    undone = Organization.pgh_event_model.objects.order_by("pgh_id").last().pgh_context_id  # type: ignore[attr-defined]
    assert values(robot)[0] == "旧简称"
    client.post(page(undone), {"whole": "1"})
    assert values(robot)[0] == "新简称"
    again = client.post(page(done), {"whole": "1"})
    assert again.status_code == 302


# --- Single values


def test_one_value_alone_is_taken_back(robot: Organization, clerk: User) -> None:
    done = change(robot, None, short_name="新简称", remarks="新备注")
    client = session(clerk)
    key = f"registry_organization.{robot.pk}.short_name"
    assert f'value="{key}"' in said(client.get(page(done)))
    client.post(page(done), {"value": key})
    assert values(robot) == ("旧简称", "新备注")


def test_one_value_goes_back_although_another_has_changed_since(robot: Organization, clerk: User) -> None:
    done = change(robot, None, short_name="新简称", remarks="新备注")
    change(robot, None, remarks="他人的备注")
    client = session(clerk)
    client.post(page(done), {"value": f"registry_organization.{robot.pk}.short_name"})
    assert values(robot) == ("旧简称", "他人的备注")
    refused = client.post(page(done), {"value": f"registry_organization.{robot.pk}.remarks"})
    assert (refused.status_code, values(robot)) == (409, ("旧简称", "他人的备注"))


def test_values_of_one_rule_go_back_together(robot: Organization, clerk: User) -> None:
    done = change(robot, None, registered_capital=5, capital_currency="CNY", short_name="新简称")
    session(clerk).post(page(done), {"value": f"registry_organization.{robot.pk}.capital_currency"})
    row = Organization.objects.get(pk=robot.pk)
    assert (row.registered_capital, row.capital_currency, row.short_name) == (None, "", "新简称")


@pytest.mark.parametrize("value", ["", "x", "registry_organization.1", "auth_user.1.password", "a.b.c.d"])
def test_nothing_but_what_the_page_shows_is_taken_back(robot: Organization, clerk: User, value: str) -> None:
    done = change(robot, None, short_name="新简称")
    refused = session(clerk).post(page(done), {"value": value})
    assert refused.status_code == 400
    assert "请勾选要撤销的内容" in said(refused)
    assert values(robot)[0] == "新简称"


# --- Who


def test_without_the_rights_nothing_is_taken_back_and_nothing_secret_is_shown(robot: Organization) -> None:
    viewer = session(factories.with_role("查询员"))
    done = change(robot, None, short_name="新简称")
    assert "全部撤销" not in said(viewer.get(page(done)))
    assert viewer.post(page(done), {"whole": "1"}).status_code == 409
    assert values(robot)[0] == "新简称"
    secret = by(None, lambda: Contact.objects.filter(organization=robot).update(name="接任人"))
    assert viewer.get(page(secret)).status_code == 404
    assert viewer.post(page(secret), {"whole": "1"}).status_code == 404
    both = by(
        None, lambda: (change(robot, None), Contact.objects.filter(organization=robot).update(name="第三人"),
                       Organization.objects.filter(pk=robot.pk).update(remarks="新"))
    )  # fmt: skip
    shown = said(viewer.get(page(both)))
    assert "第三人" not in shown
    assert "接任人" not in shown


def test_numbers_are_masked(robot: Organization, clerk: User) -> None:
    done = by(None, lambda: Contact.objects.filter(organization=robot).update(phone="13900139000"))
    client = session(clerk)
    shown = said(client.get(page(done)))
    assert "138****8000" in shown
    assert "139****9000" in shown
    for number in ("13800138000", "13900139000"):
        assert number not in shown
    client.post(page(done), {"whole": "1"})
    assert Contact.objects.get(organization=robot).phone == "13800138000"


def test_a_township_takes_back_its_own_only(robot: Organization) -> None:
    other = factories.enterprise(short_name="旧简称", township=factories.township("442000102"))
    factories.figures(other, 2023, employees=5)
    client = session(factories.of_township(robot.township))  # type: ignore[arg-type]
    mine, theirs = change(robot, None, short_name="新"), change(other, None, short_name="新")
    client.post(page(mine), {"whole": "1"})
    assert client.post(page(theirs), {"whole": "1"}).status_code == 409
    assert [values(robot)[0], values(other)[0]] == ["旧简称", "新"]
    figures = by(None, lambda: AnnualFigures.objects.filter(organization=other).update(employees=7))
    assert client.get(page(figures)).status_code == 404


def test_a_published_record_waits_for_another_person(robot: Organization, clerk: User, settings: Any) -> None:
    done = change(robot, None, short_name="新简称", remarks="新备注")
    Organization.objects.filter(pk=robot.pk).update(published=True)
    settings.TWO_PERSONS = "published"
    answer = session(clerk).post(page(done), {"whole": "1"}, follow=True)
    assert "须由另一人审核后生效" in said(answer)
    assert values(robot) == ("新简称", "旧备注")
    assert Proposal.objects.filter(state="open", in_effect=False, field="short_name", new="旧简称").exists()


# --- What has a way of its own


def test_every_tracked_table_is_taken_back_or_names_its_way(reference: None) -> None:
    rights = {
        table.model.__name__: table.permission(action)
        for table in tracked_tables(also=ways.TABLES)
        for action in ("add", "change")
        if table.model not in ways.TABLES
    }
    assert {"Organization", "Contact", "Sector", "Representative", "Tier"} <= rights.keys()
    assert {"Membership", "Suspension", "Seat", "Term"}.isdisjoint(rights)
    for way in [*ways.TABLES.values(), *ways.OPERATIONS.values()]:
        assert str(way.text)
        assert not way.page or way.url({way.argument: 1}) == reverse(way.page, args=[1] if way.argument else [])


def test_memberships_are_left_to_their_operations(robot: Organization) -> None:
    membership = factories.membership(factories.member(None, robot), "2020-01-01")
    done = by(None, lambda: Membership.objects.filter(pk=membership.pk).update(remarks="新备注"))
    client = session(factories.superuser())
    shown = said(client.get(page(done)))
    assert "会籍须通过会籍操作改正" in shown
    assert reverse("admin:alliance_member_changelist") in shown
    assert client.post(page(done), {"whole": "1"}).status_code == 409
    assert Membership.objects.get(pk=membership.pk).remarks == "新备注"


def test_sectors_given_to_a_member_are_shown_and_taken_back(robot: Organization) -> None:
    member = factories.member(None, robot)
    sector = Sector.objects.get(code="robots.industrial")
    done = by(None, lambda: member.sectors.add(sector))
    client = session(factories.superuser())
    shown = client.get(page(done))
    assert shown.status_code == 200
    assert sector.name_zh in said(shown)
    client.post(page(done), {"whole": "1"})
    assert not member.sectors.exists()


def test_people_of_an_alliance_are_taken_back(robot: Organization) -> None:
    person = factories.representative(factories.member(None, robot), name="虚构代表")
    done = by(None, lambda: Representative.objects.filter(pk=person.pk).update(name="误录"))
    session(factories.with_role("秘书处")).post(page(done), {"whole": "1"})
    assert Representative.objects.get(pk=person.pk).name == "虚构代表"


@pytest.mark.parametrize("operation", sorted(ways.OPERATIONS))
def test_operations_with_a_page_of_their_own_lead_there(robot: Organization, operation: str) -> None:
    done = by(None, lambda: Organization.objects.filter(pk=robot.pk).update(remarks="新"), operation=operation)
    client = session(factories.superuser())
    assert "这次变更不在这里撤销" in said(client.get(page(done)))
    assert client.post(page(done), {"whole": "1"}).status_code == 409
    assert values(robot)[1] == "新"


@pytest.mark.parametrize("address", ["00000000-0000-0000-0000-000000000000"])
def test_what_is_nothing_is_not_there(clerk: User, address: str) -> None:
    assert session(clerk).get(f"/admin/changes/{address}/").status_code == 404


def test_the_page_costs_the_same_whatever_has_happened(robot: Organization) -> None:
    client = session(factories.superuser())
    done = change(robot, None, short_name="新简称", remarks="新备注")
    client.get(page(done))
    counts = []
    for turn in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page(done)).status_code == 200
        counts.append(len(queries))
        for n in range(5):
            change(robot, factories.user(), remarks=f"备注{turn}{n}")
    assert counts[1] == counts[2] == QUERIES


# --- Two hundred


FIELDS: tuple[tuple[Any, str, Callable[[int], Any]], ...] = (
    (Organization, "short_name", lambda n: f"简称{n}"),
    (Organization, "remarks", lambda n: f"备注{n}"),
    (Organization, "main_products", lambda n: f"产品{n}"),
    (Organization, "website", lambda n: f"https://example.com/{n}"),
    (Contact, "title", lambda n: f"职务{n}"),
    (Contact, "phone", lambda n: f"138{n:08}"),
    (AnnualFigures, "employees", lambda n: 1000 + n),
    (AnnualFigures, "revenue", lambda n: 1000 + n),
    (Qualification, "certificate_no", lambda n: f"证{n}"),
    (Sector, "definition_en", lambda n: f"Definition {n}"),
)


def test_two_hundred_changes_half_of_which_have_later_ones(reference: None) -> None:
    chance, user = random.Random(19), factories.superuser()
    bodies = [factories.enterprise(name_zh=f"中山市虚构{n}有限公司") for n in range(25)]
    for body in bodies:
        factories.contact(body)
        factories.figures(body, 2023)
        factories.qualification(body)
    rows = {model: list(model.objects.values_list("pk", flat=True)[:25]) for model, _name, _value in FIELDS}
    places = [(model, name, make, pk) for model, name, make in FIELDS for pk in rows[model]]
    chosen = chance.sample(places, 200)

    def write(model: Any, name: str, pk: int, value: Any) -> uuid.UUID:
        return by(None, lambda: model.objects.filter(pk=pk).update(**{name: value}))

    def stored(model: Any, name: str, pk: int) -> Any:
        return model.objects.values_list(name, flat=True).get(pk=pk)

    before = [stored(model, name, pk) for model, name, _make, pk in chosen]
    done = [write(model, name, pk, make(n)) for n, (model, name, make, pk) in enumerate(chosen)]
    later = set(chance.sample(range(200), 100))
    for n in later:
        model, name, make, pk = chosen[n]
        write(model, name, pk, make(1000 + n))
    for n in chance.sample(range(200), 200):
        model, name, make, pk = chosen[n]
        outcome = revert(done[n], user)
        assert outcome.done is (n not in later), (n, outcome.refused)
        assert stored(model, name, pk) == (make(1000 + n) if n in later else before[n]), n
        label = str(model._meta.get_field(name).verbose_name)
        assert [label in text for text in outcome.refused] == [True] * (n in later), outcome.refused
    assert all(revert(done[n], user).refused for n in range(200))
