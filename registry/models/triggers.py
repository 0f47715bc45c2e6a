"""Triggers that keep `Organization.updated_at`, whatever path a write takes."""

import pgtrigger

TOUCH_ON_UPDATE = pgtrigger.Trigger(
    name="touch",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func="NEW.updated_at = now(); RETURN NEW;",
)


def _touch(operation: pgtrigger.Operation, name: str, rows: str, **referencing: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"touch_organization_{name}",
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(**referencing),
        # An organization written in this transaction already has its time; the condition spares it a second version.
        func=f"""
            UPDATE registry_organization o SET updated_at = now()
            WHERE o.updated_at < now() AND o.id IN ({rows});
            RETURN NULL;
        """,  # noqa: S608
    )


def touch_organization() -> list[pgtrigger.Trigger]:
    """For a table with an organization_id whose rows are shown as part of the organization."""
    old, new = "SELECT organization_id FROM old_rows", "SELECT organization_id FROM new_rows"
    return [
        _touch(pgtrigger.Insert, "insert", new, new="new_rows"),
        _touch(pgtrigger.Update, "update", f"{old} UNION {new}", old="old_rows", new="new_rows"),
        _touch(pgtrigger.Delete, "delete", old, old="old_rows"),
    ]
