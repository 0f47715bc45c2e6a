"""The pages of rounds: starting one from townships or lists, following it, its files, and who may."""

import io
import zipfile

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from registry.collection import progress
from registry.models import AnnualFigures, CollectionRound, Contact, ImportBatch, RoundOrganization
from tests import factories
from tests.pages import errors, form_data

ROUNDS = "/admin/registry/collectionround/"
ASKED = "/admin/registry/roundorganization/"
ORGANIZATIONS = "/admin/registry/organization/"
HERE = "442000001"
SEE = ("registry.view_collectionround", "registry.view_annualfigures", "registry.view_organization")
RUN = (*SEE, "registry.add_collectionround", "registry.change_collectionround")


def logged_in(*permissions):
    client = Client()
    client.force_login(factories.user(*permissions))
    return client


@pytest.fixture
def client(reference):
    return logged_in(*RUN, "registry.view_contact", "registry.view_roundorganization")


@pytest.fixture
def bodies(reference):
    here = factories.township(HERE)
    return [
        factories.enterprise(name_zh="中山市虚构甲有限公司", township=here),
        factories.enterprise(name_zh="中山市虚构乙有限公司", township=here),
        factories.enterprise(name_zh="中山市虚构丙有限公司"),
    ]


def book(response):
    return CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))


def asked_by(asking):
    return set(RoundOrganization.objects.filter(round=asking).values_list("organization", flat=True))


# --- Starting


def start(client, **more):
    data = form_data(client.get(f"{ROUNDS}add/")) | {"title": "虚构填报", "year": "2023", "due_on": "2024-03-31"}
    return client.post(f"{ROUNDS}add/", data | more)


def test_a_round_starts_with_the_organizations_of_townships(client, bodies):
    factories.tag(bodies[0], "robots")
    town = bodies[0].township_id
    response = start(client, townships=[town], kinds=["enterprise"], tagged_only="on")
    assert response.status_code == 302
    asking = CollectionRound.objects.get()
    assert asking.created_by is not None
    assert asked_by(asking) == {bodies[0].pk}
    data = form_data(client.get(f"{ROUNDS}{asking.pk}/change/"))
    data.pop("tagged_only", None)
    client.post(f"{ROUNDS}{asking.pk}/change/", data | {"townships": [town]})
    assert asked_by(asking) == {bodies[0].pk, bodies[1].pk}


def test_a_round_due_before_its_year_is_refused(client):
    response = start(client, due_on="2022-12-31")
    assert "截止日期不能早于数据年度。" in str(errors(response))
    assert not CollectionRound.objects.exists()


def test_the_year_of_a_round_stays(client, bodies):
    asking = factories.collection_round(*bodies)
    data = form_data(client.get(f"{ROUNDS}{asking.pk}/change/")) | {"year": "2020", "notes": "新"}
    client.post(f"{ROUNDS}{asking.pk}/change/", data)
    asking.refresh_from_db()
    assert (asking.year, asking.notes) == (2023, "新")


def act(client, chosen, path=ORGANIZATIONS, **given):
    data = {"action": "start_round", "_selected_action": [one.pk for one in chosen]} | given
    return client.post(path, data)


NEW = {"title": "虚构清单填报", "year": "2023", "due_on": "2024-03-31", "notes": ""}


def test_a_round_starts_from_a_list(client, bodies):
    assert "发起年度填报" in client.get(ORGANIZATIONS).content.decode()
    assert "新的年度填报" in act(client, bodies).content.decode()
    gone = factories.enterprise(registration_status="revoked")
    page = act(client, [*bodies, gone], step="show", **NEW).content.decode()
    assert "将有 3 家单位列入填报" in page
    assert "已注销、吊销、迁出或合并" in page
    act(client, [*bodies, gone], step="apply", expected="3", **NEW)
    asking = CollectionRound.objects.get()
    assert asked_by(asking) == {body.pk for body in bodies}
    assert asking.created_by is not None
    event = RoundOrganization.pgh_event_model.objects.select_related("pgh_context").first()
    assert event.pgh_context.metadata["operation"] == "round"


