"""The data directory of an embedded server: its settings, and whether a server uses it."""

import contextlib
from pathlib import Path

from config.postgres import memory


def configure(data: Path, socket_dir: Path, port: int) -> None:
    """Write the settings of the server's next start into a file of ours, which the main file includes."""
    settings = {
        "listen_addresses": "",
        "port": port,
        "unix_socket_directories": '"{}"'.format(str(socket_dir).replace('"', '""')),
        "unix_socket_permissions": "0700",
        "max_connections": 60,
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        **memory.settings(memory.available(), memory.shared()),
    }
    quoted = {name: str(value).replace("\\", "\\\\").replace("'", "''") for name, value in settings.items()}
    ours, main = data / "registry.conf", data / "postgresql.conf"
    ours.write_text("".join(f"{name} = '{value}'\n" for name, value in quoted.items()))
    ours.chmod(0o644)
    if ours.name not in (text := main.read_text()):
        main.write_text(f"{text}\ninclude_if_exists = '{ours.name}'\n")


def is_used(data: Path) -> bool:
    """Return whether a server uses the data: all its processes have their working directory there.

    On systems without /proc, the lock file in the directory shows whether a server runs.
    """
    processes = [entry for entry in Path("/proc").glob("[0-9]*") if entry.name.isdecimal()]
    for process in processes:
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == data:
                return True
    return not processes and (data / "postmaster.pid").exists()


def drop_stale_locks(data: Path, socket: Path) -> None:
    """Remove the lock files of a dead server, whose process number may belong to another process by now."""
    if not is_used(data):
        (data / "postmaster.pid").unlink(missing_ok=True)
        socket.with_name(f"{socket.name}.lock").unlink(missing_ok=True)
