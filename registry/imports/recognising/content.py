"""Guesses from the content what a column without a known label means. People are asked; no guess is used silently."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.imports.pipeline.columns import CONTACTS, FileColumn
from registry.imports.pipeline.report import Message
from registry.imports.reading.tables import Sheet, TableFile
from registry.imports.recognising.headers import column_letter, is_running_number, label_key, place_label
from registry.imports.recognising.layout import Layout
from registry.imports.tables.guesses import kind_of_name
from registry.spreadsheet import Cell, Vocabulary, is_blank, parse_date
from registry.values.validators import CHINESE, normalise_uscc, uscc_check_character_ok

SAMPLED_ROWS = 200
_SHARE = 0.8
_DIFFERENT = 3
_REGISTRY_NO_RE = re.compile(r"[A-Z]{2,6}-\d{6,}")
_PHONE_RE = re.compile(r"(?:\+?86[- ]?)?(?:1[3-9]\d[- ]?[\d*]{4}[- ]?\d{4}|\(?0\d{2,3}\)?[- ]?\d{7,8}(?:-\d{1,6})?)")
_EMAIL_RE = re.compile(r"[\w.+*-]+@[\w-]+(?:\.[\w-]+)+")
_WEBSITE_RE = re.compile(
    r"(?:https?://\S+|www\.\S+|[\w-]+(?:\.[\w-]+)*\.(?:com|cn|net|org|edu|gov|io|ai)(?:/\S*)?)", re.I
)
_MONEY_RE = re.compile(r"[\d,]+(?:\.\d+)?\s*[万亿]?\s*(?:元|人民币|美元|港元|港币|欧元|日元).*")
_NAME_ENDS = ("中心", "事务所", "工作室", "商店", "分公司")
_LETTER_RE = re.compile(rf"[A-Za-z{CHINESE}]")


_LOOKS_LIKE = _(
    "Nothing takes column %(column)s, which looks like %(what)s (%(alike)d of %(filled)d cells): to take it, say so on "
    "the page of the columns, or by command --column “%(option)s”."
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess, made from its content, about what a column means."""

    index: int
    label: str
    """The label; empty if the column has none."""
    name: str
    """The column that would take it; empty if only a person who knows the file can say."""
    what: str | Promise
    alike: int
    filled: int
    sure: bool
    """Whether the page preselects the guess: the content is unmistakable, or no label says something else."""
    permission: str = ""

    @property
    def column(self) -> str:
        """Return the letter of the column, and its label if it has one."""
        letter = column_letter(self.index)
        return f"{letter} “{self.label}”" if self.label else letter

    @property
    def message(self) -> Message:
        """Return the message that says what the column looks like and how to use it."""
        option = f"{self.label or column_letter(self.index)}={self.name}"
        about = {"what": self.what, "alike": self.alike, "filled": self.filled, "option": option}
        return Message(_LOOKS_LIKE, {"column": self.column, **about})


@dataclass(frozen=True, slots=True)
class _Content:
    """One kind of content: the columns that may take it, and the test whether a text is of that kind."""

    names: Sequence[str]
    what: str | Promise
    fits: Callable[[str], bool]
    telling: bool = False
    """Whether the content shows its meaning regardless of the label."""
    permission: str = ""


def _is_uscc(text: str) -> bool:
    return uscc_check_character_ok(normalise_uscc(text))


def _is_name(text: str) -> bool:
    return len(text) > 3 and (text.endswith(_NAME_ENDS) or bool(kind_of_name(text)))


def _is_chinese_name(text: str) -> bool:
    return bool(re.search(f"[{CHINESE}]", text)) and _is_name(text)


def _is_date(text: str) -> bool:
    try:
        return len(text) > 5 and parse_date(text) is not None
    except ValidationError:
        return False


