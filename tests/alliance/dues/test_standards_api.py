"""Standards and classes written by programs: the rules, words and permissions of the pages."""

from typing import Any

import pytest

from alliance.dues.rules import BY_PROCEDURE, wrong_procedure
from alliance.models import Alliance, DuesClass, DuesStandard
from tests import factories
from tests.api import api as api_of
from tests.api import ok, pointers, problem, root

pytestmark = pytest.mark.django_db
BASE = "alliances/registered"
VIEW = ("alliance.view_alliance", "alliance.view_duesstandard")


@pytest.fixture
def standard() -> DuesStandard:
    """A standard from 2019-02-01 until 2025-01-01, decided as prescribed."""
    return factories.dues_standard(factories.alliance("registered", legal_person=True), ends_on="2025-01-01")


def bodies(standard: DuesStandard) -> dict[str, dict[str, Any]]:
    council = factories.tier(standard.alliance, "council")
    return {
        "dues-standards": {"begins_on": "2025-01-01", "first_year": "half", "decision": standard.decision_id},
        "dues-classes": {"standard": standard.pk, "name": "理事单位", "amount": 5000, "tiers": [council.code]},
    }


@pytest.mark.parametrize(
    ("name", "change"), [("dues-standards", {"remarks": "补录"}), ("dues-classes", {"amount": 6000})]
)
def test_record_is_created_read_changed_and_removed(standard, name, change):
    client, body = root(), bodies(standard)[name]
    answer = client.post(f"{BASE}/{name}/", body, headers={"Idempotency-Key": "once"})
    made = ok(answer, 201)
    assert {key: made[key] for key in body} == body
    assert ok(client.post(f"{BASE}/{name}/", body, headers={"Idempotency-Key": "once"}), 201) == made
    address = answer["Location"].partition("/api/v1/")[2]
    assert ok(client.get(address)) == made
    assert ok(client.patch(address, change)) == made | change
    problem(client.patch(address, change, headers={"If-Match": answer["ETag"]}), 412)
    problem(client.patch(address, change, headers={}), 428)
    problem(client.get(address.replace("registered", factories.alliance("other").slug)), 404)
    assert client.delete(address).status_code == 204
    problem(client.get(address), 404)


def test_list_says_by_which_standards_nothing_may_be_collected(standard):
    wrong = {"ballot": "show_of_hands"}, {"matter": "other"}, {"votes_for": 3}
    for year, fields in enumerate(wrong, 2010):
        of = factories.dues_decision(standard.alliance, f"{year}-01-10", **fields)
        factories.dues_standard(standard.alliance, f"{year}-02-01", ends_on=f"{year + 1}-02-01", decision=of)
    factories.dues_standard(standard.alliance, "2040-01-01", decision=None)
    factories.dues_standard(factories.alliance("informal", legal_person=False), decision=None)
    lawful = [one.pk for one in DuesStandard.objects.all() if not wrong_procedure(one)]
    assert lawful == [standard.pk] == list(DuesStandard.objects.filter(BY_PROCEDURE).values_list("pk", flat=True))
    rows = root().rows(f"{BASE}/dues-standards/")
    assert [row["by_procedure"] for row in rows] == [False, False, False, True, False]
    file = b"".join(root().get(f"{BASE}/dues-standards/?format=csv&lang=zh").streaming_content).decode()
    assert file.count("未按规定程序通过，不得收取") == 4


