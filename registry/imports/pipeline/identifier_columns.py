"""Columns for identifiers: one for all schemes, with `scheme:value` in its cells, and one for each scheme."""

from functools import partial
from typing import Any

from django.utils.functional import Promise

from registry.imports.pipeline.staging import FileColumn
from registry.organizations.models.details import Scheme
from registry.organizations.parsers import parse_identifier, parse_identifiers, unique
from registry.spreadsheet.vocabulary import choice_names

_LABELS: dict[str, str] = {
    Scheme.ROR: "ROR ID、ROR编号",
    Scheme.LEI: "LEI code、法人识别编码、全球法人识别编码、法人机构识别编码",
    Scheme.REGISTRATION_NUMBER: "注册号、工商注册号、营业执照号、营业执照注册号、工商登记号、registration_no",
    Scheme.ORGANIZATION_CODE: "组织机构代码、机构代码、组织机构代码证号、organization_code",
    Scheme.STOCK_CODE: "股票代码、证券代码、股票编号、stock_code、ticker",
    Scheme.ISNI: "ISNI",
    Scheme.GRID: "GRID ID",
    Scheme.WIKIDATA: "Wikidata ID",
    Scheme.CUSTOMS_CODE: "海关编码、海关代码、海关注册编码、海关备案编码、报关代码、customs_code",
}
IDENTIFIER_COLUMNS = tuple(f"identifier_{scheme}" for scheme in Scheme.values)


def identifier_columns(group: str | Promise) -> list[FileColumn]:
    """Return a column for each scheme; its values are added to the values of the column for all schemes."""
    columns = []
    names = choice_names(Scheme.choices)
    for name, scheme in zip(IDENTIFIER_COLUMNS, Scheme.values, strict=True):
        labels = list(dict.fromkeys([*names[scheme][:-1], *_LABELS[scheme].split("、")]))
        parse = partial(parse_identifier, scheme)
        columns.append(FileColumn(name, labels, parse, "text[]", stands_for=("identifiers",), group=group))
    return columns


def key_columns(group: str | Promise) -> list[FileColumn]:
    """Return the identifier columns of files that only look organizations up: one for all schemes, and one for each."""
    labels = ["其他证照编号", "Other identifiers", "证照编号"]
    return [FileColumn("identifiers", labels, parse_identifiers, "text[]", group=group), *identifier_columns(group)]


def join_identifiers(values: dict[str, Any]) -> None:
    """Combine all identifiers of one row in the value `identifiers`."""
    for name in IDENTIFIER_COLUMNS:
        if name in values:
            values["identifiers"] = unique([*values.get("identifiers", ()), *values.pop(name)])
