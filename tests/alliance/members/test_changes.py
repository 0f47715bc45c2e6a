"""The feed of changes of memberships: nothing is missed, and the public learns of nobody who is not published."""

import datetime
import io
import threading
from typing import Any

import pghistory
import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from alliance.members.operations import actions
from alliance.models import Alliance, Member, Membership, MembershipChange
from registry.models import ChangeOrigin, Organization
from tests import factories
from tests.api import Api, api, ok, pointers, problem, public, root

pytestmark = pytest.mark.django_db(transaction=True)
D = datetime.date
FEED = "alliances/test/changes/"


class Reader:
    """A program that keeps a copy: membership id -> tier and days."""

    def __init__(self, client: Api, **parameters: Any) -> None:
        self.client = client
        self.parameters = parameters | {"lang": "zh"}
        self.cursor: str | None = None
        self.answers: list[dict[str, Any]] = []

    def rows(self) -> list[dict[str, Any]]:
        rows = []
        while True:
            given = self.parameters | ({"since": self.cursor} if self.cursor else {})
            answer = ok(self.client.get(FEED, given))
            self.cursor = answer["cursor"]
            rows += answer["results"]
            if answer["next"] is None:
                return rows

    def read(self) -> list[tuple[str, str]]:
        return [(row["change"], row["member_no"]) for row in self.rows()]


@pytest.fixture
def alliance(reference: None) -> Alliance:
    made = factories.alliance("test", member_no_prefix="M", founded_on=None)
    factories.tier(made, "member", name_zh="会员单位", rank=2)
    factories.tier(made, "council", name_zh="理事单位", rank=1)
    return made


def admit(alliance: Alliance, *, shown: bool = True) -> Member:
    of = factories.enterprise(published=shown)
    return actions.admit(of, alliance, alliance.tiers.get(code="member"), D(2020, 1, 1)).member


def test_feed_tells_each_kind_of_change(alliance: Alliance) -> None:
    reader, council = Reader(root()), alliance.tiers.get(code="council")
    assert reader.read() == []
    one, two = admit(alliance), admit(alliance)
    assert reader.read() == [("admitted", "M0001"), ("admitted", "M0002")]
    assert reader.read() == []
    actions.change_tier(one, council, D(2021, 1, 1))
    rows = reader.rows()
    assert [row["change"] for row in rows] == ["tier_changed", "tier_changed"]
    assert [(row["membership"]["admitted_on"], row["membership"]["ended_on"]) for row in rows] == [
        ("2020-01-01", "2021-01-01"),
        ("2021-01-01", None),
    ]
    actions.end(two, D(2022, 1, 1), "expulsion")
    actions.admit(two.organization, alliance, council, D(2023, 1, 1))
    assert reader.read() == [("ended", "M0002"), ("admitted", "M0002")]
    membership = two.memberships.get(ended_on=None)
    actions.correct(membership, admitted_on=D(2023, 2, 1), reason="录入日期有误")
    (row,) = reader.rows()
    assert (row["change"], row["reason"], row["membership"]["admitted_on"]) == (
        "corrected",
        "录入日期有误",
        "2023-02-01",
    )
    membership.delete()
    (row,) = reader.rows()
    assert (row["change"], row["member_no"], row["membership"]) == ("deleted", "M0002", None)
    assert [change for change, _number in Reader(root()).read()] == [
        "admitted",
        "admitted",
        *["tier_changed"] * 2,
        "ended",
    ]


def test_bulk_writes_and_pages_are_told_in_order(alliance: Alliance) -> None:
    members = [factories.member(alliance) for _n in range(5)]
    tier = alliance.tiers.get(code="member")
    made = [Membership(alliance=alliance, member=one, tier=tier, admitted_on=D(2020, 1, 1)) for one in members]
    Membership.objects.bulk_create(made)
    reader = Reader(root(), page_size=2)
    assert reader.read() == [("admitted", one.member_no) for one in members]
    Membership.objects.update(ended_on=D(2021, 1, 1), end_reason="lapse")
    assert sorted(reader.read()) == [("ended", one.member_no) for one in members]
    Membership.objects.update(remarks="备注")
    assert {change for change, _number in reader.read()} == {"corrected"}
    Membership.objects.update(remarks="备注")
    assert reader.read() == []


def test_feed_waits_for_a_transaction_that_began_earlier(alliance: Alliance) -> None:
    reader = Reader(root())
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            admit(alliance)
            begun.set()
            go_on.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slowly)
    thread.start()
    begun.wait(20)
    other = factories.alliance("other")
    factories.membership(factories.member(other))
    late = factories.member(alliance, member_no="X1")
    factories.membership(late)
    assert reader.read() == [], "the earlier transaction may still commit a change with an earlier place"
    go_on.set()
    thread.join()
    assert [number for _change, number in reader.read()] == [
        Member.objects.exclude(pk=late.pk).filter(alliance=alliance).get().member_no,
        "X1",
    ]


# --- The public edition


def test_public_learns_of_published_organizations_only(alliance: Alliance) -> None:
    reader = Reader(public())
    seen, hidden = admit(alliance), admit(alliance, shown=False)
    assert reader.read() == [("admitted", seen.member_no)]
    actions.change_tier(hidden, alliance.tiers.get(code="council"), D(2021, 1, 1))
    actions.end(hidden, D(2022, 1, 1), "expulsion")
    assert reader.read() == []
    Organization.objects.filter(pk=hidden.organization_id).update(published=True)
    assert reader.read() == [("published", hidden.member_no)] * 2
    Organization.objects.filter(pk=seen.organization_id).update(published=False)
    (row,) = reader.rows()
    assert row == {
        "change": "unpublished",
        "member_no": seen.member_no,
        "registry_no": seen.organization.registry_no,
        "membership": None,
    }
    actions.end(seen, D(2023, 1, 1), "lapse")
    assert reader.read() == []
    assert {number for _change, number in Reader(public()).read()} == {hidden.member_no}