def test_a_list_is_added_to_a_round_that_there_is(client, bodies):
    asking = factories.collection_round(bodies[0])
    page = act(client, bodies, step="show", round=asking.pk).content.decode()
    assert "将有 2 家单位列入填报" in page
    act(client, bodies, step="apply", expected="2", round=asking.pk)
    assert asked_by(asking) == {body.pk for body in bodies}
    closed = factories.collection_round(closed_on="2024-01-01")
    assert act(client, bodies, step="show", round=closed.pk).context["form"].errors


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"year": ""}, {"due_on": ""}, {"due_on": "2020-01-01"}, {"year": "1"}, {"title": "已有"}]
)
def test_a_new_round_from_a_list_needs_everything(client, bodies, wrong):
    factories.collection_round(title="已有")
    response = act(client, bodies, step="show", **NEW | wrong)
    assert response.context["form"].errors
    assert response.context["outcome"] is None


def test_members_are_asked_from_their_list(reference, bodies):
    members = [factories.member(who=body) for body in bodies[:2]]
    for member in members:
        factories.membership(member)
    path = "/admin/alliance/member/"
    seeing = ("alliance.view_member", "alliance.view_membership", "alliance.view_alliance")
    assert "start_round" not in logged_in(*SEE, *seeing).get(path).content.decode()
    client = logged_in(*RUN, *seeing)
    assert "start_round" in client.get(path).content.decode()
    assert "将有 2 家单位列入填报" in act(client, members, path, step="show", **NEW).content.decode()
    act(client, members, path, step="apply", expected="2", **NEW)
    assert asked_by(CollectionRound.objects.get()) == {body.pk for body in bodies[:2]}


# --- Following


def test_the_page_tells_the_answers_by_township(client, bodies):
    asking = factories.collection_round(*bodies)
    factories.figures(bodies[0], 2023)
    html = client.get(f"{ROUNDS}{asking.pk}/change/").content.decode()
    assert f"forms/?township={HERE}" in html
    assert "未填镇街" in html
    assert "1 / 3" in client.get(ROUNDS).content.decode()


def test_the_list_of_those_asked_is_filtered_by_answer(client, bodies):
    asking = factories.collection_round(*bodies)
    factories.collection_round(bodies[0])
    factories.figures(bodies[0], 2023)

    def shown(**query):
        return {row.organization_id for row in client.get(ASKED, query).context["cl"].result_list}

    assert shown(round=asking.pk, answered="no") == {bodies[1].pk, bodies[2].pk}
    assert shown(round=asking.pk, answered="yes", township=HERE) == {bodies[0].pk}
    assert shown(round=asking.pk, township="none") == {bodies[2].pk}


def test_an_organization_can_be_taken_off_the_round(client, bodies):
    asking = factories.collection_round(*bodies)
    row = RoundOrganization.objects.get(round=asking, organization=bodies[0].pk)
    client.post(f"{ASKED}?round={asking.pk}", {"action": "remove", "_selected_action": [row.pk]})
    assert asked_by(asking) == {bodies[1].pk, bodies[2].pk}


@pytest.mark.parametrize("page", [ROUNDS, ASKED])
def test_number_of_queries_does_not_grow_with_the_rows(client, bodies, page):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    factories.collection_round(bodies[0])
    queries()
    one = queries()
    factories.collection_round(*bodies)
    factories.collection_round(*bodies)
    assert queries() == one


# --- Files


def test_one_form_and_all_forms_can_be_downloaded(client, bodies):
    asking = factories.collection_round(*bodies, title="虚构/填报:2023")
    one = client.get(f"{ROUNDS}{asking.pk}/forms/", {"township": HERE})
    assert "no-store" in one["Cache-Control"]
    assert len(book(one).get_sheet_by_name("填报表").to_python()) == 5
    response = client.get(f"{ROUNDS}{asking.pk}/forms/")
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert names == ["虚构_填报_2023-石岐街道.xlsx", "虚构_填报_2023-未填镇街.xlsx"]


def test_the_list_of_those_not_answered_can_be_exported(client, bodies):
    asking = factories.collection_round(*bodies)
    factories.figures(bodies[0], 2023)
    rows = book(client.get(f"{ROUNDS}{asking.pk}/unanswered/")).get_sheet_by_index(0).to_python()
    assert len(rows) == 4
    rows = book(client.get(f"{ROUNDS}{asking.pk}/unanswered/", {"township": HERE})).get_sheet_by_index(0).to_python()
    assert [row[2] for row in rows[2:]] == [bodies[1].name_zh]


def test_a_township_that_is_not_asked_gives_an_empty_form(client, bodies):
    asking = factories.collection_round(*bodies)
    response = client.get(f"{ROUNDS}{asking.pk}/forms/", {"township": "nowhere"})
    assert len(book(response).get_sheet_by_name("填报表").to_python()) == 3
    assert client.get(f"{ROUNDS}0/forms/").status_code == 404


