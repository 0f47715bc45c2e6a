"""Verification: on which day, by whom and from what a record was verified, whatever way says so."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import Organization
from tests import factories
from tests.api import api, ok, pointers, problem
from tests.pages import errors
from tests.registry.imports.importing import imported, reasons
from tests.registry.organizations.test_admin_organizations import CLERK, change, save
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
