"""The page of all changes: what it tells to whom, its filters and its pages."""

from typing import Any
from urllib.parse import parse_qs

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry.imports.undo.tracked_tables import tracked_tables
from registry.models import Organization
from registry.workplace.changes import walking
from registry.workplace.changes.asked import is_confidential, owner_path
from tests import factories
from tests.database import past_the_triggers

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/changes/"
TOWN, OTHER = "442000118", "442000001"
ROLES = ("查询员", "录入员", "镇街填报员", "审核员", "秘书处", "审计员", "系统管理员")


def session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def of_role(role: str) -> Client:
    return session(factories.with_role(role))


def entries(client: Client, **query: str) -> list[Any]:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    return list(answer.context["entries"])


def lines_of(client: Client, **query: str) -> list[str]:
    """Return all lines of all pages."""
    lines: list[str] = []
    older: str | None = ""
    while older is not None:
        context = client.get(PAGE, {**query, "before": older} if older else query).context
        lines += [f"{line.about}：{line.text}" for one in context["entries"] for line in one.lines]
        older = parse_qs(context["older"].lstrip("?"))["before"][0] if context["older"] else None
    return lines


def told(client: Client, **query: str) -> str:
    return "\n".join(lines_of(client, **query))


@pytest.fixture
def clerk(reference: None) -> User:
    past_the_triggers("DELETE FROM pghistory_context")
    return factories.with_role("录入员", first_name="录入甲")


def doing(user: User | None = None, **more: Any) -> Any:
    said = {"user": user.pk, "url": "/admin/x/"} if user else {"command": "x"}
    return pghistory.context(**said | more)


@pytest.fixture
def robot(clerk: User) -> Organization:
    """An organization with something in every kind of table, each written by an operation of its own."""
    with doing(clerk):
        made = factories.enterprise(name_zh="中山市虚构机器人有限公司", township=factories.township(TOWN))
    for make in (factories.name, factories.identifier, factories.tag, factories.qualification):
        with doing(clerk):
            make(made)
    with doing(clerk):
        factories.contact(made, name="机密联系人", phone="13812345678")
    with doing(clerk):
        factories.figures(made, revenue="98765432.00")
    with doing():
        member = factories.member(factories.alliance(), made)
    with doing(clerk):
        factories.membership(member)
    with doing(clerk):
        factories.representative(member, name="机密代表", phone="13912345678")
    return Organization.objects.get(pk=made.pk)


def test_a_change_is_told_with_who_when_and_what(robot: Organization, clerk: User) -> None:
    with doing(clerk):
        Organization.objects.filter(pk=robot.pk).update(short_name="新简称")
    (entry,) = entries(of_role("审计员"), kind="update")
    assert (entry.who, entry.way, entry.when.date()) == ("录入甲", "页面", timezone.localdate())
    (line,) = entry.lines
    assert (line.about, line.text) == ("中山市虚构机器人有限公司", "填写简称：新简称")
    with doing(clerk):
        Organization.objects.filter(pk=robot.pk).update(short_name="")
    assert entries(of_role("审计员"), kind="update")[0].lines[0].text == "清空简称，原为“新简称”"


def test_a_payment_is_told_with_the_organization_that_its_dues_lead_to(robot: Organization, clerk: User) -> None:
    due = factories.due(factories.member(factories.alliance("paying", legal_person=True), robot))
    with doing(clerk):
        factories.payment(due)
    assert f"{robot}：新增会费缴费“2024-06-30”" in told(session(factories.superuser()))


def test_what_was_removed_is_told_by_its_last_values(robot: Organization, clerk: User) -> None:
    with doing(clerk):
        robot.contacts.all().delete()
    (entry,) = entries(of_role("审计员"), kind="delete")
    assert "机密联系人" in entry.lines[0].text
    assert entry.lines[0].about == "中山市虚构机器人有限公司"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reads_the_tables_that_it_may_see(robot: Organization, role: str) -> None:
    client = of_role(role)
    text = told(client)
    page = client.get(PAGE).content.decode()
    for secret, readers in (
        ("机密联系人", ("录入员", "审核员", "审计员")),
        ("9876.5432", ("录入员", "审核员", "审计员")),
        ("机密代表", ("秘书处", "审计员")),
    ):
        assert (secret in text) == (role in readers), secret
        assert secret not in page or role in readers
    assert "13812345678" not in page
    assert "13912345678" not in page


