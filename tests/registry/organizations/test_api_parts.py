"""Contacts, figures, qualifications, relations and the history, below an organization."""

import pytest

from registry.models import AnnualFigures, Contact, Organization, Qualification, Relation
from tests import factories
from tests.api import api, ok, pointers, problem, root

pytestmark = pytest.mark.django_db

BODIES = {
    "contacts": ({"role": "liaison", "name": "虚构某", "phone": "0760-00000000"}, {"title": "主任"}, Contact),
    "figures": ({"year": 2024, "employees": 10, "revenue": 1234567.89}, {"employees": 0}, AnnualFigures),
    "qualifications": (
        {"grading": "高新技术企业", "level": "national", "granted_on": "2020-01-01"},
        {"certificate_no": "X1"},
        Qualification,
    ),
    "relations": ({"kind": "parent", "valid_from": "2020-01-01"}, {"remarks": "全资"}, Relation),
}


@pytest.fixture
def of(reference):
    return factories.enterprise()


def body_of(part):
    body, change, model = BODIES[part]
    if part == "relations":
        body = body | {"related": factories.institute().registry_no}
    return body, change, model


@pytest.mark.parametrize("part", BODIES)
def test_part_is_created_read_changed_and_deleted(of, part):
    client = root()
    body, change, model = body_of(part)
    path = f"organizations/{of.registry_no}/{part}/"
    created = client.post(path, body)
    shown = ok(created, 201)
    assert created["Location"].startswith(f"http://testserver/api/v1/{path}")
    assert client.rows(path) == [ok(client.get(created["Location"]))]
    changed = ok(client.patch(created["Location"], change))
    assert changed == shown | change
    problem(client.patch(created["Location"], change, headers={}), 428)
    problem(client.patch(created["Location"], change, headers={"If-Match": created["ETag"]}), 412)
    problem(client.delete(created["Location"], headers={}), 428, "precondition_required")
    problem(client.delete(created["Location"], headers={"If-Match": created["ETag"]}), 412, "precondition_failed")
    assert client.delete(created["Location"]).status_code == 204
    assert not model.objects.exists()
    problem(client.get(created["Location"]), 404)


@pytest.mark.parametrize("part", BODIES)
def test_part_needs_its_own_permission_and_that_of_organizations(of, part):
    body, change, model = body_of(part)
    name = model._meta.model_name
    path = f"organizations/{of.registry_no}/{part}/"
    location = root().post(path, body)["Location"]
    view, organization = f"registry.view_{name}", "registry.view_organization"
    problem(api(organization).get(path), 403)
    problem(api(view).get(path), 403)
    reader = api(view, organization)
    ok(reader.get(path))
    ok(reader.get(location))
    problem(reader.post(path, body), 403)
    problem(reader.patch(location, change), 403)
    problem(reader.delete(location), 403)
    problem(api(organization, f"registry.change_{name}").patch(location, change, headers={"If-Match": "*"}), 403)
    ok(api(view, organization, f"registry.change_{name}").patch(location, change))
    assert api(view, organization, f"registry.delete_{name}").delete(location).status_code == 204


@pytest.mark.parametrize("part", BODIES)
def test_part_of_another_organization_is_not_found(of, part):
    client = root()
    body, change, _model = body_of(part)
    location = client.post(f"organizations/{of.registry_no}/{part}/", body)["Location"]
    elsewhere = location.replace(of.registry_no, factories.enterprise().registry_no)
    problem(client.get(elsewhere), 404)
    problem(client.patch(elsewhere, change, headers={"If-Match": "*"}), 404)
    problem(client.delete(elsewhere), 404)
    problem(client.get(f"organizations/ZSAI-999999/{part}/"), 404)
    problem(client.post(f"organizations/ZSAI-999999/{part}/", body), 404)


def test_second_contact_in_a_role_is_a_conflict(of):
    client, path = root(), f"organizations/{of.registry_no}/contacts/"
    ok(client.post(path, {"role": "liaison", "name": "虚构某"}), 201)
    document = problem(client.post(path, {"role": "liaison", "name": "虚构乙"}), 409)
    assert document["errors"][0]["code"] == "contact_one_per_role"
    assert problem(client.post(path, {"role": "other"}), 400)["errors"][0]["code"] == "contact_says_something"
    assert pointers(problem(client.post(path, {"name": "甲", "phone": "12"}), 400)) == {"/phone"}


def test_figures_are_unique_in_a_year_and_consistent(of):
    client, path = root(), f"organizations/{of.registry_no}/figures/"
    ok(client.post(path, {"year": 2024, "employees": 5}), 201)
    assert problem(client.post(path, {"year": 2024}), 409)["errors"][0]["code"] == "annual_figures_one_a_year"
    document = problem(client.post(path, {"year": 2023, "employees": 1, "rd_staff": 2, "assets": -1}), 400)
    assert pointers(document) == {"/rd_staff", "/assets"}
    assert pointers(problem(client.post(path, {"year": 2023, "revenue": 1.234}), 400)) == {"/revenue"}
    problem(client.get(f"{path}1999/"), 404)


def test_relation_to_itself_is_refused(of):
    body = {"kind": "parent", "related": of.registry_no}
    document = problem(root().post(f"organizations/{of.registry_no}/relations/", body), 400)
    assert document["errors"][0]["code"] == "relation_to_another"


# --- History


def events(client, of):
    return client.rows(f"organizations/{of.registry_no}/history/", page_size=200)


def test_history_tells_what_changed_when_and_by_whom(of):
    user = factories.superuser()
    client = api(user=user)
    answer = client.patch(f"organizations/{of.registry_no}/", {"remarks": "新", "sectors": ["robots.industrial"]})
    latest = events(client, of)[:2]
    assert {event["table"] for event in latest} == {"organization", "sectortag"}
    change = next(event for event in latest if event["table"] == "organization")
    assert change["changes"] == {"remarks": ["", "新"]}
    assert (change["event"], change["by"], change["request_id"]) == ("update", user.username, answer["X-Request-ID"])
    tag = next(event for event in latest if event["table"] == "sectortag")
    assert tag["changes"]["sector"] == [None, "robots.industrial"]


def test_history_of_contacts_and_figures_needs_their_permissions(of):
    factories.contact(of, name="虚构密").delete()
    factories.figures(of, employees=777)
    plain = api("registry.view_organization")
    text = str(events(plain, of))
    assert "虚构密" not in text
    assert "777" not in text
    both = api("registry.view_organization", "registry.view_contact", "registry.view_annualfigures")
    assert {event["table"] for event in events(both, of)} == {"organization", "contact", "annualfigures"}
    assert [event["event"] for event in events(both, of) if event["table"] == "contact"] == ["delete", "insert"]


def test_history_is_paged(of):
    for number in range(5):
        Organization.objects.update(remarks=str(number))
    client, path = root(), f"organizations/{of.registry_no}/history/"
    first = ok(client.get(path, {"page_size": 4}))
    second = ok(client.get(first["next"]))
    assert (first["count"], len(first["results"]), len(second["results"])) == (6, 4, 2)
    assert [event["changes"]["remarks"][1] for event in first["results"]] == ["4", "3", "2", "1"]
    assert second["next"] is None
    problem(client.get(path, {"cursor": "x"}), 400)
    problem(client.get(path, {"kind": "x"}), 400)
    problem(
        client.get(f"organizations/{factories.enterprise().registry_no}/history/?{first['next'].split('?')[1]}"), 400
    )
