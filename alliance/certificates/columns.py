"""The columns of certificates."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance.members.naming_columns import naming_columns
from alliance.models import Certificate
from registry.api.json_schema import NULLABLE_TEXT
from registry.columns import Column, Hint, choice_column, field_column, text_column
from registry.organizations.columns.parts import last_day, parse_last_day
from registry.organizations.columns.template_help import DATE, NEW
from registry.spreadsheet import Vocabulary, choice_vocabulary

from . import labels

CERTIFICATE = _p("columns", "Certificate")


def kinds() -> Vocabulary[str]:
    return choice_vocabulary(_("how it ended"), Certificate.End.choices, labels.KINDS)


def _field(name: str, note: str | Promise = "", example: str = "", **options: Any) -> Column:
    hint = Hint(note, example, options.pop("required", False))
    return field_column(Certificate, name, **{"group": CERTIFICATE, "hint": hint} | options)


CERTIFICATE_COLUMNS: tuple[Column, ...] = (
    field_column(Certificate, "id", in_file=False),
    _field("number", _("As it stands on the paper."), "2024-0017", required=True, synonyms=labels.NUMBER, width=18),
    *naming_columns("member", labels.MEMBER),
    _field("issued_on", _("The day of issue."), DATE, required=NEW, synonyms=labels.ISSUED),
    _field("valid_from", _("The first day on which it holds."), DATE, required=NEW, synonyms=labels.FROM),
    _field(
        "valid_to",
        _("The last day on which it holds. Empty: it has no end."),
        "2027-08-31",
        label=_p("column", "Certificate valid until"),
        synonyms=labels.UNTIL,
        write=last_day,
        parse=parse_last_day,
    ),
    _field(
        "organization_name",
        _("If it is not the name that the organization had on the day of issue."),
        "中山市虚构机器人有限公司",
        width=36,
        synonyms=labels.PRINTED_NAME,
    ),
    _field("organization_name_en", in_list=False, hint=None, width=36),
    _field(
        "tier_name",
        _("If it is not the tier that the member had then."),
        "理事单位",
        width=18,
        synonyms=labels.TIER,
    ),
    _field("tier_name_en", in_list=False, hint=None),
    _field("alliance_name", in_list=False, hint=None, width=30),
    _field("alliance_name_en", in_list=False, hint=None, width=30),
    _field("member_number", in_list=False, hint=None),
    _field("signature", in_list=False, hint=None, width=30),
    _field("from_list", in_file=False, hint=None, editable=False),
    _field("ended_on", _("From this day on it is not valid."), "2026-03-01", synonyms=labels.ENDED),
    choice_column(
        "end_kind",
        _p("column", "How the certificate ended"),
        Certificate.End,
        blank=True,
        synonyms=labels.KIND,
        vocabulary=kinds,
        group=CERTIFICATE,
        hint=Hint(values=lambda: Certificate.End.labels),
    ),
    _field("end_reason", _("Needed where it has ended."), "单位更名", width=24, synonyms=labels.REASON),
    text_column(
        "replaced_by",
        _p("column", "Number of its successor"),
        expression="replaced_by__number",
        schema=NULLABLE_TEXT,
        width=18,
        synonyms=labels.SUCCESSOR,
        group=CERTIFICATE,
        hint=Hint(_("A certificate that is recorded already."), "2025-0003"),
    ),
    _field("returned_on", _("The day on which the paper came back."), "2026-03-01", synonyms=labels.RETURNED),
)
"""JSON has the first day on which a certificate is not valid (`valid_to`), files and forms the last valid day."""