def test_public_is_told_of_a_deletion_although_the_organization_is_not_published_any_more(alliance: Alliance) -> None:
    reader, member = Reader(public()), admit(alliance)
    assert reader.read() == [("admitted", member.member_no)]
    member.memberships.get().delete()
    Organization.objects.filter(pk=member.organization_id).update(published=False)
    (row,) = reader.rows()
    assert (row["change"], row["membership"]) == ("deleted", None)
    other = admit(alliance, shown=False)
    other.memberships.get().delete()
    assert reader.read() == []
    assert Reader(public()).read() == []


def test_public_is_told_days_and_tiers_but_no_reasons(alliance: Alliance) -> None:
    reader = Reader(public())
    member = admit(alliance)
    reader.read()
    with pghistory.context(reason="秘密原因"):
        actions.change_tier(member, alliance.tiers.get(code="council"), D(2021, 1, 1), remarks="秘密备注")
    (row,) = reader.rows()
    assert (row["change"], row["membership"]["tier"]["name"]) == ("tier_changed", "理事单位")
    actions.end(member, D(2022, 1, 1), "expulsion", remarks="秘密备注")
    (row,) = reader.rows()
    assert (row["change"], row["membership"]["ended_on"]) == ("ended", "2022-01-01")
    assert {"end_reason", "remarks", "at", "reason"}.isdisjoint({*row, *row["membership"]})
    actions.correct(member.memberships.get(ended_on=D(2022, 1, 1)), end_reason="lapse", remarks="改")
    assert reader.read() == [], "nothing has changed that the public may see"
    assert Reader(root()).read()[-1][0] == "corrected"


def test_two_worlds_that_differ_in_secrets_give_the_public_the_same(alliance: Alliance) -> None:
    """Differential: what happens to an unpublished organization changes no byte of the public feed."""
    shown, hidden = admit(alliance), admit(alliance, shown=False)
    told = []
    for happens in (False, True):
        if happens:
            actions.change_tier(hidden, alliance.tiers.get(code="council"), D(2021, 1, 1))
            hidden.organization.name_zh = "另一个秘密名称有限公司"
            hidden.organization.save()
            actions.end(hidden, D(2022, 1, 1), "expulsion")
        told.append(Reader(public()).rows())
    assert told[0] == told[1]
    assert [row["member_no"] for row in told[0]] == [shown.member_no]


def test_who_was_never_in_the_public_feed_leaves_no_tombstone(alliance: Alliance) -> None:
    Alliance.objects.update(published=False)
    member = admit(alliance)
    problem(public().get(FEED), 404)
    Organization.objects.filter(pk=member.organization_id).update(published=False)
    Alliance.objects.update(published=True)
    answer = ok(public().get(FEED, {"since": "now"}))
    assert Reader(public()).read() == []
    Organization.objects.filter(pk=member.organization_id).update(published=True)
    rows = ok(public().get(FEED, {"since": answer["cursor"]}))["results"]
    assert [row["change"] for row in rows] == ["published"]


def test_alliance_that_is_published_tells_of_its_members(alliance: Alliance) -> None:
    Alliance.objects.update(published=False)
    seen, _hidden = admit(alliance), admit(alliance, shown=False)
    Alliance.objects.update(published=True)
    assert Reader(public()).read() == [("published", seen.member_no)]


# --- Who may read it, what it costs, and where a dump was restored


def test_feed_needs_its_permissions_and_known_parameters(alliance: Alliance) -> None:
    readers = ("registry.view_organization", "alliance.view_alliance", "alliance.view_membership")
    member = admit(alliance)
    ok(api(*readers).get(FEED))
    problem(api(*readers[:2]).get(FEED), 403)
    town = factories.user(*readers, "registry.limited_to_townships")
    assert [row["member_no"] for row in ok(api(user=town).get(FEED))["results"]] == [member.member_no]
    assert pointers(problem(root().get(f"{FEED}?since=x"), 400)) == {"since"}
    assert pointers(problem(root().get(f"{FEED}?tier=x"), 400)) == {"tier"}
    assert pointers(problem(root().get(f"{FEED}?since={Reader(root()).cursor}"), 400)) == {"since"}
    problem(root().get("alliances/none/changes/"), 404)
    elsewhere = ok(root().get(FEED))["cursor"]
    factories.alliance("other")
    assert pointers(problem(root().get("alliances/other/changes/", {"since": elsewhere}), 400)) == {"since"}


@pytest.mark.parametrize("client", [root, public])
def test_queries_do_not_grow_with_the_rows(alliance: Alliance, client: Any) -> None:
    counts = []
    for _n in range(2):
        for _m in range(4):
            admit(alliance)
        asked = client()
        asked.get(FEED)
        with CaptureQueriesContext(connection) as queries:
            ok(asked.get(FEED))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_restored_dump_is_numbered_anew(alliance: Alliance) -> None:
    reader = Reader(root())
    member = admit(alliance)
    reader.read()
    ChangeOrigin.objects.update_or_create(pk=1, defaults={"cluster": "1"})  # as a dump brings it from elsewhere
    MembershipChange.objects.update(changed_in=10**15)
    problem(root().get(FEED), 503)
    call_command("rebuild_changes", stdout=io.StringIO())
    assert pointers(problem(root().get(FEED, {"since": reader.cursor}), 400)) == {"since"}
    assert Reader(root()).read() == [("admitted", member.member_no)]
