"""Reads countries and regions in cells: ISO 3166-1 codes of two or three letters, names in Chinese and English."""

import json
import re
from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from registry.spreadsheet import PLAIN, Cell, Context, Vocabulary, choice_parser
from registry.values.validators import fold_name


def _names() -> Iterable[tuple[str, list[str]]]:
    """Yield each code of `fixtures/countries.json` with all texts that mean it, the Chinese name first."""
    path = settings.BASE_DIR / "fixtures" / "countries.json"
    for row in json.loads(path.read_text(encoding="utf-8")):
        yield row["code"], [row["name_zh"], row["name_en"], row["code"], row["alpha3"], *row["aliases"]]


@cache
def countries() -> Vocabulary[str]:
    """Return the vocabulary of the 249 countries and regions of ISO 3166-1."""
    return Vocabulary(_("country or region"), _names)


@cache
def _codes() -> dict[str, str]:
    """Return the codes by folded names as addresses use them; CA or Georgia at the end of an address is a state."""
    named = ((name, code) for code, names in _names() for name in names if name not in (code, "Georgia"))
    return {fold_name(name): code for name, code in named}


@cache
def _chinese_names() -> tuple[str, ...]:
    return tuple(sorted((name for name in _codes() if not name.isascii()), key=len, reverse=True))


# 香港中路, 泰国街 are streets in China, 黑山县 is a county, 朝鲜族 a people.
_WITHIN_CHINA_RE = re.compile("[东西南北中]?(?:路|街|巷|大道|道)|[县镇乡村族]")


def parse_country(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return the code of a country or region that a cell gives by code or name."""
    return choice_parser(countries())(cell, context)


def country_of_address(address: str) -> str | None:
    """Return the country code at the beginning of a Chinese address, or after the last comma of an English one."""
    if address.isascii():
        return _codes().get(fold_name(address.rpartition(",")[2].strip(" ."))) if "," in address else None
    if not address.startswith(_chinese_names()):
        return None
    name = next(name for name in _chinese_names() if address.startswith(name))
    return None if _WITHIN_CHINA_RE.match(address, len(name)) else _codes()[name]


@cache
def country_names() -> dict[str, tuple[str, str]]:
    """Return for each code the Chinese and the English name."""
    return {code: (names[0], names[1]) for code, names in _names()}
