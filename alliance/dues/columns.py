"""The columns of standards, classes, dues and payments; all of them confidential."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Model, OuterRef, When
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance.dues import labels
from alliance.dues.choices import PartOfYear
from alliance.dues.models import Due, DuesClass, DuesStandard, DueState, Payment
from alliance.dues.rules import BY_PROCEDURE, NOT_BY_PROCEDURE
from alliance.meetings.wording import decision_named
from alliance.members.naming_columns import naming_columns
from alliance.models.alliances import Tier
from registry.api.json_schema import BOOLEAN, INTEGER, NULLABLE_INTEGER, NULLABLE_TEXT, TEXT, array_schema
from registry.columns import Column, Hint, choice_column, date_column, field_column, number, text_column
from registry.organizations.columns.parts import last_day, parse_last_day
from registry.organizations.columns.template_help import DATE, NEW
from registry.spreadsheet import (
    Cell,
    Context,
    Vocabulary,
    choice_vocabulary,
    join_list,
    list_parser,
    parse_date,
    parse_money,
    parse_unit,
    parse_year,
)

DUES = _p("columns", "Dues")
_MONEY = {"type": "number"}
_YUAN = Context(unit=parse_unit("元"))


def parse_yuan(cell: Cell, context: Context = _YUAN) -> Decimal | None:
    """Return an amount in yuan: banks write numbers without a unit."""
    return parse_money(cell, context if context.unit else _YUAN)


def _field(
    model: type[Model], name: str, label: str | Promise, note: str | Promise = "", example: str = "", **options: Any
) -> Column:
    hint = Hint(note, example, options.pop("required", False))
    return field_column(model, name, **{"label": label, "group": DUES, "hint": hint} | options)


def _money(name: str, label: Promise, **options: Any) -> Column:
    """Return a computed amount, which files show and no import reads."""
    computed = {"group": DUES, "hint": None, "in_file": False, "only_written": True}
    return text_column(name, label, schema=_MONEY, present=number, **computed | options)


def _yuan(name: str, label: Promise, note: str | Promise, example: str) -> Column:
    synonyms = labels.RELIEF if name == "relief" else labels.DUE_AMOUNT
    return _field(Due, name, label, note, example, parse=parse_yuan, sql_type="numeric", synonyms=synonyms)


def _procedure(by_procedure: bool, context: object) -> str:
    return str(_("as prescribed") if by_procedure else NOT_BY_PROCEDURE)


_DECISION, _RELIEF_DECISION = _p("column", "Decision"), _p("column", "Decision on the relief")


def _decision_for_json(name: str, number: Promise, label: Promise) -> tuple[Column, ...]:
    """Return the columns of a decision that files leave out: its number and its subject."""
    return (
        text_column(name, number, expression=f"{name}_id", schema=NULLABLE_INTEGER, in_file=False),
        text_column(
            f"{name}_subject", label, expression=f"{name}__subject", schema=NULLABLE_TEXT, width=30, in_file=False
        ),
    )


def _decision_for_files(name: str, label: Promise, synonyms: str, note: str | Promise = "", field: str = "") -> Column:
    """Return the column with day and subject of a decision; `field` leads to it where it is not called `name`."""
    return text_column(
        f"{name}_named",
        label,
        expression=decision_named(field or name),
        schema=NULLABLE_TEXT,
        width=36,
        in_list=False,
        synonyms=synonyms,
        group=DUES,
        hint=Hint(note, "2025-03-01 关于会费标准的决议"),
    )


def _of_standard(name: str, label: Promise, note: str | Promise = "", example: str = "", **options: Any) -> Column:
    """Return the column of a standard in the file of its classes."""
    hint = Hint(note, example, options.pop("required", False), options.pop("values", None))
    of_standard = {"expression": f"standard__{name}", "in_list": False, "label": label, "group": DUES, "hint": hint}
    return field_column(DuesStandard, name, **of_standard | options)


STANDARD_COLUMNS: tuple[Column, ...] = (
    field_column(DuesStandard, "id"),
    field_column(DuesStandard, "begins_on"),
    field_column(DuesStandard, "ends_on"),
    *_decision_for_json("decision", _p("column", "Number of the decision"), _DECISION),
    _decision_for_files("decision", _DECISION, labels.DECISION),
    field_column(DuesStandard, "published_on"),
    field_column(DuesStandard, "first_year"),
    field_column(DuesStandard, "last_year"),
    field_column(DuesStandard, "remarks"),
    text_column(
        "by_procedure",
        _p("column", "May dues be collected by it?"),
        expression=Case(When(BY_PROCEDURE, then=True), default=False),
        schema=BOOLEAN,
        write=_procedure,
        width=24,
    ),
)


def _codes(tiers: list[dict[str, str]], context: object) -> list[str]:
    return [tier["code"] for tier in tiers]


def _names(tiers: list[dict[str, str]], context: object) -> str:
    return join_list(tier["name_zh"] for tier in tiers)


def parts_of_year() -> Vocabulary[str]:
    return choice_vocabulary(_("part of the year"), PartOfYear.choices, labels.PARTS)


def class_tiers(key: str) -> ArraySubquery:
    """Return the expression for the tiers of the class whose key is at the path."""
    tiers = Tier.objects.filter(dues_classes=OuterRef(key)).order_by("rank", "id")
    return ArraySubquery(tiers.values_list(JSONObject(code="code", name_zh="name_zh")))


CLASS_COLUMNS: tuple[Column, ...] = (
    field_column(DuesClass, "id", in_file=False),
    text_column(
        "standard", _p("column", "Number of the standard"), expression="standard_id", schema=INTEGER, in_file=False
    ),
    _of_standard(
        "begins_on",
        _p("column", "Standard applies from"),
        _("The first day of the standard; rows with the same day are classes of one standard."),
        DATE,
        required=True,
        synonyms=labels.STANDARD_FROM,
    ),
    _of_standard(
        "ends_on",
        _p("column", "Standard applies until"),
        _("The last day of the standard. Empty: it has no end."),
        "2027-12-31",
        synonyms=labels.STANDARD_UNTIL,
        write=last_day,
        parse=parse_last_day,
        sql_type="date",
    ),
    _decision_for_files(
        "decision",
        _DECISION,
        labels.DECISION,
        _("Of the assembly, by secret ballot; recorded before."),
        "standard__decision",
    ),
    _of_standard(
        "published_on",
        _p("column", "Standard made public on"),
        _("The day on which the members were told."),
        "2019-08-15",
        synonyms=labels.PUBLISHED_ON,
    ),
    _of_standard(
        "first_year",
        _p("column", "Dues of the first year"),
        _("Empty for a new standard: the whole year."),
        values=lambda: PartOfYear.labels,
        synonyms=labels.FIRST_YEAR,
        vocabulary=parts_of_year,
    ),
    _of_standard(
        "last_year",
        _p("column", "Dues of the last year"),
        _("Empty for a new standard: the whole year."),
        values=lambda: PartOfYear.labels,
        synonyms=labels.LAST_YEAR,
        vocabulary=parts_of_year,
    ),
    _of_standard("remarks", _p("column", "Remarks on the standard"), synonyms=labels.STANDARD_REMARKS, width=24),
    _field(
        DuesClass,
        "name",
        _p("column", "Dues class"),
        _("The name of the class in its standard."),
        "理事单位",
        required=True,
        width=20,
        synonyms=labels.CLASS,
    ),
    _field(
        DuesClass,
        "amount",
        _p("column", "Amount a year (yuan)"),
        _("One fixed amount in yuan, no range."),
        "5000",
        required=NEW,
        synonyms=labels.CLASS_AMOUNT,
        parse=parse_yuan,
        sql_type="numeric",
    ),
    text_column(
        "tiers",
        _p("column", "Proposed for tiers"),
        expression=class_tiers("pk"),
        schema=array_schema(TEXT),
        present=_codes,
        write=_names,
        synonyms=labels.CLASS_TIERS,
        sql_type="bigint[]",
        parser_of=list_parser,
        group=DUES,
        hint=Hint(
            _("A tier belongs to one class. Several are separated by a semicolon (;)."), "理事单位", several=True
        ),
        width=24,
    ),
)
"""JSON has the first day on which a standard does not apply (`ends_on`), its file and its form the last one."""


def bases() -> Vocabulary[str]:
    return choice_vocabulary(_("reason for the class"), Due.Basis.choices)


DUE_COLUMNS: tuple[Column, ...] = (
    field_column(Due, "id", in_file=False),
    *naming_columns("member", labels.MEMBER),
    _field(
        Due,
        "year",
        _p("column", "Year of the dues"),
        _("A member has dues once a year."),
        "2025",
        required=True,
        parse=parse_year,
        synonyms=labels.YEAR,
    ),
    text_column(
        "dues_class",
        _p("column", "Dues class"),
        expression="dues_class__name",
        schema=TEXT,
        width=20,
        synonyms=labels.CLASS,
        group=DUES,
        hint=Hint(_("A class of the standard that applies in the year."), "理事单位", NEW),
    ),
    date_column(
        "standard_from",
        _p("column", "Standard applies from"),
        expression="dues_class__standard__begins_on",
        in_list=False,
        parse=parse_date,
        sql_type="date",
        synonyms=labels.STANDARD_FROM,
        group=DUES,
        hint=Hint(_("Needed only where several standards of the year have a class of this name."), DATE),
    ),
    _field(Due, "basis", _p("column", "Reason for the class"), synonyms="basis", vocabulary=bases),
    _field(
        Due,
        "months",
        _p("column", "Months owed"),
        _("For how many months of the year; empty for new ones: 12."),
        "12",
        synonyms=labels.MONTHS,
    ),
    _yuan("amount", _p("column", "Dues (yuan)"), _("Empty: what the class makes for these months."), "5000"),
    _yuan("relief", _p("column", "Relief (yuan)"), _("With its rule, its reason and its decision."), "1000"),
    _field(
        Due,
        "relief_rule",
        _p("column", "Rule of the relief"),
        _("The rule by which it is granted."),
        "会费管理办法第五条",
        width=24,
        synonyms=labels.RELIEF_RULE,
    ),
    _field(
        Due,
        "relief_reason",
        _p("column", "Reason of the relief"),
        example="虚构",
        width=24,
        synonyms=labels.RELIEF_REASON,
    ),
    *_decision_for_json("relief_decision", _p("column", "Number of the decision on the relief"), _RELIEF_DECISION),
    _decision_for_files(
        "relief_decision",
        _RELIEF_DECISION,
        labels.RELIEF_DECISION,
        _("The day and the subject of a passed decision that is recorded."),
    ),
    _money("owed", _p("column", "To be paid (yuan)")),
    _money("paid", _p("column", "Paid (yuan)")),
    _money("balance", _p("column", "Balance (yuan)")),
    choice_column(
        "state",
        _p("column", "State of payment"),
        DueState,
        expression=DueState.case(),
        in_file=False,
        only_written=True,
    ),
    _field(Due, "remarks", _p("column", "Remarks on the dues"), width=24, synonyms=labels.DUE_REMARKS),
)

PAYMENT_COLUMNS: tuple[Column, ...] = (
    field_column(Payment, "id", in_file=False),
    *naming_columns("due__member", labels.NAME),
    text_column(
        "year",
        _p("column", "Year of the dues"),
        expression="due__year",
        schema=INTEGER,
        parse=parse_year,
        sql_type="smallint",
        synonyms=labels.YEAR,
        group=DUES,
        hint=Hint(
            _("Needed only where name and amount leave open which year is paid, or for a part of the dues."), "2025"
        ),
    ),
    _field(
        Payment,
        "paid_on",
        _p("column", "Paid on"),
        _("The day on which the bank booked it."),
        DATE,
        required=NEW,
        synonyms=labels.PAID_ON,
    ),
    _field(
        Payment,
        "amount",
        _p("column", "Amount paid (yuan)"),
        _("What came in, in yuan."),
        "2000",
        required=NEW,
        synonyms=labels.AMOUNT,
        parse=parse_yuan,
        sql_type="numeric",
    ),
    _field(
        Payment,
        "payer",
        _p("column", "Payer as the bank writes it"),
        _("Kept if it is not the name of the member."),
        "",
        width=30,
        synonyms=labels.PAYER,
    ),
    _field(
        Payment,
        "text",
        _p("column", "Text of the bank"),
        _("A year in it helps to find the dues."),
        "2025年度会费",
        width=30,
        synonyms=labels.TEXT,
    ),
    _field(
        Payment,
        "serial_no",
        _p("column", "Serial number of the bank"),
        _("By it a line is recognised that was read before."),
        "2025112900000001",
        width=24,
        synonyms=labels.SERIAL_NO,
    ),
    _field(
        Payment,
        "receipt_no",
        _p("column", "Number of the dues receipt"),
        _("Of the receipt that the member was given."),
        "虚构00000001",
        width=20,
        synonyms=labels.RECEIPT_NO,
    ),
)
