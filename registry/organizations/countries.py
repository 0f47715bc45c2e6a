"""Countries and regions in cells: ISO 3166-1 codes of two letters, or the usual names in Chinese and English."""

import re
from functools import cache
from pathlib import Path

from registry import spreadsheet
from registry.spreadsheet import PLAIN, Cell, Context
from registry.values.validators import fold_name


@cache
def _codes() -> dict[str, str]:
    """The names of `countries.tsv`, folded, with their codes."""
    found: dict[str, str] = {}
    for line in (Path(__file__).parent / "countries.tsv").read_text(encoding="utf-8").splitlines():
        code, *names = line.split("\t")
        found |= {fold_name(name): code for name in names}
    return found


@cache
def _chinese_names() -> tuple[str, ...]:
    return tuple(sorted((name for name in _codes() if not name.isascii()), key=len, reverse=True))


# 香港中路, 泰国街 are streets in China.
_STREET_RE = re.compile("[东西南北中]?(?:路|街|巷|大道|道)")


def parse_country(cell: Cell, context: Context = PLAIN) -> str | None:
    text = spreadsheet.parse_line(cell)
    if text is None:
        return None
    return _codes().get(fold_name(text)) or text.upper()


def country_of_address(address: str) -> str | None:
    """The code of the country at the beginning of a Chinese address, or behind the last comma of an English one."""
    if address.isascii():
        return _codes().get(fold_name(address.rpartition(",")[2].strip(" ."))) if "," in address else None
    if not address.startswith(_chinese_names()):
        return None
    name = next(name for name in _chinese_names() if address.startswith(name))
    return None if _STREET_RE.match(address, len(name)) else _codes()[name]
