"""The columns by which files name the member that a row is about, and by which imports find it."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from registry.api.json_schema import NULLABLE_TEXT
from registry.columns import Column, Hint, text_column
from registry.organizations.columns.template_help import NAME_KEY, NAMES, ONE_OF_KEYS, REGISTRY_NO
from registry.organizations.parsers import parse_code


def naming_columns(path: str, names: str) -> tuple[Column, ...]:
    """Return the columns for the member at the path; `names` are other headings of the column with its Chinese name."""

    def column(name: str, label: Promise, of_member: str, hint: Hint | None = None, **options: Any) -> Column:
        expression = f"{path}__{of_member}"
        return text_column(name, label, expression=expression, schema=NULLABLE_TEXT, group=NAMES, hint=hint, **options)

    number, code = _p("column", "Member number"), _p("column", "Registry number")
    chinese, english = _p("column", "Organization name"), _p("column", "English name")
    of_alliance = Hint(_("Of the alliance."), "M0001", ONE_OF_KEYS)
    return (
        column("member_no", number, "member_no", of_alliance, synonyms="会员号、会员证号、member_no"),
        column("registry_no", code, "organization__registry_no", REGISTRY_NO, parse=parse_code),
        column("name_zh", chinese, "organization__name_zh", NAME_KEY, width=36, max_length=200, synonyms=names),
        column("name_en", english, "organization__name_en", width=36, max_length=300),
    )
