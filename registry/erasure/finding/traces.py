"""The name and the numbers of a person as texts hold them: found however they are written, and blackened.

Texts are compared without blanks, brackets and hyphens, and without difference of ASCII capitals, so that
`138 0013-8000` is the number 13800138000. A trace is also found as addresses (percent-encoded) and JSON (\\uXXXX) have
it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from registry.database.personal import MARK

NAME, NUMBER = "name", "number"
DROPPED = " \t\n\r\u3000\xa0-‐‑–—－()（）\\"
"""The characters that are not compared."""
SHORTEST_NAME, SHORTEST_NUMBER = 2, 7
AROUND = 10
_NUMBERS_APART = re.compile(r"[;；,，、/]")
_EXTENSION = re.compile(r"\s*(?:转|ext\.?|x|#)\s*\d+\s*$", re.IGNORECASE)
_COUNTRY = re.compile(r"^(?:\+|00)86")
_LONG_NUMBER = re.compile(r"\d{5,}")
_DELETE = frozenset(map(ord, DROPPED))
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_PLAIN: dict[int, int | None] = {**_LOWER, **dict.fromkeys(_DELETE)}


def plain(text: str) -> str:
    """Return the text as it is compared; SQL has the same in `search`."""
    return text.translate(_PLAIN)


def numbers_in(text: str) -> Iterator[str]:
    """Yield the telephone numbers and e-mail addresses of a cell, as they are compared."""
    for part in _NUMBERS_APART.split(text):
        if "@" in part:
            yield plain(part)
            continue
        number = _COUNTRY.sub("", "".join(sign for sign in _EXTENSION.sub("", part) if sign in "+0123456789"))
        if len(number) >= SHORTEST_NUMBER:
            yield number


@dataclass(frozen=True)
class Traces:
    """The names and numbers that are looked for."""

    names: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str], numbers: Iterable[str]) -> "Traces":
        known = (plain(name) for name in names)
        return cls(
            frozenset(name for name in known if len(name) >= SHORTEST_NAME),
            frozenset(number for text in numbers for number in numbers_in(text)),
        )

    @cached_property
    def forms(self) -> dict[str, str]:
        """Every form in which a trace may be written, and whether it is a name or a number."""
        found = {}
        for kind, texts in ((NAME, self.names), (NUMBER, self.numbers)):
            for text in texts:
                for form in (text, quote(text), json.dumps(text)[1:-1]):
                    found[plain(form)] = kind
        return found

    def __bool__(self) -> bool:
        return bool(self.names or self.numbers)

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Return the places of traces in the text, with their kind."""
        compared, places = [], []
        for place, sign in enumerate(text):
            if ord(sign) not in _DELETE:
                compared.append(chr(_LOWER.get(ord(sign), ord(sign))))
                places.append(place)
        whole, found = "".join(compared), []
        for form, kind in self.forms.items():
            start = whole.find(form)
            while start >= 0:
                first, last = places[start], places[start + len(form) - 1] + 1
                if not form.isdigit() or _stands_alone(text, first, last):
                    found.append((first, last, kind))
                start = whole.find(form, start + 1)
        return found

    def kinds(self, text: str) -> frozenset[str]:
        return frozenset(kind for _first, _last, kind in self.spans(text))

    def blacken(self, value: object) -> object:
        """Return a text, or the texts within a list or object of JSON, with MARK in place of the traces."""
        if isinstance(value, str):
            for first, last in _joined(self.spans(value)):
                value = value[:first] + MARK + value[last:]
            return value
        if isinstance(value, list):
            return [self.blacken(one) for one in value]
        if isinstance(value, dict):
            return {self.blacken(key): self.blacken(one) for key, one in value.items()}
        return value

    def excerpt(self, text: str) -> str:
        """Return the first trace with the text around it. Numbers are hidden, for they may belong to others."""
        spans = _joined(self.spans(text))
        if not spans:
            return ""
        first, last = spans[-1]  # of the text; they are listed from its end
        shown = text[max(0, first - AROUND) : last + AROUND]
        shown = _LONG_NUMBER.sub(lambda found: found[0][:3] + "****", " ".join(shown.split()))
        return f"{'…' if first > AROUND else ''}{shown}{'…' if last + AROUND < len(text) else ''}"


def _stands_alone(text: str, first: int, last: int) -> bool:
    """Return whether the digits are no part of a longer number; the code of the country may precede them."""
    before = text[:first]
    if before[-1:].isdigit() and not re.search(r"(?:^|\D)(?:00)?86$", before):
        return False
    return not text[last : last + 1].isdigit()


def _joined(spans: list[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """Return the spans without overlaps, the last one first."""
    found: list[tuple[int, int]] = []
    for first, last, _kind in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found[::-1]
