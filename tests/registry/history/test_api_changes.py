"""The feed of changes: nothing is missed, whatever the order in which transactions end."""

import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from registry.models import ChangeOrigin, Name, Organization, OrganizationChange
from tests import factories
from tests.api import Api, api, ok, pointers, problem, public, root

pytestmark = pytest.mark.django_db(transaction=True)
FEED = "organizations/changes/"


class Reader:
    """A program that keeps a copy: it reads to the end and remembers the cursor."""

    def __init__(self, client: Api, **parameters: Any) -> None:
        self.client = client
        self.parameters = parameters
        self.cursor: str | None = None
        self.copy: dict[str, Any] = {}

    def read(self) -> list[tuple[str, str]]:
        told = []
        while True:
            given = self.parameters | ({"since": self.cursor} if self.cursor else {})
            answer = ok(self.client.get(FEED, given))
            self.cursor = answer["cursor"]
            for one in answer["results"]:
                told.append((one["change"], one["registry_no"]))
                if one["organization"] is None:
                    self.copy.pop(one["registry_no"], None)
                else:
                    self.copy[one["registry_no"]] = one["organization"]
            if answer["next"] is None:
                return told


@pytest.fixture
def reader(reference: None) -> Reader:
    return Reader(root())


def test_feed_tells_each_kind_of_change(reader: Reader) -> None:
    one, two, three, four = (factories.enterprise(published=True) for _number in range(4))
    assert reader.read() == [("created", row.registry_no) for row in (one, two, three, four)]
    assert reader.read() == []
    one.short_name = "新"
    one.save()
    two.registration_status = "deregistered"
    two.save()
    three.registration_status, three.successor = "merged", one
    three.save()
    Organization.objects.filter(pk=four.pk).update(published=False)
    five = factories.enterprise()
    assert reader.read() == [
        ("changed", one.registry_no),
        ("closed", two.registry_no),
        ("merged", three.registry_no),
        ("unpublished", four.registry_no),
        ("created", five.registry_no),
    ]
    assert reader.copy[one.registry_no]["short_name"] == "新"
    number = five.registry_no
    Organization.objects.filter(pk=five.pk).delete()
    assert reader.read() == [("deleted", number)]
    assert number not in reader.copy


def test_merged_record_names_its_successor(reader: Reader) -> None:
    kept = factories.enterprise(published=True)
    factories.enterprise(published=True, registration_status="merged", successor=kept)
    for client in (root(), public()):
        assert ok(client.get(FEED))["results"][1]["successor"] == kept.registry_no


def test_change_of_what_belongs_to_an_organization_counts(reader: Reader) -> None:
    one = factories.enterprise()
    reader.read()
    for change in (
        lambda: factories.tag(one),
        lambda: factories.name(one),
        lambda: factories.identifier(one),
        lambda: factories.qualification(one),
        lambda: Name.objects.filter(organization=one).delete(),
    ):
        change()
        assert reader.read() == [("changed", one.registry_no)]


def test_many_changes_at_once_are_read_in_pages(reader: Reader) -> None:
    reader.parameters = {"page_size": 3}
    with transaction.atomic():
        made = [factories.enterprise() for _number in range(7)]
    assert reader.read() == [("created", row.registry_no) for row in made]
    Organization.objects.update(remarks="alle")
    assert sorted(reader.read()) == sorted(("changed", row.registry_no) for row in made)


class Writer(threading.Thread):
    """A transaction in a connection of its own that ends when it is told to."""

    def __init__(self, write: Any) -> None:
        super().__init__()
        self.write = write
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.start()
        assert self.begun.wait(10)

    def run(self) -> None:
        try:
            with transaction.atomic():
                self.write()
                self.begun.set()
                assert self.go_on.wait(20)
        finally:
            connections.close_all()

    def end(self) -> None:
        self.go_on.set()
        self.join(20)


@pytest.fixture
def writers() -> Iterator[list[Writer]]:
    started: list[Writer] = []
    yield started
    for one in started:
        one.end()


