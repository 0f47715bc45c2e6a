"""The log of changes of memberships, in the order of transactions, for the feeds of changes.

Triggers write a row for everything that happens to a membership, in every way of writing. A row says what happened
and to whom; what the membership is, the feed reads from the membership itself.
"""

import pgtrigger
from django.db import models

from registry.organizations.models.organizations import Organization


class MembershipChange(models.Model):  # noqa: DJ008 - never shown
    class Change(models.TextChoices):
        ADMITTED = "admitted"
        TIER_CHANGED = "tier_changed"
        ENDED = "ended"
        CORRECTED = "corrected"
        DELETED = "deleted"
        PUBLISHED = "published"
        UNPUBLISHED = "unpublished"

    changed_in = models.BigIntegerField()
    """The transaction; a restored dump is numbered anew by RENUMBER."""
    at = models.DateTimeField()
    alliance_id = models.BigIntegerField()
    organization_id = models.BigIntegerField()
    registry_no = models.CharField(max_length=20)
    member_no = models.CharField(max_length=30)
    membership_id = models.BigIntegerField(null=True)
    """None where the organization itself is not published any more."""
    change = models.CharField(max_length=15, choices=Change)
    reason = models.TextField()
    """Why a record was corrected, for the staff."""
    public = models.BooleanField()
    """Whether the public could see it when it happened."""

    RENUMBER = "UPDATE alliance_membershipchange SET changed_in = pg_current_xact_id()::text::bigint"

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["alliance_id", "changed_in", "id"], name="membershipchange_order"),
            models.Index(
                fields=["alliance_id", "changed_in", "id"],
                name="membershipchange_public_order",
                condition=models.Q(public=True),
            ),
        ]


_COLUMNS = (
    """(changed_in, at, alliance_id, organization_id, registry_no, member_no, membership_id, change, reason, public)"""
)
_NOW = "pg_current_xact_id()::text::bigint, now()"
_OF_MEMBER = """
    JOIN alliance_member m ON m.id = s.member_id
    JOIN registry_organization o ON o.id = m.organization_id
    JOIN alliance_alliance a ON a.id = m.alliance_id
"""
_CHANGES_TIER = """EXISTS (
    SELECT 1 FROM alliance_membership p WHERE p.member_id = s.member_id AND p.ended_on = s.admitted_on
)"""
_SEEN = "o.published AND a.published"


def _logged(change: str, membership: str, public: str, rows: str, order: str, reason: str = "''") -> str:
    return f"""
        INSERT INTO alliance_membershipchange {_COLUMNS}
        SELECT {_NOW}, a.id, o.id, o.registry_no, m.member_no, {membership}, {change}, {reason}, {public}
        FROM {rows} ORDER BY {order};
        RETURN NULL;
    """


_BEGUN = f"CASE WHEN {_CHANGES_TIER} THEN 'tier_changed' ELSE 'admitted' END"
_SAME = "(s.member_id, s.tier_id, s.admitted_on) = (b.member_id, b.tier_id, b.admitted_on)"
_REASON = """CASE WHEN NOT s.closed THEN coalesce(
    nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'reason', '') ELSE '' END"""
# Where a tier ends for another one, the row that begins the other tells the public of it.
_CHANGED = f"""(
    SELECT s.*, b.ended_on IS NULL AND s.ended_on IS NOT NULL AND {_SAME} AS closed,
        (s.member_id, s.tier_id, s.admitted_on) IS DISTINCT FROM (b.member_id, b.tier_id, b.admitted_on)
            OR s.ended_on IS DISTINCT FROM b.ended_on AS dated
    FROM new_rows s JOIN old_rows b ON b.id = s.id WHERE s.* IS DISTINCT FROM b.*
) s {_OF_MEMBER}"""
LOG_CHANGES = [
    pgtrigger.Trigger(
        name="log_insert",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=_logged(_BEGUN, "s.id", _SEEN, f"new_rows s {_OF_MEMBER}", "s.admitted_on, s.id"),
    ),
    pgtrigger.Trigger(
        name="log_update",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
        func=_logged(
            "CASE WHEN NOT s.closed THEN 'corrected' "
            "WHEN s.end_reason = 'tier_change' THEN 'tier_changed' ELSE 'ended' END",
            "s.id",
            f"{_SEEN} AND s.dated AND NOT (s.closed AND s.end_reason = 'tier_change')",
            _CHANGED,
            "s.admitted_on, s.id",
            _REASON,
        ),
    ),
    pgtrigger.Trigger(
        name="log_delete",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(old="old_rows"),
        func=_logged("'deleted'", "s.id", _SEEN, f"old_rows s {_OF_MEMBER}", "s.admitted_on, s.id"),
    ),
]
_TURNED = pgtrigger.Q(old__published__df=pgtrigger.F("new__published"))
# All periods of an organization that is published now; one row without a period where it is not any more.
LOG_PUBLICATION = pgtrigger.Trigger(
    name="log_publication",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("published"),
    condition=_TURNED,
    func=_logged(
        "CASE WHEN o.published THEN 'published' ELSE 'unpublished' END",
        "CASE WHEN o.published THEN s.id END",
        "a.published",
        f"""(
            SELECT DISTINCT ON (CASE WHEN NEW.published THEN s.id ELSE -s.member_id END) s.* FROM alliance_membership s
            JOIN alliance_member m ON m.id = s.member_id WHERE m.organization_id = NEW.id
        ) s {_OF_MEMBER}""",
        "s.admitted_on, s.id",
    ),
)
LOG_PUBLICATION_OF_ALLIANCE = pgtrigger.Trigger(
    name="log_publication",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("published"),
    condition=_TURNED & pgtrigger.Q(new__published=True),
    func=_logged(
        "'published'", "s.id", "true", f"alliance_membership s {_OF_MEMBER} WHERE a.id = NEW.id AND o.published",
        "s.admitted_on, s.id",
    ),
)  # fmt: skip

# A merger of records gives a member to another organization: all its periods are told anew, and where the public loses
# sight of them, one row without a period says so under the number that it knows.
LOG_MERGER = pgtrigger.Trigger(
    name="log_merger",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("organization_id"),
    condition=pgtrigger.Condition("OLD.organization_id <> NEW.organization_id"),
    func=f"""
        INSERT INTO alliance_membershipchange {_COLUMNS}
        SELECT {_NOW}, a.id, o.id, o.registry_no, NEW.member_no, NULL, 'unpublished', '', true
        FROM registry_organization o, registry_organization n, alliance_alliance a
        WHERE o.id = OLD.organization_id AND n.id = NEW.organization_id AND a.id = NEW.alliance_id
            AND {_SEEN} AND NOT n.published;
    """
    + _logged(
        "'corrected'", "s.id", _SEEN, f"alliance_membership s {_OF_MEMBER} WHERE m.id = NEW.id", "s.admitted_on, s.id"
    ),
)


class PublishedOrganization(Organization):
    """Organizations, for the trigger by which the feed learns that one is published or is not any more."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = [LOG_PUBLICATION]
