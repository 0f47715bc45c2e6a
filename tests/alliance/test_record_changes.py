"""The feeds of what an alliance does, from applications to payments: complete, and by their rights."""

import datetime
import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F, Model

from alliance.models import (
    Alliance,
    Application,
    Attendance,
    Certificate,
    Decision,
    Due,
    DuesClass,
    DuesStandard,
    Meeting,
    Member,
    Payment,
    RecordChange,
)
from alliance.models.record_changes import TABLES
from registry.organizations.models.reach import LIMITED
from tests import factories
from tests.api import Api, api, ok, pointers, problem, root

pytestmark = pytest.mark.django_db(transaction=True)
MODELS: dict[str, type[Model]] = {
    "applications": Application,
    "attendance": Attendance,
    "certificates": Certificate,
    "decisions": Decision,
    "dues": Due,
    "dues-classes": DuesClass,
    "dues-standards": DuesStandard,
    "meetings": Meeting,
    "payments": Payment,
}
CANARY = "虚构机密金丝雀"


class Reader:
    """A program that keeps a copy of one list: id -> record."""

    def __init__(self, feed: str, client: Api | None = None, **parameters: Any) -> None:
        self.feed, self.client, self.parameters = feed, client or root(), parameters | {"lang": "zh"}
        self.cursor: str | None = None
        self.copy: dict[int, Any] = {}

    def read(self) -> list[tuple[str, int]]:
        told = []
        while True:
            given = self.parameters | ({"since": self.cursor} if self.cursor else {})
            answer = ok(self.client.get(f"alliances/test/{self.feed}/changes/", given))
            self.cursor = answer["cursor"]
            for row in answer["results"]:
                told.append((row["change"], row["id"]))
                if row["change"] == "deleted":
                    assert row["record"] is None
                    self.copy.pop(row["id"], None)
                else:
                    self.copy[row["id"]] = row["record"]
            if answer["next"] is None:
                return told

    def assert_true(self) -> None:
        """Assert that the copy is the list."""
        listed = self.client.rows(f"alliances/test/{self.feed}/", lang="zh", page_size=200)
        assert self.copy == {row["id"]: row for row in listed}


@pytest.fixture
def alliance(reference: None) -> Alliance:
    return factories.alliance("test", legal_person=True)


def filled(of: Alliance) -> dict[str, Any]:
    """A record of each feed, of one member."""
    membership = factories.membership(factories.member(of, member_no="M0001"), "2018-01-01")
    due = factories.due(membership.member, 2024)
    return {
        "applications": factories.application(of, remarks=CANARY),
        "certificates": factories.certificate(membership, "2020-1", end_reason=""),
        "decisions": Decision.objects.get(pk=due.dues_class.standard.decision_id),
        "dues": due,
        "dues-classes": due.dues_class,
        "dues-standards": due.dues_class.standard,
        "attendance": Attendance.objects.get(),
        "meetings": Meeting.objects.get(),
        "payments": factories.payment(due, amount=500, text=CANARY),
    }


def test_every_table_of_the_log_has_a_feed():
    assert {name.replace("-", "_"): model._meta.db_table for name, model in MODELS.items()} == TABLES


@pytest.mark.parametrize("feed", MODELS)
def test_feed_tells_what_is_entered_changed_and_removed(alliance, feed):
    reader = Reader(feed, page_size=1)
    assert reader.read() == []
    row = filled(alliance)[feed]
    assert ("created", row.pk) in reader.read()
    reader.assert_true()
    assert reader.read() == []
    field = {"meetings": "place", "decisions": "subject", "certificates": "returned_on", "payments": "payer"}
    name = (field | {"attendance": "present", "dues-classes": "name"}).get(feed, "remarks")
    rows = MODELS[feed].objects.filter(pk=row.pk)
    rows.update(**{name: {"returned_on": datetime.date(2026, 1, 1), "present": True}.get(name, "改过")})
    assert set(reader.read()) == {("changed", row.pk)}
    reader.assert_true()
    rows.update(**{name: F(name)})
    assert reader.read() == []
    if feed in ("meetings", "decisions", "dues-standards", "dues-classes"):
        Payment.objects.all().delete()
        Due.objects.all().delete()
        DuesClass.objects.all().delete()
        row.alliance.dues_standards.all().delete()
        Decision.objects.all().delete()
        Meeting.objects.all().delete()
    elif feed == "dues":
        Payment.objects.all().delete()
        rows.delete()
    else:
        rows.delete()
    assert reader.read()[-1] == ("deleted", row.pk)
    assert reader.copy == {}
    assert ("deleted", row.pk) not in Reader(feed).read()


