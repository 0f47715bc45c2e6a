"""The life cycle of the embedded server, with real processes: each client is a Python of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import embedded
from config.postgres import memory
from tests.config.conftest import ROOT, processes_in

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes through /proc")

CLIENT = """
import sys
from pathlib import Path
from config import embedded
server = embedded.start(Path(sys.argv[1]))
for line in sys.stdin:
    with server.connect() as connection:
        print(connection.execute(line).fetchone()[0], flush=True)
"""

PARENT = """
import os, sys
from pathlib import Path
from config import embedded
server = embedded.start(Path(sys.argv[1]))
if (child := os.fork()) == 0:
    embedded.release()
    os._exit(0)
os.waitpid(child, 0)
print(server.answers())
"""


class Client:
    """A process that uses the server, and asks it what it is told to."""

    def __init__(self, base: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(base)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, query: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(query + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def base(reachable: Path) -> Path:
    """Created by the first test that uses it: a path with all that breaks careless programs, too long for a socket."""
    return reachable / f'it\'s a \\ "path" 数据 {"x" * 120}' / "postgres"


@pytest.fixture
def client(base: Path, surroundings: dict[str, str]) -> Iterator[Callable[[], Client]]:
    clients: list[Client] = []

    def start() -> Client:
        clients.append(Client(base, surroundings))
        return clients[-1]

    yield start
    for each in clients:
        if each.process.poll() is None:
            each.leave()
    assert not gone_within(5, base / "pgdata")


def gone_within(seconds: float, data: Path) -> list[int]:
    """The processes of the server that are left after so long."""
    deadline = time.monotonic() + seconds
    while (left := processes_in(data)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def postmaster(base: Path) -> int:
    return int((base / "pgdata" / "postmaster.pid").read_text().split()[0])


def test_start_at_once_by_three_creates_one_server(base: Path, client: Callable[[], Client]) -> None:
    clients = [client() for _ in range(3)]
    assert len({each.ask("SELECT pg_postmaster_start_time()::text") for each in clients}) == 1


def test_start_keeps_the_server_until_the_last_client_leaves(base: Path, client: Callable[[], Client]) -> None:
    first, second = client(), client()
    assert (first.ask("SELECT 1"), second.ask("SELECT 1")) == ("1", "1")
    first.leave()
    assert second.ask("SELECT 2") == "2"
    second.leave()
    assert not gone_within(5, base / "pgdata")


def test_create_takes_chinese_for_letters_and_writes_durably(client: Callable[[], Client]) -> None:
    one = client()
    assert one.ask("SELECT '中' ~ '[[:alpha:]]'") == "True"
    assert one.ask("SHOW fsync") == "on"
    assert one.ask("SHOW listen_addresses") == ""


def test_start_gives_a_server_that_exists_its_share_of_the_memory(base: Path, client: Callable[[], Client]) -> None:
    client().leave()
    (base / "pgdata" / "registry.conf").write_text("shared_buffers = 16MB\n")  # as an older version wrote it
    one = client()
    wanted = memory.settings(memory.available(), memory.shared())
    assert one.ask("SHOW dynamic_shared_memory_type") == wanted.pop("dynamic_shared_memory_type")
    for name, value in wanted.items():
        assert one.ask(f"SELECT pg_size_bytes(current_setting('{name}')) = pg_size_bytes('{value}')") == "True"


def test_start_joins_the_server_that_a_killed_client_left(base: Path, client: Callable[[], Client]) -> None:
    first = client()
    since = first.ask("SELECT pg_postmaster_start_time()::text")
    first.kill()
    assert processes_in(base / "pgdata")
    assert client().ask("SELECT pg_postmaster_start_time()::text") == since


def test_start_recovers_a_killed_server(base: Path, client: Callable[[], Client]) -> None:
    first = client()
    first.ask("SELECT 1")
    os.kill(postmaster(base), signal.SIGKILL)
    assert client().ask("SELECT 2") == "2"
    assert first.ask("SELECT 3") == "3"


def test_start_is_not_deceived_by_the_process_number_of_a_stranger(base: Path, client: Callable[[], Client]) -> None:
    first = client()
    first.ask("SELECT 1")
    number = postmaster(base)
    pidfile = base / "pgdata" / "postmaster.pid"
    text = pidfile.read_text()
    os.kill(number, signal.SIGKILL)
    first.kill()
    assert not gone_within(5, base / "pgdata")
    with subprocess.Popen(["sleep", "60"], **embedded._identity(base)) as stranger:
        pidfile.write_text(text.replace(str(number), str(stranger.pid), 1))
        started = time.monotonic()
        assert client().ask("SELECT 1") == "1"
        assert time.monotonic() - started < 20
        stranger.kill()


def test_release_in_a_forked_child_leaves_the_server_to_the_parent(base: Path, surroundings: dict[str, str]) -> None:
    command = [sys.executable, "-c", PARENT, str(base)]
    result = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "True"
    assert not gone_within(5, base / "pgdata")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_place_is_elsewhere_where_the_database_user_cannot_enter(reachable: Path) -> None:
    home = reachable / "home"
    home.mkdir(mode=0o700)
    other = embedded.place(home / "a" / "postgres")
    assert other.parent == embedded.FALLBACK
    assert other != embedded.place(home / "b" / "postgres")
    assert home.stat().st_mode & 0o777 == 0o700
    assert embedded.place(reachable / "postgres") == reachable / "postgres"


def test_start_sets_a_new_password_where_its_file_was_lost(base: Path, client: Callable[[], Client]) -> None:
    first = client()
    first.ask("CREATE TABLE IF NOT EXISTS kept (word text)")
    first.leave()
    (base / "password").unlink()
    assert client().ask("SELECT count(*) FROM kept") == "0"


def test_start_sets_a_new_password_also_while_a_killed_client_left_the_server(
    base: Path, client: Callable[[], Client]
) -> None:
    first = client()
    first.ask("SELECT 1")
    first.kill()
    (base / "password").unlink()
    assert client().ask("SELECT 2") == "2"


@pytest.mark.parametrize(
    ("content", "told"), [("x" * 64, "is not the password of the data beside it"), ("", "is empty or cut off")]
)
def test_start_says_at_once_that_the_password_is_wrong(
    content: str, told: str, base: Path, client: Callable[[], Client], surroundings: dict[str, str]
) -> None:
    holder = client()
    holder.ask("SELECT 1")
    right = (base / "password").read_text()
    (base / "password").write_text(content)
    began = time.monotonic()
    command = [sys.executable, "-c", CLIENT, str(base)]
    refused = subprocess.run(command, cwd=ROOT, env=surroundings, input="", capture_output=True, text=True, check=False)
    (base / "password").write_text(right)
    assert told in refused.stderr.splitlines()[-1]
    assert time.monotonic() - began < 20


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try what another user may not")
def test_start_says_whose_the_data_are(base: Path) -> None:
    base.mkdir(parents=True, exist_ok=True)
    shutil.chown(base, embedded.SYSTEM_USER)
    base.chmod(0o700)
    if (child := os.fork()) == 0:
        os.setuid(65534)
        try:
            embedded.start(base)
        except embedded.EmbeddedError as error:
            os._exit(0 if "belongs to another user" in str(error) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
