"""A record as it stood on an earlier day, read from its events."""

import datetime
import random
from typing import Any

import pytest
from django.db import connection
from django.utils.timezone import localtime, make_aware

from alliance.models import Due, Member, Membership, Payment
from registry.history.past import Past
from registry.imports.undo.tracked_tables import TrackedTable, owner_path, tracked_table, tracked_tables
from registry.models import AnnualFigures, Contact, Name, Organization, Qualification, Relation, SectorTag
from tests import factories
from tests.api import api, ok, problem, public, root

pytestmark = pytest.mark.django_db
D = datetime.date
BEGAN = D(2024, 1, 1)
QUERIES = 19


def moved(day: D) -> None:
    """Let the latest events, which this test has just written, have happened at noon of a day."""
    moment = make_aware(datetime.datetime.combine(day, datetime.time(12)))
    with connection.cursor() as cursor:
        for table in tracked_tables():
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE '%%append_only%%'",
                [table.event_table],
            )
            (trigger,) = cursor.fetchone()
            cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{trigger}}}"])
            cursor.execute(f"UPDATE {table.event_table} SET pgh_created_at = %s WHERE pgh_created_at = now()", [moment])
        cursor.execute("SELECT set_config('pgtrigger.ignore', '', true)")


@pytest.fixture
def robot(reference: None) -> Organization:
    made = factories.enterprise(
        name_zh="中山市虚构机器人有限公司",
        short_name="旧简称",
        remarks="旧备注",
        industry="C3491",
        township=factories.township(),
        website="https://example.com",
        registered_capital=5_000_000,
        capital_currency="CNY",
    )
    factories.tag(made, "robots.industrial", is_primary=True)
    factories.contact(made, role="liaison", name="虚构人", phone="13800138000")
    factories.figures(made, 2023, employees=120, revenue=60_000_000)
    factories.qualification(made, granted_on="2023-01-01")
    factories.name(made, "中山市旧名有限公司", language="zh", valid_to="2022-01-01")
    factories.identifier(made)
    factories.relation(made, factories.enterprise(name_zh="中山市母公司有限公司"))
    factories.membership(factories.member(None, made), "2020-01-01")
    return Organization.objects.get(pk=made.pk)


def past(robot: Organization, day: object, who: Any = None, **more: str) -> Any:
    return (who or root()).get(f"organizations/{robot.registry_no}/", {"as_of": str(day), **more})


def test_today_is_the_record(robot: Organization) -> None:
    now = ok(root().get(f"organizations/{robot.registry_no}/"))
    then = ok(past(robot, localtime().date()))
    below = then.pop("past")
    # The history knows the moment of the transaction, the record that of the statement.
    assert abs(moment(now.pop("created_at")) - moment(then.pop("created_at"))) < datetime.timedelta(minutes=5)
    assert abs(moment(now.pop("updated_at")) - moment(then.pop("updated_at"))) < datetime.timedelta(minutes=5)
    assert then == now
    for name in ("contacts", "figures", "qualifications", "relations"):
        assert below[name] == root().rows(f"organizations/{robot.registry_no}/{name}/"), name
        assert below[name]
    assert [one["tier"]["code"] for one in below["memberships"]] == ["member"]


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def test_an_earlier_day_has_what_was_recorded_then(robot: Organization) -> None:
    moved(BEGAN)
    Organization.objects.filter(pk=robot.pk).update(short_name="新简称", township=None)
    Contact.objects.filter(organization=robot).update(name="接任人", phone="13900139000")
    SectorTag.objects.filter(organization=robot).delete()
    AnnualFigures.objects.filter(organization=robot).update(employees=9000)
    moved(D(2024, 6, 1))
    before, after = (ok(past(robot, day)) for day in ("2024-05-31", "2024-06-01"))
    assert [one["short_name"] for one in (before, after)] == ["旧简称", "新简称"]
    assert [bool(one["township"]) for one in (before, after)] == [True, False]
    assert [[tag["code"] for tag in one["sectors"]] for one in (before, after)] == [["robots.industrial"], []]
    assert [one["past"]["contacts"][0]["name"] for one in (before, after)] == ["虚构人", "接任人"]
    assert [one["past"]["contacts"][0]["phone"] for one in (before, after)] == ["138****8000", "139****9000"]
    assert [one["past"]["figures"][0]["employees"] for one in (before, after)] == [120, 9000]
    assert before["size_class"] != after["size_class"]


def test_dues_of_the_past_have_the_payments_of_then(robot: Organization) -> None:
    due = factories.due(factories.member(factories.alliance("paying", legal_person=True), robot))
    factories.payment()
    moved(BEGAN)
    paid = factories.payment(due)
    moved(D(2024, 6, 1))
    for day, expected in ((D(2024, 5, 31), []), (D(2024, 6, 1), [paid])):
        with Past(robot, day).reading():
            assert list(Payment.objects.all()) == expected
            assert [one.paid_now for one in Due.objects.with_balance()] == [sum(one.amount for one in expected)]


def test_what_the_history_does_not_know_is_said(robot: Organization) -> None:
    moved(BEGAN)
    told = problem(past(robot, "2023-12-31"), 404)
    assert "2024-01-01" in told["detail"]
    other = factories.enterprise()
    moved(D(2024, 3, 1))
    assert (
        "该记录在 2024-02-29 尚不存在：录入于 2024-03-01"
        in problem(past(other, "2024-02-29", lang="zh"), 404)["detail"]
    )


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", "2024-02-30", ""])
def test_no_other_day_is_taken(robot: Organization, day: str) -> None:
    assert problem(past(robot, day), 400)["errors"][0]["parameter"] == "as_of"


