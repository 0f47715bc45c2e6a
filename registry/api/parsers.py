"""Reads JSON bodies strictly: doubtful input is refused with a pointer to it, and nothing is guessed."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from registry.api.errors import InvalidBody, escape

MAX_DEPTH = 16
MAX_DIGITS = 30
"""The most digits of a number: more than any column holds, and few enough to convert."""

# Possessive, and content with a string that does not end: each character is looked at once, whatever the text is.
_MARK = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},:]', re.DOTALL)


class StrictJSONParser(BaseParser):
    """UTF-8 JSON without repeated keys, NUL, lone surrogates, NaN, endless numbers or deep nesting."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise RequestDataTooBig
        return parse(raw)


def parse(raw: bytes) -> object:
    """Return the value of a JSON text. Raises InvalidBody."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidBody(_("The body is not UTF-8 at byte %(at)d.") % {"at": error.start}) from None
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_Pairs,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise InvalidBody(_("The body is no proper JSON: see line %(line)d, column %(column)d.") % where) from None
    for pointer, found in _walk(value, ""):
        _check(pointer, found)
    return _plain(value)


class _Pairs(list):
    """The members of an object in order, including repeated ones."""


class _Endless(str):
    """The digits of a number that is too long or too large to be converted."""


def _integer(digits: str) -> int | _Endless:
    return int(digits) if len(digits) <= MAX_DIGITS else _Endless(digits)


def _fraction(digits: str) -> Decimal | _Endless:
    return Decimal(digits) if len(digits) <= MAX_DIGITS and abs(float(digits)) < 1e30 else _Endless(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidBody(_("%(name)s is no JSON value.") % {"name": name})


def _check_depth(text: str) -> None:
    """Refuse deep nesting before parsing, which would exhaust the stack."""
    path: list[int | str] = []  # the key or index at each level
    last = ""
    for match in _MARK.finditer(text):
        mark = match[0]
        if mark in "[{":
            if len(path) >= MAX_DEPTH:
                pointer = "".join(f"/{escape(step)}" for step in path)
                raise InvalidBody(_("Nested deeper than %(depth)d levels.") % {"depth": MAX_DEPTH}, pointer)
            path.append(0 if mark == "[" else "")
        elif mark in "]}":
            if path:
                path.pop()
        elif mark == "," and path and isinstance(path[-1], int):
            path[-1] += 1
        elif mark == ":" and path and isinstance(path[-1], str):
            path[-1] = last[1:-1]
        last = mark


def _walk(value: object, pointer: str) -> Iterator[tuple[str, object]]:
    yield pointer, value
    if isinstance(value, _Pairs):
        for key, item in value:
            yield from _walk(item, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, f"{pointer}/{index}")


def _check(pointer: str, value: object) -> None:
    if isinstance(value, _Endless):
        raise InvalidBody(_("This number is too long or too large."), pointer)
    if isinstance(value, str):
        _check_text(pointer, value)
    elif isinstance(value, _Pairs):
        seen = set()
        for key, _item in value:
            _check_text(pointer, key)
            if key in seen:
                raise InvalidBody(_("“%(key)s” appears here twice.") % {"key": key}, f"{pointer}/{escape(key)}")
            seen.add(key)


def _check_text(pointer: str, text: str) -> None:
    if "\x00" in text:
        raise InvalidBody(_("The character U+0000 cannot be stored."), pointer)
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidBody(_("Half of a surrogate pair is no character."), pointer)


def _plain(value: object) -> object:
    if isinstance(value, _Pairs):
        return {key: _plain(item) for key, item in value}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
