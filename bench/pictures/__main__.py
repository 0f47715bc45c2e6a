"""`python -m bench.pictures [NAME]...`: the pictures of docs/images, drawn anew from the demonstration data.

A registry of its own in a temporary directory is started as `make run` starts it, and a clerk's work is done there in
headless Chromium. The same pages give the same pictures: size, language and day are fixed.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.pictures.scenes import Clerk, draw

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ACCOUNT = """
from django.contrib.auth.models import Group, User
clerk = User.objects.create_user("yanshi", password={password!r}, is_staff=True, is_superuser={may_all})
clerk.groups.set(Group.objects.filter(name__in=["录入员", "审核员", "秘书处"]))
"""


def main(names: list[str]) -> int:
    if CHROMIUM is None:
        print("Chromium is needed to draw pages: apt-get install chromium", file=sys.stderr)
        return 2
    password = secrets.token_urlsafe(12)
    with tempfile.TemporaryDirectory() as place, registry(Path(place), password) as address, chromium(place) as browser:
        draw(Clerk(browser, address, "yanshi", password), ROOT / "docs" / "images", names)
    return 0


@contextlib.contextmanager
def registry(place: Path, password: str, *, may_all: bool = False) -> Iterator[str]:
    """Serve a new registry with the demonstration data and an account; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Neither another database nor another way of running it comes in from outside.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REGISTRY_", "DATABASE_URL"))}
    environment = kept | {"REGISTRY_VAR": str(place / "var"), "PORT": str(port), "HOST": "127.0.0.1"}
    with (place / "log").open("w+", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "config.run"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, server, place / "log")
            command = [
                sys.executable,
                "manage.py",
                "shell",
                "-v",
                "0",
                "-c",
                ACCOUNT.format(password=password, may_all=may_all),
            ]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
            yield address
        finally:
            server.terminate()
            server.wait()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310
            return
        if server.poll() is not None:
            sys.exit(f"The registry did not start.\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.5)


@contextlib.contextmanager
def chromium(home: str) -> Iterator[Browser]:
    options = ["--disable-background-networking", "--disable-component-update", "--no-first-run", "--hide-scrollbars"]
    # Grey edges of letters instead of coloured ones: the same on every screen, and few colours.
    options += ["--disable-lcd-text", "--font-render-hinting=none", "--force-color-profile=srgb"]
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*options, *root], env={**os.environ, "HOME": home}
        )
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
