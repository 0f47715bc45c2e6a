"""Every error below /api/ and /public/ is a problem document (RFC 9457), also where another format was asked for.

`type` and `code` are stable, for programs; `title` and `detail` are for people, in the language of the request;
`errors` names each field of the body by a JSON pointer (RFC 6901) or each query parameter; `request_id` finds the
request in the log. No document names SQL, paths or versions.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.core import signals
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.request import Request

from registry.database.db_errors import Conflict, broken_rule, lost_race, only_others_forbid

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
TYPE = "urn:problem-type:registry:"

TITLES = {
    "invalid_request": (400, gettext_lazy("The request cannot be understood")),
    "invalid_parameter": (400, gettext_lazy("A query parameter cannot be accepted")),
    "invalid_body": (400, gettext_lazy("The body cannot be read")),
    "invalid": (400, gettext_lazy("Some values cannot be accepted")),
    "not_authenticated": (401, gettext_lazy("Credentials are needed")),
    "authentication_failed": (401, gettext_lazy("The credentials are not valid")),
    "permission_denied": (403, gettext_lazy("This is not allowed")),
    "not_found": (404, gettext_lazy("There is nothing at this address")),
    "method_not_allowed": (405, gettext_lazy("This method is not available here")),
    "not_acceptable": (406, gettext_lazy("This format is not available")),
    "conflict": (409, gettext_lazy("The data as they stand now do not allow this")),
    "possible-duplicates": (409, gettext_lazy("The registry may have this record already")),
    "precondition_failed": (412, gettext_lazy("The record has changed in the meantime")),
    "body_too_large": (413, gettext_lazy("The body is too large")),
    "unsupported_media_type": (415, gettext_lazy("The body is in a form that is not read here")),
    "key_reused": (422, gettext_lazy("The key belongs to another request")),
    "precondition_required": (428, gettext_lazy("The request must say which state it changes")),
    "throttled": (429, gettext_lazy("Too many requests")),
    "error": (500, gettext_lazy("Something went wrong")),
    "unavailable": (503, gettext_lazy("The service cannot answer now")),
}
"""Code of a problem -> its HTTP status and title."""

CODES_OF_STATUS = {status: code for code, (status, _title) in reversed(TITLES.items())}
RETRY_AFTER = "10"
"""Seconds after which a request that the database has cancelled may be tried again."""
QUERY_CANCELED, CHECK_VIOLATION, FOREIGN_KEY_VIOLATION = "57014", "23514", "23503"


@dataclass
class Problem:
    code: str
    detail: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    members: dict[str, Any] = field(default_factory=dict)
    """The additional members of the document for this kind of problem (RFC 9457, 3.2)."""


class InvalidParameters(exceptions.APIException):
    """Says which query parameters are unknown or have unknown values: parameter -> one message or several."""

    status_code = 400
    default_code = "invalid_parameter"

    def __init__(self, messages: Mapping[str, Any]) -> None:
        self.messages = {
            name: [force_str(text) for text in (said if isinstance(said, list) else [said])]
            for name, said in messages.items()
        }
        super().__init__(next((texts[0] for texts in self.messages.values()), None))


class InvalidBody(exceptions.ParseError):
    """Says that a body is not correct JSON; `pointer` gives the place, if it is known."""

    default_code = "invalid_body"

    def __init__(self, detail: str, pointer: str = "") -> None:
        self.pointer = pointer
        super().__init__(detail)


class FieldForbidden(exceptions.PermissionDenied):
    """Says that this user may not set a value of a record that they may otherwise change."""

    def __init__(self, pointer: str, permission: str) -> None:
        self.pointer = pointer
        super().__init__(_("This needs the permission %(name)s.") % {"name": permission})


class InvalidItems(exceptions.APIException):
    """Collects the errors of several records.

    Its code is the common code of the errors, or `invalid` if they differ.
    """

    def __init__(self, errors: list[dict[str, Any]], code: str) -> None:
        self.errors = errors
        self.default_code = code
        self.status_code = TITLES[code][0]
        super().__init__(_summary(errors))


class PreconditionFailed(exceptions.APIException):
    status_code = 412
    default_code = "precondition_failed"
    default_detail = gettext_lazy("Somebody has changed it since it was read: read it again and repeat the change.")


class PreconditionRequired(exceptions.APIException):
    status_code = 428
    default_code = "precondition_required"
    default_detail = gettext_lazy("Send the header If-Match with the ETag of the record as it was read.")


class Unavailable(exceptions.APIException):
    """Says that only the operator can repair the fault; the text says how."""

    status_code = 503
    default_code = "unavailable"


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """Turn an exception of a view into an answer. REST framework calls this function."""
    request: Request = context["request"]
    problem = problem_of(error, request.method or "")
    if problem.code == "error":
        logger.error("%s %s", request.method, request.path, exc_info=error)
        # As Django does, so that whoever listens for failures (the test client, a monitor) learns of this one.
        signals.got_request_exception.send(sender=type(context["view"]), request=request._request)
    return answer(request, problem)


def answer(request: HttpRequest | Request, problem: Problem) -> HttpResponse:
    status, title = TITLES[problem.code]
    document: dict[str, Any] = {
        "type": TYPE + problem.code,
        "title": str(title),
        "status": status,
        "code": problem.code,
        "detail": problem.detail or str(title),
        "request_id": request.META.get("REQUEST_ID", ""),
    }
    document |= problem.members
    if problem.errors:
        document["errors"] = problem.errors
    # What a client sent may come back in a message: no byte of it may make the answer fail.
    body = orjson.dumps(document) if _encodes(document) else orjson.dumps(_without_surrogates(document))
    headers = {"Cache-Control": "no-store"} | problem.headers
    return HttpResponse(body, status=status, content_type=CONTENT_TYPE, headers=headers)


def problem_of(error: Exception, method: str) -> Problem:
    if isinstance(error, (exceptions.ValidationError, DjangoValidationError)):
        return _of_validation(error, method)
    if isinstance(error, exceptions.APIException):
        return _of_api_exception(error)
    if isinstance(error, Http404):
        return Problem("not_found")
    if isinstance(error, DjangoPermissionDenied):
        return Problem("permission_denied", str(error))
    if isinstance(error, RequestDataTooBig):
        return Problem("body_too_large")
    if isinstance(error, (SuspiciousOperation, MultiPartParserError)):
        return Problem("invalid_request")
    if isinstance(error, (ProtectedError, RestrictedError)):
        return Problem("conflict", _("Other records refer to this one, so it stays."))
    if isinstance(error, (DatabaseError, InterfaceError)):
        return _of_database(error)
    return Problem("error", _("The failure has been logged under the request id."))


def _of_api_exception(error: exceptions.APIException) -> Problem:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    errors: list[dict[str, Any]] = []
    if isinstance(error, InvalidParameters):
        errors = [
            {"parameter": name, "detail": text, "code": "invalid"}
            for name, texts in error.messages.items()
            for text in texts
        ]
    elif isinstance(error, InvalidItems):
        errors = error.errors
    elif isinstance(error, (InvalidBody, FieldForbidden)):
        errors = [{"pointer": error.pointer, "detail": str(error.detail), "code": error.default_code}]
    code = error.default_code if error.default_code in TITLES else CODES_OF_STATUS.get(error.status_code, "error")
    return Problem(code, str(error.detail), errors, headers, getattr(error, "members", {}))


def _of_validation(error: exceptions.ValidationError | DjangoValidationError, method: str) -> Problem:
    errors = list(_flat_django(error) if isinstance(error, DjangoValidationError) else _flat(error.detail))
    if method in ("GET", "HEAD"):  # nothing but parameters can be wrong
        for item in errors:
            item["parameter"] = item.pop("pointer").strip("/").partition("/")[0]
        return Problem("invalid_parameter", _summary(errors), errors)
    conflict = isinstance(error, Conflict) or (
        bool(errors) and all(only_others_forbid(item["code"]) for item in errors)
    )
    return Problem("conflict" if conflict else "invalid", _summary(errors), errors)


def _of_database(error: Exception) -> Problem:
    state = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, DatabaseError):
        if message := lost_race(error):
            return Problem("conflict", message)
        if state in (CHECK_VIOLATION, FOREIGN_KEY_VIOLATION):
            return Problem("conflict", broken_rule(error) or "")
    if state == QUERY_CANCELED:
        text = _("The request took too long. Narrow it, or try again later.")
        return Problem("unavailable", text, headers={"Retry-After": RETRY_AFTER})
    if isinstance(error, DataError):
        return Problem("invalid_request", _("A value is of a kind that cannot be stored."))
    if isinstance(error, (OperationalError, InterfaceError)):
        logger.error("The database does not answer.", exc_info=error)
        return Problem("unavailable", headers={"Retry-After": RETRY_AFTER})
    return Problem("error", _("The failure has been logged under the request id."))


def _summary(errors: list[dict[str, str]]) -> str:
    if len(errors) == 1:
        return errors[0]["detail"]
    return _("%(number)d things are wrong; “errors” names each.") % {"number": len(errors)}


def _flat(detail: object, pointer: str = "") -> Iterator[dict[str, str]]:
    """Yield the messages in REST framework's nested dicts and lists, each with its pointer."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            whole = key in ("non_field_errors", "__all__")
            yield from _flat(value, pointer if whole else f"{pointer}/{escape(key)}")
    elif isinstance(detail, (list, tuple)):
        for index, value in enumerate(detail):
            nested = isinstance(value, (Mapping, list, tuple))
            yield from _flat(value, f"{pointer}/{index}" if nested else pointer)
    else:
        yield {"pointer": pointer, "detail": force_str(detail), "code": getattr(detail, "code", None) or "invalid"}


def _flat_django(error: DjangoValidationError) -> Iterator[dict[str, str]]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    for name, items in by_field.items():
        pointer = "" if name == "__all__" else f"/{escape(name)}"
        for item in items:
            yield {"pointer": pointer, "detail": item.messages[0], "code": item.code or "invalid"}


def escape(key: object) -> str:
    """Return a key as one step of a JSON pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _encodes(document: dict[str, Any]) -> bool:
    try:
        orjson.dumps(document)
    except TypeError:
        return False
    return True


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value
