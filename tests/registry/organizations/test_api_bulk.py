"""Many records in one request, and requests that are sent again."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from registry.api.lists.bulk import MOST
from registry.models import ApiToken, KeptAnswer, Organization, SectorTag
from tests import factories
from tests.api import Api, api, ok, pointers, problem, root

pytestmark = pytest.mark.django_db
BULK = "enterprises/bulk/"


@pytest.fixture
def client(reference: None) -> Api:
    return root()


def test_bulk_creates_in_the_order_of_the_array(client: Api) -> None:
    items = [{"name_zh": f"虚构{n}号公司", "sectors": ["robots.industrial"]} for n in range(3)]
    answer = ok(client.post(BULK, items), 201)
    assert [row["name_zh"] for row in answer["results"]] == [item["name_zh"] for item in items]
    assert {row["kind"] for row in answer["results"]} == {"enterprise"}
    for row in answer["results"]:
        assert client.get(f"enterprises/{row['registry_no']}/")["ETag"] == row["etag"]


def test_bulk_stores_nothing_and_tells_all_errors_where_one_is_wrong(client: Api) -> None:
    factories.enterprise(uscc=factories.valid_uscc(1))
    wrong = [
        {"name_zh": "好的公司"},
        {"name_zh": "坏代码公司", "uscc": "91442000"},
        {"name_zh": "重复公司", "uscc": factories.valid_uscc(1)},
        {"name_zh": "无字段公司", "nmae": "x", "website": "javascript:alert(1)"},
        "no object",
        {"name_zh": "第二家好的", "sectors": ["robots", "没有的领域"]},
    ]
    document = problem(client.post(BULK, wrong), 400, "invalid")
    assert {"/1/uscc", "/2/uscc", "/3/nmae", "/3/website", "/4", "/5/sectors/1"} <= {
        pointer.removesuffix("/code") for pointer in pointers(document)
    }
    assert Organization.objects.count() == 1


def test_bulk_finds_what_repeats_within_the_array(client: Api) -> None:
    items = [{"name_zh": f"虚构{n}号公司", "uscc": factories.valid_uscc(7)} for n in range(2)]
    assert pointers(problem(client.post(BULK, items), 409)) == {"/1/uscc"}
    assert not Organization.objects.exists()


@pytest.mark.parametrize("body", [[], {}, {"name_zh": "一家"}, [{"name_zh": "一家"}] * (MOST + 1), "x"])
def test_bulk_takes_an_array_of_bounded_length(client: Api, body: Any) -> None:
    problem(client.post(BULK, body), 400)
    assert not Organization.objects.exists()


def changes(client: Api, *records: Any, **values: Any) -> list[dict[str, Any]]:
    return [
        {"registry_no": one.registry_no, "etag": client.get(f"enterprises/{one.registry_no}/")["ETag"], **values}
        for one in records
    ]


def test_bulk_changes_what_is_named(client: Api) -> None:
    first, second = factories.enterprise(), factories.enterprise()
    answer = ok(client.patch(BULK, changes(client, second, first, short_name="简称"), headers={}))
    assert [row["registry_no"] for row in answer["results"]] == [second.registry_no, first.registry_no]
    assert set(Organization.objects.values_list("short_name", flat=True)) == {"简称"}


def test_bulk_change_of_a_stale_record_changes_none(client: Api) -> None:
    first, second = factories.enterprise(), factories.enterprise()
    items = changes(client, first, second, short_name="简称")
    Organization.objects.filter(pk=second.pk).update(remarks="somebody else")
    document = problem(client.patch(BULK, items, headers={}), 412, "precondition_failed")
    assert pointers(document) == {"/1"}
    assert not Organization.objects.filter(short_name="简称").exists()


def test_bulk_change_says_which_records_and_tags_are_wrong(client: Api) -> None:
    one = factories.enterprise()
    institute = factories.institute()
    good = changes(client, one, short_name="简称")
    items = [
        *good,
        *good,
        {"registry_no": "ZSAI-999999", "etag": '"x"'},
        {"registry_no": institute.registry_no, "etag": '"x"'},
        {"etag": '"x"'},
        {"registry_no": [1]},
        7,
    ]
    document = problem(client.patch(BULK, items, headers={}), 400)
    assert pointers(document) == {
        "/1/registry_no",
        "/2/registry_no",
        "/3/registry_no",
        "/4/registry_no",
        "/5/registry_no",
        "/6",
    }
    missing = [{"registry_no": one.registry_no, "short_name": "简称"}]
    assert pointers(problem(client.patch(BULK, missing, headers={}), 400)) == {"/0/etag"}


def test_bulk_checks_rights_of_each_record(reference: None) -> None:
    client = api("registry.view_organization", "registry.add_organization")
    items = [{"name_zh": "甲公司"}, {"name_zh": "乙公司", "published": True}]
    assert pointers(problem(client.post(BULK, items), 403)) == {"/1/published"}
    problem(client.patch(BULK, [], headers={}), 403)
    assert not Organization.objects.exists()


# --- Idempotency-Key


def test_request_sent_again_is_answered_as_before_and_does_nothing(client: Api) -> None:
    headers = {"Idempotency-Key": "a-1"}
    first = client.post("enterprises/", {"name_zh": "一次公司"}, headers=headers)
    again = client.post("enterprises/", {"name_zh": "一次公司"}, headers=headers)
    assert ok(first, 201) == ok(again, 201)
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Organization.objects.count() == 1


def test_key_of_another_request_is_refused(client: Api) -> None:
    headers = {"Idempotency-Key": "a-1"}
    ok(client.post("enterprises/", {"name_zh": "一次公司"}, headers=headers), 201)
    problem(client.post("enterprises/", {"name_zh": "另一公司"}, headers=headers), 422, "key_reused")
    problem(client.post("institutes/", {"name_zh": "一次公司"}, headers=headers), 422, "key_reused")
    assert Organization.objects.count() == 1


def test_failed_request_may_be_sent_again_under_its_key(client: Api) -> None:
    headers = {"Idempotency-Key": "a-1"}
    problem(client.post("enterprises/", {}, headers=headers), 400)
    ok(client.post("enterprises/", {"name_zh": "一次公司"}, headers=headers), 201)


def test_each_token_has_its_own_keys(client: Api) -> None:
    for one in (client, root()):
        item = {"name_zh": "一次公司", "allow_similar": True}
        answer = one.post(BULK, [item], headers={"Idempotency-Key": "a-1"})
        assert "Idempotency-Replayed" not in answer
        ok(answer, 201)
    assert Organization.objects.count() == 2


def test_kept_answer_is_forgotten_after_a_day(client: Api) -> None:
    headers = {"Idempotency-Key": "a-1"}
    ok(client.post("enterprises/", {"name_zh": "一次公司"}, headers=headers), 201)
    KeptAnswer.objects.update(kept_at=timezone.now() - datetime.timedelta(hours=25))
    ok(client.post("enterprises/", {"name_zh": "另一公司"}, headers=headers), 201)
    assert KeptAnswer.objects.count() == 1


def test_kept_answers_are_swept_by_later_requests_and_by_command(client: Api) -> None:
    def ask(number: int, **headers: str) -> None:
        ok(client.post("enterprises/", {"name_zh": f"虚构{number}号公司", "allow_similar": True}, headers=headers), 201)

    now = timezone.now()
    ask(1, **{"Idempotency-Key": "a-1"})
    with time_machine.travel(now + datetime.timedelta(hours=23)):
        ask(2)
        assert KeptAnswer.objects.count() == 1
    token = ApiToken.objects.get()
    ApiToken.objects.filter(pk=token.pk).update(expires_at=now + datetime.timedelta(days=9))
    with time_machine.travel(now + datetime.timedelta(hours=25)):
        ask(3)  # without a key
        assert not KeptAnswer.objects.exists()
    ask(4, **{"Idempotency-Key": "a-1"})
    with time_machine.travel(now + datetime.timedelta(hours=25)):
        call_command("clear_imports")
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", "键", "x" * 201])
def test_key_of_odd_characters_is_refused(client: Api, key: str) -> None:
    problem(client.post("enterprises/", {"name_zh": "一次公司"}, HTTP_IDEMPOTENCY_KEY=key), 400)


@pytest.mark.django_db(transaction=True)
def test_same_key_at_once_creates_one(reference: None) -> None:
    boss = factories.superuser()
    key = factories.token(boss, "write")[1]

    def post(_number: int) -> Any:
        try:
            return Api(key).post("enterprises/", {"name_zh": "一次公司"}, headers={"Idempotency-Key": "a-1"})
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Organization.objects.count() == 1


def test_bulk_change_asks_little_for_each_record(client: Api, django_assert_max_num_queries: Any) -> None:
    records = [factories.enterprise() for _n in range(40)]
    items = changes(client, *records, short_name="简称", website="https://www.example.com")
    # For each: a savepoint and its end, all rules at once, and the change.
    with django_assert_max_num_queries(4 * len(records) + 12):
        ok(client.patch(BULK, items, headers={}))


def test_bulk_asks_little_of_the_sectors_of_each_record(client: Api, django_assert_max_num_queries: Any) -> None:
    items = [{"name_zh": f"虚构{n}号公司", "sectors": ["robots.industrial", "robots"]} for n in range(40)]
    # For each: a savepoint and its end, all rules at once, the record, its number; the sectors of all together.
    with django_assert_max_num_queries(5 * len(items) + 30):
        created = ok(client.post(BULK, items), 201)["results"]
    again = [
        {"registry_no": row["registry_no"], "etag": row["etag"], "sectors": ["robots", "robots.service"]}
        for row in created
    ]
    with django_assert_max_num_queries(4 * len(items) + 20):
        changed = ok(client.patch(BULK, again, headers={}))["results"]
    for before, after in zip(created, changed, strict=True):
        assert [(one["code"], one["primary"]) for one in after["sectors"]] == [
            ("robots", True),
            ("robots.service", False),
        ]
        assert before["etag"] != after["etag"]


def test_bulk_exchanges_primary_sectors_and_keeps_evidence_and_history(client: Api) -> None:
    records = [factories.enterprise() for _n in range(2)]
    first = [{"code": "robots", "evidence": "产品目录"}, "robots.industrial"]
    stored = ok(client.patch(BULK, changes(client, *records, sectors=first), headers={}))["results"]
    before = SectorTag.pgh_event_model.objects.count()  # type: ignore[attr-defined]
    second = [{"code": "robots.industrial", "primary": True}, {"code": "robots"}]
    items = [{"registry_no": row["registry_no"], "etag": row["etag"], "sectors": second} for row in stored]
    ok(client.patch(BULK, items, headers={}))
    for record in records:
        tags = record.sector_tags.order_by("-is_primary").values_list("sector__code", "is_primary", "evidence")
        assert list(tags) == [("robots.industrial", True, ""), ("robots", False, "产品目录")]
    events = SectorTag.pgh_event_model.objects.order_by("pgh_id")[before:]  # type: ignore[attr-defined]
    assert [one.pgh_label for one in events] == ["update"] * 4


def test_bulk_tells_wrong_sectors_by_record_and_place_and_writes_none(client: Api) -> None:
    one, other = factories.enterprise(), factories.enterprise()
    items = [*changes(client, one, sectors=["robots"]), *changes(client, other, sectors=["robots", "robots"])]
    assert pointers(problem(client.patch(BULK, items, headers={}), 400)) == {"/1/sectors/1"}
    assert not SectorTag.objects.exists()


def test_changes_after_a_bulk_request_work_out_no_names_of_other_records(client: Api) -> None:
    """Triggers keep the plan of their first call in a session: that of many rows reads all records for each one."""

    def calls() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'registry_simplify'")
            row = cursor.fetchone()
        return row[0] if row else 0

    # Of a handful of records the database reads all whatever it is asked for.
    Organization.objects.bulk_create(Organization(kind="other", name_zh=f"另外某单位{n:04}") for n in range(400))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL track_functions = 'all'")
        cursor.execute("ANALYZE registry_organization, registry_searchentry, registry_name, registry_identifier")
    items = [{"name_zh": f"虚构{n}号公司", "sectors": ["robots"]} for n in range(40)]
    created = ok(client.post(BULK, items), 201)["results"]
    before = calls()
    again = [{"registry_no": row["registry_no"], "etag": row["etag"], "short_name": "简称"} for row in created]
    ok(client.patch(BULK, again, headers={}))
    assert calls() - before <= 4 * len(items)
