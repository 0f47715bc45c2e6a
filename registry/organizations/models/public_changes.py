"""Keeps for each organization that was ever published when the public last saw a change of it, with its transaction.

`updated_at` does not tell that: it also moves with remarks and sources. Statement triggers compare what is public,
whichever way is written. A row stays when its organization is no longer published, or gone: so it also says that there
once was something to see.
"""

import pgtrigger
from django.db import models

from registry.organizations.models.published import PUBLIC_FIELDS, column_of

VERIFICATION = ("verified_on", "verified_from")
"""The public fields that wait for no review: who may verify says it to everybody."""


class PublicChange(models.Model):  # noqa: DJ008 - never shown
    # Nothing checks it: the row stays when its organization is gone.
    organization = models.OneToOneField(
        "registry.Organization", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="public_change"
    )
    registry_no = models.CharField(max_length=20, unique=True)
    changed_at = models.DateTimeField(db_index=True)
    changed_in = models.BigIntegerField(default=0)
    """The transaction; 0 where it ended a publication before the changes were numbered anew."""

    RENUMBER = """
        UPDATE registry_publicchange c SET changed_in = CASE
            WHEN EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published)
            THEN pg_current_xact_id()::text::bigint ELSE 0 END
    """

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["changed_in", "organization"], name="publicchange_order")]


_NOW = "now(), pg_current_xact_id()::text::bigint"


def _kept(rows: str) -> str:
    return f"""
        INSERT INTO registry_publicchange AS c (organization_id, registry_no, changed_at, changed_in)
        SELECT DISTINCT r.id, r.registry_no, {_NOW} FROM ({rows}) r ORDER BY r.id
        ON CONFLICT (organization_id) DO UPDATE SET
            changed_at = excluded.changed_at, changed_in = excluded.changed_in;
    """


def _trigger(name: str, operation: pgtrigger.Operation, func: str, **referencing: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"public_change_{name}",
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(**referencing),
        func=f"{func} RETURN NULL;",
    )


_OWN = ", ".join(["id", "registry_no", *map(column_of, (*PUBLIC_FIELDS["organization"], *VERIFICATION))])
_NEW = f"SELECT {_OWN} FROM new_rows WHERE published"
_OLD = f"SELECT {_OWN} FROM old_rows WHERE published"
KEEP_PUBLIC_CHANGES = [
    _trigger("insert", pgtrigger.Insert, _kept(_NEW), new="new_rows"),
    _trigger(
        "update",
        pgtrigger.Update,
        f"""
        IF EXISTS (SELECT 1 FROM old_rows WHERE published) OR EXISTS (SELECT 1 FROM new_rows WHERE published) THEN
            {_kept(f"({_NEW} EXCEPT {_OLD}) UNION ALL ({_OLD} EXCEPT {_NEW})")}
        END IF;
        """,
        old="old_rows",
        new="new_rows",
    ),
    _trigger("delete", pgtrigger.Delete, _kept(_OLD), old="old_rows"),
]


def keep_public_changes(model: str, public: str = "true") -> list[pgtrigger.Trigger]:
    """Return the triggers of a child table whose rows `r` are public with their organization where `public` holds."""
    fields = ", ".join(f"r.{column_of(name)}" for name in PUBLIC_FIELDS[model])

    def side(rows: str) -> str:
        return f"SELECT r.organization_id, r.id, {fields} FROM {rows} r WHERE {public}"

    def touched(rows: str) -> str:
        return f"""
            UPDATE registry_publicchange c SET (changed_at, changed_in) = ({_NOW})
            WHERE c.organization_id IN (SELECT t.organization_id FROM ({rows}) t)
                AND EXISTS (SELECT 1 FROM registry_organization o WHERE o.id = c.organization_id AND o.published);
        """

    new, old = side("new_rows"), side("old_rows")
    both = f"({new} EXCEPT {old}) UNION ALL ({old} EXCEPT {new})"
    return [
        _trigger("insert", pgtrigger.Insert, touched(new), new="new_rows"),
        _trigger("update", pgtrigger.Update, touched(both), old="old_rows", new="new_rows"),
        _trigger("delete", pgtrigger.Delete, touched(old), old="old_rows"),
    ]
