"""The directory alone: without the staff's addresses, with a role of the database that cannot read more."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client

from alliance.models import Alliance
from config.management.commands.public_role import READ, statements
from registry.directory import files
from registry.models import Organization, Proposal
from tests import factories
from tests.registry.directory.crawling import crawl
from tests.registry.directory.test_correcting import send
from tests.registry.directory.test_secrecy import SIGNED_RE

pytestmark = pytest.mark.django_db
OPEN = {"django_migrations", "registry_requestcount"}
STATISTICS = ("statistics/counts/", "statistics/releases/")


@pytest.fixture
def robot(reference: None, settings: Any, tmp_path: Path) -> Organization:
    settings.DIRECTORY_FILES = tmp_path
    alliance = factories.alliance("open")
    made = factories.enterprise(name_zh="中山市虚构机器人有限公司", published=True, township=factories.township())
    factories.tag(made)
    factories.qualification(made)
    factories.name(made)
    factories.identifier(made)
    factories.contact(made)
    factories.figures(made)
    member = factories.member(alliance, made)
    factories.certificate(factories.membership(member))
    factories.representative(member)
    return made


@pytest.fixture
def hidden(robot: Organization) -> Organization:
    """Everything that the public knows of the robot's maker, once more of one that is not published."""
    made = factories.enterprise(name_zh="中山市隐藏机器人有限公司", published=True)
    Organization.objects.filter(pk=made.pk).update(published=False)
    factories.tag(made)
    factories.qualification(made)
    factories.name(robot, "曾用名公司", kind="former")
    factories.name(made, kind="former")
    factories.identifier(made)
    factories.figures_release(2023)
    factories.figures_release(2022, withdrawn_on="2024-01-01", withdrawal_reason="示例")
    factories.distinction(robot)
    factories.distinction(made)
    secret = factories.alliance("secret", published=False)
    for alliance in (Alliance.objects.get(slug="open"), secret):
        held = factories.membership(factories.member(alliance, made), tier=factories.tier(alliance, "secret"))
        factories.certificate(held)
    return made


