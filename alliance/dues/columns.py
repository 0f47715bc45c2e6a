"""The columns of standards, classes, dues and payments; all of them confidential."""

from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance.dues import labels
from alliance.dues.models import Due, DuesClass, DuesStandard, DueState, Payment
from alliance.members.naming_columns import naming_columns
from registry.api.json_schema import INTEGER, NULLABLE_TEXT, TEXT
from registry.columns import Column, Hint, choice_column, field_column, number, text_column
from registry.organizations.columns.template_help import DATE, NEW
from registry.spreadsheet import Cell, Context, parse_money, parse_unit, parse_year

DUES = _p("columns", "Dues")
_MONEY = {"type": "number"}
NULLABLE_INTEGER = {"type": ["integer", "null"]}
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
    return text_column(name, label, schema=_MONEY, present=number, **{"group": DUES, "hint": None} | options)


STANDARD_COLUMNS: tuple[Column, ...] = (
    field_column(DuesStandard, "id"),
    field_column(DuesStandard, "begins_on"),
    field_column(DuesStandard, "ends_on"),
    text_column("decision", _p("column", "Number of the decision"), expression="decision_id", schema=NULLABLE_INTEGER),
    text_column(
        "decision_subject",
        _p("column", "Decision"),
        expression="decision__subject",
        schema=NULLABLE_TEXT,
        width=30,
    ),
    field_column(DuesStandard, "published_on"),
    field_column(DuesStandard, "first_year"),
    field_column(DuesStandard, "last_year"),
    field_column(DuesStandard, "remarks"),
)

CLASS_COLUMNS: tuple[Column, ...] = (
    field_column(DuesClass, "id"),
    text_column("standard", _p("column", "Number of the standard"), expression="standard_id", schema=INTEGER),
    field_column(DuesClass, "name", label=_p("column", "Dues class"), width=20),
    field_column(DuesClass, "amount", label=_p("column", "Amount a year (yuan)")),
)


DUE_COLUMNS: tuple[Column, ...] = (
    field_column(Due, "id", in_file=False),
    *naming_columns("member", labels.NAME),
    field_column(Due, "year", label=_p("column", "Year of the dues"), group=DUES),
    text_column("dues_class", _p("column", "Dues class"), expression="dues_class__name", schema=TEXT, width=20),
    field_column(Due, "basis", label=_p("column", "Reason for the class")),
    field_column(Due, "months", label=_p("column", "Months owed")),
    field_column(Due, "amount", label=_p("column", "Dues (yuan)")),
    field_column(Due, "relief", label=_p("column", "Relief (yuan)")),
    field_column(Due, "relief_rule", label=_p("column", "Rule of the relief"), width=24),
    field_column(Due, "relief_reason", label=_p("column", "Reason of the relief"), width=24),
    text_column(
        "relief_decision",
        _p("column", "Number of the decision on the relief"),
        expression="relief_decision_id",
        schema=NULLABLE_INTEGER,
        in_file=False,
    ),
    text_column(
        "relief_decision_subject",
        _p("column", "Decision on the relief"),
        expression="relief_decision__subject",
        schema=NULLABLE_TEXT,
        width=24,
    ),
    _money("owed", _p("column", "To be paid (yuan)")),
    _money("paid", _p("column", "Paid (yuan)")),
    _money("balance", _p("column", "Balance (yuan)")),
    choice_column("state", _p("column", "State of payment"), DueState, expression=DueState.case()),
    field_column(Due, "remarks", label=_p("column", "Remarks on the dues"), width=24),
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
