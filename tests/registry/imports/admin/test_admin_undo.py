"""The page that undoes an import: what it shows, what it asks, who may."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from registry.imports.tables.organizations import OrganizationImport
from registry.models import Contact, ImportBatch, Organization
from tests import factories
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied, state

pytestmark = pytest.mark.django_db
LABELS = ["企业名称", "所属领域", "联系人", "备注"]


@pytest.fixture
def clerk(reference):
    user = factories.user(username="clerk")
    user.groups.add(Group.objects.get(name="录入员"))
    return user


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def imported(tmp_path, user, *rows) -> ImportBatch:
    return applied(csv_file(tmp_path, [LABELS, *rows]), OrganizationImport(user=user))


def address(batch, name="undo") -> str:
    return reverse(f"admin:registry_importbatch_{name}", args=[batch.pk])


def test_page_tells_what_goes_back_and_undoes_it(tmp_path, clerk):
    before = state()
    batch = imported(tmp_path, clerk, ["香山一厂", "工业机器人", "甲", ""], ["香山二厂", "", "", ""])
    client = client_of(clerk)
    assert address(batch) in client.get(address(batch, "page")).content.decode()
    answer = client.get(address(batch))
    text = answer.content.decode()
    assert "4 条记录将恢复到导入前的状态" in text
    assert "accepted" not in text
    assert Organization.objects.count() == 2
    answer = client.post(address(batch), follow=True)
    assert "已撤销" in answer.content.decode()
    assert state() == before
    batch.refresh_from_db()
    assert (batch.state, batch.undone_by) == ("undone", clerk)
    answer = client.post(address(batch), follow=True)
    assert "已撤销过" in answer.content.decode()
    assert address(batch) not in client.get(address(batch, "page")).content.decode()


def test_page_asks_for_consent_to_what_stays(tmp_path, clerk):
    batch = imported(tmp_path, clerk, ["香山一厂", "工业机器人", "", ""], ["香山二厂", "", "", ""])
    colleague = factories.user(first_name="乙", last_name="虚构")
    worker = client_of(colleague)
    Organization.objects.filter(name_zh="香山一厂").update(remarks="手工")
    assert worker
    client = client_of(clerk)
    text = client.get(address(batch)).content.decode()
    assert "香山一厂" in text
    assert "备注" in text
    assert 'name="staying" value="1"' in text
    for data in ({}, {"staying": "1"}, {"accepted": "on", "staying": "7"}, {"accepted": "on", "staying": "x"}):
        answer = client.post(address(batch), data)
        assert answer.status_code == 409
        assert Organization.objects.count() == 2
    Organization.objects.filter(name_zh="香山二厂").update(remarks="手工")
    answer = client.post(address(batch), {"accepted": "on", "staying": "1"})
    assert "页面显示后" in answer.content.decode()
    assert Organization.objects.count() == 2
    Organization.objects.filter(name_zh="香山二厂").update(remarks="")
    client.post(address(batch), {"accepted": "on", "staying": "1"})
    assert Organization.objects.get().name_zh == "香山一厂"


def test_page_is_for_who_may_see_the_import(tmp_path, clerk):
    batch = imported(tmp_path, clerk, ["香山一厂", "", "甲", ""])
    other = factories.user()
    other.groups.add(Group.objects.get(name="录入员"))
    assert client_of(other).get(address(batch)).status_code == 403
    assert client_of(other).post(address(batch)).status_code == 403
    auditor = factories.user("registry.view_importbatch", "registry.view_contact")
    answer = client_of(auditor).post(address(batch))
    assert answer.status_code == 409
    assert "无权撤销" in answer.content.decode()
    blind = factories.user("registry.view_importbatch", "registry.change_organization")
    assert client_of(blind).get(address(batch)).status_code == 403
    assert Organization.objects.count() == Contact.objects.count() == 1


def test_page_names_no_records_that_the_account_may_not_see(tmp_path, clerk):
    secretary = factories.user(*[f"registry.{action}_organization" for action in ("view", "add", "change")])
    batch = imported(tmp_path, secretary, ["香山一厂", "", "", ""])
    factories.figures(Organization.objects.get())
    text = client_of(secretary).get(address(batch)).content.decode()
    assert "有其他记录引用：其他记录" in text
    assert "年度数据" not in text


def test_history_names_the_undoing(tmp_path, clerk):
    one = factories.enterprise(name_zh="香山一厂", remarks="原来")
    batch = imported(tmp_path, clerk, ["香山一厂", "", "", "新"])
    client_of(clerk).post(address(batch))
    text = client_of(clerk).get(reverse("admin:registry_organization_history", args=[one.pk])).content.decode()
    assert "撤销导入" in text
    assert address(batch, "page") in text


def test_import_by_command_is_undone_by_who_may_bring_such_lists(tmp_path, clerk):
    batch = imported(tmp_path, None, ["香山一厂", "", "甲", ""])
    assert batch.created_by is None
    blind = factories.user("registry.add_organization", "registry.change_organization", "registry.view_organization")
    assert client_of(blind).get(address(batch)).status_code == 403
    assert client_of(factories.user()).get(address(batch)).status_code == 403
    client = client_of(clerk)
    assert batch.file_name in client.get("/admin/registry/importbatch/").content.decode()
    client.post(address(batch))
    assert not Organization.objects.exists()
