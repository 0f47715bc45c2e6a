"""The columns of a file of organizations: their labels and how their cells are read."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from registry import cells
from registry.cells import PLAIN, Cell, Context, Vocabulary
from registry.columns import Column
from registry.imports.countries import parse_country
from registry.imports.identifiers import identifier_columns, parse_identifiers
from registry.imports.kinds import categories, kinds
from registry.imports.signs import only_added, signed_list_parser
from registry.imports.staging import FileColumn, Parse
from registry.models import Contact, Name, Organization, Plan, RegistrationStatus
from registry.references import Townships, references
from registry.rows import ORGANIZATION_COLUMNS
from registry.validators import normalise_uscc

_TYPES = dict.fromkeys(["founded_on", "introduced_on", "verified_on"], "date") | {
    "township": "bigint",
    "zone": "bigint",
    "registered_capital": "numeric",
    "sectors": "bigint[]",
    "qualifications": "bigint[]",
    "former_names": "text[]",
    "identifiers": "text[]",
}
_GROUPS: dict[Promise, tuple[str, ...]] = {
    _p("columns", "Names and codes"): (
        *("registry_no", "uscc", "name_zh", "name_en", "short_name", "former_names", "identifiers"),
    ),
    _p("columns", "Classification"): (
        *("kind", "category", "registration_status", "registration_type", "industry", "sectors", "qualifications"),
    ),
    _p("columns", "Place"): (*("township", "zone", "registered_address", "business_address", "country", "website"),),
    _p("columns", "Business"): (
        *("founded_on", "registered_capital", "capital_currency", "main_products", "scope", "introduction"),
    ),
    _p("columns", "Care of the record"): ("introduced_on", "source", "verified_on", "remarks"),
    _p("columns", "Contacts (personal data)"): (
        *("legal_representative", "contact_name", "contact_title", "contact_phone", "contact_email"),
    ),
}
"""Headings under which the columns are offered where somebody says what a column of a file means."""
_NATURE = ["单位性质", "企业性质", "机构性质", "type", "types", "organization type", "organization types"]
_RENAMED_ON = ["更名日期", "名称变更日期", "更名时间", "变更名称日期", "renamed on", "renamed_on", "name changed on"]
_CONTACT_FIELDS = {"legal_representative": "name"} | {
    f"contact_{name}": name for name in ("name", "title", "phone", "email")
}


def organization_columns(plan: Plan | None, townships: Townships) -> list[FileColumn]:
    """All columns of a file of organizations."""
    parse = _parsers()
    known = _vocabularies(plan, townships)
    columns = []
    for column in ORGANIZATION_COLUMNS:
        if not column.in_file:
            continue
        name = column.name
        contact = _CONTACT_FIELDS.get(name)
        vocabulary, parser_of = known.get(name, (None, cells.choice_parser))
        columns.append(
            FileColumn(
                name,
                labels_of(column),
                parse.get(name, cells.parse_line) if vocabulary is None else parser_of(vocabulary),
                _TYPES.get(name, "text"),
                _max_length(Contact, contact) if contact else _max_length(Organization, name),
                masked=contact is not None or name in ("name_zh", "name_en"),
                permission=column.permission,
                vocabulary=vocabulary,
                parser_of=parser_of,
                group=_group_of(name),
            )
        )
    # 单位性质 is a kind or category in one list (民营企业, 高校), in the next what the licence says (有限责任公司).
    nature = FileColumn(
        "nature",
        _NATURE,
        cells.parse_line,
        stands_for=("kind", "category", "registration_type"),
        group=_group_of("kind"),
    )
    # The day of a renaming: until then the record keeps the name that the file replaces, as a former one.
    renamed = FileColumn(
        "renamed_on", _RENAMED_ON, cells.parse_date, "date", stands_for=("former_names",), group=_group_of("name_zh")
    )
    return [*columns, nature, renamed, *identifier_columns(_group_of("identifiers"))]


def _group_of(name: str) -> str | Promise:
    return next((group for group, names in _GROUPS.items() if name in names), "")


def contact_columns() -> list[FileColumn]:
    """The columns of personal information, for files of other things that have them too."""
    parse = {"contact_phone": cells.parse_phone, "contact_email": cells.parse_email}
    return [
        FileColumn(
            column.name,
            labels_of(column),
            parse.get(column.name, cells.parse_line),
            max_length=_max_length(Contact, _CONTACT_FIELDS[column.name]),
            masked=True,
            permission=column.permission,
            group=_group_of(column.name),
        )
        for column in ORGANIZATION_COLUMNS
        if column.name in _CONTACT_FIELDS
    ]


def _vocabularies(
    plan: Plan | None, townships: Townships
) -> dict[str, tuple[Vocabulary[Any], Callable[[Vocabulary[Any]], Parse]]]:
    """Name of a column -> the values that it can hold, and how its cells name them."""
    known = references()
    one = cells.choice_parser
    return {
        "kind": (kinds(), one),
        "category": (categories(), one),
        "registration_status": (registration_statuses(), one),
        "township": (townships, one),
        "zone": (known.zones, one),
        "sectors": (known.sectors_of(plan), signed_list_parser),
        "qualifications": (known.gradings, _qualification_parser),
    }


def _qualification_parser(vocabulary: Vocabulary[Any]) -> Parse:
    return only_added(cells.list_parser(vocabulary, ";；"))


def _parsers() -> dict[str, Parse]:
    """Name of a column -> how its cells are read; the others are text on one line."""
    parse: dict[str, Parse] = {
        "registry_no": parse_code,
        "uscc": uscc_parser(),
        "former_names": _parse_names,
        "country": parse_country,
        "website": cells.parse_website,
        "registered_capital": cells.parse_capital,
        "capital_currency": _parse_currency,
        "industry": _parse_industry,
        "identifiers": only_added(parse_identifiers),
        "contact_phone": cells.parse_phone,
        "contact_email": cells.parse_email,
    }
    parse |= dict.fromkeys(["founded_on", "introduced_on", "verified_on"], cells.parse_date)
    parse |= dict.fromkeys(["main_products", "scope", "introduction", "remarks"], cells.parse_text)
    return parse


def labels_of(column: Column) -> list[str]:
    """The labels under which files may have a column: its own in every language of the site, and its synonyms."""
    labels = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            labels.append(str(column.label))
    return [*labels, *column.synonyms]


_STATUS_ALIASES = {
    "active": ["在业", "开业", "在营", "存续（在营、开业、在册）", "正常", "在营（开业）企业", "在册"],
    "suspended": ["停业", "已停业", "歇业", "已歇业"],
    "deregistered": ["已注销"],
    "revoked": ["吊销，未注销", "吊销未注销", "已吊销"],
    "moved_out": ["已迁出"],
    "merged": ["已合并"],
}


@cache
def registration_statuses() -> Vocabulary[str]:
    """The registration statuses, with the words of lists for them."""
    return cells.choice_vocabulary(_("registration status"), RegistrationStatus.choices, _STATUS_ALIASES)


_CURRENCY_OF = {name: code for code, names in cells.CURRENCIES.items() for name in (code.lower(), *names)}


def _max_length(model: type[Organization] | type[Contact] | type[Name], name: str) -> int | None:
    try:
        return getattr(model._meta.get_field(name), "max_length", None)
    except FieldDoesNotExist:
        return None


def uscc_parser() -> Callable[[Cell, Context], str | None]:
    """Reads a USCC. A wrong check character is let through where the registry has this very code, with a reason."""
    accepted: set[str] | None = None

    def parse(cell: Cell, context: Context = PLAIN) -> str | None:
        nonlocal accepted
        try:
            return cells.parse_uscc(cell)
        except ValidationError as error:
            if accepted is None:
                known = Organization.objects.exclude(uscc_override_reason="").exclude(uscc=None)
                accepted = set(known.values_list("uscc", flat=True))
            code = normalise_uscc(cell) if isinstance(cell, str) else ""
            if error.code != "uscc_length" and code in accepted:
                return code
            raise

    return parse


def parse_code(cell: Cell, context: Context = PLAIN) -> str | None:
    """A number or code: half width, capital letters."""
    text = cells.parse_line(cell)
    return text and unicodedata.normalize("NFKC", text).upper()


def _parse_names(cell: Cell, context: Context = PLAIN) -> list[str] | None:
    names = cells.split_list(cell)
    limit = _max_length(Name, "name") or 0
    for name in names:
        if len(name) > limit:
            raise cells.refuse(_("“%(value)s” is longer than %(limit)d characters."), "too_long", name, limit=limit)
    return names or None


def _parse_currency(cell: Cell, context: Context = PLAIN) -> str | None:
    text = cells.parse_line(cell)
    if text is None:
        return None
    return _CURRENCY_OF.get(text.lower()) or text.upper()


def _parse_industry(cell: Cell, context: Context = PLAIN) -> str | None:
    """A code by GB/T 4754, alone or before its name: I65 软件和信息技术服务业."""
    text = cells.parse_line(cell)
    if text is None:
        return None
    code = re.match(r"[A-Ta-t](?:\d{2,4})?(?![\dA-Za-z])", unicodedata.normalize("NFKC", text))
    if not code:
        raise cells.refuse(_("“%(value)s” is not a GB/T 4754 code such as I6513."), "industry", text)
    return code[0].upper()
