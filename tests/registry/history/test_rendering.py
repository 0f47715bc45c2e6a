"""The history in words: sentences, what was done in one go, and what is told to whom; pages and API tell the same."""

import datetime
import re

import pghistory
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Field
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from registry.history.rendering import Event, days_of, events_of, for_people, for_programs
from registry.history.shown import ShownFields
from registry.imports.models import ImportBatch
from registry.imports.tables.organizations import OrganizationImport
from registry.models import AnnualFigures, Contact, Name, Organization
from registry.organizations.views.parts import HistoryView
from tests import factories
from tests.api import api, ok
from tests.pages import add_row, form_data
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied
from tests.registry.organizations.test_admin_organizations import change, save

pytestmark = pytest.mark.django_db
PARTS = HistoryView.parts


@pytest.fixture(autouse=True)
def _chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def li():
    return factories.user(username="li", is_superuser=True, last_name="李", first_name="某")


def by(user, **more):
    return pghistory.context(user=user.pk, url="/admin/", **more)


def lines(organization, user) -> list[str]:
    return [line for event in told(organization, user) for line in event.lines()]


def told(organization, user) -> list[Event]:
    return for_people(events_of(PARTS, organization.pk, user))


# --- Sentences


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({"short_name": "旧"}, {"short_name": "新"}, "将简称由“旧”改为“新”"),
        ({"short_name": ""}, {"short_name": "新"}, "填写简称：新"),
        ({"short_name": "旧"}, {"short_name": ""}, "清空简称，原为“旧”"),
        (
            {"founded_on": datetime.date(2015, 3, 1)},
            {"founded_on": datetime.date(2016, 5, 4)},
            "将成立日期由 2015-03-01 改为 2016-05-04",
        ),
        ({"published": False}, {"published": True}, "将公开由“否”改为“是”"),
        ({"category": "startup"}, {"category": "backbone"}, "将主体类别由“创业企业”改为“龙头骨干企业”"),
    ],
)
def test_a_change_is_a_sentence(li, before, after, line):
    of = factories.enterprise(**before)
    Organization.objects.filter(pk=of.pk).update(**after)
    assert lines(of, li)[0] == line


def test_numbers_of_a_year_are_told_with_their_year(li):
    of = factories.enterprise()
    figures = factories.figures(of, year=2023, employees=86)
    AnnualFigures.objects.filter(pk=figures.pk).update(employees=88)
    assert "修改年度数据“2023”：将从业人员由 86 改为 88" in lines(of, li)


def test_rows_are_added_and_removed_by_their_names(li):
    of = factories.enterprise()
    name = factories.name(of, "中山市旧名虚构有限公司", language="zh")
    name.delete()
    assert {"新增曾用名“中山市旧名虚构有限公司”（语言：zh）", "删除曾用名“中山市旧名虚构有限公司”（语言：zh）"} <= {
        *lines(of, li)
    }


def test_what_is_gone_is_told_by_the_name_that_it_had(li):
    of, grading = factories.enterprise(), factories.grading("invented", name_zh="虚构示范企业")
    factories.qualification(of, "invented").delete()
    grading.delete()
    told = [line for line in lines(of, li) if "资质" in line]
    assert [line[:14] for line in told] == ["删除资质荣誉“虚构示范企业”", "新增资质荣誉“虚构示范企业”"]


def test_a_sentence_names_moment_person_and_way(li):
    of = factories.enterprise(short_name="旧")
    with by(li):
        Organization.objects.filter(pk=of.pk).update(short_name="新")
    with pghistory.context(user=li.pk, operation="bulk"):
        Organization.objects.filter(pk=of.pk).update(short_name="再新")
    with pghistory.context(user=li.pk, url="/api/v1/", token=1):
        Organization.objects.filter(pk=of.pk).update(short_name="又新")
    with pghistory.context(command="refresh"):
        Organization.objects.filter(pk=of.pk).update(short_name="末")
    said = [re.sub(r"\d\d:\d\d", "14:05", event.text()) for event in told(of, li)]
    assert said[:4] == [
        "今天 14:05，系统通过命令 refresh 将简称由“又新”改为“末”",
        "今天 14:05，李某通过接口将简称由“再新”改为“又新”",
        "今天 14:05，李某通过批量修改将简称由“新”改为“再新”",
        "今天 14:05，李某将简称由“旧”改为“新”",
    ]
    with translation.override("en"):
        assert told(of, li)[3].text().endswith("changed Short name from “旧” to “新”")


def test_long_texts_are_shortened(li):
    of = factories.enterprise(introduction="甲" * 3000)
    Organization.objects.filter(pk=of.pk).update(introduction="乙" * 3000)
    assert len(lines(of, li)[0]) < 500


# --- What was done in one go


def test_one_save_of_a_form_is_one_group(li, reference):
    of = factories.enterprise()
    client = Client()
    client.force_login(li)
    client.cookies["django_language"] = "zh-hans"
    data = add_row(form_data(client.get(change(of))), "contacts", role="liaison", name="虚构甲")
    data |= {"short_name": "新", "website": "https://new.example.com"}
    assert client.post(change(of), data).status_code == 302
    (_day, groups), *_earlier = client.get(f"/admin/registry/enterprise/{of.pk}/history/").context["days"]
    assert _day.startswith("今天 20")
    assert groups[0].group.heading() == "李某 修改了企业信息（3 处）"
    lines = [line.text for line in groups[0].lines]
    assert lines[:2] == ["填写简称：新", "填写网址：https://new.example.com"]
    assert lines[2] == "新增联络员“虚构甲”"
    assert groups[0].group.first.operation == "页面"
    assert groups[1].group.heading() == "系统 新增了企业"
    answered = ok(api(user=li).get(f"/api/v1/organizations/{of.registry_no}/history/?lang=zh"))["results"]
    of_text = {one["text"].split("，")[1]: one["group"] for one in answered}
    saved = {of_text["李某新增联络员“虚构甲”"], of_text["李某填写简称：新"]}
    assert len(saved) == 1
    assert saved.isdisjoint(group for text, group in of_text.items() if text.startswith("系统"))


