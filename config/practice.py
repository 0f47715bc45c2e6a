"""The practice copy: an account for each role, and a way to begin anew.

`python -m config.practice` removes its data.
"""

import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import embedded, environment
from config.postgres import data_directory


class PracticeAccount(NamedTuple):
    username: str
    password: str
    role: str


def create_accounts() -> list[PracticeAccount]:
    """Create an account for each role, with fictional names, so that people can see what each role sees."""
    from django.contrib.auth.models import Group, User
    from django.utils import translation

    from registry.accounts.roles import role_label

    accounts = []
    for number, group in enumerate(Group.objects.order_by("pk")):
        with translation.override("en"):
            username = role_label(group.name).lower()
        user, _created = User.objects.get_or_create(username=username)
        user.last_name, user.first_name = "虚构", "甲乙丙丁戊己庚辛壬癸"[number % 10]
        user.is_staff = True
        user.set_password(password := secrets.token_urlsafe(9))
        user.save()
        user.groups.set([group])
        accounts.append(PracticeAccount(username, password, group.name))
    return accounts


def begin_anew() -> None:
    """Remove the data of the practice copy; never while somebody uses them, and never any other data."""
    if not settings.PRACTICE:
        sys.exit("Only the practice copy is begun anew: REGISTRY_PRACTICE=1. 只能重建练习库。")
    data = embedded.place(settings.DATABASES["default"]["EMBEDDED"])
    if data_directory.is_used(data / "pgdata"):
        sys.exit("The practice copy is open: end it first with Ctrl-C. 练习库正在运行，请先按 Ctrl-C 结束。")
    for folder in (data, settings.VAR_DIR):
        if folder.exists():
            shutil.rmtree(folder)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        begin_anew()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(environment.unusable(Path(error.filename), error))