def test_a_township_reads_what_is_confidential_of_its_own_only(robot: Organization) -> None:
    own = session(factories.of_township(factories.township(TOWN)))
    assert "机密联系人" in told(own)
    elsewhere = session(factories.of_township(factories.township(OTHER)))
    assert "机密联系人" not in told(elsewhere)
    assert "9876.5432" not in told(elsewhere)
    assert "虚构机器人" in told(elsewhere)


def test_an_operation_of_which_nothing_may_be_read_is_not_there(robot: Organization) -> None:
    assert len(entries(of_role("查询员"))) < len(entries(of_role("审计员")))
    assert all(entry.lines for entry in entries(of_role("查询员")))


def test_confidential_tables_lead_to_an_organization(reference: None) -> None:
    """Those that would not are closed to accounts of townships."""
    confidential = {one.model.__name__: owner_path(one) for one in tracked_tables() if is_confidential(one)}
    dues = {"DuesStandard", "DuesClass", "Due", "Payment"}
    people = {"Contact", "Representative", "OfficeHolder", "Attendance"}
    assert set(confidential) == {"AnnualFigures", "RoundOrganization", *people, *dues}
    assert {name for name, path in confidential.items() if not path} == {"DuesStandard", "DuesClass"}


# --- Filters


def test_filters_by_person_table_organization_import_and_day(robot: Organization, clerk: User) -> None:
    auditor, other = of_role("审计员"), factories.with_role("录入员")
    with doing(other):
        second = factories.enterprise(name_zh="中山市另一有限公司")
    assert [entry.lines[0].about for entry in entries(auditor, person=other.username)] == [str(second)]
    assert {line.about for one in entries(auditor, organization=robot.registry_no) for line in one.lines} == {
        str(robot)
    }
    assert len(entries(auditor, organization=second.registry_no)) == 1
    (contacts,) = entries(auditor, table="registry.contact")
    assert "机密联系人" in contacts.lines[0].text
    batch = factories.import_batch()
    with doing(clerk, operation="import", batch=batch.pk, file="名单.xlsx"):
        factories.tag(second)
    (imported,) = entries(auditor, **{"import": str(batch.pk)})
    assert (imported.way, imported.way_url) == ("导入《名单.xlsx》", f"/admin/imports/{batch.pk}/")
    assert len(entries(auditor, day="today")) == len(entries(auditor))
    assert len(entries(auditor, day=timezone.localdate().isoformat())) == len(entries(auditor))
    assert entries(auditor, day="2020-01-01") == []


@pytest.mark.parametrize(
    "query",
    [
        {"person": "nobody"},
        {"table": "registry.nothing"},
        {"kind": "x"},
        {"day": "2026-13-45"},
        {"organization": "ZSAI-999999"},
        {"import": "x"},
        {"import": "99999999999999999999"},
        {"person": "nob\0dy"},
        {"organization": "ZSAI-\0999999"},
    ],
)
def test_what_is_not_understood_is_said_and_lists_nothing(robot: Organization, query: dict[str, str]) -> None:
    answer = of_role("审计员").get(PAGE, query)
    assert (answer.context["entries"], bool(answer.context["errors"])) == ([], True)


@pytest.mark.parametrize("query", [{"x": "1"}, {"before": "x"}, {"before": "a:b:c"}])
def test_an_address_that_is_none_is_refused(robot: Organization, query: dict[str, str]) -> None:
    assert of_role("审计员").get(PAGE, query).status_code == 400


def test_of_an_operation_on_many_only_what_was_asked_for_is_told(robot: Organization, clerk: User) -> None:
    with doing(clerk):
        other = factories.enterprise(name_zh="中山市旁观机器人有限公司")
        Organization.objects.update(short_name="一并修改")
    (entry,) = entries(of_role("审计员"), organization=robot.registry_no, kind="update")
    assert ([line.about for line in entry.lines], entry.more) == (["中山市虚构机器人有限公司"], 0)
    lines = [line for one in entries(of_role("审计员"), organization=other.registry_no) for line in one.lines]
    assert {line.about for line in lines} == {"中山市旁观机器人有限公司"}


