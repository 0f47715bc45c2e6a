"""With the setting for two persons, nobody changes alone what the public sees, whatever way they write."""

import pytest
from django.db import connection
from django.test import Client

from registry.imports.tables.organizations import OrganizationImport
from registry.models import Organization, Proposal
from registry.proposals.actions import accept, refuse
from tests import factories
from tests.api import api, ok
from tests.pages import add_row, form_data
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied
from tests.registry.organizations.test_admin_organizations import CLERK, change, save
from tests.registry.organizations.test_api_organizations import WRITER
from tests.registry.proposals.test_actions import REVIEWER, picks

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = (*CLERK, "registry.view_proposal", "registry.publish_organization", "registry.view_contact")


@pytest.fixture(autouse=True)
def two_persons(settings) -> None:
    settings.TWO_PERSONS = "published"


@pytest.fixture
def robot(transactional_db, reference) -> Organization:
    made = factories.enterprise(short_name="旧简称", published=True)
    factories.tag(made, is_primary=True, evidence="旧依据")
    Proposal.objects.all().delete()
    return Organization.objects.get(pk=made.pk)


@pytest.fixture
def second(transactional_db):
    return factories.user(*REVIEWER)


def session(*permissions: str) -> Client:
    client = Client()
    client.force_login(factories.user(*permissions))
    client.cookies["django_language"] = "zh-hans"
    return client


def waiting() -> list[tuple[str, str, object, object]]:
    rows = Proposal.objects.filter(state="open", in_effect=False).order_by("what", "field", "pk")
    return [(one.what, one.field, one.old, one.new) for one in rows]


def updates(robot: Organization) -> int:
    return Organization.pgh_event_model.objects.filter(pgh_obj_id=robot.pk, pgh_label="update").count()


def test_a_form_stores_the_rest_and_the_public_part_waits(robot, second):
    reviewer = session(*RIGHTS)
    answer = save(reviewer, change(robot), short_name="新简称", website="https://example.com", remarks="内部备注")
    assert answer.status_code == 302
    told = reviewer.get("/admin/").content.decode()
    assert "2 处修改须由另一人审核后生效：简称、网址" in told
    robot.refresh_from_db()
    assert (robot.short_name, robot.website, robot.remarks) == ("旧简称", "", "内部备注")
    assert waiting() == [
        ("organization", "short_name", "旧简称", "新简称"),
        ("organization", "website", "", "https://example.com"),
    ]
    assert not Proposal.objects.filter(in_effect=True).exists()
    assert updates(robot) == 1, "the history shows the remarks alone"
    made = list(Proposal.objects.all())
    accept(picks(*made[:1]), second)
    refuse(picks(*made[1:]), second, "查无此站")
    robot.refresh_from_db()
    assert (robot.short_name, robot.website) == ("新简称", "")
    assert not Proposal.objects.filter(state="open").exists(), "the decision of the second person needs no third one"


def test_saving_the_same_again_says_so_again_and_nobody_accepts_alone(robot):
    person = factories.user(*RIGHTS)
    client = Client()
    client.force_login(person)
    for _n in range(2):
        save(client, change(robot), short_name="新简称")
        assert "须由另一人审核" in client.get("/admin/").content.decode()
    made = Proposal.objects.get()
    assert [note.code for note in accept(picks(made), person).notes] == ["own"]


