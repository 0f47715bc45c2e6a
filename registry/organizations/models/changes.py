"""Stores the latest change of every organization with its transaction, for the feed of changes.

There is one row for each organization that ever existed, maintained by statement triggers for every way of writing. A
change of names, tags, identifiers and qualifications counts, too, because it touches the organization (triggers.py).

Changes are numbered by their transactions (xid8). These numbers grow by the beginning of a transaction, not by its end.
Readers therefore stop before the oldest transaction that is still running; no earlier number can appear any more.
"""

import pgtrigger
from django.db import models

from registry.organizations.models.choices import GONE_STATUSES, RegistrationStatus, literals


class OrganizationChange(models.Model):  # noqa: DJ008 - never shown
    """The state of one organization in the feed of changes, with the transactions of its changes."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"
        MERGED = "merged"
        DELETED = "deleted"

    organization_id = models.BigIntegerField(primary_key=True)
    registry_no = models.CharField(max_length=20)
    changed_in = models.BigIntegerField()
    created_in = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State)
    state_since = models.BigIntegerField()
    published = models.BooleanField()
    published_since = models.BigIntegerField(null=True)
    """The transaction since which the organization is published, or is no longer published; null if it never was."""

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["changed_in", "organization_id"], name="change_order")]


class ChangeOrigin(models.Model):  # noqa: DJ008 - never shown
    """The database cluster whose transactions number the changes: one row.

    A dump carries the numbers into another cluster, which counts its own transactions: there the numbers mean nothing,
    and a feed by them would leave out changes. Readers therefore compare the cluster, and REBUILD numbers the changes
    anew.
    """

    cluster = models.CharField(max_length=20)
    """`system_identifier` of the cluster, which initdb draws.

    A physical copy keeps it, together with its transactions.
    """
    numbered_in = models.BigIntegerField(db_default=0)
    """The transaction that has numbered the changes anew; earlier cursors do not fit the new numbers."""

    class Meta:
        default_permissions = ()


_CLOSED = literals(status for status in GONE_STATUSES if status != RegistrationStatus.MERGED)
_STATE = f"""CASE WHEN o.registration_status = 'merged' THEN 'merged'
        WHEN o.registration_status IN ({_CLOSED}) THEN 'closed' ELSE 'open' END"""
_COLUMNS = """(organization_id, registry_no, changed_in, created_in, state, state_since,
        published, published_since)"""
_NOW = "pg_current_xact_id()::text::bigint"
_KEPT = f"""
    INSERT INTO registry_organizationchange AS c {_COLUMNS}
    SELECT o.id, o.registry_no, x, x, {_STATE}, x, o.published, CASE WHEN o.published THEN x END
    FROM %s o, (SELECT {_NOW} AS x) this
    ON CONFLICT (organization_id) DO UPDATE SET
        registry_no = excluded.registry_no,
        changed_in = excluded.changed_in,
        state = excluded.state,
        state_since = CASE WHEN c.state = excluded.state THEN c.state_since ELSE excluded.changed_in END,
        published = excluded.published,
        published_since = CASE WHEN c.published = excluded.published THEN c.published_since
            ELSE excluded.changed_in END
    WHERE (c.changed_in, c.state, c.published) IS DISTINCT FROM
        (excluded.changed_in, excluded.state, excluded.published);
    RETURN NULL;
"""
KEEP_CHANGES = [
    pgtrigger.Trigger(
        name="change_insert",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=_KEPT % "new_rows",
    ),
    pgtrigger.Trigger(
        name="change_update",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=_KEPT % "new_rows",
    ),
    pgtrigger.Trigger(
        name="change_delete",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(old="old_rows"),
        func=f"""
            UPDATE registry_organizationchange c SET changed_in = x, state = 'deleted', state_since = x,
                published = false, published_since = CASE WHEN c.published THEN x ELSE c.published_since END
            FROM old_rows o, (SELECT {_NOW} AS x) this WHERE c.organization_id = o.id;
            RETURN NULL;
        """,
    ),
]
REBUILD = f"""
    INSERT INTO registry_organizationchange {_COLUMNS}
    SELECT o.id, o.registry_no, x, x, {_STATE}, x, o.published, CASE WHEN o.published THEN x END
    FROM registry_organization o, (SELECT {_NOW} AS x) this
"""
"""Fills the table after it was emptied."""
SET_ORIGIN = """
    INSERT INTO registry_changeorigin (id, cluster, numbered_in)
    SELECT 1, system_identifier::text, pg_current_xact_id()::text::bigint FROM pg_control_system()
    ON CONFLICT (id) DO UPDATE SET cluster = excluded.cluster, numbered_in = excluded.numbered_in
"""
IS_FOREIGN = """
    SELECT EXISTS (
        SELECT 1 FROM registry_changeorigin o JOIN pg_control_system() c ON o.cluster <> c.system_identifier::text
    )
"""
"""Whether the numbers belong to another cluster, whose dump was restored here."""
