"""The start page reminds of a backup."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.database.backups import LastBackup
from registry.models import Organization
from tests import factories


def days_ago(days: int) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days, minutes=1)


def start_page(role: str = "") -> str:
    user = factories.user() if role else factories.superuser()
    user.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(user)
    return client.get(reverse("admin:index")).content.decode()


@pytest.mark.django_db
def test_start_page_reminds_where_data_are_older_than_a_week_and_never_backed_up():
    factories.organization()
    assert "备份" not in start_page()
    Organization.objects.update(created_at=days_ago(7))
    assert "尚未做过备份。请在服务器上执行 manage.py backup" in start_page()


@pytest.mark.django_db
def test_start_page_reminds_where_the_last_backup_is_older_than_a_week(settings):
    LastBackup.note(days_ago(6))
    assert "备份" not in start_page()
    LastBackup.note(days_ago(8))
    assert "上次备份是 8 天前。" in start_page()
    settings.BACKUP_DAYS = 30
    assert "备份" not in start_page()
    settings.BACKUP_DAYS = 0
    LastBackup.note(days_ago(1000))
    assert "备份" not in start_page()


@pytest.mark.django_db
def test_only_administrators_are_reminded_of_a_backup(reference):
    LastBackup.note(days_ago(8))
    reminded = {role.name for role in Group.objects.all() if "上次备份是 8 天前。" in start_page(role.name)}
    assert reminded == {"系统管理员"}
