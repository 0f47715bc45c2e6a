"""Answers a POST that is sent again with the same `Idempotency-Key` as before, without doing the work again.

The key is stored in the transaction of the request: both are stored, or neither. A failed request stores nothing, so
its key may be used again. A second request with the same key waits until the first one has ended.
"""

import datetime
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access.requests import KeptAnswer
from registry.api.access.throttling import client_of
from registry.database.db_errors import integrity_errors_as_conflicts

HOURS = 24
KEPT_HEADERS = ("ETag", "Location")
KEY = r"[\x21-\x7e]{1,200}"
_CLAIM = """
    INSERT INTO registry_keptanswer (client, key, request_hash, headers, body) VALUES (%s, %s, %s, '{}', '')
    ON CONFLICT (client, key) DO NOTHING RETURNING id
"""
_SWEPT_EVERY = 3600
"""Seconds between two clean-ups that requests without a key make; a request with a key always cleans up."""
_swept = 0.0
Handler = TypeVar("Handler", bound=Callable[..., HttpResponseBase])


class KeyReused(APIException):
    """Says that the key belongs to another request."""

    status_code = 422
    default_code = "key_reused"

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was sent with another request: each request has its own."))


def idempotent(handler: Handler) -> Handler:
    """Decorate a handler of POST so that it supports the header."""

    @wraps(handler)
    def handle(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is not None or time.time() - _swept > _SWEPT_EVERY:
            forget()
        if key is None:
            return handler(self, request, *args, **kwargs)
        if not re.fullmatch(KEY, key):
            raise ParseError(_("An Idempotency-Key is 1 to 200 visible ASCII characters."))
        with integrity_errors_as_conflicts(), transaction.atomic():
            return _once(request, key, lambda: handler(self, request, *args, **kwargs))

    return handle  # type: ignore[return-value]


def forget() -> int:
    """Delete the answers that are older than a day, since they may hold personal data; return their number."""
    global _swept
    _swept = time.time()
    limit = timezone.now() - datetime.timedelta(hours=HOURS)
    return KeptAnswer.objects.filter(kept_at__lt=limit).delete()[0]


def _once(request: Request, key: str, answer: Callable[[], Any]) -> HttpResponse:
    client, wanted = client_of(request), _hash(request)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [client, key, wanted])
        claimed = cursor.fetchone()
    if claimed is None:
        return _again(KeptAnswer.objects.get(client=client, key=key), wanted)
    response = answer()
    KeptAnswer.objects.filter(pk=claimed[0]).update(
        status=response.status_code,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
        body=orjson.dumps(response.data, default=str),
    )
    return response


def _again(kept: KeptAnswer, wanted: str) -> Response:
    if kept.request_hash != wanted:
        raise KeyReused
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    return Response(orjson.loads(bytes(kept.body)), kept.status, headers=headers)


def _hash(request: Request) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    for piece in _body(request):
        digest.update(piece)
    return digest.hexdigest()


def _body(request: Request) -> Iterator[bytes]:
    """Yield what the request says: of a form its values and files, as its boundary is another one each time."""
    if not request.content_type.startswith("multipart/"):
        yield request._request.body
        return
    form: Any = request.data
    for name, values in sorted(form.lists()):
        for value in values:
            if isinstance(value, UploadedFile):
                yield f"\n{name!r} {value.name!r} {value.size}\n".encode()
                yield from value.chunks()
                value.seek(0)
            else:
                yield f"\n{name!r} {value!r}\n".encode()
