"""Says which organizations an account works on: all of the city, or the ones of the townships that it is bound to.

An account with the permission LIMITED sees of other organizations what everybody of the staff sees, but none of their
contacts and figures, and writes nothing of theirs. Queries ask `within()`; triggers refuse what is written past it.
"""

from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.database.db_errors import OUT_OF_REACH
from registry.database.paths import Path, own_path
from registry.database.permission_names import permission
from registry.database.tracking import tracked
from registry.values.people import Account

LIMITED = "registry.limited_to_townships"
MOVE = "proposal"
"""The operation in the history's context that carries an organization from one township to another: both agreed."""


@tracked()
class AccountTownship(models.Model):
    """A township whose organizations an account works on, if the account is limited to townships."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="account_townships", verbose_name=_("account")
    )
    township = models.ForeignKey("registry.Township", models.PROTECT, related_name="+", verbose_name=_("township"))

    class Meta:
        default_permissions = ()
        verbose_name = _("township of an account")
        verbose_name_plural = _("townships of accounts")
        ordering = ["user", "township"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "township"],
                name="accounttownship_once",
                violation_error_message=_("The account is bound to this township already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.township)


def reach_of(user: Account | None) -> frozenset[int] | None:
    """Return the ids of the townships of a limited account, with those that have become one of them; None if it works
    on the whole city.
    """
    if user is None or getattr(user, "is_superuser", False) or not user.has_perm(LIMITED):
        return None
    if not hasattr(user, "_reach"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT registry_reach(%s)", [user.pk])
            user._reach = frozenset(cursor.fetchone()[0] or ())  # type: ignore[union-attr]
    reach: frozenset[int] = user._reach  # type: ignore[union-attr]
    return reach


def within(user: Account | None, path: Path = own_path) -> Q:
    """Return the condition that the account works on the organization, for fields at the path; empty if it works on
    all.
    """
    reach = reach_of(user)
    return Q() if reach is None else Q(**{f"{path('township')}__in": reach})


def reaches(user: Account | None, organization: Any) -> bool:
    """Return whether the account works on the organization."""
    return reaches_township(user, organization.township_id)


def require_reach(user: Account | None, organization: Any) -> None:
    """Raise PermissionDenied unless the account works on the organization."""
    if not reaches(user, organization):
        raise PermissionDenied(
            _("%(organization)s is not in the townships that your account works on.") % {"organization": organization}
        )


def reaches_township(user: Account | None, township: int | None) -> bool:
    reach = reach_of(user)
    return reach is None or township in reach


def visible_parts(
    parts: Sequence[tuple[type[models.Model], str]], user: Account, obj: models.Model
) -> list[tuple[type[models.Model], str]]:
    """Return the parts whose rows the user may see with the object: each model has a permission of its own, and
    contacts and figures are shown only of organizations that the account works on.
    """
    may = [part for part in parts if user.has_perm(permission("view", part[0]))]
    organization = getattr(obj, "organization", obj)
    if reach_of(user) is None or (hasattr(organization, "township_id") and reaches(user, organization)):
        return may
    return [part for part in may if not getattr(part[0], "CONFIDENTIAL", False)]


# --- Triggers

_USER = "(nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'user')::bigint"
_OPERATION = "nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'operation'"


def _keep_within(name: str, operation: pgtrigger.Operation, townships: str, **referencing: str) -> pgtrigger.Trigger:
    """Refuse a statement of a limited account unless all the townships that the query finds are its own."""
    return pgtrigger.Trigger(
        name=f"within_reach_{name}",
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(**referencing),
        declare=[("reach", "bigint[]")],
        func=f"""
            reach := registry_reach({_USER});
            IF reach IS NOT NULL AND {_OPERATION} IS DISTINCT FROM '{MOVE}' AND EXISTS (
                SELECT 1 FROM ({townships}) written WHERE township_id IS NULL OR township_id <> ALL (reach)
            ) THEN
                RAISE EXCEPTION USING ERRCODE = '{OUT_OF_REACH}', MESSAGE = 'not in the townships of the account';
            END IF;
            RETURN NULL;
        """,
    )


def _three(old: str, new: str) -> list[pgtrigger.Trigger]:
    return [
        _keep_within("insert", pgtrigger.Insert, new, new="new_rows"),
        _keep_within("update", pgtrigger.Update, f"{old} UNION {new}", old="old_rows", new="new_rows"),
        _keep_within("delete", pgtrigger.Delete, old, old="old_rows"),
    ]


ORGANIZATIONS_WITHIN_REACH = _three("SELECT township_id FROM old_rows", "SELECT township_id FROM new_rows")


def within_reach() -> list[pgtrigger.Trigger]:
    """Return the triggers of a table whose rows belong to an organization (`organization_id`)."""
    townships = "SELECT o.township_id FROM registry_organization o WHERE o.id IN (SELECT organization_id FROM {})"
    return _three(townships.format("old_rows"), townships.format("new_rows"))