def test_events_without_a_request_belong_together_by_their_transaction(li):
    of = factories.enterprise()
    factories.name(of, "中山市旧名虚构有限公司")
    with pghistory.context(user=li.pk):
        Organization.objects.filter(pk=of.pk).update(short_name="新")
    groups = [group for _day, found in days_of(told(of, li), Organization) for group in found]
    assert [len(group.events) for group in groups] == [1, 2]


def test_days_have_their_words(li):
    of = factories.enterprise()
    model = Organization.pgh_event_model  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
        for back, words in ((1, "昨天 20"), (40, "20")):
            cursor.execute(f"UPDATE {model._meta.db_table} SET pgh_created_at = now() - interval '{back} days'")
            ((day, _groups),) = days_of(told(of, li), Organization)
            assert day.startswith(words)


# --- Imports


def test_an_import_is_named_to_who_may_see_it(li, tmp_path, reference):
    of = factories.enterprise()
    rows = [["统一社会信用代码", "简称"], [of.uscc, "导入的"]]
    batch = applied(csv_file(tmp_path, rows), OrganizationImport(user=li))
    event = told(of, li)[0]
    assert event.batch == batch.pk
    assert event.text().endswith(f"李某通过导入《{batch.file_name}》填写简称：导入的")
    stranger = factories.user("registry.view_organization")
    assert told(of, stranger)[0].batch is None
    assert batch.file_name not in told(of, stranger)[0].text()
    client = Client()
    client.force_login(li)
    page = client.get(f"/admin/registry/enterprise/{of.pk}/history/").content.decode()
    assert f'/admin/imports/{batch.pk}/"' in page


# --- To whom


def test_secret_rows_are_told_to_who_may_see_them_only(li):
    of = factories.enterprise()
    contact = factories.contact(of, name="秘密联系")
    Contact.objects.filter(pk=contact.pk).update(title="秘密职务")
    url = f"/api/v1/organizations/{of.registry_no}/history/"
    for permissions, sees in (((), False), (("registry.view_contact",), True)):
        answer = api("registry.view_organization", *permissions).get(url)
        assert ("秘密" in answer.content.decode()) == sees
    texts = [one["text"] for one in ok(api(user=li).get(f"{url}?lang=zh"))["results"]]
    assert any("修改联络员“秘密联系”：" in text for text in texts)


def test_programs_keep_their_fields_and_gain_two(li):
    of = factories.enterprise()
    with by(li):
        Organization.objects.filter(pk=of.pk).update(short_name="新")
    (_key, event), *_more = for_programs(events_of(PARTS, of.pk, li))
    assert list(event) == [
        "at", "by", "operation", "reason", "request_id", "group", "table", "id", "event", "text", "changes",
    ]  # fmt: skip
    assert (event["by"], event["changes"]) == ("li", {"short_name": ["", "新"]})
    english = ok(api(user=li).get(f"/api/v1/organizations/{of.registry_no}/history/?lang=en"))["results"][0]
    assert "filled in Short name: 新" in english["text"]


def test_pages_and_programs_are_told_the_same(li, reference):
    of = factories.enterprise()
    factories.tag(of, is_primary=True)
    client = Client()
    client.force_login(li)
    client.cookies["django_language"] = "zh-hans"
    save(client, change(of), short_name="新")
    days = client.get(f"/admin/registry/enterprise/{of.pk}/history/").context["days"]
    shown = [line.text for _day, groups in days for group in groups for line in group.lines]
    answered = ok(api(user=li).get(f"/api/v1/organizations/{of.registry_no}/history/?lang=zh"))["results"]
    texts = [one["text"] for one in answered]
    assert len(shown) == len(texts)
    assert all(any(text.endswith(line) for text in texts) for line in shown)


def test_queries_depend_on_the_tables_not_on_the_events(li, reference):
    of = factories.enterprise(township=factories.township())
    factories.tag(of, is_primary=True)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            [*for_programs(events_of(PARTS, of.pk, li))]
            days_of(told(of, li), Organization)
        return len(found)

    with by(li):
        Organization.objects.filter(pk=of.pk).update(short_name="新")
        factories.name(of)
    few = asked()
    for number in range(10):
        with by(li):
            Organization.objects.filter(pk=of.pk).update(short_name=f"新{number}")
            Name.objects.create(organization_id=of.pk, name=f"中山市旧名{number}有限公司")
    assert asked() == few


def test_a_demo_of_everything_is_told_without_an_error(reference):
    call_command("load_demo", verbosity=0)
    user = factories.superuser()
    for of in Organization.objects.all():
        for event in events_of(PARTS, of.pk, user):
            assert event.text()


def test_the_table_of_an_import_has_its_name() -> None:
    table = ImportBatch._meta.get_field("table")
    assert isinstance(table, Field)
    shown = ShownFields(ImportBatch, [{"table": "organizations"}], "")
    assert shown.text("table", table, "organizations") == "单位"
