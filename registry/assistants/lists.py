"""Lists of the API as pages that fit an answer."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from registry.assistants.answers import Row, fitting, more, page
from registry.assistants.client import Answer, Refused, RegistryClient
from registry.assistants.texts import gettext as _

USUAL_LIMIT = 20
PAGES = ("limit", "cursor")
NOTES = ("as_of", "plan", "notices", "did_you_mean")
"""Names of a list that stand beside its rows and are handed on."""


async def read_page(registry: RegistryClient, path: str, arguments: Mapping[str, str], fields: Sequence[str]) -> Answer:
    """Return a page of a list. Where its rows are too large for an answer, a shorter page is read."""
    parameters = dict(arguments) | {"fields": ",".join(fields)}
    limit = int(parameters.pop("limit", USUAL_LIMIT))
    while True:
        found = await registry.get(path, parameters | {"page_size": str(limit)})
        head = {"count": found["count"], "count_is": found["count_is"]}
        head |= {name: found[name] for name in NOTES if found.get(name)}
        rows, cursor = found["results"], _cursor(found["next"])

        def answer(
            some: Sequence[Row], head: Answer = head, cursor: str | None = cursor, whole: int = len(rows)
        ) -> Answer:
            # While it is tried how many fit, there is a cursor of about the usual length.
            following = cursor if len(some) == whole else cursor or "x" * 250
            return page(head, some, following, more(len(some), _count(head)))

        number = fitting(rows, answer)
        if number >= len(rows):
            return answer(rows)
        limit = number


def slice_of(rows: Sequence[Row], head: Answer, arguments: Mapping[str, str]) -> Answer:
    """Return a page of rows that the API gives all at once; the cursor is the number of rows before it."""
    given = arguments.get("cursor", "0")
    if not (given.isascii() and given.isdigit() and int(given) <= len(rows)):
        raise Refused(_("cursor: is none of this list; begin again without it."))
    first = int(given)
    rest = rows[first : first + int(arguments.get("limit", USUAL_LIMIT))]

    def answer(some: Sequence[Row]) -> Answer:
        last = first + len(some)
        return page(head, some, str(last) if last < len(rows) else None, more(len(some), len(rows)))

    return answer(rest[: fitting(rest, answer)])


def _cursor(address: str | None) -> str | None:
    return parse_qs(urlsplit(address).query)["cursor"][0] if address else None


def _count(head: Answer) -> str:
    return f"≥{head['count']}" if head["count_is"] == "at_least" else str(head["count"])
