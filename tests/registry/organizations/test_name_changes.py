"""A name changes by form, API or page of an import: a slip is corrected, or a renaming keeps the old name."""

import datetime

import pytest
from django.utils import timezone

from registry.models import ImportRow, Name, Organization
from tests import factories
from tests.api import ok, problem, root
from tests.pages import errors, form_data
from tests.registry.imports.admin.test_admin_imports import bring, confirm, csv, page, the_batch
from tests.registry.organizations.test_admin_organizations import save

pytestmark = pytest.mark.django_db
ROBOT, RENAMED, OTHER = "中山市香山机器人有限公司", "广东香山智能科技股份有限公司", "中山市岐江电子有限公司"
HEAD = ("统一社会信用代码", "企业名称")


@pytest.fixture
def client(client, reference):
    client.force_login(factories.superuser())
    return client


@pytest.fixture
def robot():
    return factories.enterprise(name_zh=ROBOT, name_en="Xiangshan Robot Co., Ltd.")


def read(record):
    return f"/admin/registry/enterprise/{record.pk}/"


def change(record):
    return f"/admin/registry/enterprise/{record.pk}/change/"


def former(record):
    return [(name.name, name.language, name.valid_to) for name in record.names.filter(kind="former").order_by("pk")]


# --- The form


def test_form_asks_why_a_name_changes(client, robot):
    answer = save(client, change(robot), name_zh=OTHER)
    assert list(errors(answer)) == ["name_change"]
    robot.refresh_from_db()
    assert robot.name_zh == ROBOT


def test_form_corrects_a_slip_without_keeping_the_old_name(client, robot):
    assert save(client, change(robot), name_zh=OTHER, name_change="correction").status_code == 302
    robot.refresh_from_db()
    assert (robot.name_zh, former(robot)) == (OTHER, [])


def test_form_keeps_the_old_names_of_a_renaming_with_its_day(client, robot):
    said = {"name_change": "rename", "renamed_on": "2024年5月1日"}
    assert save(client, change(robot), name_zh=OTHER, name_en="Qijiang Ltd.", **said).status_code == 302
    day = datetime.date(2024, 5, 1)
    robot.refresh_from_db()
    assert robot.name_zh == OTHER
    assert former(robot) == [(ROBOT, "zh", day), ("Xiangshan Robot Co., Ltd.", "en", day)]


def test_form_asks_nothing_of_the_writing_of_a_name_or_a_name_that_is_new(client, robot):
    assert save(client, change(robot), name_zh="中山市香山 机器人有限公司").status_code == 302
    bare = factories.enterprise(name_zh=OTHER, name_en="")
    assert save(client, change(bare), name_en="Qijiang Ltd.").status_code == 302
    assert Name.objects.count() == 0


def test_renaming_cannot_lie_in_the_future(client, robot):
    day = timezone.localdate() + datetime.timedelta(days=1)
    answer = save(client, change(robot), name_zh=OTHER, name_change="rename", renamed_on=day.isoformat())
    assert list(errors(answer)) == ["renamed_on"]


def test_form_of_a_viewer_shows_no_question(client, robot):
    client.force_login(factories.user("registry.view_organization"))
    assert b"name_change" not in client.get(change(robot)).content


def test_form_asks_of_the_same_name_unless_the_codes_differ(client, robot):
    add = "/admin/registry/enterprise/add/"
    data = form_data(client.get(add)) | {"name_zh": ROBOT}
    assert list(errors(client.post(add, data))) == ["another_body"]
    assert client.post(add, data | {"uscc": factories.valid_uscc()}).status_code == 302


def test_form_leads_from_a_merged_record_to_its_successor(client, robot):
    old = factories.enterprise(name_zh=OTHER, registration_status="merged", successor_id=robot.pk)
    add = "/admin/registry/enterprise/add/"
    data = form_data(client.get(add))
    told = errors(client.post(add, data | {"name_zh": "香山新厂", "uscc": old.uscc}))
    assert list(told) == ["uscc"]
    assert f'"{read(robot)}"' in told["uscc"][0]
    told = errors(client.post(add, data | {"name_zh": OTHER}))
    assert f'"{read(robot)}"' in told["another_body"][0]
    answer = client.get("/admin/registry/organization/check/", {"name_zh": OTHER}).json()
    assert [one["url"] for one in answer["name_zh"]["existing"]] == [read(robot)]


# --- The API


