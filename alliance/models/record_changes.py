"""The log of changes of what an alliance does (applications, meetings, dues and the like), for the feeds of changes.

Triggers write a row for everything that happens to such a record, in every way of writing. A row names the record by
its key and holds nothing of it: what the record is, the feed reads from the record itself, by the rights of the reader.
"""

from collections.abc import Iterator

import pgtrigger
from django.db import models

TABLES = {
    "applications": "alliance_application",
    "attendance": "alliance_attendance",
    "certificates": "alliance_certificate",
    "decisions": "alliance_decision",
    "dues": "alliance_due",
    "dues_classes": "alliance_duesclass",
    "dues_standards": "alliance_duesstandard",
    "meetings": "alliance_meeting",
    "payments": "alliance_payment",
}
"""The name of a feed, as in its address but for hyphens -> the table that it is about."""


class RecordChange(models.Model):  # noqa: DJ008 - never shown
    class Change(models.TextChoices):
        CREATED = "created"
        CHANGED = "changed"
        DELETED = "deleted"

    changed_in = models.BigIntegerField()
    """The transaction; a restored dump is numbered anew by RENUMBER."""
    at = models.DateTimeField()
    alliance_id = models.BigIntegerField()
    feed = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    change = models.CharField(max_length=10, choices=Change)

    RENUMBER = "UPDATE alliance_recordchange SET changed_in = pg_current_xact_id()::text::bigint"

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["alliance_id", "feed", "changed_in", "id"], name="recordchange_order")]


def logged(feed: str, change: str, rows: str) -> str:
    """Return the statement that logs a change of the rows, each once."""
    return f"""
        INSERT INTO alliance_recordchange (changed_in, at, alliance_id, feed, record_id, change)
        SELECT pg_current_xact_id()::text::bigint, now(), t.alliance_id, '{feed}', t.id, '{change}'
        FROM (SELECT DISTINCT s.alliance_id, s.id FROM {rows} s) t ORDER BY t.id;
    """


def _statements(feed: str, change: str, rows: str, others: dict[str, str]) -> str:
    own = logged(feed, change, f"({rows})") if feed else ""
    shown = (
        logged(other, "changed", f"(SELECT * FROM {TABLES[other]} WHERE id IN (WITH rows AS ({rows}) {query}))")
        for other, query in others.items()
    )
    return f"{own}{''.join(shown)} RETURN NULL;"


_NEW, _OLD = "SELECT * FROM new_rows", "SELECT * FROM old_rows"
_CHANGED = f"({_NEW} EXCEPT {_OLD}) UNION ALL ({_OLD} EXCEPT {_NEW})"
"""The rows that an update has changed, each as it was and as it is."""
_EVENTS = (
    ("insert", pgtrigger.Insert, pgtrigger.Referencing(new="new_rows"), "created", _NEW),
    ("update", pgtrigger.Update, pgtrigger.Referencing(old="old_rows", new="new_rows"), "changed", _CHANGED),
    ("delete", pgtrigger.Delete, pgtrigger.Referencing(old="old_rows"), "deleted", _OLD),
)


def fed(feed: str = "", **others: str) -> Iterator[pgtrigger.Trigger]:
    """Yield the triggers of a table whose records are in a feed, or are shown with records of other feeds.

    `others` has for such a feed the query for the keys of its records that show one of the `rows`.
    """
    for name, operation, referencing, change, rows in _EVENTS:
        yield pgtrigger.Trigger(
            name=f"feed_{name}",
            when=pgtrigger.After,
            operation=operation,
            level=pgtrigger.Statement,
            referencing=referencing,
            func=_statements(feed, change, rows, others),
        )


OF_MEMBER = pgtrigger.Trigger(
    name="feed_naming",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("organization_id", "member_no"),
    condition=pgtrigger.Condition("OLD.organization_id <> NEW.organization_id OR OLD.member_no <> NEW.member_no"),
    func=_statements(
        "",
        "changed",
        "SELECT NEW.id AS id",
        {
            "attendance": "SELECT a.id FROM alliance_attendance a JOIN rows s ON s.id = a.member_id",
            "certificates": "SELECT c.id FROM alliance_certificate c JOIN rows s ON s.id = c.member_id",
            "dues": "SELECT d.id FROM alliance_due d JOIN rows s ON s.id = d.member_id",
            "payments": """
                SELECT p.id FROM alliance_payment p JOIN alliance_due d ON d.id = p.due_id
                JOIN rows s ON s.id = d.member_id
            """,
        },
    ),
)
"""A member that is another organization by now, or has another number, is named otherwise in all of these."""
