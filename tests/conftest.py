import os
import shutil

import pytest
import pytest_django
from django.conf import settings

from config import catalog

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_configure() -> None:
    catalog.compile_changed()
    # Pages are tested without `collectstatic`; commits need not survive a power failure.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.WHITENOISE_AUTOREFRESH = True
    settings.DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM or os.environ.get("REQUIRE_BROWSER") == "1":
        return
    skip = pytest.mark.skip(reason="no Chromium here; REQUIRE_BROWSER=1 makes this an error")
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    from tests import database

    with django_db_blocker.unblock():
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = database.template()


@pytest.fixture
def reference(db: None) -> None:
    """The plan with some sectors, townships, zones and gradings."""
    from tests import factories

    for code, name_zh, name_en in (
        ("core-technology", "核心技术", "Core technology"),
        ("core-technology.machine-vision", "机器视觉", "Machine vision"),
        ("robots", "机器人产品", "Robot products"),
        ("robots.industrial", "工业机器人", "Industrial robots"),
        ("robots.service", "服务机器人", "Service robots"),
        ("applications", "重点应用领域", "Key application areas"),
        ("applications.healthcare", "医疗健康", "Medical and health care"),
    ):
        factories.sector(code, name_zh=name_zh, name_en=name_en)
    factories.township()
    factories.township("442000001", name_zh="石岐街道", name_en="Shiqi Subdistrict", kind="subdistrict")
    factories.zone()
    factories.grading()
