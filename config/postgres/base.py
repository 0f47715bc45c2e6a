"""Django's PostgreSQL backend, which starts the embedded server when it is first needed.

Importing the settings must not start it: type checks, `makemigrations --check` and the like need no database.
"""

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

    def get_connection_params(self) -> dict[str, Any]:
        try:
            server = embedded.start(self.settings_dict["EMBEDDED"])
        except embedded.EmbeddedError as error:
            raise OperationalError(str(error)) from error
        self.settings_dict.update(
            HOST=str(server.socket_dir), PORT=str(server.port), USER=server.user, PASSWORD=server.password
        )
        return super().get_connection_params()
