"""Answers that are small enough for an assistant: what is left out of them is said, and how to get more."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from registry.assistants.client import Answer
from registry.assistants.texts import gettext as _

LIMIT = 25_000
"""Bytes of an answer as it travels."""
ENVELOPE = 400
"""Bytes that the protocol puts round the text."""

Row = dict[str, Any]


def text_of(answer: Answer) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def size(text: str) -> int:
    """Return the bytes of a text as it travels: within JSON, with its quotation marks escaped."""
    return len(json.dumps(text, ensure_ascii=False).encode()) + ENVELOPE


def fits(answer: Answer) -> bool:
    return size(text_of(answer)) <= LIMIT


def fitting(rows: Sequence[Row], answer: Callable[[Sequence[Row]], Answer]) -> int:
    """Return how many of the first rows an answer with them can hold, at least one."""
    least, most = min(1, len(rows)), len(rows)
    while least < most:
        middle = (least + most + 1) // 2
        if fits(answer(rows[:middle])):
            least = middle
        else:
            most = middle - 1
    return least


def page(head: Answer, rows: Sequence[Row], cursor: str | None, said: str) -> Answer:
    """Return an answer with rows. A cursor says that there are more; a single row that is too large is shortened."""
    answer = {**head, "shown": len(rows), "results": list(rows)}
    if cursor:
        answer |= {"left_out": said, "cursor": cursor}
    if len(rows) == 1 and not fits(answer):
        answer["results"] = [shortened(rows[0], lambda row: {**answer, "results": [row]})]
    return answer


def more(shown: int, count: object) -> str:
    return _("%(shown)d of %(count)s are shown. For more, call again with the same arguments and this `cursor`.") % {
        "shown": shown,
        "count": count,
    }


def shortened(record: Row, answer: Callable[[Row], Answer] = lambda record: record) -> Row:
    """Cut the texts and lists of a record until its answer fits, and name in it what was cut."""
    short = record
    for most in (2_000, 500, 100, 20):
        if fits(answer(short)):
            break
        short = {name: _cut(value, most) for name, value in record.items()}
        names = ", ".join(name for name in record if short[name] != record[name])
        short["left_out"] = _("Too large, so only their beginnings are shown: %s.") % names
    return short


def _cut(value: object, most: int) -> object:
    """Return a value whose texts have at most so many characters, and whose lists a tenth as many items."""
    if isinstance(value, str):
        return value if len(value) <= most else f"{value[:most]}…"
    if isinstance(value, list):
        return [_cut(item, most) for item in value[: most // 10]]
    if isinstance(value, dict):
        return {name: _cut(item, most) for name, item in value.items()}
    return value
