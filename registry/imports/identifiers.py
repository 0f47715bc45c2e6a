"""Identifiers in cells: `scheme:value` in one column for all, or the bare value in a column for its scheme."""

from collections.abc import Iterable
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry import cells
from registry.cells import PLAIN, Cell, Context, Vocabulary
from registry.identifiers import normalise_identifier
from registry.imports.staging import FileColumn
from registry.models.details import Scheme

_LABELS: dict[str, list[str]] = {
    Scheme.ROR: ["ROR ID", "ROR编号"],
    Scheme.LEI: ["LEI code", "法人识别编码", "全球法人识别编码", "法人机构识别编码"],
    Scheme.REGISTRATION_NUMBER: [
        "注册号",
        "工商注册号",
        "营业执照号",
        "营业执照注册号",
        "工商登记号",
        "registration_no",
    ],
    Scheme.ORGANIZATION_CODE: ["组织机构代码", "机构代码", "组织机构代码证号", "organization_code"],
    Scheme.STOCK_CODE: ["股票代码", "证券代码", "股票编号", "stock_code", "ticker"],
    Scheme.ISNI: ["ISNI"],
    Scheme.GRID: ["GRID ID"],
    Scheme.WIKIDATA: ["Wikidata ID"],
    Scheme.CUSTOMS_CODE: ["海关编码", "海关代码", "海关注册编码", "海关备案编码", "报关代码", "customs_code"],
}
IDENTIFIER_COLUMNS = tuple(f"identifier_{scheme}" for scheme in Scheme.values)


def identifier_columns(group: str | Promise) -> list[FileColumn]:
    """A column for each scheme; its values go the way of the column for all schemes."""
    columns = []
    for name, scheme in zip(IDENTIFIER_COLUMNS, Scheme, strict=True):
        labels = []
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                labels.append(str(scheme.label))
        parse = partial(parse_identifier, scheme.value)
        labels = list(dict.fromkeys([*labels, *_LABELS[scheme]]))
        columns.append(FileColumn(name, labels, parse, "text[]", stands_for=("identifiers",), group=group))
    return columns


def key_columns(group: str | Promise) -> list[FileColumn]:
    """For files that only find organizations by their identifiers: one column for all schemes, and one for each."""
    labels = ["其他证照编号", "Other identifiers", "证照编号"]
    return [FileColumn("identifiers", labels, parse_identifiers, "text[]", group=group), *identifier_columns(group)]


def join_identifiers(values: dict[str, Any]) -> None:
    """Bring the identifiers of one row together in `identifiers`."""
    for name in IDENTIFIER_COLUMNS:
        if name in values:
            values["identifiers"] = unique([*values.get("identifiers", ()), *values.pop(name)])


def parse_identifier(scheme: str, cell: Cell, context: Context = PLAIN) -> list[str] | None:
    """Values of one scheme, bare or as web addresses; whoever writes the scheme before it is understood too."""
    found = []
    for text in cells.split_list(cells.cell_text(cell)):
        given, colon, rest = text.replace("：", ":", 1).partition(":")
        named = colon and not rest.startswith("//") and schemes().knows(given) and schemes().find(given) == scheme
        found.append(f"{scheme}:{normalise_identifier(scheme, rest if named else text)}")
    return unique(found)


def parse_identifiers(cell: Cell, context: Context = PLAIN) -> list[str] | None:
    """Identifiers as `scheme:value` in the form in which they are stored; a scheme may be named by its label."""
    found = []
    for scheme, value in cells.parse_identifiers(cell) or []:
        code = schemes().find(scheme)
        found.append(f"{code}:{normalise_identifier(code, value)}")
    return unique(found)


def unique(values: Iterable[str]) -> list[str] | None:
    return list(dict.fromkeys(values)) or None


@cache
def schemes() -> Vocabulary[str]:
    return cells.choice_vocabulary(_("identifier scheme"), Scheme.choices)