def test_a_table_that_may_not_be_seen_is_no_filter(robot: Organization) -> None:
    answer = of_role("查询员").get(PAGE, {"table": "registry.contact"})
    assert (answer.context["entries"], bool(answer.context["errors"])) == ([], True)


# --- Files and looks


def test_files_and_looks_are_told_to_who_may_see_them(robot: Organization, clerk: User) -> None:
    factories.receipt(clerk, title="单位名录")
    factories.disclosure(robot, clerk)
    text = told(of_role("审计员"))
    assert "导出了《单位名录》" in text
    assert "查看了完整号码：联系人" in text
    assert "导出了《单位名录》" in told(session(clerk))
    assert "查看了完整号码" not in told(session(clerk))
    other = of_role("录入员")
    assert "单位名录" not in told(other)
    assert [one.who for one in entries(of_role("审计员"), kind="export")] == ["录入甲"]
    assert len(entries(of_role("审计员"), kind="look")) == 1
    assert len(entries(of_role("审计员"), organization=robot.registry_no, kind="look")) == 1


# --- Pages


def test_all_is_listed_once_over_the_pages(robot: Organization, clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        with doing(clerk):
            factories.enterprise(name_zh=f"第{number}家")
        factories.receipt(clerk, title=f"第{number}份")
    auditor = of_role("审计员")
    whole = lines_of(auditor)
    monkeypatch.setattr(walking, "PER_PAGE", 2)
    monkeypatch.setattr(walking, "AT_ONCE", 3)
    monkeypatch.setattr(walking, "MOST_TURNS", 1)
    assert lines_of(auditor) == whole
    text = "\n".join(whole)
    for number in range(7):
        assert f"第{number}家" in text
        assert text.count(f"第{number}份") == 1


def test_a_page_stops_and_goes_on_where_much_may_not_be_read(
    robot: Organization, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(6):
        with doing(clerk):
            factories.contact(robot, role="other", name="机密")
    monkeypatch.setattr(walking, "AT_ONCE", 2)
    monkeypatch.setattr(walking, "MOST_TURNS", 1)
    viewer = of_role("查询员")
    first = viewer.get(PAGE)
    assert (first.context["entries"], bool(first.context["older"])) == ([], True)
    assert "虚构机器人" in told(viewer)


def test_many_rows_of_one_operation_are_counted(clerk: User) -> None:
    with doing(clerk, operation="bulk"):
        Organization.objects.bulk_create(
            Organization(kind="enterprise", name_zh=f"第{number}家", registry_no=f"ZSAI-9{number:05}")
            for number in range(20)
        )
    (entry,) = entries(of_role("审计员"), person=clerk.username)
    assert (len(entry.lines), entry.more) == (6, 14)


def test_only_own_operations_of_the_day_are_offered_to_be_taken_back(robot: Organization, clerk: User) -> None:
    assert all(entry.undo for entry in entries(session(clerk)) if entry.who == "录入甲")
    assert not any(entry.undo for entry in entries(of_role("审计员")))


def test_the_number_of_queries_depends_on_the_tables_alone(robot: Organization, clerk: User) -> None:
    auditor = of_role("审计员")
    auditor.get(PAGE)
    counts = []
    for _turn in range(2):
        for _number in range(5):
            with doing(clerk):
                factories.contact(factories.enterprise(), role="liaison")
        with CaptureQueriesContext(connection) as run:
            auditor.get(PAGE)
        counts.append(len(run))
    assert counts[0] == counts[1]
    assert counts[0] <= 60


def test_a_moment_of_another_day_stands_below_that_day(robot: Organization) -> None:
    past_the_triggers("UPDATE pghistory_context SET created_at = created_at - interval '1 day'")
    days = of_role("审计员").get(PAGE).context["days"]
    assert [label.split()[0] for label, _found in days] == ["昨天"]
