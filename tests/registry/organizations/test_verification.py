"""Verification: on which day, by whom and from what a record was verified, whatever way says so."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import Organization
from tests import factories
from tests.api import api, ok, pointers, problem
from tests.pages import errors, form_data
from tests.registry.imports.importing import imported, reasons
from tests.registry.organizations.test_admin_organizations import CLERK, change, read, save
from tests.registry.organizations.test_api_organizations import WRITER, address

pytestmark = pytest.mark.django_db
VERIFY = "registry.verify_organization"
VERIFIER = (*CLERK, VERIFY)


@pytest.fixture
def robot(reference) -> Organization:
    made = factories.enterprise(name_zh="中山市虚构核实机器人有限公司", short_name="旧简称")
    factories.tag(made, is_primary=True)
    return made


def session(*permissions: str) -> Client:
    client = Client()
    client.force_login(factories.user(*permissions))
    client.cookies["django_language"] = "zh-hans"
    return client


def signed(organization: Organization) -> tuple[datetime.date | None, str, str | None]:
    """Day, source and user name of the verification as stored."""
    organization.refresh_from_db()
    user = organization.verified_by
    return organization.verified_on, organization.verified_from, user and user.username


DAY, LATER = datetime.date(2024, 5, 1), datetime.date(2025, 6, 2)


def test_a_program_says_from_what_it_verified(robot):
    user = factories.user(*WRITER, VERIFY)
    client = api(user=user)
    shown = ok(client.patch(address(robot), {"verified_on": "2024-05-01", "verified_from": "visit"}))
    assert (shown["verified_on"], shown["verified_from"], shown["verified_by"]) == (
        "2024-05-01",
        "visit",
        user.username,
    )
    ok(client.patch(address(robot), {"verified_on": "2025-06-02"}))
    assert signed(robot) == (LATER, "", user.username), "another day has its own source"
    ok(client.patch(address(robot), {"verified_from": "phone"}))
    ok(client.patch(address(robot), {"verified_on": None}))
    assert signed(robot) == (None, "", None)


def test_a_source_of_verification_takes_the_right_and_a_day(robot):
    denied = problem(api(*WRITER).patch(address(robot), {"verified_from": "phone"}), 403, "permission_denied")
    assert pointers(denied) == {"/verified_from"}
    client = api(*WRITER, VERIFY)
    document = problem(client.patch(address(robot), {"verified_from": "phone"}), 400)
    assert document["errors"][0]["code"] == "organization_verified_from_has_day"
    assert pointers(problem(client.patch(address(robot), {"verified_from": "梦"}), 400)) == {"/verified_from"}


def test_the_form_takes_day_and_source_and_empties_both(robot):
    client = session(*VERIFIER)
    save(client, change(robot), verified_on="2024-05-01", verified_from="reply")
    assert signed(robot)[:2] == (DAY, "reply")
    save(client, change(robot), verified_on="2025-06-02")
    assert signed(robot)[:2] == (LATER, "reply"), "the source stood in the form beside the new day"
    save(client, change(robot), verified_on="")
    assert signed(robot) == (None, "", None)
    save(session(*CLERK), change(robot), verified_on="2024-05-01", verified_from="reply")
    assert signed(robot) == (None, "", None)


def test_a_file_signs_for_who_imports_it(robot, tmp_path):
    user = factories.user(*VERIFIER)
    rows = [["统一社会信用代码", "核实日期", "核实依据"], [robot.uscc, "2024-05-01", "电话"]]
    imported(tmp_path, rows, user=user)
    assert signed(robot) == (DAY, "phone", user.username)
    other = factories.user(*VERIFIER)
    imported(tmp_path, [["统一社会信用代码", "简称"], [robot.uscc, "新"]], user=other)
    assert signed(robot) == (DAY, "phone", user.username), "a file about something else verifies nothing"
    imported(tmp_path, [["统一社会信用代码", "核实日期"], [robot.uscc, "2025-06-02"]], user=other)
    assert signed(robot) == (LATER, "", other.username)


def test_a_file_without_a_day_names_no_source(robot, tmp_path):
    report = imported(tmp_path, [["统一社会信用代码", "核实依据"], [robot.uscc, "电话核实"]])
    assert "Say also on which day it was verified." in reasons(report)
    assert signed(robot) == (None, "", None)


def test_no_way_verifies_on_a_day_in_the_future(robot, tmp_path):
    ahead = (timezone.localdate() + datetime.timedelta(days=2)).isoformat()
    assert pointers(problem(api(*WRITER, VERIFY).patch(address(robot), {"verified_on": ahead}), 400)) == {
        "/verified_on"
    }
    assert "verified_on" in errors(save(session(*VERIFIER), change(robot), verified_on=ahead))
    report = imported(tmp_path, [["统一社会信用代码", "核实日期"], [robot.uscc, ahead]])
    assert "future" in reasons(report)
    assert signed(robot) == (None, "", None)


# --- One click on the page


def click(client: Client, page: str, source: str = "phone") -> str:
    """Open the page, press the button of this source, and return what the next page says."""
    opened = client.get(page)
    version = {opened.context["version_name"]: opened.context["version"]}
    answer = client.post(opened.context["care"]["url"], version | {"source": source}, follow=True)
    assert answer.redirect_chain[-1][0] == page
    return " ".join(str(message) for message in answer.context["messages"])


def test_one_click_verifies_today_from_what_the_button_says(robot):
    user = factories.user(*VERIFIER, first_name="某", last_name="李")
    client = session()
    client.force_login(user)
    told = click(client, read(robot), "visit")
    assert "已核实：中山市虚构核实机器人有限公司（现场走访，今天）" in told
    assert signed(robot) == (timezone.localdate(), "visit", user.username)
    shown = client.get(read(robot)).content.decode()
    assert f"{timezone.localdate()} · 现场走访 · 李某" in shown
    history = client.get(f"/admin/registry/enterprise/{robot.pk}/history/").content.decode()
    assert "核实依据" in history


def test_the_right_to_verify_is_enough_for_the_click(robot):
    assert "已核实" in click(session("registry.view_organization", VERIFY), read(robot))
    assert signed(robot)[1] == "phone"


def test_who_may_not_verify_is_told_so_and_sees_no_button(robot):
    client = session(*CLERK)
    opened = client.get(read(robot))
    assert opened.context["care"]["sources"] == ()
    answer = client.post(opened.context["care"]["url"], {"source": "phone"})
    assert answer.status_code == 403
    assert "无权核实单位信息" in answer.content.decode()
    assert signed(robot) == (None, "", None)


def test_a_click_needs_a_source_and_the_record_as_it_was_shown(robot):
    client = session(*VERIFIER)
    assert "请选择核实依据" in click(client, read(robot), "")
    opened = client.get(read(robot))
    Organization.objects.filter(pk=robot.pk).update(short_name="别人改的")
    version = {opened.context["version_name"]: opened.context["version"], "source": "phone"}
    answer = client.post(opened.context["care"]["url"], version, follow=True)
    assert "又有变动" in " ".join(map(str, answer.context["messages"]))
    assert signed(robot) == (None, "", None)


def test_a_merged_record_is_not_verified(robot):
    Organization.objects.filter(pk=robot.pk).update(registration_status="merged", successor=factories.organization())
    client = session(*VERIFIER)
    opened = client.get(f"{read(robot)}?itself=1").context
    assert opened["care"]["sources"] == ()
    sent = {opened["version_name"]: opened["version"], "source": "phone"}
    answer = client.post(opened["care"]["url"], sent, follow=True)
    assert "已并入" in " ".join(str(message) for message in answer.context["messages"])
    problem(api("registry.view_organization", VERIFY).post(address(robot) + "verify/", {"verified_from": "phone"}), 400)
    assert signed(robot) == (None, "", None)


def test_a_click_of_the_kinds_leads_back_to_their_page(robot):
    institute = factories.institute()
    assert "已核实" in click(session(*VERIFIER), f"/admin/registry/institute/{institute.pk}/")
    assert session(*VERIFIER).post(f"/admin/registry/institute/{robot.pk}/verify/").status_code == 404


def test_a_click_is_merged_with_the_form_that_is_open(robot):
    client = session(*VERIFIER)
    data = form_data(client.get(change(robot))) | {"short_name": "我改的"}
    click(session(*VERIFIER), read(robot))
    told = client.post(change(robot), data)
    answer = client.post(change(robot), form_data(told))
    assert answer.status_code == 302, errors(answer)
    robot.refresh_from_db()
    assert (robot.short_name, robot.verified_from) == ("我改的", "phone")


def test_the_page_says_how_complete_the_record_is(robot):
    care = session("registry.view_organization").get(read(robot)).context["care"]
    assert (care["there"], care["asked"]) == (3, 9)
    assert [str(label) for label in care["missing"]][:2] == ["镇街", "地址"]


# --- Many at once, and by a program


def test_ticked_rows_are_verified_together(robot):
    user = factories.user(*VERIFIER)
    client = session()
    client.force_login(user)
    merged = factories.enterprise(registration_status="merged", successor=robot)
    other = factories.enterprise()
    data = {"action": "verify", "_selected_action": [robot.pk, other.pk, merged.pk], "verified_from": "reply"}
    listed = "/admin/registry/enterprise/?registration_status="
    shown = client.post(listed, data | {"step": "show"})
    assert len(shown.context["outcome"].changed) == 2
    client.post(listed, data | {"step": "apply", "expected": "2"})
    assert signed(robot) == signed(other) == (timezone.localdate(), "reply", user.username)
    assert signed(merged) == (None, "", None)
    assert "verify" not in session(*CLERK).get(listed).content.decode().split('name="action"')[1].split("</select>")[0]


def test_a_program_verifies_in_one_request(robot):
    user = factories.user("registry.view_organization", VERIFY)
    shown = ok(api(user=user).post(address(robot) + "verify/", {"verified_from": "public"}))
    assert (shown["verified_from"], shown["verified_by"]) == ("public", user.username)
    assert signed(robot)[0] == timezone.localdate()
    problem(api(user=user).post(address(robot) + "verify/", {}), 400)
    problem(api(*WRITER).post(address(robot) + "verify/", {"verified_from": "public"}), 403, "permission_denied")


# --- What waits to be verified


def test_the_page_of_what_waits_counts_by_town_and_leads_to_the_lists(robot):
    town = factories.township()
    factories.enterprise(township=town, verified_on=DAY)
    factories.enterprise(township=town, verified_on=timezone.localdate())
    factories.enterprise(township=town)
    factories.enterprise(township=town, registration_status="deregistered")
    client = session("registry.view_organization", VERIFY)
    page = client.get("/admin/registry/organization/overdue/")
    (row,) = [row for row in page.context["rows"] if row.code == town.code]
    assert [number for number, _url in row.cells()] == [2, 1, 1, 1]
    assert row.percent == 33
    for number, url in [*row.cells(), *page.context["total"].cells()]:
        assert client.get(url).context["cl"].result_count == number, url
    assert page.context["total"].due == 3
    (card,) = [card for card in client.get("/admin/").context["cards"] if card.name == "due"]
    assert (card.number.value, client.get(card.url).context["cl"].result_count) == (3, 3)
    assert "due" not in [card.name for card in session(*CLERK).get("/admin/").context["cards"]]


def test_records_of_a_town_that_has_ended_wait_with_its_successor(robot):
    town = factories.township()
    ended = factories.township("442000999", name_zh="旧虚构镇", valid_to=DAY, successor=town)
    factories.enterprise(township=ended)
    client = session("registry.view_organization", VERIFY)
    (row,) = [row for row in client.get("/admin/registry/organization/overdue/").context["rows"] if row.code]
    assert (row.code, row.due) == (town.code, 1)
    _number, url = next(row.cells())
    assert client.get(url).context["cl"].result_count == 1


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("freshness=never,overdue", 2),
        ("freshness=never", 1),
        ("freshness=fresh", 1),
        ("missing=any", 3),
        ("missing=none", 0),
        ("missing=uscc", 1),
        ("missing=category", 3),
    ],
)
def test_the_lists_filter_as_their_exports_do(robot, query, number):
    factories.enterprise(verified_on=DAY)
    factories.enterprise(verified_on=timezone.localdate(), uscc=None)
    page = session("registry.view_organization").get(f"/admin/registry/enterprise/?{query}")
    assert page.context["cl"].result_count == number
    export = next(url for _label, url in page.context["exports"] if "format=csv" in url)
    lines = session("registry.view_organization").get(export).getvalue().decode().strip().splitlines()
    assert len(lines) == number + 1
    # Whoever exports what has to be completed or verified sees in the file what that is.
    assert ("缺项" in lines[0]) == (query.startswith("missing=") and "none" not in query)
    assert ("核实情况" in lines[0]) == query.startswith("freshness=")