def test_transactions_that_end_out_of_order_leave_no_gap(reader: Reader, writers: list[Writer]) -> None:
    factories.plan()
    reader.read()
    first = Writer(lambda: factories.enterprise(name_zh="先开始的公司"))
    writers.append(first)
    second = Writer(lambda: factories.enterprise(name_zh="后开始的公司"))
    writers.append(second)
    second.end()  # began last, ends first
    factories.enterprise(name_zh="最后的公司")
    seen = reader.read()
    assert "先开始的公司" not in {row["name_zh"] for row in reader.copy.values()}
    first.end()
    seen += reader.read()
    assert len(seen) == len(set(seen)) == 3
    assert {row["name_zh"] for row in reader.copy.values()} == {"先开始的公司", "后开始的公司", "最后的公司"}


def test_part_written_by_an_older_transaction_is_not_missed(reader: Reader, writers: list[Writer]) -> None:
    """The older transaction finds the organization changed later than it began itself."""
    one = factories.enterprise()
    gate = threading.Event()

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")

    class Late(Writer):
        def run(self) -> None:
            try:
                with transaction.atomic():
                    self.write()
                    self.begun.set()
                    assert self.go_on.wait(20)
                    factories.name(one, "晚写的曾用名")
            finally:
                connections.close_all()
                gate.set()

    late = Late(write)
    writers.append(late)
    Organization.objects.filter(pk=one.pk).update(remarks="meanwhile")
    reader.read()
    late.end()
    reader.read()
    assert reader.copy[one.registry_no]["former_names"] == ["晚写的曾用名"]


def test_concurrent_writers_and_a_reader_end_with_the_same_copy(reader: Reader) -> None:
    made = [factories.enterprise() for _number in range(5)]
    failures: list[Exception] = []

    def write(seed: int) -> None:
        try:
            for turn in range(12):
                with transaction.atomic():
                    row = made[(seed + turn) % 5]
                    Organization.objects.filter(pk=row.pk).update(remarks=f"{seed}-{turn}")
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    reader.parameters = {"page_size": 2, "fields": "registry_no,remarks"}
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        reader.read()
    for thread in threads:
        thread.join()
    reader.read()
    assert failures == []
    assert {number: row["remarks"] for number, row in reader.copy.items()} == dict(
        Organization.objects.values_list("registry_no", "remarks")
    )


# --- The public edition


def test_public_feed_knows_published_organizations_and_their_end(reference: None) -> None:
    reader = Reader(public())
    hidden, one = factories.enterprise(), factories.enterprise(published=True)
    assert reader.read() == [("created", one.registry_no)]
    Organization.objects.filter(pk=hidden.pk).update(remarks="secret")
    assert reader.read() == []
    Organization.objects.filter(pk=one.pk).update(published=False)
    assert reader.read() == [("unpublished", one.registry_no)]
    Organization.objects.filter(pk=one.pk).update(remarks="secret")
    assert reader.read() == []
    Organization.objects.filter(pk=hidden.pk).update(published=True)
    assert reader.read() == [("created", hidden.registry_no)]
    Organization.objects.filter(pk=hidden.pk).delete()
    assert reader.read() == [("unpublished", hidden.registry_no)]
    assert Reader(public()).read() == []
    assert reader.copy == {}


def test_public_feed_names_nobody_after_a_private_change(reference: None) -> None:
    reader = Reader(public())
    one, other = factories.enterprise(published=True), factories.enterprise(published=True)
    reader.read()
    known, now = reader.cursor, ok(public().get(FEED, {"since": "now"}))["cursor"]
    Organization.objects.filter(pk=one.pk).update(remarks="secret", source="secret")
    factories.name(one, "内部别名", kind="alias")
    factories.contact(one)
    assert reader.read() == []
    assert reader.cursor == known
    assert ok(public().get(FEED, {"since": "now"}))["cursor"] == now
    factories.name(one, "曾用名", kind="former")
    factories.tag(other)
    assert reader.read() == [("changed", one.registry_no), ("changed", other.registry_no)]
    assert reader.copy[one.registry_no]["former_names"] == ["曾用名"]