# --- Who may


def test_contacts_stand_in_the_files_only_for_those_who_may_see_them(client, bodies):
    factories.contact(bodies[0], name="虚构联系人")
    asking = factories.collection_round(*bodies)
    without = logged_in(*SEE)
    for path in (f"{ROUNDS}{asking.pk}/forms/?township={HERE}", f"{ROUNDS}{asking.pk}/unanswered/"):
        assert "虚构联系人" in str(book(client.get(path)).get_sheet_by_index(0).to_python())
        assert "虚构联系人" not in str(book(without.get(path)).get_sheet_by_index(0).to_python())


@pytest.mark.parametrize("missing", SEE[:2])
def test_answers_and_files_need_the_rights_over_rounds_and_figures(reference, bodies, missing):
    asking = factories.collection_round(*bodies)
    factories.figures(bodies[0], 2023)
    client = logged_in(*set(SEE) - {missing})
    for path in (f"{ROUNDS}{asking.pk}/forms/", f"{ROUNDS}{asking.pk}/unanswered/", ASKED):
        assert client.get(path).status_code == 403
    page = client.get(f"{ROUNDS}{asking.pk}/change/")
    assert page.status_code == (403 if "round" in missing else 200)
    assert "已报" not in page.content.decode()


def test_who_only_sees_starts_and_changes_nothing(reference, bodies):
    asking = factories.collection_round(*bodies)
    client = logged_in(*SEE, "registry.view_roundorganization")
    assert client.get(f"{ROUNDS}add/").status_code == 403
    assert client.post(f"{ROUNDS}{asking.pk}/change/", {"title": "x"}).status_code == 403
    assert "start_round" not in client.get(ORGANIZATIONS).content.decode()
    act(client, bodies, step="apply", expected="3", **NEW)
    row = RoundOrganization.objects.first()
    client.post(ASKED, {"action": "remove", "_selected_action": [row.pk]})
    assert len(asked_by(asking)) == 3
    assert CollectionRound.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "page", "add"),
    [("录入员", 200, 200), ("审核员", 200, 200), ("审计员", 200, 403), ("查询员", 403, 403), ("秘书处", 403, 403)],
)
def test_roles_run_or_see_rounds(reference, role, page, add):
    user = factories.user()
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    assert client.get(ROUNDS).status_code == page
    assert client.get(f"{ROUNDS}add/").status_code == add


def test_a_form_comes_back_through_the_import_of_lists(bodies):
    client = Client()
    client.force_login(factories.superuser())
    asking = factories.collection_round(*bodies)
    link = f"/admin/imports/?table=figures&amp;round={asking.pk}"
    assert link in client.get(f"{ROUNDS}{asking.pk}/change/").content.decode()
    assert (
        f'value="{asking.pk}" selected'
        in client.get("/admin/imports/", {"table": "figures", "round": asking.pk}).content.decode()
    )
    text = f"名录编号,从业人员（人）,联系人\n{bodies[0].registry_no},12,虚构某\n".encode()
    file = SimpleUploadedFile("填报.csv", text)
    client.post("/admin/imports/", {"table": "figures", "figures-round": asking.pk, "file": file})
    batch = ImportBatch.objects.latest("pk")
    assert (batch.table, batch.options) == ("figures", {"round": asking.pk})
    page = client.get(f"/admin/imports/{batch.pk}/")
    assert "虚构某" in page.content.decode()
    client.post(f"/admin/imports/{batch.pk}/apply/", {"confirmed": page.context["confirmed"]})
    assert AnnualFigures.objects.get().year == 2023
    assert Contact.objects.get().name == "虚构某"
    assert progress.by_township(asking, None)[0].answered == 1


def test_a_new_round_is_proposed_for_last_year_and_opens_its_page(client, bodies):
    page = client.get(f"{ROUNDS}add/")
    year = timezone.localdate().year - 1
    data = form_data(page)
    assert (data["year"], data["title"]) == (str(year), f"{year}年度人工智能企业填报")
    assert 'data-all="全选"' in page.content.decode()
    response = client.post(f"{ROUNDS}add/", data | {"due_on": f"{year + 1}-03-31"}, follow=True)
    assert response.redirect_chain == [(f"{ROUNDS}{CollectionRound.objects.get().pk}/change/", 302)]
    assert any("下一步：下载填报表" in str(message) for message in response.context["messages"])
