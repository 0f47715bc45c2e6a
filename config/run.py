"""`make run`: everything from an empty directory to a site that answers, and nothing left behind at the end.

`--dev` serves with Django's development server, which reloads changed sources.
"""

import hashlib
import json
import os
import secrets
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection, connections
from django.utils import translation
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config

from config import catalog, embedded, environment, health, listening, practice
from config.listening import Endpoint, ListeningError


@dataclass(frozen=True)
class FirstAccount:
    username: str
    password: str
    of_roles: tuple[practice.PracticeAccount, ...] = ()


def main(arguments: list[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        endpoint, serving = listening.endpoint(), server_settings()
        listening.allow_hosts(endpoint)
        catalog.compile_changed()
        django.setup()
        if "--dev" in arguments:
            serve_development(endpoint)
        else:
            account = prepare()
            collect_static()
            if settings.PUBLIC_SITE:
                call_command("rebuild_directory", if_missing=True, verbosity=0)
            connections.close_all()  # no worker may inherit a connection
            WebServer(endpoint, serving, account).serve()
    except ListeningError as error:
        sys.exit(str(error))
    except (ImproperlyConfigured, OperationalError, SystemCheckError) as error:
        sys.exit(f"The registry cannot start. 名录无法启动。\n{error}")
    except OSError as error:
        if not error.filename:
            raise
        sys.exit(f"The registry cannot start. 名录无法启动。\n{environment.unusable(Path(error.filename), error)}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


# --- Database and files


def prepare() -> FirstAccount | None:
    """Migrate the database, and return the account that was created, if this is the first run."""
    report_place()
    connection.ensure_connection()
    if not health.migrated():
        print("Preparing the database 正在准备数据库 ...", flush=True)
        call_command("migrate", verbosity=0, interactive=False, skip_checks=False)
    load_reference()
    call_command("rebuild_changes", if_restored=True, verbosity=0)
    # The account comes last: as long as there is none, the first run has not been completed.
    from django.contrib.auth import get_user_model

    users = get_user_model()._default_manager
    if users.filter(is_superuser=True, is_active=True).exists():
        return None
    account = first_account()
    if os.environ.get("REGISTRY_DEMO", "1") != "0":
        try:
            call_command("load_demo", verbosity=0)
        except CommandError as refused:  # there are data already, from a command or from a first run that was cut
            print(refused, flush=True)
    if settings.PRACTICE:
        account = replace(account, of_roles=tuple(practice.create_accounts()))
    users.create_superuser(account.username, os.environ.get("DJANGO_SUPERUSER_EMAIL", ""), account.password)
    return account


def first_account() -> FirstAccount:
    """Return the account in the environment, or a generated one. Raises ImproperlyConfigured for a weak password."""
    account = FirstAccount(
        os.environ.get("DJANGO_SUPERUSER_USERNAME") or "admin",
        os.environ.get("DJANGO_SUPERUSER_PASSWORD") or secrets.token_urlsafe(12),
    )
    from django.contrib.auth import get_user_model
    from django.contrib.auth.password_validation import validate_password

    try:
        with translation.override(environment.language()):
            validate_password(account.password, get_user_model()(username=account.username))
    except ValidationError as error:
        raise ImproperlyConfigured(f"DJANGO_SUPERUSER_PASSWORD: {' '.join(error.messages)}") from None
    return account


def report_place() -> None:
    wanted: Path | None = settings.DATABASES["default"].get("EMBEDDED")
    if wanted and (place := embedded.place(wanted)) != wanted.resolve():
        print(f"The database user cannot enter {wanted.parent}; the data are in {place}")
        print(f"数据库用户无法进入 {wanted.parent}，数据存放在 {place}", flush=True)


def load_reference() -> None:
    """Load the reference data, unless the files are unchanged since this database loaded them."""
    state = fingerprint((settings.BASE_DIR / "fixtures").rglob("*"), content=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        (cluster,) = cursor.fetchone()
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        (database,) = cursor.fetchone()
    stamp = Stamp("reference", f"{cluster}/{database}/{state}")
    if not stamp.holds():
        print("Loading the reference data 正在载入基础数据 ...", flush=True)
        call_command("load_reference", verbosity=0)
        stamp.set()


def collect_static() -> None:
    from django.contrib.staticfiles.finders import get_finders

    found = (storage.path(path) for finder in get_finders() for path, storage in finder.list([]))
    stamp = Stamp("static", fingerprint(map(Path, found)))
    if not stamp.holds() or not Path(settings.STATIC_ROOT).is_dir():
        print("Collecting static files 正在收集静态文件 ...", flush=True)
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.set()


class Stamp:
    """A file that notes the last completed work, so that it is not repeated without need."""

    def __init__(self, name: str, state: str) -> None:
        self.path = settings.VAR_DIR / "stamps.json"
        self.name, self.state = name, state

    def holds(self) -> bool:
        return self._read().get(self.name) == self.state

    def set(self) -> None:
        environment.write_whole(self.path, json.dumps(self._read() | {self.name: self.state}, indent=1))

    def _read(self) -> dict[str, str]:
        try:
            return json.loads(self.path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}


def fingerprint(files: Iterable[Path], content: bool = False) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in files if p.is_file()):
        status = path.stat()
        state = path.read_bytes() if content else f"{status.st_size} {status.st_mtime_ns}".encode()
        digest.update(os.fsencode(path) + b"\0" + state + b"\0")
    return digest.hexdigest()


# --- Serving


def server_settings() -> dict[str, Any]:
    """Return the settings of gunicorn for servers. Raises ImproperlyConfigured."""
    from config import gunicorn

    return {name: value for name, value in vars(gunicorn).items() if name in Config().settings}


class LocalArbiter(Arbiter):
    def handle_hup(self) -> None:
        """End when gunicorn would reload: the terminal has been closed."""
        self.handle_term()


class WebServer(BaseApplication):
    def __init__(self, endpoint: Endpoint, serving: dict[str, Any], account: FirstAccount | None) -> None:
        self.endpoint, self.serving, self.account = endpoint, serving, account
        super().__init__()

    def load_config(self) -> None:
        values: dict[str, Any] = {
            "bind": self.endpoint.bind,
            **self.serving,
            "loglevel": "warning",
            # Ctrl-C reaches every process of the terminal; the workers wait for the word of the first one.
            "post_worker_init": lambda worker: signal.signal(signal.SIGINT, signal.SIG_IGN),
            "when_ready": lambda arbiter: announce(self.endpoint, self.account),
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIHandler:
        from config.wsgi import application

        return application

    def serve(self) -> None:
        LocalArbiter(self).run()


def serve_development(endpoint: Endpoint) -> None:
    if endpoint.is_open:
        raise ListeningError(
            "`make dev` shows the inside of the program with every error: it listens on this computer only.\n"
            "make dev 会显示程序内部信息，只能在本机使用；供其他电脑访问请用 HOST=... make run。"
        )
    if not os.environ.get("RUN_MAIN"):  # not in the child, which is started anew for every change
        announce(endpoint, prepare())
    call_command("runserver", endpoint.bind)


def announce(endpoint: Endpoint, account: FirstAccount | None) -> None:
    lines = [
        f"The registry is open at {endpoint.address} — Ctrl-C ends it.",
        f"名录已启动：{endpoint.address}（按 Ctrl-C 结束）",
    ]
    if settings.PUBLIC_SITE:
        lines.append(f"Staff log in at 工作人员登录: {endpoint.address}admin/")
    if settings.PRACTICE:
        lines.append("This is the practice copy 这是练习库: its data are fictional 数据均为虚构.")
    if endpoint.is_open:
        others = "  ".join(f"http://{Endpoint(host, endpoint.port).bind}/" for host in endpoint.hosts())
        lines += [
            f"On other computers 其他电脑请访问: {others}",
            "Without HTTPS whoever is in the same network can read passwords and data: only where you trust it.",
            "未使用 HTTPS，同一网络内的人可能截获口令和数据，仅限可信的内部网络。正式使用见 docs/zh/operations.md。",
        ]
    if account:
        lines += [f"{one.role}: {one.username}  Password 密码: {one.password}" for one in account.of_roles]
        lines.append(f"Account 账号: {account.username}")
        if os.environ.get("DJANGO_SUPERUSER_PASSWORD"):
            lines.append("Password 密码: as given in DJANGO_SUPERUSER_PASSWORD, not shown 取自环境变量，不显示")
        else:
            lines += [
                f"Password 密码: {account.password}",
                "The password is shown only now. 密码仅显示这一次，请妥善保存。",
            ]
    else:
        copy = "REGISTRY_PRACTICE=1 " if settings.PRACTICE else ""  # without it, that of the registry would be replaced
        command = f"{copy}.venv/bin/python manage.py changepassword admin"
        lines.append(f"A forgotten password is replaced with 重设密码: {command}")
    print("\n" + "\n".join(lines) + "\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