def test_rows_that_the_public_sees_wait_and_private_fields_of_them_do_not(robot, second):
    reviewer = session(*RIGHTS)
    gone = factories.identifier(robot, value="X00001")
    Proposal.objects.all().delete()
    data = form_data(reviewer.get(change(robot)))
    data["sector_tags-0-is_primary"] = ""
    data["sector_tags-0-evidence"] = "新依据"
    data["identifiers-0-DELETE"] = "on"
    add_row(data, "sector_tags", sector=factories.sector("robots.service").pk, is_primary="on", evidence="服务")
    add_row(data, "names", kind="former", name="虚构旧名有限公司", language="zh")
    add_row(data, "names", kind="alias", name="虚构别名", language="zh")
    add_row(data, "qualifications", grading=factories.grading().pk, level="national", issuer="虚构机关")
    add_row(data, "contacts", role="liaison", name="虚构联系", phone=factories.PHONE)
    assert reviewer.post(change(robot), data).status_code == 302
    assert [tag.is_primary for tag in robot.sector_tags.all()] == [True]
    assert robot.sector_tags.get().evidence == "新依据"
    assert [name.kind for name in robot.names.all()] == ["alias"]
    assert (robot.identifiers.get(), robot.contacts.count(), robot.qualifications.count()) == (gone, 1, 0)
    assert [what for what, *_rest in waiting()] == ["identifier", "name", "qualification", "sectortag", "sectortag"]
    assert not accept(picks(*Proposal.objects.all()), second).notes
    assert {tag.evidence: tag.is_primary for tag in robot.sector_tags.all()} == {"新依据": False, "服务": True}
    assert {name.kind for name in robot.names.all()} == {"alias", "former"}
    assert not robot.identifiers.exists()
    assert robot.qualifications.get().issuer == "虚构机关"


def test_a_renaming_waits_with_its_former_name_and_its_pinyin(robot, second):
    old, pinyin = robot.name_zh, robot.pinyin
    save(session(*RIGHTS), change(robot), name_zh="中山市虚构更名有限公司", name_change="rename")
    robot.refresh_from_db()
    assert (robot.name_zh, robot.pinyin, robot.names.count()) == (old, pinyin, 0)
    assert not accept(picks(*Proposal.objects.all()), second).notes
    robot.refresh_from_db()
    assert robot.name_zh == "中山市虚构更名有限公司"
    assert robot.pinyin != pinyin
    assert robot.names.get().name == old


def test_publishing_is_proposed_and_unpublishing_takes_effect(robot, second):
    reviewer = session(*RIGHTS)
    hidden = factories.enterprise()
    save(reviewer, change(hidden), published="on", short_name="随便")
    hidden.refresh_from_db()
    assert (hidden.published, hidden.short_name) == (False, "随便")
    assert waiting() == [("organization", "published", False, True)]
    accept(picks(*Proposal.objects.all()), second)
    hidden.refresh_from_db()
    assert hidden.published
    save(reviewer, change(hidden), published="")
    hidden.refresh_from_db()
    assert not hidden.published


def test_a_new_record_is_stored_and_its_publishing_waits(robot):
    client = api(*WRITER, "registry.publish_organization")
    body = {"name_zh": "中山市虚构新设有限公司", "published": True, "sectors": ["robots.service"]}
    made = ok(client.post("enterprises/", body), 202)
    assert "notices" in made
    assert made["published"] is False
    assert [sector["code"] for sector in made["sectors"]] == ["robots.service"]
    assert waiting() == [("organization", "published", False, True)]


def test_the_api_says_what_waits_and_answers_the_record_as_it_stands(robot):
    client = api(*WRITER, "registry.publish_organization", "registry.view_qualification", "registry.add_qualification",
                 "registry.delete_qualification")  # fmt: skip
    path = f"enterprises/{robot.registry_no}/"
    answer = ok(client.patch(path, {"short_name": "新简称", "remarks": "备注"}), 202)
    assert (answer["short_name"], answer["remarks"]) == ("旧简称", "备注")
    assert "1 change waits" in answer["notices"][0]
    assert "notices" not in ok(client.patch(path, {"remarks": "又一条"}))
    of = f"organizations/{robot.registry_no}/qualifications/"
    answer = ok(client.post(of, {"grading": {"code": factories.grading().code}, "level": "national"}), 202)
    assert answer.keys() == {"notices"}
    kept = factories.qualification(robot)
    ok(client.delete(f"{of}{kept.pk}/"), 202)
    assert robot.qualifications.get() == kept
    items = [{"registry_no": robot.registry_no, "etag": client.get(path)["ETag"], "sectors": ["robots.service"]}]
    answer = ok(client.patch("enterprises/bulk/", items, headers={}), 202)
    assert [sector["code"] for sector in answer["results"][0]["sectors"]] == ["robots.industrial"]
    assert {what for what, *_rest in waiting()} == {"organization", "qualification", "sectortag"}


