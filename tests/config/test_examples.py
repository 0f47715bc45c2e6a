"""The examples of the documents find something in the demonstration data."""

import json
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.api import Api, ok, root

DOCUMENTS = ("README.md", "docs/api.md")
ASKING = ("/match/",)
"""Where a body asks and writes nothing."""
COMMITTED = "/changes/"
"""What tells only of transactions that have ended, while a test is one that has not."""


def requests() -> Iterator[tuple[str, str]]:
    """Address and body of each example that reads, in the order of the documents."""
    for name in DOCUMENTS:
        text = (settings.BASE_DIR / name).read_text("utf-8").replace("\\\n", " ")
        for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                if line.startswith("curl "):
                    address, query, body = parts(shlex.split(line.partition(" | ")[0]))
                    if not body or address.endswith(ASKING):
                        yield f"{address}?{query}" if query else address, body


def parts(words: list[str]) -> tuple[str, str, str]:
    """Path, query and body of a command of curl."""
    given = [(option, value) for option, value in pairwise(words) if option.startswith("-")]
    (url,) = (word for word in words if word.startswith("http://"))
    query = [urlsplit(url).query, *(encoded(value) for option, value in given if option == "--data-urlencode")]
    body = "".join(value for option, value in given if option == "-d")
    return urlsplit(url).path, "&".join(filter(None, query)), body


def encoded(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}={quote(value)}"


def found(api: Api, address: str, body: str) -> int:
    """How many things are in the answer."""
    answer = api.post(address, json.loads(body)) if body else api.get(address)
    if "format=csv" in address:
        return b"".join(answer.streaming_content if answer.streaming else [answer.content]).count(b"\n") - 1
    data = ok(answer)
    if body:
        return min(len(result["candidates"]) for result in data["results"])
    return len(data["results"]) if "results" in data else data.get("count", 1)


@pytest.mark.django_db
def test_examples_of_the_api_find_something(reference: None) -> None:
    call_command("load_demo", verbosity=0)
    api, asked = root(), list(requests())
    assert len(asked) > 10
    assert [address for address, body in asked if COMMITTED not in address and not found(api, address, body)] == []