def test_api_needs_to_know_why_a_name_changes(robot):
    api, address = root(), f"enterprises/{robot.registry_no}/"
    told = problem(api.patch(address, {"name_zh": OTHER}), 400, "invalid")
    assert [(one["pointer"], one["code"]) for one in told["errors"]] == [("/name_change", "required")]
    ok(api.patch(address, {"name_zh": OTHER, "name_change": "correction"}))
    assert former(robot) == []
    shown = ok(api.patch(address, {"name_zh": RENAMED, "name_change": "rename", "renamed_on": "2024-05-01"}))
    assert former(robot) == [(OTHER, "zh", datetime.date(2024, 5, 1))]
    assert {"kind": "former", "name": OTHER, "valid_to": "2024-05-01"}.items() <= shown["other_names"][0].items()
    assert "name_change" not in shown
    ok(api.patch(address, {"name_zh": ROBOT, "name_change": "rename"}))
    assert former(robot)[1:] == [(RENAMED, "zh", timezone.localdate())]


def test_api_refuses_what_makes_no_sense(robot):
    api, address = root(), f"enterprises/{robot.registry_no}/"
    said = {"name_zh": OTHER, "name_change": "correction", "renamed_on": "2024-05-01"}
    told = problem(api.patch(address, said), 400, "invalid")
    assert [one["pointer"] for one in told["errors"]] == ["/renamed_on"]
    told = problem(api.post("enterprises/", {"name_zh": OTHER, "name_change": "rename"}), 400, "invalid")
    assert [one["pointer"] for one in told["errors"]] == ["/name_change"]
    told = problem(api.patch(address, {"name_zh": OTHER, "name_change": "typo"}), 400, "invalid")
    assert [one["pointer"] for one in told["errors"]] == ["/name_change"]


def test_api_keeps_the_old_name_beside_other_names_that_are_given(robot):
    factories.name(robot, "中山市香山机械厂")
    said = {"name_zh": OTHER, "name_change": "rename", "other_names": [{"kind": "alias", "name": "香山"}]}
    ok(root().patch(f"organizations/{robot.registry_no}/", said))
    assert set(robot.names.values_list("kind", "name")) == {("alias", "香山"), ("former", ROBOT)}


def test_bulk_renames_and_tells_which_item_does_not_say_why(robot):
    api = root()
    tag = api.get(f"enterprises/{robot.registry_no}/")["ETag"]
    item = {"registry_no": robot.registry_no, "etag": tag, "name_zh": OTHER}
    told = problem(api.patch("enterprises/bulk/", [item], headers={}), 400)
    assert [one["pointer"] for one in told["errors"]] == ["/0/name_change"]
    ok(api.patch("enterprises/bulk/", [item | {"name_change": "rename"}], headers={}))
    assert former(robot) == [(ROBOT, "zh", timezone.localdate())]


def test_api_names_the_successor_of_the_owner_of_a_code(robot):
    old = factories.enterprise(registration_status="merged", successor_id=robot.pk)
    told = problem(root().post("enterprises/", {"name_zh": OTHER, "uscc": old.uscc}), 409)
    assert robot.registry_no in told["errors"][0]["detail"]


# --- The page of an import


@pytest.fixture
def held(client, robot):
    bring(client, csv(HEAD, (robot.uscc, OTHER), (factories.valid_uscc(), "中山市新来者有限公司")))
    batch = the_batch()
    row = batch.rows.get(n=0)
    assert (row.outcome, row.candidates[0]["reasons"]) == (ImportRow.Outcome.UNDECIDED, ["other_name"])
    return batch


def test_page_offers_renamed_or_wrong_code(client, held):
    html = client.get(page(held)).content.decode()
    assert "是单位更名" in html
    assert "代码有误：本行不导入" in html


def test_row_decided_to_be_renamed_keeps_the_old_name(client, held, robot):
    client.post(page(held, "decide"), {"d-0": robot.pk})
    confirm(client, held)
    robot.refresh_from_db()
    assert (robot.name_zh, former(robot)) == (OTHER, [(ROBOT, "zh", timezone.localdate())])
    assert Organization.objects.count() == 2
    html = client.get(page(held) + "?outcome=noted").content.decode()
    assert "单位更名：原名称" in html


def test_row_decided_to_have_a_wrong_code_is_left_out_and_says_so(client, held, robot):
    client.post(page(held, "decide"), {"d-0": "new"})
    row = held.rows.get(n=0)
    assert row.outcome == ImportRow.Outcome.REFUSED
    assert "代码有误" in row.problems[0]["message"][0]
    confirm(client, held)
    robot.refresh_from_db()
    assert (robot.name_zh, Organization.objects.count()) == (ROBOT, 2)


def test_rows_that_are_noted_have_a_tab_of_their_own(client, robot):
    bring(client, csv(HEAD, (robot.uscc, RENAMED), (factories.valid_uscc(), OTHER)))
    batch = the_batch()
    assert batch.counts["changed"] == 1
    shown = client.get(page(batch) + "?outcome=noted").context["rows"]
    assert [(one.row.n, len(one.notes)) for one in shown] == [(0, 2)]
