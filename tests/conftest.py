import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_django
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase
from django.utils import translation
from django.utils.translation.reloader import translation_file_changed

from config import catalog

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_configure() -> None:
    catalog.compile_changed()
    # Setting up Django has read the catalog as it was: in a new checkout there was none.
    translation_file_changed(None, Path("django.mo"))
    # Pages are tested without `collectstatic`; commits need not survive a power failure.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.WHITENOISE_AUTOREFRESH = True
    # Tests ask more than people do; those of the limits set their own.
    settings.IMPORT_READERS = 64  # several suites may run on one machine
    settings.PUBLIC_REQUESTS_PER_MINUTE = settings.TOKEN_REQUESTS_PER_MINUTE = 0
    settings.DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
    if wanted := settings.DATABASES["default"].get("EMBEDDED"):
        # A server of their own, since it writes carelessly: tests.database.
        settings.DATABASES["default"]["EMBEDDED"] = wanted.with_name("postgres-of-tests")
    # The examples of a property are the same each time: a test that fails can be run again.
    hypothesis.settings.register_profile("same", derandomize=True)
    hypothesis.settings.load_profile("same")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    TransactionTestCase._fixture_teardown = _empty_database


def _empty_database(test: TransactionTestCase) -> None:
    from tests import database

    database.empty()


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
        database.write_carelessly()
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = database.template()


@pytest.fixture(autouse=True)
def chinese() -> None:
    """A request leaves its language behind in the thread; no test begins with that of the one before it."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def reference(db: None) -> None:
    """What `load_reference` loads from fixtures/: plan, sectors, townships, zones, gradings, tiers, roles ..."""
    from registry.models import Plan

    if not Plan.objects.exists():  # in the database that tests empty, where nothing is ever kept
        call_command("load_reference", verbosity=0)


@pytest.fixture(scope="session")
def _database_with_reference(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[BaseDatabaseWrapper]:
    from tests import database

    with django_db_blocker.unblock():
        wrapper = database.with_reference()
    yield wrapper
    with django_db_blocker.unblock():
        database.drop(wrapper)


@pytest.fixture
def _database_of_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that need the reference data, and whose writes are rolled back, share a database that has them."""
    if "reference" not in request.fixturenames or _is_transactional(request):
        yield
        return
    wrapper = request.getfixturevalue("_database_with_reference")
    own, connections[DEFAULT_DB_ALIAS] = connections[DEFAULT_DB_ALIAS], wrapper
    yield
    connections[DEFAULT_DB_ALIAS] = own


@pytest.fixture
def _django_db_helper(_database_of_test: None, _django_db_helper: None) -> None:
    """Chooses the database of a test before pytest-django begins its transaction."""


def _is_transactional(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    names = {"transactional_db", "live_server"} & {*request.fixturenames}
    return bool(names or (marker and marker.kwargs.get("transaction")))


@pytest.fixture(autouse=True)
def history(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test that writes ends with a complete history: the last event of each row is what the row holds."""
    marked = request.node.get_closest_marker
    if marked("unrecorded") or not (marked("django_db") or {"db", "transactional_db"} & {*request.fixturenames}):
        yield
        return
    request.getfixturevalue("_django_db_helper")  # whose end takes everything away comes after this one
    yield
    if connection.connection is not None and not connection.needs_rollback:
        from tests import database

        assert database.gaps() == []


@pytest.fixture(autouse=True)
def counts_of_requests() -> None:
    """What a worker has counted by itself ends with the test, as the common count does."""
    from registry.api.access import throttling

    throttling._counts.clear()
