"""Reads the API of the registry. There is one way to it, and that is GET."""

import json
from collections.abc import Mapping
from typing import Any

import anyio
import httpx2

from registry.assistants.settings import TOKEN, URL, Settings
from registry.assistants.texts import gettext as _
from registry.assistants.texts import language

MOST_BYTES = 8_000_000
"""More than any answer of the API has that is asked for here."""

Answer = dict[str, Any]


class Refused(Exception):
    """Why there is no answer, and what to do about it: a text for the assistant."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class RegistryClient:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._http = httpx2.AsyncClient(
            headers={
                "Authorization": f"Bearer {settings.token}",
                "Accept": "application/json",
                "Accept-Language": "zh-hans" if language() == "zh" else "en",
                "User-Agent": "registry-assistants",
            },
            timeout=settings.timeout,
            follow_redirects=False,  # the token goes to no other address
        )

    async def get(self, path: str, parameters: Mapping[str, str]) -> Answer:
        """Return what the API answers at a path below `/api/v1/`. Raises Refused."""
        address = f"{self.settings.url}/api/v1/{path}"
        try:
            with anyio.fail_after(self.settings.timeout):  # the whole of it: a slow answer trickles for ever otherwise
                async with self._http.stream("GET", address, params={**parameters, "lang": language()}) as response:
                    body = await _read(response)
        except (TimeoutError, httpx2.TimeoutException):
            raise Refused(
                _("The registry did not answer within %(seconds)d seconds. Ask for less, or try again later.")
                % {"seconds": self.settings.timeout}
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Refused(
                _("The registry at %(url)s cannot be reached (%(reason)s). It is down, or %(variable)s is wrong.")
                % {"url": self.settings.url, "reason": type(error).__name__, "variable": URL}
            ) from None
        return _understood(response, body)


async def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise Refused(
                _("The answer of the registry is too large. Ask for less: with more conditions, or a shorter time.")
            )
    return bytes(body)


def _understood(response: httpx2.Response, body: bytes) -> Answer:
    status = response.status_code
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or (status != 200 and "detail" not in answer):
        raise Refused(
            _("What answers at %(variable)s is no registry, or one that is being repaired (HTTP %(status)d).")
            % {"variable": URL, "status": status},
            status,
        )
    if status == 200:
        return answer
    raise Refused(" ".join(filter(None, (_told(answer), _remedy(status, response, answer)))), status)


def _told(problem: Answer) -> str:
    """Return what the API says is wrong, with the parameters that it names."""
    errors = [error for error in problem.get("errors", ()) if error.get("parameter")]
    if not errors:
        return str(problem["detail"])
    return " ".join(f"{error['parameter']}: {error['detail']}" for error in errors)


def _remedy(status: int, response: httpx2.Response, problem: Answer) -> str:
    if status == 401:
        return _("Issue another token on the page API tokens, put it into %s and start this server again.") % TOKEN
    if status == 403:
        return forbidden()
    if status in (429, 503):
        return _("Try again after %s seconds.") % response.headers.get("Retry-After", "60")
    if status >= 500:
        return _("This is a fault of the registry; tell its administrator the number %s.") % problem.get(
            "request_id", ""
        )
    return ""


def forbidden() -> str:
    return _("The account of the token may not see this; asking again changes nothing. An administrator gives roles.")
