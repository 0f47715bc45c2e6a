"""Parses cells that add values to a list and remove values, instead of replacing it: `+机器视觉;-语音识别`."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.spreadsheet.base import PLAIN, Cell, Context, Parse, parse_text, refuse
from registry.spreadsheet.vocabulary import Vocabulary, join_list, list_parser, split_list

_PLUS, _MINUS = "+＋", "-－−–"
_PARTS_RE = re.compile(rf"[;；]|[、,，\n](?=\s*[{re.escape(_PLUS + _MINUS)}])")
SIGNED_SQL = f"'^[{_PLUS}{_MINUS.replace('-', '')}-]'"
"""A pattern for texts that begin with a sign."""


class ListEdit(NamedTuple):
    """The values that a cell adds to a list, and the values that it removes."""

    more: list[Any]
    less: list[Any]


def _parts(text: str) -> list[str]:
    """Return the values of a list; a comma or a line break separates them only before a sign."""
    return [part.strip() for part in _PARTS_RE.split(text)]


def signed_list_parser(vocabulary: Vocabulary[object]) -> Parse:
    """Return a parse function for cells with several values, either all with a sign or none."""
    plain = list_parser(vocabulary)

    def parse(cell: Cell, context: Context = PLAIN) -> list[object] | ListEdit | None:
        text = parse_text(cell)
        parts = _parts(text) if text else []
        signs = [part[:1] for part in parts if part]
        if not any(sign in _PLUS + _MINUS for sign in signs):
            return plain(cell, context)
        if not all(sign in _PLUS + _MINUS for sign in signs):
            message = _("“%(value)s” mixes values with + or - and values without: write the sign before each, or none.")
            raise refuse(message, "signs", text)
        return _signed(parts, plain)

    return parse


def _signed(parts: list[str], plain: Callable[[Cell, Context], list[object] | None]) -> ListEdit:
    signed, errors = ListEdit([], []), []
    for part in filter(None, parts):
        try:
            values = plain(part[1:].strip(), PLAIN) or []
        except ValidationError as error:
            errors += error.error_list
            continue
        (signed.more if part[0] in _PLUS else signed.less).extend(values)
    if errors:
        raise ValidationError(errors)
    for value in set(signed.more) & set(signed.less):
        signed.more.remove(value)
    return signed


def added_list_parser(vocabulary: Vocabulary[object]) -> Parse:
    """Return a parse function for cells with several values, from which a file removes nothing."""
    return only_added(list_parser(vocabulary))


def only_added(parse: Parse) -> Parse:
    """Return a parse function that refuses a minus and ignores a plus, for lists from which a file removes nothing."""

    def read(cell: Cell, context: Context = PLAIN) -> object:
        if not isinstance(cell, str) or not any(sign in cell for sign in _PLUS + _MINUS):
            return parse(cell, context)
        parts = split_list(cell, part=_parts)
        for part in parts:
            if part[0] in _MINUS:
                message = _("“%(value)s”: a file only adds here. Remove the value on the page of the record.")
                raise refuse(message, "signs", part)
        if not any(part[0] in _PLUS for part in parts):
            return parse(cell, context)
        return parse(join_list(part.lstrip(_PLUS).strip() for part in parts), context)

    return read
