"""The place that the secretariat gives a member within its tier: by form, API and file."""

import csv
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from alliance.members.imports.memberships import MembershipImport
from alliance.models import Member, Membership
from registry.imports.undo.undo import undo
from tests import factories
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied, state

pytestmark = pytest.mark.django_db
CORRECTING = ("registry.view_organization", "alliance.view_membership", "alliance.change_membership")


@pytest.fixture
def membership(reference: None) -> Membership:
    return factories.membership(factories.member(factories.alliance("test")))


def program(*permissions: str) -> Client:
    _token, key = factories.token(factories.user(*permissions), scope="write")
    return Client(headers={"Authorization": f"Bearer {key}"})


def test_place_is_given_and_taken_away_by_the_api(membership: Membership) -> None:
    address = f"/api/v1/memberships/{membership.pk}/"
    one = program(*CORRECTING, "alliance.change_member")
    for position in (3, None):
        answer = one.patch(
            address, {"position": position}, content_type="application/json", headers=current(one, address)
        )
        assert (answer.status_code, answer.json()["position"]) == (200, position)
        assert Member.objects.get().position == position
    for position in (0, -1, 40_000, "first"):
        answer = one.patch(
            address, {"position": position}, content_type="application/json", headers=current(one, address)
        )
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/position"
    other = program(*CORRECTING)
    answer = other.patch(address, {"position": 1}, content_type="application/json", headers=current(other, address))
    assert answer.status_code == 403, "the place belongs to the member"


def current(client: Client, address: str) -> dict[str, str]:
    return {"If-Match": client.get(address)["ETag"]}


def test_place_is_imported_and_exported(membership: Membership, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    row = f"{membership.member.organization.registry_no},2020-01-01,会员单位"
    for given, stored, summary in (
        ("5", 5, "changed 1"),
        ("5", 5, "unchanged 1"),
        ("", 5, "unchanged 1"),
        ("0", 5, "refused 1"),
    ):
        path.write_text(f"名录编号,起始日期,会员级别,排序\n{row},{given}\n", "utf-8-sig")
        report = MembershipImport(slug="test").run(path, apply=True)
        report.table.close()
        assert summary in report.summary, given
        assert Member.objects.get().position == stored
    call_command("export_members", "test", output=str(path))
    (written,) = csv.DictReader(path.read_text("utf-8-sig").splitlines())
    assert written["排序"] == "5"


def test_place_that_an_import_gave_is_undone(membership: Membership, tmp_path: Path) -> None:
    Member.objects.update(position=2)
    number = membership.member.organization.registry_no
    new = factories.enterprise().registry_no
    before = state()
    rows = [[number, "2020-01-01", "会员单位", "5"], [new, "2021-01-01", "会员单位", "6"]]
    file = csv_file(tmp_path, [["名录编号", "起始日期", "会员级别", "排序"], *rows])
    batch = applied(file, MembershipImport(slug="test"))
    assert [*Member.objects.order_by("pk").values_list("position", flat=True)] == [5, 6]
    assert undo(batch.pk, apply=True).done
    after = state()
    for one in (before, after):
        one.pop("alliance_membernumber")
    assert after == before


def test_two_places_of_one_member_in_a_file_are_refused(membership: Membership, tmp_path: Path) -> None:
    factories.membership(membership.member, "2010-01-01", ended_on="2012-01-01", end_reason="withdrawal")
    path = tmp_path / "places.csv"
    number = membership.member.organization.registry_no
    rows = f"{number},2020-01-01,,会员单位,5\n{number},2010-01-01,2012-01-01,会员单位,6\n"
    path.write_text(f"名录编号,起始日期,终止日期,会员级别,排序\n{rows}", "utf-8-sig")
    report = MembershipImport(slug="test").run(path, apply=True)
    report.table.close()
    assert "refused 2" in report.summary
    assert Member.objects.get().position is None


def test_place_is_given_on_the_page_of_the_member(membership: Membership) -> None:
    client = Client()
    client.force_login(factories.superuser())
    page: Any = client.get(f"/admin/alliance/member/{membership.member_id}/change/")
    assert 'name="position"' in page.content.decode()
