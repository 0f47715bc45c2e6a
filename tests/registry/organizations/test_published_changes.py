"""What somebody without the right to publish changes in a published organization waits for a review."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import translation

from registry.imports.tables.organizations import OrganizationImport
from registry.models import ImportBatch, Name, Organization, Proposal
from registry.organizations.models.published import PART_FIELDS, PUBLIC_FIELDS
from registry.organizations.views.public import PublicOrganizationViewSet
from registry.proposals.models import MODELS
from registry.proposals.showing import decided_cells
from registry.proposals.values import standings
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
PAGE = "/admin/registry/proposal/"
REVIEWER = (*CLERK, "registry.view_proposal", "registry.publish_organization")


@pytest.fixture
def robot(transactional_db, reference) -> Organization:
    made = factories.enterprise(name_zh="中山市虚构公示机器人有限公司", short_name="旧简称", published=True)
    factories.tag(made, is_primary=True)
    waiting().delete()
    return made


def session(*permissions: str, **fields) -> Client:
    client = Client()
    client.force_login(factories.user(*permissions, **fields))
    client.cookies["django_language"] = "zh-hans"
    return client


def waiting():
    """What is in effect and waits for a review."""
    return Proposal.objects.filter(in_effect=True, state="open")


def listed() -> dict[str, list[tuple[str, str]]]:
    """Label of the field -> old and new, of all that waits."""
    found: dict[str, list[tuple[str, str]]] = {}
    with translation.override("zh-hans"):
        for cell in decided_cells(list(waiting())):
            for one in cell.differences:
                found.setdefault(str(one.field), []).append((str(one.old), str(one.new)))
    return found


def picks(*organizations: Organization) -> dict[str, list[str]]:
    """What a page that is opened now would send, with all ticked."""
    found = standings(list(waiting().filter(organization__in=organizations)))
    return {
        f"pick-{of.pk}": [f"{one.proposal.pk}:{one.seen}" for one in found if one.target.pk == of.pk]
        for of in organizations
    }


def test_the_list_covers_what_the_public_sees():
    own = set(PublicOrganizationViewSet.column_names) - {"registry_no", "updated_at"}
    own -= {"verified_on", "public_source"}  # who may verify says it to everybody
    parts = {"sectors": "sectortag", "former_names": "name", "qualifications": "qualification"}
    parts |= {"identifiers": "identifier"}
    assert own - parts.keys() == set(PUBLIC_FIELDS["organization"]) - {"published"}
    assert set(parts.values()) == PUBLIC_FIELDS.keys() - {"organization"}
    for what, fields in PART_FIELDS.items():
        stored = {field.name for field in MODELS[what]._meta.concrete_fields if not field.generated and field.editable}
        assert set(fields) == stored - {"id", "organization"}, "a proposal keeps the whole row"


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
    assert not waiting().exists()


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
    assert not waiting().exists()


def test_changes_through_the_api_are_listed(robot):
    other = factories.enterprise(published=True)
    writer = api(*WRITER)
    ok(writer.patch(f"enterprises/{robot.registry_no}/", {"registration_status": "deregistered"}))
    etag = writer.get(f"enterprises/{other.registry_no}/")["ETag"]
    items = [{"registry_no": other.registry_no, "etag": etag, "short_name": "批量"}]
    ok(writer.patch("enterprises/bulk/", items, headers={}))
    assert set(waiting().values_list("organization_id", flat=True)) == {robot.pk, other.pk}
    assert "注销" in [new for pairs in listed().values() for _old, new in pairs]


def test_changes_by_bulk_action_are_listed(robot):
    data = {"action": "set_category", "_selected_action": [robot.pk], "category": "startup"}
    clerk = session(*CLERK)
    clerk.post("/admin/registry/organization/", data | {"step": "values"})
    clerk.post("/admin/registry/organization/", data | {"step": "apply", "expected": "1"})
    robot.refresh_from_db()
    assert robot.category == "startup"
    assert waiting().count() == 1


def test_imports_by_clerk_and_command_and_their_undoing_are_listed(robot, tmp_path):
    clerk = factories.user(*CLERK, "registry.view_contact", "registry.view_annualfigures")
    rows = [["统一社会信用代码", "简称"], [robot.uscc, "导入的"]]
    applied(csv_file(tmp_path, rows), OrganizationImport(user=clerk))
    assert listed() == {"简称": [("旧简称", "导入的")]}
    waiting().delete()
    call_command("undo_import", str(ImportBatch.objects.get().pk), apply=True, verbosity=0)
    assert listed() == {"简称": [("导入的", "旧简称")]}
    waiting().delete()
    applied(csv_file(tmp_path, [["统一社会信用代码", "简称"], [robot.uscc, "命令"]]))
    assert listed() == {"简称": [("旧简称", "命令")]}


def test_an_import_by_who_may_publish_is_not_listed(robot, tmp_path):
    rows = [["统一社会信用代码", "简称"], [robot.uscc, "导入的"]]
    applied(csv_file(tmp_path, rows), OrganizationImport(user=factories.superuser()))
    assert Organization.objects.get().short_name == "导入的"
    assert not waiting().exists()


def test_a_merger_by_command_and_an_unpublishing_by_command_are_listed(robot):
    other = factories.enterprise(published=True)
    Organization.objects.filter(pk=robot.pk).update(registration_status="merged", successor=other)
    Organization.objects.filter(pk=other.pk).update(published=False)
    told = listed()
    assert "合并" in [new for pairs in told.values() for _old, new in pairs]
    assert ("是", "否") in [pair for pairs in told.values() for pair in pairs]
    assert set(waiting().values_list("organization_id", flat=True)) == {robot.pk, other.pk}


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
    shown = picks(robot, other)
    page = reviewer.get(PAGE).content.decode()
    assert all(pick in page for pick in (*shown[f"pick-{robot.pk}"], *shown[f"pick-{other.pk}"]))
    save(clerk, change(robot), short_name="再改", website="https://example.com")
    answer = reviewer.post(PAGE, shown | {"accept": ""}, follow=True).content.decode()
    assert "已采纳 1 条" in answer
    assert "其间已有变化" in answer
    assert set(waiting().values_list("organization_id", "field")) == {(robot.pk, "short_name"), (robot.pk, "website")}
    assert listed()["简称"] == [("旧简称", "再改")], "what was not confirmed stays to be seen"
    reviewer.post(PAGE, picks(robot) | {"accept": str(robot.pk)})
    assert not waiting().exists()
    robot.refresh_from_db()
    assert (robot.published, robot.short_name) == (True, "再改")


def test_cells_are_confirmed_and_reverted_one_by_one(robot):
    clerk, reviewer = session(*CLERK), session(*REVIEWER)
    data = form_data(clerk.get(change(robot))) | {"short_name": "新", "website": "https://example.com"}
    data["sector_tags-0-DELETE"] = "on"
    add_row(data, "identifiers", scheme="stock_code", value="X123")
    assert clerk.post(change(robot), data).status_code == 302
    cells = {
        (one.proposal.what, one.proposal.field): f"{one.proposal.pk}:{one.seen}" for one in standings(list(waiting()))
    }
    kept = cells.pop(("organization", "website"))
    wrong = {f"pick-{robot.pk}": list(cells.values()), "refuse": str(robot.pk)}
    assert "请填写理由" in reviewer.post(PAGE, wrong, follow=True).content.decode()
    reviewer.post(PAGE, wrong | {f"reason-{robot.pk}": "与执照不符"})
    reviewer.post(PAGE, {f"pick-{robot.pk}": kept, "accept": str(robot.pk)})
    assert not waiting().exists()
    robot.refresh_from_db()
    assert (robot.short_name, robot.website) == ("旧简称", "https://example.com")
    assert robot.sector_tags.get().is_primary
    assert not robot.identifiers.exists()
    done = reviewer.get(PAGE, {"state": "decided"}).content.decode()
    assert "与执照不符" in done
    assert "未采纳" in done


def test_a_change_that_somebody_has_changed_again_is_not_reverted(robot):
    reviewer = session(*REVIEWER)
    save(session(*CLERK), change(robot), short_name="新")
    save(session(*REVIEWER), change(robot), short_name="审核员改的")
    assert "现为“审核员改的”" in reviewer.get(PAGE).content.decode()
    wish = picks(robot) | {f"reason-{robot.pk}": "不符"}
    assert "未予还原" in reviewer.post(PAGE, wish | {"refuse": str(robot.pk)}, follow=True).content.decode()
    reviewer.post(PAGE, wish | {"accept": str(robot.pk)})
    robot.refresh_from_db()
    assert robot.short_name == "审核员改的"
    assert Proposal.objects.get().state == "overtaken"


def test_unpublishing_from_the_list_takes_off_and_is_in_the_history(robot):
    save(session(*CLERK), change(robot), short_name="新")
    reviewer = session(*REVIEWER)
    reviewer.post(PAGE, {"unpublish": str(robot.pk)})
    robot.refresh_from_db()
    assert not robot.published
    assert not waiting().exists()
    assert "公开信息复核" in reviewer.get(f"/admin/registry/organization/{robot.pk}/history/").content.decode()


def test_unpublishing_anywhere_else_takes_off_too(robot):
    save(session(*CLERK), change(robot), short_name="新")
    ok(api(*WRITER, "registry.publish_organization").patch(f"enterprises/{robot.registry_no}/", {"published": False}))
    assert not waiting().exists()


def test_what_was_changed_back_waits_no_longer(robot):
    clerk = session(*CLERK)
    save(clerk, change(robot), short_name="新", website="https://example.com")
    save(clerk, change(robot), short_name="旧简称")
    assert listed() == {"网址": [("", "https://example.com")]}
    data = form_data(clerk.get(change(robot)))
    add_row(data, "identifiers", scheme="stock_code", value="X123")
    clerk.post(change(robot), data)
    assert waiting().filter(what="identifier").exists()
    robot.identifiers.all().delete()
    assert not waiting().filter(what="identifier").exists()
    assert set(Proposal.objects.exclude(state="open").values_list("state", flat=True)) == {"withdrawn"}


def test_only_who_may_publish_decides_and_a_clerk_sees_the_own_changes(robot):
    name = "registry.view_proposal"
    clerk, other, stranger = session(*CLERK, name), session(*CLERK, name), session(*CLERK)
    save(clerk, change(robot), short_name="新")
    start = session(*REVIEWER).get("/admin/")
    assert [one.number.value for one in start.context["cards"] if one.name == "proposals"] == [1]
    assert PAGE in start.content.decode()
    assert not [one for one in clerk.get("/admin/").context["cards"] if one.name == "proposals"]
    assert "旧简称" in clerk.get(PAGE).content.decode()
    assert "旧简称" not in other.get(PAGE).content.decode()
    assert stranger.get(PAGE).status_code == 403
    assert stranger.post(PAGE, picks(robot) | {"accept": str(robot.pk)}).status_code == 403
    answer = clerk.post(PAGE, picks(robot) | {"accept": str(robot.pk)}, follow=True).content.decode()
    assert "无权处理" in answer
    clerk.post(PAGE, {"unpublish": str(robot.pk)})
    robot.refresh_from_db()
    assert robot.published
    assert waiting().exists()


def test_the_right_may_come_from_a_role(robot):
    client = session()
    client.get("/admin/")
    user = factories.user()
    user.groups.add(*type(user).groups.field.related_model.objects.filter(name="审核员"))
    client.force_login(user)
    save(client, change(robot), short_name="审核员改的")
    assert Organization.objects.get().short_name == "审核员改的"
    assert not waiting().exists()


def test_a_deleted_record_leaves_the_list(robot):
    Organization.objects.filter(pk=robot.pk).update(short_name="改")
    assert waiting().exists()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_sectortag")
        cursor.execute("DELETE FROM registry_organization")
    assert not Proposal.objects.exists()


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