def test_public_rows_have_public_columns_only(reference: None) -> None:
    factories.enterprise(published=True, remarks="secret")
    row = ok(public().get(FEED))["results"][0]["organization"]
    assert not {"remarks", "published", "source", "verified_from"} & set(row)
    assert pointers(problem(public().get(f"{FEED}?fields=remarks"), 400)) == {"fields"}


def test_contacts_are_columns_of_the_feed_only_for_those_who_may_see_them(reference: None) -> None:
    client = api("registry.view_organization")
    assert pointers(problem(client.get(f"{FEED}?fields=contact_phone"), 400)) == {"fields"}
    ok(root().get(f"{FEED}?fields=contact_phone"))


# --- Cursors


def test_now_is_a_cursor_from_which_only_later_changes_follow(reader: Reader) -> None:
    factories.enterprise()
    reader.cursor = "now"
    assert reader.read() == []
    later = factories.enterprise()
    assert reader.read() == [("created", later.registry_no)]


def test_cursor_of_another_list_or_cluster_is_refused(reader: Reader) -> None:
    factories.enterprise(published=True)
    reader.read()
    assert pointers(problem(public().get(FEED, {"since": reader.cursor}), 400)) == {"since"}
    for wrong in ("x", f"{reader.cursor}x", ""):
        assert pointers(problem(reader.client.get(FEED, {"since": wrong}), 400)) == {"since"}
    assert pointers(problem(reader.client.get(f"{FEED}?sector=robots"), 400)) == {"sector"}


def test_feed_needs_the_same_queries_for_one_row_and_three(reader: Reader) -> None:
    reader.client.get()
    numbers = []
    for more in (1, 2):
        for _number in range(more):
            factories.tag(factories.enterprise())
        ok(reader.client.get(FEED))  # reads the reference data, and has the statement planned
        with CaptureQueriesContext(connection) as queries:
            ok(reader.client.get(FEED))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 7


def test_changes_compare_with_a_rebuild(reference: None) -> None:
    for status, published in (("active", True), ("deregistered", False), ("merged", True), ("suspended", False)):
        one = factories.enterprise(registration_status=status)
        one.published = published
        one.save()
    kept = set(OrganizationChange.objects.values_list("organization_id", "registry_no", "state", "published"))
    call_command("rebuild_changes", stdout=io.StringIO())
    assert kept == set(OrganizationChange.objects.values_list("organization_id", "registry_no", "state", "published"))
    assert len(kept) == 4


def test_feed_of_a_restored_database_answers_503_until_it_is_numbered_anew(reader: Reader) -> None:
    published = factories.enterprise(published=True)
    reader.read()
    ChangeOrigin.objects.update_or_create(pk=1, defaults={"cluster": "1"})  # as a dump brings it from elsewhere
    for client in (reader.client, public()):
        detail = problem(client.get(FEED), 503, "unavailable")["detail"]
        assert "rebuild_changes" in detail
    problem(reader.client.get(FEED, {"since": reader.cursor}), 503, "unavailable")
    call_command("rebuild_changes", if_restored=True, stdout=io.StringIO())
    for client in (reader.client, public()):
        again = Reader(client)
        assert again.read() == [("created", published.registry_no)]
        assert again.read() == []


def test_cursor_from_before_the_changes_were_numbered_anew_is_refused(reader: Reader) -> None:
    """Also in the same cluster: a backup restored there knows nothing of what was told since."""
    one = factories.enterprise()
    reader.read()
    call_command("rebuild_changes", stdout=io.StringIO())
    problem(reader.client.get(FEED, {"since": reader.cursor}), 400)
    reader.cursor = None
    assert reader.read() == [("created", one.registry_no)]
    assert reader.read() == []


def test_rebuild_if_restored_leaves_numbers_of_this_cluster_alone(reader: Reader) -> None:
    factories.enterprise()
    reader.read()
    call_command("rebuild_changes", if_restored=True, stdout=io.StringIO())
    assert reader.read() == []
