"""Nobody's work is overwritten or forgotten: versions of a page, races, and what the history tells to whom."""

import datetime
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.test import Client
from django.utils import timezone

from registry.models import Organization
from registry.organizations.admin.inlines import ORGANIZATION_PARTS
from registry.site import history
from tests import factories
from tests.pages import add_row, errors, form_data

ADD = "/admin/registry/enterprise/add/"


def change(obj):
    return f"/admin/registry/enterprise/{obj.pk}/change/"


def story(client, obj):
    return client.get(f"/admin/registry/enterprise/{obj.pk}/history/").content.decode()


@pytest.fixture
def zhang(db):
    return factories.user(username="zhang", is_superuser=True, last_name="张", first_name="三")


@pytest.fixture
def li(db):
    return factories.user(username="li", is_superuser=True, last_name="李", first_name="四")


def session(user):
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


# --- Two clerks on one page


def test_a_change_in_between_is_shown_instead_of_overwritten(zhang, li):
    organization = factories.enterprise(registered_address="旧地址")
    first, second = session(zhang), session(li)
    opened = form_data(first.get(change(organization)))
    edited = form_data(second.get(change(organization))) | {"registered_address": "李四的地址"}
    assert second.post(change(organization), edited).status_code == 302
    answer = first.post(change(organization), opened | {"short_name": "张三的简称"})
    told = " ".join(errors(answer)["__all__"])
    assert "未保存" in told
    assert "李四" in told
    assert "李四 修改单位（注册地址）：旧地址 → 李四的地址" in told
    organization.refresh_from_db()
    assert (organization.registered_address, organization.short_name) == ("李四的地址", "")
    again = form_data(answer) | {"registered_address": "李四的地址"}
    assert first.post(change(organization), again).status_code == 302, "after looking at it, saving is possible"
    organization.refresh_from_db()
    assert (organization.registered_address, organization.short_name) == ("李四的地址", "张三的简称")


def test_a_change_of_rows_in_between_counts_too(zhang, li, reference):
    organization = factories.enterprise()
    opened = form_data(session(zhang).get(change(organization)))
    with_tag = add_row(form_data(session(li).get(change(organization))), "sector_tags", sector=factories.sector().pk)
    assert session(li).post(change(organization), with_tag).status_code == 302
    told = " ".join(errors(session(zhang).post(change(organization), opened))["__all__"])
    assert "所属领域" in told
    assert "工业机器人" in told


def test_a_change_by_other_ways_than_the_page_counts_too(zhang):
    organization = factories.enterprise()
    opened = form_data(session(zhang).get(change(organization)))
    Organization.objects.filter(pk=organization.pk).update(short_name="导入")
    assert "导入" in " ".join(errors(session(zhang).post(change(organization), opened))["__all__"])


def test_a_page_without_version_is_not_saved(zhang):
    organization = factories.enterprise()
    data = form_data(session(zhang).get(change(organization)))
    del data["_version"]
    assert "__all__" in errors(session(zhang).post(change(organization), data | {"short_name": "x"}))


def test_secret_rows_changed_in_between_are_not_told_to_those_who_may_not_see_them(zhang):
    organization = factories.enterprise()
    clerk = Client()
    clerk.force_login(factories.user("registry.view_organization", "registry.change_organization"))
    opened = form_data(clerk.get(change(organization)))
    factories.contact(organization, name="秘密联系")
    factories.figures(organization, revenue=98_765_0000)
    answer = clerk.post(change(organization), opened)
    assert "秘密联系" not in answer.content.decode()
    assert "98765" not in answer.content.decode()


