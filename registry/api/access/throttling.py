"""Limits the number of requests of a client in a minute; all workers share the count in the database.

A worker counts up to a hundredth of the limit by itself before it adds that to the common count, because storing every
single request would cost more than many an answer. So the limit is exact to one per cent for each worker.
"""

import threading
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from registry.api.access.clients import counted_address

if TYPE_CHECKING:
    from rest_framework.views import APIView

_COUNT = """
    INSERT INTO registry_requestcount AS seen (client, minute, requests) VALUES (%s, %s, %s)
    ON CONFLICT (client) DO UPDATE SET
        requests = CASE WHEN seen.minute = excluded.minute THEN seen.requests ELSE 0 END + excluded.requests,
        minute = excluded.minute
    RETURNING requests
"""
_KEPT_MINUTES = 10
_MOST_CLIENTS = 10_000


@dataclass
class _Count:
    minute: int
    common: int = 0
    """The count of all workers when this worker last read it."""
    own: int = 0
    """The count of this worker since then."""


_counts: dict[str, _Count] = {}
_lock = threading.Lock()


class _MinuteThrottle(BaseThrottle):
    """Allows at most so many requests in each minute of the clock; 0 means no limit."""

    setting: ClassVar[str]
    """The name of the setting with the limit."""

    @staticmethod
    def client(request: Request) -> str:
        """Return the name under which a request is counted."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: "APIView") -> bool:
        limit = getattr(settings, self.setting)
        if not limit:
            return True
        minute, client = int(time.time()) // 60, self.client(request)
        with _lock:
            count = _counts.get(client)
            if count is None or count.minute != minute:
                if len(_counts) >= _MOST_CLIENTS:
                    _counts.clear()
                count = _counts[client] = _Count(minute)
            count.own += 1
            if count.common and count.own < limit // 100:
                return count.common + count.own <= limit
            number, count.own = count.own, 0
        count.common = self._add(client, minute, number)
        return count.common <= limit

    def _add(self, client: str, minute: int, number: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [client, minute, number])
            count = cursor.fetchone()[0]
            # One new client in a hundred sweeps up those that are gone.
            if count == 1 and zlib.crc32(f"{client} {minute}".encode()) % 100 == 0:
                cursor.execute("DELETE FROM registry_requestcount WHERE minute < %s", [minute - _KEPT_MINUTES])
        return count

    def wait(self) -> float:
        """Return the seconds until the next minute begins."""
        return 59 - time.time() % 60


def client_of(request: Request) -> str:
    """Return the token or account of an authenticated request, as the name for its count and its stored answers."""
    if request.auth is not None:
        return f"token:{request.auth.pk}"
    return f"user:{getattr(request.user, 'pk', None)}"


class ClientThrottle(_MinuteThrottle):
    """The limit for staff and programs: each token is counted by itself, and each account with all its sessions."""

    setting = "TOKEN_REQUESTS_PER_MINUTE"
    client = staticmethod(client_of)


class AddressThrottle(_MinuteThrottle):
    """The limit for the public: each address is counted by itself."""

    setting = "PUBLIC_REQUESTS_PER_MINUTE"

    @staticmethod
    def client(request: Request) -> str:
        return f"address:{counted_address(request)}"


def within_limit(request: Request | HttpRequest, what: str, per_address: int, altogether: int) -> bool:
    """Count an act of an address, and return whether it and everybody may act so often within ten minutes."""
    minute = int(time.time()) // 60
    minute -= minute % _KEPT_MINUTES  # what is swept up is older than this
    for client, limit in ((f"{what}:{counted_address(request)}", per_address), (f"{what}:all", altogether)):
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [client, minute, 1])
            if cursor.fetchone()[0] > limit:
                return False
    return True
