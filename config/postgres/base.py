"""Django's PostgreSQL backend, which starts the embedded server at the first connection, if it is used.

Importing the settings must not start it: type checks, `makemigrations --check` and the like need no database.
"""

import select
from collections.abc import Iterable
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgreSQLClient

from config import embedded


class DatabaseClient(PostgreSQLClient):
    def runshell(self, parameters: Iterable[str]) -> None:
        self.connection.ensure_connection()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def is_usable(self) -> bool:
        """Return whether the connection works.

        The embedded server announces its end, so nothing is sent to find out.
        """
        if self.connection is not None and not self.connection.closed:
            poll = select.poll()
            poll.register(self.connection.fileno(), select.POLLIN)
            if not poll.poll(0):
                return True
        return super().is_usable()

    def get_connection_params(self) -> dict[str, Any]:
        if "EMBEDDED" not in self.settings_dict:
            return super().get_connection_params()
        try:
            server = embedded.start(self.settings_dict["EMBEDDED"])
        except embedded.EmbeddedError as error:
            raise OperationalError(str(error)) from error
        self.settings_dict.update(
            HOST=str(server.socket_dir), PORT=str(server.port), USER=server.user, PASSWORD=server.password
        )
        return super().get_connection_params()