def test_every_part_has_its_number_in_the_version(reference):
    organization = factories.enterprise()
    user = factories.superuser()
    versions = {history.version(organization, ORGANIZATION_PARTS, user)}
    for make in (
        factories.tag,
        factories.name,
        factories.identifier,
        factories.qualification,
        factories.figures,
        factories.contact,
    ):
        made = make(organization)
        versions.add(history.version(organization, ORGANIZATION_PARTS, user))
        made.delete()
        versions.add(history.version(organization, ORGANIZATION_PARTS, user))
    factories.relation(organization, factories.organization())
    versions.add(history.version(organization, ORGANIZATION_PARTS, user))
    assert len(versions) == 14


@pytest.mark.django_db(transaction=True)
def test_of_many_who_enter_one_uscc_at_once_one_wins_and_the_rest_see_an_error(transactional_db):
    client = session(factories.user(is_superuser=True))
    code = factories.valid_uscc()
    blank = form_data(client.get(ADD))

    def enter(number):
        try:
            answer = client.post(ADD, blank | {"name_zh": f"中山市抢先{number}有限公司", "uscc": code})
            return answer.status_code, "" if answer.status_code == 302 else list(errors(answer))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(enter, number) for number in range(12)]
        outcomes = sorted((r.result() for r in results), key=str)
    assert outcomes == [(200, ["uscc"])] * 11 + [(302, "")]
    assert Organization.objects.count() == 1


# --- History


def test_history_tells_who_changed_what_when(zhang, li):
    organization = factories.enterprise(name_zh="中山市旧名有限公司")
    data = form_data(session(li).get(change(organization))) | {
        "name_zh": "中山市新名有限公司",
        "name_change": "correction",
        "founded_on": "2016-05-04",
    }
    session(li).post(change(organization), data)
    html = story(session(zhang), organization)
    rows = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "李四 修改了企业信息（3 处） 页面" in rows, "the pinyin follows the name"
    assert "将中文名称由“中山市旧名有限公司”改为“中山市新名有限公司”" in rows
    assert "将成立日期由 2015-03-01 改为 2016-05-04" in rows
    assert timezone.localdate().isoformat() in rows


def test_history_names_what_it_refers_to_and_shows_money_and_days_as_the_page_does(zhang, reference):
    organization = factories.enterprise(
        township=factories.township("442000001"), registered_capital=12_345_600, capital_currency="CNY"
    )
    factories.qualification(organization, valid_to=datetime.date(2023, 12, 1))
    removed = factories.tag(organization, "robots.industrial")
    removed.delete()
    html = story(session(zhang), organization)
    for words in ("石岐街道", "1234.56 万元", "2023-11-30", "工业机器人", "删除", "存续"):
        assert words in html, words
    assert "2023-12-01" not in html


def test_history_of_contacts_and_figures_needs_their_permissions(db):
    organization = factories.enterprise()
    contact = factories.contact(organization, name="秘密联系", phone="0760-00001111")
    contact.delete()
    factories.figures(organization, revenue=987_650_000)
    for permissions, sees in [
        ((), (False, False)),
        (("registry.view_contact",), (True, False)),
        (("registry.view_annualfigures",), (False, True)),
    ]:
        client = Client()
        client.force_login(factories.user("registry.view_organization", *permissions))
        html = story(client, organization)
        assert ("秘密联系" in html, "98765" in html) == sees
        assert ("0760-****1111" in html) == sees[0]
        assert "0760-00001111" not in html


def test_history_is_only_to_be_read(zhang):
    organization = factories.enterprise()
    assert session(zhang).post(f"/admin/registry/enterprise/{organization.pk}/history/").status_code in (200, 405)


def test_history_needs_the_permission_to_see_the_record(db):
    organization = factories.enterprise()
    client = Client()
    client.force_login(factories.user("registry.view_sector"))
    assert client.get(f"/admin/registry/enterprise/{organization.pk}/history/").status_code == 403


def test_djangos_log_repeats_nothing_that_is_secret(zhang):
    organization = factories.enterprise()
    data = add_row(form_data(session(zhang).get(change(organization))), "contacts", role="liaison", name="秘密联系")
    assert session(zhang).post(change(organization), data).status_code == 302
    assert not LogEntry.objects.exists()
