"""The columns of terms, groups, seats and office holders."""

import re
import unicodedata
from dataclasses import replace
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance.members.naming_columns import naming_columns
from alliance.models import Group, OfficeHolder, Seat, Term
from registry.api.json_schema import NULLABLE_INTEGER, NULLABLE_TEXT
from registry.columns import Column, Hint, choice_column, date_column, field_column, text_column
from registry.organizations.columns.template_help import DATE, NEW
from registry.spreadsheet import PLAIN, Cell, Context, Parse, Vocabulary, cell_text, choice_vocabulary, parse_integer

from . import labels

COUNCIL = _p("columns", "Council")
ORDINAL = r"[一二两三四五六七八九十\d]+"
_DIGITS = "零一二三四五六七八九"


def ordinal_parser(pattern: str) -> Parse:
    """Return a parser of numbers in the words around them; each group of the pattern is one place for the number."""
    known = re.compile(pattern, re.IGNORECASE)

    def parse(cell: Cell, context: Context = PLAIN) -> int | None:
        text = unicodedata.normalize("NFKC", cell_text(cell) or "").strip() if isinstance(cell, str) else ""
        found = known.fullmatch(text)
        number = next(filter(None, found.groups()), "") if found else ""
        if not number or number.isdecimal():
            return parse_integer(number or cell, context)
        tens, ten, ones = number.replace("两", "二").rpartition("十")
        if len(tens) > 1 or len(ones) > 1 or not {*tens, *ones} <= {*_DIGITS}:
            return parse_integer(cell, context)  # which says that it is no number
        return (_DIGITS.index(tens) if tens else 1) * 10 * bool(ten) + (_DIGITS.index(ones) if ones else 0)

    return parse


parse_ordinal = ordinal_parser(rf"第?\s*({ORDINAL})\s*届?(?:理事会)?|term\s*(\d+)")
"""Returns the number of a term: 3, 第3届, 第三届."""


def kinds() -> Vocabulary[str]:
    return choice_vocabulary(_("kind of group"), Group.Kind.choices, labels.KINDS)


def roles() -> Vocabulary[str]:
    return choice_vocabulary(_("role in the group"), Seat.Role.choices, labels.ROLES)


def offices() -> Vocabulary[str]:
    return choice_vocabulary(_("office"), OfficeHolder.Office.choices, labels.OFFICES)


def _field(model: type[Model], name: str, note: str | Promise = "", example: str = "", **options: Any) -> Column:
    """Return the column of a field with its help in templates; `required` says whether a row needs it."""
    hint = Hint(note, example, options.pop("required", False))
    return field_column(model, name, **{"group": COUNCIL, "hint": hint} | options)


TERM_COLUMNS: tuple[Column, ...] = (
    _field(
        Term,
        "number",
        _("The first council is number 1."),
        "3",
        required=True,
        synonyms=labels.NUMBER,
        parse=parse_ordinal,
    ),
    _field(Term, "begins_on", _("The first day of the term."), DATE, required=NEW, synonyms=labels.TERM_BEGINS),
    _field(Term, "ends_on", synonyms=labels.FIRST_DAY_AFTER, hint=None),
    _field(Term, "postponed_until", label=_p("column", "Put off, end date"), synonyms=labels.PUT_OFF, hint=None),
    _field(
        Term,
        "approval_no",
        _("Of the document by which it was put off."),
        "粤民函〔2024〕1号",
        synonyms=labels.APPROVAL,
    ),
    text_column("decision", _p("column", "Decision"), expression="decision_id", schema=NULLABLE_INTEGER, in_file=False),
)
"""Templates have the last days instead of the days after: `last_days` of the import."""

GROUP_COLUMNS: tuple[Column, ...] = (
    field_column(Group, "id", in_file=False),
    _field(
        Group,
        "name_zh",
        _("As the alliance calls it."),
        "标准化专业委员会",
        required=True,
        label=_p("column", "Group of the alliance"),
        synonyms=labels.GROUP,
    ),
    _field(Group, "name_en", synonyms="机构英文名称、name_en"),
    choice_column(
        "kind",
        _p("column", "Kind of group"),
        Group.Kind,
        synonyms=labels.KIND,
        vocabulary=kinds,
        group=COUNCIL,
        hint=Hint(values=lambda: Group.Kind.labels, required=NEW),
    ),
    _field(Group, "founded_on", _("The first day on which it exists."), DATE, synonyms=labels.FOUNDED),
    _field(
        Group,
        "dissolved_on",
        _("The first day on which it no longer exists."),
        "2024-09-01",
        synonyms=labels.DISSOLVED,
    ),
)

_GROUP = text_column(
    "group",
    _p("column", "Group of the alliance"),
    expression="group__name_zh",
    schema=NULLABLE_TEXT,
    width=28,
    synonyms=labels.GROUP,
    group=COUNCIL,
)


_MEMBER = naming_columns("member", labels.ORGANIZATION)
_PERIOD = (
    date_column(
        "begins_on",
        _p("column", "In office from"),
        synonyms=labels.FROM,
        group=COUNCIL,
        hint=Hint(_("The first day in office."), DATE, NEW),
    ),
    date_column(
        "ends_on",
        _p("column", "In office until"),
        synonyms=labels.FIRST_DAY_WITHOUT,
        group=COUNCIL,
        hint=Hint(
            _("The first day on which it no longer holds. A last day stands under “Last day in office”."), "2024-09-01"
        ),
    ),
)

SEAT_COLUMNS: tuple[Column, ...] = (
    field_column(Seat, "id", in_file=False),
    replace(_GROUP, hint=Hint(_("A group that the alliance has."), "标准化专业委员会", True)),
    choice_column(
        "kind",
        _p("column", "Kind of group"),
        Group.Kind,
        expression="group__kind",
        synonyms=labels.KIND,
        vocabulary=kinds,
        group=COUNCIL,
        hint=None,
    ),
    choice_column(
        "role",
        _p("column", "Role in the group"),
        Seat.Role,
        width=16,
        synonyms=labels.ROLE,
        vocabulary=roles,
        group=COUNCIL,
        hint=Hint(_("Empty for a new seat: member of the group."), values=lambda: Seat.Role.labels),
    ),
    *_MEMBER,
    *_PERIOD,
)


OFFICE_HOLDER_COLUMNS: tuple[Column, ...] = (
    field_column(OfficeHolder, "id", in_file=False),
    choice_column(
        "office",
        _p("column", "Office in the alliance"),
        OfficeHolder.Office,
        width=16,
        synonyms=labels.OFFICE,
        vocabulary=offices,
        group=COUNCIL,
        hint=Hint(values=lambda: OfficeHolder.Office.labels, required=True),
    ),
    replace(_GROUP, hint=Hint(_("Of a head or an expert."), "标准化专业委员会")),
    text_column(
        "name",
        _p("column", "Person's name"),
        synonyms=labels.PERSON,
        group=COUNCIL,
        hint=Hint(example="虚构某", required=True),
    ),
    text_column(
        "title",
        _p("column", "Job title in the organization"),
        synonyms=labels.TITLE,
        group=COUNCIL,
        hint=Hint(example="总经理"),
    ),
    *(replace(column, hint=column.hint and replace(column.hint, required=False)) for column in _MEMBER),
    *_PERIOD,
)
"""Personal information: the list needs the permission to view office holders."""