def test_a_change_of_many_waits_for_published_records_and_is_made_for_the_others(robot):
    reviewer, hidden = session(*RIGHTS), factories.enterprise()
    for name, values in (
        ("set_category", {"category": "startup"}),
        ("add_sectors", {"sectors": [factories.sector("robots.service").pk]}),
        ("publish", {}),
    ):
        data = {"action": name, "_selected_action": [robot.pk, hidden.pk], **values}
        expected = "1" if name == "publish" else "2"
        answer = reviewer.post(
            "/admin/registry/organization/", data | {"step": "apply", "expected": expected}, follow=True
        )
        assert "须由另一人审核" in answer.content.decode(), name
    robot.refresh_from_db()
    hidden.refresh_from_db()
    assert (robot.category, hidden.category, hidden.published) == ("", "startup", False)
    assert (robot.sector_tags.count(), hidden.sector_tags.count()) == (1, 1)
    assert len(waiting()) == 3


@pytest.mark.parametrize("by_command", [False, True])
def test_an_import_tells_in_preview_and_report_and_its_public_part_waits(robot, second, tmp_path, by_command):
    person = None if by_command else factories.superuser()
    rows = [
        ["统一社会信用代码", "单位名称", "简称", "备注", "曾用名", "资质荣誉"],
        [robot.uscc, robot.name_zh, "导入的", "内部", "中山市虚构曾用有限公司", "高新技术企业"],
        [factories.valid_uscc(), "中山市虚构新增有限公司", "新增", "", "", ""],
    ]
    preview = OrganizationImport(user=person).run(csv_file(tmp_path, rows))
    preview.table.close()
    assert any("须由另一人审核" in str(notice) for notice in preview.notices)
    run = OrganizationImport(user=person)
    applied(csv_file(tmp_path, rows), run)
    assert any("已转入“待审事项”" in str(notice) for notice in run.report.notices)
    robot.refresh_from_db()
    assert (robot.short_name, robot.remarks, robot.names.count(), robot.qualifications.count()) == (
        "旧简称",
        "内部",
        0,
        0,
    )
    assert Organization.objects.filter(short_name="新增").exists()
    assert {what for what, *_rest in waiting()} == {"organization", "name", "qualification"}
    assert not accept(picks(*Proposal.objects.filter(state="open")), second).notes
    robot.refresh_from_db()
    assert (robot.short_name, robot.names.count(), robot.qualifications.count()) == ("导入的", 1, 1)


def test_what_the_database_refuses_without_the_public_part_is_refused_and_said(robot):
    answer = save(session(*RIGHTS), change(robot), founded_on="2001-01-01", closed_on="2002-01-01")
    assert answer.status_code == 302
    robot.refresh_from_db()
    assert robot.closed_on is None
    assert waiting() == []


def test_ways_that_hold_nothing_back_are_reviewed_by_somebody_else(robot, second):
    person = factories.user(*RIGHTS)
    context = f'{{"user": {person.pk}, "two_persons": "published"}}'
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_metadata', %s, false)", [context])
        cursor.execute("UPDATE registry_organization SET short_name = '直接' WHERE id = %s", [robot.pk])
        cursor.execute("SELECT set_config('pghistory.context_metadata', '', false)")
        cursor.execute("UPDATE registry_organization SET scope = '无人' WHERE id = %s", [robot.pk])
    assert Proposal.objects.get(in_effect=True, field="scope").sources.get().proposer is None
    noted = Proposal.objects.get(in_effect=True, field="short_name")
    assert [note.code for note in accept(picks(noted), person).notes] == ["own"]
    assert refuse(picks(noted), second, "不符").states == {"refused": [noted.pk]}
    robot.refresh_from_db()
    assert robot.short_name == "旧简称"