def test_what_is_shown_with_a_record_is_told_with_it(alliance):
    rows = filled(alliance)
    readers = {feed: Reader(feed) for feed in MODELS}
    for reader in readers.values():
        reader.read()
    second = factories.due(rows["dues"].member, 2025, dues_class=rows["dues"].dues_class)
    decided = factories.dues_decision(alliance, "2020-01-10", matter="dues_relief")
    Application.objects.update(state="passed", decision=decided, effective_on="2020-02-01", membership=None)
    Due.objects.filter(pk=second.pk).update(relief=1, relief_rule="甲", relief_reason="乙", relief_decision=decided)
    for feed in readers:
        readers[feed].read()
    steps = {
        "what is paid": (lambda: factories.payment(second), {"dues"}),
        "the tiers of the class": (
            lambda: rows["dues-classes"].tiers.add(factories.tier(alliance, "council")),
            {"dues-classes"},
        ),
        "since when it applies": (
            lambda: DuesStandard.objects.update(begins_on="2019-02-02"),
            {"dues-standards", "dues-classes", "dues"},
        ),
        "the decision on the standard": (
            lambda: Decision.objects.filter(matter="dues_standard").update(ballot="open"),
            {"decisions", "dues-standards", "dues-classes"},
        ),
        "a payment of other dues": (lambda: Payment.objects.filter(due=second).update(due=rows["dues"]), {"dues"}),
        "no payment": (lambda: Payment.objects.all().delete(), {"dues"}),
        "the name of the class": (lambda: DuesClass.objects.update(name="另一档"), {"dues", "dues-classes"}),
        "who was there": (lambda: Attendance.objects.update(present=True), {"meetings", "attendance"}),
        "the day of the meeting": (
            lambda: Meeting.objects.filter(pk=decided.meeting_id).update(held_on="2020-01-11"),
            {"decisions", "applications", "attendance"},
        ),
        "the subject of the relief": (lambda: Decision.objects.filter(pk=decided.pk).update(subject="丙"), {"dues"}),
        "the number of the member": (
            lambda: Member.objects.update(member_no="M0099"),
            {"dues", "certificates", "attendance"},
        ),
    }
    for what, (change, feeds) in steps.items():
        change()
        for feed in feeds:
            assert readers[feed].read(), (what, feed)
        for reader in readers.values():
            reader.read()
            reader.assert_true()


def test_bulk_writes_are_told_page_by_page_in_the_order_of_keys(alliance):
    due = filled(alliance)["dues"]
    reader = Reader("payments", page_size=2)
    reader.read()
    day = datetime.date(2024, 5, 1)
    made = [Payment(alliance=alliance, due=due, paid_on=day, amount=1, serial_no=str(n)) for n in range(5)]
    Payment.objects.bulk_create(made)
    assert reader.read() == [("created", one.pk) for one in made]
    Payment.objects.update(payer="某公司")
    assert len(reader.read()) == 6
    reader.assert_true()


def test_feed_of_another_alliance_tells_nothing(alliance):
    filled(factories.alliance("other", legal_person=True))
    for feed in MODELS:
        assert Reader(feed).read() == []


