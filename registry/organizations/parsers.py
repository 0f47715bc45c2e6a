"""How cells of organizations are read: codes, currencies, industries, former names, identifiers."""

import re
import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry import spreadsheet
from registry.organizations.models.details import Name
from registry.organizations.models.organizations import Organization
from registry.organizations.vocabularies import schemes
from registry.spreadsheet import PLAIN, Cell, Context, Parse
from registry.values.identifiers import normalise_identifier
from registry.values.validators import normalise_uscc


def parse_code(cell: Cell, context: Context = PLAIN) -> str | None:
    """A number or code: half width, capital letters."""
    text = spreadsheet.parse_line(cell)
    return text and unicodedata.normalize("NFKC", text).upper()


def uscc_parser() -> Parse:
    """Reads a USCC. A wrong check character is let through where the registry has this very code, with a reason."""
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


def parse_names(cell: Cell, context: Context = PLAIN) -> list[str] | None:
    """Several names of an organization."""
    names = spreadsheet.split_list(cell)
    limit = Name._meta.get_field("name").max_length or 0
    for name in names:
        if len(name) > limit:
            message = _("“%(value)s” is longer than %(limit)d characters.")
            raise spreadsheet.refuse(message, "too_long", name, limit=limit)
    return names or None


def parse_currency(cell: Cell, context: Context = PLAIN) -> str | None:
    """A currency by its code of ISO 4217, or by its usual name."""
    text = spreadsheet.parse_line(cell)
    if text is None:
        return None
    return spreadsheet.CURRENCY_OF.get(text.lower()) or text.upper()


def parse_industry(cell: Cell, context: Context = PLAIN) -> str | None:
    """A code by GB/T 4754, alone or before its name: I65 软件和信息技术服务业."""
    text = spreadsheet.parse_line(cell)
    if text is None:
        return None
    code = re.match(r"[A-Ta-t](?:\d{2,4})?(?![\dA-Za-z])", unicodedata.normalize("NFKC", text))
    if not code:
        raise spreadsheet.refuse(_("“%(value)s” is not a GB/T 4754 code such as I6513."), "industry", text)
    return code[0].upper()


def parse_identifier(scheme: str, cell: Cell, context: Context = PLAIN) -> list[str] | None:
    """Values of one scheme, bare or as web addresses; whoever writes the scheme before it is understood too."""
    found = []
    for text in spreadsheet.split_list(spreadsheet.cell_text(cell)):
        given, colon, rest = text.replace("：", ":", 1).partition(":")
        named = colon and not rest.startswith("//") and schemes().knows(given) and schemes().find(given) == scheme
        found.append(f"{scheme}:{normalise_identifier(scheme, rest if named else text)}")
    return unique(found)


def parse_identifiers(cell: Cell, context: Context = PLAIN) -> list[str] | None:
    """Identifiers as `scheme:value` in the form in which they are stored; a scheme may be named by its label."""
    found = []
    for scheme, value in spreadsheet.parse_identifiers(cell) or []:
        code = schemes().find(scheme)
        found.append(f"{code}:{normalise_identifier(code, value)}")
    return unique(found)


def unique(values: Iterable[str]) -> list[str] | None:
    """The values in their order, each once; None where there are none."""
    return list(dict.fromkeys(values)) or None