_CONTENTS = (
    _Content(["uscc"], _("USCC"), _is_uscc, telling=True),
    _Content(["registry_no"], _("registry number"), lambda text: bool(_REGISTRY_NO_RE.fullmatch(text)), telling=True),
    _Content(["contact_email"], _("e-mail"), lambda text: bool(_EMAIL_RE.fullmatch(text)), permission=CONTACTS),
    _Content(["contact_phone"], _("phone"), lambda text: bool(_PHONE_RE.fullmatch(text)), permission=CONTACTS),
    _Content(["website"], _("website"), lambda text: bool(_WEBSITE_RE.fullmatch(text))),
    _Content(["founded_on"], _("dates"), _is_date),
    _Content(["registered_capital"], _("amounts of money"), lambda text: bool(_MONEY_RE.fullmatch(text))),
    _Content(["name_zh"], _("organization names"), _is_chinese_name, telling=True),
    _Content(["name_en"], _("organization names"), _is_name, telling=True),
)


def is_data(cells: Iterable[Cell]) -> bool:
    """Return whether a row that might be a header holds data: a code, a name, a telephone number, a date."""
    texts = [text for cell in cells if not is_blank(cell) and (text := _text(cell))]
    return any(content.fits(text) for content in _CONTENTS for text in texts if content.names != ["name_en"])


def guess_columns(columns: Sequence[FileColumn], table: TableFile, sheet: Sheet, layout: Layout) -> list[Guess]:
    """Return guesses about the columns of a sheet that no field takes, at most one for each of the free `columns`."""
    sampled = range(sheet.first_data, sheet.first_data + SAMPLED_ROWS)
    rows = [cells for _number, cells in islice(table.raw_rows(sheet, sampled), SAMPLED_ROWS)]
    labels = _unread(sheet, max(map(len, rows), default=0), layout)
    read = {
        index: [_text(row[index]) for row in rows if index < len(row) and not is_blank(row[index])] for index in labels
    }
    telling = {index: texts for index, texts in read.items() if len(set(texts)) >= _DIFFERENT}
    if not telling:
        return []
    contents, free = [*_CONTENTS, *_vocabularies(columns)], {column.name for column in columns}
    found = [
        guess for index, texts in telling.items() if (guess := _guess(index, labels[index], texts, contents, free))
    ]
    found.sort(key=lambda guess: (-guess.alike / guess.filled, -guess.alike, guess.index))
    best: dict[str, Guess] = {}
    for guess in found:
        best.setdefault(guess.name or f"#{guess.index}", guess)
    return sorted(best.values(), key=lambda guess: guess.index)


def _unread(sheet: Sheet, width: int, layout: Layout) -> dict[int, str]:
    """Return index and label of the columns that no field takes and whose meaning nobody has given."""
    taken = sheet.taken
    labels = [*sheet.header, *[""] * (width - len(sheet.header))]
    return {
        index: label
        for index, label in enumerate(labels)
        if index not in taken
        and label_key(label or place_label(index)) not in layout.columns
        and not is_running_number(label)
    }


def private(texts: Sequence[Cell]) -> bool:
    """Return whether cells hold telephone numbers or e-mail addresses: showing them as samples needs a permission."""
    read = [_text(cell) for cell in texts if not is_blank(cell)]
    contents = [content for content in _CONTENTS if content.permission]
    return any(2 * sum(map(content.fits, read)) >= len(read) > 0 for content in contents)


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFKC", str(cell)).strip()


def _vocabularies(columns: Iterable[FileColumn]) -> Iterator[_Content]:
    for column in columns:
        if column.vocabulary is not None:
            fits = partial(_is_known, column.vocabulary)
            yield _Content([column.name], column.vocabulary.noun, fits, telling=True, permission=column.permission)


def _is_known(vocabulary: Vocabulary[object], text: str) -> bool:
    return bool(_LETTER_RE.search(text)) and all(map(vocabulary.knows, re.split("[;、]", text)))


def _guess(index: int, label: str, texts: list[str], contents: Iterable[_Content], free: set[str]) -> Guess | None:
    for content in contents:
        alike = sum(map(content.fits, texts))
        if alike >= _SHARE * len(texts):
            name = next((name for name in content.names if name in free), "")
            dates = content.names == ["founded_on"]
            if dates and label:
                name = ""  # only the label says what happens on the day
            if not name and not dates:
                return None
            sure = content.telling or not (label or dates)
            return Guess(index, label, name, content.what, alike, len(texts), sure, content.permission)
    return None
