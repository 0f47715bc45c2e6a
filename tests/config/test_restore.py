"""A dump restored into a fresh cluster: the feed of changes never gives a part for the whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from config import embedded
from tests import factories
from tests.config.conftest import ROOT
from tests.config.test_embedded import Client

ASK = """
import json
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.create_superuser("restored"))
answer = client.get("/api/v1/organizations/changes/", HTTP_HOST="localhost").json()
print(json.dumps([answer.get("status", 200), len(answer.get("results", []))]))
User.objects.filter(username="restored").update(is_active=False, username="asked")
"""


@pytest.mark.django_db(transaction=True)
def test_dump_restored_into_a_fresh_cluster_gives_a_whole_feed_or_503(reachable: Path, surroundings: dict[str, str]):
    for number in range(5):
        factories.enterprise(name_zh=f"香山备份{number}号有限公司")
    with connection.cursor() as cursor:
        # A cluster that has counted on: in the fresh one these numbers lie in the future.
        cursor.execute("UPDATE registry_organizationchange SET changed_in = changed_in + 1000000")
        cursor.execute("UPDATE registry_changeorigin SET cluster = system_identifier FROM pg_control_system()")
        cursor.execute(
            "INSERT INTO registry_changeorigin (id, cluster) SELECT 1, system_identifier FROM pg_control_system()"
            " ON CONFLICT DO NOTHING"
        )
    var = reachable / "restored"
    holder = Client(var / "postgres", surroundings)  # keeps the fresh cluster up
    holder.ask("SELECT 1")
    server = embedded._server(var / "postgres")
    tools = embedded._binaries(server.base)
    here = connection.settings_dict
    source = ["-h", here["HOST"], "-p", str(here["PORT"]), "-U", here["USER"], here["NAME"]]
    given = surroundings | {"PGPASSWORD": here["PASSWORD"]}
    dump = subprocess.run([tools / "pg_dump", *source], env=given, capture_output=True, check=True).stdout
    target = ["-h", server.socket_dir, "-p", str(server.port), "-U", server.user, "-d", embedded.DATABASE]
    given = surroundings | {"PGPASSWORD": server.password}
    subprocess.run(
        [tools / "psql", "-q", "-v", "ON_ERROR_STOP=1", *target], input=dump, env=given, capture_output=True, check=True
    )

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        given = surroundings | {"REGISTRY_VAR": str(var), "REGISTRY_LOG_LEVEL": "CRITICAL"}
        return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=True).stdout

    try:
        assert json.loads(manage("shell", "-v", "0", "-c", ASK)) == [503, 0]
        assert manage("rebuild_changes", "--if-restored") == "5 organizations\n"
        assert json.loads(manage("shell", "-v", "0", "-c", ASK.replace('"asked"', '"again"'))) == [200, 5]
    finally:
        holder.leave()
