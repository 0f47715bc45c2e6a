"""Reads column labels: the name that they mean, and the unit or year that they contain."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

from registry.spreadsheet import Cell, Unit, cell_text, parse_unit
from registry.values.validators import INVISIBLE

REASON = "原因 Reason"
"""The label of the column added to refused rows; the import ignores the column if such a file comes back."""
_REASON = REASON.replace(" ", "")
_BRACKETED_RE = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|〔([^〔〕]*)〕")
# 2021年营业收入, 营业收入2021年度, 营业收入(2021), 主营业务收入(202112)
_YEAR_RE = re.compile(
    r"^(?P<before>(?:19|20)\d{2})(?:年度?|年末|fy)?(?=\D)|(?<=\D)(?P<after>(?:19|20)\d{2})(?:年度?|年末)?$|"
    r"[(\[【〔](?:fy)?(?P<within>(?:19|20)\d{2})(?:12|[-/.年]12月?|年度?|年末)?[)\]】〕]"
)
_RUNNING = frozenset({"序号", "序号no", "序号no.", "行号", "#"})
_RUNNING_IF_NUMBERS = frozenset({"编号", "no", "no.", "number", "num"})
_COUNT_RE = re.compile(r"[1-9]\d{0,5}")
_NUMBERING_RE = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.、]")


def label_key(label: str) -> str:
    """Return the form in which equal labels agree: half width, small letters, no white space, marks or numbering."""
    key = re.sub(rf"[\s\0*＊_·:：{INVISIBLE}]+", "", unicodedata.normalize("NFKC", label)).lower()
    return _NUMBERING_RE.sub("", key)


def is_running_number(label: str, texts: Sequence[str] = ()) -> bool:
    """Return whether a column that no field takes only numbers the rows, by its label or by its label and `texts`."""
    key = label_key(label)
    return key in _RUNNING or (key in _RUNNING_IF_NUMBERS and _are_running(texts))


def _are_running(texts: Sequence[str]) -> bool:
    numbers = [int(text) for text in texts if _COUNT_RE.fullmatch(text)]
    return 0 < len(numbers) == len(texts) and all(one < other for one, other in pairwise(numbers))


class Recognise(Protocol):
    """Recognises labels:

    `__call__` gives the name of the column that a label means, `rank` how well it fits (0 is best).
    """

    beginnings: frozenset[str]
    """The first two letters of all known labels."""

    def __call__(self, label: str) -> str | None: ...

    def rank(self, label: str) -> int: ...


class Recogniser:
    """Finds the name of a column by its label in a file: its own label or a synonym, ignoring remarks in brackets."""

    def __init__(self, labels: Mapping[str, Iterable[str]]) -> None:
        self._found: dict[str, tuple[str, int]] = {}
        for name, known in labels.items():
            for rank, label in enumerate((name, *known)):
                self._found.setdefault(label_key(label), (name, rank))
        self.beginnings = frozenset(key[:2] for key in self._found)

    def __call__(self, label: str) -> str | None:
        """Return the name; None if the label is not known."""
        return self._find(label)[0]

    def rank(self, label: str) -> int:
        """Return the place of a label among the labels of its name: of two columns with one name the lower one wins."""
        return self._find(label)[1]

    def _find(self, label: str) -> tuple[str | None, int]:
        key = label_key(label)
        if key in self._found or not key:
            return self._found.get(key, (None, 0))
        bare = _BRACKETED_RE.sub("", key)
        if bare not in self._found:
            bare = _YEAR_RE.sub("", bare)
        if bare in self._found:
            return self._found[bare]
        for cut in range(len(bare) - 1, 1, -1):  # 注册资本万元
            if bare[:cut] in self._found and parse_unit(bare[cut:].lstrip("/-,")):
                return self._found[bare[:cut]]
        return None, 0


def header_unit(label: str) -> Unit | None:
    """Return the unit in a label such as 注册资本（万元）, 营业收入(单位：亿元), 注册资本/万美元;

    None if it has none.
    """
    key = label_key(label)
    for groups in _BRACKETED_RE.findall(key):
        for text in groups:
            unit = parse_unit(text)
            if unit:
                return unit
    bare = _BRACKETED_RE.sub("", key)
    for cut in range(2, len(bare)):
        unit = parse_unit(bare[cut:].lstrip("/-,"))
        if unit and unit.kind == "money":
            return unit
    return None


def header_year(label: str) -> int | None:
    """Return the year in a label such as 2021年营业收入, 营业收入(2021年度), 主营业务收入(202112);

    None if it has none.
    """
    key = label_key(label)
    found = _YEAR_RE.search(key) or _YEAR_RE.search(_BRACKETED_RE.sub("", key))
    return int(found[found.lastgroup or 0]) if found else None


def is_reason(cell: Cell) -> bool:
    """Return whether the cell is the label of the column that is added to refused rows."""
    return isinstance(cell, str) and "".join(cell.split()) == _REASON


def header_label(cell: Cell) -> str:
    """Return the label in a cell of a header, on one line; empty if the cell holds none."""
    if not isinstance(cell, str):
        cell = cell_text(cell) if isinstance(cell, int) else ""
    label = re.sub(rf"[\s{INVISIBLE}]+", "" if re.search("[\u4e00-\u9fff]", cell or "") else " ", cell or "").strip()
    return "" if label == _REASON else label


def place_label(index: int) -> str:
    """Return the text that serves as the label of a column without one, such as #C."""
    return f"#{column_letter(index)}"


def column_letter(index: int) -> str:
    """Return the letters of the column with this index as spreadsheet programs show them: A, B ... AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
