"""Taking changes back over HTTP: what it would do is told first, and rights and refusals are those of the pages."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from alliance.models import Membership
from registry.models import Contact, Organization, Proposal, Township
from registry.workplace.undo import showing
from tests import factories
from tests.api import Api, api, ok, problem, root
from tests.registry.workplace.test_revert import by, change, values

pytestmark = pytest.mark.django_db(transaction=True)
HIDDEN = "It wrote also what your account does not see: ask somebody who does."


@pytest.fixture
def robot(reference: None) -> Organization:
    made = factories.enterprise(
        name_zh="中山市虚构机器人有限公司", short_name="旧简称", remarks="旧备注", township=factories.township()
    )
    factories.contact(made, role="liaison", name="虚构人", phone="13800138000")
    return Organization.objects.get(pk=made.pk)


@pytest.fixture
def clerk(reference: None) -> User:
    return factories.with_role("录入员")


def told(client: Api, which: uuid.UUID) -> Any:
    return ok(client.get(f"changes/{which}/"))


def take_back(client: Api, which: uuid.UUID, body: Any = None, **headers: str) -> Any:
    return client.post(f"changes/{which}/undo/", {} if body is None else body, headers=headers)


def key(robot: Organization, column: str) -> str:
    return f"registry_organization.{robot.pk}.{column}"


def test_what_it_would_do_is_told_and_nothing_is_done(robot: Organization, clerk: User) -> None:
    which = change(robot, clerk, short_name="新简称", remarks="新备注")
    change(robot, clerk, remarks="更新的备注")
    shown = told(api(user=clerk), which)
    assert (shown["id"], shown["by"], shown["whole"]) == (str(which), clerk.username, False)
    assert "remarks" in shown["in_the_way"][0].lower()
    (row,) = shown["rows"]
    got = {value["key"]: value for value in row["values"]}
    short, remarks = got[key(robot, "short_name")], got[key(robot, "remarks")]
    assert (short["before"], short["after"], short["now"], short["goes_back"]) == ("旧简称", "新简称", "", True)
    assert (remarks["now"], remarks["goes_back"], len(remarks["since"])) == ("更新的备注", False, 1)
    assert values(robot) == ("新简称", "更新的备注")


def test_whole_change_goes_back_and_only_once(robot: Organization, clerk: User) -> None:
    client, which = api(user=clerk), change(robot, clerk, short_name="新简称", remarks="新备注")
    done = ok(take_back(client, which, {"reason": "录入有误"}))
    assert (done["rows"], values(robot)) == (1, ("旧简称", "旧备注"))
    last = robot.pgh_event_model.objects.order_by("-pgh_id").first().pgh_context.metadata  # type: ignore[attr-defined]
    assert (last["operation"], last["undone"], last["reason"]) == ("undo", str(which), "录入有误")
    assert last["user"] == clerk.pk
    assert "already" in problem(take_back(client, which), 409)["detail"]


def test_chosen_values_go_back_and_the_later_change_stays(robot: Organization, clerk: User) -> None:
    client, which = api(user=clerk), change(robot, clerk, short_name="新简称", remarks="新备注")
    change(robot, None, remarks="更新的备注")
    refused = problem(take_back(client, which), 409)
    assert robot.name_en in str(refused)
    assert "remarks" in str(refused).lower()
    ok(take_back(client, which, {"values": [key(robot, "short_name")]}))
    assert values(robot) == ("旧简称", "更新的备注")
    problem(take_back(client, which, {"values": [key(robot, "remarks")]}), 409)
    assert values(robot) == ("旧简称", "更新的备注")


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"values": []}, "/values"),
        ({"values": "x"}, "/values"),
        ({"values": [7]}, "/values/0"),
        ({"values": ["registry_organization.1.uscc"]}, "/values/0"),
        ({"values": ["../../x"]}, "/values/0"),
        ({"value": []}, "/value"),
        ({"reason": "x" * 501}, "/reason"),
    ],
)
def test_bad_bodies_are_refused_with_a_pointer(robot: Organization, clerk: User, given: Any, pointer: str) -> None:
    which = change(robot, clerk, short_name="新简称")
    found = problem(take_back(api(user=clerk), which, given), 400)
    assert any(pointer in one["pointer"] for one in found["errors"])
    assert values(robot)[0] == "新简称"


def test_rights_are_those_of_the_change(robot: Organization, clerk: User) -> None:
    which = change(robot, clerk, short_name="新简称")
    viewer = factories.with_role("查询员")
    assert told(api(user=viewer), which)["whole"] is False
    problem(take_back(api(user=viewer), which), 403)
    problem(take_back(api(user=clerk, scope="read"), which), 403)
    assert values(robot)[0] == "新简称"


def test_what_one_may_not_see_is_not_there(robot: Organization, clerk: User) -> None:
    which = by(clerk, lambda: Contact.objects.update(name="新人"))
    viewer = api(user=factories.with_role("查询员"))
    problem(viewer.get(f"changes/{which}/"), 404)
    problem(take_back(viewer, which), 404)
    problem(root().get(f"changes/{uuid.uuid4()}/"), 404)
    problem(root().get(f"changes/{'-' * 36}/"), 404)
    problem(root().get(f"changes/{which}/", {"whole": "1"}), 400)


def test_tables_one_may_not_see_are_told_in_general(robot: Organization, clerk: User) -> None:
    """An operation that wrote also there names neither the table, nor its page, nor the rights for it."""

    def seen_with(write: Callable[[], Any], *rights: str) -> Any:
        def both() -> None:
            Organization.objects.filter(pk=robot.pk).update(remarks=str(uuid.uuid4()))
            write()

        return told(api("registry.view_organization", "registry.change_organization", *rights), by(clerk, both))

    held = factories.membership(factories.member(None, robot)).pk
    elsewhere = seen_with(lambda: Membership.objects.filter(pk=held).update(remarks="新"))
    assert elsewhere["ways"] == [{"text": HIDDEN, "page": ""}]
    without_rights = seen_with(lambda: Contact.objects.update(title="新"))
    assert (without_rights["in_the_way"], without_rights["ways"]) == ([HIDDEN], [])

    assert [row["kind"] for row in without_rights["rows"]] == ["Organization"]


def test_more_rows_than_are_shown_are_told(robot: Organization, clerk: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(showing, "ROWS", 1)
    assert told(api(user=clerk), change(robot, clerk, remarks="甲"))["more_rows"] is False
    factories.enterprise()
    shown = told(api(user=clerk), by(clerk, lambda: Organization.objects.update(remarks="乙")))
    assert (len(shown["rows"]), shown["more_rows"]) == (1, True)


def test_a_township_takes_nothing_back_elsewhere(robot: Organization, clerk: User) -> None:
    user = factories.of_township(robot.township)
    which = change(robot, user, short_name="新简称")
    Organization.objects.filter(pk=robot.pk).update(township=Township.objects.exclude(pk=robot.township_id)[0])
    assert take_back(api(user=user), which).status_code in (403, 409)
    assert values(robot)[0] == "新简称"


def test_what_has_a_way_of_its_own_names_it(robot: Organization) -> None:
    held = factories.membership(factories.member(None, robot))
    which = by(None, lambda: Membership.objects.filter(pk=held.pk).update(remarks="新"))
    shown = told(root(), which)
    assert shown["whole"] is False
    assert shown["ways"][0]["page"].startswith("/admin/")
    problem(take_back(root(), which), 409)
    assert Membership.objects.get().remarks == "新"


def test_what_another_person_agrees_on_is_held_back(robot: Organization, clerk: User, settings: Any) -> None:
    which = change(robot, clerk, short_name="新简称", remarks="新备注")
    Organization.objects.filter(pk=robot.pk).update(published=True)
    settings.TWO_PERSONS = "published"
    answer = take_back(api(user=clerk), which)
    assert answer.status_code == 202
    assert answer.json()["notices"]
    assert values(robot) == ("新简称", "旧备注")
    assert Proposal.objects.filter(state="open", in_effect=False, field="short_name", new="旧简称").exists()


def test_the_same_key_is_answered_once(robot: Organization, clerk: User) -> None:
    client, which = api(user=clerk), change(robot, clerk, short_name="新简称")
    first, second = (take_back(client, which, **{"Idempotency-Key": "take-back-1"}) for _time in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert len(told(client, which)["rows"][0]["values"][0]["since"]) == 1, "taken back once"


def test_only_what_was_read_is_taken_back_where_the_tag_says_so(robot: Organization, clerk: User) -> None:
    client, which = api(user=clerk), change(robot, clerk, short_name="新简称", remarks="新备注")
    tag = client.get(f"changes/{which}/")["ETag"]
    assert client.get(f"changes/{which}/", headers={"If-None-Match": tag}).status_code == 304
    change(robot, None, remarks="更新的备注")
    body = {"values": [key(robot, "short_name")]}
    problem(take_back(client, which, body, **{"If-Match": tag}), 412)
    assert values(robot)[0] == "新简称"
    ok(take_back(client, which, body, **{"If-Match": client.get(f"changes/{which}/")["ETag"]}))
    assert values(robot)[0] == "旧简称"