@pytest.mark.parametrize(
    ("name", "change", "status", "pointer", "words"),
    [
        ("dues-standards", {"begins_on": "2024-06-01"}, 409, "", "Another standard of the alliance applies"),
        ("dues-standards", {"ends_on": "2024-12-31"}, 400, "/ends_on", "The end must be later"),
        ("dues-standards", {"first_year": "third"}, 400, "/first_year", ""),
        ("dues-standards", {"decision": 10**9}, 400, "/decision", ""),
        ("dues-standards", {"decision": "other matter"}, 400, "/decision", ""),
        ("dues-standards", {"decision": "other alliance"}, 400, "/decision", ""),
        ("dues-standards", {"by_procedure": True}, 400, "/by_procedure", "can only be read"),
        ("dues-classes", {"name": "会员单位"}, 409, "", "a class with this name already"),
        ("dues-classes", {"amount": 0}, 400, "/amount", "greater than 0"),
        ("dues-classes", {"amount": "5000"}, 400, "/amount", ""),
        ("dues-classes", {"tiers": ["member"]}, 409, "/tiers", "a tier belongs to one class"),
        ("dues-classes", {"tiers": ["unknown"]}, 400, "/tiers", "There is no"),
        ("dues-classes", {"standard": 10**9}, 400, "/standard", ""),
    ],
)
def test_rules_are_told_at_their_fields_and_nothing_is_stored(standard, name, change, status, pointer, words):
    member = factories.tier(standard.alliance, "member")
    factories.dues_class(standard, "会员单位", 2000, member)
    factories.tier(factories.alliance("other"), "unknown")
    other = {"other matter": standard.alliance, "other alliance": factories.alliance("second", legal_person=True)}
    if (of := other.get(str(change.get("decision")))) is not None:
        matter = "dues_relief" if of == standard.alliance else "dues_standard"
        change = {"decision": factories.dues_decision(of, "2024-01-10", matter=matter).pk}
    before = [model.objects.count() for model in (DuesStandard, DuesClass)]
    document = problem(root().post(f"{BASE}/{name}/", bodies(standard)[name] | change), status)
    assert words in str(document), document
    assert any(one.startswith(pointer) for one in pointers(document)) if pointer else True, document
    assert [model.objects.count() for model in (DuesStandard, DuesClass)] == before


def test_alliance_that_is_not_registered_gets_no_standard():
    factories.alliance("registered", legal_person=False)
    document = problem(root().post(f"{BASE}/dues-standards/", {"begins_on": "2025-01-01"}), 400)
    assert "not registered" in str(document)
    assert not DuesStandard.objects.exists()


def test_what_dues_rest_on_stays(standard):
    due = factories.due(factories.membership(factories.member(standard.alliance)).member, 2024)
    client = root()
    problem(client.delete(f"{BASE}/dues-classes/{due.dues_class_id}/"), 409)
    problem(client.delete(f"{BASE}/dues-standards/{standard.pk}/"), 409)
    second = factories.dues_standard(standard.alliance, "2026-01-01")
    moved = problem(client.patch(f"{BASE}/dues-classes/{due.dues_class_id}/", {"standard": second.pk}), 400)
    assert pointers(moved) == {"/standard"}
    due.delete()
    assert client.delete(f"{BASE}/dues-standards/{standard.pk}/").status_code == 204
    assert not DuesClass.objects.exists()


def test_more_than_four_classes_are_told_of(standard):
    client = root()
    for number in range(1, 6):
        body = {"standard": standard.pk, "name": f"第{number}档", "amount": number * 1000}
        made = ok(client.post(f"{BASE}/dues-classes/", body), 201)
        assert ("notices" in made) == (number == 5)
    assert made["notices"] == ["A standard has at most 4 classes as a rule; this one has 5."]
    assert "notices" not in ok(client.get(f"{BASE}/dues-classes/{made['id']}/"))


def test_each_table_asks_for_its_own_permissions(standard):
    for name, model in (("dues-standards", "duesstandard"), ("dues-classes", "duesclass")):
        body = bodies(standard)[name] if name == "dues-classes" else {"begins_on": "2025-01-01"}
        problem(api_of(*VIEW, f"alliance.add_{model}").get(f"{BASE}/dues/"), 403)
        problem(api_of(*VIEW, f"alliance.view_{model}").post(f"{BASE}/{name}/", body), 403)
        writer = api_of(*VIEW, f"alliance.view_{model}", f"alliance.add_{model}")
        made = writer.post(f"{BASE}/{name}/", body)
        ok(made, 201)
        address = made["Location"].partition("/api/v1/")[2]
        problem(writer.patch(address, {"remarks": "x"} if name == "dues-standards" else {"name": "x"}), 403)
        problem(writer.delete(address), 403)
    half = api_of(*VIEW, "alliance.change_duesstandard")
    problem(half.delete(f"{BASE}/dues-standards/{standard.pk}/"), 403)


def test_standards_of_one_alliance_are_not_those_of_another(standard):
    of: Alliance = factories.alliance("second", legal_person=True)
    foreign = factories.dues_class(factories.dues_standard(of))
    assert [row["id"] for row in root().rows(f"{BASE}/dues-standards/")] == [standard.pk]
    body = {"standard": foreign.standard_id, "name": "x", "amount": 1}
    assert pointers(problem(root().post(f"{BASE}/dues-classes/", body), 400)) == {"/standard"}
    problem(root().delete(f"{BASE}/dues-classes/{foreign.pk}/"), 404)