@pytest.fixture
def role(robot: Organization) -> Iterator[None]:
    """Everything from here on is asked by the role; it ends with the transaction of the test."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE directory_test NOLOGIN")
        for statement in statements("directory_test"):
            cursor.execute(statement)
        # As a connection of the role begins.
        cursor.execute("SET LOCAL search_path = directory, public")
        cursor.execute("SET LOCAL ROLE directory_test")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("RESET search_path")


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except ProgrammingError as error:
        return "permission denied" in str(error) or "does not exist" in str(error)
    return False


def test_the_server_refuses_every_table_that_is_not_public(role: None) -> None:
    public = {apps.get_model(label)._meta.db_table for label in READ}
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    for name in ("registry_contact", "alliance_representative", "registry_annualfigures", "auth_user"):
        assert name in tables
    assert {"registry_organizationevent", "registry_proposal", "registry_answerwanted", "django_session"} <= tables
    for table in sorted(tables - public - OPEN):
        assert refused(f'SELECT 1 FROM "{table}" LIMIT 1'), table
    for label, part in READ.items():
        model = apps.get_model(label)
        table = model._meta.db_table
        first = next(one for one in model._meta.concrete_fields if one.name not in part.hidden)
        assert not refused(f'SELECT "{first.column}" FROM "{table}" LIMIT 1'), table
        if part.rows:
            assert refused(f'SELECT 1 FROM public."{table}" LIMIT 1'), table
        for field in part.hidden:
            assert refused(f'SELECT "{model._meta.get_field(field).column}" FROM "{table}" LIMIT 1'), field
        assert refused(f'DELETE FROM "{table}"'), table


def test_the_server_hides_every_row_that_is_not_public(hidden: Organization, role: None) -> None:
    of_alliances = "SELECT id FROM public.alliance_alliance WHERE published"
    for label, part in READ.items():
        table = apps.get_model(label)._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            seen = cursor.fetchone()[0]
            cursor.execute("RESET ROLE")
            cursor.execute(f'SELECT count(*) FROM public."{table}"')
            everything = cursor.fetchone()[0]
            if label == "alliance.membership":
                cursor.execute(f"SELECT count(*) FROM public.{table} WHERE alliance_id IN ({of_alliances})")
                assert seen == cursor.fetchone()[0]
            cursor.execute("SET LOCAL ROLE directory_test")
        assert seen, table
        assert (seen < everything) == bool(part.rows), table
    with connection.cursor() as cursor:
        for query in (
            "SELECT 1 FROM registry_organization WHERE registry_no = %s",
            "SELECT 1 FROM registry_searchentry e JOIN registry_publicchange c USING (organization_id)"
            " WHERE c.registry_no = %s",
        ):
            cursor.execute(query, [hidden.registry_no])
            assert cursor.fetchone() is None


def test_the_role_reads_the_same_pages_byte_for_byte(
    robot: Organization, hidden: Organization, request: pytest.FixtureRequest
) -> None:
    merged = factories.enterprise(published=True)
    Organization.objects.filter(pk=merged.pk).update(published=False, registration_status="merged", successor=hidden.pk)
    Organization.objects.filter(pk=hidden.pk).update(registration_status="merged", successor=robot.pk)
    files.rebuild()
    starts = ("/", "/en/", "/sitemap.xml", f"/o/{merged.registry_no}/", "/list/?search=机器人", "/list/?search=hxj")
    before = crawl(*starts)
    request.getfixturevalue("role")
    after = crawl(*starts)
    assert before.keys() == after.keys()
    for url, answer in before.items():
        assert SIGNED_RE.sub(b"", answer) == SIGNED_RE.sub(b"", after[url]), url


def test_every_public_page_answers_to_the_role(robot: Organization, role: None) -> None:
    files.rebuild()
    found = crawl()
    assert {"/", f"/o/{robot.registry_no}/", f"/o/{robot.registry_no}.json", "/alliances/open/"} <= found.keys()
    assert "/list/?search=" not in found
    assert Client().get("/list/", {"search": "机器人"}).status_code == 200
    assert Client().get("/readyz").status_code == 200
    for path in (
        "",
        "plans/",
        "sectors/",
        "organizations/",
        "organizations/facets/",
        "enterprises/",
        "alliances/",
        *STATISTICS,
    ):
        assert Client().get(f"/public/v1/{path}").status_code == 200, path


def test_the_role_proposes_and_reads_no_proposal(robot: Organization, role: None) -> None:
    assert send(robot, phone=factories.PHONE).status_code == 302
    assert refused("SELECT 1 FROM registry_proposal")
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert Proposal.objects.get(in_effect=False).sources.get().answer_wanted.phone == factories.PHONE


def test_the_command_prints_the_statements(robot: Organization, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("public_role", 'na"me')
    said = capsys.readouterr().out
    assert 'TO "na""me";' in said
    assert said.count("GRANT SELECT") == len(READ) + 2


def test_there_is_nothing_else_than_the_directory() -> None:
    program = """
import django; django.setup()
from django.test import Client
from django.conf import settings
from django.urls import get_resolver
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
print(sorted(str(one.pattern) for one in get_resolver().url_patterns))
print([name for name in settings.MIDDLEWARE if 'auth' in name or 'session' in name])
print([Client(headers={'host': 'localhost'}).get(url).status_code for url in ('/admin/', '/api/v1/', '/i18n/setlang/')])
print('工作人员登录' in Client(headers={'host': 'localhost'}).get('/nothing').content.decode())
"""
    env = {
        **os.environ,
        "REGISTRY_PUBLIC_ONLY": "1",
        "REGISTRY_PUBLIC_RATE": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env=env,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert lines == ["['', '', 'en/']", "[]", "[404, 404, 404]", "False"], done.stderr


def test_without_the_directory_the_front_door_is_the_log_in() -> None:
    program = """
import django; django.setup()
from django.urls import resolve, Resolver404
print(resolve('/').func.view_class.__name__)
try: resolve('/list/')
except Resolver404: print('nothing')
"""
    env = {**os.environ, "REGISTRY_PUBLIC_SITE": "0", "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env=env,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["RedirectView", "nothing"], done.stderr
