"""An assistant as others write it: the client of the protocol's own package, over a process of its own."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.config.conftest import ROOT

COMMAND = (sys.executable, "-m", "registry.assistants")
QUIET = [
    # The client's own loose ends when a process ends.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def environment(url: str, token: str, language: str = "en", timeout: int = 30) -> dict[str, str]:
    return {
        "PYTHONPATH": str(ROOT),
        "REGISTRY_ASSISTANT_URL": url,
        "REGISTRY_ASSISTANT_TOKEN": token,
        "REGISTRY_ASSISTANT_LANGUAGE": language,
        "REGISTRY_ASSISTANT_TIMEOUT": str(timeout),
    }


class Assistant:
    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self.portal, self.client = portal, client
        self.largest = 0
        """Bytes of the largest answer so far, as it travelled."""

    @property
    def instructions(self) -> str:
        return self.client.instructions or ""

    def listed(self) -> Any:
        return self.portal.call(self.client.list_tools)

    def call(self, name: str, **arguments: object) -> Any:
        result = self.portal.call(self.client.call_tool, name, arguments)
        self.largest = max(self.largest, bytes_of(result))
        return result

    def ask(self, name: str, **arguments: object) -> dict[str, Any]:
        """Return the answer of a tool."""
        result = self.call(name, **arguments)
        assert not result.is_error, result.content[0].text
        answer = json.loads(result.content[0].text)
        assert isinstance(answer, dict)
        return answer

    def refused(self, name: str, **arguments: object) -> str:
        """Return why a tool gives no answer."""
        result = self.call(name, **arguments)
        assert result.is_error, result.content[0].text
        return str(result.content[0].text)

    def all_rows(self, name: str, **arguments: object) -> list[dict[str, Any]]:
        """Return the rows of all pages, each of which says whether it is the last."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.ask(name, **arguments, cursor=cursor)
            assert page["shown"] == len(page["results"])
            assert ("left_out" in page) == ("cursor" in page)
            rows += page["results"]
            if "cursor" not in page:
                return rows
            cursor = page["cursor"]


def bytes_of(result: Any) -> int:
    return len(result.model_dump_json(by_alias=True, exclude_none=True).encode())


@contextmanager
def assistant(url: str, token: str, language: str = "en", timeout: int = 30) -> Iterator[Assistant]:
    command, *arguments = COMMAND
    parameters = StdioServerParameters(command=command, args=arguments, env=environment(url, token, language, timeout))
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(parameters))) as client,
    ):
        yield Assistant(portal, client)
