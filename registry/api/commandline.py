"""Writes lists for commands, with the view, parameters and columns that the API uses for the same list."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.views import APIView

from registry.api.lists.files import Table
from registry.api.negotiation import LANGUAGES
from registry.spreadsheet.output import USAGE, check_ending, output_file, unwritable


class Operator:
    """Represents a person who can run commands and so can read the database: it has all view permissions."""

    is_authenticated = is_active = is_superuser = True

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return True

    def get_username(self) -> str:
        return _("the operator of the server")


class OperatorAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Operator, None]:
        return Operator(), None


def add_output_arguments(parser: ArgumentParser, formats: Sequence[str] = ("csv", "xlsx")) -> None:
    parser.add_argument("-o", "--output", default="-", help="file to write; without it, standard output")
    parser.add_argument("--format", choices=formats, help="by default the ending of the file, else csv")
    parser.add_argument("--purpose", help="what full telephone numbers and e-mail addresses are for; without, masked")
    parser.add_argument("--recipient", help="who is given the file; with --purpose")
    parser.add_argument("--lang", choices=["zh", "en"], help="language of headers, labels and messages; default: zh")


def write_export(
    view_class: type[APIView],
    parameters: dict[str, str],
    options: Mapping[str, Any],
    tell: Callable[[str], object],
    **kwargs: str,
) -> None:
    """Write a list to the file that the options of a command name. Raises CommandError."""
    path, kind = options["output"], parameters["format"]
    if options["lang"]:
        translation.activate(LANGUAGES[options["lang"]])
    given = {name: options[name] for name in ("purpose", "recipient") if options[name]}
    parameters = {**parameters, **given, "lang": options["lang"] or "zh"}
    if path == "-":
        count = _export(view_class, parameters, options["filter"], sys.stdout.buffer, kwargs)
    else:
        check_ending(path, f".{kind}")
        with output_file(path) as file:
            try:
                count = _export(view_class, parameters, options["filter"], file, kwargs)
            except OSError as error:
                raise unwritable(path, error) from None
    said = {"count": count, "file": _("standard output") if path == "-" else path}
    tell(ngettext("%(count)d row written to %(file)s.", "%(count)d rows written to %(file)s.", count) % said)


def format_of(options: Mapping[str, Any], otherwise: str = "csv") -> str:
    """Return the format in the options, or else the format of the file name's ending."""
    ending = Path(options["output"]).suffix.lower()
    return options["format"] or {".csv": "csv", ".xlsx": "xlsx", ".pdf": "pdf"}.get(ending, otherwise)


def _export(
    view_class: Any, parameters: dict[str, str], filters: str, output: BinaryIO, kwargs: Mapping[str, str]
) -> int:
    """Write a list as a file and return the number of rows. Raises CommandError with the message of the API."""
    if parameters["format"] in ("xlsx", "pdf") and output.isatty():
        message = _("A workbook or a PDF is nothing for a terminal: name a file, with -o FILE.%(format)s.")
        raise CommandError(message % parameters, returncode=USAGE)
    with connection.cursor() as cursor:  # where database or tables are lacking, the view would log it and hide it
        cursor.execute("SELECT FROM registry_organization LIMIT 1")
    tables: list[Table] = []

    class Told(view_class):
        command = f"export_{'members' if kwargs else 'organizations'}"

        def export(self, table: Table) -> HttpResponse:
            tables.append(table)
            return super().export(table)

    language = translation.get_language() or settings.LANGUAGE_CODE
    try:
        response = _asked(Told, parameters, filters, kwargs)
        if response.status_code != 200:  # said in the language of messages, which need not be that of the file
            response = _asked(Told, {**parameters, "lang": language[:2]}, filters, kwargs)
            raise CommandError(_refusal(response.content), returncode=USAGE)
    finally:
        translation.activate(language)  # the view has chosen that of its request
    try:
        for piece in response.streaming_content:
            output.write(piece)
    finally:  # the receipt says so where the file ends early; close() would end the connection too
        for close in response._resource_closers:
            close()
    return tables[0].count


def _asked(view_class: Any, parameters: dict[str, str], filters: str, kwargs: Mapping[str, str]) -> Any:
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = f"manage.py {' '.join([view_class.command, *kwargs.values()])}"
    request.META |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    query = QueryDict(filters, mutable=True)
    query.update(parameters)
    request.GET = QueryDict(query.urlencode())
    view = view_class.as_view({"get": "list"}, authentication_classes=[OperatorAuthentication], throttle_classes=[])
    return view(request, **kwargs)


def _refusal(content: bytes) -> str:
    problem = orjson.loads(content)
    lines = [f"{error.get('parameter', '')}: {error['detail']}" for error in problem.get("errors", [])]
    return "\n".join(lines) or problem["detail"]
