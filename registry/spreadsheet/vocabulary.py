"""Parses cells that name known values: choices, reference data, lists of these, identifiers, yes and no."""

import copy
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Generic, Self, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.spreadsheet.base import PLAIN, Cell, Context, parse_line, parse_text, refuse
from registry.values.validators import clean_line, fold_name, validate_direction

T = TypeVar("T", covariant=True)
_LISTED = 20
"""The size up to which a message lists a whole vocabulary if none of its values is similar."""
_REMEMBERED = 2_000
_SUGGESTIONS = 1_000
"""The number of unknown texts for which similar names are searched; a file with more of them has another problem."""


_fold_known = lru_cache(maxsize=4096)(fold_name)
"""Folds the names of the reference data, which are the same in every request."""


class Vocabulary(Generic[T]):
    """Finds values by code, by a name in either language or by an alias, ignoring case and character width.

    `load` is called at the first look-up. It yields each value with its names, the name to show first.
    """

    def __init__(self, noun: str | Promise, load: Callable[[], Iterable[tuple[T, Iterable[str]]]]) -> None:
        self.noun = noun
        self._load = load
        self._found: dict[str, T] | None = None
        self._shown: dict[str, str] = {}
        self._ambiguous: dict[str, list[str]] = {}
        self._suggested: dict[str, list[str]] = {}
        self._texts: dict[str, T] = {}

    def _entries(self) -> dict[str, T]:
        if self._found is None:
            found: dict[str, T] = {}
            for value, names in self._load():
                for name in filter(None, names):
                    key = _fold_known(name)
                    if key in found and found[key] != value:
                        self._ambiguous.setdefault(key, [self._shown[key]]).append(name)
                    found.setdefault(key, value)
                    self._shown.setdefault(key, name)
            self._found = found
        return self._found

    def fresh(self) -> Self:
        """Return a new vocabulary of the same values, with an empty memory of texts."""
        self._entries()
        fresh = copy.copy(self)
        fresh._suggested, fresh._texts = {}, {}
        return fresh

    def knows(self, text: str) -> bool:
        """Return whether the text names one value or several."""
        return fold_name(text) in self._entries()

    def find(self, text: str) -> T:
        """Return the only value that the text names.

        Raises ValidationError, with the most similar names, for other texts.
        """
        if text in self._texts:
            return self._texts[text]
        entries = self._entries()
        key = fold_name(text)
        if key in entries and key not in self._ambiguous:
            if len(self._texts) < _REMEMBERED:
                self._texts[text] = entries[key]
            return entries[key]
        if key in self._ambiguous:
            raise refuse(
                _("“%(value)s” names more than one %(noun)s; write the code."), "ambiguous", text, noun=self.noun
            )
        nearest = self.nearest(text)
        if not nearest and 0 < len(all_of_them := self.offered()) <= _LISTED:
            known = _("“%(value)s” is not a known %(noun)s. There are: %(values)s.")
            raise refuse(known, "unknown", text, noun=self.noun, values=" / ".join(all_of_them))
        if not nearest:
            raise refuse(_("“%(value)s” is not a known %(noun)s."), "unknown", text, noun=self.noun)
        raise refuse(
            _("“%(value)s” is not a known %(noun)s. Did you mean %(nearest)s?"),
            "unknown",
            text,
            noun=self.noun,
            nearest=" / ".join(nearest),
        )

    def label(self, text: str) -> str:
        """Return the name to show of the only value that the text names. Raises ValidationError for other texts."""
        value = self.find(text)
        return next(self._shown[key] for key, known in self._entries().items() if known == value)

    def offered(self) -> list[str]:
        """Return the names to show, in the order in which the values were loaded."""
        shown: dict[T, str] = {}
        for key, value in self._entries().items():
            if key not in self._ambiguous:
                shown.setdefault(value, self._shown[key])
        return list(shown.values())

    def nearest(self, text: str, count: int = 3) -> list[str]:
        """Return names that are similar to the text or contain it, best first; at most one per value."""
        key = fold_name(text)
        if key not in self._suggested:
            if len(self._suggested) >= _SUGGESTIONS:
                return []
            self._suggested[key] = self._nearest(key, count)
        return self._suggested[key]

    def _nearest(self, key: str, count: int) -> list[str]:
        entries = self._entries()
        close = difflib.get_close_matches(key, entries, n=3 * count, cutoff=0.5)
        close += [known for known in entries if len(key) > 1 and len(known) > 1 and (key in known or known in key)]
        shown: dict[T, str] = {}
        for known in close:
            shown.setdefault(entries[known], self._shown[known])
        return list(shown.values())[:count]


def choice_names(choices: Iterable[tuple[str, str | Promise]]) -> dict[str, list[str]]:
    """Return the names of each choice: its code, and its label in every language of the site."""
    names: dict[str, list[str]] = {}
    for code, label in choices:
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                names.setdefault(code, []).append(str(label))
        names[code].append(code)
    return names


