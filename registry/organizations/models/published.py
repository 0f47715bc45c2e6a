"""Lists published organizations that somebody without the right to publish has changed since the last review.

Statement triggers maintain the list for every way of writing: pages, API, imports, undoing, commands. A command acts
for no account with that right, so its changes are listed, too. Old and new values are in the history.
"""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

PUBLIC_FIELDS: dict[str, tuple[str, ...]] = {
    "organization": (
        "kind",
        "category",
        "uscc",
        "name_zh",
        "name_en",
        "short_name",
        "registration_status",
        "registration_type",
        "township",
        "zone",
        "registered_address",
        "business_address",
        "country",
        "website",
        "founded_on",
        "registered_capital",
        "capital_currency",
        "industry",
        "main_products",
        "scope",
        "introduction",
        "published",
    ),
    "sectortag": ("sector", "is_primary"),
    "name": ("kind", "name"),
    "qualification": ("grading", "level", "granted_on", "valid_to"),
    "identifier": ("scheme", "value", "valid_from", "valid_to"),
}
"""Model -> its public fields, and the fields that decide whether it is public.

A test compares it with the public API.
"""


class PublishedChange(models.Model):  # noqa: DJ008 - shown by the name of its organization
    """A published organization that waits for a review. It has no foreign keys, since triggers maintain it."""

    organization = models.OneToOneField(
        "registry.Organization", models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    since = models.DateTimeField()
    """When the earliest transaction with unreviewed changes began."""
    changed_in = models.BigIntegerField()
    """The transaction of the latest change; a reviewer who saw an earlier one has not seen all changes."""

    class Meta:
        default_permissions = ()
        verbose_name = _("change of published organizations")
        verbose_name_plural = _("changes of published organizations")
        ordering = ["since", "organization"]


_TABLE = "registry_publishedchange"
_MAY_PUBLISH = """EXISTS (
        SELECT 1 FROM auth_user u
        WHERE u.id = (nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint
          AND u.is_active AND (u.is_superuser OR EXISTS (
            SELECT 1 FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
            WHERE t.app_label = 'registry' AND p.codename = 'publish_organization' AND (
                p.id IN (SELECT permission_id FROM auth_user_user_permissions WHERE user_id = u.id)
                OR p.id IN (
                    SELECT of_group.permission_id FROM auth_group_permissions of_group
                    JOIN auth_user_groups has ON has.group_id = of_group.group_id WHERE has.user_id = u.id
                )
            )
        ))
    )"""


def _columns(model: str) -> str:
    keys = {"township", "zone", "sector", "grading"}
    return ", ".join(f"{name}_id" if name in keys else name for name in PUBLIC_FIELDS[model])


def _list(organizations: str) -> str:
    return f"""
        INSERT INTO {_TABLE} AS p (organization_id, since, changed_in)
        SELECT id, now(), pg_current_xact_id()::text::bigint FROM ({organizations}) changed ORDER BY id
        ON CONFLICT (organization_id) DO UPDATE SET changed_in = excluded.changed_in,
            since = least(p.since, excluded.since)
        WHERE p.changed_in <> excluded.changed_in;
    """


def _trigger(name: str, operation: pgtrigger.Operation, func: str, **referencing: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"published_{name}",
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(**referencing),
        func=f"{func} RETURN NULL;",
    )


_OWN = _columns("organization")
# Without a join of old rows and new, for the reason that `triggers._changed()` gives.
_TURNED = "SELECT id, published FROM new_rows EXCEPT SELECT id, published FROM old_rows"
LIST_CHANGES = [
    _trigger(
        "update",
        pgtrigger.Update,
        f"""
        IF NOT EXISTS (SELECT 1 FROM old_rows WHERE published) AND NOT EXISTS (SELECT 1 FROM {_TABLE}) THEN
            RETURN NULL;
        END IF;
        IF {_MAY_PUBLISH} THEN
            DELETE FROM {_TABLE} WHERE organization_id IN (SELECT id FROM ({_TURNED}) turned);
            RETURN NULL;
        END IF;
        """
        + _list(f"""
            SELECT DISTINCT id FROM (
                SELECT id, {_OWN} FROM old_rows WHERE published EXCEPT SELECT id, {_OWN} FROM new_rows
            ) differing
        """),
        old="old_rows",
        new="new_rows",
    ),
    _trigger(
        "delete",
        pgtrigger.Delete,
        f"DELETE FROM {_TABLE} WHERE organization_id IN (SELECT id FROM old_rows);",
        old="old_rows",
    ),
]
"""The triggers of organizations. Publishing or unpublishing by an account that may do so counts as a review."""


def list_changes(model: str, condition: str = "true") -> list[pgtrigger.Trigger]:
    """Return the triggers of a child table whose rows are public with their organization if the condition holds."""
    old, new = (
        f"SELECT organization_id, {_columns(model)} FROM {rows} WHERE {condition}" for rows in ("old_rows", "new_rows")
    )

    def listed(rows: str) -> str:
        return f"IF {_MAY_PUBLISH} THEN RETURN NULL; END IF;" + _list(f"""
            SELECT o.id FROM registry_organization o
            WHERE o.published AND o.id IN (SELECT organization_id FROM ({rows}) part)
        """)

    return [
        _trigger("insert", pgtrigger.Insert, listed(new), new="new_rows"),
        _trigger(
            "update",
            pgtrigger.Update,
            listed(f"({old} EXCEPT {new}) UNION ALL ({new} EXCEPT {old})"),
            old="old_rows",
            new="new_rows",
        ),
        _trigger("delete", pgtrigger.Delete, listed(old), old="old_rows"),
    ]
