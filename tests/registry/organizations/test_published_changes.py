"""What somebody without the right to publish changes in a published organization waits for a review."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import translation

from registry.imports.tables.organizations import OrganizationImport
from registry.models import ImportBatch, Name, Organization, PublishedChange
from registry.organizations.admin.published import public_changes
from registry.organizations.models.published import PUBLIC_FIELDS
from registry.organizations.views.public import PublicOrganizationViewSet
from registry.suggestions import review
from registry.suggestions.review import SuggestionDecision
from tests import factories
from tests.api import api, ok
from tests.pages import add_row, form_data
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied
from tests.registry.organizations.test_admin_organizations import CLERK, change, save
from tests.registry.organizations.test_api_organizations import WRITER

# Moments are those of transactions: each change needs one of its own.
pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/registry/publishedchange/"
REVIEWER = (*CLERK, "registry.publish_organization")


@pytest.fixture
def robot(transactional_db, reference) -> Organization:
    made = factories.enterprise(name_zh="中山市虚构公示机器人有限公司", short_name="旧简称", published=True)
    factories.tag(made, is_primary=True)
    PublishedChange.objects.all().delete()
    return made


def session(*permissions: str, **fields) -> Client:
    client = Client()
    client.force_login(factories.user(*permissions, **fields))
    client.cookies["django_language"] = "zh-hans"
    return client


def listed() -> dict[str, list[tuple[str, str]]]:
    """Label of the event or of the field -> old and new, of all that is on the list."""
    found: dict[str, list[tuple[str, str]]] = {}
    with translation.override("zh-hans"):
        for changes in public_changes(list(PublishedChange.objects.all())).values():
            for event in changes:
                for one in event.differences:
                    found.setdefault(str(one.field), []).append((str(one.old), str(one.new)))
    return found


def test_the_list_covers_what_the_public_sees():
    own = set(PublicOrganizationViewSet.column_names) - {"registry_no", "updated_at"}
    parts = {"sectors": "sectortag", "former_names": "name", "qualifications": "qualification"}
    parts |= {"identifiers": "identifier"}
    assert own - parts.keys() == set(PUBLIC_FIELDS["organization"]) - {"published"}
    assert set(parts.values()) == PUBLIC_FIELDS.keys() - {"organization"}


# --- By every way of changing


def test_a_change_on_the_page_is_listed_with_old_and_new(robot):
    clerk = session(*CLERK, last_name="录", first_name="入")
    assert save(clerk, change(robot), short_name="新简称", remarks="内部").status_code == 302
    assert listed() == {"简称": [("旧简称", "新简称")]}
    page = session(*REVIEWER).get(PAGE).content.decode()
    assert "旧简称" in page
    assert "新简称" in page
    assert "录入" in page
    assert "内部" not in page


def test_a_change_of_what_the_public_does_not_see_is_not_listed(robot):
    clerk = session(*CLERK, "registry.add_contact", "registry.view_contact")
    data = form_data(clerk.get(change(robot))) | {"remarks": "改", "source": "改"}
    add_row(data, "contacts", role="liaison", name="虚构联系", phone=factories.PHONE)
    add_row(data, "names", kind="alias", name="虚构别名", language="zh")
    assert clerk.post(change(robot), data).status_code == 302
    assert Name.objects.get().kind == "alias"
    assert not PublishedChange.objects.exists()


def test_parts_that_the_public_sees_are_listed(robot):
    clerk = session(*CLERK)
    data = form_data(clerk.get(change(robot)))
    data["sector_tags-0-DELETE"] = "on"
    add_row(data, "names", kind="former", name="虚构旧名有限公司", language="zh")
    add_row(data, "qualifications", grading=factories.grading().pk, level="national")
    add_row(data, "identifiers", scheme="stock_code", value="X123")
    assert clerk.post(change(robot), data).status_code == 302
    told = listed()
    assert told["名称"] == [("", "虚构旧名有限公司")]
    assert told["领域"] == [(told["领域"][0][0], "")]
    assert ("", "X123") in [pair for pairs in told.values() for pair in pairs]


def test_changes_by_who_may_publish_and_of_unpublished_records_are_not_listed(robot):
    hidden = factories.enterprise()
    save(session(*CLERK), change(hidden), short_name="新简称")
    save(session(*REVIEWER), change(robot), short_name="新简称")
    ok(api(*WRITER, "registry.publish_organization").patch(f"enterprises/{robot.registry_no}/", {"short_name": "再"}))
    assert not PublishedChange.objects.exists()


def test_changes_through_the_api_are_listed(robot):
    other = factories.enterprise(published=True)
    writer = api(*WRITER)
    ok(writer.patch(f"enterprises/{robot.registry_no}/", {"registration_status": "deregistered"}))
    etag = writer.get(f"enterprises/{other.registry_no}/")["ETag"]
    items = [{"registry_no": other.registry_no, "etag": etag, "short_name": "批量"}]
    ok(writer.patch("enterprises/bulk/", items, headers={}))
    assert set(PublishedChange.objects.values_list("organization_id", flat=True)) == {robot.pk, other.pk}
    assert "注销" in [new for pairs in listed().values() for _old, new in pairs]


def test_changes_by_bulk_action_are_listed(robot):
    data = {"action": "set_category", "_selected_action": [robot.pk], "category": "startup"}
    clerk = session(*CLERK)
    clerk.post("/admin/registry/organization/", data | {"step": "values"})
    clerk.post("/admin/registry/organization/", data | {"step": "apply", "expected": "1"})
    robot.refresh_from_db()
    assert robot.category == "startup"
    assert len(PublishedChange.objects.all()) == 1


def test_imports_by_clerk_and_command_and_their_undoing_are_listed(robot, tmp_path):
    clerk = factories.user(*CLERK, "registry.view_contact", "registry.view_annualfigures")
    rows = [["统一社会信用代码", "简称"], [robot.uscc, "导入的"]]
    applied(csv_file(tmp_path, rows), OrganizationImport(user=clerk))
    assert listed() == {"简称": [("旧简称", "导入的")]}
    PublishedChange.objects.all().delete()
    call_command("undo_import", str(ImportBatch.objects.get().pk), apply=True, verbosity=0)
    assert listed() == {"简称": [("导入的", "旧简称")]}
    PublishedChange.objects.all().delete()
    applied(csv_file(tmp_path, [["统一社会信用代码", "简称"], [robot.uscc, "命令"]]))
    assert listed() == {"简称": [("旧简称", "命令")]}


def test_an_import_by_who_may_publish_is_not_listed(robot, tmp_path):
    rows = [["统一社会信用代码", "简称"], [robot.uscc, "导入的"]]
    applied(csv_file(tmp_path, rows), OrganizationImport(user=factories.superuser()))
    assert Organization.objects.get().short_name == "导入的"
    assert not PublishedChange.objects.exists()


def test_a_merger_by_command_and_an_unpublishing_by_command_are_listed(robot):
    other = factories.enterprise(published=True)
    Organization.objects.filter(pk=robot.pk).update(registration_status="merged", successor=other)
    Organization.objects.filter(pk=other.pk).update(published=False)
    told = listed()
    assert "合并" in [new for pairs in told.values() for _old, new in pairs]
    assert ("是", "否") in [pair for pairs in told.values() for pair in pairs]
    assert PublishedChange.objects.count() == 2


def test_an_accepted_suggestion_is_listed(transactional_db, reference):
    made = factories.enterprise(published=True, main_products="工业机器人")
    sector = factories.sector("robots.industrial")
    assert review.accept([SuggestionDecision(made.pk, sector.pk, sector.pk)], sector.plan) == 1
    assert "领域" in listed()


# --- The reviewer's work


def test_confirming_takes_off_what_was_shown_and_nothing_newer(robot):
    clerk, reviewer = session(*CLERK), session(*REVIEWER)
    other = factories.enterprise(published=True)
    for one in (robot, other):
        save(clerk, change(one), short_name="新")
    keys = [f"{one.organization_id}:{one.changed_in}" for one in PublishedChange.objects.all()]
    assert all(key in reviewer.get(PAGE).content.decode() for key in keys)
    save(clerk, change(robot), website="https://example.com")
    answer = reviewer.post(PAGE, {"pick": keys, "confirm": "1"}, follow=True)
    assert "已确认 1 家单位" in answer.content.decode()
    assert "1 家单位又有改动" in answer.content.decode()
    assert PublishedChange.objects.get().organization_id == robot.pk
    assert listed()["简称"] == [("旧简称", "新")], "what was not confirmed stays to be seen"
    left = PublishedChange.objects.get()
    reviewer.post(PAGE, {"confirm_one": f"{left.organization_id}:{left.changed_in}"})
    assert not PublishedChange.objects.exists()
    robot.refresh_from_db()
    assert robot.published


def test_unpublishing_from_the_list_takes_off_and_is_in_the_history(robot):
    save(session(*CLERK), change(robot), short_name="新")
    left = PublishedChange.objects.get()
    reviewer = session(*REVIEWER)
    reviewer.post(PAGE, {"pick": [f"{left.organization_id}:{left.changed_in}"], "unpublish": "1"})
    robot.refresh_from_db()
    assert not robot.published
    assert not PublishedChange.objects.exists()
    assert "公开信息复核" in reviewer.get(f"/admin/registry/organization/{robot.pk}/history/").content.decode()


def test_unpublishing_anywhere_else_takes_off_too(robot):
    save(session(*CLERK), change(robot), short_name="新")
    ok(api(*WRITER, "registry.publish_organization").patch(f"enterprises/{robot.registry_no}/", {"published": False}))
    assert not PublishedChange.objects.exists()


def test_what_was_changed_back_says_so(robot):
    clerk = session(*CLERK)
    save(clerk, change(robot), short_name="新")
    save(clerk, change(robot), short_name="旧简称")
    assert "已改回" in session(*REVIEWER).get(PAGE).content.decode()


def test_only_who_may_publish_sees_list_count_and_menu(robot):
    save(session(*CLERK), change(robot), short_name="新")
    start = session(*REVIEWER).get("/admin/").content.decode()
    assert "已公开单位的改动 1 条待复核" in start
    assert PAGE in start
    clerk = session(*CLERK)
    assert PAGE not in clerk.get("/admin/").content.decode()
    assert clerk.get(PAGE).status_code == 403
    left = PublishedChange.objects.get()
    assert clerk.post(PAGE, {"confirm_one": f"{robot.pk}:{left.changed_in}"}).status_code == 403
    assert PublishedChange.objects.exists()


def test_the_right_may_come_from_a_role(robot):
    client = session()
    client.get("/admin/")
    user = factories.user()
    user.groups.add(*type(user).groups.field.related_model.objects.filter(name="审核员"))
    client.force_login(user)
    save(client, change(robot), short_name="审核员改的")
    assert Organization.objects.get().short_name == "审核员改的"
    assert not PublishedChange.objects.exists()


def test_a_deleted_record_leaves_the_list(robot):
    Organization.objects.filter(pk=robot.pk).update(short_name="改")
    assert PublishedChange.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_sectortag")
        cursor.execute("DELETE FROM registry_organization")
    assert not PublishedChange.objects.exists()


# --- Verification


def test_only_who_may_verify_verifies_on_the_page(robot):
    save(session(*CLERK), change(robot), verified_on="2024-05-01")
    robot.refresh_from_db()
    assert (robot.verified_on, robot.verified_by) == (None, None)
    save(session(*CLERK, "registry.verify_organization"), change(robot), verified_on="2024-05-01")
    robot.refresh_from_db()
    assert robot.verified_on == datetime.date(2024, 5, 1)
    assert robot.verified_by is not None


def test_an_import_leaves_verification_alone_where_the_account_may_not_verify(robot, tmp_path):
    rows = [["统一社会信用代码", "简称", "核实日期"], [robot.uscc, "导入的", "2024-05-01"]]
    for permissions, day in (((), None), (("registry.verify_organization",), datetime.date(2024, 5, 1))):
        run = OrganizationImport(user=factories.user(*CLERK, *permissions))
        report = run.run(csv_file(tmp_path, rows), apply=True)
        report.table.close()
        robot.refresh_from_db()
        assert (robot.short_name, robot.verified_on) == ("导入的", day)
        assert any("核实" in str(notice) for notice in report.notices) == (day is None)
