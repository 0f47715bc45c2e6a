"""Terms, groups, seats and office holders written by programs: the rules, words and permissions of the forms."""

import datetime
import threading
from typing import Any

import pytest
from django.db import connection

from alliance.members.operations import actions
from alliance.models import Alliance, Group, Member, OfficeHolder, Seat, Term
from tests import factories
from tests.api import api as api_of
from tests.api import ok, pointers, problem, root

pytestmark = pytest.mark.django_db
PERSON = {"office": "chair", "name": "虚构张", "title": "总经理", "begins_on": "2020-01-01"}
SEAT = {"group": "标准工作组", "member_no": "M0001", "begins_on": "2021-01-01"}
BODIES: dict[str, dict[str, Any]] = {
    "terms": {"number": 1, "begins_on": "2019-01-01", "ends_on": "2024-01-01"},
    "groups": {"name_zh": "新工作组", "kind": "working_group"},
    "seats": SEAT,
    "office-holders": PERSON,
}
VIEW = ("alliance.view_alliance", "registry.view_organization", "alliance.view_group")


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """A working group since 2020-06-01, the supervisory board, and the member M0001 in the council since 2020."""
    alliance = factories.alliance("test")
    factories.group(alliance, name_zh="标准工作组", founded_on="2020-06-01")
    factories.group(alliance, "supervisory_board", name_zh="监事会")
    council = factories.tier(alliance, "council", in_council=True)
    factories.membership(factories.member(alliance, member_no="M0001"), "2020-01-01", tier=council)
    other = factories.alliance("other")
    factories.group(other, name_zh="别的工作组")
    factories.membership(factories.member(other, member_no="X9"))
    return alliance


def test_term_names_the_decision_on_its_election(alliance: Alliance) -> None:
    client = root()
    made = {
        name: elected(of, day)
        for name, of, day in (
            ("good", alliance, "2018-12-20"),
            ("late", alliance, "2019-01-02"),
            ("strange", Alliance.objects.get(slug="other"), "2018-12-20"),
        )
    }
    for name in ("late", "strange"):
        answer = client.post("alliances/test/terms/", BODIES["terms"] | {"decision": made[name]})
        assert pointers(problem(answer, 400)) == {"/decision"}, name
    ok(client.post("alliances/test/terms/", BODIES["terms"] | {"decision": made["good"]}), 201)
    assert ok(client.get("alliances/test/terms/"))["results"][0]["decision"] == made["good"]


def elected(of: Alliance, held_on: str) -> int:
    """Return the id of a passed decision on an election."""
    why = {"entitled_reason": "会议记录", "attended_reason": "会议记录"}
    meeting = factories.meeting(of, held_on, entitled=3, attended=3, **why)
    return factories.decision(meeting, matter="election", votes_for=3).pk


@pytest.mark.parametrize("name", BODIES)
def test_record_is_created_read_changed_and_shown_in_the_list(alliance, name):
    client = root()
    answer = client.post(f"alliances/test/{name}/", BODIES[name])
    made = ok(answer, 201)
    assert {key: made[key] for key in BODIES[name]} == BODIES[name]
    address = answer["Location"].partition("/api/v1/")[2]
    assert ok(client.get(address)) == made
    day = {"terms": "ends_on", "groups": "dissolved_on"}.get(name, "ends_on")
    changed = ok(client.patch(address, {day: "2023-01-01"}))
    assert changed == made | {day: "2023-01-01"}
    assert changed in client.rows(f"alliances/test/{name}/")
    problem(client.patch(address, {day: "2022-01-01"}, headers={"If-Match": answer["ETag"]}), 412)
    problem(client.patch(address, {day: "2022-01-01"}, headers={}), 428)
    gone = client.delete(address)
    assert gone.status_code == (405 if name in ("terms", "groups") else 204)
    problem(client.get(f"alliances/other/{address.partition('/test/')[2]}"), 404)


@pytest.mark.parametrize("name", BODIES)
def test_request_that_is_sent_again_creates_nothing_more(alliance, name):
    client, headers = root(), {"Idempotency-Key": f"key-{name}"}
    first = client.post(f"alliances/test/{name}/", BODIES[name], headers=headers)
    again = client.post(f"alliances/test/{name}/", BODIES[name], headers=headers)
    assert ok(first, 201) == ok(again, 201)
    assert Term.objects.count() + Seat.objects.count() + OfficeHolder.objects.count() + Group.objects.count() == (
        3 if name == "groups" else 4
    ) + (name == "groups")