def choice_vocabulary(
    noun: str | Promise,
    choices: Iterable[tuple[str, str | Promise]],
    aliases: Mapping[str, Iterable[str]] | None = None,
) -> Vocabulary[str]:
    """Return the vocabulary of a model's choices, with the other names that lists use for them."""

    def load() -> Iterable[tuple[str, Iterable[str]]]:
        for code, names in choice_names(choices).items():
            yield code, [*names, *(aliases or {}).get(code, ())]

    return Vocabulary(noun, load)


def choice_parser(vocabulary: Vocabulary[T]) -> Callable[[Cell, Context], T | None]:
    """Return a parse function for cells that name one value of the vocabulary."""

    def parse(cell: Cell, context: Context = PLAIN) -> T | None:
        text = parse_line(cell)
        return None if text is None else vocabulary.find(text)

    return parse


_QUOTED_RE = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?:[;；]|$)')


SEPARATORS = ";；、,，\n"
"""Characters that separate values in lists. All but the semicolon may also be part of a value."""


def split_text(text: str, separators: str) -> list[str]:
    """Return the parts of a text between the separators, each on one line."""
    return [part for piece in re.split(f"[{separators}]", text) if (part := clean_line(piece))]


def _lines(text: str) -> list[str]:
    return split_text(text, "\n")


def split_list(cell: Cell, separators: str = ";；", part: Callable[[str], list[str]] = _lines) -> list[str]:
    """Return the values in a cell, in order, each once. A value may be in double quotes, as `join_list` writes it.

    A text between separators, and not in quotes, is one value on each line, or as many as `part` makes of it.
    """
    text = parse_text(cell) or ""
    validate_direction(text)
    values: list[str] = []
    position, plain = 0, re.compile(f"[^{separators}]*(?:[{separators}]|$)")
    while '"' in text and position < len(text):
        quoted = _QUOTED_RE.match(text, position)
        if quoted:
            values.append(clean_line(quoted[1].replace('""', '"')))
            position = quoted.end()
        else:
            found = plain.match(text, position)
            assert found is not None  # noqa: S101 - the pattern matches everywhere
            values += part(found[0].rstrip(separators).strip())
            position = max(found.end(), position + 1)
    if '"' not in text:
        for piece in re.split(f"[{separators}]", text):
            values += part(piece.strip())
    return list(dict.fromkeys(filter(None, values)))


def join_list(values: Iterable[str], *, quote: bool = False) -> str:
    """Return the cell of a list; a value with a separator or quote is quoted, so that `split_list` reads it back."""
    return ";".join(
        '"' + value.replace('"', '""') + '"' if quote or re.search('[;；"]', value) else value for value in values
    )


def list_parser(vocabulary: Vocabulary[T]) -> Callable[[Cell, Context], list[T] | None]:
    """Return a parse function for cells that name several values; it reports all unknown ones at once."""

    def parse(cell: Cell, context: Context = PLAIN) -> list[T] | None:
        values, errors = [], []
        for text in split_list(cell, part=lambda text: _known_parts(vocabulary, text)):
            try:
                values.append(vocabulary.find(text))
            except ValidationError as error:
                errors += error.error_list
        if errors:
            raise ValidationError(errors)
        return list(dict.fromkeys(values)) or None

    return parse


def _known_parts(vocabulary: Vocabulary[object], text: str) -> list[str]:
    """Return the values in one part of a list; the whole text is tried first, since a name may contain a comma."""
    whole = clean_line(text)
    return [whole] if vocabulary.knows(whole) else split_text(text, SEPARATORS)


def parse_identifiers(cell: Cell, context: Context = PLAIN) -> list[tuple[str, str]] | None:
    """Return identifiers `scheme:value`, separated by `;`, with the scheme in lower case and the value unchanged."""
    found = []
    for text in split_list(cell):
        scheme, colon, value = text.replace("：", ":", 1).partition(":")
        if not colon or not scheme.strip() or not value.strip():
            raise refuse(
                _("“%(value)s” is not an identifier; write scheme:value, for example lei:…."), "identifier", text
            )
        found.append((scheme.strip().lower(), value.strip()))
    return found or None


_YES = frozenset(["是", "有", "y", "yes", "true", "1", "√", "✓", "✔", "对", "t"])
_NO = frozenset(["否", "没有", "n", "no", "false", "0", "×", "✗", "✘", "x", "不是", "f"])


def parse_boolean(cell: Cell, context: Context = PLAIN) -> bool | None:
    """Return whether the cell says yes or no, in either language or as a tick; None for a blank cell."""
    if isinstance(cell, bool):
        return cell
    text = parse_line(cell)
    if text is None:
        return None
    key = fold_name(text)
    if key in _YES or key in _NO:
        return key in _YES
    raise refuse(_("“%(value)s” is neither yes nor no."), "not_boolean", cell)