def test_cursor_belongs_to_its_list_and_survives_no_restore(alliance):
    filled(alliance)
    reader = Reader("dues")
    reader.read()
    wrong = problem(root().get("alliances/test/payments/changes/", {"since": reader.cursor}), 400)
    assert pointers(wrong) == {"since"}
    problem(root().get("alliances/test/dues/changes/", {"state": "unpaid"}), 400)
    problem(root().get("alliances/test/dues/changes/", {"format": "csv"}), 400)
    problem(root().post("alliances/test/dues/changes/", {}), 405)
    RecordChange.objects.update(changed_in=10**15)
    assert Reader("dues").read() == []
    call_command("rebuild_changes", stdout=io.StringIO())
    assert Reader("dues").read() != []


# --- Who may read them

RIGHTS = {
    "applications": ("application", "tier"),
    "attendance": ("attendance", "meeting"),
    "certificates": ("certificate",),
    "decisions": ("decision", "meeting"),
    "dues": ("due", "member", "duesclass", "payment"),
    "dues-classes": ("duesclass", "duesstandard"),
    "dues-standards": ("duesstandard",),
    "meetings": ("meeting",),
    "payments": ("payment", "due", "member"),
}
COMMON = ("registry.view_organization", "alliance.view_alliance")


@pytest.mark.parametrize("feed", MODELS)
def test_feed_needs_each_right_of_its_list_and_shows_nothing_without(alliance, feed):
    filled(alliance)
    rights = (*COMMON, *(f"alliance.view_{name}" for name in RIGHTS[feed]))
    reader = Reader(feed, api(*rights, scope="read"))
    assert reader.read()
    reader.assert_true()
    own = f"alliance.view_{RIGHTS[feed][0]}"
    others = {f"alliance.view_{name}" for names in RIGHTS.values() for name in names} - {own}
    answer = api(*COMMON, *others).get(f"alliances/test/{feed}/changes/")
    problem(answer, 403)
    problem(Api().get(f"alliances/test/{feed}/changes/"), 401)
    problem(Api(base="/public/v1/").get(f"alliances/test/{feed}/changes/"), 404)


def test_rows_without_a_record_say_no_more_than_its_number(alliance):
    rows = filled(alliance)
    readers = {feed: root().get(f"alliances/test/{feed}/changes/").json()["cursor"] for feed in MODELS}
    Application.objects.all().delete()
    Payment.objects.all().delete()
    for feed in ("applications", "payments"):
        body = root().get(f"alliances/test/{feed}/changes/", {"since": readers[feed]}).content.decode()
        assert CANARY not in body
        (row,) = ok(root().get(f"alliances/test/{feed}/changes/", {"since": readers[feed]}))["results"]
        assert {**row, "at": ""} == {"change": "deleted", "at": "", "id": rows[feed].pk, "record": None}
    fields = {field.name for field in RecordChange._meta.fields}
    assert fields == {"id", "changed_in", "at", "alliance_id", "feed", "record_id", "change"}


@pytest.mark.parametrize("feed", MODELS)
def test_canary_in_figures_reaches_nobody_who_may_not_see_them(alliance, feed):
    filled(alliance)
    Due.objects.update(remarks=CANARY)
    Payment.objects.update(payer=CANARY)
    Attendance.objects.update(present=True, proxy=CANARY)
    DuesClass.objects.update(name=CANARY)
    DuesStandard.objects.update(remarks=CANARY)
    for role in ("查询员", "录入员", "审核员", "系统管理员"):
        client = api(user=factories.with_role(role))
        answer = client.get(f"alliances/test/{feed}/changes/")
        if feed in ("dues", "payments", "dues-classes", "dues-standards", "attendance"):
            problem(answer, 403)
        if feed != "applications":
            assert CANARY not in answer.content.decode(), (role, feed)


@pytest.mark.parametrize("feed", MODELS)
def test_account_of_townships_reads_no_feed(alliance, feed):
    filled(alliance)
    rights = (*COMMON, *(f"alliance.view_{name}" for name in RIGHTS[feed]))
    town = factories.user(*rights, LIMITED)
    factories.account_township(town)
    problem(api(user=town).get(f"alliances/test/{feed}/changes/"), 403)