@pytest.mark.parametrize(
    ("name", "change", "status", "pointer", "words"),
    [
        ("terms", {"ends_on": "2025-01-01"}, 400, "/ends_on", "A term lasts at most 5 years."),
        ("terms", {"ends_on": "2018-01-01"}, 400, "/ends_on", "The end must be later"),
        (
            "terms",
            {"postponed_until": "2025-06-01", "approval_no": "1号"},
            400,
            "/postponed_until",
            "put off by at most one year",
        ),
        ("terms", {"postponed_until": "2024-06-01"}, 400, "", "the approval number"),
        ("terms", {"number": 7}, 409, "", "a term with this number already"),
        (
            "terms",
            {"number": 8, "begins_on": "2012-01-01", "ends_on": "2015-01-01"},
            409,
            "",
            "Another term of the alliance holds",
        ),
        ("groups", {"name_zh": "监事会"}, 409, "", "a group with this name already"),
        ("groups", {"kind": "nonsense"}, 400, "/kind", ""),
        ("seats", {"begins_on": "2019-06-01"}, 400, "/begins_on", "the group exists from 2020-06-01"),
        (
            "seats",
            {"group": "监事会", "begins_on": "2019-06-01", "ends_on": "2019-07-01"},
            400,
            "",
            "the membership from 2020-01-01",
        ),
        ("seats", {"group": "监事会"}, 400, "", "supervisory board and in the council at once"),
        ("seats", {"group": "别的工作组"}, 400, "/group", "There is no "),
        ("seats", {"member_no": "X9"}, 400, "/member_no", "There is no "),
        ("seats", {"role": "boss"}, 400, "/role", ""),
        ("seats", {"kind": "working_group"}, 400, "/kind", "can only be read"),
        ("office-holders", {"group": "标准工作组"}, 400, "", "other offices do not"),
        ("office-holders", {"office": "expert"}, 400, "", "belongs to a group"),
        ("office-holders", {"office": "secretary_general"}, 409, "", "Somebody else holds this office"),
        ("office-holders", {"phone": "138"}, 400, "/phone", "no such field here"),
    ],
)
def test_rules_are_told_at_their_fields_and_nothing_is_stored(alliance, name, change, status, pointer, words):
    factories.term(alliance, "2014-01-01", number=7)
    factories.office_holder(alliance, office="secretary_general")
    before = [model.objects.count() for model in (Term, Group, Seat, OfficeHolder)]
    document = problem(root().post(f"alliances/test/{name}/", BODIES[name] | change), status)
    assert words in str(document), document
    assert pointer in str(pointers(document) if document.get("errors") else ""), document
    assert [model.objects.count() for model in (Term, Group, Seat, OfficeHolder)] == before


def test_group_with_seats_keeps_its_days_and_names_who_sits_outside(alliance):
    client = root()
    ok(client.post("alliances/test/seats/", SEAT), 201)
    group = Group.objects.get(name_zh="标准工作组")
    document = problem(client.patch(f"alliances/test/groups/{group.pk}/", {"dissolved_on": "2022-01-01"}), 400)
    assert pointers(document) == {"/dissolved_on"}
    assert str(Member.objects.get(member_no="M0001").organization) in str(document)
    problem(client.patch(f"alliances/test/groups/{group.pk}/", {"kind": "supervisory_board"}), 400)
    seat = Seat.objects.get()
    ok(client.patch(f"alliances/test/seats/{seat.pk}/", {"ends_on": "2022-01-01"}))
    ok(client.patch(f"alliances/test/groups/{group.pk}/", {"dissolved_on": "2022-01-01"}))


def test_each_table_asks_for_its_own_permissions(alliance):
    for name, body in BODIES.items():
        model = {"terms": "term", "groups": "group", "seats": "seat", "office-holders": "officeholder"}[name]
        reader = api_of(*VIEW, f"alliance.view_{model}")
        problem(reader.post(f"alliances/test/{name}/", body), 403)
        writer = api_of(*VIEW, f"alliance.view_{model}", f"alliance.add_{model}")
        made = writer.post(f"alliances/test/{name}/", body)
        ok(made, 201)
        problem(writer.patch(made["Location"].partition("/api/v1/")[2], {"ends_on": "2023-01-01"}), 403)
    blind = api_of(*VIEW, "alliance.add_officeholder")
    problem(blind.post("alliances/test/office-holders/", PERSON | {"office": "vice_chair"}), 403)


@pytest.mark.django_db(transaction=True)
def test_of_a_seat_and_an_end_at_once_one_wins_and_the_other_is_told(transactional_db):
    alliance = factories.alliance("test")
    factories.group(alliance, name_zh="标准工作组")
    member = factories.membership(factories.member(alliance, member_no="M0001"), "2020-01-01").member
    client, start = root(), threading.Barrier(2)
    told: list[int] = []

    def run(write: Any) -> None:
        start.wait()
        try:
            told.append(write())
        except Exception as error:
            told.append(400 if "任职" in str(error) else 500)
        finally:
            connection.close()

    def end() -> int:
        actions.end(member, datetime.date(2022, 1, 1), "withdrawal")
        return 200

    threads = [
        threading.Thread(target=run, args=[lambda: client.post("alliances/test/seats/", SEAT).status_code]),
        threading.Thread(target=run, args=[end]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) in ([200, 400], [200, 409], [201, 400], [201, 409]), told
