"""The columns of the two logs: who saw personal data in full, and which files were exported."""

import datetime
from urllib.parse import unquote_plus

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from registry.api.json_schema import NULLABLE_TEXT, TEXT
from registry.columns import Column, RenderContext, field_column, key_column, text_column
from registry.disclosure.models import Disclosure, Receipt, reason_label, receipt_number


def moment(value: datetime.datetime | None, context: RenderContext) -> str:
    return "" if value is None else f"{value.astimezone(context.zone):%Y-%m-%d %H:%M:%S}"


def _number(pk: int | None, context: RenderContext) -> str | None:
    return None if pk is None else receipt_number(pk)


def receipt_column(name: str, expression: str) -> Column:
    return text_column(name, _("receipt"), expression=expression, present=_number, write=_number, schema=NULLABLE_TEXT)


def _reason_column(model: type[Model], name: str) -> Column:
    return field_column(model, name, write=lambda value, context: reason_label(value), width=18)


def _account_column(model: type[Model]) -> Column:
    return key_column(model, "user", "username", width=16)


DISCLOSURE_COLUMNS: tuple[Column, ...] = (
    field_column(Disclosure, "id", in_file=False),
    field_column(Disclosure, "at", write=moment, width=20),
    _account_column(Disclosure),
    field_column(Disclosure, "what"),
    field_column(Disclosure, "registry_no"),
    field_column(Disclosure, "name", width=36),
    field_column(Disclosure, "member_no"),
    _reason_column(Disclosure, "reason"),
    field_column(Disclosure, "channel"),
    receipt_column("receipt", "receipt_id"),
    text_column("recipient", _("recipient"), expression="receipt__recipient", schema=NULLABLE_TEXT, width=24),
    field_column(Disclosure, "token"),
    field_column(Disclosure, "request_id", width=34),
)

RECEIPT_COLUMNS: tuple[Column, ...] = (
    receipt_column("number", "id"),
    field_column(Receipt, "started_at", write=moment, width=20),
    _account_column(Receipt),
    *(field_column(Receipt, name) for name in ("channel", "token")),
    field_column(Receipt, "title", width=30),
    field_column(Receipt, "path", width=34),
    text_column(
        "query",
        _("filters"),
        present=lambda text, context: unquote_plus(text),
        schema=TEXT,
        width=40,
        write=lambda text, context: unquote_plus(text),
    ),
    *(field_column(Receipt, name) for name in ("as_of", "columns", "format")),
    _reason_column(Receipt, "purpose"),
    field_column(Receipt, "recipient", width=24),
    field_column(Receipt, "full_numbers", write=lambda value, context: str(_("Yes") if value else _("No"))),
    field_column(Receipt, "state"),
    field_column(Receipt, "ended_at", write=moment, width=20),
    *(field_column(Receipt, name) for name in ("rows", "size")),
    field_column(Receipt, "sha256", width=66),
    field_column(Receipt, "request_id", width=34),
)
