"""Lists for commands: the same view, parameters and columns as over HTTP, for whoever may run commands here."""

from pathlib import Path
from typing import Any, BinaryIO

import orjson
from django.core.management.base import CommandError
from django.db import connection
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication


class Operator:
    """Whoever can run commands can read the database: all view permissions."""

    is_authenticated = is_active = True

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return True

    def get_username(self) -> str:
        return _("the operator of the server")


class OperatorAuthentication(BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[Operator, None]:
        return Operator(), None


def export(view_class: Any, parameters: dict[str, str], filters: str, output: BinaryIO, **kwargs: str) -> int:
    """Write a list as a file; the number of bytes. Raises CommandError with what the API would have said."""
    connection.ensure_connection()  # the view would answer that the service is away, and log the reason
    request = HttpRequest()
    request.method = "GET"
    request.META |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    query = QueryDict(filters, mutable=True)
    query.update(parameters)
    request.GET = QueryDict(query.urlencode())
    view = view_class.as_view({"get": "list"}, authentication_classes=[OperatorAuthentication], throttle_classes=[])
    response = view(request, **kwargs)
    if response.status_code != 200:
        raise CommandError(_refusal(response.content), returncode=2)
    return sum(output.write(piece) for piece in response.streaming_content)


def _refusal(content: bytes) -> str:
    problem = orjson.loads(content)
    lines = [f"{error.get('parameter', '')}: {error['detail']}" for error in problem.get("errors", [])]
    return "\n".join(lines) or problem["detail"]


def write_to(path: str, export_to: Any, stdout: BinaryIO) -> None:
    """Through a file beside the wanted one: a broken export leaves the old file alone. `-` is standard output."""
    if path == "-":
        export_to(stdout)
        return
    target = Path(path)
    if not target.parent.is_dir():
        raise CommandError(_("There is no folder %(folder)s.") % {"folder": target.parent}, returncode=2)
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as file:
            export_to(file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
