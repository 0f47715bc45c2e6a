"""The columns of applications."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import pgettext_lazy as _p

from alliance.models import Application
from registry.api.json_schema import INTEGER, NULLABLE_INTEGER, NULLABLE_TEXT, TEXT
from registry.columns import Column, date_column, field_column, text_column

_FILES: Any = Application.attachments.through._default_manager.filter(application=OuterRef("pk")).order_by()
_COUNT = Subquery(_FILES.values("application").annotate(n=Count("pk")).values("n"), output_field=IntegerField())

APPLICATION_COLUMNS: tuple[Column, ...] = (
    field_column(Application, "id", in_file=False),
    text_column(
        "registry_no",
        _p("column", "Registry number"),
        expression="organization__registry_no",
        schema=TEXT,
    ),
    text_column(
        "name_zh",
        _p("column", "Organization name"),
        expression="organization__name_zh",
        schema=NULLABLE_TEXT,
        width=36,
    ),
    field_column(Application, "kind"),
    field_column(Application, "state"),
    text_column("tier", _p("column", "Tier applied for"), expression="tier__code", schema=NULLABLE_TEXT),
    field_column(Application, "applied_on"),
    field_column(Application, "notice_on"),
    field_column(Application, "certificate_returned", width=8),
    field_column(Application, "announced_from"),
    field_column(Application, "announced_until"),
    text_column("decision", _p("column", "Decision"), expression="decision_id", schema=NULLABLE_INTEGER, in_file=False),
    date_column("decided_on", _p("column", "Decided on"), expression="decision__meeting__held_on"),
    field_column(Application, "effective_on"),
    text_column(
        "membership", _p("column", "Membership"), expression="membership_id", schema=NULLABLE_INTEGER, in_file=False
    ),
    text_column(
        "attachments", _p("column", "Number of attachments"), expression=Coalesce(_COUNT, 0), schema=INTEGER, width=8
    ),
    field_column(Application, "remarks", width=36),
    field_column(Application, "answer", width=36),
)