def test_numbers_of_the_past_are_never_shown_in_full(robot: Organization) -> None:
    problem(past(robot, localtime().date(), reveal="contact"), 400)


# --- Who sees what


def test_tables_have_their_permissions_in_the_past_too(robot: Organization) -> None:
    viewer = api(user=factories.with_role("查询员"))
    then = ok(past(robot, localtime().date(), viewer))
    assert {"contacts", "figures"}.isdisjoint(then["past"])
    assert "size_class" not in then
    for secret in ("13800138000", "虚构人", "60000000"):
        assert secret not in str(then)


def test_a_township_sees_the_past_of_its_organizations_of_today(robot: Organization) -> None:
    of_then = api(user=factories.of_township(robot.township))
    elsewhere = factories.township("442000102")
    of_now = api(user=factories.of_township(elsewhere))
    moved(BEGAN)
    Organization.objects.filter(pk=robot.pk).update(township=elsewhere)
    moved(D(2024, 6, 1))
    for day in ("2024-03-01", "2024-07-01"):
        hidden, seen = ok(past(robot, day, of_then)), ok(past(robot, day, of_now))
        assert {"contacts", "figures"}.isdisjoint(hidden["past"])
        assert hidden["size_class"] is None
        assert "虚构人" not in str(hidden)
        assert seen["past"]["contacts"][0]["name"] == "虚构人"


def test_the_public_has_no_past(robot: Organization) -> None:
    Organization.objects.filter(pk=robot.pk).update(published=True)
    problem(past(robot, localtime().date(), public()), 400)


def test_the_past_is_only_read(robot: Organization) -> None:
    with pytest.raises(RuntimeError), Past(robot, localtime().date()).reading():
        Organization.objects.update(short_name="x")


def test_queries_of_a_past_record(robot: Organization, django_assert_num_queries: Any) -> None:
    client = root()
    ok(past(robot, localtime().date()))
    with django_assert_num_queries(QUERIES):
        ok(past(robot, localtime().date(), client))


# --- The same as a replay


CHANGES: tuple[Any, ...] = (
    lambda of, n: Organization.objects.filter(pk=of.pk).update(short_name=f"简称{n}", remarks=f"{n}"),
    lambda of, n: Organization.objects.filter(pk=of.pk).update(registered_capital=n * 1000, capital_currency="CNY"),
    lambda of, n: factories.name(of, f"曾用名{n}"),
    lambda of, n: Name.objects.filter(organization=of).update(language="en" if n % 2 else "zh"),
    lambda of, n: factories.contact(of, role="other", name=f"虚构{n}", phone=f"138{n:08}"),
    lambda of, n: Contact.objects.filter(organization=of).update(title=f"职务{n}"),
    lambda of, n: Contact.objects.filter(organization=of, role="other").delete(),
    lambda of, n: AnnualFigures.objects.filter(organization=of).update(employees=n),
    lambda of, n: SectorTag.objects.filter(organization=of).delete(),
    lambda of, n: SectorTag.objects.filter(organization=of).exists() or factories.tag(of, is_primary=True),
    lambda of, n: factories.qualification(of, granted_on=f"{2000 + n % 20}-01-01", batch=f"{n}", certificate_no=f"{n}"),
    lambda of, n: Qualification.objects.filter(organization=of).first() and first(Qualification, of).delete(),
    lambda of, n: factories.relation(of, factories.enterprise(), kind="investor"),
    lambda of, n: Relation.objects.filter(organization=of).delete(),
    lambda of, n: Membership.objects.filter(member__organization=of).update(remarks=f"{n}"),
)


def first(model: Any, of: Organization) -> Any:
    return model.objects.filter(organization=of).first()


def replay(table: TrackedTable, before: datetime.datetime) -> dict[int, dict[str, Any]]:
    """Return the rows of a table at a moment by going through its events, one after the other."""
    rows: dict[int, dict[str, Any]] = {}
    for event in table.events._default_manager.order_by("pgh_id").values():
        if event["pgh_created_at"] < before:
            rows.pop(event["pgh_obj_id"], None)
            if event["pgh_label"] != "delete":
                rows[event["pgh_obj_id"]] = event
    return rows


def test_fifty_days_equal_a_replay_of_the_events(robot: Organization) -> None:
    chance, other = random.Random(19), factories.enterprise(name_zh="中山市他家有限公司")
    factories.contact(other)
    moved(BEGAN)
    for n in range(1, 150):
        chance.choice(CHANGES)(robot if chance.random() < 0.8 else other, n)
        moved(BEGAN + datetime.timedelta(days=5 * n + chance.randrange(5)))
    tables = {one.model: one for one in tracked_tables() if owner_path(one) in ("organization", "member__organization")}
    compared = 0
    for back in chance.sample(range(800), 50):
        day = BEGAN + datetime.timedelta(days=back)
        then = Past(robot, day)
        with then.reading():
            shown = {model: list(model._default_manager.order_by("pk").values()) for model in tables}
            record = Organization.objects.filter(pk=robot.pk).values().get()
        organizations = replay(tracked_table(Organization), then.before)
        members = {pk for pk, row in replay(tables[Member], then.before).items() if row["organization_id"] == robot.pk}
        assert same(record, organizations[robot.pk]), day
        for model, rows in shown.items():
            expected = [
                row
                for _pk, row in sorted(replay(tables[model], then.before).items())
                if robot.pk in (row.get("organization_id"), row.get("related_id")) or row.get("member_id") in members
            ]
            assert len(rows) == len(expected), (day, model)
            assert all(map(same, rows, expected)), (day, model)
            compared += len(rows)
    assert compared > 500


def same(shown: dict[str, Any], event: dict[str, Any]) -> bool:
    return all(shown[name] == value for name, value in event.items() if not name.startswith("pgh_"))
