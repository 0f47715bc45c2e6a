"""Reads cells of organizations: codes, currencies, industries, former names, identifiers."""

import re
import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry import spreadsheet
from registry.organizations.models.details import Name
from registry.organizations.models.organizations import Organization
from registry.organizations.vocabularies import schemes
from registry.spreadsheet import PLAIN, Cell, Context, Parse, Vocabulary
from registry.values.identifiers import normalise_identifier
from registry.values.industries import find_industry, find_industry_number
from registry.values.validators import CHINESE, clean_line, fold_name, normalise_uscc


def parse_code(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return a number or code in half-width characters and capital letters."""
    text = spreadsheet.parse_line(cell)
    return text and unicodedata.normalize("NFKC", text).upper()


def uscc_parser() -> Parse:
    """Return a parser for a USCC.

    It accepts a wrong check character if the registry has this very code with a reason.
    """
    accepted: set[str] | None = None

    def parse(cell: Cell, context: Context = PLAIN) -> str | None:
        nonlocal accepted
        try:
            return spreadsheet.parse_uscc(cell)
        except ValidationError as error:
            if accepted is None:
                known = Organization.objects.exclude(uscc_override_reason="").exclude(uscc=None)
                accepted = set(known.values_list("uscc", flat=True))
            code = normalise_uscc(cell) if isinstance(cell, str) else ""
            if error.code != "uscc_length" and code in accepted:
                return code
            raise

    return parse


# How the names of bodies end. What stands between commas is a name of its own only where it ends so.
_CHINESE_END_RE = re.compile(
    r"(?:公司|集团|厂|店|行|社|所|院|中心|大学|学校|实验室|协会|学会|商会|联合会|促进会|研究会|基金会|联盟|医院|局|"
    r"委员会|政府|办事处|工作室|经营部|\([^()]*合伙\)|合伙企业|个人独资企业)(?:\([^()]*\))?$"
)
_LATIN_FORM = r"(?:co|ltd|limited|inc|incorporated|corp|corporation|company|llc|llp|gmbh|plc|ag|s\.a|b\.v|pte|pty)"
_FORM_ALONE_RE = re.compile(rf"(?:{_LATIN_FORM}\b[\s.]*)+")
_LATIN_END_RE = re.compile(rf"\S.*\b{_LATIN_FORM}\.?(?: ?\([^()]*\))?$")
_SHORTEST_NAME = 4
_LATIN_BODY_RE = re.compile(r"\b(?:university|college|institute|academy|school|hospital|laborator|cent(?:er|re)\b)")


def _ends_like_name(text: str, *, beside_comma: bool) -> bool:
    key = fold_name(text)
    if re.search(f"[{CHINESE}]", key):
        return bool(_CHINESE_END_RE.search(key)) and len(key) >= _SHORTEST_NAME
    return bool(_LATIN_END_RE.fullmatch(key) or (not beside_comma and _LATIN_BODY_RE.search(key)))


def split_names(text: str) -> list[str]:
    """Return the names in a text: separated by commas or line breaks if each part ends like a name, else one name.

    X Robotics Co., Ltd. is one name. So is University of California, Berkeley, since only a legal form ends a name
    before a comma.
    """
    names = []
    for part in _split_at(text, "、，\n", beside_comma=False):
        names += _split_at(part, ",", beside_comma=True)
    return names


def _split_at(text: str, separators: str, *, beside_comma: bool) -> list[str]:
    parts: list[str] = []
    for piece in spreadsheet.split_text(text, separators):
        if parts and _FORM_ALONE_RE.fullmatch(fold_name(piece)):
            parts[-1] = f"{parts[-1]}, {piece}"
        else:
            parts.append(piece)
    if len(parts) > 1 and all(_ends_like_name(part, beside_comma=beside_comma) for part in parts):
        return parts
    return list(filter(None, [clean_line(text)]))


def join_names(names: Iterable[str]) -> str:
    """Return the names as one text from which `parse_names` reads the same names; a name it would split is quoted."""
    return ";".join(spreadsheet.join_list([name], quote=split_names(name) != [name]) for name in names)


def parse_names(cell: Cell, context: Context = PLAIN) -> list[str] | None:
    """Return the names of an organization in a cell."""
    names = spreadsheet.split_list(cell, part=split_names)
    limit = Name._meta.get_field("name").max_length or 0
    for name in names:
        if len(name) > limit:
            message = _("“%(value)s” is longer than %(limit)d characters.")
            raise spreadsheet.refuse(message, "too_long", name, limit=limit)
    return names or None


def parse_aliases(cell: Cell, context: Context = PLAIN) -> list[str] | None:
    """Return the aliases in a cell; lists of the Research Organization Registry separate them by |."""
    if isinstance(cell, str) and '"' not in cell:
        cell = cell.replace("|", ";")
    return parse_names(cell, context)


def parse_currency(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return a currency by its ISO 4217 code or its usual name."""
    text = spreadsheet.parse_line(cell)
    if text is None:
        return None
    return spreadsheet.CURRENCY_OF.get(text.lower()) or text.upper()


def parse_industry(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return an industry of GB/T 4754-2017 by its code, with or without the letter, or by its name."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == int(cell):
        return find_industry_number(cell)
    text = spreadsheet.parse_line(cell)
    return None if text is None else find_industry(text)


_WITHDRAWN = _("The Research Organization Registry has withdrawn this record: leave the row out.")


def status_parser(statuses: Vocabulary[str]) -> Parse:
    """Return a parser for registration statuses. It refuses the status of a record withdrawn by its own registry."""
    plain = spreadsheet.choice_parser(statuses)

    def parse(cell: Cell, context: Context = PLAIN) -> str | None:
        if isinstance(cell, str) and fold_name(cell) == "withdrawn":
            raise spreadsheet.refuse(_WITHDRAWN, "withdrawn", cell)
        return plain(cell, context)

    return parse


def parse_identifier(scheme: str, cell: Cell, context: Context = PLAIN) -> list[str] | None:
    """Return the values of one scheme, which may be bare, web addresses, or preceded by the name of the scheme."""
    found = []
    for text in spreadsheet.split_list(spreadsheet.cell_text(cell)):
        given, colon, rest = text.replace("：", ":", 1).partition(":")
        named = colon and not rest.startswith("//") and schemes().knows(given) and schemes().find(given) == scheme
        found.append(f"{scheme}:{normalise_identifier(scheme, rest if named else text)}")
    return unique(found)


def parse_identifiers(cell: Cell, context: Context = PLAIN) -> list[str] | None:
    """Return identifiers as `scheme:value` in the stored form; a cell may name a scheme by its label."""
    found = []
    for scheme, value in spreadsheet.parse_identifiers(cell) or []:
        code = schemes().find(scheme)
        found.append(f"{code}:{normalise_identifier(code, value)}")
    return unique(found)


def unique(values: Iterable[str]) -> list[str] | None:
    """Return the values in their order, each once; None if there are none."""
    return list(dict.fromkeys(values)) or None
